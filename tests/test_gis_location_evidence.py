"""What reports tell about a plan, who was in force when, and what became of earlier decisions."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from places import lon_lat, plan_in_china, write_reports

from gis.datum import Datum, from_wgs84
from gis.errors import InputError
from gis.generations import begun, in_force, valid_from
from gis.location.links import Place, write_link
from gis.location.reports import read_reports
from gis.location.routing import Router, route
from gis.location.rule import RoutingRule
from gis.location.stream import explain, route_file
from gis.plan import Plan


def reports_at(path: Path, places: list[tuple[float, float]], **columns: str) -> Path:
    return write_reports(path, [dict(zip(("lon", "lat"), lon_lat(*xy), strict=True)) | columns for xy in places])


def router() -> Router:
    return Router(plan_in_china(), RoutingRule())


def test_borders_in_doubt_are_drawn_with_their_reports(tmp_path: Path) -> None:
    near = [(500_197, 4_200_000 + y) for y in range(20, 180, 10)]
    path = reports_at(tmp_path / "r.csv", [*near, (500_100, 4_200_100)])
    borders = route_file(router(), path, tmp_path / "o.csv").evidence.borders()
    assert len(borders) == 1
    first = borders.iloc[0]
    assert [first["cell_a"], first["cell_b"], first["unsure"], first["disagree"]] == ["g101", "g201", len(near), 0]
    assert first.geometry.equals(shapely.LineString([(500_200, 4_200_000), (500_200, 4_200_200)]))
    assert first["per_100_m"] == pytest.approx(100 * len(near) / 200)


def test_pins_that_signs_contradict_are_counted_at_their_border(tmp_path: Path) -> None:
    link = write_link("WG:", Place("g202"))
    path = reports_at(tmp_path / "r.csv", [(500_195, 4_200_100)] * 3, qr=link)
    borders = route_file(router(), path, tmp_path / "o.csv").evidence.borders()
    assert borders["disagree"].tolist() == [3]


def test_no_reports_in_doubt_make_an_empty_layer(tmp_path: Path) -> None:
    path = reports_at(tmp_path / "r.csv", [(500_100, 4_200_100)])
    assert len(route_file(router(), path, tmp_path / "o.csv").evidence.borders()) == 0


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_datum_that_addresses_speak_for_is_suggested_never_applied(tmp_path: Path, datum: Datum) -> None:
    rng = np.random.default_rng(1)
    rows = []
    for x, y in np.array([500_100, 4_200_100]) + rng.normal(0, 8, (30, 2)):
        lon, lat = from_wgs84(*(np.array([v]) for v in lon_lat(x, y)), datum)
        rows.append({"lon": lon[0], "lat": lat[0], "address": "建设路1号"})
    path = write_reports(tmp_path / "r.csv", rows)
    done = route_file(router(), path, tmp_path / "o.csv")
    assert f"30 of 30 pins lie at their addresses if read as {datum}" in done.evidence.remarks()[0]
    assert (pd.read_csv(tmp_path / "o.csv")["basis"] == "address").sum() < 30
    assert route_file(router(), path, tmp_path / "o2.csv", datum=datum).evidence.remarks() == []


def test_a_plan_of_another_place_is_remarked_on(tmp_path: Path) -> None:
    path = reports_at(tmp_path / "r.csv", [(530_000, 4_200_100), (530_000, 4_200_200), (500_100, 4_200_100)])
    remarks = route_file(router(), path, tmp_path / "o.csv").evidence.remarks()
    assert remarks == ["2 of 3 places lie outside the plan's area: is it a plan of that place?"]


def test_a_decision_is_told_step_by_step(tmp_path: Path) -> None:
    path = reports_at(tmp_path / "r.csv", [(500_195, 4_200_100)], accuracy_m="12", address="建设路1号", source="gps")
    steps = explain(router(), path, 1)
    assert list(steps)[:6] == ["given", "place", "accuracy", "pin", "cells", "levels"]
    assert steps["pin"] == "in g101, 5.0 m from the border with g201"
    assert steps["accuracy"] == "12 m, stated, holds 68%"
    assert steps["decided"].startswith("inside, dispatch, by address")
    with pytest.raises(InputError, match="no row 2: it has 1"):
        explain(router(), path, 2)


def other_plan() -> Plan:
    """The plan after the western grid was given another code."""
    plan = plan_in_china()
    cells = plan.cells.replace({"g101": "g109"})
    return replace(plan, cells=cells, dwellings=plan.dwellings.replace({"g101": "g109"}))


def test_what_was_decided_stays_unless_it_is_decided_anew_with_a_record(tmp_path: Path) -> None:
    path = reports_at(tmp_path / "r.csv", [(500_100, 4_200_100), (500_300, 4_200_100)])
    route_file(router(), path, tmp_path / "once.csv")
    once = pd.read_csv(tmp_path / "once.csv", dtype=str, keep_default_na=False)
    assert once["cell_code"].tolist() == ["g101", ""]
    later = Router(other_plan(), RoutingRule())
    route_file(later, tmp_path / "once.csv", tmp_path / "kept.csv")
    assert (tmp_path / "kept.csv").read_bytes() == (tmp_path / "once.csv").read_bytes()
    route_file(later, tmp_path / "once.csv", tmp_path / "anew.csv", anew=True)
    anew = pd.read_csv(tmp_path / "anew.csv", dtype=str, keep_default_na=False)
    assert anew["cell_code"].tolist() == ["g109", ""]
    assert anew["previous_cell_code"].tolist() == ["g101", ""]
    assert (anew["previous_plan_version"] == once["plan_version"]).all()
    assert (anew["plan_version"] == later.plan.version).all()
    # Deciding anew by the same plan leaves the record as it is.
    again = route(later.plan, read_reports(tmp_path / "anew.csv"), anew=True)
    assert again["previous_cell_code"].tolist() == ["g101", ""]


def test_new_rows_among_decided_ones_are_routed(tmp_path: Path) -> None:
    route_file(router(), reports_at(tmp_path / "r.csv", [(500_100, 4_200_100)]), tmp_path / "once.csv")
    once = pd.read_csv(tmp_path / "once.csv", dtype=str, keep_default_na=False)
    new = once.assign(**dict.fromkeys(once.columns[2:], ""))
    pd.concat([once, new]).to_csv(tmp_path / "both.csv", index=False)
    both = route(other_plan(), read_reports(tmp_path / "both.csv"))
    assert both["cell_code"].tolist() == ["g101", "g109"]


def test_answers_that_were_not_given_then_stay_empty(tmp_path: Path) -> None:
    route_file(router(), reports_at(tmp_path / "r.csv", [(500_100, 4_200_100)]), tmp_path / "once.csv")
    once = pd.read_csv(tmp_path / "once.csv", dtype=str, keep_default_na=False)
    once.drop(columns=["rule_version", "action", "plan_x"]).to_csv(tmp_path / "old.csv", index=False)
    kept = route(plan_in_china(), read_reports(tmp_path / "old.csv"))
    assert kept["cell_code"].tolist() == ["g101"]
    assert kept[["rule_version", "action", "plan_x"]].isna().all(axis=None)
    once.assign(probability="0,9").to_csv(tmp_path / "odd.csv", index=False)
    with pytest.raises(InputError, match="column probability holds what is no answer"):
        route(plan_in_china(), read_reports(tmp_path / "odd.csv"))


def test_the_plan_in_force_on_a_day_is_chosen() -> None:
    first, second = begun(plan_in_china(), "2025-01-01"), begun(other_plan(), "2026-05-01")
    assert in_force([second, first], date(2026, 4, 30)) is first
    assert in_force([second, first], date(2026, 5, 1)) is second
    assert in_force([first, second]) is second
    assert in_force([plan_in_china(), second], date(1999, 1, 1)).version == plan_in_china().version
    assert valid_from(second) == date(2026, 5, 1)
    with pytest.raises(InputError, match="no plan is in force on 2024-12-31: the first begins on 2025-01-01"):
        in_force([first, second], date(2024, 12, 31))
    with pytest.raises(InputError, match="two plans begin on one day"):
        in_force([first, begun(other_plan(), "2025-01-01")])
    with pytest.raises(InputError, match="is no day"):
        begun(first, "soon")
