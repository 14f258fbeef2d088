"""The planner's page with 50,000 pieces of land in 2,000 cells, beside the same polygons in plain Leaflet on canvas."""

import json
import statistics
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
import storm
from large_town import large_plan
from planner_page import EDITOR, Opened, open_draft
from redrawn import take_moves

import gis
from gis.editing.land import Land
from gis.editing.redrawing import Redrawing
from gis.plan import Plan

_ROUNDS, _EDITS = 5, 200
_LEAFLET = Path(__file__).resolve().parents[2] / "node_modules" / "leaflet" / "dist"
# Until what was changed is painted: in the next frame, and whatever that takes.
_PAINTED = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return large_plan(tmp_path_factory.mktemp("large"))


@pytest.fixture(scope="module")
def served(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[storm.Served]:
    folder = tmp_path_factory.mktemp("served")
    gis.write_plan(plan, folder / "plan.gpkg")
    with storm.served(f"sqlite:///{folder / 'wangge.db'}", folder / "plan.gpkg", folder, 1) as running:
        yield running


def plain_leaflet(plan: Plan, out: Path) -> Path:
    """Draw the pieces as people do who take care: one GeoJSON on canvas, simplified as a coverage, six decimals."""
    atoms = plan.atoms[["cell_code", "households", "geometry"]]
    atoms = atoms.set_geometry(shapely.coverage_simplify(atoms.geometry.to_numpy(), 0.7), crs=plan.area.crs).to_crs(
        4326
    )
    atoms = atoms.set_geometry(shapely.transform(atoms.geometry.to_numpy(), lambda xy: xy.round(6)), crs=4326)
    west, south, east, north = atoms.total_bounds
    script, style = (_LEAFLET / "leaflet.js").read_text(), (_LEAFLET / "leaflet.css").read_text()
    out.write_text(
        f"<!DOCTYPE html><style>{style} #m {{ height: 900px }}</style><div id=m></div><script>{script}</script><script>"
        f"const map = L.map('m', {{preferCanvas: true}}).fitBounds([[{south}, {west}], [{north}, {east}]]);"
        f"const drawn = {atoms.to_json(drop_id=True)}, layer = L.geoJSON(drawn, {{style: {{weight: 1}}}}).addTo(map);"
        "const all = layer.getLayers(); document.documentElement.dataset.ready = 1;</script>"
    )
    return out


def rival(browser: Any, page: Path) -> dict[str, float]:  # noqa: ANN401
    tab = browser.new_page(viewport={"width": 1400, "height": 900})
    began = time.perf_counter()
    tab.goto(page.as_uri())
    tab.wait_for_selector("html[data-ready]")
    tab.evaluate(_PAINTED)
    ready = time.perf_counter() - began
    took = tab.evaluate(
        f"""async () => {{ const painted = {_PAINTED}, took = [];
        for (let k = 0; k < 12; k++) {{
            const from = performance.now();
            all[k * 97].setStyle({{fillColor: '#f80'}});
            await painted();
            took.push(performance.now() - from);
        }}
        const from = performance.now();
        layer.setStyle({{fillColor: '#08f'}});
        await painted();
        return [...took, performance.now() - from]; }}"""
    )
    tab.close()
    return {"ready s": ready, "edit painted ms": statistics.median(took[:-1]), "all painted ms": took[-1]}


def ours(opened: Opened) -> dict[str, float]:
    page, ready = opened.page, []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        page.reload()
        page.wait_for_selector('html[data-ready="1"]')
        page.evaluate(_PAINTED)
        ready.append(time.perf_counter() - began)
    took = page.evaluate(_OUR_EDITS)
    return {
        "ready s": statistics.median(ready),
        "edit painted ms": statistics.median(took["painted"]),
        "edit worked ms, 95 %": sorted(took["worked"])[int(0.95 * len(took["worked"]))],
        "all painted ms": took["all"],
    }


_OUR_EDITS = f"""async () => {{
    const painted = {_PAINTED}, editor = {EDITOR}, {{plan, board}} = editor, {{first, other}} = plan.near;
    const worked = [], shown = [], flush = () => board.cells._ctx.getImageData(0, 0, 1, 1);
    const show = edit => {{ const grounds = plan.grounds(edit); plan.take(edit); editor.shown(grounds); }};
    const grounds = [...plan.atomsOn.keys()];
    for (let k = 0; k < 60; k++) {{
        const from = grounds[k * 31 % grounds.length], to = plan.neighbours(from)[0];
        const beside = atom => {{
            for (let i = first[atom]; i < first[atom + 1]; i++) if (plan.land.get(other[i]) === to) return true;
            return false;
        }};
        const edit = {{land: [[[...plan.atomsOn.get(from)].find(beside), from, to]]}}, began = performance.now();
        show(edit);
        flush();
        worked.push(performance.now() - began);
        await painted();
        shown.push(performance.now() - began);
    }}
    const to = grounds[0], kept = new Set(plan.chain(to)), began = performance.now();
    const land = [...plan.land].filter(([, ground]) => ground !== to).map(([atom, ground]) => [atom, ground, to]);
    const gone = [...plan.cells].filter(([code]) => !kept.has(code));
    show({{land, cells: gone.map(([code, cell]) => [code, cell, null])}});
    flush();
    return {{worked, painted: shown, all: performance.now() - began}};
}}"""


def test_the_page(browser: Any, served: storm.Served, plan: Plan, tmp_path: Path, timed: Any) -> None:  # noqa: ANN401
    page = plain_leaflet(plan, tmp_path / "leaflet.html")
    theirs = rival(browser, page)
    opened = open_draft(browser, served, "Measured")
    mine = timed.pedantic(ours, (opened,), rounds=1)
    size = len(served.ask("GET", "/api/v1/plans/1/land")[1]) / 1e6
    print(f"\n{len(plan.atoms)} atoms, {len(plan.at_level('micro'))} cells")  # noqa: T201
    print(f"ours {mine}, {size:.2f} MB\nLeaflet {theirs}, {page.stat().st_size / 1e6:.2f} MB")  # noqa: T201
    assert mine["ready s"] <= min(2.0, theirs["ready s"])
    assert mine["edit worked ms, 95 %"] <= 16
    # On the screen both have it with the next frame; all of it anew is more than a frame.
    assert mine["all painted ms"] <= min(300, theirs["all painted ms"])


def test_the_service_takes_an_edit(served: storm.Served, plan: Plan, timed: Any) -> None:  # noqa: ANN401
    begun = json.loads(
        served.ask("POST", "/api/v1/drafts", b'{"title": "Edits"}', **{"Content-Type": "application/json"})[1]
    )
    edits = take_moves(Redrawing(Land.of(plan)), _EDITS)

    def send() -> list[float]:
        took = []
        for edit in edits:
            body = json.dumps({"key": uuid.uuid4().hex, **edit.as_record()}).encode()
            began = time.perf_counter()
            path = f"/api/v1/drafts/{begun['id']}/edits"
            status, answer = served.ask("POST", path, body, **{"Content-Type": "application/json"})
            took.append(1e3 * (time.perf_counter() - began))
            assert status == 201, answer
        return sorted(took)

    took = timed.pedantic(send, rounds=1)
    print(f"\nan edit: {took[_EDITS // 2]:.1f} ms, 95 of 100 within {took[int(0.95 * _EDITS)]:.1f} ms")  # noqa: T201
    assert took[int(0.95 * _EDITS)] <= 20
