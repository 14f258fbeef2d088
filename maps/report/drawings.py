"""The maps of a report, with their legends: the plan, and what changed since the one before."""

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.changes.compare import Changes
from gis.plan import Plan
from maps.base import from_openstreetmap
from maps.codec import Shapes
from maps.escape import as_html
from maps.figures import Figures
from maps.report.colouring import neighbour_colours
from maps.report.map import Sheet
from maps.words import Words, named

_WHOLE_PAGE, _PART_OF_PAGE = 2200, 1400
"""Heights of maps in tenths of a millimetre."""
_STREETS = ("arterial", "street", "lane")


def note(text: str) -> str:
    """Write a sentence in small letters."""
    return f'<p class="note">{as_html(text)}</p>'


def plan_map(plan: Plan, shown: Figures, level: str, below: str | None, says: Words) -> str:
    """Draw the plan: the cells of a level in colours, those below it in thin lines, those out of band hatched."""
    sheet = Sheet(plan.area, "plan", _WHOLE_PAGE)
    grounds = _grounds(plan, sheet.unit_m)
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
    credit = note(says["credit"]) if from_openstreetmap(plan) else ""
    return (
        f"<figure>{sheet.svg(says['head.map'], says['north'])}"
        f'<figcaption><p class="keys">{legend}</p>{note(says["map.note"].format(level=word, digits=digits))}{credit}'
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


def _grounds(plan: Plan, tolerance_m: float) -> dict[str, tuple[list[str], Shapes]]:
    """Return ground codes and the polygons to draw, by level, with borders no more than so many metres from the plan's.

    The lowest level is simplified as a coverage, so that neighbours keep one border; the others are put together from
    it, so that the borders of all levels run on each other.
    """
    cells = plan.at_level(plan.leaf_level).drop_duplicates("ground_code")
    shapes = shapely.coverage_simplify(cells.geometry.to_numpy(), tolerance_m)
    found = {plan.leaf_level: (cells["ground_code"].astype(str).tolist(), shapes)}
    for level in reversed(plan.levels[:-1]):
        merged = gpd.GeoSeries(shapes).groupby(cells["parent_code"].astype(str).to_numpy()).agg(_union)
        cells = plan.at_level(level)
        codes = cells["code"].astype(str).tolist()
        shapes = np.array(list(map(merged.get, codes, cells.geometry)), dtype=object)
        found[level] = codes, shapes
    return found


def _union(shapes: gpd.GeoSeries) -> Any:  # noqa: ANN401 (a geometry)
    return shapely.coverage_union_all(shapes.to_numpy())


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


def change_map(changes: Changes, previous: Plan, plan: Plan, level: str, says: Words) -> str:
    """Draw what became of the cells of the lowest level, and the borders of a level in both plans."""
    sheet = Sheet(plan.area, "changes", _PART_OF_PAGE)
    grounds = _grounds(plan, sheet.unit_m)
    finest = changes.levels["level"].iloc[-1]
    codes, shapes = grounds[finest]
    status = _status_of_grounds(changes, plan.at_level(finest))
    sheet.add(shapes, [f"fill s-{status.get(code, 'kept')}" for code in codes])
    _add_base(sheet, plan)
    sheet.add_borders(shapes, "fine")
    if level in previous.levels:
        sheet.add_borders(_grounds(previous, sheet.unit_m)[level][1], "former")
    names, shapes = grounds[level]
    digits = _digits(names)
    sheet.add_borders(shapes, "middle")
    sheet.add_labels(shapes, [code[-digits:] for code in names])
    word = named(says, "level", level)
    legend = "".join(
        f"<span>{_key(f's-{name}')}{as_html(says[f'change.{name}'])}</span>" for name in ("kept", "redrawn", "new")
    )
    told = note(says["changes.note"].format(level=word))
    drawn = sheet.svg(says["head.changes"], says["north"])
    return f'<figure>{drawn}<figcaption><p class="keys">{legend}</p>{told}</figcaption></figure>'


def _status_of_grounds(changes: Changes, cells: pd.DataFrame) -> dict[str, str]:
    """Return what became of the cells on each ground, where one of them at least has changed."""
    changed = changes.changed.set_index("code")["status"]
    return {
        str(ground): str(changed[code])
        for code, ground in zip(cells["code"], cells["ground_code"], strict=True)
        if code in changed.index
    }
