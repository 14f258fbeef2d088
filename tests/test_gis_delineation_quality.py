"""What the figures of a plan count, on land small enough to count by hand."""

import numpy as np
import pytest
import shapely
from scipy.sparse import csr_array

from gis.barriers import Barrier
from gis.coverage.faces import Plane, plane_of
from gis.coverage.lattice import segments_of
from gis.coverage.rings import polygons_of
from gis.delineation.atoms import Atoms
from gis.delineation.bands import Band
from gis.delineation.quality import quality_of, walking_diameters
from gis.delineation.tiers import Tier

SIDE = 100.0
HOMES = 10


def board(columns: int, rows: int, lines: dict[tuple[tuple[float, float], tuple[float, float]], Barrier]) -> Atoms:
    """Squares of 100 m with one building each, gaps between them, and lines laid over some of the gaps."""
    squares = [
        shapely.box(x * SIDE, y * SIDE, (x + 1) * SIDE, (y + 1) * SIDE) for y in range(rows) for x in range(columns)
    ]
    rim = shapely.box(0, 0, columns * SIDE, rows * SIDE)
    drawn = [*squares, rim, *(shapely.LineString(line) for line in lines)]
    segments, source = segments_of(np.array(drawn, dtype=object))
    kinds = np.array([Barrier.GAP] * len(squares) + [Barrier.RIM] + list(lines.values()), np.int64)
    plane = plane_of(segments, kinds[source])
    pieces = polygons_of(plane, np.arange(plane.face_count), plane.face_count)
    of_face = shapely.STRtree(squares).nearest(shapely.point_on_surface(pieces)).astype(np.int64)
    n = len(squares)
    return Atoms(plane, of_face, np.full(n, HOMES), np.zeros(n, np.int64), np.arange(n), np.array([rim]))


def tier(atoms: Atoms, of_atom: list[int], band: Band | None = None) -> Tier:
    label = np.array(of_atom, np.int64)
    count = int(label.max()) + 1
    households = np.bincount(label, atoms.households).astype(np.int64)
    codes = [f"{k:02d}" for k in range(count)]
    parent = np.zeros(count, np.int64)
    return Tier("grid", band, label, atoms.polygons(label, count), parent, np.arange(count), households, codes, codes)


def judged(atoms: Atoms, of_atom: list[int], band: Band | None = None) -> dict:
    return quality_of(atoms, [tier(atoms, of_atom, band)], atoms.graph(np.ones(len(Barrier))))["grid"]


def test_boundaries_are_shared_out_by_the_lines_they_follow() -> None:
    atoms = board(2, 3, {((100, 0), (100, 100)): Barrier.STREET, ((100, 100), (100, 200)): Barrier.RIVER})
    found = judged(atoms, [0, 1, 0, 1, 0, 1])
    assert found["inner_boundary_m"] == 300.0
    assert {kind: share for kind, share in found["along"].items() if share} == {
        "river": 0.3333,
        "street": 0.3333,
        "gap": 0.3333,
    }
    assert found["along_lines_share"] == 0.6667
    assert list(found["along"]) == ["community", "river", "rail", "arterial", "street", "drawn", "lane", "wall", "gap"]


def test_one_cell_has_no_inner_boundary() -> None:
    found = judged(board(2, 2, {}), [0, 0, 0, 0])
    assert found["inner_boundary_m"] == 0
    assert found["along_lines_share"] is None


def test_an_arterial_between_cells_is_not_inside_one() -> None:
    atoms = board(2, 2, {((100, 0), (100, 200)): Barrier.ARTERIAL})
    between, inside = judged(atoms, [0, 1, 0, 1]), judged(atoms, [0, 0, 1, 1])
    assert (between["arterial_inside_m"], between["cells_across_arterials"]) == (0, 0)
    assert (inside["arterial_inside_m"], inside["cells_across_arterials"]) == (200.0, 2)


def test_an_arterial_that_one_can_walk_around_is_inside_but_not_across() -> None:
    atoms = board(2, 2, {((100, 0), (100, 100)): Barrier.ARTERIAL})
    found = judged(atoms, [0, 0, 0, 0])
    assert (found["arterial_inside_m"], found["cells_across_arterials"]) == (100.0, 0)


def test_shape_and_deviation_are_those_of_the_definition() -> None:
    found = judged(board(4, 1, {}), [0, 1, 1, 1], Band(15, 25))
    assert (found["in_band"], found["in_band_share"]) == (0, 0.0)
    assert (found["deviation_mean_percent"], found["deviation_worst_percent"]) == (50.0, 50.0)
    square, three = np.pi / 4, 4 * np.pi * 3 / 8**2
    assert found["polsby_popper_mean"] == pytest.approx((square + three) / 2, abs=1e-3)
    assert found["polsby_popper_least"] == pytest.approx(three, abs=1e-3)


def test_a_level_without_a_band_has_no_share_in_it() -> None:
    found = judged(board(2, 1, {}), [0, 1])
    assert found["in_band"] is None
    assert found["deviation_worst_percent"] is None


def test_a_walk_stays_in_its_cell() -> None:
    # A horseshoe: its ends are 200 m apart, and 400 m on foot around the middle cell.
    found = judged(board(3, 2, {}), [0, 1, 0, 0, 0, 0])
    assert found["walk_worst_m"] == 400.0
    assert found["walk_mean_m"] == 200.0


def test_a_walk_leads_from_building_to_building() -> None:
    atoms = board(5, 1, {})
    steps = csr_array(atoms.graph(np.ones(len(Barrier))))
    built = np.array([False, True, False, True, False])
    assert walking_diameters(steps, np.zeros(5, np.int64), built).tolist() == [200.0]
    assert walking_diameters(steps, np.zeros(5, np.int64), np.zeros(5, np.bool_)).tolist() == [0.0]


def test_parts_that_do_not_touch_are_walked_one_by_one() -> None:
    found = judged(board(6, 1, {}), [0, 0, 1, 0, 0, 0])
    assert found["walk_worst_m"] == 200.0


def test_judging_leaves_the_plane_as_it_is() -> None:
    atoms = board(3, 3, {((100, 0), (100, 300)): Barrier.ARTERIAL})
    before = {name: getattr(atoms.plane, name).copy() for name in Plane.__dataclass_fields__}
    judged(atoms, [0, 0, 0, 1, 1, 1, 2, 2, 2])
    assert all((getattr(atoms.plane, name) == kept).all() for name, kept in before.items())
