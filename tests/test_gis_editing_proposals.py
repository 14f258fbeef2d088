"""What is proposed to planners can be taken as it is, and does what it says."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redrawn import moved, take_moves

from gis.editing.edit import Edit
from gis.editing.land import Land
from gis.editing.mending import mends_of
from gis.editing.problems import atoms_of_cell, households_of, pieces_of, problems_of
from gis.editing.rebalancing import neighbours_of, off_in, rebalanced
from gis.editing.redrawing import Redrawing, RefusedError
from gis.editing.splitting import split_by_street, split_evenly
from gis.plan import Plan


@pytest.fixture(scope="module")
def land(town_plan: Plan) -> Land:
    return Land.of(town_plan)


def leaves(redrawing: Redrawing) -> list[str]:
    return sorted(code for code, cell in redrawing.state.cells.items() if cell.level == redrawing.land.plan.leaf_level)


def taken(redrawing: Redrawing, edit: Edit) -> None:
    """Take a proposal, look at what must not change, and see that the way back is exact."""
    before, total = redrawing.state.text(), sum(redrawing.land.households)
    redrawing.apply(edit)
    assert sum(households_of(redrawing.state, redrawing.land, code) for code in leaves(redrawing)) == total
    after = redrawing.state.text()
    redrawing.apply(edit.inverse)
    assert redrawing.state.text() == before
    redrawing.apply(edit)
    assert redrawing.state.text() == after


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(2, 4), st.sampled_from([0, 0, 20]))
def test_an_even_split_is_even_and_hangs_together(land: Land, which: int, parts: int, before: int) -> None:
    redrawing = Redrawing(land)
    take_moves(redrawing, before, seed=which)
    code = leaves(redrawing)[which % len(leaves(redrawing))]
    known = set(redrawing.state.cells)
    households = households_of(redrawing.state, land, code)
    try:
        edit = split_evenly(redrawing, code, parts)
    except RefusedError:
        return
    taken(redrawing, edit)
    codes = [code, *(set(redrawing.state.cells) - known)]
    assert len(codes) <= parts
    held = [households_of(redrawing.state, land, each) for each in codes]
    assert sum(held) == households
    heaviest = max(land.households[atom] for atom in atoms_of_cell(redrawing.state, code).tolist())
    if len(codes) == parts and len(redrawing.state.sharing[redrawing.state.cells[code].ground]) == 1:
        assert max(held) - min(held) <= max(0.5 * households / parts, 2 * heaviest)
        assert all(len(pieces_of(land, atoms_of_cell(redrawing.state, each))) == 1 for each in codes)


def test_most_cells_can_be_split_evenly_some_by_street(land: Land) -> None:
    redrawing = Redrawing(land)
    ways = {"even": partial(split_evenly, parts=2), "street": split_by_street}
    done = dict.fromkeys(ways, 0)
    for code in leaves(redrawing):
        for name, propose in ways.items():
            try:
                edit = propose(redrawing, code)
            except RefusedError:
                continue
            assert redrawing.refusal(edit) == ""
            done[name] += 1
    assert done["even"] > 0.9 * len(leaves(redrawing))
    assert done["street"] > 0


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_balancing_leaves_fewer_households_off_band(land: Land, seed: int) -> None:
    redrawing = Redrawing(land)
    take_moves(redrawing, 60, seed)
    out = [p.cell for p in problems_of(redrawing, leaves(redrawing)) if p.kind == "households"]
    plain = [code for code in out if len(redrawing.state.sharing[redrawing.state.cells[code].ground]) == 1]
    if not plain:
        return
    code = plain[seed % len(plain)]
    around = [code, *neighbours_of(redrawing, code)]
    before, known = off_in(redrawing, around), set(redrawing.state.cells)
    try:
        edit = rebalanced(redrawing, code)
    except RefusedError:
        return
    taken(redrawing, edit)
    assert off_in(redrawing, around) < before
    assert set(redrawing.state.cells) == known


def test_what_is_broken_is_mended_by_the_first_way_proposed(land: Land) -> None:
    rng = np.random.default_rng(4)
    mended = 0
    for _ in range(12):
        redrawing = Redrawing(land)
        state = redrawing.state
        codes = [code for code in sorted(state.atoms_on) if len(state.sharing[code]) == 1]
        code = codes[rng.integers(len(codes))]
        near = {code, *neighbours_of(redrawing, code)}
        home = state.community_of(code)
        far = [a for a in range(len(land.atoms)) if land.communities[a] == home and state.land[a] not in near]
        edit = moved(redrawing, int(rng.choice(far)), code)
        if redrawing.refusal(edit):
            continue
        redrawing.apply(edit)
        [problem, *_] = [p for p in problems_of(redrawing, [code]) if p.kind == "parts"]
        ways = mends_of(redrawing, problem)
        assert ways
        assert [(way.broken, way.off) for way in ways] == sorted((way.broken, way.off) for way in ways)
        taken(redrawing, ways[0].edit)
        assert not [p for p in problems_of(redrawing, {code} & state.cells.keys()) if p.kind == "parts"]
        mended += 1
    assert mended > 5


def test_a_cell_out_of_band_has_ways_back_and_locked_neighbours_stay(land: Land) -> None:
    redrawing = Redrawing(land)
    take_moves(redrawing, 80, seed=3)
    state = redrawing.state
    wrong = [p for p in problems_of(redrawing, leaves(redrawing)) if p.kind == "households"]
    ways = {p.cell: mends_of(redrawing, p) for p in wrong}
    assert sum(bool(found) for found in ways.values()) > 0.7 * len(wrong)
    best = next(found[0] for found in ways.values() if found and found[0].other)
    assert best.other in best.text
    cell = state.cells[best.other]
    redrawing.apply(Edit(cells=((best.other, cell, replace(cell, locked=True)),)))
    problem = next(p for p in wrong if best in ways[p.cell])
    for way in mends_of(redrawing, problem):
        assert best.other not in {code for _, *codes in way.edit.land for code in codes}
