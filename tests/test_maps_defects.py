"""The page of defects, as a file and in a browser: it goes to each of them, shows it, and says what it is."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from drawn import facts

import maps
from gis.coverage.check import check
from gis.coverage.defects import SUGGESTIONS
from gis.coverage.report import CoverageReport
from gis.errors import InputError
from maps.defects.words import advice, defect_words
from maps.lengths import area_said, length_said
from maps.palette import DEFECT_FAMILIES, DEFECT_SIGNS

CRS = "EPSG:32649"
WEST, SOUTH = 500_000, 4_200_000
TRICK = "<img src=x onerror=alert(1)>"


def box(x: float, y: float, to_x: float, to_y: float) -> shapely.Polygon:
    return shapely.box(WEST + x, SOUTH + y, WEST + to_x, SOUTH + to_y)


def damaged(trick: str = TRICK) -> gpd.GeoDataFrame:
    """A strip of a thousandth of a metre that nobody owns, an overlap, a part far away, and a cell without a shape."""
    far = box(800, 800, 830, 830)
    shapes = [box(0, 0, 100, 100), box(100 + 1 / 1024, 0, 200, 100), box(190, 0, 300, 100), box(0, 100, 300, 200), None]
    shapes[3] = shapely.MultiPolygon([shapes[3], far])
    shapes.append(box(0, -100, 300, 0))
    return gpd.GeoDataFrame({"code": [trick, "c1", "c2", "c3", "c4", "c5"]}, geometry=shapes, crs=CRS)


def middle(report: CoverageReport, name: str) -> shapely.Point:
    """Longitude and latitude of a defect's inner point."""
    row = report.defects.set_index("id").geometry[[name]]
    point: shapely.Point = row.representative_point().to_crs(4326).iloc[0]
    return point


@pytest.fixture(scope="module")
def cells() -> gpd.GeoDataFrame:
    return damaged()


@pytest.fixture(scope="module")
def report(cells: gpd.GeoDataFrame) -> CoverageReport:
    return check(cells)


def of_kind(report: CoverageReport, kind: str) -> str:
    name: str = report.defects.loc[report.defects["kind"] == kind, "id"].iloc[0]
    return name


def test_all_defects_are_in_the_page_in_the_order_of_the_report(
    cells: gpd.GeoDataFrame, report: CoverageReport
) -> None:
    read = facts(maps.render_defects(report, cells))
    defects = read["defects"]
    assert defects["id"] == report.defects["id"].tolist()
    assert [read["kinds"][k]["kind"] for k in defects["kind"]] == report.defects["kind"].tolist()
    assert {kind["kind"]: kind["count"] for kind in read["kinds"]} == report.to_dict()["counts"]
    assert defects["placed"].count(0) == 1
    assert defects["placed"][defects["id"].index(of_kind(report, "empty"))] == 0
    assert len(defects["inner"]) == 2 * sum(defects["placed"])
    strip = defects["id"].index(of_kind(report, "sliver"))
    assert defects["area"][strip] == "977 cm²"
    assert defects["rows"][strip] == [0, 1, 3, 5]


def test_shapes_are_exact_to_a_tenth_of_a_millimetre(cells: gpd.GeoDataFrame, report: CoverageReport) -> None:
    read = facts(maps.render_defects(report, cells))
    steps = np.reshape(read["cells"]["shapes"]["steps"], (-1, 2)).cumsum(axis=0) / read["per_degree"]
    back = gpd.GeoSeries.from_xy(*(steps[:4] + read["origin"]).T, crs=4326).to_crs(CRS)
    there = shapely.points(shapely.get_coordinates(cells.geometry[0])[:4])
    assert max(a.distance(b) for a, b in zip(back, there, strict=True)) < 1e-4


def test_a_whole_coverage_is_said_to_be_certified() -> None:
    cells = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[box(0, 0, 9, 9), box(9, 0, 18, 9)], crs=CRS)
    whole = check(cells)
    page = maps.render_defects(whole, cells, area=gpd.GeoDataFrame(geometry=[box(0, 0, 18, 9)], crs=CRS), lang="en")
    assert "Certified: no gap" in page
    assert "<fieldset" not in page
    assert facts(page)["outline"]["parts"] == [1]


def test_other_defects_do_not_take_the_certificate_away() -> None:
    cells = gpd.GeoDataFrame({"code": ["a", "a"]}, geometry=[box(0, 0, 9, 9), box(9, 0, 18, 9)], crs=CRS)
    twice = check(cells)
    assert not twice.valid
    assert "other defects remain" in maps.render_defects(twice, cells, lang="en")


def test_cells_that_are_nowhere_are_listed_without_a_place() -> None:
    with np.errstate(invalid="ignore"):
        nowhere = shapely.Polygon([(0, 0), (np.nan, 1), (1, 1)])
    for shapes in ([None, None], [box(0, 0, 9, 9), nowhere], [box(0, 0, 9, 9), shapely.Polygon()]):
        lost = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=shapes, crs=CRS)
        found = check(lost)
        assert 0 in facts(maps.render_defects(found, lost))["defects"]["placed"]


def test_small_defects_may_be_counted_and_not_shown(cells: gpd.GeoDataFrame, report: CoverageReport) -> None:
    page = maps.render_defects(report, cells, least_m2=1.0, lang="en")
    assert set(facts(page)["defects"]["id"]) == set(report.defects["id"]) - {of_kind(report, "sliver")}
    assert f"<td>{len(report.defects)}</td>" in page


def test_cells_without_codes_are_known_by_their_row(cells: gpd.GeoDataFrame) -> None:
    nameless = cells.drop(columns="code").set_index(np.arange(len(cells)) + 40)
    defects = facts(maps.render_defects(check(nameless), nameless))["defects"]
    for codes, rows in zip(defects["codes"], defects["rows"], strict=True):
        assert [str(row + 1) for row in rows] == codes.split(",")


def test_levels_keep_cells_of_one_code_apart() -> None:
    shapes = [box(0, 0, 18, 9), box(0, 0, 9, 9), box(9, 0, 17, 9)]
    columns = {"code": ["1", "1", "2"], "level": ["grid", "micro", "micro"], "parent_code": [None, "1", "1"]}
    cells = gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)
    found = check(cells)
    read = facts(maps.render_defects(found, cells, lang="en"))
    assert set(read["defects"]["level"]) <= {"Grid", "Micro-grid"}
    for codes, level, rows in zip(found.defects["cells"], found.defects["level"], read["defects"]["rows"], strict=True):
        assert [cells["code"][row] for row in rows] == codes.split(",")
        assert {cells["level"][row] for row in rows} == {level}


def test_the_same_report_gives_the_same_page(cells: gpd.GeoDataFrame, report: CoverageReport) -> None:
    assert maps.render_defects(report, cells) == maps.render_defects(report, damaged())


def test_an_unknown_language_gets_one_line(cells: gpd.GeoDataFrame, report: CoverageReport) -> None:
    with pytest.raises(InputError, match="'fr': choose one of"):
        maps.render_defects(report, cells, lang="fr")


def test_every_kind_has_words_a_colour_and_a_sign_in_both_languages() -> None:
    coloured = {kind: family for family, kinds in DEFECT_FAMILIES.items() for kind in kinds}
    assert set(coloured) == set(SUGGESTIONS)
    assert set(coloured.values()) == set(DEFECT_SIGNS)
    zh, en = defect_words("zh"), defect_words("en")
    assert set(en) <= set(zh)
    for kind, text in SUGGESTIONS.items():
        assert zh[f"defect.{kind}"] != en[f"defect.{kind}"]
        assert re.search(r"[\u4e00-\u9fff]", advice(kind, text, zh))
        assert advice(kind, text, en) == text


def test_notes_of_the_check_are_said_in_chinese() -> None:
    zh = defect_words("zh")
    bow = shapely.Polygon([(WEST, SOUTH), (WEST + 9, SOUTH + 9), (WEST + 9, SOUTH), (WEST, SOUTH + 9)])
    crossed = gpd.GeoDataFrame({"code": ["a", "a"]}, geometry=[bow, box(50, 50, 60, 60)], crs=CRS)
    for row in check(crossed).defects.itertuples():
        said = advice(row.kind, row.suggestion, zh)
        assert not re.search(r"[A-Za-z]{2}", said), said
    assert advice("code", f"3 cells have the code '{TRICK}'. {SUGGESTIONS['code']}", zh).startswith(
        "3 个单元的编码都是"
    )


def test_measures_have_the_unit_of_their_size() -> None:
    assert [length_said(value) for value in (2500, 12.34, 0.5, 0.0123, 0.00098)] == [
        "2.5 km", "12.3 m", "50 cm", "1.23 cm", "0.98 mm",
    ]  # fmt: skip
    assert [area_said(value) for value in (2.5e6, 17_748, 9825.7, 0.5, 0.0764, 0.00002, 1e-9)] == [
        "2.5 km²", "1.77 ha", "9,826 m²", "0.5 m²", "764 cm²", "20 mm²", "0 mm²",
    ]  # fmt: skip


def test_the_command_draws_the_page(tmp_path: Path, cells: gpd.GeoDataFrame) -> None:
    cells.iloc[:4].to_file(tmp_path / "cells.gpkg")
    program = "from api.cli import main; main()"
    for name, code in (("defects.html", 1), ("defects.txt", 2)):
        command = [sys.executable, "-c", program, "check", str(tmp_path / "cells.gpkg"), "--map", str(tmp_path / name)]
        done = subprocess.run([*command, "--lang", "en"], capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        assert (tmp_path / name).exists() == (code == 1)
    assert "Not certified" in (tmp_path / "defects.html").read_text(encoding="utf-8")


# --- in a browser -------------------------------------------------------------------------------------------------

AT = "() => [map_plan.getCenter().lng, map_plan.getCenter().lat, map_plan.getZoom()]"
ACROSS = """([from, width, above]) => {
    const canvas = document.querySelector("canvas.sheet"), box = canvas.getBoundingClientRect();
    const map = document.getElementById("map_plan").getBoundingClientRect();
    const x = map.x + map.width / 2 + from - box.x, y = map.y + map.height / 2 - above - box.y;
    const pixels = canvas.getContext("2d").getImageData(x, y, width, 1).data, seen = [];
    for (let i = 0; i < pixels.length; i += 4) seen.push(pixels.slice(i, i + 3).join());
    return seen;
}"""


class Opened:
    """A page in the browser, without flights, with all it asked for and complained of."""

    def __init__(self, browser: Any, file: Path, page: str, hash_: str = "", width: int = 1280) -> None:  # noqa: ANN401
        file.write_text(page, encoding="utf-8")
        self.file = file
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.tab = browser.new_page(viewport={"width": width, "height": 800}, reduced_motion="reduce")
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        self.tab.goto(file.as_uri() + hash_)
        self.tab.wait_for_selector("canvas.sheet")

    def hash(self) -> str:
        found: str = self.tab.evaluate("location.hash.slice(1)")
        return found

    def metres_from(self, place: shapely.Point) -> float:
        lon, lat, _ = self.tab.evaluate(AT)
        there = gpd.GeoSeries([shapely.Point(lon, lat), place], crs=4326).to_crs(CRS)
        return float(there.iloc[0].distance(there.iloc[1]))

    def close(self) -> None:
        """Show that the page kept to itself."""
        assert len(self.asked) == 1
        assert self.asked[0].startswith("file://")
        assert self.complaints == []
        self.tab.close()


def opened(
    browser: Any, tmp_path: Path, report: CoverageReport, cells: gpd.GeoDataFrame, hash_: str = ""  # noqa: ANN401
) -> Opened:  # fmt: skip
    return Opened(browser, tmp_path / "defects.html", maps.render_defects(report, cells, lang="en"), hash_)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_next_goes_through_all_defects_and_round(
    browser: Any, tmp_path: Path, report: CoverageReport, cells: gpd.GeoDataFrame, lang: str, width: int  # noqa: ANN401
) -> None:  # fmt: skip
    page = Opened(browser, tmp_path / "defects.html", maps.render_defects(report, cells, lang=lang), width=width)
    assert page.hash() == ""
    ids = report.defects["id"].tolist()
    for name in [*ids, ids[0]]:
        page.tab.click("#next")
        assert page.hash() == name
        assert name in page.tab.inner_text("#told")
        assert page.tab.locator("#list [aria-current]").inner_text().count(name) == 1
        place = middle(report, name)
        if not place.is_empty and report.defects.set_index("id").geometry[name].geom_type == "Polygon":
            assert page.metres_from(place) < 5
    page.tab.click("#previous")
    assert page.hash() == ids[-1]
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_keys_go_on_and_back_and_arrows_on_the_map_move_the_map(
    browser: Any, tmp_path: Path, report: CoverageReport, cells: gpd.GeoDataFrame  # noqa: ANN401
) -> None:  # fmt: skip
    page = opened(browser, tmp_path, report, cells)
    ids = report.defects["id"].tolist()
    for key, place in (("n", 0), ("ArrowDown", 1), ("N", 2), ("p", 1), ("ArrowUp", 0), ("p", -1)):
        page.tab.keyboard.press(key)
        assert page.hash() == ids[place]
    before = page.hash()
    page.tab.focus("#map_plan")
    page.tab.keyboard.press("ArrowDown")
    assert page.hash() == before
    page.tab.keyboard.press("Control+n")
    assert page.hash() == before
    page.close()


def test_the_address_opens_a_strip_of_a_millimetre_and_shows_it(
    browser: Any, tmp_path: Path, report: CoverageReport, cells: gpd.GeoDataFrame  # noqa: ANN401
) -> None:  # fmt: skip
    name = of_kind(report, "sliver")
    page = opened(browser, tmp_path, report, cells, f"#{name}")
    assert name in page.tab.inner_text("#told")
    assert page.tab.locator("#list [aria-current]").count() == 1
    assert page.metres_from(middle(report, name)) < 1e-3
    assert page.tab.evaluate(AT)[2] > 28
    # Far above the middle, where no mark is: the strip, and on both sides its cells, each in a tint of its own.
    line = page.tab.evaluate(ACROSS, [-60, 121, 200])
    assert len({line[0], line[60], line[-1]}) == 3
    assert 8 < line.count(line[60]) < 40
    page.tab.click("#told .toggle")
    assert page.tab.evaluate(AT)[2] < 20
    page.tab.evaluate(f"location.hash = '#{of_kind(report, 'overlap')}'")
    page.tab.wait_for_selector("#told:has-text('Overlap')")
    page.tab.evaluate("location.hash = '#%E0%A4%A'")
    page.tab.evaluate("location.hash = '#none'")
    assert "Overlap" in page.tab.inner_text("#told")
    page.close()


def test_switched_off_kinds_are_neither_listed_nor_visited(
    browser: Any, tmp_path: Path, report: CoverageReport, cells: gpd.GeoDataFrame  # noqa: ANN401
) -> None:  # fmt: skip
    picture = '() => document.querySelector("canvas.sheet").toDataURL()'
    page = opened(browser, tmp_path, report, cells)
    tab, before = page.tab, page.tab.evaluate(picture)
    rows = tab.locator("#list button").count()
    tab.uncheck("input[name=kind][value=overlap]")
    assert tab.locator("#list button").count() == rows - 1
    assert tab.evaluate(picture) != before
    tab.click("button[data-kinds=none]")
    assert tab.locator("#list button").count() == 0
    assert tab.is_disabled("#next")
    tab.keyboard.press("n")
    assert page.hash() == ""
    tab.check("input[name=kind][value=overlap]")
    for _ in range(2):
        tab.keyboard.press("n")
        assert page.hash() == of_kind(report, "overlap")
    tab.uncheck("input[name=kind][value=overlap]")
    assert page.hash() == ""
    assert tab.is_hidden("#told")
    # The address wins over the switches.
    tab.evaluate(f"location.hash = '#{of_kind(report, 'overlap')}'")
    tab.wait_for_selector("#told:not([hidden])")
    assert tab.is_checked("input[name=kind][value=overlap]")
    page.close()


def test_pointing_tells_codes_as_typed_and_clicking_chooses(
    browser: Any, tmp_path: Path, report: CoverageReport, cells: gpd.GeoDataFrame  # noqa: ANN401
) -> None:  # fmt: skip
    page = opened(browser, tmp_path, report, cells)
    tab = page.tab

    def on_screen(place: shapely.Point) -> tuple[float, float]:
        at = tab.evaluate(f"map_plan.latLngToContainerPoint([{place.y}, {place.x}])")
        frame = tab.locator("#map_plan").bounding_box()
        return frame["x"] + at["x"], frame["y"] + at["y"]

    inner = gpd.GeoSeries([shapely.Point(WEST + 30, SOUTH + 40)], crs=CRS).to_crs(4326).iloc[0]
    tab.mouse.move(*on_screen(inner))
    assert TRICK in tab.evaluate("document.querySelector('.tip').textContent")
    assert tab.locator("img").count() == 0
    tab.mouse.click(*on_screen(middle(report, of_kind(report, "overlap"))))
    assert page.hash() == of_kind(report, "overlap")
    tab.click("#list button:has-text('Sliver')")
    assert page.hash() == of_kind(report, "sliver")
    assert TRICK in tab.inner_text("#told")
    tab.click("#told .close")
    assert page.hash() == ""
    page.close()


def test_a_flight_ends_where_the_defect_is(
    browser: Any, tmp_path: Path, report: CoverageReport, cells: gpd.GeoDataFrame  # noqa: ANN401
) -> None:  # fmt: skip
    page = opened(browser, tmp_path, report, cells)
    page.tab.emulate_media(reduced_motion="no-preference")
    name = of_kind(report, "sliver")
    page.tab.evaluate(f"location.hash = '#{name}'")
    for _ in range(50):
        page.tab.wait_for_timeout(100)
        if page.tab.evaluate(AT)[2] > 28:
            break
    page.tab.wait_for_timeout(200)
    assert page.metres_from(middle(report, name)) < 1e-3
    page.close()


def test_a_long_list_is_quick(browser: Any, tmp_path: Path) -> None:  # noqa: ANN401
    side = 40
    shapes = [box(10 * x, 10 * y, 10 * x + 9, 10 * y + 10) for y in range(side) for x in range(side)]
    cells = gpd.GeoDataFrame({"code": [f"c{k}" for k in range(side * side)]}, geometry=shapes, crs=CRS)
    area = gpd.GeoDataFrame(geometry=[box(0, 0, 10 * side, 10 * side)], crs=CRS)
    # Walls between columns: one gap for each row and column.
    walls = [box(10 * x + 9, 10 * y, 10 * x + 10, 10 * y + 9.5) for y in range(side) for x in range(side)]
    found = check(cells, area=area.overlay(gpd.GeoDataFrame(geometry=walls, crs=CRS), how="difference"))
    page = opened(browser, tmp_path, found, cells)
    assert page.tab.locator("#list li").count() < 40
    page.tab.keyboard.press("p")
    assert page.hash() == found.defects["id"].iloc[-1]
    assert page.tab.locator("#list [aria-current]").is_visible()
    page.close()
