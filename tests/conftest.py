"""What tests share: where the real data lies, a browser, and small OpenStreetMap files."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import httpx2 as httpx
import postgis
import pytest
from absent import absent
from hypothesis import settings
from served import Ask, served

import gis
from api.demo import demo_plan
from data.demo_town import make_demo_town
from gis.generations import begun
from gis.plan import Plan

# The first call of a compiled loop compiles it: no test may be judged by its seconds.
settings.register_profile("wangge", deadline=None)
# What takes its number of examples from the profile: pytest tests/test_gis_coverage_damage.py --hypothesis-profile many
settings.register_profile("many", deadline=None, max_examples=2000)
settings.load_profile("wangge")

Point = tuple[float, float]
Drawn = tuple[Sequence[Point], Mapping[str, str]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the storm of reports be as long as it is asked for."""
    parser.addoption("--reports", type=int, default=2000, help="reports of the storm on the service")


FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """Return the browser of the tests, if there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Start Chromium; without it tests skip, or fail where CI is true."""
    chromium = find_chromium()
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415
    except ImportError:
        chromium = None
    if chromium is None:
        absent("pages are not opened: apt install chromium, pip install playwright")
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def datasets() -> Path:
    """Return the folder of real data beside the project; without it tests skip, or fail where CI is true."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "datasets"
    if not folder.is_dir():
        absent("no real data: ../shared/datasets is absent")
    return folder


@pytest.fixture(scope="session")
def town_plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Draw the plan of the demo town."""
    made = make_demo_town(tmp_path_factory.mktemp("town"), seed=1)
    layers = {name: f"{made.town}:{name}" for name in ("streets", "buildings", "barriers", "area")}
    town = gis.read_town(**layers, within=f"{made.town}:communities")
    return gis.delineate(town, gis.parse_levels("grid:400-600,micro:70-80"), seed=1, workers=2)


@pytest.fixture(scope="session")
def ogc(town_plan: Plan) -> Iterator[str]:
    """Serve the OGC API over the plan of the demo town, in force from a day on; gives its landing page."""
    with served(begun(town_plan, "2026-05-01")) as address:
        httpx.get(f"{address}/ogc/collections", timeout=60)  # the first answer comes when the server has started
        yield f"{address}/ogc"


@pytest.fixture
def ask(ogc: str) -> Iterator[Ask]:
    """Return what asks the OGC API, by path below its landing page and parameters, `_` for `-`."""
    with httpx.Client() as client:

        def get(path: str = "", **parameters: Any) -> httpx.Response:  # noqa: ANN401
            told = {name.replace("_", "-"): value for name, value in parameters.items()}
            return client.get(path if path.startswith("http") else ogc + path, params=told or None)

        yield get


@pytest.fixture(scope="session")
def baltimore_plan(datasets: Path) -> Plan:
    """Draw the plan of the extract of Baltimore."""
    town = gis.read_town(osm=datasets / "osm_baltimore" / "baltimore.osm.pbf")
    return gis.delineate(town, gis.parse_levels("grid:400-600,micro:70-80"), workers=2)


@pytest.fixture(scope="session")
def redrawn_plans(tmp_path_factory: pytest.TempPathFactory, datasets: Path) -> dict[str, Path]:
    """Return the files of the plans on which the planner's page is tried: the demo town's and Queens Village's."""
    folder = tmp_path_factory.mktemp("redrawn")
    town = gis.read_town(osm=datasets / "osm_queens_village_ny" / "queens_village_ny.osm.pbf")
    drawn = gis.delineate(town, gis.parse_levels("grid:400-600,micro:70-80"), workers=2)
    gis.write_plan(drawn, folder / "queens.gpkg")
    return {"demo": demo_plan(folder), "queens": folder / "queens.gpkg"}


@pytest.fixture(scope="session")
def town_file(town_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the plan of the demo town."""
    path = tmp_path_factory.mktemp("plan") / "plan.gpkg"
    gis.write_plan(town_plan, path)
    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[Path]:
    """Run PostgreSQL with PostGIS; without it tests skip, or fail where CI is true."""
    programs = postgis.programs()
    if programs is None:
        absent("nothing is kept in PostGIS: apt install postgresql-postgis")
    with postgis.running(programs) as folder:
        yield folder


@pytest.fixture(params=["sqlite", "postgis"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Make an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'wangge.db'}"
    return postgis.make_database(request.getfixturevalue("cluster"))


@pytest.fixture
def write_osm(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer of OSM XML: points with tags as ways and nodes, numbers of outer ways as relations."""

    def write(
        ways: Sequence[Drawn] = (),
        nodes: Sequence[tuple[Point, Mapping[str, str]]] = (),
        relations: Sequence[tuple[Sequence[int], Mapping[str, str]]] = (),
        box: tuple[float, float, float, float] | None = None,
        name: str = "town.osm",
    ) -> Path:
        number: dict[Point, int] = {}
        for points, _ in ways:
            for point in points:
                number.setdefault(point, len(number) + 1)
        texts = ['<osm version="0.6">']
        if box:
            texts.append('<bounds minlon="{}" minlat="{}" maxlon="{}" maxlat="{}"/>'.format(*box))
        texts += [f'<node id="{n}" version="1" lon="{p[0]}" lat="{p[1]}"/>' for p, n in number.items()]
        for at, ((lon, lat), tags) in enumerate(nodes, start=len(number) + 1):
            texts.append(f'<node id="{at}" version="1" lon="{lon}" lat="{lat}">{_tags(tags)}</node>')
        for at, (points, tags) in enumerate(ways, start=1):
            refs = "".join(f'<nd ref="{number[point]}"/>' for point in points)
            texts.append(f'<way id="{at}" version="1">{refs}{_tags(tags)}</way>')
        for at, (members, tags) in enumerate(relations, start=1):
            outers = "".join(f'<member type="way" ref="{way}" role="outer"/>' for way in members)
            texts.append(f'<relation id="{at}" version="1">{outers}{_tags(tags)}</relation>')
        path = tmp_path / name
        path.write_text("\n".join([*texts, "</osm>"]), encoding="utf-8")
        return path

    return write


def _tags(tags: Mapping[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())
