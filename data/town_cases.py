"""Cases of a made town and how they were closed and rated; codes, moments and places only."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from data.report_texts import CATEGORIES
from data.town_parts import Floats
from data.town_reports import DAYS, FIRST_DAY, Scene, report_places, reported_at

CASES = 1_200
#: Hours until a case is due by the kind of its category, and how long handling takes: median hours, spread.
DUE = {"component": 168.0, "event": 72.0, "emergency": 4.0}
TAKES = {"component": (60.0, 0.9), "event": (26.0, 0.9), "emergency": (2.0, 0.7)}
OPEN_STATES = ("reported", "dispatched", "accepted", "handling")
#: Shares of cases that are known by their building, lie outside the area, and have no place at all.
IN_BUILDING, OUTSIDE, NOWHERE = 0.3, 0.005, 0.005
RATED, RATINGS, RATED_SO = 0.75, ("good", "fair", "poor"), (0.72, 0.2, 0.08)


def make_events(scene: Scene, dwellings: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return cases of sixty days, most of them closed, some late, and some still open.

    Parameters
    ----------
    scene
        Where reports are made.
    dwellings
        `building_id`, `entrance`, `floor_from` of the homes, for cases that are known by their building.
    rng
        Source of every choice.

    Returns
    -------
    pandas.DataFrame
        `number`, `category`, `state`, `received_at`, `case_due`, `closed_at`, `building_id`, `entrance`, `floor`,
        `lon`, `lat` (WGS 84), in order of time. A case has a building or a point; a few have neither.
    """
    often = np.array([category.often for category in CATEGORIES], dtype=np.float64)
    category = rng.choice([each.code for each in CATEGORIES], CASES, p=often / often.sum())
    urgency = np.where(category == "event-4", "emergency", [code.split("-")[0] for code in category])
    received = reported_at(rng, CASES)
    due = received + pd.to_timedelta([DUE[each] for each in urgency], unit="h")
    hours = [rng.lognormal(np.log(TAKES[each][0]), TAKES[each][1]) for each in urgency]
    closed = received + pd.to_timedelta(np.round(np.array(hours) * 3600), unit="s")
    is_open = (closed > FIRST_DAY + pd.Timedelta(days=DAYS)).to_numpy()
    state = np.where(
        is_open, rng.choice(OPEN_STATES, CASES), rng.choice(["closed", "followed_up"], CASES, p=[0.8, 0.2])
    )
    table = pd.DataFrame({"category": category, "state": state, "received_at": received, "case_due": due})
    table["closed_at"] = closed.mask(is_open)
    for column in ("received_at", "case_due", "closed_at"):
        table[column] = ["" if pd.isna(moment) else moment.isoformat() for moment in table[column]]
    table = pd.concat([table, _whereabouts(scene, dwellings, rng)], axis=1)
    table = table.iloc[np.argsort(received.to_numpy(), kind="stable")].reset_index(drop=True)
    table.insert(0, "number", [f"C{number:05d}" for number in range(1, CASES + 1)])
    return table


def make_sentiment(events: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return how those who reported rated the cases that were closed.

    Parameters
    ----------
    events
        As `make_events` returns them.
    rng
        Source of every choice.
    """
    rated = events[(events["closed_at"] != "").to_numpy() & (rng.random(len(events)) < RATED)]
    late = (pd.to_datetime(rated["closed_at"]) > pd.to_datetime(rated["case_due"])).to_numpy()
    rating = rng.choice(RATINGS, len(rated), p=RATED_SO)
    # Half of those who waited too long say so.
    rating = np.where(late & (rng.random(len(rated)) < 1 / 2), "poor", rating)
    columns = ["number", "category", "closed_at", "building_id", "entrance", "floor", "lon", "lat"]
    return rated[columns].assign(rating=rating).reset_index(drop=True)


def _whereabouts(scene: Scene, dwellings: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return where cases are: a home with its entrance and floor, or a point."""
    told = rng.choice(["home", "outside", "", "point"], CASES, p=_shares())
    at_home, outside, nowhere = (told == name for name in ("home", "outside", ""))
    places = report_places(scene, rng, CASES)
    places[outside] = _beyond(scene, rng, int(outside.sum()))
    lon, lat = Transformer.from_crs("EPSG:4547", "EPSG:4326", always_xy=True).transform(*places.T)
    homes = dwellings.iloc[rng.choice(len(dwellings), CASES, p=_by_households(dwellings))]
    # A caller gives the block, and only some the floor.
    exact = at_home & (rng.random(CASES) < 1 / 2)
    blank = at_home | nowhere
    return pd.DataFrame(
        {
            "building_id": np.where(at_home, homes["building_id"], ""),
            "entrance": np.where(exact, homes["entrance"], ""),
            "floor": np.where(exact, homes["floor_from"].astype(str), ""),
            "lon": np.where(blank, "", [f"{degrees:.8f}" for degrees in lon]),
            "lat": np.where(blank, "", [f"{degrees:.8f}" for degrees in lat]),
        }
    )


def _shares() -> list[float]:
    return [IN_BUILDING, OUTSIDE, NOWHERE, 1 - IN_BUILDING - OUTSIDE - NOWHERE]


def _by_households(dwellings: pd.DataFrame) -> NDArray[np.float64]:
    households = dwellings["households"].to_numpy(np.float64)
    return np.asarray(households / households.sum())


def _beyond(scene: Scene, rng: np.random.Generator, count: int) -> Floats:
    """Return places outside the area, well beyond its rim."""
    ring = shapely.get_exterior_ring(shapely.buffer(scene.area, 150))
    return shapely.get_coordinates(shapely.line_interpolate_point(ring, rng.random(count), normalized=True))
