"""The map as everybody sees it, and as those do who work on cases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import serving
from drawn import facts
from serving import Running, spot
from sqlalchemy import event

from api.published import Published
from gis.plan import Plan
from maps.audience import rounded


@pytest.fixture
def town(store_url: str, town_file: Path, tmp_path: Path) -> Iterator[Running]:
    with serving.running(store_url, tmp_path, town_file) as running:
        yield running


def report(town: Running, plan: Plan, row: int, times: int) -> str:
    """Report well inside a cell; return its code."""
    sent = {"category": "component-03", "accuracy_m": 0.001, **spot(plan, row)}
    made = [town.client.post("/api/v1/cases", json=sent) for _ in range(times)]
    assert {each.status_code for each in made} == {201}
    (code,) = {each.json()["case"]["cell"] for each in made}
    return str(code)


def told(town: Running, role: str = "", lang: str = "zh") -> dict[str, Any]:
    page = town.client.get("/api/v1/exports/map", params={"lang": lang}, headers=town.to(role) if role else {})
    assert page.status_code == 200, page.text[:300]
    return facts(page.text)


def counts(page: dict[str, Any]) -> list[int | None]:
    """Counts of reports; households come first."""
    return [None if count < 0 else count for level in page["levels"] for count in level["figures"][1]["told"]]


def test_everybody_is_told_the_same_in_every_language_until_it_is_counted_anew(town: Running, town_plan: Plan) -> None:
    for row in (0, 0, 9):
        report(town, town_plan, row, 12)
        town.clock.advance(minutes=2)
    first = told(town)
    assert first["layers"] == []
    assert 25 in counts(first)
    report(town, town_plan, 0, 4)
    town.clock.advance(minutes=9)
    assert counts(told(town, lang="en")) == counts(first) == counts(told(town))
    town.clock.advance(minutes=1)
    assert 30 in counts(told(town, lang="en"))
    assert counts(told(town)) == counts(told(town, lang="en"))


def test_the_map_counts_what_the_figures_count(town: Running, town_plan: Plan) -> None:
    """Two counts that differ by the rejected would tell how few these are."""
    for row in (9, 0, 0):
        cell = report(town, town_plan, row, 12)
        town.clock.advance(minutes=2)
    desk = town.to("desk") | {"If-Match": '"1"'}
    said = {"name": "reject", "reason": "not_ours", "text": "private ground"}
    for each in town.client.get("/api/v1/cases", params={"cell": cell, "limit": 2}, headers=desk).json()["cases"]:
        done = town.client.post(f"/api/v1/cases/{each['case']['id']}/actions", json=said, headers=desk)
        assert done.status_code == 201, done.text
    figures = town.client.get("/ogc/collections/case-counts/items?limit=1000", headers=desk).json()["features"]
    found = {each["properties"]["found"] for each in figures}
    assert 22 in found
    assert 20 in counts(told(town))
    assert set(counts(told(town))) <= {None, *(rounded(count) for count in found)}


def test_all_workers_tell_everybody_the_same(town: Running, town_plan: Plan) -> None:
    report(town, town_plan, 0, 12)
    first = town.service.published.figures()
    report(town, town_plan, 0, 1)
    town.clock.advance(minutes=1)
    # One that begins later, as after a restart.
    other = Published(town.service.database, town.clock)
    assert other.figures() == first
    town.clock.advance(minutes=10)
    since, figures = other.figures()
    assert since == town.clock.now
    assert town.service.published.figures() == (since, figures)
    assert figures != first[1]


def test_the_page_of_everybody_is_drawn_once_for_all_who_ask_at_once(town: Running, town_plan: Plan) -> None:
    report(town, town_plan, 0, 12)
    counted = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        if "FROM tallies" in statement:
            counted.append(statement)

    event.listen(town.service.database.engine, "before_cursor_execute", note)
    public, served = town.client.app.state.public_map, town.service.plans.current
    with ThreadPoolExecutor(6) as pool:
        pages = list(pool.map(lambda at: public.page(served, "en" if at % 2 else "zh"), range(12)))
    event.remove(town.service.database.engine, "before_cursor_execute", note)
    assert len(counted) == 1
    assert all(page is pages[at % 2] for at, page in enumerate(pages))


def test_those_who_work_on_cases_see_each_where_it_is(town: Running, town_plan: Plan) -> None:
    code, other = report(town, town_plan, 0, 3), report(town, town_plan, 9, 1)
    assert town.client.post("/api/v1/cases", json={"category": "component-01"}).status_code == 201  # nowhere
    (seen,) = told(town, "desk")["layers"]
    texts = {column["label"]: column for column in seen["texts"]}
    assert seen["totals"][0] == 4
    assert sum(seen["totals"]) == 5
    assert sorted(texts["单元"]["texts"][at] for at in texts["单元"]["at"]) == sorted([code] * 3 + [other])
    assert set(texts["时间"]["texts"]) == {f"{serving.BEGINNING:%Y-%m-%d %H:%M}"}
    assert texts["类别"]["texts"] == ["component-03"]
    staff = town.key("here", "staff", code)
    page = town.client.get("/api/v1/exports/map", headers=staff)
    assert sum(facts(page.text)["layers"][0]["totals"]) == 3
