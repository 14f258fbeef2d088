"""Layers on a page: what was joined to cells is what the page counts, and a layer of one's own is drawn like ours."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from drawn import facts, whole_text
from test_maps_pages import PICTURE, Opened, small_plan

import maps
from data.demo_town import make_demo_town
from gis.errors import InputError
from gis.layers import KINDS, Layer, place, read_layer
from gis.plan import Plan
from maps.audience import Audience
from maps.codec import Grid
from maps.figures import figures
from maps.measures import Measure
from maps.reports import minute_said
from maps.words import Words


@pytest.fixture(scope="module")
def joined(town_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> list[Layer]:
    folder = tmp_path_factory.mktemp("layers")
    make_demo_town(folder, seed=1)
    return place(town_plan, *(read_layer(folder / f"{kind}.csv", kind) for kind in KINDS))


def test_every_measure_adds_up_to_what_was_joined_at_every_level(town_plan: Plan, joined: list[Layer]) -> None:
    page = facts(maps.render(town_plan, layers=joined, lang="en"))
    named = {measure["name"]: at for at, measure in enumerate(page["measures"])}
    wholes = {"places.all": "places", "things.all": "things", "events.found": "events", "sentiment.rated": "sentiment"}
    layers = {layer.name: layer for layer in joined}
    for measure, name in {**wholes, "organisations.all": "organisations", "people.residents": "people"}.items():
        items = layers[name].items
        counted = items[items["category"] == "residents"] if name == "people" else items
        placed = int(counted.loc[counted["status"].isin(["cell", "shared"]), "count"].sum())
        for level in page["levels"]:
            told = level["figures"][named[measure]]["told"]
            assert sum(told) + sum(level["shared"][named[measure]].values()) == placed, (measure, level["name"])


def test_parts_of_events_add_up_and_shares_follow_from_them(town_plan: Plan, joined: list[Layer]) -> None:
    page = facts(maps.render(town_plan, layers=joined, lang="en"))
    named = {measure["name"]: at for at, measure in enumerate(page["measures"])}
    for level in page["levels"]:
        found, closed, still, overdue, share = (
            level["figures"][named[f"events.{name}"]]["told"]
            for name in ("found", "closed", "open", "overdue", "on_time")
        )
        assert [a + b for a, b in zip(closed, still, strict=True)] == found
        assert all(late <= some for late, some in zip(overdue, still, strict=True))
        assert all((told < 0) == (some == 0) and told <= 1000 for told, some in zip(share, closed, strict=True))
    assert any(0 < told < 1000 for told in share)


def test_items_are_marks_with_signs_and_people_are_none(town_plan: Plan, joined: list[Layer]) -> None:
    page = facts(maps.render(town_plan, layers=joined, lang="zh"))
    marks = {layer["name"]: layer for layer in page["layers"]}
    assert list(marks) == [kind for kind in KINDS if kind != "people"]
    assert [name for name, layer in marks.items() if layer["on"]] == ["events"]
    assert all(group["sign"] for name in ("places", "things", "organisations") for group in marks[name]["groups"])
    assert sum(marks["places"]["totals"]) == next(layer.total for layer in joined if layer.name == "places")
    grids = next(column for column in marks["organisations"]["texts"] if column["label"] == "功能或行业网格")
    assert len(grids["texts"]) == 14
    assert marks["events"]["minutes"]
    assert marks["places"]["minutes"] is None


def test_a_public_page_has_figures_of_layers_and_none_of_their_items(town_plan: Plan, joined: list[Layer]) -> None:
    page = maps.render(town_plan, layers=joined, audience="public", lang="zh")
    text = whole_text(page)
    labels = {label for layer in joined if "label" in layer.items for label in layer.items["label"] if len(label) > 4}
    assert len(labels) > 500
    assert not [label for label in labels if label in text]
    assert facts(page)["layers"] == []
    assert "people.residents" in {measure["name"] for measure in facts(page)["measures"]}


def test_layers_of_another_plan_are_refused(joined: list[Layer]) -> None:
    with pytest.raises(InputError, match="joined to plan"):
        maps.render(small_plan(), layers=joined[:1])


class Circles(maps.Layer):
    """A layer of one's own: a figure for every cell, and circles drawn by a script that comes along."""

    SCRIPT = """
    wangge.painters.circles = (layer, {facts}) => {
        const points = wangge.unpackPoints(layer.points, facts.origin);
        return {layer, paint(ctx, view) {
            ctx.fillStyle = "#ff00ff";
            for (let i = 0; i < points.length; i += 2) {
                ctx.beginPath();
                ctx.arc(points[i] * view.scale + view.dx, points[i + 1] * view.scale + view.dy, 24, 0, 7);
                ctx.fill();
            }
        }};
    };"""

    def measures(self, plan: Plan, says: Words) -> Sequence[maps.Measure]:  # noqa: ARG002
        return [maps.Measure("circles", "Circles", dict.fromkeys(plan.cells["code"], 3), heading="Mine")]

    def drawing(self, plan: Plan, grid: Grid, says: Words) -> maps.Drawing:  # noqa: ARG002
        middles = plan.at_level(plan.leaf_level).geometry.representative_point()
        return maps.Drawing(
            "circles",
            {"name": "circles", "label": "Circles", "points": grid.points(middles.get_coordinates().to_numpy())},
            self.SCRIPT,
        )


def test_a_page_has_room_for_many_measures() -> None:
    plan = small_plan()
    code = str(plan.cells["code"].iloc[0])
    many = [Measure(f"m{k}", "", {code: k}) for k in range(150)]
    told = figures(plan, many, Audience.INTERNAL).cells.set_index("code").loc[code]
    assert [told[each.name] for each in many] == list(range(150))


def test_an_area_without_a_name_is_called_by_its_code() -> None:
    plan = small_plan()
    for nothing in ("", None, float("nan")):  # the last is what a file gives that has none
        page = maps.render(replace(plan, area=plan.area.assign(name=nothing)))
        assert facts(page)["title"] == plan.area["code"].iloc[0]


def test_two_layers_of_one_name_are_refused(town_plan: Plan, joined: list[Layer]) -> None:
    with pytest.raises(InputError, match=f"two layers are named {joined[0].name}: join all files by one"):
        maps.render(town_plan, layers=[*joined, joined[0]])


def test_a_layer_of_ones_own_is_drawn_and_counted(browser: Any, tmp_path: Path) -> None:  # noqa: ANN401
    page = maps.render(small_plan(), layers=[Circles()], lang="en")
    opened = Opened(browser, tmp_path / "map.html", page, 1280)
    tab = opened.tab
    pink = """() => {
        const canvas = document.querySelector("canvas.sheet");
        const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        let found = 0;
        for (let i = 0; i < pixels.length; i += 4) {
            found += pixels[i] === 255 && pixels[i + 1] === 0 && pixels[i + 2] === 255;
        }
        return found;
    }"""
    assert tab.evaluate(pink) > 500
    before = tab.evaluate(PICTURE)
    tab.select_option("#measure", label="Circles")
    assert tab.evaluate(PICTURE) != before
    assert tab.evaluate("document.querySelector('#measure optgroup').label") == "Mine"
    opened.close()
    assert "#ff00ff" not in maps.render(small_plan(), layers=[Circles()], audience="public")


def test_a_notebook_shows_the_page_in_a_frame() -> None:
    page = maps.render(small_plan())
    shown = page._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert "<script" not in shown
    assert json.dumps(page)  # a text like any other


@pytest.mark.parametrize(
    ("typed", "said"),
    [("2024-04-08T05:05:01+08:00", "2024-04-08 05:05"), ("2024-04-08", "2024-04-08"), ("yesterday at noon", None)],
)
def test_moments_are_said_to_the_minute_and_other_texts_as_typed(typed: str, said: str | None) -> None:
    assert minute_said(typed) == (said or typed)
