"""Pages as files and in a browser: nothing is fetched, nothing typed runs, nothing private is published."""

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from branca.element import CssLink, Element, JavascriptLink
from drawn import facts, summed, whole_text

import maps
from gis.errors import InputError
from gis.plan import Plan
from maps.page import Page, carried
from maps.reports import count_by_cell

WEST, SOUTH, SIDE = 540_000, 4_214_000, 200
VERSION = "0123456789ab"
SMALL, NEXT = 7, 61


def square(column: int, row: int, inset: float = 0.0) -> shapely.Polygon:
    x, y = WEST + column * SIDE, SOUTH + row * SIDE
    return shapely.box(x + inset, y + inset, x + SIDE - inset, y + SIDE - inset)


def small_plan(text: str = "柳岸", source: str = "town.osm.pbf") -> Plan:
    """Two grids of three micro cells each, one of which is split by floors; every text is `text` and a mark."""
    rows = []
    for g, base in enumerate(([SMALL, NEXT, 78], [72, 75, 80])):
        grid = f"13010500500100{g + 1}"
        rows.append(cell(grid, "grid", None, f"{text} 格{g}", sum(base), shapely.box(*_span(g))))
        for m, households in enumerate(base):
            rows.append(cell(f"{grid}0{m + 1}", "micro", grid, f"{text} 微{g}{m}", households, square(m, g)))
    tower = {**rows[-1], "code": "13010500500100204", "households": 70, "floor_from": 7.0, "floor_to": 12.0}
    rows[-1].update(floor_from=1.0, floor_to=6.0)
    rows[4]["households"] += 70
    cells = layer([*rows, tower])
    places = [square(m, g, 60) for g in range(2) for m in range(3)]
    leaves = cells[cells["level"] == "micro"]["code"].tolist()[:6]
    levels = [{"name": name, "sha256": VERSION * 5} for name in ("grid", "micro")]
    return Plan(
        area=layer([{"code": "A", "name": f"{text} 街道", "geometry": shapely.box(*_span(0, 2))}]),
        cells=cells,
        atoms=layer([{"atom_id": 0, "cell_code": leaves[0], "households": 7, "geometry": square(0, 0)}]),
        buildings=layer(
            [
                {"building_id": f"BUILDING{i}", "address": f"ADDRESS{i}", "households": 70, "geometry": place}
                for i, place in enumerate(places)
            ]
        ),
        dwellings=pd.DataFrame(),
        exceptions=pd.DataFrame(
            {"cell_code": leaves[:1], "rule": ["households"], "reason": [f"REASON {text}: 7 against 70–80"]}
        ),
        barriers=layer(
            [
                {"kind": kind, "name": f"{text} 路", "geometry": shapely.box(*_span(0, 2)).exterior}
                for kind in ("arterial", "street", "river", "rail", "wall", text)
            ]
        ),
        land=layer([{"kind": kind, "name": text, "geometry": square(0, 1, 30)} for kind in ("water", "green", text)]),
        metadata={
            "levels": ["grid", "micro"],
            "bands": {"grid": [200, 300], "micro": [70, 80]},
            "inputs": [{"name": source, "sha256": ""}],
            "certificate": {"valid": True, "levels": levels},
        },
    )


def cell(*values: Any) -> dict[str, Any]:  # noqa: ANN401
    names = ("code", "level", "parent_code", "name", "households", "geometry")
    row = dict(zip(names, values, strict=True))
    none = {"kind": "general", "floor_from": None, "floor_to": None, "exclave": 0, "predecessors": ""}
    return row | none | {"ground_code": row["code"]}


def layer(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(rows, crs=4547)
    if "ground_code" in frame and (frame["code"] == "13010500500100204").any():
        frame.loc[frame["code"] == "13010500500100204", "ground_code"] = "13010500500100203"
    return frame


def _span(row: int, rows: int = 1) -> tuple[int, int, int, int]:
    return WEST, SOUTH + row * SIDE, WEST + 3 * SIDE, SOUTH + (row + rows) * SIDE


def small_reports(plan: Plan, text: str = "路灯不亮") -> pd.DataFrame:
    """Fifteen reports in one cell, two in another, one that waits for its floor, one beyond, one without a place."""
    cells = plan.cells.set_index("code")
    leaves = cells[cells["level"] == "micro"].index
    sent = [leaves[1]] * 15 + [leaves[0]] * 2
    middles = cells.loc[sent].geometry.centroid
    rows = [
        {"plan_x": p.x, "plan_y": p.y, "cell_code": code, "status": "inside",
         "grid_codes": json.dumps({"grid": code[:15], "micro": code})}
        for p, code in zip(middles, sent, strict=True)
    ]  # fmt: skip
    floor = {"cell_code": "", "status": "ask_address", "grid_codes": json.dumps({"grid": leaves[3][:15]})}
    rows.append({**rows[0], **floor})
    rows.append({**rows[0], "cell_code": "", "status": "outside", "grid_codes": "{}"})
    rows.append({"plan_x": "", "plan_y": "", "cell_code": "", "status": "rejected", "grid_codes": "{}"})
    texts = {"category": f"CATEGORY {text}", "time": "2024-04-08T05:05:01+08:00", "description": f"WORDS {text}"}
    table = pd.DataFrame(rows).assign(**texts, reason="", plan_version=plan.version)
    return table.assign(report_id=[f"REPORT{i}" for i in range(len(table))]).astype(str)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_names_no_address_to_fetch_from(lang: str) -> None:
    plan = small_plan()
    page = maps.render(plan, reports=small_reports(plan), lang=lang)
    assert "default-src 'none'" in page
    assert not re.search(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=", page)
    assert not re.search(r"@import|sourceMappingURL|cdn\.|fetch\(|XMLHttpRequest|WebSocket", page)
    assert not any("url(" in style for style in re.findall(r"<style>(.*?)</style>", page, re.DOTALL))
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in page


def test_the_same_plan_gives_the_same_page() -> None:
    assert maps.render(small_plan()) == maps.render(small_plan())


def test_openstreetmap_is_credited_where_it_was_used() -> None:
    assert facts(maps.render(small_plan()))["credit"]
    assert not facts(maps.render(small_plan(source="town.gpkg")))["credit"]


@pytest.mark.parametrize("link", [JavascriptLink, CssLink])
def test_a_link_to_anything_not_carried_is_refused(link: Any) -> None:  # noqa: ANN401
    page = Page("title", "en")
    page.header.add_child(link("https://cdn.example.org/leaflet.js"))
    with pytest.raises(ValueError, match=r"cdn\.example\.org.*may not fetch"):
        page.render()


def test_loose_markup_in_the_head_is_refused() -> None:
    page = Page("title", "en")
    page.header.add_child(Element("<script src='https://example.org/x.js'></script>"))
    with pytest.raises(ValueError, match="carry it as an asset"):
        page.render()


def test_what_is_carried_brings_its_licence() -> None:
    text = carried("https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js")
    assert "BSD 2-Clause" in text
    assert 'version="1.9.4"' in text


@pytest.mark.parametrize(("option", "value"), [("audience", "press"), ("lang", "fr")])
def test_unknown_options_get_one_line(option: str, value: str) -> None:
    with pytest.raises(InputError, match=f"'{value}': choose one of"):
        maps.render(small_plan(), **{option: value})


def told(level: dict[str, Any], measure: int) -> list[int | None]:
    return [None if count < 0 else count for count in level["figures"][measure]["told"]]


def test_an_internal_page_counts_reports_by_cell() -> None:
    plan = small_plan()
    grid, micro = facts(maps.render(plan, reports=small_reports(plan)))["levels"]
    assert told(grid, 1) == [17, 1]
    assert told(micro, 1) == [2, 15, 0, 0, 0, 0, 0]
    assert micro["reasons"]["0"][0][0] == "households"
    assert summed(micro["ground"]) == [0, 1, 2, 3, 4, 5, 5]
    assert micro["floors"][5:] == ["1–6", "7–12"]


def test_a_report_that_waits_for_its_floor_counts_for_the_ground_it_lies_on() -> None:
    plan = small_plan()
    reports = small_reports(plan)
    waiting = reports["status"] == "ask_address"
    middle = plan.cells.geometry.iloc[-1].centroid
    reports.loc[waiting, ["plan_x", "plan_y"]] = [str(middle.x), str(middle.y)]
    _, micro = facts(maps.render(plan, reports=reports))["levels"]
    assert micro["shared"] == [{}, {"5": 1}]
    assert told(micro, 1)[5:] == [0, 0]


def test_counts_draw_the_page_that_reports_do() -> None:
    plan = small_plan()
    reports = small_reports(plan)
    page = maps.render(plan, reports=reports, audience="public")
    assert maps.render(plan, counts=count_by_cell(plan, reports), audience="public") == page


def test_a_public_page_holds_no_small_count_and_none_that_gives_it_away() -> None:
    plan = small_plan()
    page = maps.render(plan, reports=small_reports(plan), audience="public")
    grid, micro = facts(page)["levels"]
    assert told(grid, 0) == [145, 295]
    assert told(micro, 0) == [None, None, 80, 70, 75, 80, 70]
    assert set(micro["in_band"]) == {0}
    # Of the reports nothing is left to tell: they are no choice then.
    assert [measure["name"] for measure in facts(page)["measures"]] == ["households"]


def test_building_identities_are_on_no_page_and_addresses_on_those_for_work() -> None:
    assert "BUILDING" not in whole_text(maps.render(small_plan()))
    assert len(facts(maps.render(small_plan()))["addresses"]["texts"]) == 6
    assert "ADDRESS" not in whole_text(maps.render(small_plan(), audience="public"))


@pytest.mark.parametrize("name", ["routed.csv", "routed.parquet"])
def test_routed_reports_are_read_back(tmp_path: Path, name: str) -> None:
    plan = small_plan()
    table = small_reports(plan)
    path = tmp_path / name
    if path.suffix == ".csv":
        table.to_csv(path, index=False, encoding="utf-8-sig")
    else:
        table.to_parquet(path)
    assert maps.render(plan, reports=maps.read_routed(path)) == maps.render(plan, reports=table)


def test_a_table_that_was_not_routed_gets_one_line(tmp_path: Path) -> None:
    path = tmp_path / "reports.csv"
    path.write_text("lon,lat\n1,2\n")
    with pytest.raises(InputError, match=r"reports\.csv: no column cell_code, grid_codes") as error:
        maps.read_routed(path)
    assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="no such file"):
        maps.read_routed(tmp_path / "none.csv")


def test_reports_routed_with_another_plan_are_refused() -> None:
    plan = small_plan()
    with pytest.raises(InputError, match="route them again"):
        maps.render(plan, reports=small_reports(plan).assign(plan_version="other"))


def test_reports_about_persons_are_refused() -> None:
    plan = small_plan()
    with pytest.raises(InputError):
        maps.render(plan, reports=small_reports(plan).assign(phone="1"))


# --- in a browser -------------------------------------------------------------------------------------------------

COLOURS = """() => {
    const canvas = document.querySelector("canvas.sheet");
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const seen = new Map();
    for (let i = 0; i < pixels.length; i += 4) {
        const key = pixels[i] << 16 | pixels[i + 1] << 8 | pixels[i + 2];
        seen.set(key, (seen.get(key) || 0) + 1);
    }
    return [...seen.values()].filter(times => times > 100).length;
}"""
PICTURE = '() => document.querySelector("canvas.sheet").toDataURL()'


class Opened:
    """A page in the browser, with all it asked for and complained of."""

    def __init__(self, browser: Any, file: Path, page: str, width: int) -> None:  # noqa: ANN401
        file.write_text(page, encoding="utf-8")
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.tab = browser.new_page(viewport={"width": width, "height": 800})
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.goto(file.as_uri())
        self.tab.wait_for_selector("html[data-ready=yes]")

    def told(self) -> str:
        """Return the text of the popup; one that is fading away stands before it."""
        text: str = self.tab.evaluate("[...document.querySelectorAll('.leaflet-popup')].at(-1).textContent")
        return text

    def click(self, code: str, plan: Plan) -> None:
        """Click into a cell, left of its middle, where no report lies."""
        shape = plan.cells.set_index("code").geometry[code]
        place = gpd.GeoSeries([shapely.Point(shape.centroid.x - 40, shape.centroid.y)], crs=plan.area.crs)
        point = place.to_crs(4326).iloc[0]
        at = self.tab.evaluate(f"map_plan.latLngToContainerPoint([{point.y}, {point.x}])")
        box = self.tab.locator("#map_plan").bounding_box()
        self.tab.mouse.click(box["x"] + at["x"], box["y"] + at["y"])

    def close(self) -> None:
        """Show that the page kept to itself."""
        assert len(self.asked) == 1
        assert self.asked[0].startswith("file://")
        assert self.complaints == []
        assert self.tab.evaluate("window.hit === undefined")
        self.tab.close()


@pytest.mark.parametrize(("lang", "word"), [("zh", "微网格"), ("en", "Micro-grid")])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_opens_from_a_file_and_draws(
    browser: Any, tmp_path: Path, lang: str, word: str, width: int  # noqa: ANN401
) -> None:  # fmt: skip
    plan = small_plan()
    opened = Opened(browser, tmp_path / "map.html", maps.render(plan, reports=small_reports(plan), lang=lang), width)
    assert opened.tab.evaluate(COLOURS) >= 5
    assert word in opened.tab.inner_text("fieldset")
    assert opened.tab.evaluate("document.documentElement.scrollWidth") <= width
    drawn, panel = (opened.tab.locator(name).bounding_box() for name in ("#map_plan", "#panel"))
    assert drawn["x"] >= panel["x"] + panel["width"] or panel["y"] >= drawn["y"] + drawn["height"]
    opened.close()


def test_switches_change_what_is_drawn_and_the_legend_follows(browser: Any, tmp_path: Path) -> None:  # noqa: ANN401
    plan = small_plan()
    opened = Opened(browser, tmp_path / "map.html", maps.render(plan, reports=small_reports(plan), lang="en"), 1280)
    tab = opened.tab
    pictures = [tab.evaluate(PICTURE)]
    tab.select_option("#measure", label="Households")
    pictures.append(tab.evaluate(PICTURE))
    assert "70–80" in tab.inner_text("#legend")
    tab.check("input[value=grid]", force=True)
    pictures.append(tab.evaluate(PICTURE))
    tab.select_option("#measure", label="Reports")
    pictures.append(tab.evaluate(PICTURE))
    assert "Grid · Reports" in tab.inner_text("#legend")
    tab.click("details.layers summary")
    for layer in ("cells", "borders", "labels", "buildings", "streets", "land", "reports"):
        tab.uncheck(f"input[name=layer][value={layer}]")
        pictures.append(tab.evaluate(PICTURE))
    assert [pictures.index(picture) for picture in pictures] == list(range(len(pictures)))
    opened.close()


def test_search_and_table_find_cells_without_a_mouse(browser: Any, tmp_path: Path) -> None:  # noqa: ANN401
    opened = Opened(browser, tmp_path / "map.html", maps.render(small_plan()), 1280)
    tab = opened.tab
    before = tab.evaluate("map_plan.getZoom()")
    tab.fill("#search", "10020")
    assert tab.locator("#found button").count() == 4
    tab.fill("#search", "微12")
    tab.keyboard.press("Enter")
    assert tab.evaluate("map_plan.getZoom()") > before
    assert "13010500500100203" in opened.told()
    tab.fill("#search", "address4")
    tab.keyboard.press("Enter")
    assert "13010500500100202" in opened.told()
    tab.fill("#search", "没有")
    assert tab.inner_text("#found") == "没有找到"
    tab.check("input[value=grid]", force=True)
    tab.locator("details.table summary").focus()
    tab.keyboard.press("Enter")
    tab.wait_for_selector("table.cells")
    tab.locator("table.cells:visible tbody button").first.focus()
    tab.keyboard.press("Enter")
    assert "146" in opened.told()
    opened.close()


def test_a_click_tells_of_cells_and_floors(browser: Any, tmp_path: Path) -> None:  # noqa: ANN401
    plan = small_plan()
    opened = Opened(browser, tmp_path / "map.html", maps.render(plan, reports=small_reports(plan), lang="en"), 1280)
    opened.click("13010500500100203", plan)
    told = opened.told()
    assert "one ground, divided by floors" in told
    assert "Floors 7–12" in told
    opened.close()


def test_the_browser_reads_shapes_as_they_were_written(browser: Any, tmp_path: Path) -> None:  # noqa: ANN401
    plan = small_plan()
    opened = Opened(browser, tmp_path / "map.html", maps.render(plan), 1280)
    shape = plan.at_level("micro").iloc[0].geometry
    read = opened.tab.evaluate("""async () => {
        const facts = await wangge.read("facts_plan");
        const levels = facts.levels.map(level => ({...level, above: wangge.summed(level.above)}));
        const drawn = wangge.grounds(facts.arcs, levels, facts.origin);
        return wangge.groundRings(drawn.levels[1], 0)[0].map(p => [p.lng, p.lat]);
    }""")
    there = gpd.GeoSeries([shapely.Polygon(read)], crs=4326).to_crs(plan.area.crs).iloc[0]
    assert there.hausdorff_distance(shape) < 0.2
    opened.close()
