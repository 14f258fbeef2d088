"""Demands: what planners rule of a drawing, as sets of atoms."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from gis.arrays import Geometries, Ints
from gis.delineation.atoms import Atoms
from gis.delineation.contradictions import refuse_contradictions
from gis.delineation.levels import Level
from gis.errors import InputError
from gis.sources.rules import has_width, title_of
from gis.sources.town import Town

DRAWN: Final = frozenset({"locked", "exclusive", "exclave"})
"""Rules that draw a cell; the others only say how cells are drawn."""
# A point means the building that it stands on, or the nearest within this distance.
_REACH_M = 10.0


@dataclass(frozen=True)
class Demand:
    """A rule, or the features of one group that make one rule together.

    Attributes
    ----------
    rows
        In the file of rules; several of a group.
    rule, name, code, group
        As given.
    depth
        Of its level, 0 for the top.
    shape
        Its polygon or points.
    atoms : (k,) int64
        What lies in it.
    households
        Of its atoms.
    """

    rows: tuple[int, ...]
    rule: str
    name: str
    code: str
    group: str
    depth: int
    shape: shapely.Geometry
    atoms: Ints
    households: int

    @property
    def title(self) -> str:
        """How messages name it."""
        return title_of(self.rows[0], self.name)

    @property
    def subject(self) -> str:
        """How sentences about cells begin."""
        return f"'{self.name}'" if self.name else f"What {self.title} draws"

    @property
    def draws(self) -> bool:
        """Whether it draws a cell."""
        return self.rule in DRAWN

    @property
    def has_line(self) -> bool:
        """Whether it has an outer line that cells can follow; points have none."""
        return shapely.get_dimensions(self.shape) > 0


def demands_of(town: Town, atoms: Atoms, graph: csr_array, levels: Sequence[Level]) -> list[Demand]:
    """Find the atoms of every rule.

    Parameters
    ----------
    town
        With its rules.
    atoms
        Of the town, whose lines include those of the rules.
    graph : (n, n) sparse array
        Adjacency of the atoms.
    levels
        Top first.

    Raises
    ------
    InputError
        Where rules contradict each other, the communities or the levels.
    """
    if not len(town.rules):
        return []
    rules = _grouped(town.rules.assign(depth=_depths(town.rules, levels)))
    rules["households"] = _households_in(rules, town)
    refuse_contradictions(rules, town, levels)
    polygons = atoms.polygons(np.arange(len(atoms)), len(atoms))
    sets = _atoms_in(rules, town, atoms, polygons)
    taken = np.zeros((len(levels), len(atoms)), np.bool_)
    for k, rule in enumerate(rules.itertuples()):
        found = sets[k]
        if rule.rule in DRAWN:
            found = _of_one_community(found[~taken[rule.depth, found]], atoms.community, polygons)
            found = found if rule.rule == "exclave" else _heaviest_part(found, graph, atoms.households)
            taken[rule.depth, found] = True
        elif rule.rule == "together" and shapely.get_dimensions(rule.geometry) == 0:
            found = _bridged(found, graph, atoms.community)
        if not len(found):
            title = title_of(rule.row, rule.name)
            raise InputError(f"{title}: no land of its own: a building stands over all of it: draw it larger")
        sets[k] = found
    _close_seams(sets, rules, atoms, graph, polygons)
    return [
        Demand(
            rule.rows,
            rule.rule,
            rule.name,
            rule.code,
            rule.group,
            rule.depth,
            rule.geometry,
            np.sort(found),
            int(atoms.households[found].sum()),
        )
        for rule, found in zip(rules.itertuples(), sets, strict=True)
    ]


def _depths(rules: gpd.GeoDataFrame, levels: Sequence[Level]) -> list[int]:
    """Depth of the level of each rule: where none is given, the top for a cell, else the lowest."""
    names = [level.name for level in levels]
    depths = []
    for rule in rules.itertuples():
        if rule.level and rule.level not in names:
            raise InputError(f"{title_of(rule.row, rule.name)}: no level '{rule.level}': it can be {', '.join(names)}")
        usual = 0 if rule.rule in DRAWN else len(levels) - 1
        depths.append(names.index(rule.level) if rule.level else usual)
    return depths


def _grouped(rules: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make one row of the features of an exclave, and of buildings that stay together."""
    joins = (rules["group"] != "") & rules["rule"].isin(["exclave", "together"])
    key = np.where(joins, rules["rule"] + "\n" + rules["group"], rules.index.astype("str"))
    rows = [
        rows.iloc[[0]].assign(
            rows=[tuple(int(row) for row in rows["row"])],
            name=next((name for name in rows["name"] if name), ""),
            code=next((code for code in rows["code"] if code), ""),
            geometry=[shapely.union_all(rows.geometry.to_numpy()) if len(rows) > 1 else rows.geometry.iloc[0]],
        )
        for _, rows in rules.groupby(key, sort=False)
    ]
    return pd.concat(rows).sort_values("row", kind="stable").reset_index(drop=True)


def _households_in(rules: gpd.GeoDataFrame, town: Town) -> Ints:
    at = shapely.point_on_surface(town.buildings.geometry.to_numpy())
    building, rule = shapely.STRtree(rules.geometry.to_numpy()).query(at, predicate="within")
    households = town.buildings["households"].to_numpy()[building]
    return np.bincount(rule, households, minlength=len(rules)).astype(np.int64)


def _atoms_in(rules: gpd.GeoDataFrame, town: Town, atoms: Atoms, polygons: Geometries) -> list[Ints]:
    """Atoms of each rule: those with more than half of their land in its polygon, or under its points."""
    found: list[Ints] = [np.empty(0, np.int64)] * len(rules)
    shapes = rules.geometry.to_numpy()
    lands = np.flatnonzero(shapely.get_dimensions(shapes) > 0)
    shapely.prepare(shapes)
    which, atom = shapely.STRtree(polygons).query(shapes[lands], predicate="intersects")
    inside = shapely.contains(shapes[lands[which]], polygons[atom])
    cut = np.flatnonzero(~inside)
    shared = shapely.area(shapely.intersection(shapes[lands[which[cut]]], polygons[atom[cut]]))
    inside[cut] = 2 * shared > shapely.area(polygons[atom[cut]])
    for k, land in enumerate(lands.tolist()):
        found[land] = atom[inside & (which == k)].astype(np.int64)
    tree = shapely.STRtree(town.buildings.geometry.to_numpy())
    for k in np.flatnonzero(shapely.get_dimensions(shapes) == 0).tolist():
        points = shapely.get_parts(shapes[k])
        point, building = tree.query_nearest(points, max_distance=_REACH_M, all_matches=False)
        if len(point) < len(points):
            title = title_of(rules["row"].iloc[k], rules["name"].iloc[k])
            raise InputError(f"{title}: no building within {_REACH_M:.0f} m of its point: move it onto its building")
        found[k] = np.unique(atoms.of_building[building])
    return found


def _of_one_community(inside: Ints, community: Ints, polygons: Geometries) -> Ints:
    """Keep what lies in the community in which most of it lies: the rest is a seam."""
    if not len(inside):
        return inside
    main = np.bincount(community[inside], shapely.area(polygons[inside])).argmax()
    return inside[community[inside] == main]


def _heaviest_part(inside: Ints, graph: csr_array, households: Ints) -> Ints:
    """Keep the part with most households, and of those the largest: a cell hangs together."""
    if not len(inside):
        return inside
    part = connected_components(graph[inside][:, inside], directed=False)[1]
    heavy = np.bincount(part, households[inside] + 1.0)
    return inside[part == heavy.argmax()]


def _close_seams(
    sets: list[Ints], rules: gpd.GeoDataFrame, atoms: Atoms, graph: csr_array, polygons: Geometries
) -> None:
    """Give seams between drawn cells, and between them and the lines around, to the cell with most border.

    A line drawn twice is never twice the same: what lies between is no land, and nothing else can take it.
    """
    built = np.zeros(len(atoms), np.bool_)
    built[atoms.of_building] = True
    within = atoms.community
    for depth in np.unique(rules["depth"][rules["rule"].isin(DRAWN)]):
        drawn = np.flatnonzero(rules["rule"].isin(DRAWN) & (rules["depth"] == depth))
        owner = np.full(len(atoms), -1, np.int64)
        for k in drawn:
            owner[sets[k]] = k
        within = np.unique(np.column_stack([within, owner]), axis=0, return_inverse=True)[1].ravel()
        edges = graph.tocoo()
        same = within[edges.row] == within[edges.col]
        n = len(atoms)
        inner = csr_array((np.ones(int(same.sum()), np.int8), (edges.row[same], edges.col[same])), shape=(n, n))
        part = connected_components(inner, directed=False)[1]
        has_house = np.bincount(part, built | (owner >= 0)) > 0
        for seam in np.unique(part[~has_house[part]]):
            here = np.flatnonzero(part == seam)
            near = graph[here].tocoo()
            near_owner = owner[near.col]
            if (near_owner >= 0).any() and not has_width(polygons[here]).any():
                to = np.bincount(near_owner[near_owner >= 0], near.data[near_owner >= 0] + 1e-9).argmax()
                sets[to] = np.append(sets[to], here)


def _bridged(chosen: Ints, graph: csr_array, community: Ints) -> Ints:
    """Add the fewest neighbours with which atoms of one community hang together."""
    atoms = np.flatnonzero(community == community[chosen[0]])
    if not np.isin(chosen, atoms).all():
        return chosen
    inner = graph[atoms][:, atoms]
    inner.data = np.ones_like(inner.data)
    wanted = np.searchsorted(atoms, chosen)
    held = [int(wanted[0])]
    for _ in wanted[1:]:
        away, before, _ = dijkstra(inner, indices=held, min_only=True, return_predecessors=True)
        rest = wanted[~np.isin(wanted, held)]
        if not len(rest) or not np.isfinite(away[rest]).any():
            break
        at = rest[away[rest].argmin()].item()
        while at not in held:
            held.append(at)
            at = before[at].item()
    return np.unique(np.concatenate([atoms[held], chosen]))
