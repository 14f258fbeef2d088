"""What a planner would assemble today from published libraries: momepy, libpysal and METIS.

Usage: usual_pipeline.py TOWN.osm.pbf AREA.geojson OUT.gpkg

Enclosures between streets, a tessellation of them by buildings, rook contiguity, METIS at both sizes, and the atoms
dissolved to cells, written as the layers `grid` and `micro` with their `households`.
"""

import argparse
from pathlib import Path

import geopandas as gpd
import momepy
import numpy as np
import pandas as pd
import pymetis
from libpysal.graph import Graph

HOUSEHOLDS = {"grid": 500, "micro": 75}
_STREETS = {
    *("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street"),
    *("motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link"),
}
_HOUSE_M2, _FLOORS, _M2_PER_HOUSEHOLD = 400.0, 2, 120.0


def read(path: Path, area: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Read streets, buildings and address points of an area, in its metres."""
    box = area.to_crs(4326).geometry.iloc[0]
    lines, polygons, points = (
        gpd.read_file(path, layer=layer, mask=box).to_crs(area.crs) for layer in ("lines", "multipolygons", "points")
    )
    streets = lines[lines["highway"].isin(_STREETS)].clip(area).explode(ignore_index=True)
    streets = streets[streets.geom_type == "LineString"]
    # All of them, sheds and shops too: every square metre is somebody's, and Wangge tiles around these as well.
    buildings = polygons[polygons["building"].notna()]
    buildings = buildings[buildings.within(area.geometry.iloc[0])].explode(ignore_index=True)
    buildings = buildings.drop(columns=buildings.columns.difference(["geometry"]))
    addresses = points[points["other_tags"].fillna("").str.contains("addr:housenumber")]
    return streets, momepy_ready(buildings), addresses


def momepy_ready(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep valid footprints of which none lies in another: the tessellation fails on doubled ones."""
    sound = buildings[buildings.is_valid & (buildings.area > 20)].reset_index(drop=True)
    inner, outer = sound.sindex.query(sound.geometry, predicate="within")
    return sound.drop(index=np.unique(inner[inner > outer])).reset_index(drop=True)


def count_households(buildings: gpd.GeoDataFrame, addresses: gpd.GeoDataFrame) -> np.ndarray:
    """Count one household to a house, else those of the floor space, and never fewer than there are addresses."""
    ground = buildings.area.to_numpy()
    estimate = np.where(ground <= _HOUSE_M2, 1, np.ceil(ground * _FLOORS / _M2_PER_HOUSEHOLD))
    held, _ = addresses.sindex.query(buildings.geometry, predicate="contains")
    return np.maximum(estimate, np.bincount(held, minlength=len(buildings))).astype(int)


def divide(graph: Graph, households: np.ndarray, target: int) -> np.ndarray:
    """Divide atoms into cells by METIS as it comes: contiguity has to be asked for, and needs a connected graph."""
    adjacency = graph.sparse.tocsr()
    csr = pymetis.CSRAdjacency(adjacency.indptr.astype(np.int32), adjacency.indices.astype(np.int32))
    cells = round(households.sum() / target)
    return np.array(pymetis.part_graph(cells, csr, vweights=households.astype(np.int32))[1])


def main() -> None:
    """Read the files named on the command line, divide, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("town", "area", "out"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args()
    area = gpd.read_file(given.area)
    area = area.to_crs(area.estimate_utm_crs()).dissolve()
    streets, buildings, addresses = read(given.town, area)
    buildings["households"] = count_households(buildings, addresses)
    enclosures = momepy.enclosures(streets, limit=area.geometry, clip=True)
    atoms = momepy.enclosed_tessellation(buildings, enclosures)
    # A building on a street has an atom on either side: its households count in the first.
    of_building = pd.Series(buildings["households"]).reindex(atoms.index).fillna(0)
    households = of_building.where(~atoms.index.duplicated(), 0).to_numpy(int)
    atoms = atoms.reset_index(drop=True).assign(households=households)
    graph = Graph.build_contiguity(atoms, rook=True)
    for level, target in HOUSEHOLDS.items():
        labelled = atoms.assign(cell=divide(graph, households, target))[["cell", "households", "geometry"]]
        labelled.dissolve("cell", aggfunc="sum").to_file(given.out, layer=level)


if __name__ == "__main__":
    main()
