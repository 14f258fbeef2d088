"""Plans redrawn by hand: every edit is exact, every rule holds, and the way back leads to the first state."""

import json
from dataclasses import replace

import pytest
import shapely
from redrawn import moved, take_moves

import gis
from gis.changes.compare import compare
from gis.editing.drawn import plan_of
from gis.editing.edit import Edit
from gis.editing.land import Land
from gis.editing.problems import households_of, problems_of
from gis.editing.redrawing import ConflictError, Redrawing, RefusedError
from gis.editing.state import Cell
from gis.errors import CoverageError, InputError
from gis.plan import Plan


@pytest.fixture(scope="module")
def land(town_plan: Plan) -> Land:
    return Land.of(town_plan)


@pytest.fixture
def redrawing(land: Land) -> Redrawing:
    return Redrawing(land)


def plain(redrawing: Redrawing) -> str:
    """Return the ground with most atoms that no floors divide."""
    state = redrawing.state
    return max((code for code in state.atoms_on if len(state.sharing[code]) == 1), key=lambda c: len(state.atoms_on[c]))


def shared(redrawing: Redrawing) -> str:
    """Return a ground that floors divide."""
    return next(code for code, cells in sorted(redrawing.state.sharing.items()) if len(cells) > 1)


def split(redrawing: Redrawing, code: str, new: str) -> Edit:
    """Return the edit that founds a cell on half of the land of another, grown from its first atom."""
    state, graph = redrawing.state, redrawing.land.graph
    atoms, half = state.atoms_on[code], {min(state.atoms_on[code])}
    while len(half) < len(atoms) // 2:
        half |= {int(b) for a in half for b in graph.indices[graph.indptr[a] : graph.indptr[a + 1]]} & atoms
    cell = state.cells[code]
    founded = Cell(cell.level, cell.parent, "new", "general", new)
    return Edit(land=tuple((atom, code, new) for atom in sorted(half)), cells=((new, None, founded),))


def test_a_plan_that_nobody_changed_is_the_same_plan(land: Land, redrawing: Redrawing) -> None:
    again = plan_of(redrawing)
    assert again.version == land.plan.version
    assert (again.cells.geometry.to_wkb() == land.plan.cells.geometry.to_wkb()).all()
    for layer in ("atoms", "buildings", "dwellings", "exceptions"):
        one, other = (getattr(plan, layer).drop(columns="geometry", errors="ignore") for plan in (again, land.plan))
        assert one.fillna("").astype(str).to_numpy().tolist() == other.fillna("").astype(str).to_numpy().tolist()
    assert again.metadata["quality"] == land.plan.metadata["quality"]


def test_five_hundred_edits_and_the_way_back_lead_to_the_first_state(redrawing: Redrawing) -> None:
    first = redrawing.state.text()
    taken = take_moves(redrawing, 500)
    assert redrawing.state.text() != first
    for edit in reversed(taken):
        redrawing.apply(edit.inverse)
    assert redrawing.state.text() == first


def test_households_are_conserved_at_every_step_and_level(redrawing: Redrawing) -> None:
    state, total = redrawing.state, sum(redrawing.land.households)
    for seed in range(20):
        take_moves(redrawing, 1, seed)
        for level in redrawing.land.plan.levels:
            codes = [code for code, cell in state.cells.items() if cell.level == level]
            assert sum(households_of(state, redrawing.land, code) for code in codes) == total


def test_what_was_taken_before_gives_the_same_state_and_cover(land: Land, redrawing: Redrawing) -> None:
    taken = take_moves(redrawing, 30)
    later = Redrawing(land, [Edit.of_record(json.loads(json.dumps(edit.as_record()))) for edit in taken])
    assert later.state.text() == redrawing.state.text()
    ours, theirs = redrawing.draft.polygons(), later.draft.polygons()
    assert ours.keys() == theirs.keys()
    assert all(shapely.equals(ours[code], theirs[code]) for code in ours)
    back = Edit.between(later.state, Redrawing(land).state)
    later.apply(back)
    assert later.state.text() == Redrawing(land).state.text()


def test_a_cell_that_was_founded_names_whom_it_came_from(land: Land, redrawing: Redrawing) -> None:
    code = plain(redrawing)
    new = f"{code[:-2]}90"
    redrawing.apply(split(redrawing, code, new))
    redrawing.apply(
        Edit(
            land=tuple((a, new, code) for a in sorted(redrawing.state.atoms_on[new])),
            cells=((new, redrawing.state.cells[new], None),),
        )
    )
    assert redrawing.state.text() == Redrawing(land).state.text()
    redrawing.apply(split(redrawing, code, new))
    for problem in problems_of(redrawing):
        if problem.kind == "parts":
            for atom in problem.atoms:
                redrawing.apply(moved(redrawing, atom, new))
    plan = plan_of(redrawing)
    row = plan.cells.set_index("code").loc[new]
    assert json.loads(row["predecessors"]) == [code]
    assert gis.check(plan.cells, area=plan.area).valid
    changes = compare(land.plan, plan)
    assert set(changes.changed["code"]) == {code, new}


def test_a_cell_that_is_given_up_names_who_has_its_households(land: Land, redrawing: Redrawing) -> None:
    state, graph = redrawing.state, land.graph
    code = plain(redrawing)
    atoms = sorted(state.atoms_on[code])
    beside = next(
        state.land[int(b)]
        for a in atoms
        for b in graph.indices[graph.indptr[a] : graph.indptr[a + 1]]
        if state.land[int(b)] != code and state.cells[state.land[int(b)]].parent == state.cells[code].parent
    )
    redrawing.apply(Edit(land=tuple((a, code, beside) for a in atoms), cells=((code, state.cells[code], None),)))
    plan = plan_of(redrawing)
    assert plan.metadata["retired"][code] == [beside]
    assert code not in set(plan.cells["code"])
    assert plan.metadata["revision_of"] == land.plan.version


def test_floors_change_cells_on_their_ground(land: Land, redrawing: Redrawing) -> None:
    state = redrawing.state
    ground = shared(redrawing)
    other = min(state.sharing[ground] - {ground})
    unit = min(state.units_of[other])
    before = households_of(state, land, ground), households_of(state, land, other)
    redrawing.apply(Edit(floors=((unit, other, None),)))
    size = land.unit_households[unit]
    assert (households_of(state, land, ground), households_of(state, land, other)) == (
        before[0] + size,
        before[1] - size,
    )
    plan = plan_of(redrawing)
    held = plan.dwellings.groupby("cell_code")["households"].sum()
    assert held[ground] == before[0] + size
    redrawing.apply(Edit(floors=((unit, None, other),)))
    assert state.text() == Redrawing(land).state.text()


def test_a_broken_cell_is_shown_and_no_plan_is_made_of_it(redrawing: Redrawing) -> None:
    state, graph = redrawing.state, redrawing.land.graph
    code = plain(redrawing)
    home = state.community_of(code)
    far = next(
        atom
        for atom in range(len(redrawing.land.atoms))
        if redrawing.land.communities[atom] == home
        and len(state.sharing[state.land[atom]]) == 1
        and code not in {state.land[int(b)] for b in graph.indices[graph.indptr[atom] : graph.indptr[atom + 1]]}
        and len(state.atoms_on[state.land[atom]]) > 1
    )
    touched = redrawing.apply(moved(redrawing, far, code))
    broken = [problem for problem in problems_of(redrawing, touched.cells) if problem.kind == "parts"]
    assert [(problem.cell, problem.atoms) for problem in broken if problem.cell == code] == [(code, (far,))]
    with pytest.raises(CoverageError, match="parts that do not touch"):
        plan_of(redrawing)


def test_what_breaks_a_rule_is_refused_and_nothing_has_changed(redrawing: Redrawing) -> None:
    state = redrawing.state
    code, ground = plain(redrawing), shared(redrawing)
    cell = state.cells[code]
    atoms = tuple(sorted(state.atoms_on[code]))
    elsewhere = next(c for c in sorted(state.atoms_on) if state.community_of(c) != state.community_of(code))
    community = state.community_of(code)
    assert community is not None
    new = f"{cell.parent}90"
    founded = replace(cell, ground=new, name="new")
    first = state.text()
    for edit, why in (
        (Edit(land=((atoms[0], code, elsewhere),)), "line of its community"),
        (Edit(land=tuple((a, code, ground) for a in atoms)), "line of its community|give it up with the last piece"),
        (Edit(land=((atoms[0], code, "nosuch"),)), "something still lies in it"),
        (Edit(land=((atoms[0], code, code),)), "leads nowhere"),
        (Edit(land=((atoms[0], code, new), (atoms[0], code, new))), "moved twice"),
        (Edit(land=((10**9, code, new),)), "no such number"),
        (Edit(land=((-1, code, new),)), "no such number"),
        (Edit(cells=((new, None, founded),)), "holds no land"),
        (Edit(cells=((code, cell, None),)), "something still lies in it"),
        (Edit(cells=((code, cell, replace(cell, name="two\nlines")),)), "in one line"),
        (Edit(cells=((code, cell, replace(cell, kind="nosuch")),)), "its kind is one of"),
        (Edit(cells=((code, cell, replace(cell, parent=elsewhere[:-2])),)), "keeps its level"),
        (Edit(cells=((community, state.cells[community], replace(state.cells[community], name="x")),)), "are given"),
        (Edit(land=((atoms[0], code, "9"),), cells=(("9", None, replace(founded, ground="9")),)), "a code is that of"),
        (
            Edit(
                floors=(
                    (min(state.units_of[sorted(state.sharing[ground])[1]]), sorted(state.sharing[ground])[1], code),
                )
            ),
            "own",
        ),
    ):
        with pytest.raises(RefusedError, match=why):
            redrawing.apply(edit)
        assert state.text() == first
    with pytest.raises(ConflictError) as late:
        redrawing.apply(Edit(land=((atoms[0], elsewhere, code),)))
    assert late.value.steps == [("land", atoms[0], elsewhere, code)]
    assert state.text() == first


def test_locks_and_groups_hold(redrawing: Redrawing) -> None:
    state, graph = redrawing.state, redrawing.land.graph
    code = plain(redrawing)
    cell = state.cells[code]
    atom, to = next(
        (a, state.land[int(b)])
        for a in sorted(state.atoms_on[code])
        for b in graph.indices[graph.indptr[a] : graph.indptr[a + 1]]
        if state.land[int(b)] != code and state.community_of(state.land[int(b)]) == state.community_of(code)
    )
    move = moved(redrawing, atom, to)
    redrawing.apply(Edit(cells=((code, cell, replace(cell, locked=True)),)))
    with pytest.raises(RefusedError, match="locked"):
        redrawing.apply(move)
    with pytest.raises(RefusedError, match="locked"):
        redrawing.apply(Edit(cells=((code, state.cells[code], replace(state.cells[code], name="other")),)))
    with pytest.raises(RefusedError, match="an edit of its own"):
        redrawing.apply(replace(move, cells=((code, state.cells[code], cell),)))
    redrawing.apply(Edit(cells=((code, state.cells[code], cell),)))
    assert cell.parent is not None
    grid = state.cells[cell.parent]
    redrawing.apply(Edit(cells=((cell.parent, grid, replace(grid, locked=True)),)))
    if state.cells[to].parent != cell.parent:
        with pytest.raises(RefusedError, match="locked"):
            redrawing.apply(move)
    redrawing.apply(Edit(cells=((cell.parent, replace(grid, locked=True), grid),)))
    other = next(a for a in sorted(state.atoms_on[code]) if a != atom)
    redrawing.apply(Edit(together=((atom, None, "yard"), (other, None, "yard"))))
    with pytest.raises(RefusedError, match="yard stays together"):
        redrawing.apply(move)


def test_a_plan_whose_land_does_not_follow_is_refused(town_plan: Plan) -> None:
    atoms = town_plan.atoms.copy()
    atoms.geometry = [atoms.geometry.iloc[0].buffer(1), *atoms.geometry.iloc[1:]]
    with pytest.raises(InputError, match="do not tile"):
        Land.of(replace(town_plan, atoms=atoms))
    elsewhere = town_plan.dwellings.assign(cell_code=town_plan.dwellings["cell_code"].iloc[0])
    with pytest.raises(InputError, match="counted in a cell on whose land it is not"):
        Land.of(replace(town_plan, dwellings=elsewhere))
