"""New figures for a town that is known already: other households, or other buildings."""

from collections.abc import Callable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.sources.dwellings import no_dwellings
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
        name keep their number. Entrances and floors that the town knows, and the files do not, share the new numbers.
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
    if given.buildings is None:
        housed, dwellings = _listed(town, given, rule), no_dwellings()
    else:
        ground = town.area.geometry.iloc[0]
        housed, dwellings = housed_buildings(given, ground, town.area, town.land, rule, bare=town.barriers.empty)
    if dwellings.empty:
        dwellings = _shared_out(housed, town.dwellings, given.ledger)
    return replace(
        town, buildings=housed, dwellings=dwellings, left_out=given.ledger.table(), inputs=[*town.inputs, *given.inputs]
    )


def _listed(town: Town, given: Given, rule: HouseholdRule) -> gpd.GeoDataFrame:
    """Take the numbers of a list."""
    if given.register is None:
        return town.buildings
    known = town.buildings.assign(given=town.buildings["households"], given_basis=town.buildings["household_basis"])
    joined = join_register(known, given.register, rule.list_m, given.ledger)
    housed = joined.assign(households=joined["given"].astype("int64"), household_basis=joined["given_basis"])
    return housed[list(town.buildings.columns)]


def _shared_out(buildings: gpd.GeoDataFrame, dwellings: pd.DataFrame, ledger: LeftOut) -> pd.DataFrame:
    """Give the known floors and entrances of each building its number of today, shared out as the former one was."""
    number = dwellings["building_id"].map(buildings.set_index("building_id")["households"])
    kept = dwellings.assign(number=number)[number.notna()]
    kept = kept.sort_values(["building_id", "entrance", "floor_from"], kind="stable", ignore_index=True)
    by = kept.groupby("building_id")["households"]
    total, upto = by.transform("sum").to_numpy(np.int64), by.cumsum().to_numpy(np.int64)
    now = kept.pop("number").to_numpy(np.int64)
    before = upto - kept["households"].to_numpy(np.int64)
    # Where nobody lived there is nothing to go by: such a building is spread over its floors.
    among = np.maximum(total, 1)
    shared = upto * now // among - before * now // among
    ledger.add("dwellings", "mended: shared out anew", int(kept["building_id"][now != total].nunique()))
    return kept.assign(households=shared)[shared > 0].reset_index(drop=True)
