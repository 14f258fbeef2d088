"""Pages against plain Folium in one browser: their size, when they can be used, how long a step aside takes."""

import json
import re
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from folium.plugins import FastMarkerCluster
from map_town import made_plan, made_reports

import maps
from gis.plan import Plan

_ROUNDS = 5
_MODULES = Path(__file__).resolve().parents[2] / "node_modules"
# Folium's own links, answered at once from disk: no network is measured. What it does not need here is empty.
_PARTS = {
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet.markercluster.js": "leaflet.markercluster/dist/leaflet.markercluster.js",
    "MarkerCluster.css": "leaflet.markercluster/dist/MarkerCluster.css",
    "MarkerCluster.Default.css": "leaflet.markercluster/dist/MarkerCluster.Default.css",
}
_SHOWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"
_PAN = """async name => {
    const map = window.eval(name), took = [];
    for (const step of [[150, 60], [-150, 60], [-150, -60], [150, -60], [150, 60], [-150, -60]]) {
        const from = performance.now();
        map.panBy(step, {animate: false});
        await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        took.push(performance.now() - from);
    }
    return took;
}"""


@dataclass(frozen=True)
class Seen:
    """What a page took."""

    megabytes: float
    ready_s: float
    pan_ms: float

    def __str__(self) -> str:
        return f"{self.megabytes:.2f} MB, ready in {self.ready_s:.2f} s, a step aside {self.pan_ms:.0f} ms"


def plain_folium(plan: Plan, reports: pd.DataFrame, out: Path) -> str:
    """Draw the same with Folium as people do who take care: one GeoJson of simplified borders, points in a cluster."""
    leaf = plan.at_level("micro")[["code", "households", "geometry"]]
    leaf = leaf.set_geometry(shapely.coverage_simplify(leaf.geometry.to_numpy(), 0.7), crs=plan.area.crs).to_crs(4326)
    west, south, east, north = leaf.total_bounds
    drawn = folium.Map(tiles=None, prefer_canvas=True, max_zoom=19)
    drawn.fit_bounds([[south, west], [north, east]])
    shapes = json.loads(shapely_rounded(leaf).to_json(drop_id=True))
    folium.GeoJson(shapes, tooltip=folium.GeoJsonTooltip(["code", "households"])).add_to(drawn)
    points = gpd.GeoSeries(gpd.points_from_xy(reports["plan_x"], reports["plan_y"]), crs=plan.area.crs).to_crs(4326)
    rows = np.column_stack([points.y, points.x]).round(6).tolist()
    told = [[*row, f"{a} {b}"] for row, a, b in zip(rows, reports["category"], reports["description"], strict=True)]
    FastMarkerCluster(told).add_to(drawn)
    drawn.save(str(out))
    return str(drawn.get_name())


def shapely_rounded(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry(shapely.transform(frame.geometry.to_numpy(), lambda xy: xy.round(6)), crs=4326)


def our_page(plan: Plan, reports: pd.DataFrame, out: Path) -> str:
    out.write_text(maps.render(plan, reports=reports), encoding="utf-8")
    return "map_plan"


def seen(browser: Any, out: Path, name: str) -> Seen:  # noqa: ANN401
    """Open a page some times, and step aside on it."""
    ready, pans = [], []
    for _ in range(_ROUNDS):
        tab = browser.new_page(viewport={"width": 1280, "height": 800})
        tab.route(re.compile("^https?:"), _from_disk)
        tab.goto(out.as_uri(), wait_until="load")
        if name == "map_plan":
            tab.wait_for_selector("html[data-ready=yes]")
        ready.append(tab.evaluate(_SHOWN) / 1000)
        pans += tab.evaluate(_PAN, name)
        tab.close()
    return Seen(out.stat().st_size / 1e6, statistics.median(ready), statistics.median(pans))


def _from_disk(route: Any) -> None:  # noqa: ANN401
    part = _PARTS.get(route.request.url.rpartition("/")[2])
    if part is None:
        route.fulfill(body="")
    else:
        route.fulfill(path=str(_MODULES / part))


@pytest.fixture(scope="module")
def town() -> Callable[[int, int, int], tuple[Plan, pd.DataFrame]]:
    def make(columns: int, rows: int, count: int) -> tuple[Plan, pd.DataFrame]:
        plan = made_plan(columns, rows)
        return plan, made_reports(plan, count)

    return make


def test_ten_thousand_cells_and_reports(
    browser: Any,  # noqa: ANN401
    town: Callable[[int, int, int], tuple[Plan, pd.DataFrame]],
    tmp_path: Path,
    timed: Any,  # noqa: ANN401
) -> None:
    plan, reports = town(100, 100, 10_000)
    rival = seen(browser, tmp_path / "folium.html", plain_folium(plan, reports, tmp_path / "folium.html"))
    name = timed.pedantic(our_page, (plan, reports, tmp_path / "ours.html"), rounds=1)
    ours = seen(browser, tmp_path / "ours.html", name)
    print(f"\nours {ours}\nFolium {rival}")  # noqa: T201 (the figures are what a benchmark is read for)
    assert ours.megabytes <= min(3.5, rival.megabytes / 3)
    assert ours.ready_s <= min(1.5, 0.6 * rival.ready_s)
    assert ours.pan_ms <= 100


def test_twenty_thousand_cells_and_ten_times_as_many_reports(
    browser: Any,  # noqa: ANN401
    town: Callable[[int, int, int], tuple[Plan, pd.DataFrame]],
    tmp_path: Path,
    timed: Any,  # noqa: ANN401
) -> None:
    plan, reports = town(200, 100, 200_000)
    name = timed.pedantic(our_page, (plan, reports, tmp_path / "ours.html"), rounds=1)
    ours = seen(browser, tmp_path / "ours.html", name)
    print(f"\nours {ours}")  # noqa: T201
    assert ours.megabytes <= 8
    assert ours.ready_s <= 3
