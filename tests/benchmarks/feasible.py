"""Whether the cells of a plan that are out of band could have been in it.

Usage: feasible.py PLAN.gpkg [--sample N]

Prints, for each level with a band, how many cells are out of it and what can be proved of them: by bounds for all, and
by every division of their parents into connected grounds for a sample of the others at the lowest level, where
parents are small enough. Towers are divided as the project does, their households spread evenly over the floors.
"""

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.delineation.bands import Band
from gis.delineation.towers import dwelling_units, slice_grounds

# Divisions of so many inhabited atoms are counted within a second or two.
MOST_ATOMS = 9
_TOO_LARGE = "the parent is too large to try every division"


@dataclass(frozen=True)
class Drawn:
    """A plan, with what its file leaves out: which atoms are neighbours, and which buildings stand on them."""

    cells: pd.DataFrame
    atoms: pd.DataFrame
    graph: csr_array
    units: pd.DataFrame
    bands: dict[str, Band]

    @property
    def leaf(self) -> str:
        return list(self.bands)[-1]

    @classmethod
    def of(cls, path: Path) -> "Drawn":
        cells = pyogrio.read_dataframe(path, layer="cells", read_geometry=False).set_index("code")
        atoms = pyogrio.read_dataframe(path, layer="atoms")
        buildings = pyogrio.read_dataframe(path, layer="buildings")
        points = shapely.point_on_surface(buildings.geometry.to_numpy())
        row, atom = atoms.sindex.query(points, predicate="intersects")
        on_atom = np.full(len(buildings), -1)
        on_atom[row] = atom
        metadata = pyogrio.read_dataframe(path, layer="metadata").set_index("key")["value"]
        # The plan keeps dwellings by cell: floors are spread anew, as where only their number is given.
        nothing = pyogrio.read_dataframe(path, layer="dwellings", where="FALSE").drop(columns="cell_code")
        units = dwelling_units(buildings, nothing.astype({"households": "int64"}))
        ground = atoms["cell_code"].map(cells["ground_code"]).fillna(atoms["cell_code"])
        parents = cells.drop_duplicates("ground_code").set_index("ground_code")["parent_code"]
        return cls(
            cells,
            pd.DataFrame({"households": atoms["households"], "grid": ground.map(parents)}),
            neighbours(atoms.geometry.to_numpy()),
            units.assign(atom=on_atom[units["building"]]),
            {level: Band(*span) for level, span in json.loads(metadata["bands"]).items()},
        )

    def causes(self, level: str, band: Band, sample: int, seed: int = 0) -> Counter[str]:
        """Count the cells of a level out of band by what can be proved of them.

        Bounds are looked at for all cells, all divisions of their parents only for a sample of the rest.
        """
        there = self.cells[self.cells["level"] == level]
        total = there["households"]
        found: Counter[str] = Counter()
        rest = []
        for code, cell in there[(total < band.lower) | (total > band.upper)].iterrows():
            if cell["households"] == 0:
                found["nobody lives there"] += 1
            elif not band.divides(self._within(level, str(cell["parent_code"])).sum()):
                found["the parent's total cannot be divided"] += 1
            else:
                rest.append((str(code), str(cell["parent_code"])))
        chosen = np.random.default_rng(seed).permutation(len(rest))[:sample]
        parents = {rest[k][1] for k in chosen}
        answers = {parent: self._answer(parent, band) if level == self.leaf else _TOO_LARGE for parent in parents}
        for k in chosen:
            found["sampled: " + answers[rest[k][1]]] += 1
        if len(rest) > len(chosen):
            found["not sampled"] = len(rest) - len(chosen)
        return found

    def _within(self, level: str, parent: str) -> pd.Series:
        return self.cells["households"][(self.cells["parent_code"] == parent) & (self.cells["level"] == level)]

    def _answer(self, grid: str, band: Band) -> str:
        """Say what trying every division of a grid shows."""
        mine = np.flatnonzero(self.atoms["grid"].to_numpy() == grid)
        inner = self.graph[mine][:, mine]
        lived = np.flatnonzero(self.atoms["households"].to_numpy()[mine] > 0)
        if len(lived) > MOST_ATOMS:
            return _TOO_LARGE
        units = self.units[np.isin(self.units["atom"], mine[lived])]
        place = np.searchsorted(mine[lived], units["atom"].to_numpy())
        weights = np.bincount(place, units["households"], minlength=len(lived)).astype(np.int64)
        out = np.array([self._out(subset, weights, units, place, band) for subset in range(1 << len(lived))])
        drawn = self._within(self.leaf, grid)
        was = int(((drawn < band.lower) | (drawn > band.upper)).sum())
        direct = inner[lived][:, lived]
        if fewest_out(direct, out) < was:
            return f"a better division exists ({'all in band' if fewest_out(direct, out) == 0 else 'fewer out'})"
        # Inhabited atoms may also meet across empty ones: more than can be had at once, so that this is a bound.
        if fewest_out(across(inner, lived), out) < was:
            return "undecided: only across empty ground"
        return "no division of the parent is better"

    @staticmethod
    def _out(subset: int, weights: np.ndarray, units: pd.DataFrame, place: np.ndarray, band: Band) -> int:
        """Count the cells out of band if some atoms are one ground, divided by floors where a tower is on it."""
        chosen = np.flatnonzero(subset >> np.arange(len(weights)) & 1)
        total = int(weights[chosen].sum())
        if total <= band.upper:
            return 0 if band.holds(total) else 1
        rows = units[np.isin(place, chosen)]
        cell, _ = slice_grounds(rows.reset_index(drop=True), np.zeros(len(rows), np.int64), 1, band)
        held = np.bincount(cell, rows["households"])
        return int(((held < band.lower) | (held > band.upper)).sum())


def neighbours(shapes: np.ndarray) -> csr_array:
    """Return which polygons of a coverage share an edge, to the vertex."""
    points, cell = shapely.get_coordinates(shapely.boundary(shapes), return_index=True)
    _, node = np.unique(points, axis=0, return_inverse=True)
    along = cell[1:] == cell[:-1]
    ends = np.sort(np.column_stack([node[:-1], node[1:]])[along], axis=1)
    owner = cell[1:][along]
    order = np.lexsort((owner, ends[:, 1], ends[:, 0]))
    ends, owner = ends[order], owner[order]
    twice = (ends[1:] == ends[:-1]).all(axis=1) & (owner[1:] != owner[:-1])
    a, b = owner[:-1][twice], owner[1:][twice]
    graph = csr_array((np.ones(2 * len(a)), (np.r_[a, b], np.r_[b, a])), shape=(len(shapes), len(shapes)))
    graph.sum_duplicates()
    graph.data[:] = 1.0
    return graph


def across(graph: csr_array, lived: np.ndarray) -> csr_array:
    """Return which inhabited atoms meet, directly or across empty ones."""
    empty = np.setdiff1d(np.arange(graph.shape[0]), lived)
    _, pond = connected_components(graph[empty][:, empty], directed=False)
    shore = np.zeros((len(lived), int(pond.max(initial=-1)) + 1))
    touching = graph[lived][:, empty].tocoo()
    shore[touching.row, pond[touching.col]] = 1
    return csr_array(graph[lived][:, lived].toarray() + shore @ shore.T)


def fewest_out(graph: csr_array, out: np.ndarray) -> int:
    """Return the fewest cells out of band in any division into connected grounds, by dynamic programming on subsets."""
    near = [int(sum(1 << int(j) for j in graph[[i]].indices)) for i in range(graph.shape[0])]
    best = np.full(len(out), len(out))
    best[0] = 0
    whole = [is_connected(subset, near) for subset in range(len(out))]
    for subset in range(1, len(out)):
        first, part = subset & -subset, subset
        while part:
            if part & first and whole[part]:
                best[subset] = min(best[subset], out[part] + best[subset ^ part])
            part = (part - 1) & subset
    return int(best[-1])


def is_connected(subset: int, near: list[int]) -> bool:
    reached = grown = subset & -subset
    while grown:
        around = 0
        for i in range(len(near)):
            around |= near[i] if grown >> i & 1 else 0
        grown = around & subset & ~reached
        reached |= grown
    return reached == subset


def main() -> None:
    """Read the plan named on the command line and print what is found as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--sample", type=int, default=100)
    asked = parser.parse_args()
    drawn = Drawn.of(asked.plan)
    found = {level: drawn.causes(level, band, asked.sample) for level, band in drawn.bands.items()}
    print(json.dumps(found))  # noqa: T201 (what the program is for)


if __name__ == "__main__":
    main()
