"""Random damage against plain overlay: the same kinds, the same places, the same areas."""

from collections import Counter
from itertools import combinations
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tilings import CRS, damaged, tiling

from gis.coverage.check import check
from gis.coverage.lattice import UNIT_M
from gis.coverage.repair import LEFT_ALONE, repair

PAIRWISE = ["overlap", "contained", "duplicate", "sliver", "outside"]


def usable(cells: np.ndarray) -> np.ndarray:
    """Cells as valid polygons: of what crosses itself, all that its ring goes around an odd number of times."""
    return np.array([cell if cell.is_valid else _odd(cell) for cell in cells], dtype=object)


def _odd(cell: shapely.Polygon) -> shapely.Geometry:
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(cell.exterior)]))
    a, b = np.array(cell.exterior.coords)[:-1], np.array(cell.exterior.coords)[1:]
    point = shapely.get_coordinates(shapely.point_on_surface(faces))[:, None]
    above = (a[:, 1] > point[..., 1]) != (b[:, 1] > point[..., 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        east = a[:, 0] + (point[..., 1] - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1]) > point[..., 0]
    return shapely.union_all(faces[(above & east).sum(axis=1) % 2 == 1])


def overlaid(cells: np.ndarray, area: shapely.Geometry) -> dict[str, Any]:
    """What plain overlay says, pair by pair."""
    a, b = shapely.STRtree(cells).query(cells, predicate="intersects")
    a, b = a[a < b], b[a < b]
    shared = shapely.area(shapely.intersection(cells[a], cells[b]))
    union = shapely.union_all(cells)
    return {
        "pairs": {(f"c{i}", f"c{j}"): s for i, j, s in zip(a, b, shared, strict=True) if s > 0},
        "gap": shapely.area(shapely.difference(area, union)),
        "outside": shapely.area(shapely.difference(union, area)),
    }


def compare(seed: int, columns: int, rows: int, share: float) -> Counter[str]:
    """Damage a tiling, check it, and hold what was found against plain overlay; the kinds found."""
    whole = tiling(columns, rows, seed=seed, angle=seed % 7 / 5)
    cells = damaged(whole, share, seed)
    codes = [f"c{k}" for k in range(len(cells))]
    rim = shapely.coverage_union_all(whole)
    frame = gpd.GeoDataFrame({"code": codes}, geometry=cells, crs=CRS)
    report = check(frame, area=gpd.GeoDataFrame(geometry=[rim], crs=CRS))
    truth = overlaid(usable(cells), rim)
    found = report.defects
    # Borders that cross are bent by less than a step, so areas are off by less than that times their length.
    slack = {code: UNIT_M * length for code, length in zip(codes, shapely.length(cells), strict=True)}
    pairs: Counter[tuple[str, ...]] = Counter()
    several = found["kind"].isin(PAIRWISE) & ~found["suggestion"].str.startswith("Nobody has it.")
    for row in found[several].sort_values("kind", key=lambda kind: kind == "duplicate").itertuples():
        for pair in combinations(sorted(row.cells.split(","), key=lambda c: int(c[1:])), 2):
            # What lies over twins lies over each of them; what they share is told once, as a duplicate.
            pairs[pair] = row.area_m2 if row.kind == "duplicate" else pairs[pair] + row.area_m2
    for pair in truth["pairs"].keys() | pairs.keys():
        assert abs(truth["pairs"].get(pair, 0) - pairs[pair]) <= slack[pair[0]] + slack[pair[1]], pair
    gaps = found[found["kind"].isin(["gap", "hole", "uncovered"])]["area_m2"].sum()
    gaps += found[(found["kind"] == "sliver") & ~several]["area_m2"].sum()
    concerned = sum(slack[c] for codes_of in found["cells"] for c in codes_of.split(",") if c)
    assert abs(gaps - truth["gap"]) <= concerned
    outside = found[found["kind"] == "outside"]["area_m2"].sum()
    assert abs(outside - truth["outside"]) <= concerned
    broken = {codes[k] for k in np.flatnonzero(~shapely.is_valid(cells))}
    assert set(found[found["kind"].isin(["invalid", "spike"])]["cells"]) == broken
    clean = not (truth["pairs"] or truth["gap"] or truth["outside"] or broken)
    assert report.valid == (clean and lacking(frame, rim) == 0)
    return Counter(found["kind"])


def lacking(frame: gpd.GeoDataFrame, rim: shapely.Geometry) -> int:
    """Vertices that lie on the border of a cell, or of the area, which has none there."""
    shapes = np.append(frame.geometry.to_numpy(), rim)
    points = shapely.points(np.unique(shapely.get_coordinates(shapes), axis=0))
    lines = shapely.boundary(shapes)
    point, line = shapely.STRtree(lines).query(points, predicate="dwithin", distance=UNIT_M / 2)
    own = [set(map(tuple, shapely.get_coordinates(shape).tolist())) for shape in shapes]
    return sum(points[p].coords[0] not in own[s] for p, s in zip(point.tolist(), line.tolist(), strict=True))


@given(st.integers(0, 10**6), st.sampled_from([0.002, 0.02, 0.1, 0.3]))
def test_random_damage_is_found_as_overlay_finds_it(seed: int, share: float) -> None:
    compare(seed, 20, 20, share)


@pytest.mark.parametrize("seed", range(2))
def test_random_damage_to_many_cells(seed: int) -> None:
    assert len(compare(seed, 100, 100, 0.02)) >= 6


@given(st.integers(0, 10**6), st.sampled_from([0.01, 0.05, 0.2]), st.booleans())
@settings(max_examples=25, deadline=None)
def test_random_damage_is_mended(seed: int, share: float, bounded: bool) -> None:  # noqa: FBT001
    whole = tiling(20, 20, seed=seed, angle=seed % 7 / 5)
    cells = damaged(whole, share, seed)
    frame = gpd.GeoDataFrame({"code": [f"c{k}" for k in range(len(cells))]}, geometry=cells, crs=CRS)
    area = gpd.GeoDataFrame(geometry=[shapely.coverage_union_all(whole)], crs=CRS) if bounded else None
    done = repair(frame, area=area)
    assert done.after.certificate.valid
    assert set(done.after.defects["kind"]) <= LEFT_ALONE
    assert shapely.coverage_is_valid(done.cells.geometry.to_numpy())
    twins = done.before.defects.query("kind == 'duplicate'")["cells"].str.count(",").sum()
    assert len(done.cells) >= len(frame) - twins
    again = repair(done.cells, area=done.area)
    assert not len(again.changes)
