"""Simpler borders and other coordinate systems: certified again."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from tilings import CRS, layer, tiling

from gis.coverage.check import Intent, check
from gis.coverage.simplify import simplify
from gis.errors import InputError


def three_levels() -> gpd.GeoDataFrame:
    """A hierarchy of 64 cells under 16 under 4, with jagged borders."""
    cells = list(tiling(8, 8, cuts=8))
    of_grid = [(k // 8 // 2) * 4 + k % 8 // 2 for k in range(64)]
    grids = [shapely.coverage_union_all([cells[k] for k in range(64) if of_grid[k] == g]) for g in range(16)]
    of_top = [(g // 4 // 2) * 2 + g % 4 // 2 for g in range(16)]
    tops = [shapely.coverage_union_all([grids[g] for g in range(16) if of_top[g] == t]) for t in range(4)]
    found = layer([*tops, *grids, *cells])
    found["code"] = [*(f"t{k}" for k in range(4)), *(f"g{k}" for k in range(16)), *(f"m{k}" for k in range(64))]
    found["level"] = ["top"] * 4 + ["grid"] * 16 + ["micro"] * 64
    found["parent_code"] = [None] * 4 + [f"t{t}" for t in of_top] + [f"g{g}" for g in of_grid]
    return found


def test_all_levels_are_simplified_at_once() -> None:
    cells = three_levels()
    area = gpd.GeoDataFrame(geometry=[shapely.coverage_union_all(cells.geometry[:4])], crs=CRS)
    simple, rim = simplify(cells, 12.0, Intent(area))
    assert check(simple, area=rim).valid
    assert simple.geometry.count_coordinates().sum() < 0.6 * cells.geometry.count_coordinates().sum()
    # Each level simplified by itself would drift away from the next.
    alone = cells.copy()
    for level in ("top", "grid", "micro"):
        rows = cells["level"] == level
        alone.loc[rows, "geometry"] = shapely.coverage_simplify(cells.geometry[rows].to_numpy(), 12.0)
    assert "parent_child" in set(check(alone).defects["kind"])


def test_what_is_no_coverage_is_not_simplified() -> None:
    with pytest.raises(InputError, match="no coverage"):
        simplify(three_levels().drop(index=50), 5.0)


def test_denver_from_feet_to_degrees_to_metres_and_back(datasets: Path) -> None:
    feet = gpd.read_file(datasets / "coverage_us_blocks" / "DenverCo_blocks.zip")
    counts = check(feet).to_dict()["counts"]
    degrees = feet.to_crs(4326)
    metres = degrees.to_crs(32613)
    for cells in (degrees, metres, metres.to_crs(4326)):
        report = check(cells)
        assert report.to_dict()["counts"] == counts
        assert check(cells, holes_above_m2=1000).valid
        assert report.cells == 10_149
