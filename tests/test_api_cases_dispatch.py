"""Somebody always gets a report, and the answer says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lives import GRID, LEAF, LEAF_2, STREET, TERRITORY

from api.cases import CaseError, Cell, Rules, Territory
from api.cases.dispatch import DispatchTable
from api.cases.functional import FunctionalGrids

RULES = Rules.load()
OWN = DispatchTable.model_validate(
    {
        "version": 1,
        "desk": "desk",
        "rules": [
            {"name": "schools", "grid": "schools", "unit": "education"},
            {"name": "park", "cell": GRID, "category": "component-04", "unit": "parks"},
            {"name": "trees", "category": "component-04", "unit": "greening"},
            {"name": "never", "category": "component-04", "unit": "nobody"},
            {"name": "signs", "category": "event-2", "grade": "hard", "unit": "signs"},
        ],
    }
)


@pytest.mark.parametrize(
    ("category", "grade", "cell", "grids", "unit", "because"),
    [
        ("component-04", "ordinary", LEAF, (), "parks", "rule park"),
        ("component-04", "ordinary", STREET, (), "greening", "rule trees"),
        ("component-04", "ordinary", LEAF, ("schools",), "education", "rule schools"),
        ("event-2", "hard", LEAF, (), "signs", "rule signs"),
        ("event-2", "ordinary", LEAF, (), "leader-1", f"unit of {LEAF}"),
        ("event-1", "ordinary", "S-01", (), "community-office", "fallback of S-01"),
        ("event-1", "ordinary", LEAF_2, (), "desk", "desk"),
        ("event-1", "ordinary", "retired", (), "desk", "desk"),
    ],
)
def test_the_first_rule_that_fits(
    category: str, grade: str, cell: str, grids: tuple[str, ...], unit: str, because: str
) -> None:
    given = OWN.assign(category, grade, cell, TERRITORY, grids)
    assert (given.unit, given.because, given.holder) == (unit, because, cell)


codes = st.sampled_from(["A", "B", "C", "D", "", None])


@given(
    st.text(max_size=5),
    st.text(max_size=5),
    st.text(max_size=3),
    st.dictionaries(st.sampled_from("WXYZ"), st.tuples(codes, codes)),
)
def test_never_nobody(
    category: str, grade: str, cell: str, answerable: dict[str, tuple[str | None, str | None]]
) -> None:
    territory = Territory.of(Cell(code, "grid", None, *units) for code, units in answerable.items())
    for where in (cell, *answerable):
        assert OWN.assign(category, grade, where, territory).unit
        assert RULES.dispatch.assign(category, grade, where, territory).unit


def test_an_assignment_is_an_action() -> None:
    action = OWN.assign("event-1", "ordinary", LEAF, TERRITORY).action()
    assert (action.name, action.unit, action.holder, action.level) == ("dispatch", "leader-1", LEAF, "micro")


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ([Cell("a", "grid"), Cell("a", "micro")], "a is there twice"),
        ([Cell("a", "grid", "b")], "its parent b is missing"),
        ([Cell("a", "grid", "b"), Cell("b", "grid", "a")], "lies in itself"),
    ],
)
def test_territories_that_are_none(cells: list[Cell], problem: str) -> None:
    with pytest.raises(CaseError, match=problem):
        Territory.of(cells)


def test_an_organisation_belongs_to_several_grids() -> None:
    grid = {"kind": "trade", "name": "餐饮", "unit": "market-office", "roles": ["inspector"]}
    grids = FunctionalGrids.model_validate(
        {
            "version": 1,
            "grids": [
                grid | {"code": "food", "organisations": ["o-1", "o-2"]},
                grid | {"code": "fire", "kind": "functional", "organisations": ["o-2"]},
            ],
        }
    )
    assert [grids.of(each) for each in ("o-1", "o-2", "o-3", None)] == [("food",), ("food", "fire"), (), ()]
