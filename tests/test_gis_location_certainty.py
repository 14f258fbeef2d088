"""Probabilities that are right as often as they say."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from places import plan_in_china
from tilings import tiling

import gis
from gis.datum import Datum
from gis.errors import InputError
from gis.location.prior import Whereabouts, expect
from gis.location.reports import Reports
from gis.location.routing import Router, Sent
from gis.location.rule import RoutingRule
from gis.plan import Plan

STREETS = ("arterial", "street", "lane")


@pytest.fixture(scope="module")
def plans(town_plan: Plan, baltimore_plan: Plan, datasets: Path) -> dict[str, Plan]:
    folder = datasets / "osm_queens_village_ny"
    queens = gis.read_town(osm=folder / "queens_village_ny.osm.pbf", area=folder / "area.geojson")
    return {
        "town": town_plan,
        "queens": gis.delineate(queens, gis.parse_levels("grid:400-600,micro:70-80"), workers=2),
        "baltimore": baltimore_plan,
    }


def anywhere(plan: Plan, n: int, rng: np.random.Generator) -> np.ndarray:
    area, (west, south, east, north) = plan.area.geometry.iloc[0], plan.area.total_bounds
    found = np.empty((0, 2))
    while len(found) < n:
        xy = rng.uniform((west, south), (east, north), (2 * n, 2))
        found = np.vstack([found, xy[shapely.contains_xy(area, *xy.T)]])
    return found[:n]


def at_homes(plan: Plan, n: int, rng: np.random.Generator) -> np.ndarray:
    weight = plan.buildings["households"].to_numpy() + 4.0
    chosen = plan.buildings.geometry.to_numpy()[rng.choice(len(weight), n, p=weight / weight.sum())]
    return shapely.get_coordinates(shapely.centroid(chosen)) + rng.uniform(-12, 12, (n, 2))


def at_streets(plan: Plan, n: int, rng: np.random.Generator) -> np.ndarray:
    lines = plan.barriers.geometry[plan.barriers["kind"].isin(STREETS)].to_numpy()
    length = shapely.length(lines)
    chosen = lines[rng.choice(len(lines), n, p=length / length.sum())]
    points = shapely.line_interpolate_point(chosen, rng.random(n), normalized=True)
    return shapely.get_coordinates(points) + rng.uniform(-7, 7, (n, 2))


def mixed(plan: Plan, n: int, rng: np.random.Generator) -> np.ndarray:
    """Not what is assumed, but like it: other shares, other weights, another spread."""
    share = rng.random(n)[:, None]
    homes, streets = at_homes(plan, n, rng), at_streets(plan, n, rng)
    return np.where(share < 0.45, homes, np.where(share < 0.85, streets, anywhere(plan, n, rng)))


def pins(plan: Plan, xy: np.ndarray, radius: np.ndarray) -> Reports:
    texts = np.full(len(xy), "", dtype=object)
    lon, lat = gpd.GeoSeries.from_xy(*xy.T, crs=plan.area.crs).to_crs(4326).get_coordinates().to_numpy().T
    table = pa.table({"lon": lon, "lat": lat})
    return Reports(table, texts, lon, lat, np.zeros(len(xy), np.int64), [Datum.WGS84], radius, texts, texts, texts)


def simulated(plan: Plan, places: Callable[..., np.ndarray], n: int = 60_000) -> tuple[Sent, np.ndarray]:
    """Send pins with an error of 5 to 50 m about known places; return the ground each truly is about, too."""
    rng = np.random.default_rng(5)
    true = places(plan, n, rng)
    sigma = rng.uniform(5, 50, n)
    router = Router(plan, RoutingRule(nearest_m=200))
    radius = sigma * np.sqrt(-2 * np.log(1 - 0.68))
    sent = router.send(pins(plan, true + rng.normal(size=(n, 2)) * sigma[:, None], radius))
    return sent, router.index.locate(*true.T)


def deciles(said: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return how much oftener than said each tenth of the predictions is right."""
    tenth = np.minimum((said * 10).astype(int), 9)
    return np.array([right[tenth == k].mean() - said[tenth == k].mean() for k in range(10)])


@pytest.mark.parametrize("name", ["town", "queens", "baltimore"])
@pytest.mark.parametrize(
    ("places", "most"),
    # The second is far from what is assumed: probabilities suffer, but not much.
    [(mixed, 0.02), (anywhere, 0.05)],
)
def test_probabilities_are_right_as_often_as_they_say(
    plans: dict[str, Plan], name: str, places: Callable[..., np.ndarray], most: float
) -> None:
    sent, true = simulated(plans[name], places, 200_000)
    named = sent.certainty.shares > 0
    off = deciles(sent.certainty.shares[named], (sent.certainty.cells == true[:, None])[named])
    assert np.abs(off).max() <= most, off


@pytest.mark.parametrize("name", ["town", "queens", "baltimore"])
@pytest.mark.parametrize("places", [mixed, anywhere, at_homes, at_streets])
def test_what_is_sent_without_asking_is_right(
    plans: dict[str, Plan], name: str, places: Callable[..., np.ndarray]
) -> None:
    sent, true = simulated(plans[name], places)
    sure = (sent.row >= 0) & (sent.certainty.at_level[:, -1] >= 0.9)
    assert sure.mean() > 0.1
    assert (sent.row == true)[sure].mean() >= 0.93


def test_a_pin_deep_inside_is_certain_and_shares_sum_to_one(town_plan: Plan) -> None:
    sent, _ = simulated(town_plan, mixed, 2000)
    deep = (sent.row >= 0) & (sent.distance_m > 5 * 50)
    assert (sent.certainty.shares[deep, 0] == 1).all()
    assert (sent.certainty.shares.sum(axis=1) <= 1 + 1e-9).all()
    assert (np.diff(sent.certainty.shares, axis=1) <= 0).all()
    # A level above is never less certain.
    assert (np.diff(sent.certainty.at_level, axis=1) <= 1e-9).all()


def test_no_cell_is_forgotten_where_there_are_very_many() -> None:
    plan = plan_in_china()
    shapes = tiling(40, 40, 1)
    codes = [f"m{k}" for k in range(len(shapes))]
    columns = {"code": codes, "level": "micro", "parent_code": "g1", "ground_code": codes, "name": ""}
    whole = {"code": "g1", "level": "grid", "parent_code": None, "ground_code": "g1", "name": ""}
    cells = gpd.GeoDataFrame(columns, geometry=shapes, crs=plan.cells.crs)
    area = shapely.coverage_union_all(shapes)
    above = gpd.GeoDataFrame([whole], geometry=[area], crs=plan.cells.crs)
    cells = gpd.GeoDataFrame(pd.concat([above, cells], ignore_index=True))
    buildings = plan.buildings.set_geometry(shapely.centroid([area, area]))
    many = replace(
        plan, cells=cells, area=plan.area.set_geometry([area]), buildings=buildings, barriers=plan.barriers[:0]
    )
    centre = shapely.get_coordinates(area.centroid)
    (share,) = Router(many, RoutingRule()).send(pins(many, centre, np.array([900.0]))).certainty.at_level[:, 0]
    assert share > 0.95


def test_reports_are_expected_where_homes_and_streets_are() -> None:
    plan = plan_in_china()
    density = expect(plan, Whereabouts(beside_m=2))

    def at(x: float, y: float) -> float:
        return float(density.per_m2[int((y - density.south) // 4), int((x - density.west) // 4)])

    field, house, tower, street = (
        at(500_030, 4_200_030),
        at(500_100, 4_200_100),
        at(500_300, 4_200_100),
        at(500_200, 4_200_150),
    )
    assert field == pytest.approx(density.beyond)
    assert field < house < tower
    assert street > field
    total = density.per_m2.sum() * 16
    assert total == pytest.approx(0.85 + density.beyond * density.per_m2.size * 16, rel=0.01)


@pytest.mark.parametrize("wrong", [{"homes": -1.0}, {"land": 0.0}, {"pixel_m": 0.0}])
def test_whereabouts_that_make_no_sense_are_refused(wrong: dict) -> None:
    with pytest.raises(InputError):
        Whereabouts(**wrong)
