"""Links on signs: what is written is read, what is mistyped is refused, and the plan in force has the last word."""

import dataclasses
import re
from pathlib import Path

import pytest
from doors import COMMUNITY, GRIDS, HIGH, HOUSES, LOW, PARK, small_plan
from hypothesis import assume, given
from hypothesis import strategies as st

from gis.errors import InputError
from gis.location.links import LONGEST, Place, Settled, check_signs, read_link, settle, write_link

BASES = ["https://city.example", "http://10.0.0.7:8080/", "HTTPS://City.Example/", "https://[::1]:443", "WG:", "wg:"]
CODES = st.text("0123456789", min_size=12, max_size=17) | st.text(min_size=1, max_size=8)
TYPED = st.characters(codec="ascii") | st.characters()
TEXTS = st.text(max_size=12)
PLAN = small_plan()
LINKED = "13010500500200101"


def places() -> st.SearchStrategy[Place]:
    sorts = st.builds(Place, CODES) | st.builds(Place, CODES, TEXTS) | st.builds(Place, CODES, TEXTS, TEXTS)
    return sorts.filter(lambda place: not {".", ".."} & set(dataclasses.astuple(place)))


@given(st.sampled_from(BASES), places())
def test_what_is_written_is_read(base: str, place: Place) -> None:
    link = write_link(base, place)
    assert read_link(link) == place
    assert link.isascii()
    assert len(link) <= LONGEST


@given(places(), st.data(), st.characters())
def test_no_change_of_one_sign_goes_unseen(place: Place, data: st.DataObject, other: str) -> None:
    link = write_link("WG:", place)
    at = data.draw(st.integers(len("WG:"), len(link) - 1))
    for sign in (other, *"0123456789ABCXYZabcxyz-._~%/:"):
        if sign != link[at]:
            with pytest.raises(InputError):
                read_link(f"{link[:at]}{sign}{link[at + 1 :]}")


def test_every_change_of_one_sign_of_a_code_is_refused() -> None:
    link = write_link("https://city.example", Place(HOUSES, "B1", "1单元"))
    first = link.index(HOUSES)
    signs = [chr(number) for number in range(128)]
    refused = 0
    for at in range(first, len(link)):
        for sign in signs:
            if sign != link[at]:
                with pytest.raises(InputError):
                    read_link(f"{link[:at]}{sign}{link[at + 1 :]}")
                refused += 1
    assert refused == 127 * (len(link) - first)


@given(places(), st.data())
def test_neighbours_that_changed_places_are_seen(place: Place, data: st.DataObject) -> None:
    link = write_link("WG:", place)
    at = data.draw(st.integers(len("WG:"), len(link) - 2))
    assume(link[at] != link[at + 1])
    with pytest.raises(InputError):
        read_link(f"{link[:at]}{link[at + 1]}{link[at]}{link[at + 2 :]}")


@given(st.sampled_from(BASES), places(), st.data())
def test_a_link_that_breaks_off_is_refused(base: str, place: Place, data: st.DataObject) -> None:
    link = write_link(base, place)
    with pytest.raises(InputError):
        read_link(link[: data.draw(st.integers(0, len(link) - 1))])


@given(st.text() | st.text(TYPED).map("WG:{}:00".format) | st.text(TYPED).map("https://a/g/{}:3W".format))
def test_any_other_text_is_refused_and_nothing_else_happens(text: str) -> None:
    try:
        place = read_link(text)
    except InputError as refused:
        assert "\n" not in str(refused)  # noqa: PT017 (reading is no error either)
    else:
        assert write_link("WG:", place).rpartition(":")[2] == text.rpartition(":")[2]


@pytest.mark.parametrize("start", ["https://other.example/g/", "HTTP://other.example:81/g/", "wg:", "Wg:"])
def test_host_and_capitals_of_the_scheme_do_not_matter(start: str) -> None:
    assert read_link(start + write_link("WG:", Place(LOW, "B")).removeprefix("WG:")) == Place(LOW, "B")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("https", "ftp"),
        ("/g/", "/G/"),
        ("/g/", "/x/g/"),
        ("/g/", "g/"),
        ("city", "me@city"),
        (":", ":\n"),
        ("%E", "%e"),
    ],
)
def test_nothing_else_may_differ(before: str, after: str) -> None:
    link = write_link("https://city.example", Place(LOW, "B", "单元"))
    with pytest.raises(InputError):
        read_link(link.replace(before, after, 1))
    for around in (f" {link}", f"{link}\n", f"{link}?a", f"{link}#a", link * 30, f"{link}\ud800"):
        with pytest.raises(InputError):
            read_link(around)


@pytest.mark.parametrize(
    "base", ["city.example", "https://", "https://a/b", "https://a?b", "https://a b", "https://城.example", "<b>", ""]
)
def test_a_base_is_a_scheme_and_a_host(base: str) -> None:
    with pytest.raises(InputError, match="give a scheme and a host"):
        write_link(base, Place(LOW))


@pytest.mark.parametrize(
    "place",
    [Place(""), Place("A", ".."), Place("A", "B", "."), Place("A", None, "1"), Place("A\ud800"), Place("A", "网" * 60)],
)
def test_what_no_link_can_hold_is_refused(place: Place) -> None:
    with pytest.raises(InputError):
        write_link("WG:", place)


def test_the_check_is_that_of_the_standard() -> None:
    assert check_signs("ISO79") == "3W"


@pytest.mark.parametrize(
    ("place", "settled"),
    [
        (Place(HOUSES), Settled(HOUSES, "")),
        (Place(COMMUNITY), Settled(COMMUNITY, "")),
        (Place(GRIDS[0], "TOWER", "正门"), Settled(GRIDS[0], "")),
        (Place(LOW, "TOWER", "正门"), Settled(LOW, "")),
        (Place(HIGH, "TOWER"), Settled(HIGH, "")),
        (Place(PARK, "LODGE", ""), Settled(PARK, "")),
        (Place(PARK, "SHED"), Settled(PARK, "")),
        (Place("UNKNOWN"), Settled(None, "the plan has no cell 'UNKNOWN'")),
        (Place(HOUSES, "GONE"), Settled(None, "the plan has no building 'GONE'")),
        (Place(HOUSES, "HOUSE", "9单元"), Settled(None, "building 'HOUSE' has no entrance '9单元'")),
        (Place(PARK, "SHED", "1"), Settled(None, "building 'SHED' has no entrance '1'")),
        (Place(PARK, "HOUSE"), Settled(None, f"building 'HOUSE' lies in {HOUSES}, not in '{PARK}'")),
        (Place(PARK, "TOWER"), Settled(None, f"building 'TOWER' lies in {LOW}, {HIGH}, not in '{PARK}'")),
    ],
)
def test_a_place_is_settled_by_the_plan(place: Place, settled: Settled) -> None:
    assert settle(PLAN, place) == settled


@pytest.mark.parametrize(
    ("place", "code", "reason"),
    [
        (Place("R-ONE"), HOUSES, f"cell 'R-ONE' was retired: its successors are {HOUSES}"),
        (Place("R-OLDER"), HOUSES, f"cell 'R-OLDER' was retired: its successors are {HOUSES}"),
        (Place("R-FLOORS"), None, f"cell 'R-FLOORS' was retired: its successors are {LOW}, {HIGH}"),
        (Place("R-FLOORS", "TOWER", "正门"), None, f"cell 'R-FLOORS' was retired: its successors are {LOW}, {HIGH}"),
        (Place("R-GRIDS", "LODGE"), PARK, f"cell 'R-GRIDS' was retired: its successors are {HOUSES}, {PARK}"),
        (Place("R-NONE"), None, "cell 'R-NONE' was retired: its successors are none"),
        (
            Place("R-ONE", "LODGE"),
            None,
            f"cell 'R-ONE' was retired: its successors are {HOUSES}; building 'LODGE' lies in {PARK}, not in 'R-ONE'",
        ),
    ],
)
def test_a_retired_code_stands_for_its_successors(place: Place, code: str | None, reason: str) -> None:
    assert settle(PLAN, place) == Settled(code, reason)


def test_the_links_shown_are_links() -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "qr.md").read_text(encoding="utf-8")
    shown = re.findall(r'(?:https://city\.example/g/|WG:)[^\s"`]+', page)
    assert {read_link(link) for link in shown} == {Place(LINKED), Place(LINKED, "B00021", "正门")}
