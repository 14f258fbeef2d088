"""A second checker of the certificate in a plan file: it shares no code with what drew, proved and wrote the plan.

It needs the standard library alone (`python gis/coverage/witness.py plan.gpkg` runs as it is) and counts in Python's
integers, on a lattice of 1/1024 m. It proves that every square metre of the area belongs to exactly one cell of each
level, and that children tile their parents. Why:

1. A closed chain of directed edges winds around each point of the plane some number of times; a sum of chains does so
   as often as its members together. `_sweep` shows of each cell's boundary ∂c that no two edges cross or overlap, and
   that from below to above, edges with land above them alternate with edges that end it: ∂c winds once around each
   point of c and never around any other. The same is shown of ∂area.
2. `_left_over` shows that Σ∂cells − ∂area is nought, edge by edge. Equal chains wind equally: each point of the area
   lies in exactly one cell, each point outside in none. The same sum within each parent proves the nesting.
3. The figures of the statement (cells, edges, hash of the lines) are those of the cells in this file.
"""

import hashlib
import json
import sqlite3
import struct
import sys
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from functools import cmp_to_key
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

STEPS = 1024
MOST = 20
POLYGON, MULTIPOLYGON = 3, 6
# In steps, coordinates must fit the 64 bits in which they are hashed.
FARTHEST_M = 2.0**52
Point = tuple[int, int]
Edge = tuple[Point, Point]
Ring = list[Edge]
Grounds = dict[Any, Ring]  # boundary by ground code
Cell = tuple[Any, ...]  # code, level, parent code, ground code, geometry
Active = tuple[Point, Point, bool, int]  # left end, right end, whether land lies above, ring


def verify(path: str | Path) -> list[str]:
    """Say what is wrong with the certificate of a plan file: nothing, if it holds; ValueError, if there is none."""
    statement, cells, area = _read(path)
    try:
        rim = _rim(area)
    except ValueError as error:
        return [f"the area: {error}"]
    found = [f"cell {code}: {n} cells have this code" for code, n in Counter(c[0] for c in cells).items() if n > 1]
    names = [level["name"] for level in statement["levels"]]
    found += [f"cell {cell[0]}: the statement has no level {cell[1]}" for cell in cells if cell[1] not in names]
    if statement.get("valid") is not True or statement.get("steps_per_metre") != STEPS:
        found.append(f"the statement does not say that the plan is valid on a lattice of 1/{STEPS} m")
    wholes: Grounds = {"the area": rim}
    above: dict[Any, Any] = {None: "the area"}
    for level in statement["levels"]:
        here = [cell for cell in cells if cell[1] == level["name"]]
        wholes = _level(level, here, above, wholes, rim, found)
        above = {cell[0]: cell[3] for cell in here}
    return [*found[:MOST], *([f"and {len(found) - MOST} more"] if len(found) > MOST else [])]


def _read(path: str | Path) -> tuple[dict[str, Any], list[Cell], list[Any]]:
    """Read the statement, the cells and the geometries of the area."""
    try:
        with closing(sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)) as file:
            column = dict(file.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
            ((text,),) = file.execute("SELECT value FROM metadata WHERE key = 'certificate'")
            file.row_factory = sqlite3.Row
            names = ("code", "level", "parent_code", "ground_code", column["cells"])
            cells = [tuple(row[name] for name in names) for row in file.execute("SELECT * FROM cells")]
            area = [row[column["area"]] for row in file.execute("SELECT * FROM area")]
        statement = json.loads(text)
        levels = Counter(str(stated["name"]) for stated in statement["levels"])
    except (sqlite3.Error, LookupError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not a plan file with a certificate: {' '.join(str(error).split())}") from error
    if set(levels.values()) != {1}:
        raise ValueError(f"{path}: its certificate names no level, or one twice")
    return statement, [(c, level, up, c if g is None else g, shape) for c, level, up, g, shape in cells], area


def _level(
    stated: dict[str, Any], cells: list[Cell], above: dict[Any, Any], wholes: Grounds, rim: Ring, found: list[str]
) -> Grounds:
    """Add what is wrong with a level to what is found; return the boundary of each of its grounds."""
    name, grounds = f"level {stated['name']}", Grounds()
    members: dict[Any, Grounds] = {whole: {} for whole in wholes}
    for code, _, parent, ground, shape in cells:
        try:
            edges = list(chain.from_iterable(_proved(shape)))
            if set(grounds.setdefault(ground, edges)) != set(edges):
                found.append(f"{name}: cell {code}: it is not the polygon of its ground {ground}")
            members[above[parent]][ground] = edges
        except ValueError as error:
            found.append(f"{name}: cell {code}: {error}")
        except KeyError:
            found.append(f"{name}: cell {code}: its parent {parent} is no sound cell of the level above")
    astray = "" if _left_over(grounds.values(), rim) else ", a cell under the wrong parent"
    texts = [(whole, _mismatch(within, wholes[whole])) for whole, within in members.items()]
    found += [f"{name}: the cells in {whole} {text}{astray}" for whole, text in texts if text]
    lines = sorted({(min(edge), max(edge)) for edge in chain.from_iterable(grounds.values())})
    digest = hashlib.sha256(b"".join(struct.pack("<4q", *p, *q) for p, q in lines)).hexdigest()
    counted = {"cells": len(grounds), "edges": sum(map(len, grounds.values())), "residue": 0, "sha256": digest}
    told = [(key, stated.get(key), value) for key, value in counted.items()]
    found += [f"{name}: the statement says {key} {old}, its sound cells {new}" for key, old, new in told if old != new]
    return grounds


def _mismatch(cells: Grounds, whole: Ring) -> str:
    """Say how cells fail to tile a whole; nothing, if they do."""
    left = _left_over(cells.values(), whole)
    if not left:
        return ""
    lines = left.keys() | {(q, p) for p, q in left}
    codes = sorted(str(code) for code, ring in cells.items() if not lines.isdisjoint(ring))
    excess = _double_area(left.elements()) / 2 / STEPS**2
    what = f"cover {abs(excess):.6f} m² too {'much: an overlap or land outside' if excess > 0 else 'little: a gap'}"
    what = what if excess else "have a vertex unmatched, or a gap as large as an overlap"
    return f"{what}, near {_metres(min(left)[0])}, at {', '.join(codes[:MOST])}"


def _left_over(cells: Iterable[Ring], whole: Ring) -> Counter[Edge]:
    """Sum the edges of cells and the whole's turned round; return those not used exactly once in each direction."""
    used = Counter(chain(chain.from_iterable(cells), ((q, p) for p, q in whole)))
    return Counter({edge: n for edge, n in used.items() if n != 1 or used[edge[::-1]] != 1})


def _rim(area: Iterable[bytes]) -> Ring:
    """Return the outline of the rows of the area, without the edges between them."""
    rings = [ring for shape in area for ring in _proved(shape)]
    every = set(chain.from_iterable(rings))
    rings = [[(p, q) for p, q in ring if (q, p) not in every] for ring in rings]
    _sweep(rings, "its rows overlap: ")
    return list(chain.from_iterable(rings))


def _proved(shape: bytes) -> list[Ring]:
    """Return the rings of a geometry whose parts are valid polygons and do not overlap."""
    if not isinstance(shape, bytes) or shape[:2] != b"GP":
        raise ValueError("it has no GeoPackage geometry")
    try:
        parts, _ = _polygons(shape, 8 + (0, 32, 48, 48, 64)[shape[3] >> 1 & 7])
    except (struct.error, LookupError, RecursionError) as error:
        raise ValueError(f"its geometry cannot be read: {error}") from error
    if not parts or not all(parts):
        raise ValueError("it has no polygon")
    for rings in parts:
        _sweep(rings)
    every = list(chain.from_iterable(parts))
    if len(parts) > 1:
        _sweep(every, "its parts overlap: ")
    return every


def _polygons(wkb: bytes, at: int) -> tuple[list[list[Ring]], int]:
    """Read polygons from a place on: the rings of each, the shell first; and the place after them."""
    order = "<" if wkb[at] else ">"
    code, count = struct.unpack_from(f"{order}II", wkb, at + 1)
    height, kind = divmod(code, 1000)
    width, at = (2, 3, 3, 4)[height], at + 9
    parts: list[list[Ring]] = []
    rings: list[Ring] = []
    if kind not in {POLYGON, MULTIPOLYGON}:
        raise ValueError("it is not a polygon")
    for _ in range(count):
        if kind == MULTIPOLYGON:
            more, at = _polygons(wkb, at)
            parts += more
        else:
            (n,) = struct.unpack_from(f"{order}I", wkb, at)
            flat = struct.unpack_from(f"{order}{n * width}d", wkb, at + 4)
            rings.append(_ring(list(zip(flat[::width], flat[1::width], strict=True)), hole=bool(rings)))
            at += 4 + 8 * n * width
    return parts or [rings], at


def _ring(metres: list[tuple[float, float]], *, hole: bool) -> Ring:
    """Return the edges of a ring on the lattice, land on their left."""
    if not all(abs(value) < FARTHEST_M for value in chain.from_iterable(metres)):
        raise ValueError("it has coordinates that are no metres")
    points = [(round(x * STEPS), round(y * STEPS)) for x, y in metres]
    ring = [(p, q) for p, q in pairwise(points) if p != q]
    if not ring or points[0] != points[-1]:
        raise ValueError("it has a ring that is open, or without area")
    return ring if (_double_area(ring) > 0) != hole else [(q, p) for p, q in ring]


def _sweep(rings: Sequence[Ring], so: str = "") -> None:
    """Refuse rings that cross, overlap, touch themselves, or wind otherwise than once around land.

    A line goes over the plane from left to right, with the edges it meets in order from below to above; of points above
    each other, the lower counts as the left one. The order changes at vertices only, where it is known to the last bit:
    edges that cross elsewhere become neighbours before they do, and are found as such.
    """
    starts: dict[Point, list[Active]] = defaultdict(list)
    for number, ring in enumerate(rings):
        for p, q in ring:
            starts[min(p, q)].append((min(p, q), max(p, q), p < q, number))
    active: list[Active] = []
    miswound = None
    for p in sorted({p for ring in rings for edge in ring for p in edge}):
        low = bisect_left(active, 0, key=lambda e: _turn(e[1], e[0], p))
        high = bisect_right(active, 0, lo=low, key=lambda e: _turn(e[1], e[0], p))
        met = active[low:high]
        # An edge that another ring touches here goes on from here.
        new = starts[p] + [(p, e[1], e[2], e[3]) for e in met if e[1] != p]
        new.sort(key=cmp_to_key(_slopes))
        if any(not _turn(p, e[1], f[1]) for e, f in pairwise(new)):
            raise ValueError(f"{so}two edges overlap from {_metres(p)}")
        if len(met) + len(new) > len({e[3] for e in met + new}) * 2:
            raise ValueError(f"{so}a ring touches or crosses itself at {_metres(p)}")
        active[low:high] = new
        for e, f in pairwise(active[max(low - 1, 0) : low + len(new) + 1]):
            if all(_turn(*a[:2], b[0]) * _turn(*a[:2], b[1]) < 0 for a, b in ((e, f), (f, e))):
                raise ValueError(f"{so}two edges cross, those from {_metres(e[0])} and {_metres(f[0])}")
            miswound = miswound or (p if e[2] == f[2] else None)
        if active and (active[-1][2] or not active[0][2]):
            miswound = miswound or p
    # Not sooner: a ring that crosses itself winds wrong as well.
    if miswound:
        raise ValueError(f"{so}a hole is not inside its shell, or land is covered twice, at {_metres(miswound)}")


def _double_area(edges: Iterable[Edge]) -> int:
    return sum(p[0] * q[1] - p[1] * q[0] for p, q in edges)


def _turn(a: Point, b: Point, c: Point) -> int:
    """Above nought where c is on the left of the way from a to b, nought where it is on their line."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _slopes(e: Active, f: Active) -> int:
    return _turn(e[0], f[1], e[1])


def _metres(place: Point) -> str:
    return f"({place[0] / STEPS:.3f}, {place[1] / STEPS:.3f})"


def main(arguments: Sequence[str]) -> int:
    """Print the verdict on a plan file: 0 confirmed, 1 not confirmed, 2 not readable."""
    try:
        (path,) = arguments
        complaints = verify(path)
        counts = [f"{stated['name']} {stated['cells']} cells" for stated in _read(path)[0]["levels"] if not complaints]
    except (ValueError, OSError) as error:
        sys.stderr.write(f"witness: {error if len(arguments) == 1 else 'give one plan file'}\n")
        return 2
    sys.stdout.write("\n".join(complaints or [f"confirmed: {', '.join(counts)}"]) + "\n")
    return int(bool(complaints))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
