"""The second checker of the certificate: plans made here byte by byte, their statements computed in another way."""

import ast
import contextlib
import hashlib
import itertools
import json
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.coverage import witness
from gis.coverage.witness import verify

Row = tuple[str, str, str | None, Any]
AREA = shapely.box(0, 0, 20, 10)
WEST, EAST = shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)
TOP: list[Row] = [("A", "grid", None, WEST), ("B", "grid", None, EAST)]
LEAVES: list[Row] = [
    ("A1", "micro", "A", shapely.Polygon([(0, 0), (4, 0), (4, 10), (0, 10)])),
    ("A2", "micro", "A", shapely.Polygon([(4, 0), (10, 0), (10, 10), (4, 10)])),
    ("B1", "micro", "B", EAST),
]
# The tops have the vertices of their children.
TOP[0] = ("A", "grid", None, shapely.Polygon([(0, 0), (4, 0), (10, 0), (10, 10), (4, 10), (0, 10)]))
AREA = shapely.Polygon([(0, 0), (4, 0), (10, 0), (20, 0), (20, 10), (10, 10), (4, 10), (0, 10)])
SOUND = [*TOP, *LEAVES]


def statement_of(rows: Sequence[Row], grounds: dict[str, str]) -> dict[str, Any]:
    """Compute what the statement on cells should be, with numpy."""
    levels = []
    for name in dict.fromkeys(row[1] for row in rows):
        polygons = {grounds.get(row[0], row[0]): row[3] for row in rows if row[1] == name}
        rings = [ring for shape in polygons.values() for ring in shapely.get_rings(shapely.get_parts(shape))]
        steps = [np.rint(shapely.get_coordinates(ring) * 1024).astype(np.int64) for ring in rings]
        edges = np.vstack([np.hstack([ring[:-1], ring[1:]]) for ring in steps])
        edges = edges[(edges[:, :2] != edges[:, 2:]).any(axis=1)]
        back = (edges[:, 0] > edges[:, 2]) | ((edges[:, 0] == edges[:, 2]) & (edges[:, 1] > edges[:, 3]))
        lines = np.unique(np.where(back[:, None], edges[:, [2, 3, 0, 1]], edges), axis=0)
        digest = hashlib.sha256(lines.astype("<i8").tobytes()).hexdigest()
        levels.append({"name": name, "cells": len(polygons), "edges": len(edges), "residue": 0, "sha256": digest})
    return {"valid": True, "steps_per_metre": 1024, "levels": levels}


def blob(shape: Any, order: int = 1) -> bytes | None:  # noqa: ANN401 (a geometry, bytes or nothing)
    if shape is None or isinstance(shape, bytes):
        return shape
    return b"GP\x00" + struct.pack("<Bi", 1, 4547) + shapely.to_wkb(shape, byte_order=order, flavor="iso")


def write(
    path: Path,
    rows: Sequence[Row] = SOUND,
    area: Sequence[Any] = (AREA,),
    *,
    grounds: dict[str, str] | None = None,
    statement: object = None,
    order: int = 1,
) -> Path:
    """Write a small plan file; its statement is the right one on its cells unless another is given."""
    grounds = grounds or {}
    statement = statement_of(rows, grounds) if statement is None else statement
    path.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT)")
        file.executemany("INSERT INTO gpkg_geometry_columns VALUES (?, ?)", [("cells", "shape"), ("area", "outline")])
        file.execute("CREATE TABLE cells (code, level, parent_code, ground_code, shape)")
        cells = [(code, level, up, grounds.get(code), blob(shape, order)) for code, level, up, shape in rows]
        file.executemany("INSERT INTO cells VALUES (?, ?, ?, ?, ?)", cells)
        file.execute("CREATE TABLE area (code, outline)")
        file.executemany("INSERT INTO area VALUES ('area', ?)", [(blob(shape, order),) for shape in area])
        file.execute("CREATE TABLE metadata (key TEXT, value TEXT)")
        file.execute("INSERT INTO metadata VALUES ('certificate', ?)", [json.dumps(statement)])
    return path


def changed(code: str, shape: Any, rows: Sequence[Row] = SOUND) -> list[Row]:  # noqa: ANN401 (a geometry or nothing)
    assert code in {row[0] for row in rows}
    return [(*row[:3], shape) if row[0] == code else row for row in rows]


def ringed(*rings: Sequence[tuple[float, float]]) -> shapely.Polygon:
    return shapely.Polygon(rings[0], rings[1:])


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "plan.gpkg"


@pytest.mark.parametrize("order", [0, 1], ids=["big-endian", "little-endian"])
def test_a_sound_plan_is_confirmed(place: Path, order: int) -> None:
    assert verify(write(place, order=order)) == []


def test_heights_parts_and_headers_with_bounds_are_read(place: Path) -> None:
    two = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2)])
    rest = shapely.MultiPolygon([shapely.box(1, 0, 2, 1), shapely.box(0, 1, 1, 2)])
    tower = shapely.force_3d(two, 7.5)
    edge = shapely.Polygon([(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)])
    bounds = struct.pack("<4d", 0, 2, 0, 2)
    long = b"GP\x00" + struct.pack("<Bi", 3, 4547) + bounds + shapely.to_wkb(rest)
    rows: list[Row] = [("A", "grid", None, tower), ("B", "grid", None, rest)]
    statement = statement_of(rows, {})
    assert verify(write(place, changed("B", long, rows), [edge], statement=statement)) == []
    assert verify(write(place, changed("B", two, rows), [edge])) != []


def test_files_written_by_gdal_are_read(place: Path) -> None:
    frame = gpd.GeoDataFrame(
        [(code, level, up, code) for code, level, up, _ in SOUND],
        columns=["code", "level", "parent_code", "ground_code"],
        geometry=[row[3] for row in SOUND],
        crs="EPSG:4547",
    )
    metadata = pd.DataFrame({"key": ["certificate"], "value": [json.dumps(statement_of(SOUND, {}))]})
    pyogrio.write_dataframe(frame, place, layer="cells", driver="GPKG")
    pyogrio.write_dataframe(gpd.GeoDataFrame(geometry=[AREA], crs=frame.crs), place, layer="area", append=True)
    pyogrio.write_dataframe(metadata, place, layer="metadata", append=True)
    assert verify(place) == []


def test_the_area_may_be_in_rows_that_meet(place: Path) -> None:
    assert verify(write(place, area=[TOP[0][3], EAST])) == []
    assert "rows overlap" in verify(write(place, area=[AREA, EAST]))[0]


def test_floors_of_one_ground_count_once(place: Path) -> None:
    rows = [*SOUND, ("B2", "micro", "B", EAST.reverse())]
    grounds = {"B1": "B1", "B2": "B1"}
    assert verify(write(place, rows, grounds=grounds)) == []
    other = shapely.box(10, 0, 20, 9)
    statement = statement_of(SOUND, {})
    complaints = verify(write(place, changed("B2", other, rows), grounds=grounds, statement=statement))
    assert any("cell B2" in text and "not the polygon of its ground B1" in text for text in complaints)
    moved = [(code, level, "A" if code == "B2" else up, shape) for code, level, up, shape in rows]
    assert any("wrong parent" in text for text in verify(write(place, moved, grounds=grounds)))
    upstairs = [("B'", "grid", None, EAST), *rows[:-1], ("B2", "micro", "B'", EAST)]
    assert verify(write(place, upstairs, grounds={**grounds, "B'": "B"})) == []


SHORT = shapely.Polygon([(4, 0), (10, 0), (10, 10), (5, 10)])
LONG = shapely.Polygon([(4, 0), (10, 0), (10, 10), (3, 10)])
BOW_TIE = ringed([(10, 0), (20, 10), (20, 0), (10, 10)])
EIGHT = ringed([(10, 0), (15, 5), (20, 0), (20, 10), (15, 5), (10, 10)])
SPIKE = ringed([(10, 0), (20, 0), (20, 10), (15, 10), (15, 12), (15, 10), (10, 10)])
BESIDE = ringed([(10, 0), (20, 0), (20, 10), (10, 10)], [(30, 0), (31, 0), (31, 1)])
PIERCING = ringed([(10, 0), (20, 0), (20, 10), (10, 10)], [(18, 4), (22, 4), (22, 6)])
NESTED = ringed([(10, 0), (20, 0), (20, 10), (10, 10)], [(12, 2), (18, 2), (18, 8)], [(15, 3), (17, 3), (17, 5)])
SHARING = ringed([(10, 0), (20, 0), (20, 10), (10, 10)], [(20, 2), (20, 8), (15, 5)])
CURLED = ringed([(10, 0), (20, 0), (20, 10), (15, 0), (10, 10)])
LAPPED = shapely.MultiPolygon([shapely.box(10, 0, 16, 10), shapely.box(14, 0, 20, 10)])
INNER = shapely.MultiPolygon([EAST, shapely.box(12, 2, 14, 4)])
TWICE = shapely.MultiPolygon([EAST, EAST])
LENT = shapely.MultiPolygon([shapely.box(10, 0, 14, 10), ringed([*EAST.exterior.coords], [(11, 1), (12, 1), (12, 2)])])
# The hole of one part is outside its shell, but in the other part: their sum winds once.
STRAY = shapely.MultiPolygon(
    [ringed([(10, 0), (14, 0), (14, 10), (10, 10)], [(16, 1), (17, 1), (17, 2)]), shapely.box(15, 0, 20, 10)]
)


@pytest.mark.parametrize(
    ("code", "shape", "saying"),
    [
        (
            "A2",
            SHORT,
            "level micro: the cells in A cover 5.000000 m² too little: a gap, near (4.000, 0.000), at A1, A2",
        ),
        ("A2", LONG, "level micro: the cells in A cover 5.000000 m² too much: an overlap"),
        ("B1", shapely.box(10, 0, 21, 10), "level micro: the cells in B cover 10.000000 m² too much"),
        (
            "A1",
            ringed([(0, 0), (4, 0), (4, 5), (4, 10), (0, 10)]),
            "level micro: the cells in A have a vertex unmatched",
        ),
        ("B1", BOW_TIE, "level micro: cell B1: two edges cross"),
        ("B", BOW_TIE, "level grid: cell B: two edges cross"),
        ("B1", EIGHT, "level micro: cell B1: a ring touches or crosses itself at (15.000, 5.000)"),
        ("B1", CURLED, "level micro: cell B1: a ring touches or crosses itself at (15.000, 0.000)"),
        ("B1", SPIKE, "level micro: cell B1: two edges overlap from (15.000, 10.000)"),
        ("B1", BESIDE, "level micro: cell B1: a hole is not inside its shell"),
        ("B1", PIERCING, "level micro: cell B1: two edges cross"),
        ("B1", NESTED, "level micro: cell B1: a hole is not inside its shell"),
        ("B1", SHARING, "level micro: cell B1: two edges overlap from (20.000, 2.000)"),
        ("B1", STRAY, "level micro: cell B1: a hole is not inside its shell"),
        ("B1", LAPPED, "level micro: cell B1: its parts overlap: two edges overlap"),
        (
            "B1",
            INNER,
            "level micro: cell B1: its parts overlap: a hole is not inside its shell, or land is covered twice",
        ),
        ("B1", TWICE, "level micro: cell B1: its parts overlap"),
        ("B1", LENT, "level micro: cell B1: its parts overlap"),
        ("B1", ringed([(10, 0), (20, 0), (10, 0)]), "level micro: cell B1: two edges overlap from (10.000, 0.000)"),
        (
            "B1",
            ringed([(10, 0), (10.0001, 0), (10, 0.0001)]),
            "level micro: cell B1: it has a ring that is open, or without",
        ),
        ("B1", shapely.Polygon(), "level micro: cell B1: it has no polygon"),
        ("B1", shapely.MultiPolygon(), "level micro: cell B1: it has no polygon"),
        ("B1", shapely.Point(1, 1), "level micro: cell B1: it is not a polygon"),
        ("B1", shapely.MultiPoint([(1, 1)]), "level micro: cell B1: it is not a polygon"),
        ("B1", blob(EAST)[:-3], "level micro: cell B1: its geometry cannot be read"),
        ("B1", blob(EAST).replace(struct.pack("<d", 20), struct.pack("<d", np.nan)), "coordinates that are no metres"),
        ("B1", blob(EAST).replace(struct.pack("<d", 20), struct.pack("<d", 1e200)), "coordinates that are no metres"),
        ("B1", blob(EAST)[:-16] + struct.pack("<2d", 11, 0), "it has a ring that is open"),
        ("B1", b"GP", "its geometry cannot be read"),
        ("B1", b"GP\x00\x0f" + bytes(100), "its geometry cannot be read"),
        ("B1", b"GP\x00\x01" + bytes(4) + struct.pack("<BII", 1, 4003, 0), "its geometry cannot be read"),
        ("B1", b"", "it has no GeoPackage geometry"),
        ("B1", None, "it has no GeoPackage geometry"),
    ],
)
def test_what_is_wrong_is_said(place: Path, code: str, shape: Any, saying: str) -> None:  # noqa: ANN401
    plain = isinstance(shape, shapely.Geometry) and shapely.get_dimensions(shape) == 2 and not shape.is_empty
    statement = statement_of(changed(code, shape) if plain else SOUND, {})
    complaints = verify(write(place, changed(code, shape), statement=statement))
    assert any(saying in text for text in complaints), complaints


def test_coordinates_between_steps_go_to_the_nearest_or_the_even_one(place: Path) -> None:
    # In steps: −1.5, 0.5, 2.5 and 3.75 become −2, 0, 2 and 4.
    west, middle, east = (shapely.box(x / 1024, 0, y / 1024, 1) for x, y in ((-1.5, 0.5), (0.5, 2.5), (2.5, 3.75)))
    rows: list[Row] = [("A", "grid", None, west), ("B", "grid", None, middle), ("C", "grid", None, east)]
    area = ringed([(x / 1024, y) for x, y in [(-2, 0), (0, 0), (2, 0), (4, 0), (4, 1), (2, 1), (0, 1), (-2, 1)]])
    assert verify(write(place, rows, [area])) == []


def test_a_gap_and_an_overlap_of_one_step_are_found(place: Path) -> None:
    for step in (-1 / 1024, 1 / 1024):
        bent = ringed([(4, 0), (10, 0), (10, 10), (4 + step, 10)])
        assert any("level micro: the cells in A cover" in text for text in verify(write(place, changed("A2", bent))))


def test_a_defect_of_the_area_is_said(place: Path) -> None:
    assert verify(write(place, area=[ringed([(0, 0), (20, 10), (20, 0), (0, 10)])])) == [
        "the area: two edges cross, those from (0.000, 0.000) and (0.000, 10.000)"
    ]
    assert "too much: an overlap or land outside" in verify(write(place, area=[]))[0]
    assert "too little: a gap" in verify(write(place, area=[shapely.box(0, 0, 20, 11)]))[0]


def test_a_child_under_the_wrong_parent_is_found(place: Path) -> None:
    rows = [(code, level, "B" if code == "A2" else up, shape) for code, level, up, shape in SOUND]
    complaints = verify(write(place, rows))
    assert len(complaints) == 2
    assert all("level micro" in text and "a cell under the wrong parent" in text for text in complaints)
    assert "at A1" in complaints[0]
    assert "A2" in complaints[1]


@pytest.mark.parametrize("parent", [None, "C", "A1"])
def test_a_child_without_parent_is_found(place: Path, parent: str | None) -> None:
    rows = [(code, level, parent if code == "A2" else up, shape) for code, level, up, shape in SOUND]
    assert f"level micro: cell A2: its parent {parent} is no sound cell of the level above" in verify(
        write(place, rows)
    )


def test_a_parent_without_children_is_found(place: Path) -> None:
    complaints = verify(write(place, SOUND[:-1]))
    assert complaints == [
        "level micro: the cells in B cover 100.000000 m² too little: a gap, near (10.000, 0.000), at "
    ]


def test_cells_that_are_not_of_the_statement_are_found(place: Path) -> None:
    statement = statement_of(SOUND, {})
    rows: list[Row] = [*SOUND, ("X", "other", None, EAST)]
    assert verify(write(place, rows, statement=statement)) == ["cell X: the statement has no level other"]
    assert "cell B1: 2 cells have this code" in verify(write(place, [*SOUND, SOUND[-1]]))


@pytest.mark.parametrize(
    ("key", "value"), [("cells", 4), ("edges", 15), ("residue", 1), ("sha256", "0" * 64), ("sha256", None)]
)
def test_a_wrong_figure_is_found(place: Path, key: str, value: object) -> None:
    statement = statement_of(SOUND, {})
    true = statement["levels"][1][key]
    statement["levels"][1][key] = value
    saying = f"level micro: the statement says {key} {value}, its sound cells {true}"
    assert verify(write(place, statement=statement)) == [saying]


@pytest.mark.parametrize("change", [{"valid": False}, {"valid": None}, {"steps_per_metre": 1000}])
def test_a_statement_of_something_else_is_found(place: Path, change: dict[str, Any]) -> None:
    saying = ["the statement does not say that the plan is valid on a lattice of 1/1024 m"]
    assert verify(write(place, statement=statement_of(SOUND, {}) | change)) == saying


def test_the_hash_is_of_these_bytes(place: Path) -> None:
    # Lines by hand: the square of 2 by 1 metres, each once, the smaller end first, in order.
    lines = [(0, 0, 0, 1024), (0, 0, 2048, 0), (0, 1024, 2048, 1024), (2048, 0, 2048, 1024)]
    digest = hashlib.sha256(b"".join(struct.pack("<4q", *line) for line in lines)).hexdigest()
    level = {"name": "grid", "cells": 1, "edges": 4, "residue": 0, "sha256": digest}
    square = shapely.box(0, 0, 2, 1)
    statement = {"valid": True, "steps_per_metre": 1024, "levels": [level]}
    assert verify(write(place, [("A", "grid", None, square)], [square], statement=statement)) == []


@pytest.mark.parametrize(
    ("hole", "fill"),
    [
        pytest.param([(0, 0), (3, 2), (2, 3)], [(0, 0), (3, 2), (2, 3)], id="at a corner"),
        pytest.param([(0, 5), (3, 4), (3, 6)], [(0, 5), (3, 4), (3, 6)], id="within an edge"),
        pytest.param([(5, 0), (6, 3), (4, 3)], [(5, 0), (6, 3), (4, 3)], id="within the edge below"),
        pytest.param([(3, 3), (6, 3), (6, 6)], [(3, 3), (6, 3), (6, 6)], id="nowhere"),
    ],
)
def test_a_hole_may_touch_its_shell_in_one_point(
    place: Path, hole: list[tuple[float, float]], fill: list[tuple[float, float]]
) -> None:
    square = shapely.box(0, 0, 10, 10)
    around = ringed(list(square.exterior.coords), hole)
    assert around.is_valid
    rows: list[Row] = [("A", "grid", None, around), ("B", "grid", None, ringed(fill))]
    assert verify(write(place, rows, [square])) == []


def test_complaints_end_after_twenty(place: Path) -> None:
    squares = [shapely.box(x, 0, x + 1, 1) for x in range(30)]
    rows: list[Row] = [(f"C{k}", "other", None, square) for k, square in enumerate(squares)]
    complaints = verify(write(place, rows, statement=statement_of(SOUND, {})))
    assert len(complaints) == 21
    assert complaints[-1].startswith("and ")
    assert complaints[-1].endswith(" more")


@pytest.mark.parametrize(
    "statement",
    [
        *([], {}, "yes", {"levels": None}, {"levels": []}, {"levels": [{}]}, {"levels": ["grid"]}),
        {"levels": [{"name": "grid"}, {"name": "grid"}]},
    ],
)
def test_what_is_no_statement_cannot_be_read(place: Path, statement: object) -> None:
    with pytest.raises(ValueError, match="certificate"):
        verify(write(place, statement=statement))


def test_what_is_no_plan_file_cannot_be_read(tmp_path: Path, place: Path) -> None:
    text = tmp_path / "text.gpkg"
    text.write_text("no database " * 100, encoding="utf-8")
    bare, many = write(tmp_path / "bare.gpkg"), write(place)
    with contextlib.closing(sqlite3.connect(bare)) as file, file:
        file.execute("DROP TABLE area")
    with contextlib.closing(sqlite3.connect(many)) as file, file:
        file.execute("INSERT INTO metadata SELECT * FROM metadata")
    for path in (text, bare, many, tmp_path, tmp_path / "none.gpkg"):
        with pytest.raises(ValueError, match="not a plan file with a certificate"):
            verify(path)
    assert not (tmp_path / "none.gpkg").exists()


def test_the_command_needs_python_alone(place: Path, tmp_path: Path) -> None:
    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", witness.__file__, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)

    good = run(write(place))
    assert (good.returncode, good.stdout, good.stderr) == (0, "confirmed: grid 2 cells, micro 3 cells\n", "")
    bad = run(write(place, changed("B1", BOW_TIE)))
    assert bad.returncode == 1
    assert "cell B1: two edges cross" in bad.stdout
    for arguments in ([], [place, place], [tmp_path / "none.gpkg"]):
        none = run(*arguments)
        assert none.returncode == 2
        assert none.stdout == ""
        assert none.stderr.count("\n") == 1


def test_it_imports_the_standard_library_alone() -> None:
    tree = ast.parse(Path(witness.__file__).read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert len(names) > 5
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
    assert not any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree))
    assert "__import__" not in ast.dump(tree)


def merged(labels: Sequence[int], width: int) -> dict[int, shapely.Geometry]:
    """Union unit squares by label, all lattice vertices kept."""
    groups: dict[int, list[shapely.Polygon]] = {}
    for k, label in enumerate(labels):
        x, y = divmod(k, width)
        groups.setdefault(label, []).append(shapely.box(x, y, x + 1, y + 1))
    return {label: shapely.coverage_union_all(squares) for label, squares in groups.items()}


def dense(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.segmentize(shape, 1.0)


@st.composite
def tilings(draw: st.DrawFn) -> tuple[list[Row], shapely.Geometry]:
    width, height = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    labels = draw(st.lists(st.integers(0, 6), min_size=width * height, max_size=width * height))
    tops = draw(st.lists(st.integers(0, 2), min_size=7, max_size=7))
    leaves = merged(labels, width)
    above = merged([tops[label] for label in labels], width)
    rows: list[Row] = [(f"T{top}", "grid", None, dense(shape)) for top, shape in above.items()]
    rows += [(f"L{leaf}", "micro", f"T{tops[leaf]}", dense(shape)) for leaf, shape in leaves.items()]
    return rows, dense(shapely.box(0, 0, height, width))


@given(tilings())
@settings(max_examples=150, deadline=None)
def test_any_tiling_is_confirmed(tmp_path_factory: pytest.TempPathFactory, tiling: tuple[list[Row], Any]) -> None:
    rows, area = tiling
    assert all(row[3].is_valid for row in rows)
    assert verify(write(tmp_path_factory.getbasetemp() / "tiling.gpkg", rows, [area])) == []


@given(tilings(), st.data())
@settings(max_examples=150, deadline=None)
def test_any_vertex_moved_is_refused(
    tmp_path_factory: pytest.TempPathFactory, tiling: tuple[list[Row], Any], data: st.DataObject
) -> None:
    rows, area = tiling
    which = data.draw(st.integers(0, len(rows) - 1))
    code, level, parent, shape = rows[which]
    corners = np.unique(shapely.get_coordinates(shape), axis=0)
    corner = corners[data.draw(st.integers(0, len(corners) - 1))]
    move = data.draw(st.tuples(*[st.integers(-2048, 2048)] * 2).filter(any))
    moved = shapely.transform(
        shape, lambda xy: np.where((xy == corner).all(axis=1)[:, None], xy + np.array(move) / 1024, xy)
    )
    rows = [*rows[:which], (code, level, parent, moved), *rows[which + 1 :]]
    complaints = verify(write(tmp_path_factory.getbasetemp() / "moved.gpkg", rows, [area]))
    assert any(f"level {level}: " in text for text in complaints)


coordinates = st.tuples(st.integers(0, 6), st.integers(0, 6))


@given(st.lists(st.lists(coordinates, min_size=3, max_size=7, unique=True), min_size=1, max_size=3))
@settings(max_examples=400, deadline=None)
def test_polygons_are_judged_as_geos_judges_them(rings: list[list[tuple[int, int]]]) -> None:
    polygon = shapely.Polygon(rings[0], rings[1:])
    reason = shapely.is_valid_reason(polygon)
    try:
        witness._proved(blob(polygon))  # noqa: SLF001 (the heart of the matter)
    except ValueError:
        sound = False
    else:
        sound = True
    # Rings that touch twice cut the inside apart: land is covered once all the same, if nothing else is wrong.
    assert sound == (reason == "Valid Geometry") or reason.startswith("Interior is disconnected")


@given(st.lists(st.lists(coordinates, min_size=3, max_size=5, unique=True), min_size=2, max_size=3))
@settings(max_examples=400, deadline=None)
def test_parts_are_judged_as_geos_judges_them(rings: list[list[tuple[int, int]]]) -> None:
    shape = shapely.MultiPolygon([shapely.Polygon(ring) for ring in rings])
    try:
        witness._proved(blob(shape))  # noqa: SLF001 (the heart of the matter)
    except ValueError:
        sound = False
    else:
        sound = True
    assert sound == shape.is_valid


def test_a_cell_of_many_edges_is_fast() -> None:
    turns = np.linspace(0, 2 * np.pi, 4001)[:-1]
    star = np.column_stack([np.cos(turns), np.sin(turns)]) * (900 + 90 * (np.arange(4000) % 2))[:, None]
    steps = itertools.count()
    real = witness._turn  # noqa: SLF001 (what is counted)

    def counted(a: Any, b: Any, c: Any) -> int:  # noqa: ANN401
        next(steps)
        return real(a, b, c)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(witness, "_turn", counted)
        witness._proved(blob(shapely.Polygon(star)))  # noqa: SLF001 (the heart of the matter)
    # Each edge against each would be 8 million.
    assert next(steps) < 400_000
