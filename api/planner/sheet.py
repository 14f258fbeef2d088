"""The land of a plan as data for the planner's page: what is drawn, what can move, and what it touches."""

from typing import Any

import numpy as np
import shapely

from gis.arrays import Ints
from gis.barriers import Barrier
from gis.delineation.settle import sides_of
from gis.editing.land import Land
from gis.editing.state import State
from maps.arcs import arcs_of
from maps.base import addresses, base_layers, from_openstreetmap
from maps.codec import Grid
from maps.palette import THEMES

_DECIMETRES = 10


def sheet_of(land: Land) -> dict[str, Any]:
    """Return all that the page needs of a plan: it asks once, and is told afterwards only what others change."""
    plan = land.plan
    grid = Grid(plan.area)
    state = State.of(land)
    codes = list(state.cells)
    row = {code: k for k, code in enumerate(codes)}
    divided = [level for level in plan.levels if level in plan.metadata["bands"]]
    return {
        "version": plan.version,
        "title": str(plan.area["name"].astype("object").fillna("").iloc[0]),
        "credit": from_openstreetmap(plan),
        "origin": grid.origin,
        "bounds": grid.bounds,
        "themes": THEMES,
        "base": base_layers(plan, grid),
        "addresses": addresses(plan, grid),
        "arcs": _arcs(land, grid),
        "pairs": _pairs(land),
        "levels": plan.levels,
        "divided": divided,
        "bands": plan.metadata["bands"],
        "retired": sorted(plan.metadata.get("retired", {})),
        "cells": [{"code": code, **cell.__dict__} for code, cell in state.cells.items()],
        "atoms": {
            "ground": np.array([row[state.land[k]] for k in range(len(land.atoms))], np.int64),
            "households": land.atoms.households,
            "rim": _rim(land),
            "area": np.rint(shapely.area(land.shapes)).astype(np.int64),
            "community": np.array([row.get(code or "", -1) for code in land.communities], np.int64),
            "middles": grid.points(shapely.get_coordinates(shapely.point_on_surface(land.shapes))),
        },
        "units": _units(land, state, row),
    }


def _arcs(land: Land, grid: Grid) -> dict[str, Any]:
    """Borders of the atoms, each once, with the atoms on its two sides."""
    arcs = arcs_of(land.shapes, grid.origin[1])
    return {
        "steps": grid.points(arcs.xy),
        "sizes": arcs.sizes,
        "zoom": arcs.zoom,
        "left": np.diff(arcs.left, prepend=0),
        "right": arcs.right - arcs.left,
    }


def _pairs(land: Land) -> dict[str, Any]:
    """Neighbours, the length of their common border in decimetres, and the kind of line that most of it follows."""
    edges, n, kinds = land.edges, len(land.atoms), len(Barrier)
    low, high = np.minimum(edges.left, edges.right), np.maximum(edges.left, edges.right)
    keys, place = np.unique(low * n + high, return_inverse=True)
    metres = np.bincount(place * kinds + edges.strength, edges.metres, minlength=len(keys) * kinds)
    by_kind = metres.reshape(-1, kinds)
    return {
        "one": np.diff(keys // n, prepend=0),
        "other": keys % n,
        "length": np.rint(by_kind.sum(axis=1) * _DECIMETRES).astype(np.int64),
        "kind": by_kind.argmax(axis=1),
        "kinds": [kind.name.lower() for kind in sorted(Barrier)],
    }


def _rim(land: Land) -> Ints:
    """Decimetres of each atom's border that are the rim of the area."""
    plane, n = land.atoms.plane, len(land.atoms)
    left, right = sides_of(plane, land.atoms.of_face)
    at = np.flatnonzero((left < 0) != (right < 0))
    metres = np.bincount(np.maximum(left, right)[at], plane.lengths[at], minlength=n)
    return np.rint(metres * _DECIMETRES).astype(np.int64)


def _units(land: Land, state: State, row: dict[str, int]) -> dict[str, Any]:
    """Dwellings on grounds that floors divide or may: of buildings with more than one unit; and where they are."""
    units = land.units
    entrances = sorted(set(units["entrance"]))
    place = {name: k for k, name in enumerate(entrances)}
    ids = land.town.buildings["building_id"].astype(str).tolist()
    buildings, building = np.unique(units["building"].to_numpy(np.int64), return_inverse=True)
    return {
        "atom": np.array(land.atom_of_unit, np.int64),
        "building": building,
        "buildings": [ids[k] for k in buildings],
        "entrances": entrances,
        "entrance": np.array([place[name] for name in units["entrance"]], np.int64),
        "floor_from": units["floor_from"].to_numpy(np.int64),
        "floor_to": units["floor_to"].to_numpy(np.int64),
        "households": units["households"].to_numpy(np.int64),
        "cell": np.array([row[state.floors[k]] if k in state.floors else -1 for k in range(len(units))], np.int64),
    }
