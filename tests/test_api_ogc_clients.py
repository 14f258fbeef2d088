"""The programs that people have read the same from the OGC API: GDAL old and new, QGIS, OWSLib."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import httpx2 as httpx
import pyogrio
import pytest
from owslib.ogcapi.features import Features

BOX = (114.465, 38.055, 114.468, 38.058)
IN_QGIS = """
import json, sys
from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer
app = QgsApplication([], False)
app.initQgis()
layer = QgsVectorLayer(sys.argv[1], "cells", "OAPIF")
box = QgsFeatureRequest().setFilterRect(QgsRectangle(*map(float, sys.argv[2:])))
names = [field.name() for field in layer.fields()]
print(json.dumps([layer.isValid(), len(list(layer.getFeatures())), len(list(layer.getFeatures(box))), names]))
del layer
app.exitQgis()
"""


def need(path: str, there: object, how: str) -> str:
    """Return a program that is there; without it the test skips, or fails where CI is true."""
    if not there:
        pytest.fail(how) if os.environ.get("CI") == "true" else pytest.skip(how)
    return path


@pytest.fixture(scope="module")
def counts(ogc: str) -> tuple[int, int]:
    """Return how many cells there are, and how many meet the box."""
    asked = {"bbox": ",".join(map(str, BOX)), "limit": 1}
    whole, boxed = (httpx.get(f"{ogc}/collections/cells/items", params=told).json() for told in ({"limit": 1}, asked))
    return whole["numberMatched"], boxed["numberMatched"]


def test_the_counts_differ(counts: tuple[int, int]) -> None:
    assert 0 < counts[1] < counts[0] == 315


@pytest.mark.parametrize("page", ["1000", "7", "1"])
def test_pyogrio(ogc: str, counts: tuple[int, int], page: str) -> None:
    read = {"layer": "cells", "PAGE_SIZE": page}
    whole, boxed = (pyogrio.read_dataframe(f"OAPIF:{ogc}", bbox=box, **read) for box in (None, BOX))
    assert (len(whole), len(boxed)) == counts
    assert whole["code"].is_unique
    assert whole.geometry.is_valid.all()


def test_pyogrio_in_the_zone_of_the_plan(ogc: str, counts: tuple[int, int]) -> None:
    # The zone counts northings first; GDAL turns them, as it knows the zone.
    read = {"layer": "cells", "CRS": "EPSG:4547"}
    degrees = pyogrio.read_dataframe(f"OAPIF:{ogc}", layer="cells").to_crs("EPSG:4547").set_index("code")
    metres = pyogrio.read_dataframe(f"OAPIF:{ogc}", **read).set_index("code")
    assert metres.crs.to_epsg() == 4547
    assert (metres.geometry.hausdorff_distance(degrees.geometry) < 0.02).all()
    west, south, east, north = metres.total_bounds
    middle = (west + east) / 2, (south + north) / 2
    boxed = pyogrio.read_dataframe(f"OAPIF:{ogc}", bbox=(west, south, *middle), **read)
    assert 0 < len(boxed) < counts[0]
    assert set(boxed["code"]) == set(metres.cx[west : middle[0], south : middle[1]].index)


def test_pyogrio_filters(ogc: str) -> None:
    found = pyogrio.read_dataframe(f"OAPIF:{ogc}", layer="cells", where="level = 'grid' AND exclave = 0")
    assert len(found) == 41


@pytest.mark.parametrize("box", [None, BOX])
def test_ogrinfo(ogc: str, counts: tuple[int, int], box: tuple[float, ...] | None) -> None:
    command = need("ogrinfo", shutil.which("ogrinfo"), "GDAL's own reader is absent: apt install gdal-bin")
    where = ["-spat", *map(str, box)] if box else []
    done = subprocess.run(
        [command, "-q", *where, "-sql", "SELECT code FROM cells", f"OAPIF:{ogc}", "-oo", "PAGE_SIZE=50"],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.count("OGRFeature") == counts[1 if box else 0]
    assert "ERROR" not in done.stderr


@pytest.mark.parametrize("more", ["", " pageSize='50'", " restrictToRequestBBOX='1'"])
def test_qgis(ogc: str, counts: tuple[int, int], tmp_path: Path, more: str) -> None:
    missing = "QGIS is absent: apt install python3-qgis"
    python = need("/usr/bin/python3", Path("/usr/lib/python3/dist-packages/qgis").is_dir(), missing)
    done = subprocess.run(
        [python, "-c", IN_QGIS, f"url='{ogc}' typename='cells'{more}", *map(str, BOX)],
        env={"QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    valid, whole, boxed, names = json.loads(done.stdout.splitlines()[-1])
    assert valid
    assert (whole, boxed) == counts
    assert {"code", "level", "households"} <= set(names)


def test_owslib(ogc: str, counts: tuple[int, int]) -> None:
    api = Features(ogc)
    assert api.feature_collections() == ["cells", "cells-community", "cells-grid", "cells-micro"]
    assert api.api()["openapi"].startswith("3.0")
    assert api.collection("cells")["id"] == "cells"
    assert "code" in api.collection_queryables("cells")["properties"]
    pages = [api.collection_items("cells", limit=100)]
    while following := [link["href"] for link in pages[-1]["links"] if link["rel"] == "next"]:
        pages.append(httpx.get(following[0]).json())
    assert sum(page["numberReturned"] for page in pages) == counts[0]
    assert api.collection_items("cells", bbox=BOX)["numberMatched"] == counts[1]
    assert api.collection_item("cells", "130105005001")["id"] == "130105005001"
