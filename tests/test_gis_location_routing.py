"""Routing: every report gets a status, what to do, and a reason where it has no cell."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from places import lon_lat, plan_in_china, write_reports

from gis.datum import Datum, from_wgs84
from gis.errors import InputError
from gis.location.links import Place, write_link
from gis.location.reports import read_datum, read_reports
from gis.location.routing import Router, route
from gis.location.rule import RoutingRule
from gis.location.sent import summary
from gis.location.stream import route_file
from gis.location.tables import TableFile, write_table


def routed(tmp_path: Path, rows: list[dict], rule: RoutingRule | None = None, datum: str | None = None) -> pd.DataFrame:
    return route(plan_in_china(), read_reports(write_reports(tmp_path / "r.csv", rows), datum), rule)


def test_every_report_gets_a_status(tmp_path: Path) -> None:
    inside, beside, far = lon_lat(500_100, 4_200_100), lon_lat(499_980, 4_200_100), lon_lat(490_000, 4_200_100)
    tower = lon_lat(500_300, 4_200_100)
    gcj = from_wgs84(np.array([inside[0]]), np.array([inside[1]]), Datum.GCJ02)
    rows = [
        {"note": "0,5 ‘x’", "lon": inside[0], "lat": inside[1], "datum": "wgs84"},
        {"note": "b", "lon": gcj[0][0], "lat": gcj[1][0], "datum": "GCJ-02"},
        {"note": "c", "lon": beside[0], "lat": beside[1], "datum": "wgs84"},
        {"note": "d", "lon": far[0], "lat": far[1], "datum": "wgs84"},
        {"note": "e", "lon": tower[0], "lat": tower[1], "datum": "wgs84"},
        {"note": "f", "lon": inside[1], "lat": inside[0], "datum": "wgs84"},
        {"note": "g", "lon": 0, "lat": 0, "datum": "wgs84"},
        {"note": "h", "lon": "", "lat": "", "datum": "wgs84"},
        {"note": "i", "lon": -77, "lat": 39, "datum": "wgs84"},
        {"note": "j", "lon": 500_100, "lat": 4_200_100, "datum": "wgs84"},
        {"note": "k", "lon": inside[0], "lat": inside[1], "datum": "beijing54"},
    ]
    found = routed(tmp_path, rows)
    assert found["note"].tolist() == [row["note"] for row in rows]
    assert found["status"].tolist() == ["inside", "inside", "nearest", "outside", "ask_address", *["rejected"] * 6]
    assert found["cell_code"].tolist()[:5] == ["g101", "g101", "g101", "", ""]
    assert found["grid_codes"][0] == '{"grid": "g1", "micro": "g101"}'
    assert found["grid_codes"][4] == '{"grid": "g2"}'
    assert found["certain_level"].tolist()[:5] == ["micro", "micro", "", "", "grid"]
    assert found["action"].tolist()[:5] == ["dispatch", "dispatch", "ask_address", "triage", "ask_address"]
    assert (found["action"][5:] == "triage").all()
    assert found["reason"].tolist()[5:] == [
        "longitude and latitude are swapped",
        "placeholder: 0, 0",
        "no coordinates",
        "placeholder: whole degrees",
        "metres, not degrees: with --datum EPSG:32649 they lie in the area",
        "datum 'beijing54': Beijing 1954 cannot be brought to WGS 84 truly: convert it with the survey office",
    ]
    assert summary(found)["inside"] == 2
    assert found["distance_m"][0] == pytest.approx(100, abs=0.1)
    assert found[["plan_x", "plan_y"]].iloc[1].tolist() == pytest.approx([500_100, 4_200_100], abs=0.002)
    assert found["plan_x"][5:].isna().all()
    assert (found["plan_version"] == plan_in_china().version).all()
    assert (found["rule_version"] == RoutingRule().version).all()


@pytest.mark.parametrize(
    ("lon", "lat", "reason"),
    [
        ("49500100", "4200100", "not degrees"),
        ("38500100", "4200100", "an easting with zone 38 in front: give --datum EPSG:4526"),
        ("20500100", "4200100", "an easting with zone 20 in front: give --datum EPSG:4498"),
        ("4200100", "500100", "metres, not degrees, and swapped"),
        ("1e300", "37.9", "not degrees"),
        ("abc", "37.9", "no coordinates"),
        ("nan", "inf", "no coordinates"),
    ],
)
def test_coordinates_that_cannot_be_meant_are_named(tmp_path: Path, lon: str, lat: str, reason: str) -> None:
    (found,) = routed(tmp_path, [{"lon": lon, "lat": lat}])["reason"]
    assert found.startswith(reason)


def test_degrees_and_minutes_in_one_number_are_named(tmp_path: Path) -> None:
    lon, lat = (int(value) * 100 + value % 1 * 60 for value in lon_lat(500_100, 4_200_100))
    (found,) = routed(tmp_path, [{"lon": lon, "lat": lat}])["reason"]
    assert found.startswith("degrees and minutes written as one number")


def test_texts_are_read_however_they_are_kept(tmp_path: Path) -> None:
    lon, lat = lon_lat(500_100, 4_200_100)
    rows = pd.DataFrame(
        {
            "lon": [f"{lon:.7f}°E"],
            "lat": [f"{lat:.7f}".translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))],
        }
    )
    rows.astype("category").to_parquet(tmp_path / "r.parquet")
    once = route(plan_in_china(), read_reports(tmp_path / "r.parquet"))
    assert once["cell_code"].tolist() == ["g101"]
    for kind in ("str", "category", "string[pyarrow]"):
        texts = once.astype(object).where(once.notna(), "").astype(str).astype(kind)
        texts.to_parquet(tmp_path / "texts.parquet")
        again = route(plan_in_china(), read_reports(tmp_path / "texts.parquet"))
        assert again["probability"].tolist() == once["probability"].tolist()


def test_degrees_minutes_and_seconds_are_read(tmp_path: Path) -> None:
    lon, lat = lon_lat(500_100, 4_200_100)

    def sexagesimal(value: float, side: str) -> str:
        minutes = value % 1 * 60
        return f"{int(value)}°{int(minutes)}′{minutes % 1 * 60:.3f}″{side}"

    rows = [
        {"lon": sexagesimal(lon, "E"), "lat": sexagesimal(lat, "N")},
        {"lon": f"{lon:.7f}".replace(".", ","), "lat": f"{lat:.7f}".replace(".", ",")},
    ]
    assert routed(tmp_path, rows)["distance_m"].tolist() == pytest.approx([100, 100], abs=0.1)


def test_coordinates_that_are_repeated_far_away_are_placeholders(tmp_path: Path) -> None:
    here = lon_lat(500_100, 4_200_100)
    rows = [{"lon": 116.1234, "lat": 40.5678}] * 30 + [{"lon": here[0], "lat": here[1]}] * 30
    found = routed(tmp_path, rows)
    assert (found["reason"][:30] == "placeholder: the same coordinates in many rows").all()
    assert (found["status"][30:] == "inside").all()


@pytest.mark.parametrize("name", ["EPSG:4214", "EPSG:2431", "EPSG:4610", "EPSG:2363"])
def test_surveys_with_a_secret_transformation_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="cannot be brought to WGS 84 truly"):
        read_datum(name)


def test_systems_without_east_and_north_are_refused() -> None:
    with pytest.raises(InputError, match="has no longitude and latitude"):
        read_datum("EPSG:4978")


def test_any_system_can_be_named_and_a_column_goes_before_the_option(tmp_path: Path) -> None:
    lon, lat = lon_lat(500_100, 4_200_100)
    rows = [{"lon": 500_100, "lat": 4_200_100, "datum": ""}, {"lon": lon, "lat": lat, "datum": "CGCS2000"}]
    assert routed(tmp_path, rows, datum="EPSG:32649")["cell_code"].tolist() == ["g101", "g101"]


def test_the_nearest_cell_is_taken_no_farther_than_told(tmp_path: Path) -> None:
    lon, lat = lon_lat(499_980, 4_200_100)
    assert routed(tmp_path, [{"lon": lon, "lat": lat}], RoutingRule(nearest_m=10))["status"].tolist() == ["outside"]


def test_accuracy_says_how_sure_and_at_which_level(tmp_path: Path) -> None:
    lon, lat = lon_lat(500_190, 4_200_100)
    rows = [{"lon": lon, "lat": lat, "accuracy_m": a} for a in ("1", "20", "200", "0", "-5", "gut", "")]
    found = routed(tmp_path, rows)
    assert found["probability"][0] == 1.0
    assert 0.1 < found["probability"][2] < found["probability"][1] < 1.0
    # What cannot be meant is taken as where none is stated.
    assert found["radius_m"].tolist() == [1, 20, 200, 15, 15, 15, 15]
    assert found["action"].tolist()[:3] == ["dispatch", "ask_address", "ask_address"]
    candidates = json.loads(found["candidates"][1])
    assert {code for code, _ in candidates} == {"g101", "g201"}
    assert sum(share for _, share in candidates) == pytest.approx(1, abs=0.01)
    assert found["reason"][1].startswith("the border is near")


def test_beside_a_tower_floors_are_asked_for_too(tmp_path: Path) -> None:
    lon, lat = lon_lat(500_420, 4_200_100)
    (found,) = routed(tmp_path, [{"lon": lon, "lat": lat}]).to_dict("records")
    assert [found["status"], found["cell_code"]] == ["ask_address", ""]
    assert found["reason"].startswith("outside the area, within 50 m of this cell; several cells share")


def test_an_exact_point_outside_is_in_no_cell(tmp_path: Path) -> None:
    lon, lat = lon_lat(499_980, 4_200_100)
    (found,) = routed(tmp_path, [{"lon": lon, "lat": lat}], RoutingRule(gps_m=0)).to_dict("records")
    assert [found["status"], found["probability"], found["action"]] == ["nearest", 0, "ask_address"]


def test_systems_of_other_worlds_are_told(tmp_path: Path) -> None:
    lon, lat = lon_lat(500_100, 4_200_100)
    rows = [{"lon": lon, "lat": lat, "datum": "IAU_2015:30100"}, {"lon": lon, "lat": lat, "datum": ""}]
    found = routed(tmp_path, rows)
    assert "cannot be brought to the plan's coordinate system" in found["reason"][0]
    assert found["status"][1] == "inside"


@pytest.mark.parametrize("text", ["9" * 5000 + "°", "1,9" + "9" * 5000, "500,050"])
def test_numbers_that_are_none_are_no_coordinates(tmp_path: Path, text: str) -> None:
    (reason,) = routed(tmp_path, [{"lon": text, "lat": "37.9"}])["reason"]
    assert reason == "no coordinates"


def test_an_unsure_report_may_go_to_the_desk_above(tmp_path: Path) -> None:
    lon, lat = lon_lat(500_300, 4_200_100)
    found = routed(tmp_path, [{"lon": lon, "lat": lat}], RoutingRule(unsure="parent"))
    assert found[["action", "certain_level"]].iloc[0].tolist() == ["parent", "grid"]


@pytest.mark.parametrize(
    "wrong", [{"dispatch_at": 0.4}, {"confidence": 1.0}, {"nearest_m": -1.0}, {"unsure": "guess"}, {"gps_m": np.nan}]
)
def test_rules_that_make_no_sense_are_refused(wrong: dict) -> None:
    with pytest.raises(InputError):
        RoutingRule(**wrong)


def test_a_file_is_routed_part_by_part_as_it_is_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    rows = [
        dict(zip(("lon", "lat"), lon_lat(*xy), strict=True))
        for xy in rng.uniform((499_900, 4_199_900), (500_500, 4_200_300), (25, 2))
    ]
    path = write_reports(tmp_path / "r.csv", rows)
    whole = route(plan_in_china(), read_reports(path))
    parts = TableFile.parts
    monkeypatch.setattr(TableFile, "parts", lambda self: parts(self, 10))
    told: list[int] = []
    done = route_file(
        Router(plan_in_china(), RoutingRule()), path, tmp_path / "o.parquet", told=lambda n, _: told.append(n)
    )
    assert told == [10, 20, 25]
    assert pd.read_parquet(tmp_path / "o.parquet").equals(whole)
    assert done.counts == summary(whole)


def test_a_broken_line_is_routed_nowhere_and_told(tmp_path: Path) -> None:
    lon, lat = lon_lat(500_100, 4_200_100)
    (tmp_path / "r.csv").write_text(f"id,lon,lat\n1,{lon},{lat}\n2,{lon}\n3,{lon},{lat}\n", encoding="utf-8")
    done = route_file(Router(plan_in_china(), RoutingRule()), tmp_path / "r.csv", tmp_path / "o.csv")
    assert done.counts["inside"] == 2
    assert done.counts["rejected: a broken line"] == 1
    assert pd.read_csv(tmp_path / "o.csv")["reason"].tolist()[1] == "line 3 has 2 fields, the header 3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "no columns of longitude and latitude"),
        ("lon,lat,手机\n1,2,3\n", "personal columns"),
        ("lon,lat\n", "no rows"),
        ("", "no rows"),
    ],
)
def test_tables_that_cannot_be_routed_are_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_reports(tmp_path / "r.csv")


def test_every_baltimore_request_is_accounted_for(datasets: Path) -> None:
    reports = read_reports(datasets / "incidents_311" / "baltimore_311_sample.csv")
    found = route(plan_in_china(), reports)
    assert len(found) == 10_000
    at_placeholder = (reports.lon == -77) & (reports.lat == 39)
    assert at_placeholder.sum() == 885
    assert found["reason"][at_placeholder].str.startswith("placeholder: whole degrees").all()
    assert found["status"].isin(["outside", "rejected"]).all()


def test_columns_of_our_names_are_not_overwritten(tmp_path: Path) -> None:
    lon, lat = lon_lat(500_100, 4_200_100)
    with pytest.raises(InputError, match="columns of their own named status"):
        routed(tmp_path, [{"lon": lon, "lat": lat, "status": "open"}])


def test_routed_reports_can_be_routed_again(tmp_path: Path) -> None:
    lon, lat = lon_lat(500_100, 4_200_100)
    once = routed(tmp_path, [{"lon": lon, "lat": lat}])
    write_table(once, tmp_path / "once.csv")
    again = route(plan_in_china(), read_reports(tmp_path / "once.csv"))
    assert again.columns.tolist() == once.columns.tolist()


def told(tmp_path: Path, at: tuple[float, float] | None, **columns: str) -> pd.Series:
    lon, lat = ("", "") if at is None else lon_lat(*at)
    return routed(tmp_path, [{"lon": lon, "lat": lat, **columns}]).iloc[0]


def link(code: str, building: str | None = None, entrance: str | None = None) -> str:
    return write_link("https://city.example", Place(code, building, entrance))


def test_a_scanned_code_goes_before_the_pin(tmp_path: Path) -> None:
    found = told(tmp_path, (500_195, 4_200_100), qr=link("g202"))
    assert found[["cell_code", "status", "action", "basis", "certain_level"]].tolist() == [
        *("g202", "inside", "dispatch", "qr", "micro")
    ]
    assert found["probability"] == 1
    assert json.loads(found["grid_codes"]) == {"grid": "g2", "micro": "g202"}


def test_an_address_that_is_nearly_right_says_so(tmp_path: Path) -> None:
    found = told(tmp_path, None, address="建没路1号")
    assert found["cell_code"] == ""
    assert "address: " in found["reason"]


def test_a_code_needs_no_pin_and_may_name_an_upper_cell(tmp_path: Path) -> None:
    assert told(tmp_path, None, qr=link("g101"))[["cell_code", "action"]].tolist() == ["g101", "dispatch"]
    upper = told(tmp_path, None, qr=link("g2"))
    assert upper[["cell_code", "certain_level", "action"]].tolist() == ["", "grid", "ask_address"]
    assert upper["reason"] == "the scanned code names a cell of level grid: ask for the address"
    assert np.isnan(upper["probability"])
    assert told(tmp_path, (500_100, 4_200_100), qr=link("g1"))["cell_code"] == "g101"
    beside = told(tmp_path, (500_190, 4_200_100), qr=link("g2"), accuracy_m="2")
    assert beside[["cell_code", "certain_level", "basis"]].tolist() == ["", "grid", "qr"]


def test_a_code_and_a_pin_that_contradict_are_flagged(tmp_path: Path) -> None:
    found = told(tmp_path, (500_030, 4_200_100), qr=link("g202"))
    assert found[["cell_code", "status", "action", "basis", "grid_codes"]].tolist() == [
        *("", "ask_address", "ask_address", "", "{}")
    ]
    assert found["reason"] == "contradiction: the scanned code says g202, the point lies 170 m from there"


@pytest.mark.parametrize("qr", ["https://city.example/g/g101:00", "http://evil.example/", link("g999")])
def test_a_code_that_says_nothing_leaves_the_pin_to_decide(tmp_path: Path, qr: str) -> None:
    found = told(tmp_path, (500_100, 4_200_100), qr=qr)
    assert found[["cell_code", "basis"]].tolist() == ["g101", "point"]
    assert found["reason"]


def test_an_address_settles_the_floor_that_a_pin_cannot(tmp_path: Path) -> None:
    found = told(tmp_path, (500_300, 4_200_100), address="建设路2号1单元801")
    assert found[["cell_code", "status", "action", "basis"]].tolist() == ["g202", "inside", "dispatch", "address"]
    open_floor = told(tmp_path, (500_300, 4_200_100), address="建设路2号")
    assert open_floor[["cell_code", "action", "certain_level"]].tolist() == ["", "ask_address", "grid"]
    no_pin = told(tmp_path, None, address="建设路1号")
    assert no_pin["cell_code"] == "g101"
    assert no_pin[["plan_x", "plan_y"]].tolist() == pytest.approx([500_100, 4_200_100], abs=10)


def test_an_address_of_another_place_is_flagged(tmp_path: Path) -> None:
    found = told(tmp_path, (500_390, 4_200_190), address="建设路1号")
    assert found["action"] == "ask_address"
    assert found["reason"].startswith("contradiction: the address says g101")


def test_an_address_nobody_has_does_not_hinder_a_sure_pin(tmp_path: Path) -> None:
    found = told(tmp_path, (500_100, 4_200_100), address="解放路999号")
    assert found[["cell_code", "action", "reason"]].tolist() == ["g101", "dispatch", ""]
