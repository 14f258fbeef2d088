"""The report of a plan: one page to print and hand over, with maps and charts drawn in it."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import shapely

from gis.changes.compare import STATUSES, Changes, compare
from gis.plan import Plan
from maps.audience import Audience
from maps.base import from_openstreetmap
from maps.cells import drawn_grounds
from maps.codec import Shapes
from maps.colouring import neighbour_colours
from maps.escape import as_html
from maps.figures import Figures, figures
from maps.page import asset, document
from maps.panel import area_name
from maps.report_chart import size_chart
from maps.report_map import Sheet
from maps.report_tables import (
    cell_table,
    change_summary,
    change_table,
    exception_table,
    input_table,
    left_out_table,
    made_table,
    quality_table,
)
from maps.report_words import report_words
from maps.words import Words, named

_WHOLE_PAGE, _PART_OF_PAGE = 2200, 1400
"""Heights of maps in tenths of a millimetre."""
_LISTED_CHANGES = 60
"""Changed cells that a report lists; a plan drawn anew would fill a book."""
_STREETS = ("arterial", "street", "lane")


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
    shown = figures(plan, None, Audience.INTERNAL)
    changes = None if previous is None else compare(previous, plan)
    level, below = _shown_levels(plan)
    chapters = [
        _head(plan, shown, says),
        _chapter(says["head.sizes"], _charts(plan, shown, says)),
        _quality(plan, says),
        _chapter(says["head.map"], _plan_map(plan, shown, level, below, says)),
        _chapter(says["head.exceptions"], exception_table(shown, says)),
    ]
    if changes is not None and previous is not None:
        chapters.append(_chapter(says["head.changes"], _changes(changes, previous, plan, level, says), "paged"))
    title = says["head.cells"].format(level=named(says, "level", level))
    chapters += [
        _chapter(title, cell_table(plan, shown, level, below, says) + _note(says["cells.note"])),
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
    return _chapter(says["head.quality"], quality_table(plan, says) + _note(says["q.note"]))


def _note(text: str) -> str:
    return f'<p class="note">{as_html(text)}</p>'


def _head(plan: Plan, shown: Figures, says: Words) -> str:
    dates = sorted({str(source["date"]) for source in plan.metadata.get("inputs", []) if source.get("date")})
    facts = [(says["report.version"], plan.version), (says["report.software"], plan.metadata.get("software", ""))]
    facts += [(says["report.date"], ", ".join(dates))]
    told = " · ".join(f"{name} {value}" for name, value in facts if value)
    cards = [
        (f"{float(plan.area.area.sum()) / 1e6:,.2f} {says['km2']}", says["area"], ""),
        (f"{shown.households:,}", says["total_households"], ""),
        (f"{len(plan.buildings):,}", says["buildings"], ""),
    ]
    for level in plan.levels:
        share, band = shown.in_band_share(level), shown.bands.get(level)
        said = "" if share is None or not band else _in_band(share, band, says)
        cards.append((f"{len(shown.at_level(level)):,}", named(says, "level", level), said))
    listed = "".join(
        f"<div><b>{as_html(number)}</b><span>{as_html(what)}</span><small>{as_html(said)}</small></div>"
        for number, what, said in cards
    )
    holds = bool(plan.metadata.get("certificate", {}).get("valid"))
    verdict = says["certificate.yes" if holds else "certificate.no"]
    return (
        f"<header><p>{as_html(says['report'])}</p><h1>{as_html(area_name(plan))}</h1>"
        f'<p class="note">{as_html(told)}</p></header><div class="cards">{listed}</div>'
        f'<p class="verdict {"holds" if holds else "fails"}">{as_html(verdict)}</p>'
    )


def _in_band(share: float, band: list[int], says: Words) -> str:
    return says["in_band_share"].format(share=f"{share:.1%}", lower=band[0], upper=band[1])


def _plan_map(plan: Plan, shown: Figures, level: str, below: str | None, says: Words) -> str:
    sheet = Sheet(plan.area, "plan", _WHOLE_PAGE)
    grounds = {name: _arrays(found) for name, found in drawn_grounds(plan, sheet.unit_m).items()}
    codes, shapes = grounds[level]
    sheet.add(shapes, [f"fill c{number}" for number in neighbour_colours(shapes)])
    _add_base(sheet, plan)
    out = {str(code) for code in shown.cells["ground"][[held is False for held in shown.cells["in_band"]]]}
    for name in (level, below):
        if name is not None:
            own, polygons = grounds[name]
            sheet.add_hatched(polygons[[code in out for code in own]])
    keys = [("out", says["hatched"])]
    for name, kind in _borders(plan, level, below):
        sheet.add_borders(grounds[name][1], kind)
        keys.append((f"border {kind}", says["border.top"].format(level=named(says, "level", name))))
    digits = _digits(codes)
    sheet.add_labels(shapes, [code[-digits:] for code in codes])
    keys += [("water", says["key.water"]), ("line street", says["key.street"]), ("line rail", says["key.rail"])]
    word = named(says, "level", level)
    legend = "".join(f"<span>{_key(kind)}{as_html(text)}</span>" for kind, text in keys)
    credit = _note(says["credit"]) if from_openstreetmap(plan) else ""
    return (
        f"<figure>{sheet.svg(says['head.map'], says['north'])}"
        f'<figcaption><p class="keys">{legend}</p>{_note(says["map.note"].format(level=word, digits=digits))}{credit}'
        "</figcaption></figure>"
    )


def _borders(plan: Plan, level: str, below: str | None) -> list[tuple[str, str]]:
    """Levels to outline, the finest first, and how."""
    above = plan.levels[: plan.levels.index(level)]
    return [
        *([(below, "fine")] if below else []),
        (level, "middle"),
        *((name, "coarse") for name in reversed(above)),
    ]


def _digits(codes: Iterable[str]) -> int:
    """Return how many digits at the end of codes tell them apart."""
    codes = list(codes)
    shortest = min(map(len, codes))
    return next((n for n in range(2, shortest) if len({code[-n:] for code in codes}) == len(codes)), shortest)


def _arrays(found: dict[str, object]) -> tuple[list[str], Shapes]:
    return list(found), np.array(list(found.values()), dtype=object)


def _add_base(sheet: Sheet, plan: Plan) -> None:
    """Draw water, streets and railways, as far as the area reaches."""
    area = plan.area.union_all()
    water = plan.land.geometry.to_numpy()[plan.land["kind"].to_numpy() == "water"]
    sheet.add(shapely.intersection(shapely.simplify(water, sheet.unit_m), area), "water")
    kinds = plan.barriers["kind"].astype(str).to_numpy()
    lines = shapely.intersection(shapely.simplify(plan.barriers.geometry.to_numpy(), sheet.unit_m / 2), area)
    for kind in ("river", *reversed(_STREETS), "rail"):
        sheet.add(lines[kinds == kind], f"line {kind}")


def _key(kind: str) -> str:
    """Draw a sample of what a class looks like."""
    if kind == "out":
        inner = '<rect class="box" fill="url(#plan-hatch)" width="60" height="36"/>'
    elif kind == "water" or kind.startswith("s-"):
        inner = f'<rect class="box {kind}" width="60" height="36"/>'
    else:
        back = '<rect class="c3" width="60" height="36"/>' if kind == "line street" else ""
        inner = f'{back}<path class="{kind}" d="M0 18h60"/>'
    return f'<svg class="key" viewBox="0 0 60 36">{inner}</svg>'


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
    return f'<div class="charts">{"".join(charts)}</div>{_note(says["chart.note"])}'


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
        return f"<ul>{text}</ul>{_note(says['changes.none'])}"
    rest = len(changed) - _LISTED_CHANGES
    more = _note(says["changes.rest"].format(count=f"{rest:,}")) if rest > 0 else ""
    return (
        f"<ul>{text}</ul>{change_summary(changes.levels, STATUSES, says)}"
        f"{_change_map(changes, previous, plan, level, says)}{change_table(changed.head(_LISTED_CHANGES), says)}{more}"
    )


def _change_map(changes: Changes, previous: Plan, plan: Plan, level: str, says: Words) -> str:
    sheet = Sheet(plan.area, "changes", _PART_OF_PAGE)
    grounds = {name: _arrays(found) for name, found in drawn_grounds(plan, sheet.unit_m).items()}
    finest = changes.levels["level"].iloc[-1]
    codes, shapes = grounds[finest]
    status = _status_of_grounds(changes, plan.at_level(finest))
    sheet.add(shapes, [f"fill s-{status.get(code, 'kept')}" for code in codes])
    _add_base(sheet, plan)
    sheet.add_borders(shapes, "fine")
    if level in previous.levels:
        sheet.add_borders(_arrays(drawn_grounds(previous, sheet.unit_m)[level])[1], "former")
    names, shapes = grounds[level]
    digits = _digits(names)
    sheet.add_borders(shapes, "middle")
    sheet.add_labels(shapes, [code[-digits:] for code in names])
    word = named(says, "level", level)
    legend = "".join(
        f"<span>{_key(f's-{name}')}{as_html(says[f'change.{name}'])}</span>" for name in ("kept", "redrawn", "new")
    )
    note = _note(says["changes.note"].format(level=word))
    drawn = sheet.svg(says["head.changes"], says["north"])
    return f'<figure>{drawn}<figcaption><p class="keys">{legend}</p>{note}</figcaption></figure>'


def _status_of_grounds(changes: Changes, cells: pd.DataFrame) -> dict[str, str]:
    """Return what became of the cells on each ground, where one of them at least has changed."""
    changed = changes.changed.set_index("code")["status"]
    return {
        str(ground): str(changed[code])
        for code, ground in zip(cells["code"], cells["ground_code"], strict=True)
        if code in changed.index
    }


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
        f'<div class="proof"><p>{as_html(proof)}</p><ul>{levels}</ul></div>{_note(says["counts_only"])}'
    )
