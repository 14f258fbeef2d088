"""The report of a plan: one page to print and hand over, with maps and charts drawn in it."""

from gis.changes.compare import STATUSES, Changes, compare
from gis.plan import Plan
from maps.audience import Audience
from maps.base import data_date
from maps.escape import as_html
from maps.figures import Figures, figures
from maps.page import asset, document
from maps.panel import area_name, in_band, verdict
from maps.report.chart import size_chart
from maps.report.drawings import change_map, note, plan_map
from maps.report.tables import (
    cell_table,
    change_summary,
    change_table,
    exception_table,
    input_table,
    left_out_table,
    made_table,
    quality_table,
)
from maps.report.words import report_words
from maps.words import Words, named

_LISTED_CHANGES = 60
"""Changed cells that a report lists; a plan drawn anew would fill a book."""


def render_report(plan: Plan, *, previous: Plan | None = None, lang: str = "zh") -> str:
    """Draw the report of a plan as one HTML page that prints on A4 and needs nothing from anywhere, not even scripts.

    Parameters
    ----------
    plan
        The plan.
    previous
        The plan before it; with it, the report has a chapter of changes.
    lang
        ``"zh"`` or ``"en"``.

    Returns
    -------
    str
        The page. The same input gives the same text. It is for those who work with the plan: counts of every cell,
        and nothing about persons.

    Raises
    ------
    InputError
        Where the language is unknown, or the plans are not of one area.
    """
    says = report_words(lang)
    shown = figures(plan, (), Audience.INTERNAL)
    changes = None if previous is None else compare(previous, plan)
    level, below = _shown_levels(plan)
    chapters = [
        _head(plan, shown, says),
        _chapter(says["head.sizes"], _charts(plan, shown, says)),
        _quality(plan, says),
        _chapter(says["head.map"], plan_map(plan, shown, level, below, says)),
        _chapter(says["head.exceptions"], exception_table(shown, says)),
    ]
    if changes is not None and previous is not None:
        chapters.append(_chapter(says["head.changes"], _changes(changes, previous, plan, level, says), "paged"))
    title = says["head.cells"].format(level=named(says, "level", level))
    chapters += [
        _chapter(title, cell_table(plan, shown, level, below, says) + note(says["cells.note"])),
        _chapter(says["head.made"], _made(plan, says)),
    ]
    return document(f"{area_name(plan)} {says['report']}", says["lang"], [asset("report.css")], [], "".join(chapters))


def _shown_levels(plan: Plan) -> tuple[str, str | None]:
    """Return the level that is filled and listed, the first that has a band, and the one below it."""
    at = next((k for k, level in enumerate(plan.levels) if level in plan.metadata.get("bands", {})), 0)
    below = plan.levels[at + 1 : at + 2]
    return plan.levels[at], below[0] if below else None


def _chapter(title: str, inner: str, kind: str = "") -> str:
    return f'<section class="{kind}"><h2>{as_html(title)}</h2>{inner}</section>'


def _quality(plan: Plan, says: Words) -> str:
    """Return the chapter of quality; nothing for a plan that came without its figures."""
    if "quality" not in plan.metadata:
        return ""
    return _chapter(says["head.quality"], quality_table(plan, says) + note(says["q.note"]))


def _head(plan: Plan, shown: Figures, says: Words) -> str:
    facts = [(says["report.version"], plan.version), (says["report.software"], plan.metadata.get("software", ""))]
    facts += [(says["report.date"], data_date(plan))]
    told = " · ".join(f"{name} {value}" for name, value in facts if value)
    cards = [
        (f"{float(plan.area.area.sum()) / 1e6:,.2f} {says['km2']}", says["area"], ""),
        (f"{shown.households:,}", says["total_households"], ""),
        (f"{len(plan.buildings):,}", says["buildings"], ""),
    ]
    cards += [
        (f"{len(shown.at_level(level)):,}", named(says, "level", level), in_band(shown, level, says))
        for level in plan.levels
    ]
    listed = "".join(
        f"<div><b>{as_html(number)}</b><span>{as_html(what)}</span><small>{as_html(said)}</small></div>"
        for number, what, said in cards
    )
    return (
        f"<header><p>{as_html(says['report'])}</p><h1>{as_html(area_name(plan))}</h1>"
        f'<p class="note">{as_html(told)}</p></header><div class="cards">{listed}</div>'
        f"{verdict(plan, says)}"
    )


def _charts(plan: Plan, shown: Figures, says: Words) -> str:
    charts: list[str] = []
    for level, band in shown.bands.items():
        if level not in plan.levels:
            continue
        word = named(says, "level", level)
        label = says["chart.label"].format(level=word, lower=band[0], upper=band[1])
        households = shown.at_level(level)["households"].tolist()
        chart = size_chart(households, band, f"sizes-{len(charts)}", label, says["chart.axis"])
        charts.append(f"<figure>{chart}<figcaption>{as_html(label)}</figcaption></figure>")
    return f'<div class="charts">{"".join(charts)}</div>{note(says["chart.note"])}'


def _changes(changes: Changes, previous: Plan, plan: Plan, level: str, says: Words) -> str:
    told = [says["changes.of"].format(before=changes.before, after=changes.after)]
    for row in changes.levels.to_dict("records"):
        both = row["households_before"] - row["households_vanished"]
        word, moved = named(says, "level", row["level"]), row["households_moved"]
        share = f"{moved / both:.1%}" if both else "–"
        told.append(says["changes.moved"].format(level=word, moved=f"{moved:,}", both=f"{both:,}", share=share))
        told.append(says["changes.land"].format(level=word, ha=f"{row['land_changed_m2'] / 1e4:,.1f}"))
    last = changes.levels.iloc[-1]
    counts = (f"{last[key]:,}" for key in ("households_new", "households_vanished"))
    told.append(says["changes.counted"].format(**dict(zip(("new", "gone"), counts, strict=True))))
    text = "".join(f"<li>{as_html(sentence)}</li>" for sentence in told)
    changed = changes.changed
    if changed.empty:
        return f"<ul>{text}</ul>{note(says['changes.none'])}"
    rest = len(changed) - _LISTED_CHANGES
    more = note(says["changes.rest"].format(count=f"{rest:,}")) if rest > 0 else ""
    return (
        f"<ul>{text}</ul>{change_summary(changes.levels, STATUSES, says)}"
        f"{change_map(changes, previous, plan, level, says)}{change_table(changed.head(_LISTED_CHANGES), says)}{more}"
    )


def _made(plan: Plan, says: Words) -> str:
    certificate = plan.metadata["certificate"]
    steps = certificate.get("steps_per_metre", "")
    proof = says["proof.holds" if certificate["valid"] else "proof.fails"].format(steps=steps)
    levels = "".join(
        f"<li>{as_html(says['proof.level'].format_map(row | {'level': named(says, 'level', row['name'])}))}</li>"
        for row in certificate["levels"]
    )
    left_out = left_out_table(plan, says)
    if left_out:
        left_out = f"<h3>{as_html(says['made.left_out'])}</h3>{left_out}"
    return (
        f"{made_table(plan, says)}<h3>{as_html(says['made.inputs'])}</h3>{input_table(plan, says)}{left_out}"
        f'<div class="proof"><p>{as_html(proof)}</p><ul>{levels}</ul></div>{note(says["counts_only"])}'
    )
