"""Contradictions: demands that no drawing can meet, refused before anything is drawn."""

from collections.abc import Iterator, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis.arrays import Bools, Geometries
from gis.delineation.codes import FIRST_DIGITS, LOCAL_DIGITS, LOWER_DIGITS
from gis.delineation.levels import Level
from gis.errors import InputError
from gis.sources.rules import has_width, title_of
from gis.sources.town import Town


def refuse_contradictions(rules: gpd.GeoDataFrame, town: Town, levels: Sequence[Level]) -> None:
    """Refuse rules that contradict each other, the communities or the levels.

    Parameters
    ----------
    rules
        `row`, `rule`, `name`, `code`, `group`, `depth`, `households` (in its polygon), geometry.
    town
        With its communities and buildings.
    levels
        Top first.

    Raises
    ------
    InputError
        Naming the features by row and name.
    """
    _codes(rules, town.communities)
    for rule in rules.itertuples():
        if rule.geometry.geom_type == "GeometryCollection":
            raise InputError(f"{_title(rule)}: its group '{rule.group}' has points and polygons: give one or the other")
        parts = shapely.get_num_geometries(rule.geometry)
        if rule.rule in {"locked", "exclusive", "together"} and rule.geometry.geom_type == "MultiPolygon" and parts > 1:
            raise InputError(
                f"{_title(rule)}: its {parts} parts do not touch: declare it 'exclave', or give each a rule of its own"
            )
    cells = rules[rules["rule"].isin(["locked", "exclusive", "exclave"])]
    if len(town.communities):
        _crossing_communities(cells, town.communities, town.buildings.geometry.to_numpy())
    _overlapping_cells(cells, levels)
    _togethers(rules[(rules["rule"] == "together") & _is_land(rules)], cells)
    _apart_in_one(rules, levels)


def _title(rule: Any) -> str:  # noqa: ANN401 (a row)
    return title_of(rule.row, rule.name)


def _is_land(rules: gpd.GeoDataFrame) -> Bools:
    is_land: Bools = shapely.get_dimensions(rules.geometry.to_numpy()) > 0
    return is_land


def _codes(rules: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> None:
    given = rules[rules["code"] != ""]
    length = {len(code) for code in communities["code"]} if len(communities) else {LOCAL_DIGITS - FIRST_DIGITS}
    for rule in given.itertuples():
        digits = {n + FIRST_DIGITS + LOWER_DIGITS * rule.depth for n in length}
        if rule.rule not in {"locked", "exclusive", "exclave"}:
            raise InputError(f"{_title(rule)}: '{rule.rule}' draws no cell, so it can have no code")
        number = rule.code[-(FIRST_DIGITS + LOWER_DIGITS * rule.depth) :]
        if not (number.isascii() and number.isdecimal()) or len(rule.code) not in digits:
            wanted = " or ".join(str(n) for n in sorted(digits))
            raise InputError(f"{_title(rule)}: code '{rule.code}': a code of its level has {wanted} digits")
        if not int(number[-(LOWER_DIGITS if rule.depth else FIRST_DIGITS) :]):
            raise InputError(f"{_title(rule)}: code '{rule.code}': cells are numbered from 1, so it cannot end so")
    twice = given[given["code"].duplicated(keep=False)]
    if len(twice):
        one, other = list(twice[twice["code"] == twice["code"].iloc[0]].itertuples())[:2]
        raise InputError(f"{_title(one)} and {_title(other)}: both have the code '{one.code}'")


def _crossing_communities(cells: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, buildings: Geometries) -> None:
    shapes = communities.geometry.to_numpy()
    tree, footprints = shapely.STRtree(shapes), shapely.STRtree(buildings)
    for rule in cells.itertuples():
        near = tree.query(rule.geometry, predicate="intersects")
        share = shapely.intersection(rule.geometry, shapes[near])
        # A cell of an earlier plan may reach over the line by a building that was left whole.
        line = shapely.intersection(rule.geometry, shapely.union_all(shapely.boundary(shapes[near])))
        across = footprints.query(line, predicate="intersects")
        share = shapely.difference(share, shapely.union_all(buildings[across]))
        there = near[has_width(share)]
        if len(there) > 1:
            one, other = communities["name"].iloc[there[:2]]
            raise InputError(
                f"{_title(rule)}: it crosses the line between the communities '{one}' and '{other}', and a cell has "
                "one community: cut it there"
            )
        code = communities["code"].iloc[there[0]] if len(there) else ""
        if rule.code and not rule.code.startswith(code):
            raise InputError(f"{_title(rule)}: code '{rule.code}': codes in its community begin with {code}")


def _meetings(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> Iterator[tuple[Any, Any]]:
    """Pairs of rows whose polygons share land, each pair once."""
    shapes, others = first.geometry.to_numpy(), second.geometry.to_numpy()
    i, j = shapely.STRtree(others).query(shapes, predicate="intersects")
    once = (first["row"].to_numpy()[i] < second["row"].to_numpy()[j]) if first is second else np.ones(len(i), bool)
    i, j = i[once], j[once]
    wide = has_width(shapely.intersection(shapes[i], others[j]))
    one, other = list(first.itertuples()), list(second.itertuples())
    for a, b in zip(i[wide], j[wide], strict=True):
        yield one[a], other[b]


def _within(one: Any, other: Any) -> bool:  # noqa: ANN401 (rows)
    return not has_width(shapely.difference(one.geometry, other.geometry)).item()


def _overlapping_cells(cells: gpd.GeoDataFrame, levels: Sequence[Level]) -> None:
    for pair in _meetings(cells, cells):
        upper, lower = sorted(pair, key=lambda rule: rule.depth)
        name = levels[upper.depth].name
        if upper.depth == lower.depth:
            raise InputError(f"{_title(pair[0])} and {_title(pair[1])}: they overlap, and both are cells of '{name}'")
        if upper.rule == "exclusive":
            raise InputError(
                f"{_title(lower)} lies in {_title(upper)}: an exclusive cell is not divided below '{name}'"
            )
        if not _within(lower, upper):
            raise InputError(f"{_title(lower)} crosses the line of {_title(upper)}, a cell of '{name}'")


def _togethers(togethers: gpd.GeoDataFrame, cells: gpd.GeoDataFrame) -> None:
    for one, cell in _meetings(togethers, cells):
        if not _within(one, cell) and not _within(cell, one):
            raise InputError(f"{_title(one)} stays together, but {_title(cell)} cuts it: move one of the lines")
    for one, other in _meetings(togethers, togethers):
        if not _within(one, other) and not _within(other, one):
            raise InputError(
                f"{_title(one)} and {_title(other)}: both stay together, but they overlap: draw one of both"
            )


def _apart_in_one(rules: gpd.GeoDataFrame, levels: Sequence[Level]) -> None:
    """Refuse to keep apart what another rule puts into one cell of that level."""
    apart = rules[rules["rule"] == "apart"]
    for group, rows in apart.groupby("group", sort=False):
        features = list(rows.itertuples())
        if len(features) == 1:
            raise InputError(
                f"{_title(features[0])}: nothing to keep it apart from: group '{group}' has no other feature"
            )
        depth = rows["depth"].iloc[0]
        if (rows["depth"] != depth).any():
            raise InputError(f"{_title(features[0])}: group '{group}' is to be kept apart at several levels: give one")
        for holder in rules[_is_land(rules)].itertuples():
            if not _holds_at(holder, depth, levels):
                continue
            held = [one for one in features if _lies_in(one, holder)]
            if len(held) > 1:
                raise InputError(
                    f"{_title(held[0])} and {_title(held[1])} are to be kept apart, but {_title(holder)} "
                    f"('{holder.rule}') holds both in one cell of '{levels[depth].name}'"
                )


def _holds_at(rule: Any, depth: int, levels: Sequence[Level]) -> bool:  # noqa: ANN401 (a row)
    """Whether what lies in a polygon is in one cell of a level."""
    if rule.rule == "exclusive":
        return True
    fits = rule.rule in {"locked", "exclave"} or rule.households <= levels[depth].band.upper
    return rule.rule != "apart" and depth <= rule.depth and fits


def _lies_in(one: Any, holder: Any) -> bool:  # noqa: ANN401 (rows)
    if shapely.get_dimensions(one.geometry) == 0:
        return bool(shapely.intersects(holder.geometry, one.geometry))
    return _within(one, holder)
