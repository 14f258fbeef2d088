"""Layers over a plan: every item in exactly one place of every level, and sums that stay what they were."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from places import CRS, lon_lat, plan_in_china
from pyarrow import parquet

from gis.errors import ConservationError, InputError
from gis.layers import Layer, named_apart, place, read_layer, read_layers, read_osm, write_layers
from gis.layers.apportion import apportion
from gis.layers.given import Given, Whereabouts, points_of
from gis.layers.layer import require_conserved, sums
from gis.plan import Plan

PLAN = plan_in_china()
WEST, EAST = (500_050.0, 4_200_050.0), (500_250.0, 4_200_050.0)


def written(folder: Path, rows: list[dict] | pd.DataFrame, name: str = "t.csv") -> Path:
    pd.DataFrame(rows).to_csv(folder / name, index=False)
    return folder / name


def joined(path: Path, kind: str, plan: Plan = PLAN, **options: str) -> Layer:
    return place(plan, read_layer(path, kind, **options))[0]


def places(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame([{"name": f"商店{k}", "category": "shop"} | row for k, row in enumerate(rows)])


def test_a_place_lies_in_one_cell_of_every_level_or_on_a_shared_ground(tmp_path: Path) -> None:
    points = [dict(zip(("lon", "lat"), lon_lat(*at), strict=True)) for at in (WEST, EAST, (501_000.0, 4_200_050.0))]
    layer = joined(written(tmp_path, places(*points, {"lon": None, "lat": None})), "places")
    items = layer.items
    assert items["status"].tolist() == ["cell", "shared", "outside", "unplaced"]
    assert items["level_grid"].tolist() == ["g1", "g2", "", ""]
    assert items["cell_code"].tolist() == items["level_micro"].tolist() == ["g101", "", "", ""]
    assert items["ground_code"].tolist() == ["g101", "g201", "", ""]
    assert items["shared_micro"].tolist() == ["", "g201", "", ""]
    assert items["reason"].tolist()[::3] == ["", "no place given"]
    assert items["reason"].tolist()[2] == "outside the area"
    assert layer.counts(PLAN).to_dict("records") == [
        {"level": "grid", "code": "g1", "shared": False, "category": "shop", "count": 1},
        {"level": "grid", "code": "g2", "shared": False, "category": "shop", "count": 1},
        {"level": "micro", "code": "g101", "shared": False, "category": "shop", "count": 1},
        {"level": "micro", "code": "g201", "shared": True, "category": "shop", "count": 1},
    ]


@pytest.mark.parametrize(
    ("row", "cell", "ground"),
    [
        ({"building_id": "b1"}, "g101", "g101"),
        ({"building_id": "b2"}, "", "g201"),
        ({"building_id": "b2", "floor": "3"}, "g201", "g201"),
        ({"building_id": "b2", "entrance": "1单元", "floor": "7层"}, "g202", "g201"),
        ({"building_id": "b2", "entrance": "9单元"}, "", "g201"),
        ({"cell_code": "g202"}, "g202", "g201"),
        ({"cell_code": "g1"}, "g101", "g101"),
        ({"cell_code": "g2"}, "", "g201"),
        ({"x": EAST[0], "y": EAST[1]}, "", "g201"),
        ({"cell_code": "g101", "x": EAST[0], "y": EAST[1]}, "g101", "g101"),
        ({"grid_codes": '{"grid": "g2"}'}, "", "g201"),
        ({"cell_code": "g202", "plan_version": "of-another", "x": WEST[0], "y": WEST[1]}, "g101", "g101"),
    ],
)
def test_every_way_to_say_where(tmp_path: Path, row: dict, cell: str, ground: str) -> None:
    item = joined(written(tmp_path, places(row)), "places", datum=CRS).items.iloc[0]
    assert (item["cell_code"], item["ground_code"]) == (cell, ground)
    assert (item["status"], item["level_grid"]) == ("cell" if cell else "shared", ground[:2])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"building_id": "b9"}, "the plan has no such building"),
        ({"cell_code": "g9"}, "the plan has no such cell"),
        ({"lon": 0, "lat": 0}, "placeholder: 0, 0"),
        ({"lon": None, "lat": None}, "no place given"),
        ({"cell_code": "g1", "plan_version": "of-another"}, "a cell of another plan, and no other place given"),
    ],
)
def test_what_has_no_place_is_listed_with_its_reason(tmp_path: Path, row: dict, reason: str) -> None:
    layer = joined(written(tmp_path, places(row, {"building_id": "b1"})), "places")
    assert (layer.items["status"].iloc[0], layer.items["reason"].iloc[0]) == ("unplaced", reason)
    assert sums(layer)["not_placed"].tolist() == [1, 1]


def test_a_case_for_the_desk_above_lies_on_the_shared_ground_of_its_pin(tmp_path: Path) -> None:
    """As reports that wait for an address: their grid is certain, and their pin says on which ground of it."""
    cells = pd.concat([PLAN.cells, PLAN.cells.iloc[[2]].assign(code="g203", ground_code="g203", parent_code="g2")])
    wider = replace(
        PLAN, cells=cells.set_geometry([*PLAN.cells.geometry, shapely.box(500_400, 4_200_000, 500_500, 4_200_200)])
    )
    beside = {"x": 500_450.0, "y": EAST[1]}
    rows = places({"cell_code": "g2", "x": EAST[0], "y": EAST[1]}, {"cell_code": "g2"} | beside, {"cell_code": "g2"})
    items = joined(written(tmp_path, rows), "places", wider, datum=CRS).items
    assert items["shared_micro"].tolist() == ["g201", "g2", "g2"]
    assert set(items["level_grid"]) == {"g2"}


def test_a_cell_known_to_an_upper_level_only(tmp_path: Path) -> None:
    cells = PLAN.cells.copy()
    cells.loc[cells["code"] == "g202", "ground_code"] = "g202"
    split = replace(PLAN, cells=cells)
    layer = joined(written(tmp_path, places({"cell_code": "g2"})), "places", split)
    item = layer.items.iloc[0]
    assert (item["level_grid"], item["level_micro"], item["shared_micro"], item["ground_code"]) == ("g2", "", "g2", "")
    assert item["reason"] == "known to a level above the lowest only"


ROW = st.tuples(
    st.sampled_from([500_000.0, 500_200.0, 500_400.0, 500_100.0, 500_399.5, 499_000.0, np.nan]),
    st.sampled_from([4_200_000.0, 4_200_200.0, 4_200_100.0, 4_199_000.0]),
    st.sampled_from(["", "", "b1", "b2", "b9"]),
    st.sampled_from(["", "1单元", "2单元"]),
    st.sampled_from(["", "3", "8", "-1", "roof"]),
    st.sampled_from(["", "", "g1", "g2", "g101", "g201", "g202", "g9"]),
    st.sampled_from(["", PLAN.version, "of-another"]),
    st.sampled_from(["residents", "over_65"]),
    st.integers(0, 10**6),
)


@given(st.lists(ROW, min_size=1, max_size=40), st.sampled_from(["people", "places"]))
def test_every_item_is_in_one_place_of_every_level_or_in_none(rows: list[tuple], kind: str) -> None:
    x, y, building, entrance, floor, cell, version, category, count = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    texts = [column.astype(object) for column in (building, entrance, floor, cell, version)]
    items = pd.DataFrame({"row": np.arange(len(rows)), "category": category.astype(object), "count": count})
    (layer,) = place(PLAN, Given(kind, kind, items, Whereabouts(points_of(x, y, pyproj.CRS(CRS)), *texts)))
    placed = layer.items["status"].isin(["cell", "shared"])
    for level in PLAN.levels:
        filled = [(layer.items[f"{word}_{level}"] != "").astype(int) for word in ("level", "shared")]
        assert (sum(filled) == placed).all()
    held = layer.items.groupby("category")["count"].sum()
    assert held.to_dict() == items.groupby("category")["count"].sum().to_dict()
    assert ((layer.items["reason"] == "") | (layer.items["status"] != "cell") | (kind == "people")).all()
    assert (layer.items.loc[layer.items["status"] != "cell", "reason"] != "").all()
    parent = PLAN.cells.set_index("code")["parent_code"]
    sure = layer.items[layer.items["status"] == "cell"]
    assert (sure["cell_code"].map(parent) == sure["level_grid"]).all()


@pytest.mark.parametrize("name", ["p.gpkg", "p.geojson", "p.parquet"])
def test_geometry_of_any_kind_of_file(tmp_path: Path, name: str) -> None:
    endless = shapely.LineString([(np.inf, 4_200_010), (500_220, 4_200_020)])
    shapes = [shapely.Point(WEST), shapely.box(500_210, 4_200_010, 500_220, 4_200_020), None, endless]
    if name.endswith("json"):  # where there is no such number
        shapes[3] = shapely.LineString()
    table = gpd.GeoDataFrame(places({}, {}, {}, {}), geometry=shapes, crs=CRS)
    table.to_parquet(tmp_path / name) if name.endswith("parquet") else table.to_file(tmp_path / name)
    items = joined(tmp_path / name, "places").items
    assert items["ground_code"].tolist() == ["g101", "g201", "", ""]
    assert items["reason"].tolist()[2:] == ["no place given"] * 2
    assert np.isfinite(items["plan_x"]).tolist() == [True, True, False, False]


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    broken = pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff"]).buffers())
    parquet.write_table(pa.table({"cell_code": ["g1"], "category": broken}), tmp_path / "p.parquet")
    with pytest.raises(InputError, match="column category: holds bytes that are no text"):
        read_layer(tmp_path / "p.parquet", "places")


def test_counts_of_people_by_columns_and_by_rows_are_the_same(tmp_path: Path) -> None:
    wide = [{"building_id": "b1", "residents": 7, "65岁以上": 2, "memo": "x"}, {"building_id": "b2", "residents": 61}]
    long = [
        {"building_id": "b1", "category": "常住人口", "count": 7},
        {"building_id": "b1", "category": "over_65", "count": 2},
        {"building_id": "b2", "category": "residents", "count": 61},
    ]
    one, other = joined(written(tmp_path, wide), "people"), joined(written(tmp_path, long), "people")
    pd.testing.assert_frame_equal(one.counts(PLAN), other.counts(PLAN))
    assert one.totals == {"residents": 68, "over_65": 2}
    assert one.unread == ["memo"]


def test_counts_of_a_divided_building_are_apportioned_by_households(tmp_path: Path) -> None:
    layer = joined(written(tmp_path, [{"building_id": "b2", "residents": 61}]), "people")
    assert layer.items[["cell_code", "count"]].to_numpy().tolist() == [["g201", 31], ["g202", 30]]
    assert set(layer.items["reason"]) == {"divided among the cells of its building by households"}
    one = joined(written(tmp_path, [{"building_id": "b2", "floor": "8", "residents": 61}]), "people")
    assert one.items[["cell_code", "count"]].to_numpy().tolist() == [["g202", 61]]


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_parts_add_up_and_keep_to_their_quotas(count: int, weights: list[int]) -> None:
    parts = apportion(count, np.array(weights, np.int64))
    assert parts.sum() == count
    shares = weights if any(weights) else [1] * len(weights)
    for part, weight in zip(parts.tolist(), shares, strict=True):
        assert abs(part * sum(shares) - count * weight) < sum(shares)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"building_id": "b1", "note": "x"}], "no counts, so a row would be a person"),
        ([{"building_id": "b1", "residents": -1}], "row 1: residents is no count"),
        ([{"building_id": "b1", "residents": 1}, {"building_id": "b2", "residents": 1.5}], "row 2: residents is no"),
        ([{"building_id": "b1", "category": "tall", "count": 1}], "row 1: a category that is not declared"),
        ([{"building_id": "b1", "category": "residents", "count": ""}], "row 1: no count"),
        ([{"building_id": "b1", "residents": 1, "population": 1}], "several columns count residents"),
    ],
)
def test_what_is_no_table_of_counts_is_refused(tmp_path: Path, rows: list[dict], said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_layer(written(tmp_path, rows), "people")


@pytest.mark.parametrize(
    ("kind", "row", "said"),
    [
        ("places", {"name": "a", "lon": 1, "lat": 1}, "not a table of places: name one category"),
        ("places", {"category": "shop", "lon": 1}, "nothing says where its rows are"),
        ("sentiment", {"category": "event-1", "cell_code": "g1"}, "not a table of sentiment: name one rating"),
        ("organisations", {"name": "a", "building_id": "b1"}, "not a table of organisations: name one grid"),
        ("weather", {"category": "rain"}, "no layers of kind 'weather': choose one of people, places"),
    ],
)
def test_a_table_that_lacks_something_is_refused(kind: str, row: dict, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        read_layer(written(tmp_path, [row]), kind)


def test_events_stand_by_their_moments(tmp_path: Path) -> None:
    rows = [
        ("closed", "2026-05-02T08:00:00Z", "2026-05-02T09:00:00Z"),
        ("closed", "2026-05-02T10:00:00Z", "2026-05-02T09:00:00Z"),
        ("handling", "", "2026-05-01T09:00:00Z"),
        ("handling", "", "2026-05-09T09:00:00Z"),
        ("已结案", "", ""),
        ("", "no moment", ""),
    ]
    table = pd.DataFrame(rows, columns=["state", "closed_at", "case_due"])
    path = written(tmp_path, table.assign(category="event-1", received_at="2026-05-01T16:00:00+08:00", cell="g101"))
    layer = joined(path, "events")
    assert layer.items["standing"].tolist() == ["on_time", "late", "overdue", "open", "closed", "open"]
    assert layer.items["time"].iloc[0] == "2026-05-01T16:00:00+08:00"
    assert layer.items["closed_at"].iloc[0] == "2026-05-02T16:00:00+08:00"
    assert layer.remarks == {"as_of": "2026-05-02T18:00:00+08:00"}
    assert layer.left_out == {"closed_at not understood, left empty": 1}
    later = joined(path, "events", as_of="2026-06-01T00:00:00+08:00")
    assert later.items["standing"].tolist()[2:4] == ["overdue", "overdue"]
    by = layer.counts(PLAN, by="standing")
    assert by[by["level"] == "grid"].set_index("standing")["count"].to_dict() == {
        "closed": 1, "late": 1, "on_time": 1, "open": 2, "overdue": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-05-01T08:30:15+08:00", "2026-05-01T08:30:15+08:00"),
        ("2026-05-01 08:30", "2026-05-01T08:30:00"),
        ("2026/5/1 8:30", "2026-05-01T08:30:00"),
        ("2026年5月1日 8:30", "2026-05-01T08:30:00"),
        ("2026年5月1日", "2026-05-01T00:00:00"),
        ("2026-05-01T08:30:15.123456789+08:00", "2026-05-01T08:30:15+08:00"),
        ("soon", ""),
        ("now", ""),
        ("Today", ""),
    ],
)
def test_moments_as_people_write_them(tmp_path: Path, text: str, said: str) -> None:
    layer = joined(written(tmp_path, [{"category": "event-1", "time": text, "cell_code": "g1"}]), "events")
    assert layer.items["time"].tolist() == [said]
    assert layer.left_out == ({} if said else {"time not understood, left empty": 1})


def test_moments_without_a_zone_are_in_that_of_the_others(tmp_path: Path) -> None:
    given = ["2026-05-01 08:30", "2026-05-01T08:30:00+08:00", "2026-05-01T00:30:00Z"]
    rows = [{"category": "event-1", "time": text, "cell_code": "g1"} for text in given]
    layer = joined(written(tmp_path, rows), "events")
    assert set(layer.items["time"]) == {"2026-05-01T08:30:00+08:00"}


def test_moments_of_any_year_stand_beside_the_finest(tmp_path: Path) -> None:
    given = ["9999-12-31", "2026-05-01T08:30:00.123456789+08:00", "0001-01-01T00:00:00+08:00", "5/1/2026"]
    rows = [{"category": "event-1", "time": text, "cell_code": "g1"} for text in given]
    items = joined(written(tmp_path, rows), "events").items
    assert items["time"].str.slice(0, 10).tolist() == ["9999-12-31", "2026-05-01", "0001-01-01", "2026-05-01"]


def test_ratings_in_words_and_numbers(tmp_path: Path) -> None:
    given = ["good", "一般", "poor", "5", "3", "1", "满意", "不满意", "", "splendid"]
    rows = [{"rating": rating, "category": "event-1", "cell_code": "g1"} for rating in given]
    layer = joined(written(tmp_path, rows), "sentiment")
    assert layer.items["rating"].tolist() == ["good", "fair", "poor", "good", "fair", "poor", "good", "poor"]
    assert layer.items["satisfied"].tolist() == ["yes", "", "no", "yes", "", "no", "yes", "no"]
    assert layer.left_out == {"not rated": 1, "a rating that is not known": 1}


def test_organisations_keep_the_grid_that_lies_over_the_cells(tmp_path: Path) -> None:
    rows = [
        {"name": "西苑商场", "category": "商贸", "grid": "商贸网格", "grid_kind": "行业", "building_id": "b1"},
        {"name": "明河中学", "category": "教育", "grid": "教育网格", "grid_kind": "functional", "building_id": "b2"},
    ]
    layer = joined(written(tmp_path, rows), "organisations")
    assert layer.items["grid_kind"].tolist() == ["trade", "functional"]
    counts = layer.counts(PLAN, by="grid")
    assert counts[counts["level"] == "grid"][["code", "grid", "count"]].to_numpy().tolist() == [
        ["g1", "商贸网格", 1],
        ["g2", "教育网格", 1],
    ]


def test_things_get_the_component_of_their_type(tmp_path: Path) -> None:
    rows = [{"type": "路灯", "building_id": "b1"}, {"type": "bench", "building_id": "b1"}, {"type": "其他"}]
    layer = joined(written(tmp_path, rows), "things")
    assert layer.items["category"].tolist() == ["component-01", "component-04", ""]
    assert layer.items["type"].tolist() == ["street_lamp", "bench", "其他"]


def test_places_and_things_by_their_tags(write_osm: Callable[..., Path]) -> None:
    def square(x: float, y: float, size: float = 8) -> list[tuple[float, float]]:
        return [lon_lat(x + dx, y + dy) for dx, dy in ((0, 0), (size, 0), (size, size), (0, size), (0, 0))]

    path = write_osm(
        nodes=[
            (lon_lat(*WEST), {"shop": "bakery", "name": "面包房"}),
            (lon_lat(*EAST), {"amenity": "bench"}),
            (lon_lat(501_000, 4_200_050), {"highway": "bus_stop"}),
            (lon_lat(*WEST), {"office": "no"}),
            (lon_lat(*WEST), {"amenity": "doctors", "name": "Dr. Mary Johnson"}),
        ],
        ways=[(square(500_020, 4_200_020), {"amenity": "school", "shop": "books"})],
    )
    layers = place(PLAN, *read_osm(path))
    assert [layer.kind for layer in layers] == ["places", "things"]
    assert layers[0].totals == {"shop": 1, "transport": 1, "health": 1, "school": 1}
    assert layers[0].items["status"].tolist() == ["cell", "outside", "cell", "cell"]
    assert layers[0].items["label"].tolist() == ["面包房", "", "", ""]
    assert layers[0].left_out == {"a name that could be a person's, left empty": 1}
    assert layers[1].items[["category", "type", "shared_micro"]].to_numpy().tolist() == [
        ["component-04", "bench", "g201"]
    ]


def test_layers_are_read_as_they_were_written(tmp_path: Path) -> None:
    rows = [{"category": "event-1", "time": "2026-05-01", "cell_code": code} for code in ("g101", "g2", "g9")]
    events = joined(written(tmp_path, rows), "events")
    people = joined(written(tmp_path, [{"building_id": "b2", "residents": 3, "memo": 1}], "p.csv"), "people")
    write_layers([events, people], tmp_path / "layers.gpkg")
    read = read_layers(tmp_path / "layers.gpkg", PLAN)
    for one, other in zip([events, people], read, strict=True):
        pd.testing.assert_frame_equal(one.items, other.items, check_dtype=False)
        assert (one.totals, one.inputs, one.unread, one.levels) == (
            other.totals, other.inputs, other.unread, other.levels,
        )  # fmt: skip
    counts = gpd.read_file(tmp_path / "layers.gpkg", layer="counts")
    assert list(counts.columns) == ["layer", "kind", "level", "code", "shared", "category", "count"]
    other = replace(PLAN, cells=PLAN.cells.assign(code=PLAN.cells["code"].replace("g101", "g109")))
    with pytest.raises(InputError, match="make it again with 'wangge layers'"):
        read_layers(tmp_path / "layers.gpkg", other)


def test_files_whose_names_differ_by_case_are_layers_of_their_own(tmp_path: Path) -> None:
    files = []
    for k, name in enumerate(("Old.csv", "old.csv", "OLD.csv")):  # in folders of their own: disks may know no case
        (tmp_path / str(k)).mkdir()
        files.append(written(tmp_path / str(k), places({"cell_code": "g1"}), name))
    layers = place(PLAN, *named_apart([read_layer(file, "places") for file in files]))
    write_layers(layers, tmp_path / "layers.gpkg")
    assert [layer.total for layer in read_layers(tmp_path / "layers.gpkg", PLAN)] == [1, 1, 1]
    with pytest.raises(InputError, match="is taken"):
        write_layers([replace(layers[0], name=name) for name in ("a", "A")], tmp_path / "layers.gpkg")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE events SET cell_code = CAST(X'FF' AS TEXT)", "a damaged file"),
        ("UPDATE events SET geom = substr(geom, 1, 15) WHERE geom NOT NULL", "a damaged file"),
        ("UPDATE metadata SET value = '[1]' WHERE key = 'layers'", "a damaged file"),
        ("DELETE FROM events WHERE fid = 1", "edited or damaged: make it again"),
    ],
)
def test_a_damaged_file_of_layers_is_refused(tmp_path: Path, statement: str, said: str) -> None:
    east, north = lon_lat(*WEST)
    rows = [{"category": "event-1", "lon": east, "lat": north}, {"category": "event-1", "cell_code": "g1"}]
    write_layers([joined(written(tmp_path, rows), "events")], tmp_path / "layers.gpkg")
    with closing(sqlite3.connect(tmp_path / "layers.gpkg")) as file:
        for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f'DROP TRIGGER "{trigger}"')
        file.execute(statement)
        file.commit()
    with pytest.raises(InputError, match=said):
        read_layers(tmp_path / "layers.gpkg", PLAN)


def test_what_is_lost_is_found_out(tmp_path: Path) -> None:
    layer = joined(written(tmp_path, places({"building_id": "b1"}, {"building_id": "b2"})), "places")
    with pytest.raises(ConservationError, match="level grid, shop: 2 given, 1 held"):
        require_conserved(replace(layer, items=layer.items.iloc[:1]))
    twice = layer.items.assign(shared_micro=["g201", "g201"])
    with pytest.raises(ConservationError, match="level micro, shop: 2 given, 3 held"):
        require_conserved(replace(layer, items=twice))
