"""Mending: who gets what, what survives, and the real coverages that nobody else mends."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from tilings import CRS, area_of, damaged, layer, squares, tiling

from gis.coverage.check import Intent, check
from gis.coverage.export import write_certified
from gis.coverage.repair import LEFT_ALONE, repair
from gis.errors import CoverageError, InputError

box = shapely.box


def disputed() -> gpd.GeoDataFrame:
    """Two cells that both claim a strip of 20 m, and a third with a gap of 10 m to both."""
    shapes = [box(0, 0, 60, 100), box(40, 0, 100, 100), box(0, 110, 100, 200)]
    return layer(shapes).assign(households=[300, 100, 50], post=["a", "b", "c"])


def land_of(cells: gpd.GeoDataFrame) -> dict[str, float]:
    return dict(zip(cells["code"], cells.area, strict=True))


AREA = area_of([box(0, 0, 100, 200)])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"c0": 6000.0, "c1": 4000.0, "c2": 10_000.0}),
        ({"policy": "households"}, {"c0": 4000.0, "c1": 6000.0, "c2": 10_000.0}),
        ({"policy": "owner", "owners": ["c1"]}, {"c0": 4000.0, "c1": 7000.0, "c2": 9000.0}),
        ({"policy": "owner", "owners": ["c0", "c1"]}, {"c0": 7000.0, "c1": 4000.0, "c2": 9000.0}),
    ],
)
def test_policies_decide_who_gets_the_ground(options: dict, expected: dict[str, float]) -> None:
    done = repair(disputed(), area=AREA, **options)
    assert done.after.valid
    assert land_of(done.cells) == expected
    assert sum(expected.values()) == 20_000.0


def test_a_question_is_asked_and_answered() -> None:
    asked = repair(disputed(), area=AREA, policy="ask")
    assert not asked.after.certificate.valid
    assert asked.questions["cells"].tolist() == ["c0; c1", "c0; c1; c2"]
    assert asked.questions["area_m2"].tolist() == [2000.0, 1000.0]
    assert asked.changes.empty
    decided = {row.defect: "c1" for row in asked.questions.itertuples()}
    done = repair(disputed(), area=AREA, policy="ask", decided=decided)
    assert done.after.valid
    assert land_of(done.cells) == {"c0": 4000.0, "c1": 7000.0, "c2": 9000.0}
    assert set(done.changes["defect"]) == set(decided)


def test_changes_are_counted_in_square_metres_and_households() -> None:
    done = repair(disputed(), area=AREA)
    changes = done.changes.set_index("kind")
    assert changes.loc["overlap", ["before", "after", "area_m2"]].tolist() == ["c1", "c0", 2000.0]
    assert changes.loc["gap", ["before", "after", "area_m2"]].tolist() == ["", "c2", 1000.0]
    assert changes.loc["overlap", "households"] == pytest.approx(100 * 2000 / 6000, abs=0.1)
    homes = gpd.GeoDataFrame(
        {"households": [7, 8, 9]}, geometry=shapely.points([(50, 50), (10, 10), (50, 105)]), crs=CRS
    )
    counted = repair(disputed(), area=AREA, buildings=homes).changes.set_index("kind")
    assert counted["households"].to_dict() == {"overlap": 7, "gap": 9}
    assert set(counted["counted"]) == {"buildings"}


def test_codes_and_attributes_survive() -> None:
    cells = disputed().set_index(pd.Index([7, 3, 5]))
    done = repair(cells, area=AREA)
    pd.testing.assert_frame_equal(done.cells.drop(columns="geometry"), cells.drop(columns="geometry"))
    assert cells.geometry.iloc[0].equals(box(0, 0, 60, 100))


def test_meant_holes_stay() -> None:
    cells = layer([*squares()[:4], *squares()[5:]])
    assert repair(cells, holes_above_m2=10_000.0).changes.empty
    filled = repair(cells, holes_above_m2=10_001.0)
    assert filled.after.valid
    assert filled.cells.area.sum() == 90_000.0


def test_cells_that_share_ground_by_floors_keep_sharing_it() -> None:
    cells = layer([box(0, 0, 60, 100), box(0, 0, 60, 100), box(40, 0, 100, 100)])
    cells["ground_code"] = ["c0", "c0", "c2"]
    done = repair(cells)
    assert done.after.valid
    assert shapely.equals_identical(done.cells.geometry.iloc[0], done.cells.geometry.iloc[1])
    assert len(done.cells) == 3


def test_parents_follow_their_children() -> None:
    children = [box(0, 0, 60, 100), box(40, 0, 100, 100), box(100, 0, 200, 100)]
    cells = layer([box(0, 0, 100, 100), box(100, 0, 200, 100), *children])
    cells["level"] = ["grid"] * 2 + ["micro"] * 3
    cells["parent_code"] = [None, None, "c0", "c0", "c1"]
    done = repair(cells)
    assert done.after.valid
    assert done.after.levels == ["grid", "micro"]
    assert shapely.equals_identical(done.cells.geometry.iloc[1], cells.geometry.iloc[1])


def test_what_cannot_be_certified_is_refused() -> None:
    far = area_of([box(0, 0, 100, 200)]).translate(10_000, 0).to_frame("geometry")
    with pytest.raises(CoverageError, match="cannot be mended"):
        repair(disputed(), area=pd.concat([AREA, far], ignore_index=True))
    with pytest.raises(InputError, match="no column 'households'"):
        repair(disputed().drop(columns="households"), policy="households")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    cells = layer(list(tiling(4, 4, angle=0.3)))
    for name in ("cells.gpkg", "cells.geojson", "cells.fgb"):
        write_certified(cells.to_crs(4326), tmp_path / name, Intent())
        assert check(gpd.read_file(tmp_path / name)).certificate.valid
        back = gpd.read_file(tmp_path / "cells.gpkg")
        assert shapely.equals_identical(back.geometry.to_numpy(), cells.to_crs(4326).geometry.to_numpy()).all()
    broken = cells.drop(index=5)
    with pytest.raises(CoverageError, match=r"no coverage \(1 gap\)"):
        write_certified(broken, tmp_path / "broken.gpkg", Intent())
    assert not (tmp_path / "broken.gpkg").exists()


def test_answers_that_fit_nothing_are_refused() -> None:
    asked = repair(disputed(), area=AREA, policy="ask").questions
    gap = asked.loc[asked["kind"] == "overlap", "defect"].iloc[0]
    for options, said in (
        ({"policy": "best"}, "none of longest"),
        ({"owners": ["c0"]}, "policy 'owner' only"),
        ({"policy": "owner", "owners": ["zzz"]}, "no cell has the code 'zzz'"),
        ({"decided": {"gap-0": "c0"}}, "no defect has the id 'gap-0'"),
        ({"decided": {gap: "c2"}}, "'c2' is none of c0, c1"),
    ):
        with pytest.raises(InputError, match=said):
            repair(disputed(), area=AREA, **options)


def test_unknown_households_are_nought_whatever_the_order() -> None:
    cells = disputed().assign(households=[None, 5, 9])
    for rows in (cells, cells.iloc[::-1]):
        assert land_of(repair(rows, area=AREA, policy="households").cells)["c0"] == 7000.0


def test_a_building_on_the_border_of_two_pieces_counts_once() -> None:
    cells = layer([box(0, 0, 60, 100), box(40, 0, 100, 50), box(40, 50, 100, 100)])
    home = gpd.GeoDataFrame({"households": [7]}, geometry=[shapely.Point(50, 50)], crs=CRS)
    changes = repair(cells, buildings=home).changes
    assert len(changes) == 2
    assert changes["households"].sum() == 7


def test_questions_have_the_ids_of_their_own_defects() -> None:
    parted = shapely.MultiPolygon([box(0, 0, 100, 100), box(300, 0, 400, 100)])
    cells = layer([parted, box(100, 0, 300, 100), box(390, 0, 500, 50), box(395, 50, 500, 100)])
    asked = repair(cells, policy="ask").questions
    assert asked["defect"].str.startswith("overlap-").all()
    assert asked["defect"].is_unique
    assert asked["area_m2"].tolist() == [500.0, 250.0]


def test_what_changes_hands_adds_up() -> None:
    for seed in range(6):
        cells = layer(list(damaged(tiling(12, 12, seed=seed), 0.2, seed, ("missing", "moved", "corner", "shrunk"))))
        done = repair(cells)
        gained = done.changes.groupby("after")["area_m2"].sum()
        lost = done.changes.assign(before=done.changes["before"].str.split(",")).explode("before")
        lost = lost.groupby("before")["area_m2"].sum()
        change = pd.Series(done.cells.area - cells.area.reindex(done.cells.index)).set_axis(done.cells["code"])
        expected = gained.reindex(change.index, fill_value=0) - lost.reindex(change.index, fill_value=0)
        shared = done.before.defects["kind"].isin(["overlap", "sliver", "contained"])
        # Ground that several had is lost by all of them but one, and gained by none.
        several = done.changes[done.changes["kind"] == "overlap"].groupby("after")["area_m2"].sum()
        expected -= several.reindex(change.index, fill_value=0)
        assert shared.any()
        assert (change - expected).abs().max() < 0.5


REAL = {
    "CO_bad_gap_region": (15, {"gap", "overlap"}),
    "DenverCo_precincts2020_orig": (356, {"gap", "overlap"}),
    "DenverCo_precincts2020_repaired": (356, {"gap"}),
}


@pytest.mark.parametrize("name", REAL)
def test_precincts_are_mended(datasets: Path, name: str) -> None:
    count, kinds = REAL[name]
    cells = gpd.read_file(datasets / "coverage_precincts_defects" / f"{name}.zip")
    done = repair(cells)
    assert done.after.certificate.valid
    assert set(done.after.defects["kind"]) <= LEFT_ALONE
    assert len(done.cells) == count
    assert kinds <= set(done.changes["kind"]) <= {"gap", "overlap", "part"}
    assert not len(repair(done.cells).changes)
    same = shapely.equals_identical(cells.geometry.to_numpy(), done.cells.geometry.to_numpy())
    assert same.sum() >= 0.7 * count


def test_two_overlaps_are_those_that_are_known(datasets: Path) -> None:
    cells = gpd.read_file(datasets / "coverage_precincts_defects" / "CO_bad_gap_region.zip")
    report = check(cells)
    overlap = report.defects.query("kind in ['overlap', 'sliver']")
    assert overlap["area_m2"].sum() == pytest.approx(78_824, abs=1)


def test_singapore_is_mended(datasets: Path) -> None:
    cells = gpd.read_file(datasets / "singapore_hdb" / "MP14_SUBZONE_WEB_PL.shp")
    assert check(cells).to_dict()["counts"]["invalid"] == 9
    done = repair(cells)
    assert done.after.certificate.valid
    assert len(done.cells) == 323
    assert set(done.cells["SUBZONE_C"]) == set(cells["SUBZONE_C"])


def test_taipei_is_mended_as_a_hierarchy(datasets: Path) -> None:
    folder = datasets / "coverage_taipei"
    base = pd.concat([pyogrio.read_dataframe(file) for file in sorted((folder / "base").glob("*.json"))])
    top = pyogrio.read_dataframe(folder / "code2_63000.json")
    middle = base.dissolve("CODE1", aggfunc="first").reset_index()
    cells = gpd.GeoDataFrame(
        pd.concat(
            [
                top.assign(code=top["CODE2"], level="code2", parent_code=None),
                middle.assign(code=middle["CODE1"], level="code1", parent_code=middle["CODE2"]),
                base.assign(code=base["CODEBASE"], level="base", parent_code=base["CODE1"]),
            ],
            ignore_index=True,
        )[["code", "level", "parent_code", "geometry"]],
        crs=base.crs,
    )
    before = check(cells)
    assert set(before.defects["kind"]) == {"unmatched_vertex", "parent_child"}
    done = repair(cells)
    assert done.after.valid
    assert [level["cells"] for level in done.after.certificate.levels] == [907, 7672, 11490]
    assert set(done.changes["kind"]) == {"redrawn"}
    assert done.changes["area_m2"].sum() < 100


def test_a_plan_of_ten_thousand_damaged_cells_is_mended() -> None:
    cells = layer(list(damaged(tiling(100, 100, seed=3), 0.05, 3)))
    done = repair(cells)
    assert done.after.certificate.valid
    assert set(done.after.defects["kind"]) <= LEFT_ALONE
