"""How figures are said on the screen and to machines."""

import json

import pytest

from api.commands.common import say

FIGURES = {
    "plan": "plan.gpkg",
    "bands": {"grid": [400, 600]},
    "quality": {
        "grid": {"cells": 41, "along": {"river": 0.25, "gap": 0.75}, "in_band": None},
        "micro": {"cells": 1267, "along": {"river": 0.5, "gap": 0.5}, "in_band": 265},
    },
}


def test_figures_of_several_levels_stand_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    say(FIGURES, as_json=False)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        ["plan", "plan.gpkg"],
        ["bands", '{"grid":', "[400,", "600]}"],
        ["quality", "grid", "micro"],
        ["cells", "41", "1,267"],
        ["along", "river", "0.25", "0.5"],
        ["along", "gap", "0.75", "0.5"],
        ["in_band", "–", "265"],
    ]


def test_machines_get_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    say(FIGURES, as_json=True)
    assert json.loads(capsys.readouterr().out) == FIGURES
