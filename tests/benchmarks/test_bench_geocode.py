"""Addresses a second, and what the nearest text among all full addresses would have given in their place."""

import random
import time
from pathlib import Path
from typing import Any

from rapidfuzz import process

import gis
from data.demo_town import make_demo_town
from gis.location.address.gazetteer import Gazetteer

_RIVAL_ASKED = 200
_FASTER = 3.0


def test_addresses_a_second(timed: Any, tmp_path: Path) -> None:  # noqa: ANN401 (pytest-benchmark has no types)
    make_demo_town(tmp_path)
    town = f"{tmp_path / 'town.gpkg'}:"
    read = gis.read_town(streets=f"{town}streets", buildings=f"{town}buildings", area=f"{town}area")
    plan = gis.delineate(read, gis.parse_levels("grid:400-600"), seed=1)
    gazetteer = Gazetteer.from_plan(plan)
    full = plan.buildings["address"].tolist()
    # Without the district, and each with another room: nothing is asked twice, and no text is one of the plan's.
    asked = [f"{address[7:]}，1单元{100 + k % 200}室" for k, address in enumerate(full)]
    random.Random(1).shuffle(asked)  # noqa: S311 (no secret)

    answers = timed.pedantic(gazetteer.find_all, (asked,), rounds=3)
    ours = timed.stats.stats.min / len(asked)
    began = time.perf_counter()
    nearest = [process.extractOne(text, full)[2] for text in asked[:_RIVAL_ASKED]]
    rival = (time.perf_counter() - began) / _RIVAL_ASKED

    truth = {f"{address[7:]}": building for address, building in zip(full, plan.buildings["building_id"], strict=True)}
    meant = [truth[text.rpartition("，1单元")[0]] for text in asked]
    right = (answers["building_id"] == meant).mean()
    by_nearest = sum(plan.buildings["building_id"].iloc[at] == one for at, one in zip(nearest, meant, strict=False))
    timed.extra_info |= {
        "texts_a_second": round(1 / ours),
        "times_as_fast": round(rival / ours, 1),
        "right": round(float(right), 4),
        "right_by_nearest_text": by_nearest / _RIVAL_ASKED,
    }
    print(timed.extra_info)  # noqa: T201
    assert rival / ours > _FASTER
    assert right >= by_nearest / _RIVAL_ASKED
