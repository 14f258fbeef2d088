"""The programs that people have read the same from the OGC API: GDAL old and new, QGIS, OWSLib."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pyogrio
import pytest
import storm
from absent import absent
from owslib.ogcapi.features import Features

BOX = (114.465, 38.055, 114.468, 38.058)
BOX_OF_CASES = (114.46245, 38.05, 114.46455, 38.07)
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
        absent(how)
    return path


def in_ogrinfo(address: str, query: str, box: tuple[float, ...] | None) -> int:
    """Return how many features GDAL's own program reads."""
    command = need("ogrinfo", shutil.which("ogrinfo"), "GDAL's own reader is absent: apt install gdal-bin")
    where = ["-spat", *map(str, box)] if box else []
    done = subprocess.run(
        [command, "-q", *where, "-sql", query, f"OAPIF:{address}", "-oo", "PAGE_SIZE=50"],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert "ERROR" not in done.stderr
    return done.stdout.count("OGRFeature")


def in_qgis(source: str, box: tuple[float, ...], folder: Path) -> tuple[int, int, list[str]]:
    """Return how many features QGIS reads, how many of them in a box, and the names of their fields."""
    missing = "QGIS is absent: apt install python3-qgis"
    python = need("/usr/bin/python3", Path("/usr/lib/python3/dist-packages/qgis").is_dir(), missing)
    done = subprocess.run(
        [python, "-c", IN_QGIS, source, *map(str, box)],
        env={"QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    valid, whole, boxed, names = json.loads(done.stdout.splitlines()[-1])
    assert valid
    return whole, boxed, names


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
    assert in_ogrinfo(ogc, "SELECT code FROM cells", box) == counts[1 if box else 0]


@pytest.mark.parametrize("more", ["", " pageSize='50'", " restrictToRequestBBOX='1'"])
def test_qgis(ogc: str, counts: tuple[int, int], tmp_path: Path, more: str) -> None:
    whole, boxed, names = in_qgis(f"url='{ogc}' typename='cells'{more}", BOX, tmp_path)
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


@pytest.fixture(scope="module")
def desk(town_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, int]]]:
    """Run the whole service with 40 cases; gives the address with an administrator's key, and counts to be read."""
    folder = tmp_path_factory.mktemp("desk")
    with storm.served(f"sqlite:///{folder / 'wangge.db'}", town_file, folder, workers=1) as running:
        for number in range(40):
            said = {"category": "component-03", "lon": 114.463 + number / 10_000, "lat": 38.06, "accuracy_m": 0.001}
            assert httpx.post(f"http://127.0.0.1:{running.port}/api/v1/cases", json=said).status_code == 201
        asked = {"whole": "", "boxed": f"&bbox={','.join(map(str, BOX_OF_CASES))}"}
        path = f"/ogc/collections/cases/items?limit=1&key={running.key}"
        told = {name: json.loads(running.ask("GET", path + more)[1])["numberMatched"] for name, more in asked.items()}
        yield f"http://127.0.0.1:{running.port}/ogc?key={running.key}", told


def test_pyogrio_reads_cases_and_figures(desk: tuple[str, dict[str, int]]) -> None:
    address, counts = desk
    assert 0 < counts["boxed"] < counts["whole"] == 40
    for box, count in ((None, counts["whole"]), (BOX_OF_CASES, counts["boxed"])):
        read = pyogrio.read_dataframe(f"OAPIF:{address}", layer="cases", bbox=box, PAGE_SIZE="7")
        assert len(read) == count
        assert read["id"].is_unique
        assert set(read.geometry.geom_type) == {"Point"}
    figures = pyogrio.read_dataframe(f"OAPIF:{address}", layer="case-counts", PAGE_SIZE="50")
    every = pyogrio.read_dataframe(f"OAPIF:{address}", layer="cases")
    assert figures.set_index("code")["found"].reindex(every["cell"].unique()).min() > 0
    leaves = figures[figures["level"] == "micro"]["code"]
    assert figures.set_index("code").loc[leaves, "found"].sum() == every["cell"].isin(leaves).sum() > 0


@pytest.mark.parametrize("box", [None, BOX_OF_CASES])
def test_ogrinfo_reads_cases(desk: tuple[str, dict[str, int]], box: tuple[float, ...] | None) -> None:
    address, counts = desk
    assert in_ogrinfo(address, "SELECT id FROM cases", box) == counts["boxed" if box else "whole"]


def test_qgis_reads_cases(desk: tuple[str, dict[str, int]], tmp_path: Path) -> None:
    address, counts = desk
    whole, boxed, names = in_qgis(f"url='{address}' typename='cases'", BOX_OF_CASES, tmp_path)
    assert (whole, boxed) == (counts["whole"], counts["boxed"])
    assert {"state", "category", "overdue"} <= set(names)
