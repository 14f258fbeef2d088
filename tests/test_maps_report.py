"""The printed report: whole, in two languages, without scripts, and with nothing typed that runs."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from drawn import Read
from hypothesis import given, settings
from hypothesis import strategies as st

import maps
from gis.barriers import Barrier
from gis.errors import InputError
from gis.plan import Plan
from maps.report.chart import size_chart, size_edges
from maps.report.colouring import neighbour_colours
from maps.report.map import WIDTH, Sheet
from maps.report.words import report_words

SIDE = 200.0
TRICKS = [
    "<img src=x onerror=window.hit=1>",
    "</style><script>window.hit=2</script>",
    "\"'><svg onload=window.hit=3>",
    "${window.hit=4}`{{ 7 * 7 }}",
    "a\u2028b & c &amp; d",
]


def square(column: int, row: int) -> shapely.Polygon:
    return shapely.box(column * SIDE, row * SIDE, (column + 1) * SIDE, (row + 1) * SIDE)


def small_plan(text: str = "柳岸", *, swapped: bool = False) -> Plan:
    """Two communities of one grid each, of three micro cells; the second micro cell of the first has too few."""
    layout = {"A": [(0, 0), (1, 0), (2, 0)], "B": [(0, 1), (1, 1), (2, 1)]}
    if swapped:
        layout = {"A": [(0, 0), (1, 0), (2, 1)], "B": [(0, 1), (1, 1), (2, 0)]}
    rows, homes = [], []
    for k, (name, squares) in enumerate(layout.items()):
        codes = [f"13010500500{k + 1}", f"13010500500{k + 1}001"]
        whole = shapely.union_all([square(*at) for at in squares])
        for code, level, above in zip(codes, ("community", "grid"), (None, codes[0]), strict=True):
            rows.append((code, level, above, f"{text} {name}{level}", 75 * 3 - 68 * (k == 0), whole))
        for m, at in enumerate(squares, start=1):
            households = 7 if (k, m) == (0, 2) else 75
            rows.append((f"{codes[1]}0{m}", "micro", codes[1], f"{text} {name}{m}", households, square(*at)))
            homes.append((f"BUILDING{at}", f"ADDRESS{at}", households, f"{codes[1]}0{m}", square(*at).buffer(-60)))
    cells = frame(rows, ["code", "level", "parent_code", "name", "households", "geometry"])
    cells = cells.assign(ground_code=cells["code"], kind="general", floor_from=None, floor_to=None, predecessors="")
    buildings = frame(homes, ["building_id", "address", "households", "cell_code", "geometry"])
    area = shapely.box(0, 0, 3 * SIDE, 2 * SIDE)
    levels = [{"name": name, "cells": 2, "edges": 9, "residue": 0, "sha256": f"{swapped}"} for name in ("community",)]
    return Plan(
        area=frame([("A", f"{text} 街道", area)], ["code", "name", "geometry"]),
        cells=cells,
        atoms=frame([(0, area)], ["atom_id", "geometry"]),
        buildings=buildings,
        dwellings=pd.DataFrame(buildings.drop(columns="geometry")).assign(entrance="", floor_from=1, floor_to=1),
        exceptions=pd.DataFrame(
            {"cell_code": ["13010500500100102"], "rule": ["households"], "reason": [f"REASON {text}: 7 against 70–80"]}
        ),
        barriers=frame(
            [(kind, text, area.exterior) for kind in ("arterial", "river", text)], ["kind", "name", "geometry"]
        ),
        land=frame([("water", text, square(0, 1).buffer(30))], ["kind", "name", "geometry"]),
        metadata={
            "levels": ["community", "grid", "micro"],
            "bands": {"grid": [200, 300], "micro": [70, 80]},
            "seed": 5,
            "drawing": {"gap": 4.0, "river": 0.4},
            "household_basis": {"column": 300, "assumed_floors": 82},
            "inputs": [{"name": f"{text}.osm.pbf", "sha256": "ab12" * 16}],
            "left_out": [{"layer": "streets", "reason": f"LEFT {text}", "count": 3}],
            "software": "wangge 9.9",
            "certificate": {"valid": True, "steps_per_metre": 1024, "levels": levels},
            "quality": {name: quality(banded=name != "community") for name in ("community", "grid", "micro")},
        },
    )


def frame(rows: list[tuple[Any, ...]], columns: list[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=4547)


def quality(*, banded: bool) -> dict[str, Any]:
    kinds = [kind.name.lower() for kind in sorted(Barrier, reverse=True) if kind != Barrier.RIM]
    numbers = {
        "cells": 6, "cells_sharing_ground": 0, "inner_boundary_m": 1234.5, "along_lines_share": 0.875,
        "arterial_inside_m": 98.7, "cells_across_arterials": 1, "polsby_popper_mean": 0.785,
        "polsby_popper_least": 0.5, "walk_mean_m": 321.0, "walk_worst_m": 654.0,
    }  # fmt: skip
    band = ("in_band", "in_band_share", "deviation_mean_percent", "deviation_worst_percent")
    return (
        numbers
        | {"along": dict.fromkeys(kinds, 0.125)}
        | dict(zip(band, (5, 0.83, 4.5, 90.7) if banded else (None,) * 4, strict=True))
    )


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["网格划分方案", "质量指标", "例外及原因", "数据中给出的户数：300 户", "全域覆盖证明", "微网格"]),
        (
            "en",
            [
                "Plan of service grids",
                "Quality",
                "Exceptions and their reasons",
                "given in the data: 300",
                "Micro-grid",
            ],
        ),
    ],
)
def test_a_report_says_what_the_plan_says(lang: str, words: list[str]) -> None:
    plan = small_plan()
    text = Read(maps.render_report(plan, lang=lang)).text
    facts = [
        "柳岸 街道",
        plan.version,
        "wangge 9.9",
        "ab12" * 16,
        "REASON 柳岸: 7 against 70–80",
        "LEFT 柳岸",
        "87.5%",
        "7*",
    ]
    for fact in [*words, *facts, "1/1024", "OpenStreetMap", "654", "130105005002001"]:
        assert fact in text, fact


def test_both_languages_have_the_same_words() -> None:
    assert set(report_words("zh")) == set(report_words("en"))


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="choose one of zh, en"):
        maps.render_report(small_plan(), lang="fr")


def test_the_same_plan_gives_the_same_report() -> None:
    assert maps.render_report(small_plan(), previous=small_plan(swapped=True)) == maps.render_report(
        small_plan(), previous=small_plan(swapped=True)
    )


def test_a_report_needs_nothing_and_runs_nothing() -> None:
    page = maps.render_report(small_plan(), previous=small_plan(swapped=True))
    read = Read(page)
    assert not {"script", "link", "img", "iframe", "object"} & set(read.tags)
    assert not [name for name, _ in read.attributes if name.startswith("on") or name in {"style", "href", "src"}]
    assert not re.search(r"https?:|url\((?!#)|@import", page)
    assert "default-src 'none'" in page


@pytest.mark.parametrize("trick", TRICKS)
def test_typed_text_is_only_text(trick: str) -> None:
    plain, typed = (
        Read(maps.render_report(small_plan(text), previous=small_plan(text, swapped=True))) for text in ("plain", trick)
    )
    assert typed.tags == plain.tags
    assert typed.text.count(trick) == plain.text.count("plain")
    assert f"REASON {trick}" in typed.text


def test_nothing_of_buildings_but_their_number() -> None:
    page = maps.render_report(small_plan(), previous=small_plan(swapped=True))
    assert "BUILDING" not in page
    assert "ADDRESS" not in page


def test_changes_are_told_where_there_is_a_plan_before() -> None:
    assert "changes-hatch" not in maps.render_report(small_plan())
    page = maps.render_report(small_plan(), previous=small_plan(swapped=True), lang="en")
    text = Read(page).text
    assert "Changes since the plan before" in text
    assert "now in another cell (Micro-grid): 150 of the 382 in both plans (39.3%)" in text
    assert "Land that belongs to another cell (Micro-grid): 8.0 ha" in text
    same = Read(maps.render_report(small_plan(), previous=small_plan(), lang="en")).text
    assert "The cells of the two plans are the same." in same


def test_a_tower_has_changed_where_one_of_its_cells_has() -> None:
    before = small_plan()
    stack = before.cells.iloc[[-1]].assign(code="13010500500200104", ground_code="13010500500200103")
    after = dataclasses.replace(before, cells=pd.concat([before.cells, stack], ignore_index=True))
    page = maps.render_report(after, previous=before)
    assert page.count('class="fill s-new"') == 1


def test_plans_whose_lowest_levels_differ_are_compared_at_those_they_share() -> None:
    plan = small_plan()
    cells = plan.cells[plan.cells["level"] != "micro"]
    upper = dataclasses.replace(
        plan,
        cells=cells,
        buildings=plan.buildings.assign(cell_code=plan.buildings["cell_code"].str[:15]),
        dwellings=plan.dwellings.assign(cell_code=plan.dwellings["cell_code"].str[:15]),
        metadata=plan.metadata | {"levels": ["community", "grid"]},
    )
    text = Read(maps.render_report(plan, previous=upper, lang="en")).text
    assert "Households now in another cell (Grid): 0 of the 382" in text
    assert "another cell (Micro-grid)" not in text


def test_a_plan_without_bands_communities_or_quality_has_a_report() -> None:
    plan = small_plan()
    cells = plan.cells[plan.cells["level"] == "micro"].assign(parent_code=None)
    bare = {key: plan.metadata[key] for key in ("certificate",)} | {"levels": ["micro"], "bands": {}}
    text = Read(maps.render_report(dataclasses.replace(plan, cells=cells, metadata=bare), lang="en")).text
    assert "Quality" not in text
    assert "13010500500200103" in text


@given(st.integers(0, 10_000), st.integers(2, 60))
@settings(max_examples=25)
def test_neighbours_have_different_colours_and_six_are_enough(seed: int, count: int) -> None:
    points = np.random.default_rng(seed).uniform(0, 100, (count, 2))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points)))
    colours = neighbour_colours(cells)
    assert max(colours) <= 5
    one, two = shapely.STRtree(cells).query(cells, predicate="intersects")
    beside = (one < two) & (shapely.length(shapely.intersection(cells[one], cells[two])) > 1e-6)
    assert all(colours[a] != colours[b] for a, b in zip(one[beside], two[beside], strict=True))


@given(st.integers(1, 900), st.integers(0, 500), st.lists(st.integers(0, 1500), min_size=1))
def test_no_bar_holds_cells_in_band_and_others(lower: int, width: int, households: list[int]) -> None:
    upper = lower + width
    edges = size_edges(lower, upper)
    assert edges == sorted(set(edges))
    assert {lower, upper + 1} <= set(edges)
    drawn = size_chart(households, [lower, upper], "sizes", "label", "axis")
    counts = re.findall(r'class="count"[^>]*>(\d+)<', drawn)
    assert sum(map(int, counts)) == len(households)
    off = re.findall(r'class="bar off".*?class="count"[^>]*>(\d+)<', drawn)
    assert sum(map(int, off)) == sum(not lower <= count <= upper for count in households)


@given(st.integers(0, 1000))
@settings(max_examples=20)
def test_what_is_drawn_lies_on_the_sheet(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = shapely.convex_hull(shapely.multipoints(rng.uniform(0, 1, (30, 2)) * rng.uniform(5_000, 90_000, 2) + 5e5))
    area = frame([("A", shape)], ["code", "geometry"])
    sheet = Sheet(area, "plan", 1000)
    sheet.add(area.geometry.to_numpy(), "fill")
    drawn = sheet.svg("label", "north")
    start, steps = re.search(r'class="fill" d="M(-?\d+ ?-?\d+)l([^z]*)z', drawn).groups()
    numbers = [int(n) for n in re.findall(r"-?\d+", f"{start} {steps}")]
    points = np.cumsum(np.array(numbers).reshape(-1, 2), axis=0)
    assert (points >= 0).all()
    assert (points <= [WIDTH, sheet.height]).all()
    there = shapely.area(shapely.Polygon(points)) / sheet.scale**2
    assert there == pytest.approx(shape.area, rel=0.1)


def test_a_label_is_written_only_where_it_has_room() -> None:
    area = frame([("A", shapely.box(0, 0, 1000, 1000))], ["code", "geometry"])
    sheet = Sheet(area, "plan", 2000)
    sheet.add_labels(np.array([shapely.box(0, 0, 500, 500), shapely.box(500, 0, 504, 500)]), ["roomy", "narrow"])
    drawn = sheet.svg("label", "north")
    assert "roomy" in drawn
    assert "narrow" not in drawn


@pytest.mark.parametrize("text", ["柳岸", *TRICKS])
def test_a_report_opens_from_a_file_and_prints(browser: Any, tmp_path: Path, text: str) -> None:  # noqa: ANN401
    file = tmp_path / "report.html"
    file.write_text(maps.render_report(small_plan(text), previous=small_plan(text, swapped=True)), encoding="utf-8")
    asked, complaints = [], []
    tab = browser.new_page(viewport={"width": 390, "height": 800})
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.goto(file.as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert tab.evaluate("document.querySelector('h1').textContent") == f"{text} 街道"
    fills = tab.evaluate("[...document.querySelectorAll('path.fill')].map(path => getComputedStyle(path).fill)")
    assert len(set(fills)) >= 3  # two colours of grids, and those of changes
    assert "rgb(0, 0, 0)" not in fills
    assert tab.evaluate("[...document.querySelectorAll('.sheet')].every(sheet => sheet.getBBox().width > 1000)")
    assert tab.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    assert asked == [file.as_uri()]
    assert complaints == []
    assert tab.evaluate("window.hit === undefined")
    tab.close()
