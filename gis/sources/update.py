"""New figures for a town that is known already: other households, or other buildings."""

from collections.abc import Callable
from dataclasses import replace

import geopandas as gpd
import pandas as pd

from gis.sources.given import Given, Spec
from gis.sources.households import HouseholdRule
from gis.sources.left_out import LeftOut
from gis.sources.read import housed_buildings
from gis.sources.register import join_register
from gis.sources.town import Town

_USUAL_RULE = HouseholdRule()


def update_town(
    town: Town,
    *,
    buildings: Spec | None = None,
    households: Spec | None = None,
    household_column: str | None = None,
    rule: HouseholdRule = _USUAL_RULE,
    progress: Callable[[str], None] = lambda _: None,
) -> Town:
    """Take over new buildings or a new list of households; area, communities and lines stay.

    Parameters
    ----------
    town
        As it was.
    buildings
        All buildings as they are now, with their households or what these can be estimated from; those of the town
        where nothing is given.
    households
        A list of households, joined by `building_id`, by place or by address. Buildings of the town that it does not
        name keep their number.
    household_column, rule
        As in `gis.sources.read_town`.
    progress
        Called with a few words at each stage.

    Raises
    ------
    InputError
        Where something given cannot be used.
    """
    given = Given(progress)
    given.read_buildings(buildings, households, household_column)
    given.say("settling buildings and households")
    if given.buildings is not None:
        ground = town.area.geometry.iloc[0]
        housed, dwellings = housed_buildings(given, ground, town.area, town.land, rule, bare=town.barriers.empty)
    else:
        housed, dwellings = _listed(town, given, rule)
    return replace(
        town, buildings=housed, dwellings=dwellings, left_out=given.ledger.table(), inputs=[*town.inputs, *given.inputs]
    )


def _listed(town: Town, given: Given, rule: HouseholdRule) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Take the numbers of a list, and drop the floors of buildings whose number is another one now."""
    if given.register is None:
        return town.buildings, town.dwellings
    known = town.buildings.assign(given=town.buildings["households"], given_basis=town.buildings["household_basis"])
    joined = join_register(known, given.register, rule.list_m, given.ledger)
    housed = joined.assign(households=joined["given"].astype("int64"), household_basis=joined["given_basis"])
    return housed[list(town.buildings.columns)], _agreeing(housed, town.dwellings, given.ledger)


def _agreeing(buildings: gpd.GeoDataFrame, dwellings: pd.DataFrame, ledger: LeftOut) -> pd.DataFrame:
    """Keep the dwellings of buildings whose households they still add up to."""
    total = dwellings.groupby("building_id")["households"].sum()
    number = buildings.set_index("building_id")["households"].reindex(total.index)
    differing = total.index[total != number]
    ledger.add("dwellings", "no longer add up to their building: spread over its floors", len(differing))
    return dwellings[~dwellings["building_id"].isin(differing)].reset_index(drop=True)
