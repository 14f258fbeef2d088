"""The whole way once, on a made town: what `make demo` and `wangge demo` run."""

import lzma
import tempfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import maps
from api.figures import plan_figures
from data.demo_town import make_demo_town
from data.presets import preset
from gis.coverage.check import check
from gis.delineation.delineate import delineate
from gis.delineation.levels import parse_levels
from gis.layers import KINDS, place, read_layer, write_layers
from gis.location.reports import read_reports
from gis.location.routing import route
from gis.location.sent import summary
from gis.location.tables import write_table
from gis.plan import read_plan, write_plan
from gis.sources.read import read_town
from gis.writing import written_beside

_DRAWN = files("data") / "demo_plan.gpkg.xz"


def draw_demo_town(folder: Path, *, seed: int, progress: Callable[[str], None]) -> Path:
    """Make the demo town and draw its plan; return the plan's file.

    Parameters
    ----------
    folder
        Made if need be; existing files of an earlier run are replaced.
    seed
        Of the town and of the plan.
    progress
        Called with the name of each stage.
    """
    folder.mkdir(parents=True, exist_ok=True)
    progress("making the demo town")
    made = make_demo_town(folder, seed=seed)
    town = read_town(
        streets=f"{made.town}:streets",
        buildings=f"{made.town}:buildings",
        barriers=f"{made.town}:barriers",
        area=f"{made.town}:area",
        within=f"{made.town}:communities",
        progress=progress,
    )
    plan = delineate(town, parse_levels(preset("xiyuan")), seed=seed, workers=2, progress=progress)
    write_plan(plan, folder / "plan.gpkg")
    return folder / "plan.gpkg"


def demo_plan(folder: Path) -> Path:
    """Unpack the plan of the demo town that was drawn beforehand: who wants to see the service need not wait for it."""
    path = folder / "plan.gpkg"
    path.write_bytes(lzma.decompress(_DRAWN.read_bytes()))
    return path


def keep_demo_plan() -> None:
    """Draw the plan of the demo town and keep it with the made data: `make demo-plan`."""
    with tempfile.TemporaryDirectory() as folder:
        drawn = draw_demo_town(Path(folder), seed=1, progress=print)
        Path(str(_DRAWN)).write_bytes(lzma.compress(drawn.read_bytes(), preset=9))


def run_demo(folder: Path, *, seed: int, lang: str, progress: Callable[[str], None]) -> dict[str, Any]:
    """Make, draw, prove, route, join with its layers and map the demo town.

    Parameters
    ----------
    folder
        Made if need be; existing files of an earlier run are replaced.
    seed
        Of the town and of the plan.
    lang
        Of its maps.
    progress
        Called with the name of each stage.

    Returns
    -------
    dict
        The figures that matter, and where the files are.
    """
    path = draw_demo_town(folder, seed=seed, progress=progress)
    progress("checking the plan file")
    plan = read_plan(path)
    report = check(plan.cells, area=plan.area)
    progress("routing reports")
    routed = route(plan, read_reports(folder / "reports.csv"))
    write_table(routed, folder / "routed.csv")
    progress("joining the six layers")
    joined = place(plan, *(read_layer(folder / f"{kind}.csv", kind) for kind in KINDS))
    write_layers(joined, folder / "layers.gpkg")
    progress("drawing the map")
    for name, audience in (("map.html", "internal"), ("public.html", "public")):
        page = maps.render(plan, reports=routed, layers=joined, audience=audience, lang=lang)
        with written_beside(folder / name) as beside:
            beside.write_text(page, encoding="utf-8")
    return plan_figures(plan) | {
        "check": "no defect" if report.valid else f"{len(report.defects)} defects",
        "reports": summary(routed),
        "layers": {layer.name: layer.total for layer in joined},
        "plan": str(folder / "plan.gpkg"),
        "map": str(folder / "map.html"),
        "public map": str(folder / "public.html"),
    }
