"""The land of a plan while it is edited: what can move, and what it touches."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array

from gis.arrays import Floats, Geometries, Ints
from gis.barriers import Barrier
from gis.coverage.certificate import Tiling, certify
from gis.coverage.lattice import to_lattice
from gis.delineation.atoms import Atoms
from gis.delineation.bands import Band
from gis.delineation.delineate import Drawing
from gis.delineation.former import atoms_again, levels_of, town_of
from gis.delineation.settle import sides_of, symmetric
from gis.delineation.towers import dwelling_units
from gis.errors import InputError
from gis.plan import COMMUNITY, Plan
from gis.sources.town import Town


@dataclass(frozen=True)
class Edges:
    """Lines between atoms: rows of the atoms left and right, strength (`gis.barriers.Barrier`), metres; all (e,)."""

    left: Ints
    right: Ints
    strength: Ints
    metres: Floats


@dataclass(frozen=True)
class Land:
    """What a plan divides: it stays as it is, whatever cells are drawn on it.

    Attributes
    ----------
    plan
        The plan that is edited.
    town
        What it was drawn for.
    atoms
        Its pieces of land, in the order of the plan's layer `atoms`, with the plane that carries them.
    shapes : (n,) array of Polygons
        Of the atoms, on the lattice.
    graph : (n, n) sparse array
        Costs of the boundary between neighbouring atoms, as the plan was drawn (`Atoms.graph`).
    units
        Dwellings that can change cells by themselves, where floors divide a ground: `building` (row), `entrance`,
        `floor_from`, `floor_to`, `households`, `atom` (row), `cell` (code in the plan).
    """

    plan: Plan
    town: Town
    atoms: Atoms
    shapes: Geometries
    graph: csr_array
    units: pd.DataFrame

    @classmethod
    def of(cls, plan: Plan) -> "Land":
        """Lay the land of a plan again, and prove that its atoms tile its cells.

        Raises
        ------
        InputError
            Where the atoms do not tile the cells, or cannot be laid again from the lines of the plan.
        """
        shapes = plan.atoms.geometry.to_numpy()
        _require_known_lines(plan)
        _require_tiles(plan, shapes)
        town = town_of(plan)
        atoms = _laid(plan, town, shapes)
        graph = atoms.graph(Drawing(**plan.metadata["drawing"]).per_metre())
        return cls(plan, town, atoms, shapes, graph, _units(plan, town, atoms))

    @cached_property
    def bands(self) -> dict[str, Band]:
        """Of each level that has one."""
        return {level: Band(*band) for level, band in self.plan.metadata["bands"].items()}

    @cached_property
    def households(self) -> list[int]:
        """Of each atom."""
        return self.atoms.households.tolist()

    @cached_property
    def unit_households(self) -> list[int]:
        """Of each unit."""
        return self.units["households"].tolist()

    @cached_property
    def atom_of_unit(self) -> list[int]:
        """Row of the atom on which each unit stands."""
        return self.units["atom"].tolist()

    @cached_property
    def units_on(self) -> dict[int, list[int]]:
        """Rows of the units on each atom that has any."""
        found: dict[int, list[int]] = {}
        for unit, atom in enumerate(self.atom_of_unit):
            found.setdefault(atom, []).append(unit)
        return found

    @cached_property
    def codes(self) -> frozenset[str]:
        """Codes that were ever given: those of the plan, and those given up before."""
        return frozenset({*self.plan.cells["code"], *self.plan.metadata.get("retired", {})})

    @cached_property
    def near(self) -> list[list[int]]:
        """Rows of the neighbours of each atom."""
        first, rows = self.graph.indptr.tolist(), self.graph.indices.tolist()
        return [rows[start:end] for start, end in pairwise(first)]

    @cached_property
    def edges(self) -> Edges:
        """Edges of the plane between two atoms."""
        plane = self.atoms.plane
        left, right = sides_of(plane, self.atoms.of_face)
        inner = (left != right) & (left >= 0) & (right >= 0)
        return Edges(left[inner], right[inner], plane.strength[inner], plane.lengths[inner])

    @cached_property
    def borders(self) -> list[dict[int, float]]:
        """Metres of border of each atom with each of its neighbours."""
        edges = self.edges
        metres = symmetric(edges.left, edges.right, edges.metres, len(self.atoms))
        rows, lengths = metres.indices.tolist(), metres.data.tolist()
        return [dict(zip(rows[k:end], lengths[k:end], strict=True)) for k, end in pairwise(metres.indptr.tolist())]

    @cached_property
    def communities(self) -> list[str | None]:
        """Code of the community in which each atom lies; None where the plan has none."""
        if COMMUNITY not in self.plan.levels:
            return [None] * len(self.atoms)
        # Of its cell: where a community's line was drawn, atoms tell nothing better.
        parent = dict(zip(self.plan.cells["code"], self.plan.cells["parent_code"], strict=True))
        level = dict(zip(self.plan.cells["code"], self.plan.cells["level"], strict=True))
        above: dict[str, str] = {}
        for code in self.plan.atoms["cell_code"].unique():
            top = code
            while level[top] != COMMUNITY:
                top = parent[top]
            above[code] = top
        return [above[code] for code in self.plan.atoms["cell_code"]]


def _require_known_lines(plan: Plan) -> None:
    known = {kind.name.lower() for kind in Barrier}
    strange = sorted({str(kind) for kind in plan.barriers["kind"]} - known)
    if strange:
        raise InputError(f"the plan cannot be edited: no line is of kind '{strange[0]}'; draw it anew")


def _require_tiles(plan: Plan, shapes: Geometries) -> None:
    grounds = plan.at_level(plan.leaf_level).drop_duplicates("ground_code")
    row = pd.Index(grounds["ground_code"]).get_indexer(plan.atoms["cell_code"]).astype(np.int64)
    if (row < 0).any():
        raise InputError("the plan cannot be edited: atoms of cells that have no ground of their own")
    if not certify([Tiling("atoms", shapes, row, grounds.geometry.to_numpy())]).valid:
        raise InputError("the plan cannot be edited: its atoms do not tile its cells; draw it anew, or repair it")


def _laid(plan: Plan, town: Town, shapes: Geometries) -> Atoms:
    """Lay the atoms again, from the lines of the plan and their own outlines, in the plan's order."""
    smallest = levels_of(plan)[-1].band.lower
    atoms, former = atoms_again(plan, town, divide_above=max(1, smallest), workers=1)
    if len(atoms) == len(shapes) and np.array_equal(np.sort(former), np.arange(len(shapes))):
        order = np.argsort(former)
        ours = replace(
            atoms,
            of_face=np.where(atoms.of_face < 0, -1, former[atoms.of_face]),
            households=atoms.households[order],
            community=atoms.community[order],
            of_building=former[atoms.of_building],
        )
        # Each with the vertices it has in the file, and so the same in every cell that is drawn of them.
        again = ours.polygons(np.arange(len(shapes)), len(shapes))
        if (
            np.array_equal(_corners(again), _corners(shapes))
            and (ours.households == plan.atoms["households"].to_numpy(np.int64)).all()
        ):
            return ours
    raise InputError("the plan cannot be edited: its atoms do not follow from its lines and buildings; draw it anew")


def _corners(shapes: Geometries) -> Ints:
    return to_lattice(shapely.get_coordinates(shapely.normalize(shapes)))


def _units(plan: Plan, town: Town, atoms: Atoms) -> pd.DataFrame:
    """List the dwellings as finely as they are known, with the cell that the plan gives each."""
    units = dwelling_units(town.buildings, town.dwellings)
    units["entrance"] = units["entrance"].fillna("").astype(str)
    units = units.sort_values(["building", "entrance", "floor_from"], kind="stable", ignore_index=True)
    units["atom"] = atoms.of_building[units["building"].to_numpy()]
    units["cell"] = cells_of_units(units, town, plan.dwellings)
    ground = dict(zip(plan.cells["code"], plan.cells["ground_code"], strict=True))
    standing = plan.atoms["cell_code"].to_numpy(object)[units["atom"].to_numpy()]
    wrong = np.array([ground.get(code) for code in units["cell"]], dtype=object) != standing
    if wrong.any():
        name = town.buildings["building_id"].iloc[int(units["building"].to_numpy()[wrong][0])]
        raise InputError(f"the plan cannot be edited: building {name} is counted in a cell on whose land it is not")
    return units


def cells_of_units(units: pd.DataFrame, town: Town, dwellings: pd.DataFrame) -> list[str | None]:
    """Code of the cell to which a table of dwellings counts each unit: that of the run of floors it begins in."""
    runs = dwellings[dwellings["households"] > 0]
    if runs.empty:
        return [None] * len(units)
    row = pd.Index(town.buildings["building_id"]).get_indexer(runs["building_id"])
    runs = pd.DataFrame(
        {
            "building": row,
            "entrance": runs["entrance"].fillna("").astype(str).to_numpy(),
            "floor_from": runs["floor_from"].to_numpy(np.int64),
            "cell": runs["cell_code"].to_numpy(object),
        }
    )
    order = units[["building", "entrance", "floor_from"]].reset_index(names="unit")
    found = pd.merge_asof(
        order.sort_values("floor_from", kind="stable"),
        runs.sort_values("floor_from", kind="stable"),
        on="floor_from",
        by=["building", "entrance"],
    )
    return found.set_index("unit")["cell"].reindex(units.index).tolist()
