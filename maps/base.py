"""The ground under the cells: land, lines and buildings, as the plan itself holds them."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis.plan import Plan
from maps.codec import Grid, Shapes
from maps.palette import BARRIERS, LAND, OTHER_LINE

# Metres by which drawn shapes may differ from the plan's: below what a screen shows.
_LAND_M, _LINE_M, _BUILDING_M = 1.0, 0.7, 0.35
_NAMED = ("arterial", "street", "river")


def base_layers(plan: Plan, grid: Grid) -> dict[str, Any]:
    """Return land, barriers and buildings as data for the page.

    Nothing but shapes, kinds and the names of streets and waters: no building's identity, address or figure.
    """
    return {
        "land": _land(plan.land, grid),
        "barriers": _barriers(plan.barriers, grid),
        "buildings": _buildings(plan, grid),
    }


def addresses(plan: Plan, grid: Grid) -> dict[str, Any]:
    """Return the addresses of buildings and where they are, to be searched by those who work with the plan."""
    told = plan.buildings["address"].astype("object")
    known = plan.buildings[told.map(lambda text: isinstance(text, str) and bool(text)).to_numpy(bool)]
    known = known.iloc[np.argsort(known.hilbert_distance(), kind="stable")] if len(known) else known
    points = shapely.get_coordinates(shapely.point_on_surface(known.geometry.to_numpy()))
    return {"texts": known["address"].astype(str).tolist(), "points": grid.points(points)}


def _land(land: gpd.GeoDataFrame, grid: Grid) -> dict[str, Any]:
    kinds = [str(kind) if kind in LAND else "" for kind in land["kind"]]
    different = sorted(set(kinds))
    shapes = shapely.simplify(land.geometry.to_numpy(), _LAND_M)
    return {
        "kinds": different,
        "kind": np.array([different.index(kind) for kind in kinds], np.int64),
        "shapes": grid.lines(shapes),
    }


def _barriers(barriers: gpd.GeoDataFrame, grid: Grid) -> dict[str, Any]:
    """Lines with a style each, the weightiest drawn last; names only where a map would write them."""
    order = [*reversed(BARRIERS), "other"]
    kinds = [str(kind) if kind in BARRIERS else "other" for kind in barriers["kind"]]
    named = [
        str(name) if kind in _NAMED and isinstance(name, str) else ""
        for kind, name in zip(kinds, barriers["name"], strict=True)
    ]
    names = sorted(set(named) | {""})
    place = {name: at for at, name in enumerate(names)}
    return {
        "styles": [{"kind": kind, "width": BARRIERS.get(kind, OTHER_LINE)[1]} for kind in order],
        "style": np.array([order.index(kind) for kind in kinds], np.int64),
        "names": names,
        "name": np.array([place[name] for name in named], np.int64),
        "shapes": grid.lines(shapely.simplify(barriers.geometry.to_numpy(), _LINE_M)),
    }


def _buildings(plan: Plan, grid: Grid) -> dict[str, Any]:
    """Footprints in order of place, so that steps between them are short; points have no shape to draw."""
    shapes: Shapes = plan.buildings.geometry.to_numpy()
    shapes = shapely.simplify(shapes[shapely.get_dimensions(shapes) == 2], _BUILDING_M)  # noqa: PLR2004 (areal)
    along = gpd.GeoSeries(shapes, crs=plan.area.crs).hilbert_distance() if len(shapes) else []
    return {"shapes": grid.lines(shapes[np.argsort(along, kind="stable")])}


def from_openstreetmap(plan: Plan) -> bool:
    """Whether the ground is OpenStreetMap's, whose licence asks for a line on the map."""
    names = [str(source.get("name", "")).casefold() for source in plan.metadata.get("inputs", [])]
    return any(name.endswith((".osm", ".pbf", ".osm.gz", ".osm.bz2")) for name in names)


def data_date(plan: Plan) -> str:
    """Return of when the plan's inputs are; empty where they do not say."""
    return ", ".join(sorted({str(source["date"]) for source in plan.metadata.get("inputs", []) if source.get("date")}))
