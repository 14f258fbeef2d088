"""OGC API – Features Part 2: the CRS of answers and boxes, with the axes that each has."""

import httpx2 as httpx
import numpy as np
import pytest
import shapely
from pyproj import Transformer

from api.ogc.reference import CRS84, of_epsg
from gis.plan import Plan

ZONE = of_epsg(4547)
UTM = of_epsg(32649)
BOX = (114.465, 38.055, 114.468, 38.058)
ALL = [CRS84, of_epsg(4326), of_epsg(4490), ZONE]


def items(ogc: str, **told: object) -> httpx.Response:
    return httpx.get(
        f"{ogc}/collections/cells-grid/items", params={k.replace("_", "-"): str(v) for k, v in told.items()}
    )


def shapes(answer: httpx.Response) -> list[object]:
    return [shapely.geometry.shape(feature["geometry"]) for feature in answer.json()["features"]]


def test_every_collection_lists_them(ogc: str) -> None:
    for collection in httpx.get(f"{ogc}/collections").json()["collections"]:
        assert collection["crs"] == [reference.uri for reference in ALL]
        assert collection["storageCrs"] in collection["crs"]


@pytest.mark.parametrize("reference", ALL, ids=lambda reference: reference.name)
def test_answers_have_the_axes_of_their_crs(ogc: str, town_plan: Plan, reference: object) -> None:
    answer = items(ogc, crs=reference.uri)
    assert answer.headers["content-crs"] == f"<{reference.uri}>"
    # Not always_xy: pyproj then follows the order in which the register has the axes.
    change = Transformer.from_crs(town_plan.cells.crs, reference.name)
    cells = town_plan.at_level("grid").sort_values("code")
    for shape, cell in zip(shapes(answer), cells.geometry, strict=True):
        x, y = shapely.get_coordinates(cell).T
        expected = shapely.Polygon(np.column_stack(change.transform(y, x)))
        assert shapely.hausdorff_distance(shape, expected) < (1e-3 if reference is ZONE else 2e-7)
    feature = answer.json()["features"][0]
    alone = httpx.get(f"{ogc}/collections/cells-grid/items/{feature['id']}", params={"crs": reference.uri})
    assert alone.json()["geometry"] == feature["geometry"]
    assert alone.headers["content-crs"] == f"<{reference.uri}>"


@pytest.mark.parametrize("reference", ALL, ids=lambda reference: reference.name)
def test_boxes_have_the_axes_of_their_crs(ogc: str, reference: object) -> None:
    corners = Transformer.from_crs(CRS84.name, reference.name).transform(*zip(BOX[:2], BOX[2:], strict=True))
    box = ",".join(map(str, np.column_stack(corners).ravel()))
    found = items(ogc, bbox=box, bbox_crs=reference.uri)
    expected = items(ogc, bbox=",".join(map(str, BOX)))
    assert 0 < found.json()["numberMatched"] < 41
    if reference is not ZONE:  # a rectangle in the zone is turned a little
        assert found.json()["features"] == expected.json()["features"]
    asked = shapely.box(*map(float, box.split(",")))
    answer = items(ogc, bbox=box, bbox_crs=reference.uri, crs=reference.uri)
    assert all(shape.distance(asked) < 1e-7 for shape in shapes(answer))


def test_other_crs_are_refused(ogc: str) -> None:
    told = {"bbox": "1,2,3,4", "filter": "S_INTERSECTS(geometry, POINT(1 2))"}
    for name in ("crs", "bbox_crs", "filter_crs"):
        for uri in (UTM.uri, "EPSG:4326", "", "http://www.opengis.net/def/crs/EPSG/0/99999", "x" * 3000):
            answer = items(ogc, **told | {name: uri})
            assert answer.status_code == 400
            assert answer.headers["content-type"] == "application/problem+json"
    assert httpx.get(f"{ogc}/collections/cells/items/130105005001", params={"crs": UTM.uri}).status_code == 400


def test_boxes_that_are_none_in_their_crs_are_refused(ogc: str) -> None:
    # Eastings before northings: the north would lie south.
    for box in ("4214000,542000,4213000,543000", "540000,9e99,541000,9e99", "9e30,9e30,9e31,9e31"):
        assert items(ogc, bbox=box, bbox_crs=ZONE.uri).status_code == 400
    assert items(ogc, bbox="39,114,38,115", bbox_crs=of_epsg(4490).uri).status_code == 400


def test_axes_of_zones() -> None:
    assert all(of_epsg(code).northing_first for code in range(4534, 4555))
    assert not UTM.northing_first
    assert not CRS84.northing_first
    assert of_epsg(4326).northing_first
    assert of_epsg(4490).northing_first


def test_filters_have_the_axes_of_their_crs(ogc: str) -> None:
    west, south, east, north = BOX
    degrees = items(ogc, filter=f"S_INTERSECTS(geometry, BBOX({west},{south},{east},{north}))").json()
    turned = (
        f"S_INTERSECTS(geometry, POLYGON(({south} {west},{south} {east},{north} {east},{north} {west},{south} {west})))"
    )
    assert items(ogc, filter=turned, filter_crs=of_epsg(4326).uri).json()["features"] == degrees["features"]
    assert items(ogc, bbox=",".join(map(str, BOX))).json()["features"] == degrees["features"]
