"""The six layers of a made town: people as counts, places, things, events, sentiment, organisations."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.town_cases import make_events, make_sentiment
from data.town_parts import Floats
from data.town_reports import Scene
from data.town_services import make_organisations, make_places

PEOPLE = 49_000
LAYERS = ("people", "places", "things", "events", "sentiment", "organisations")
#: Things along roads: type, category, kind of road, metres from one to the next, metres from the middle of the road.
ALONG = (
    ("street_lamp", "component-01", "arterial", 40.0, 13.0),
    ("street_lamp", "component-01", "street", 40.0, 6.0),
    ("manhole", "component-01", "arterial", 90.0, 3.0),
    ("manhole", "component-01", "street", 60.0, 1.5),
    ("hydrant", "component-01", "street", 240.0, 7.0),
    ("traffic_sign", "component-02", "arterial", 300.0, 12.0),
    ("waste_basket", "component-03", "arterial", 110.0, 14.0),
    ("waste_basket", "component-03", "street", 130.0, 7.0),
    ("tree", "component-04", "arterial", 25.0, 15.0),
    ("tree", "component-04", "street", 30.0, 8.0),
    ("bench", "component-04", "arterial", 260.0, 14.5),
)
COUNTY = "130105"
AGED, VERY_AGED, YOUNG, VERY_YOUNG = 0.17, 0.2, 0.16, 0.4
ALONE, VISITED, FED = 0.11, 0.06, 0.04


def make_layers(town: Mapping[str, gpd.GeoDataFrame], scene: Scene, seed: int) -> dict[str, pd.DataFrame]:
    """Return the tables of the six layers, by name.

    Parameters
    ----------
    town
        The layers of the town, EPSG:4547.
    scene
        Where its reports are made.
    seed
        Of the town; every layer has a random stream of its own.
    """
    streams = (np.random.default_rng([seed, 3, number]) for number in range(len(LAYERS)))
    people, places, things, events, sentiment, organisations = streams
    cases = make_events(scene, town["dwellings"], events)
    return {
        "people": make_people(town["buildings"], people),
        "places": make_places(town, places),
        "things": make_things(town["streets"], scene, things),
        "events": cases,
        "sentiment": make_sentiment(cases, sentiment),
        "organisations": make_organisations(town["buildings"], organisations),
    }


def make_people(buildings: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return counts of people by building and service category: 49,000 residents, at least one a household.

    Parameters
    ----------
    buildings
        `building_id`, `households`.
    rng
        Source of every choice.
    """
    lived = buildings[buildings["households"] > 0]
    households = lived["households"].to_numpy()
    residents = households + rng.multinomial(PEOPLE - int(households.sum()), households / households.sum())
    aged = rng.binomial(residents, AGED)
    young = rng.binomial(residents - aged, YOUNG)
    return pd.DataFrame(
        {
            "building_id": lived["building_id"].to_numpy(),
            "residents": residents,
            "over_65": aged,
            "over_80": rng.binomial(aged, VERY_AGED),
            "children": young,
            "under_6": rng.binomial(young, VERY_YOUNG),
            "living_alone": rng.binomial(aged, ALONE),
            "home_visit": rng.binomial(aged, VISITED),
            "meal_service": rng.binomial(aged, FED),
        }
    )


def make_things(streets: gpd.GeoDataFrame, scene: Scene, rng: np.random.Generator) -> pd.DataFrame:
    """Return components of the city along its roads, with their 16 digits, in metres of EPSG:4547.

    Parameters
    ----------
    streets
        Centre lines with their `kind`.
    scene
        Its area.
    rng
        Source of every choice.
    """
    parts = []
    for number, (sort, category, road, step, aside) in enumerate(ALONG, 1):
        lines = streets.geometry[streets["kind"] == road].to_numpy()
        places = np.vstack([_beside(line, step, aside, rng) for line in lines])
        places = places[shapely.contains_xy(scene.area, *places.T)]
        parts.append(pd.DataFrame({"category": category, "type": sort, "x": places[:, 0], "y": places[:, 1]}))
        parts[-1]["code"] = [f"{COUNTY}{category[-2:]}{number:02d}{k:06d}" for k in range(1, len(places) + 1)]
    table = pd.concat(parts, ignore_index=True).assign(datum="EPSG:4547")
    for column in ("x", "y"):
        table[column] = table[column].map("{:.3f}".format)
    return table[["code", "category", "type", "x", "y", "datum"]]


def _beside(line: shapely.LineString, step: float, aside: float, rng: np.random.Generator) -> Floats:
    """Return places along a line, now on one side of it and now on the other."""
    at = np.arange(rng.uniform(0, step), shapely.length(line), step)
    here = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, np.minimum(at + 0.5, shapely.length(line))))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(at - 0.5, 0)))
    along = ahead - behind
    side = np.where(np.arange(len(at)) % 2, 1.0, -1.0)[:, None] * aside
    across = np.column_stack([-along[:, 1], along[:, 0]]) / np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    return np.asarray(here + across * side, dtype=np.float64)
