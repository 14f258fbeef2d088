"""What is typed anywhere is shown as typed and never runs: every payload in every field of plan, reports and layers."""

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from small_towns import CRS
from test_maps_pages import Opened

import maps
from gis.errors import InputError
from gis.layers import Given, place
from gis.layers.given import Whereabouts, points_of
from gis.plan import Plan
from maps.codec import Grid
from maps.layers import Drawing, Layer
from maps.marks import Group, Marks
from maps.measures import Measure
from maps.words import Words

PAYLOADS = [
    "<img src=x onerror=window.hit=1>",
    "</script><script>window.hit=2</script></style></title>",
    "`${window.hit=3}` \\`${window.hit=3}//",
    "\"'><svg onload=window.hit=4><a onclick='window.hit=4'>",
    "{{ 7 * 7 }}{% raise %}{# no #}",
    "<!--<script>]]>--!>",
    "javascript:window.hit=7//",
    "a\u2028b\u2029c & d &amp; &lt;e&gt; &#60;",
    "\u202egnp.exe\u2066\u200b../..\\x:*?|",
    "red;background:url(https://evil.example/x);width:expression(window.hit=10)",
    "\\u003cimg src=x onerror=window.hit=11\\u003e\\x3cscript\\x3e%3Cscript%3E",
    "<b onmouseover=window.hit=12>" + "很长 long " * 300,
]


class Typed:
    """Texts of fields: to each its payload, and a mark of its own to be found by."""

    def __init__(self, turn: int) -> None:
        self.turn, self.texts = turn, dict[str, str]()

    def __call__(self, field: str) -> str:
        number = len(self.texts)
        return self.texts.setdefault(field, f"{PAYLOADS[(self.turn + number) % len(PAYLOADS)]}§{number:02d}")

    def mark(self, field: str) -> str:
        return self.texts[field][-3:]


WEST, SOUTH, SIDE = 540_000, 4_214_000, 200


def box(column: int, row: int, wide: int = 1, inset: int = 0) -> shapely.Polygon:
    x, y = WEST + column * SIDE, SOUTH + row * SIDE
    return shapely.box(x + inset, y + inset, x + wide * SIDE - inset, y + SIDE - inset)


def spot(column: int, row: int) -> tuple[float, float]:
    return WEST + (column + 0.5) * SIDE, SOUTH + (row + 0.5) * SIDE


def typed_plan(typed: Typed) -> Plan:
    """One cell above of three below it; every text is typed by somebody."""
    top, low = typed("upper level"), typed("lower level")
    rows = [{"code": typed("upper code"), "level": top, "parent_code": None, "geometry": box(0, 0, 3)}]
    rows += [
        {"code": typed(f"code {k}"), "level": low, "parent_code": typed("upper code"), "geometry": box(k, 0)}
        for k in range(3)
    ]
    for row in rows:
        row |= {"ground_code": row["code"], "households": 70, "floor_from": None, "floor_to": None, "exclave": 0}
        row |= {"name": typed("cell name"), "kind": typed("cell kind"), "predecessors": typed("predecessors")}
    kinds = ("arterial", "street", "river", typed("barrier kind"))
    lines = [{"kind": kind, "name": typed("barrier name"), "geometry": box(0, 0, 3).exterior} for kind in kinds]
    lands = [
        {"kind": kind, "name": typed("land name"), "geometry": box(0, 0, 1, 40)} for kind in ("water", typed("land"))
    ]
    homes = [
        {"building_id": typed("building"), "address": typed("address"), "households": 70, "geometry": box(0, 0, 1, 60)}
    ]
    area = {"code": typed("area code"), "name": typed("area name"), "geometry": box(0, 0, 3)}
    return Plan(
        area=gpd.GeoDataFrame([area], crs=CRS),
        cells=gpd.GeoDataFrame(rows, crs=CRS),
        atoms=gpd.GeoDataFrame({"atom_id": []}, geometry=[], crs=CRS),
        buildings=gpd.GeoDataFrame(homes, crs=CRS).assign(floors=3, cell_code=rows[1]["code"]),
        dwellings=pd.DataFrame(
            {"building_id": [], "entrance": [], "floor_from": [], "floor_to": [], "households": [], "cell_code": []}
        ),
        exceptions=pd.DataFrame(
            {"cell_code": [rows[1]["code"]], "rule": [typed("rule")], "reason": [typed("reason")]}
        ),
        barriers=gpd.GeoDataFrame(lines, crs=CRS),
        land=gpd.GeoDataFrame(lands, crs=CRS),
        metadata={
            "levels": [top, low],
            "bands": {low: [80, 90]},
            "inputs": [{"name": typed("input") + ".osm", "sha256": ""}],
            "certificate": {"valid": True, "levels": [{"name": name, "sha256": "0" * 64} for name in (top, low)]},
        },
    )  # fmt: skip


def typed_reports(plan: Plan, typed: Typed) -> pd.DataFrame:
    top, low = plan.levels
    codes = {top: typed("upper code"), low: typed("code 0")}
    x, y = spot(0, 0)
    row = {"plan_x": x - 30, "plan_y": y, "cell_code": typed("code 0"), "grid_codes": json.dumps(codes)}
    rows = [
        row | {"status": "inside"},
        row | {"plan_y": y - 40, "status": typed("status"), "cell_code": typed("wrong code")},
    ]
    texts = {name: typed(f"report {name}") for name in ("category", "time", "description", "reason", "report_id")}
    return pd.DataFrame(rows).assign(**texts, plan_version=plan.version)


KINDS = {
    "places": ("label", "category"),
    "things": ("label", "type", "category"),
    "events": ("category", "state", "standing"),
    "sentiment": ("category", "rating"),
    "organisations": ("label", "grid", "grid_kind"),
}


def typed_layers(plan: Plan, typed: Typed) -> list[Any]:
    """One item of what was typed in each of the layers, and one of another kind, in the second cell."""
    found = []
    for row, (kind, columns) in enumerate(KINDS.items()):
        x, y = spot(1, 0)
        points = points_of(np.full(2, x + 30 * (row - 2)), np.array([y, y + 30]), plan.area.crs)
        nothing = np.full(2, "", dtype=object)
        fixed = {"label": "", "category": "", "type": "", "state": "", "standing": "", "rating": "", "grid": "",
                 "grid_kind": "", "satisfied": "", "due": "", "time": "", "closed_at": ""}  # fmt: skip
        items = pd.DataFrame({"row": [0, 1], "count": 1} | {name: ["", text] for name, text in fixed.items()})
        items["time"] = ["2024-04-08T05:05:01", typed(f"{kind} time")]
        for name in columns:
            items[name] = [typed(f"{kind} {name}"), "other"]
        where = Whereabouts(points, nothing, nothing, nothing, nothing, nothing)
        found.append(place(plan, Given(kind, typed(f"{kind} layer"), items, where))[0])
    return found


class Own(Layer):
    """A layer of somebody's own."""

    def __init__(self, typed: Typed) -> None:
        self.typed = typed

    def measures(self, plan: Plan, says: Words) -> list[Measure]:  # noqa: ARG002
        counts = dict.fromkeys(plan.cells["code"], 12)
        names = (self.typed(f"measure {what}") for what in ("name", "label", "heading"))
        name, label, heading = names
        return [Measure(name, label, counts, heading=heading)]

    def drawing(self, plan: Plan, grid: Grid, says: Words) -> Drawing:  # noqa: ARG002
        typed = self.typed
        texts = {
            typed("text label"): pd.Series([typed("own text")] * 2),
            typed("kinds"): pd.Series([typed("kind"), "b"]),
        }
        marks = Marks(
            name=typed("own name"),
            label=typed("own label"),
            xy=np.array([spot(2, 0)] * 2) + np.array([[0, 0], [0, 40]]),
            groups=[Group(typed("group"), typed("colour")), Group("b", "url(https://evil.example/x)")],
            group=np.array([0, 1]),
            texts=texts,
            kinds=typed("kinds"),
            linked=True,
            heat=True,
        )
        return Drawing("marks", marks.written(grid))


@pytest.mark.parametrize("turn", range(len(PAYLOADS)))
def test_what_is_typed_is_shown_as_typed_and_never_runs(browser: Any, tmp_path: Path, turn: int) -> None:  # noqa: ANN401
    typed = Typed(turn)
    plan = typed_plan(typed)
    layers = [*typed_layers(plan, typed), Own(typed)]
    page = maps.render(plan, reports=typed_reports(plan, typed), layers=layers, lang="en")
    opened = Opened(browser, tmp_path / "map.html", page, 1280)
    tab = opened.tab
    tab.on("dialog", lambda dialog: (opened.complaints.append(dialog.message), dialog.dismiss()))

    def shows(where: str, *fields: str) -> None:
        text = tab.evaluate(
            "where => [...document.querySelectorAll(where)].map(e => e.label || e.textContent).join()", where
        )
        assert not [field for field in fields if typed(field) not in text], where

    # The panel, with all layers on.
    shows("h1", "area name")
    assert tab.title().split() == typed("area name").split()
    shows("fieldset.choice", "upper level", "lower level")
    shows("#measure option", "measure label")
    shows("#measure optgroup", "measure heading", *(f"{kind} layer" for kind in KINDS))
    tab.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    tab.evaluate("""document.querySelectorAll("input[name=layer]").forEach(box => box.checked || box.click())""")
    layer_names = ["own label", *(f"{kind} layer" for kind in KINDS)]
    shows("#layers", *layer_names)
    groups = ["places category", "things type", "events standing", "sentiment rating", "organisations grid_kind"]
    shows("#legend", *layer_names, "group", *groups, "lower level")
    shows("#filters", *layer_names, "group", *groups, "kinds", "kind", "events category", "organisations grid")
    tab.select_option("#measure", label=typed("measure label"))
    shows("#legend", "measure label")
    # The table.
    tab.wait_for_selector("table.cells")
    shows("table.cells", "code 0", "code 1", "code 2", "cell name", "measure label", "lower level")
    # What is found, and what is told of it.
    for field, others in {
        "code 0": ("cell name", "cell kind", "reason", "measure label"),
        "report description": ("report category", "report time", "wrong code"),
        "places label": ("places category", "code 1"),
        "things label": ("things type", "things category"),
        "events category": ("events standing",),
        "sentiment category": ("sentiment rating",),
        "organisations label": ("organisations grid", "organisations grid_kind"),
        "own text": ("kinds", "kind", "group"),
    }.items():
        tab.fill("#search", typed.mark(field))
        shows("#found", field)
        tab.locator("#found button").first.click()
        shows(".leaflet-popup:last-child", *others, *([] if field == "own text" else [field]))
    shows(".leaflet-popup:last-child h3", "own text")
    # What is told where one points.
    tab.evaluate("map_plan.closePopup()")
    tab.evaluate("([x, y]) => map_plan.setView([y, x], 18, {animate: false})", degrees(plan, *spot(2, 0)))
    at = tab.locator("#map_plan").bounding_box()
    tab.mouse.move(at["x"] + at["width"] / 2 + 60, at["y"] + at["height"] / 2 + 60)
    tab.wait_for_selector(".tip")
    shows(".tip", "code 2", "cell name", "measure label")
    # Where it is kept: in the address, and by the name of a picture.
    tab.reload()
    tab.wait_for_selector("html[data-ready=yes]")
    assert tab.evaluate("document.querySelector('#measure').selectedOptions[0].textContent") == typed("measure label")
    with tab.expect_download() as kept:
        tab.get_by_label("Save as a picture").click()
    assert re.fullmatch(r"[^\\/:*?\"<>|\s\u202e\u2066\u200b\u2028]{1,80}\.png", kept.value.suggested_filename)
    assert tab.evaluate("window.hit === undefined")
    assert [asked for asked in opened.asked if not asked.startswith(("file://", "data:image/png;"))] == []
    assert opened.complaints == []
    tab.close()


def degrees(plan: Plan, x: float, y: float) -> list[float]:
    place = gpd.GeoSeries([shapely.Point(x, y)], crs=plan.area.crs).to_crs(4326).iloc[0]
    return [place.x, place.y]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("option", ["audience", "lang"])
def test_options_that_are_typed_get_one_line(option: str, payload: str) -> None:
    with pytest.raises(InputError, match="choose one of") as error:
        maps.render(typed_plan(Typed(0)), **{option: payload})  # type: ignore[arg-type]
    assert "\n" not in str(error.value)


def test_an_address_that_is_typed_changes_nothing(browser: Any, tmp_path: Path) -> None:  # noqa: ANN401
    typed = Typed(0)
    opened = Opened(browser, tmp_path / "map.html", maps.render(typed_plan(typed), lang="en"), 1280)
    for text in [*PAYLOADS, "constructor", "__proto__", "NaN/1e999/-1", "-1-5"]:
        for name in ("theme", "level", "measure", "on", "days", "cell", "view"):
            opened.tab.evaluate(
                "([name, text]) => { location.hash = new URLSearchParams([[name, text]]); }", [name, text]
            )
    opened.tab.wait_for_timeout(200)
    assert opened.tab.evaluate("document.documentElement.dataset.theme") in ("light", "dark")
    opened.asked = opened.asked[:1]
    opened.close()
