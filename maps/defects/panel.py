"""What stands beside the map of defects: verdict, levels, kinds to show, the way from one to the next, the list."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from gis.coverage.report import CoverageReport
from maps.escape import as_html
from maps.words import Words, named


def defect_panel(report: CoverageReport, kinds: Sequence[dict[str, Any]], says: Words) -> str:
    """Return the panel as HTML; the list is filled by the page's script, since it may be long.

    Parameters
    ----------
    report
        What the check found.
    kinds
        `kind`, `word`, `colour`, `sign` and `count` of each kind that was found.
    says
        The words of `maps.defects.words`.
    """
    found = [_kinds(kinds, says), _steps(says), _list(says)] if kinds else []
    told = f'<div id="told" role="region" aria-label="{as_html(says["defects"])}" aria-live="polite" hidden></div>'
    body = "".join([_head(report, says), *found, f"<noscript><p>{as_html(says['no_script'])}</p></noscript>"])
    return f'<aside id="panel" class="defects">{body}</aside>{told}'


def _head(report: CoverageReport, says: Words) -> str:
    certified = "certified" if report.certificate.valid else "invalid"
    verdict = says["verdict.valid" if report.valid else f"verdict.{certified}"]
    counts = Counter(report.defects["level"])
    heads = (says["levels"], says["cells"], says["defects"])
    rows = [
        (named(says, "level", str(level["name"])), f"{level['cells']:,}", f"{counts[str(level['name'])]:,}")
        for level in report.certificate.levels
    ]
    head = "".join(f"<th scope=col>{as_html(text)}</th>" for text in heads)
    body = "".join(
        f"<tr><th scope=row>{as_html(name)}</th><td>{as_html(cells)}</td><td>{as_html(defects)}</td></tr>"
        for name, cells, defects in rows
    )
    return (
        f"<header><h1>{as_html(says['check'])}</h1>"
        f'<p class="verdict {"holds" if report.valid else "fails"}">{as_html(verdict)}</p>'
        f'<table class="figures"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></header>'
    )


def _kinds(kinds: Sequence[dict[str, Any]], says: Words) -> str:
    boxes = "".join(
        f'<label><input type="checkbox" name="kind" value="{as_html(kind["kind"])}" checked>'
        f'<svg viewBox="-8 -8 16 16" aria-hidden="true"><path d="{kind["sign"]}" fill="{kind["colour"]}"/></svg>'
        f"<span>{as_html(kind['word'])}</span><b>{kind['count']:,}</b></label>"
        for kind in kinds
    )
    buttons = "".join(
        f'<button type="button" data-kinds="{which}">{as_html(says[f"kinds.{which}"])}</button>'
        for which in ("all", "none")
    )
    both = f'<div class="both">{buttons}</div>' if len(kinds) > 1 else ""
    legend = f"<legend>{as_html(says['kinds'])}</legend>"
    return f'<fieldset class="kinds">{legend}{both}<div class="boxes">{boxes}</div></fieldset>'


def _steps(says: Words) -> str:
    previous, following = (
        f'<button type="button" id="{step}" title="{as_html(says[f"{step}.key"])}" '
        f'aria-label="{as_html(says[f"{step}.key"])}" aria-keyshortcuts="{key}">{text}</button>'
        for step, key, text in (
            ("previous", "p", f"<i>‹</i> {as_html(says['previous'])}"),
            ("next", "n", f"{as_html(says['next'])} <i>›</i>"),
        )
    )
    return f'<nav class="steps">{previous}<output id="position" aria-live="off"></output>{following}</nav>'


def _list(says: Words) -> str:
    label = as_html(says["list"])
    return f'<div id="list" role="region" aria-label="{label}" tabindex="-1"><ul role="list"></ul></div>'
