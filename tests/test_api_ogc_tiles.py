"""Vector tiles: what is in them, and that neighbours stay neighbours."""

from collections import Counter
from math import asinh, pi, radians, tan
from typing import Any

import geopandas as gpd
import httpx2 as httpx
import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from api.ogc.collection import Shapes
from api.ogc.tile_matrix import box_of
from api.ogc.vector_tile import BUFFER, EXTENT, buffered, tile
from gis.plan import Plan

TOWN = (114.47, 38.06)
OPTIONS = {"y_coord_down": True}


def place(zoom: int, lon: float = TOWN[0], lat: float = TOWN[1]) -> tuple[int, int, int]:
    """Return the tile of a point as the standard orders it: zoom, row, column."""
    size = 2**zoom
    return zoom, int((1 - asinh(tan(radians(lat))) / pi) / 2 * size), int((lon + 180) / 360 * size)


def url(ogc: str, collection: str, at: tuple[int, ...]) -> str:
    return f"{ogc}/collections/{collection}/tiles/WebMercatorQuad/" + "/".join(map(str, at))


def decoded(content: bytes, layer: str) -> dict[str, Any]:
    found = mapbox_vector_tile.decode(content, default_options=OPTIONS)[layer]
    assert found["extent"] == EXTENT
    return {f["properties"]["code"]: shapely.geometry.shape(f["geometry"]) for f in found["features"]}


@pytest.fixture(scope="module")
def mercator(town_plan: Plan) -> gpd.GeoDataFrame:
    return town_plan.cells.to_crs(3857).set_index("code")


@pytest.mark.parametrize("zoom", [14, 16])
@pytest.mark.parametrize("level", ["community", "grid", "micro"])
def test_cells_of_a_tile_are_those_that_meet_it(ogc: str, mercator: gpd.GeoDataFrame, level: str, zoom: int) -> None:
    answer = httpx.get(url(ogc, f"cells-{level}", place(zoom)))
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    found = decoded(answer.content, f"cells-{level}")
    cells = mercator[mercator["level"] == level]
    box = shapely.box(*box_of(*place(zoom)))
    meeting = set(cells.index[cells.intersects(box)])
    edge = set(cells.index[cells.intersects(shapely.box(*buffered(box.bounds)))])
    assert meeting
    assert meeting <= set(found) <= edge
    west, _, east, north = box.bounds
    scale = EXTENT / (east - west)
    for code, shape in found.items():
        there = shapely.affinity.affine_transform(
            cells.geometry[code], [scale, 0, 0, -scale, -west * scale, north * scale]
        )
        window = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
        # No vertex moves farther than half a step each way.
        drawn = there.intersection(window)
        assert shape.symmetric_difference(drawn).area <= drawn.length / 2**0.5


@pytest.mark.parametrize("zoom", [12, 13, 14, 15, 16, 17])
@pytest.mark.parametrize("level", ["grid", "micro"])
def test_neighbours_leave_no_gap_and_do_not_overlap(ogc: str, town_plan: Plan, level: str, zoom: int) -> None:
    found = decoded(httpx.get(url(ogc, f"cells-{level}", place(zoom))).content, f"cells-{level}")
    ground = town_plan.cells.set_index("code")["ground_code"]
    shapes = [shape for code, shape in found.items() if ground[code] == code]
    assert shapely.is_valid(shapes).all()
    union = shapely.union_all(shapes)
    assert union.area == pytest.approx(sum(shape.area for shape in shapes))
    window = shapely.box(*union.bounds)
    holes = [ring for part in shapely.get_parts(union) for ring in part.interiors]
    assert not holes, [shapely.Polygon(ring).area for ring in holes]
    assert union.within(window)
    # Inside the tile every edge is used by two cells, once each way, or lies on the rim of all.
    edges = Counter(
        (tuple(a), tuple(b))
        for shape in shapes
        for part in shapely.get_parts(shape)
        for ring in (part.exterior, *part.interiors)
        for a, b in zip(ring.coords, ring.coords[1:], strict=False)
    )
    lonely = [pair for pair in edges if pair[::-1] not in edges]
    assert max(edges.values()) == 1
    assert all(union.boundary.distance(shapely.LineString(pair)) < 1e-9 for pair in lonely)


def test_rings_turn_as_the_format_wants(ogc: str) -> None:
    for shape in decoded(httpx.get(url(ogc, "cells", place(15))).content, "cells").values():
        for part in shapely.get_parts(shape):
            # Counter-clockwise by the formula, that is clockwise on a screen.
            assert part.exterior.is_ccw
            assert not any(ring.is_ccw for ring in part.interiors)


def test_rows_come_before_columns(ogc: str) -> None:
    zoom, row, column = place(14)
    assert httpx.get(url(ogc, "cells", (zoom, row, column))).status_code == 200
    assert httpx.get(url(ogc, "cells", (zoom, column, row))).status_code == 204


@pytest.mark.parametrize("at", ["23/0/0", "1/2/0", "1/0/2", "-1/0/0", "x/0/0", "1/1.0/0", "0/0/9999999999999", "٣/0/0"])
def test_there_is_no_tile_outside(ogc: str, at: str) -> None:
    answer = httpx.get(f"{ogc}/collections/cells/tiles/WebMercatorQuad/{at}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_unknown_tiling(ogc: str) -> None:
    for path in ("tileMatrixSets/Mine", "collections/cells/tiles/Mine", "collections/cells/tiles/Mine/0/0/0"):
        assert httpx.get(f"{ogc}/{path}").status_code == 404


def test_zooms_where_cells_are_less_than_a_point(ogc: str) -> None:
    for zoom in range(23):
        answer = httpx.get(url(ogc, "cells", place(zoom)))
        assert answer.status_code in (200, 204)
        assert bool(answer.content) == (answer.status_code == 200)
    assert httpx.get(url(ogc, "cells", place(0))).status_code == 204


def test_a_tile_is_sent_once(ogc: str) -> None:
    first = httpx.get(url(ogc, "cells", place(14)))
    other = httpx.get(url(ogc, "cells-grid", place(14)))
    assert first.headers["etag"] != other.headers["etag"]
    again = httpx.get(url(ogc, "cells", place(14)), headers={"If-None-Match": f'W/"x", {first.headers["etag"]}'})
    assert again.status_code == 304
    assert not again.content
    assert httpx.get(url(ogc, "cells", place(14)), headers={"If-None-Match": '"x"'}).status_code == 200


def test_tilesets_lead_to_tiles(ogc: str) -> None:
    listed = httpx.get(f"{ogc}/collections/cells/tiles").json()
    whole = httpx.get(next(link["href"] for link in listed["tilesets"][0]["links"] if link["rel"] == "self")).json()
    (item,) = (link for link in whole["links"] if link["rel"] == "item")
    assert item["templated"]
    zoom, row, column = place(14)
    assert httpx.get(item["href"].format(tileMatrix=zoom, tileRow=row, tileCol=column)).status_code == 200
    scheme = next(link["href"] for link in whole["links"] if link["rel"].endswith("/tiling-scheme"))
    matrices = httpx.get(scheme).json()["tileMatrices"]
    assert matrices[0]["scaleDenominator"] == pytest.approx(559082264.028717)
    assert matrices[14]["matrixWidth"] == 2**14
    assert matrices[1]["cellSize"] == pytest.approx(78271.516964)


def test_points_and_lines_are_drawn_too() -> None:
    box = (0.0, 0.0, 4096.0, 4096.0)
    drawn = np.array([shapely.Point(10, 4086), shapely.LineString([(0, 0), (4096, 4096)]), shapely.Point(9000, 0)])
    content = tile("things", box, Shapes(drawn, [{"code": "p"}, {"code": "l"}, {"code": "o"}]))
    found = decoded(content, "things")
    assert found["p"].equals(shapely.Point(10, 10))
    assert found["l"].geom_type == "LineString"
    assert "o" not in found


def test_what_folds_on_the_grid_is_mended() -> None:
    box = (0.0, 0.0, 4096.0, 4096.0)
    spike = shapely.Polygon([(0, 0), (100, 0), (100, 100), (50.4, 100), (50.2, 200), (50, 100), (0, 100)])
    speck = shapely.box(200.1, 200.1, 200.3, 200.3)
    found = decoded(tile("things", box, Shapes(np.array([spike, speck]), [{"code": "a"}, {"code": "b"}])), "things")
    assert set(found) == {"a"}
    assert found["a"].is_valid
    assert found["a"].area == 100 * 100
