"""Reports citizens might make in a made town: what, when, and where a phone said they stood."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely import Polygon

from data.datum_shift import bd09, gcj02
from data.report_texts import CATEGORIES, describe
from data.town_parts import Floats

FIRST_DAY = pd.Timestamp("2024-04-08 00:00:00+08:00")
DAYS = 60
#: Reports by hour of the day: two peaks, little at night.
HOURLY = (1, 1, 0.5, 0.5, 0.5, 1, 3, 7, 12, 13, 12, 9, 7, 6, 8, 10, 11, 12, 11, 10, 8, 6, 4, 2)
DATUMS = ("wgs84", "gcj02", "bd09")
SHIFTS = {"gcj02": gcj02, "bd09": bd09}
OUTSIDE_SHARE, PLACEHOLDER_SHARE, GPS_SHARE = 0.005, 0.005, 0.7
NEAR_ROAD, NEAR_HOME = 7.0, 12.0


@dataclass(frozen=True)
class Scene:
    """Where reports are made: the area and the layers of the town, in EPSG:4547."""

    area: Polygon
    streets: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame


def make_reports(scene: Scene, rng: np.random.Generator, *, count: int = 2000) -> pd.DataFrame:
    """Return citizen reports at places of the town.

    Parameters
    ----------
    scene
        Area, streets and buildings.
    rng
        Source of every choice.
    count
        How many reports.

    Returns
    -------
    pandas.DataFrame
        In order of time. `lon`, `lat` are what the phone sent, in `datum`; `place_x`, `place_y` the same
        point in EPSG:4547 before any shift; `true_lon`, `true_lat` the exact place on WGS 84. `note` is
        "outside" for points just beyond the rim and "placeholder" for coordinates that say nothing.
    """
    source = np.where(rng.random(count) < GPS_SHARE, "gps", "pin")
    accuracy = np.where(source == "gps", rng.lognormal(2.3, 0.55, count), rng.uniform(2, 8, count)).clip(2, 80).round(1)
    note = rng.permutation(_notes(count))
    places = report_places(scene, rng, count)
    places[note == "outside"] = _beyond(scene.area, rng, int((note == "outside").sum()))
    reported = _noisy(places, accuracy, scene.area, note == "outside", rng)
    to_degrees = Transformer.from_crs("EPSG:4547", "EPSG:4326", always_xy=True)
    table = pd.DataFrame({"time": reported_at(rng, count), "note": note, "source": source, "accuracy_m": accuracy})
    table["category"] = rng.choice([c.code for c in CATEGORIES], count, p=_weights())
    table["category_name"] = table["category"].map({c.code: c.name for c in CATEGORIES})
    table["description"] = [describe(code, rng) for code in table["category"]]
    table["true_lon"], table["true_lat"] = to_degrees.transform(*places.T)
    table["datum"] = np.array(DATUMS)[rng.permutation(np.arange(count) % len(DATUMS))]
    table["lon"], table["lat"] = _sent(*to_degrees.transform(*reported.T), table["datum"].to_numpy(dtype=object))
    table["place_x"], table["place_y"] = reported.T
    return _in_order(table, rng)


def _notes(count: int) -> NDArray[np.object_]:
    """Return as many notes as reports, most of them empty."""
    notes = np.full(count, "", dtype=object)
    outside, placeholder = round(OUTSIDE_SHARE * count), round(PLACEHOLDER_SHARE * count)
    notes[:outside] = "outside"
    notes[outside : outside + placeholder] = "placeholder"
    return notes


def report_places(scene: Scene, rng: np.random.Generator, count: int) -> Floats:
    """Return exact places: half beside roads, half beside buildings, more where more people live.

    Parameters
    ----------
    scene, rng, count
        Where, source of every choice, how many.
    """
    roads = scene.streets.geometry.to_numpy()
    length = shapely.length(roads)
    weight = length * np.where(scene.streets["kind"] == "lane", 0.6, 1.0)
    chosen = rng.choice(len(roads), count, p=weight / weight.sum())
    on_road = shapely.line_interpolate_point(roads[chosen], rng.random(count), normalized=True)
    homes = scene.buildings["households"].to_numpy() + 4.0
    houses = shapely.centroid(scene.buildings.geometry.to_numpy()[rng.choice(len(homes), count, p=homes / homes.sum())])
    by_road = rng.random(count) < 1 / 2
    base = np.where(by_road[:, None], shapely.get_coordinates(on_road), shapely.get_coordinates(houses))
    spread = np.where(by_road, NEAR_ROAD, NEAR_HOME)[:, None]
    places = base + rng.uniform(-1, 1, (count, 2)) * spread
    rim = ~shapely.contains_xy(scene.area, *places.T)
    places[rim] = shapely.get_coordinates(houses)[rim]
    return np.asarray(places, dtype=np.float64)


def _beyond(area: Polygon, rng: np.random.Generator, count: int) -> Floats:
    """Return places 60 to 250 m outside the area."""
    rings = [shapely.get_exterior_ring(shapely.buffer(area, rng.uniform(60, 250))) for _ in range(count)]
    return np.array([shapely.get_coordinates(r.interpolate(rng.random(), normalized=True))[0] for r in rings])


def _noisy(
    places: Floats, accuracy: Floats, area: Polygon, outside: NDArray[np.bool_], rng: np.random.Generator
) -> Floats:
    """Return the places as a receiver of the stated accuracy sees them; those inside stay inside the area."""
    reported = places.copy()
    todo = np.ones(len(places), dtype=bool)
    for _ in range(200):
        if not todo.any():
            break
        noise = rng.normal(0.0, 1.0, (int(todo.sum()), 2)) * (accuracy[todo, None] / 1.515)
        reported[todo] = places[todo] + noise
        todo = shapely.contains_xy(area, *reported.T) == outside
    reported[todo] = places[todo]
    return reported


def _sent(lon: Floats, lat: Floats, datum: NDArray[np.object_]) -> tuple[Floats, Floats]:
    """Return longitude and latitude as phones of these datums send them."""
    east, north = lon.copy(), lat.copy()
    for name, shift in SHIFTS.items():
        here = datum == name
        east[here], north[here] = shift(lon[here], lat[here])
    return east, north


def reported_at(rng: np.random.Generator, count: int) -> pd.Series:
    """Return moments over sixty days, more by day than by night, to the second.

    Parameters
    ----------
    rng, count
        Source of every choice, how many.
    """
    hours = rng.choice(24, count, p=np.array(HOURLY) / sum(HOURLY))
    seconds = rng.integers(0, DAYS, count) * 86_400 + hours * 3_600 + rng.integers(0, 3_600, count)
    return pd.Series(FIRST_DAY + pd.to_timedelta(seconds, unit="s"))


def _weights() -> Floats:
    """Return how often each category is reported."""
    often = np.array([category.often for category in CATEGORIES], dtype=np.float64)
    return np.asarray(often / often.sum())


def _in_order(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the reports by time, numbered, numbers as text, placeholders where they belong."""
    table = table.sort_values("time", kind="stable", ignore_index=True)
    table["report_id"] = [f"R{number:05d}" for number in range(1, len(table) + 1)]
    table["time"] = [moment.isoformat() for moment in table["time"]]
    for column in ("lon", "lat", "true_lon", "true_lat"):
        table[column] = table[column].map("{:.10f}".format)
    for column in ("place_x", "place_y"):
        table[column] = table[column].map("{:.4f}".format)
    blank = (table["note"] == "placeholder").to_numpy()
    table.loc[blank, ["place_x", "place_y"]] = ""
    nothing = [("", ""), ("0.0000000000", "0.0000000000")]
    table.loc[blank, ["lon", "lat"]] = [nothing[i] for i in rng.integers(0, 2, int(blank.sum()))]
    return table[list(COLUMNS)]


COLUMNS = (
    "report_id", "time", "category", "category_name", "description", "lon", "lat", "datum", "accuracy_m",
    "true_lon", "true_lat", "source", "place_x", "place_y", "note",
)  # fmt: skip
