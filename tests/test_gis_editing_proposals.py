"""Proposals to a planner: each is accepted as it is, loses no household, and leads back."""

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redrawn import after_moves, moved

from gis.barriers import Barrier
from gis.delineation.bands import Band
from gis.editing.drawn import plan_of
from gis.editing.edit import Edit
from gis.editing.land import Land
from gis.editing.loose import bordering
from gis.editing.mending import TEXTS, Mend, mend_text, mends_of
from gis.editing.merging import merged, moved_under
from gis.editing.problems import Problem, atoms_of_cell, households_of, pieces_of, problems_of
from gis.editing.rebalancing import rebalanced
from gis.editing.redrawing import Redrawing, RefusedError
from gis.editing.splitting import split_by_street, split_evenly, split_off
from gis.editing.state import State
from gis.plan import COMMUNITY, Plan

Proposal = Callable[[Redrawing, str, random.Random], Edit]


@pytest.fixture(scope="module")
def land(town_plan: Plan) -> Land:
    return Land.of(town_plan)


@pytest.fixture
def redrawing(land: Land) -> Redrawing:
    return Redrawing(land)


def leaves(redrawing: Redrawing) -> list[str]:
    level = redrawing.land.plan.leaf_level
    return sorted(code for code, cell in redrawing.state.cells.items() if cell.level == level)


def plain(redrawing: Redrawing) -> list[str]:
    """Return the cells with land of their own, those with most atoms first."""
    state = redrawing.state
    own = (code for code in sorted(state.atoms_on) if len(state.sharing[code]) == 1)
    return sorted(own, key=lambda code: -len(state.atoms_on[code]))


def near(redrawing: Redrawing, code: str) -> list[str]:
    """Return the cells of its level beside a cell in its community, the longest border first."""
    atoms = {*atoms_of_cell(redrawing.state, code).tolist()}
    return [*bordering(redrawing, atoms, redrawing.state.cells[code].level)]


def grid(redrawing: Redrawing, code: str) -> str:
    parent = redrawing.state.cells[code].parent
    assert parent is not None
    return parent


def pick(rng: random.Random, codes: list[str]) -> str:
    if not codes:
        raise RefusedError("no neighbour")
    return rng.choice(codes)


def a_merge(redrawing: Redrawing, code: str, rng: random.Random) -> Edit:
    state = redrawing.state
    codes = [code, pick(rng, [*near(redrawing, code), *sorted(state.sharing[state.cells[code].ground] - {code})])]
    return merged(redrawing, rng.sample(codes, 2))


def a_merge_above(redrawing: Redrawing, code: str, rng: random.Random) -> Edit:
    above = grid(redrawing, code)
    return merged(redrawing, [above, pick(rng, near(redrawing, above))])


def a_move(redrawing: Redrawing, code: str, rng: random.Random) -> Edit:
    state = redrawing.state
    parents = {grid(redrawing, each) for each in near(redrawing, code)} - {state.cells[code].parent}
    return moved_under(redrawing, sorted(state.sharing[state.cells[code].ground]), pick(rng, sorted(map(str, parents))))


def a_part(redrawing: Redrawing, code: str, rng: random.Random) -> Edit:
    atoms = sorted(redrawing.state.atoms_on[redrawing.state.cells[code].ground])
    return split_off(redrawing, code, rng.sample(atoms, rng.randint(1, len(atoms))))


def a_mend(redrawing: Redrawing, code: str, rng: random.Random) -> Edit:
    found = [*problems_of(redrawing, [code, grid(redrawing, code)])]
    mends = [mend for problem in found for mend in mends_of(redrawing, problem)]
    if not mends:
        raise RefusedError("nothing to mend")
    return rng.choice(mends).edit


PROPOSALS: dict[str, Proposal] = {
    "merge": a_merge,
    "merge above": a_merge_above,
    "move": a_move,
    "part": a_part,
    "shares": lambda redrawing, code, rng: split_evenly(redrawing, code, rng.randint(2, 4)),
    "street": lambda redrawing, code, _: split_by_street(redrawing, code),
    "balance": lambda redrawing, code, _: rebalanced(redrawing, code),
    "mend": a_mend,
}


def totals(redrawing: Redrawing) -> dict[str, int]:
    """Count the households of all cells of each level."""
    found: dict[str, int] = {}
    for code, cell in redrawing.state.cells.items():
        found[cell.level] = found.get(cell.level, 0) + households_of(redrawing.state, redrawing.land, code)
    return found


def off(redrawing: Redrawing, level: str) -> int:
    """Count the households off band in all cells of a level."""
    state, band = redrawing.state, Band(*redrawing.land.plan.metadata["bands"][level])
    cells = (code for code, cell in state.cells.items() if cell.level == level)
    return sum(band.off(households_of(state, redrawing.land, code)) for code in cells)


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), kind=st.sampled_from(sorted(PROPOSALS)), moves=st.integers(0, 60))
def test_every_proposal_is_accepted_loses_nothing_and_leads_back(land: Land, seed: int, kind: str, moves: int) -> None:
    rng, redrawing = random.Random(seed), after_moves(land, moves, seed)  # noqa: S311 (a test's)
    state, before = redrawing.state, redrawing.state.text()
    for code in rng.sample(leaves(redrawing), 5):
        try:
            edit = PROPOSALS[kind](redrawing, code, rng)
        except RefusedError:
            continue
        finally:
            assert state.text() == before
        used = {*state.cells}
        redrawing.apply(edit)
        assert set(totals(redrawing).values()) == {sum(land.households)}
        founded = {each for each, old, _ in edit.cells if old is None}
        assert not founded & (land.codes | used)
        assert all(cell.name for each, cell in state.cells.items() if each in founded)
        redrawing.apply(edit.inverse)
        assert state.text() == before


def test_every_kind_of_proposal_is_made(land: Land) -> None:
    redrawing = after_moves(land, 100)
    rng = random.Random(1)  # noqa: S311 (a test's)
    for kind, proposal in PROPOSALS.items():
        made = 0
        for code in leaves(redrawing):
            try:
                made += bool(proposal(redrawing, code, rng).steps)
            except RefusedError:
                continue
            if made > 2:
                break
        assert made > 2, kind


def test_merged_cells_are_one_and_the_first_lives_on(redrawing: Redrawing) -> None:
    state, land = redrawing.state, redrawing.land
    code = plain(redrawing)[0]
    other = next(each for each in near(redrawing, code) if len(state.sharing[each]) == 1)
    atoms, total = (
        state.atoms_on[code] | state.atoms_on[other],
        sum(households_of(state, land, c) for c in (code, other)),
    )
    redrawing.apply(merged(redrawing, [other, code]))
    assert code not in state.cells
    assert state.atoms_on[other] == atoms
    assert households_of(state, land, other) == total
    assert plan_of(redrawing).metadata["retired"][code] == [other]


def test_floors_merge_whoever_lives_on(redrawing: Redrawing) -> None:
    state, land = redrawing.state, redrawing.land
    ground = max(state.sharing, key=lambda code: len(state.sharing[code]))
    cells = sorted(state.sharing[ground] - {ground})
    atoms, held = set(state.atoms_on[ground]), {code: households_of(state, land, code) for code in [ground, *cells]}
    assert len(cells) > 1
    redrawing.apply(merged(redrawing, [cells[0], ground]))
    assert ground not in state.cells
    assert state.atoms_on[cells[0]] == atoms
    assert state.sharing[cells[0]] == {*cells}
    assert households_of(state, land, cells[0]) == held[ground] + held[cells[0]]
    assert all(households_of(state, land, code) == held[code] for code in cells[1:])
    redrawing.apply(merged(redrawing, cells))
    assert households_of(state, land, cells[0]) == sum(held.values())
    assert not any(land.atom_of_unit[unit] in atoms for unit in state.floors)


def test_a_grid_that_is_merged_founds_its_cells_anew_under_the_other(redrawing: Redrawing) -> None:
    state, land = redrawing.state, redrawing.land
    grids = sorted(code for code, cell in state.cells.items() if cell.level == "grid")
    first, other = next((code, near(redrawing, code)[0]) for code in grids if near(redrawing, code))
    of_atom = dict(state.land)
    below = {code: households_of(state, land, code) for code in state.below[other]}
    kept = set(state.below[first])
    redrawing.apply(merged(redrawing, [first, other]))
    assert other not in state.cells
    assert state.below[first] > kept
    assert all(code.startswith(first) for code in state.below[first])
    new = state.below[first] - kept
    assert sorted(households_of(state, land, code) for code in new) == sorted(below.values())
    parts = {(of_atom[atom], state.land[atom]) for atom in of_atom}
    assert len(parts) == len({*of_atom.values()})
    plan = plan_of(redrawing)
    assert plan.metadata["retired"][other] == [first]
    names = plan.cells.set_index("code")["name"]
    assert all(names[code].startswith(names[first]) for code in new)


def test_the_last_cell_of_a_grid_takes_the_grid_with_it(redrawing: Redrawing) -> None:
    state = redrawing.state
    for code in plain(redrawing):
        above = grid(redrawing, code)
        target = next((grid(redrawing, each) for each in near(redrawing, code) if grid(redrawing, each) != above), None)
        if target is None:
            continue
        others = [each for each in state.below[above] if each != code]
        try:
            redrawing.apply(merged(redrawing, [code, *others]))
        except RefusedError:
            continue
        redrawing.apply(moved_under(redrawing, [code], target))
        assert above not in state.cells
        assert code not in state.cells
        return
    pytest.fail("no grid could be emptied")


@pytest.mark.parametrize("parts", [2, 3])
def test_even_parts_hang_together_and_are_even(redrawing: Redrawing, parts: int) -> None:
    state, land = redrawing.state, redrawing.land
    tried = 0
    for code in plain(redrawing)[:25]:
        total = households_of(state, land, code)
        edit = split_evenly(redrawing, code, parts)
        assert not edit.floors
        redrawing.apply(edit)
        cells = [code, *(each for each, *_ in edit.cells)]
        held = [households_of(state, land, each) for each in cells]
        assert len(cells) == parts
        assert all(len(pieces_of(land, np.array(sorted(state.atoms_on[each])))) == 1 for each in cells)
        assert held[0] == max(held)
        assert max(abs(each - total / parts) for each in held) <= total / parts / 4
        redrawing.apply(edit.inverse)
        tried += 1
    assert tried == 25


def test_a_tower_is_split_by_runs_of_its_floors(redrawing: Redrawing) -> None:
    state, land = redrawing.state, redrawing.land
    code = max(state.sharing, key=lambda each: len(state.sharing[each]))
    before = households_of(state, land, code)
    edit = split_evenly(redrawing, code, 3)
    assert not edit.land
    redrawing.apply(edit)
    held = [households_of(state, land, each) for each in (code, *(each for each, *_ in edit.cells))]
    assert sum(held) == before
    assert max(held) - min(held) <= before / 3
    runs = [sorted(state.units_of[each]) for each, *_ in edit.cells]
    assert not any(one[0] < other[0] < one[-1] for one in runs for other in runs)


def test_a_street_that_runs_through_a_cell_parts_it(redrawing: Redrawing) -> None:
    state, land, edges = redrawing.state, redrawing.land, redrawing.land.edges
    code = plain(redrawing)[0]
    redrawing.apply(
        merged(
            redrawing,
            [code, *(each for each in near(redrawing, code) if len(state.sharing[each]) == 1)],
        )
    )
    redrawing.apply(edit := split_by_street(redrawing, code))
    cells = [code, *(each for each, _, cell in edit.cells if cell)]
    ground = np.array([state.land[atom] for atom in range(len(land.atoms))])
    left, right = ground[edges.left], ground[edges.right]
    between = np.isin(left, cells) & np.isin(right, cells) & (left != right)
    held = [households_of(state, land, each) for each in cells]
    assert len(cells) > 1
    assert held[0] == max(held)
    assert min(held) > 0
    strong = edges.metres[between & (edges.strength >= Barrier.STREET)].sum()
    assert strong > 0.9 * edges.metres[between].sum()


def test_rebalancing_never_leaves_more_households_off_band(land: Land) -> None:
    redrawing = after_moves(land, 80)
    helped = 0
    for code in leaves(redrawing):
        before, cells = off(redrawing, "micro"), redrawing.state.cells.keys()
        try:
            edit = rebalanced(redrawing, code)
        except RefusedError:
            continue
        broken = {problem.cell for problem in problems_of(redrawing) if problem.kind == "parts"}
        redrawing.apply(edit)
        assert off(redrawing, "micro") < before
        assert redrawing.state.cells.keys() == cells
        assert {problem.cell for problem in problems_of(redrawing) if problem.kind == "parts"} <= broken
        helped += 1
    assert helped > 5


def test_cells_of_locked_grids_are_rebalanced_within_them(land: Land) -> None:
    redrawing = after_moves(land, 80)
    state = redrawing.state
    grids = [(code, cell) for code, cell in state.cells.items() if cell.level == "grid"]
    redrawing.apply(Edit(cells=tuple((code, cell, replace(cell, locked=True)) for code, cell in grids)))
    helped = 0
    for code in leaves(redrawing):
        try:
            edit = rebalanced(redrawing, code)
        except RefusedError:
            continue
        assert all(state.cells[old].parent == state.cells[new].parent for _, old, new in edit.land)
        redrawing.apply(edit)
        helped += 1
    assert helped > 5


def far_move(redrawing: Redrawing, rng: random.Random) -> Edit | None:
    """Return a move of an atom to a cell of its community that it does not touch."""
    state, land = redrawing.state, redrawing.land
    atom = rng.randrange(len(land.atoms))
    beside = {state.land[other] for other in (atom, *land.near[atom])}
    home = land.communities[atom]
    far = [code for code in plain(redrawing) if code not in beside and state.community_of(code) == home]
    return moved(redrawing, atom, rng.choice(far)) if far else None


@settings(max_examples=12)
@given(seed=st.integers(0, 10**6))
def test_a_cell_broken_by_a_far_move_has_mends_that_mend_it(land: Land, seed: int) -> None:
    rng, redrawing = random.Random(seed), Redrawing(land)  # noqa: S311 (a test's)
    edit = far_move(redrawing, rng)
    if edit is None:
        return
    try:
        redrawing.apply(edit)
    except RefusedError:
        return
    (_, giver, code) = edit.land[0]
    problem = next(each for each in problems_of(redrawing, [code]) if each.kind == "parts")
    mends = mends_of(redrawing, problem)
    assert mends
    # One of the ways is that back, unless the giver is in pieces without it.
    whole = [each.kind for each in problems_of(redrawing, [giver])].count("parts") == 0
    assert not whole or any(
        mend.kind == "give" and mend.figures["households"] == land.households[edit.land[0][0]] for mend in mends
    )
    before = {each.cell for each in problems_of(redrawing) if each.kind == "parts"}
    for mend in mends:
        redrawing.apply(mend.edit)
        assert {each.cell for each in problems_of(redrawing) if each.kind == "parts"} < before
        redrawing.apply(mend.edit.inverse)


def test_mends_of_a_cell_out_of_band_bring_households_nearer(land: Land) -> None:
    redrawing = after_moves(land, 60)
    found: list[Mend] = []
    for problem in [*problems_of(redrawing)]:
        if problem.kind != "households":
            continue
        mends = mends_of(redrawing, problem)
        level = redrawing.state.cells[problem.cell].level
        for mend in mends:
            before = off(redrawing, level)
            redrawing.apply(mend.edit)
            assert off(redrawing, level) == before + mend.off_after - mend.off_before
            assert mend.off_after < mend.off_before
            redrawing.apply(mend.edit.inverse)
        found += mends
    assert {"give", "take", "rebalance", "take_cells"} <= {mend.kind for mend in found}
    assert all(mend.text == mend_text(mend.kind, mend.figures) for mend in found)
    assert all(str(mend.figures["cell"]) in mend.text for mend in found if "cell" in mend.figures)
    assert all({*mend.figures} <= {"pieces", "floors", "households", "parts", "cell", "cells"} for mend in found)
    assert {mend.kind for mend in found} <= TEXTS.keys()


def test_locked_neighbours_are_not_touched(land: Land) -> None:
    redrawing = after_moves(land, 60)
    state = redrawing.state
    for code in [problem.cell for problem in problems_of(redrawing) if problem.kind == "households"]:
        if state.cells[code].level != redrawing.land.plan.leaf_level:
            continue
        locked = set(near(redrawing, code)[::2]) - state.sharing[state.cells[code].ground]
        lock = Edit(
            cells=tuple((each, state.cells[each], replace(state.cells[each], locked=True)) for each in sorted(locked))
        )
        redrawing.apply(lock)
        problem = next(each for each in problems_of(redrawing, [code]) if each.kind == "households")
        edits = [mend.edit for mend in mends_of(redrawing, problem)]
        for edit in edits:
            assert not locked & touched(state, edit)
            redrawing.apply(edit)
            redrawing.apply(edit.inverse)
        for each in locked:
            with pytest.raises(RefusedError, match=r"locked|another parent|not the parent"):
                merged(redrawing, [code, each])
        redrawing.apply(lock.inverse)


def touched(state: State, edit: Edit) -> set[str]:
    """Return the cells that an edit names."""
    codes = {code for code, *_ in edit.cells} | {code for _, *pair in edit.land for code in pair}
    return codes | {code for _, *pair in edit.floors for code in pair if code} & state.cells.keys()


def test_groups_move_whole_in_every_proposal(land: Land) -> None:
    redrawing = after_moves(land, 40)
    state = redrawing.state
    for k, code in enumerate(plain(redrawing)[:40]):
        atoms = sorted(state.atoms_on[code])
        pair = (atoms[0], next((each for each in land.near[atoms[0]] if each in state.atoms_on[code]), atoms[-1]))
        if pair[0] != pair[1]:
            redrawing.apply(Edit(together=tuple((atom, None, f"yard {k}") for atom in pair)))
    kept = 0
    for code in plain(redrawing)[:40]:
        for proposal in (
            lambda code: split_evenly(redrawing, code, 2),
            lambda code: split_by_street(redrawing, code),
            lambda code: rebalanced(redrawing, code),
        ):
            try:
                edit = proposal(code)
            except RefusedError:
                continue
            redrawing.apply(edit)
            redrawing.apply(edit.inverse)
            kept += 1
    assert kept > 40
    with pytest.raises(RefusedError, match="stays together"):
        split_off(redrawing, plain(redrawing)[0], [min(state.atoms_on[plain(redrawing)[0]])])


def test_what_cannot_be_proposed_is_refused_in_a_sentence(redrawing: Redrawing) -> None:
    state = redrawing.state
    code = plain(redrawing)[0]
    above, home = grid(redrawing, code), state.community_of(code)
    far = next(
        each
        for each in plain(redrawing)
        if each not in {code, *near(redrawing, code)} and state.community_of(each) == home
    )
    foreign = next(each for each in plain(redrawing) if state.community_of(each) != home)
    shared = next(each for each in sorted(state.sharing) if len(state.sharing[each]) > 1)
    town = next(each for each, cell in state.cells.items() if cell.level == COMMUNITY)
    here = sorted(state.atoms_on[code])
    first = state.text()
    refused: list[tuple[Callable[[], object], str]] = [
        (lambda: merged(redrawing, [code]), "two cells or more"),
        (lambda: merged(redrawing, [code, "nosuch"]), "no cell nosuch"),
        (lambda: merged(redrawing, [code, far]), "do not touch"),
        (lambda: merged(redrawing, [code, above]), "different levels"),
        (lambda: merged(redrawing, [code, foreign]), "communities are given"),
        (lambda: moved_under(redrawing, [code], above), "already"),
        (lambda: moved_under(redrawing, [code], grid(redrawing, foreign)), "leave its community"),
        (lambda: moved_under(redrawing, [code], town), "cannot lie right under"),
        (lambda: moved_under(redrawing, [], above), "at least one"),
        (lambda: split_off(redrawing, code, here), "all pieces"),
        (lambda: split_off(redrawing, code, sorted(state.atoms_on[far])), "none of another cell"),
        (lambda: split_off(redrawing, above, here[:1]), "lowest level"),
        (lambda: split_evenly(redrawing, code, 1), "number of parts"),
        (lambda: split_evenly(redrawing, code, 10**6), "number of parts"),
        (lambda: split_by_street(redrawing, shared), "floors divide"),
        (lambda: rebalanced(redrawing, above), "lowest level"),
        (lambda: rebalanced(redrawing, code), "no exchange"),
        (lambda: mends_of(redrawing, Problem("nosuch", "parts", "")), "no cell nosuch"),
    ]
    for proposal, why in refused:
        with pytest.raises(RefusedError, match=why):
            proposal()
    assert state.text() == first
