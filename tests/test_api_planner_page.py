"""The planner's page in a real browser on a real service: every tool, by mouse and by keyboard."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import storm
from planner_page import Opened, open_draft


@pytest.fixture(scope="module", params=["demo", "queens"])
def served(
    request: pytest.FixtureRequest, redrawn_plans: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[storm.Served]:
    folder = tmp_path_factory.mktemp("served")
    with storm.served(f"sqlite:///{folder / 'wangge.db'}", redrawn_plans[request.param], folder, 1) as running:
        yield running


class Steps:
    """What is looked at after each step."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.first = opened.text(), opened.state()
        self.total = opened.households()
        assert len(set(self.total.values())) == 1
        self.done = 0

    def changed(self, *, by: int = 1) -> None:
        """After so many edits: conserved, saved, and known to the service as they are here."""
        opened = self.opened
        opened.settle()
        assert opened.households() == self.total
        self.done += by
        assert opened.ask("sync.done.length") == self.done, opened.page.inner_text("#saved")
        told = {cell["code"]: cell["households"] for cell in opened.api(f"drafts/{opened.number}/cells")}
        here = opened.ask("Object.fromEntries([...plan.cells.keys()].map(code => [code, plan.of(code)]))")
        assert told == here

    def undone(self) -> None:
        """Back to the first state, byte for byte."""
        opened = self.opened
        for _ in range(self.done):
            opened.page.keyboard.press("Control+z")
        opened.settle()
        assert (opened.text(), opened.state()) == self.first
        assert not opened.messages


def leaf(opened: Opened, atom: int) -> str:
    return str(opened.ask("plan.land.get(given)", atom))


def test_every_tool_by_mouse(browser: Any, served: storm.Served) -> None:  # noqa: ANN401, PLR0915
    opened = open_draft(browser, served, "By mouse")
    page, steps = opened.page, Steps(opened)
    found = opened.border(3)
    to, atoms = found["to"], found["atoms"]
    opened.show(to)

    def tool(name: str) -> None:
        page.click(f'#tools [data-tool="{name}"]')

    tool("select")
    opened.click(opened.ask("[...plan.atomsOn.get(given)][0]", to))
    assert to in page.inner_text("#target")
    tool("piece")
    opened.click(atoms[0])
    steps.changed()
    assert leaf(opened, atoms[0]) == to
    for size in range(3):
        tool("brush")
        x, y = opened.at(atoms[1])
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 3, y, steps=3)
        assert "→" in page.inner_text("#tag")
        page.mouse.up()
        steps.changed()
        assert leaf(opened, atoms[1]) == to
        page.keyboard.press("Control+z")
        steps.done -= 1
        tool("size")
        assert opened.ask("editor.tools.size") == (size + 1) % 3
    tool("lasso")
    x, y = opened.at(atoms[2])
    opened.drag((x - 9, y - 9), (x + 9, y - 9), (x + 9, y + 9), (x - 9, y + 9), (x - 9, y - 9))
    steps.changed()
    assert leaf(opened, atoms[2]) == to
    page.keyboard.press("Control+z")
    steps.done -= 1
    tool("rectangle")
    # Around no piece's middle: that is said.
    opened.drag((x - 1, y + 2), (x + 1, y + 4))
    assert "draw around whole pieces" in page.inner_text("#notice")
    opened.drag((x - 9, y - 9), (x + 9, y + 9))
    steps.changed()
    assert leaf(opened, atoms[2]) == to
    tool("line")
    opened.drag(*opened.across(to))
    steps.changed()
    created = opened.ask("[...plan.cells.keys()].find(code => !plan.codes.includes(code))")
    opened.ask("editor.choose(given)", created)
    page.locator("[data-do=merge]").select_option(to)
    steps.changed()
    assert not opened.ask("plan.cells.has(given)", to)
    page.locator("[data-do=name]").fill("庭院 <b>")
    page.keyboard.press("Enter")
    page.locator("#board").focus()
    steps.changed()
    page.wait_for_timeout(100)
    assert "庭院 <b>" in page.inner_text("#target")
    page.locator("[data-do=kind]").select_option("exclusive")
    steps.changed()
    for _ in range(2):
        page.locator("[data-do=exclave]").click()
        steps.changed()
    page.locator("[data-do=locked]").click()
    steps.changed()
    assert opened.ask("plan.cells.get(given).locked", created)
    page.locator("[data-do=locked]").click()
    steps.changed()
    tool("mode")
    tool("brush")
    neighbour = opened.border(2)
    opened.show(neighbour["from"])
    for atom in neighbour["atoms"]:
        opened.drag(opened.at(atom), opened.at(atom))
    assert opened.ask("editor.selected.size") >= 2
    for text in ("Keep together", "Let go apart", "New cell of them"):
        page.click(f"#selection button:has-text('{text}')")
        steps.changed()
    tool("mode")
    tool("next")
    if opened.ask("editor.problems.size"):
        assert opened.ask("editor.target")
    page.click("#undo")
    page.click("#redo")
    steps.changed(by=0)
    steps.undone()


def test_what_the_service_proposes_is_shown_and_taken(browser: Any, served: storm.Served) -> None:  # noqa: ANN401
    opened = open_draft(browser, served, "Proposals")
    page, steps = opened.page, Steps(opened)
    found = opened.border(4)
    to, source = found["to"], found["from"]

    def accept() -> None:
        page.click("dialog[open] button.main")
        page.wait_for_timeout(100)
        steps.changed()

    opened.ask("editor.choose(given)", to)
    opened.ask("editor.giveAll(given)", found["atoms"])
    steps.changed()
    for doing in ("rebalance", "split_evenly", "split_by_street"):
        opened.ask("editor.choose(given)", to if doing != "rebalance" else source)
        page.click(f"[data-do={doing}]")
        opened.answered()
        if page.locator("dialog[open]").count():
            assert "→" in page.inner_text("dialog")
            accept()
        else:
            assert "Not possible" in page.inner_text("#notice")
            page.evaluate("document.getElementById('notice').hidden = true")
    # A piece from far away breaks its new cell: the next problem, and the first way to mend it.
    far = opened.ask(_FAR, to)
    opened.ask("editor.choose(given)", to)
    opened.ask("editor.giveAll(given)", [far])
    steps.changed()
    page.keyboard.press("n")
    assert opened.ask("[...board.chosen.loose]") == [far]
    page.click("#submit")
    assert "in parts" in page.inner_text("#notice")
    page.locator("#problems button:has-text('Mend')").first.click()
    page.locator("dialog[open] .buttons button").first.click()
    page.wait_for_selector("dialog[open] button.main")
    accept()
    assert not opened.ask("(editor.problems.get(given) || []).some(problem => problem.kind === 'parts')", to)
    steps.undone()


def test_cells_go_under_another_grid_and_grids_are_merged(browser: Any, served: storm.Served) -> None:  # noqa: ANN401
    opened = open_draft(browser, served, "Above")
    page, steps = opened.page, Steps(opened)
    leaf_at_border = opened.ask(
        "[...plan.atomsOn.keys()].find(code => plan.sharing.get(code).size === 1 && plan.besideAbove(code).length)"
    )
    opened.ask("editor.choose(given)", leaf_at_border)
    other = opened.ask("plan.besideAbove(given)[0]", leaf_at_border)
    page.locator("[data-do=under]").select_option(other)
    page.wait_for_selector("dialog[open], #notice:not([hidden])")
    page.click("dialog[open] button.main")
    page.wait_for_timeout(100)
    steps.changed()
    assert not opened.ask("plan.cells.has(given)", leaf_at_border)
    page.locator("#level").select_option("grid")
    grid = opened.ask("[...plan.cells].find(([code, cell]) => cell.level === 'grid' && plan.beside(code).length)[0]")
    opened.ask("editor.choose(given)", grid)
    near = opened.ask("plan.beside(given)[0]", grid)
    page.locator("[data-do=merge]").select_option(near)
    page.wait_for_selector("dialog[open], #notice:not([hidden])")
    page.click("dialog[open] button.main")
    page.wait_for_timeout(100)
    steps.changed()
    assert opened.ask("plan.cells.has(given)", grid)
    assert not opened.ask("plan.cells.has(given)", near)
    page.locator("#board").focus()
    steps.undone()


def test_floors_change_cells(browser: Any, served: storm.Served) -> None:  # noqa: ANN401
    opened = open_draft(browser, served, "Floors")
    page, steps = opened.page, Steps(opened)
    shared = opened.ask("[...plan.sharing].filter(([, cells]) => cells.size > 1).map(([, cells]) => [...cells].sort())")
    one, other, *_ = shared[0]
    opened.ask("editor.choose(given)", one)
    page.locator("#target details summary").click()
    page.locator("#target details input").first.check()
    page.locator("[data-do=floors]").select_option(other)
    steps.changed()
    opened.ask("editor.choose(given)", one)
    page.locator("#target details summary").click()
    page.locator("#target details input").last.check()
    page.locator("[data-do=floors]").select_option("new")
    steps.changed()
    steps.undone()


_FAR = """(() => {
    const near = new Set([given, ...plan.neighbours(given)]);
    for (const [atom, code] of plan.land) {
        if (near.has(code) || plan.communityOf(code) !== plan.communityOf(given)) continue;
        if (plan.sharing.get(code).size === 1 && plan.atomsOn.get(code).size > 4) return atom;
    }
})()"""


def test_every_tool_by_keyboard(browser: Any, served: storm.Served) -> None:  # noqa: ANN401, PLR0915
    opened = open_draft(browser, served, "By keyboard")
    page, steps = opened.page, Steps(opened)
    found = opened.border(1)
    to, [atom] = found["to"], found["atoms"]
    press = page.keyboard.press
    # The list of cells is the way to a cell without pointing.
    page.locator("#cells summary").focus()
    press("Enter")
    page.locator(f"#cells button:has-text('{to}')").focus()
    press("Enter")
    assert opened.ask("editor.target") == to
    page.locator("#board").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        press(key)
        assert opened.ask("board.chosen.cursor") >= 0
        assert "households" in page.inner_text("#said")
    opened.ask("board.mark({cursor: given})", atom)
    press("Enter")
    steps.changed()
    assert leaf(opened, atom) == to
    press("t")
    assert opened.ask("editor.target") == to
    press(" ")
    assert opened.ask("[...editor.selected]") == [atom]
    page.locator("#selection button").first.focus()
    press("Escape")
    assert opened.ask("editor.selected.size") == 0
    for key, tool in {"v": "select", "c": "piece", "b": "brush", "l": "lasso", "r": "rectangle", "k": "line"}.items():
        press(key)
        assert opened.ask("editor.tools.tool") == tool
    press("]")
    press("[")
    press("s")
    assert opened.ask("editor.choosing")
    press("s")
    press("?")
    assert page.is_visible("dialog")
    press("Escape")
    press("+")
    press("-")
    press("n")
    press("Control+z")
    opened.settle()
    assert leaf(opened, atom) != to
    press("Control+y")
    steps.changed(by=0)
    assert leaf(opened, atom) == to
    name = page.locator("[data-do=name]")
    name.focus()
    press("Control+a")
    page.keyboard.type("by keyboard")
    press("Tab")
    steps.changed()
    page.locator("#board").focus()
    steps.undone()


def test_five_hundred_random_edits_and_all_of_them_undone(browser: Any, served: storm.Served) -> None:  # noqa: ANN401
    opened = open_draft(browser, served, "Random")
    steps = Steps(opened)
    made = opened.page.evaluate(_RANDOM, 500)
    opened.settle()
    assert opened.ask("sync.done.length") == made == 500
    assert opened.households() == steps.total
    assert opened.state() != steps.first[1]
    # Who comes back later finds it as it was left, and can still take back everything.
    opened.page.reload()
    opened.page.wait_for_selector('html[data-ready="1"]')
    opened.page.locator("#board").focus()
    steps.done = 500
    steps.undone()


_RANDOM = """async count => {
    const {give, nothing} = await import(document.documentElement.dataset.root + '/planner/assets/commands.js');
    const {plan, sync} = document.getElementById('desk').editor, {first, other} = plan.near;
    const single = code => plan.sharing.get(code).size === 1;
    let seed = 7, made = 0;
    const random = n => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor(seed / 2147483648 * n); };
    while (made < count) {
        const atom = random(plan.count), from = plan.land.get(atom), near = [];
        for (let i = first[atom]; i < first[atom + 1]; i++) near.push(plan.land.get(other[i]));
        const to = near[random(near.length)];
        if (to === undefined || to === from || !single(from) || !single(to)) continue;
        if (plan.communityOf(to) !== plan.communityOf(from)) continue;
        sync.perform(give(plan, [atom], to));
        made++;
    }
    return made;
}"""


def served_key(served: storm.Served, code: str) -> str:
    said = json.dumps({"code": code, "role": "planner"}).encode()
    status, answer = served.ask("POST", "/api/v1/keys", said, **{"Content-Type": "application/json"})
    assert status == 201, answer
    return str(json.loads(answer)["key"])


def test_two_browsers_on_one_draft_lose_nothing_and_both_see_the_conflict(browser: Any, served: storm.Served) -> None:  # noqa: ANN401
    key = served_key(served, "planner-2")
    one = open_draft(browser, served, "Together")
    other = open_draft(browser, served, "Together", key=key)
    found = one.border(2)
    to, source, atoms = found["to"], found["from"], found["atoms"]
    elsewhere = one.ask("plan.neighbours(given[0]).find(code => code !== given[1])", [source, to])
    for opened in (one, other):
        opened.ask("clearInterval(sync.timer)")
    one.ask("editor.choose(given)", to)
    one.ask("editor.giveAll(given)", [atoms[0]])
    one.settle()
    # The other has not heard of it yet, and wants the same piece elsewhere.
    other.ask("editor.perform({land: [given]})", [atoms[0], source, elsewhere])
    other.settle()
    other.page.wait_for_timeout(300)
    assert leaf(other, atoms[0]) == to
    assert "quicker" in other.page.inner_text("#notice")
    assert other.ask("[...board.chosen.conflict]") == [atoms[0]]
    one.ask("sync.look()")
    one.page.wait_for_timeout(300)
    assert "too late" in one.page.inner_text("#talk")
    assert one.ask("[...board.chosen.conflict]") == [atoms[0]]
    # What does not meet is taken from both.
    other.ask("editor.choose(given)", to)
    other.ask("editor.giveAll(given)", [atoms[1]])
    other.settle()
    one.ask("sync.look()")
    one.page.wait_for_timeout(300)
    assert leaf(one, atoms[1]) == to
    assert one.text() == other.text()
    kinds = [event["kind"] for event in one.api(f"drafts/{one.number}/events")]
    assert kinds == ["edit", "conflict", "edit"]


# Both give the same few pieces to and fro, without waiting for anything.
_RACE = """async ([to, from, atoms, seed]) => {
    const {plan, sync} = document.getElementById('desk').editor;
    let dice = seed;
    const roll = most => { dice = (dice * 48271) % 2147483647; return dice % most; };
    for (let k = 0; k < 12; k++) {
        if (roll(4) === 0) sync.undo();
        else {
            const atom = atoms[roll(atoms.length)], at = plan.land.get(atom);
            sync.perform({land: [[atom, at, at === to ? from : to]]});
        }
        if (roll(3) === 0) await new Promise(go => setTimeout(go, roll(40)));
    }
}"""


def test_two_browsers_that_race_end_alike(browser: Any, served: storm.Served) -> None:  # noqa: ANN401
    pages = [open_draft(browser, served, "Race")]
    pages.append(open_draft(browser, served, "Race", key=served_key(served, "planner-3")))
    found = pages[0].border(5)
    for turn in range(6):
        for k, opened in enumerate(pages):
            given = [found["to"], found["from"], found["atoms"], 7919 * turn + k + 1]
            opened.page.evaluate(f"given => {{ window.racing = ({_RACE})(given) }}", given)
        for opened in pages:
            opened.page.evaluate("window.racing")
        for opened in pages:
            opened.settle()
        for opened in pages:
            opened.ask("sync.look()")
        assert pages[0].text() == pages[1].text()
        told = {cell["code"]: cell["households"] for cell in pages[0].api(f"drafts/{pages[0].number}/cells")}
        for opened in pages:
            assert opened.ask("Object.fromEntries([...plan.cells.keys()].map(code => [code, plan.of(code)]))") == told
            assert "otherwise" not in opened.page.inner_text("#saved")
    state = json.loads(pages[0].state())
    assert pages[1].ask(
        "state.land.every((code, atom) => plan.land.get(atom) === code)".replace("state", "given"), state
    )
    kinds = {event["kind"] for event in pages[0].api(f"drafts/{pages[0].number}/events")}
    assert kinds == {"edit", "conflict"}


def test_what_waits_outlasts_the_page_in_its_order(browser: Any, served: storm.Served) -> None:  # noqa: ANN401
    opened = open_draft(browser, served, "Closed too early")
    page, found = opened.page, opened.border(3)
    page.route("**/edits", lambda route: route.abort())
    to_and_fro = """atoms => {
        const {plan, sync} = document.getElementById('desk').editor, [atom] = atoms;
        const [to, from] = [plan.land.get(atoms[3]), plan.land.get(atom)];
        for (let k = 0; k < 25; k++) sync.perform({land: [[atom, plan.land.get(atom), k % 2 ? from : to]]});
        sync.undo();
    }"""
    inside = opened.ask("plan.atomsOf(given)[0]", found["to"])
    page.evaluate(to_and_fro, [*found["atoms"], inside])
    before = opened.text()
    assert opened.ask("sync.waiting.length") == 26
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert opened.text() == before
    page.unroute("**/edits")
    opened.settle()
    assert [event["kind"] for event in opened.api(f"drafts/{opened.number}/events")] == ["edit"] * 26
    assert opened.text() == before
    assert page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('wangge-waiting'))") == []


def test_a_withdrawn_key_loses_no_edit(browser: Any, served: storm.Served) -> None:  # noqa: ANN401
    opened = open_draft(browser, served, "Withdrawn", key=served_key(served, "planner-4"))
    found = opened.border(2)
    opened.ask("editor.choose(given)", found["to"])
    opened.ask("editor.giveAll(given)", found["atoms"][:1])
    opened.settle()
    served.ask("DELETE", "/api/v1/keys/planner-4")
    opened.page.wait_for_selector("#saved.bad")
    opened.ask("editor.giveAll(given)", found["atoms"][1:])
    assert "To be sent then: 1 edit" in opened.page.inner_text("#saved")
    opened.page.click("#back")
    opened.page.fill("#key", served_key(served, "planner-5"))
    opened.page.press("#key", "Enter")
    opened.page.click("#drafts button.plain:has-text('Withdrawn')")
    # Nothing goes out under another name unasked.
    assert "planner-4" in opened.page.inner_text("dialog[open]")
    opened.page.click("dialog[open] button.main")
    opened.page.wait_for_timeout(100)
    opened.settle()
    assert [leaf(opened, atom) for atom in found["atoms"]] == [found["to"]] * 2
    assert [event["by"] for event in opened.api(f"drafts/{opened.number}/events")] == ["planner-4", "planner-5"]


def test_who_goes_back_while_a_draft_opens_is_left_alone(browser: Any, served: storm.Served) -> None:  # noqa: ANN401
    opened = open_draft(browser, served, "Slow")
    page, asked = opened.page, list[str]()
    page.click("#back")
    # Its land comes when the planner has left.
    late: list[Any] = []
    page.route("**/land", lambda route: late.append(route))  # noqa: PLW0108 (a bound method is refused)
    page.click("#drafts button.plain:has-text('Slow')")
    while not late:
        page.wait_for_timeout(50)
    page.click("#back")
    page.on("request", lambda request: asked.append(request.url))
    late[0].continue_()
    page.wait_for_timeout(2500)
    assert page.is_visible("#drafts")
    assert page.is_hidden("#desk")
    assert not page.locator("html[data-ready]").count()
    assert not [url for url in asked if "/events" in url or "/changes" in url]
    page.unroute("**/land")
    page.click("#drafts button.plain:has-text('Slow')")
    page.wait_for_selector("html[data-ready]")
    assert not opened.messages


def test_a_killed_server_loses_and_doubles_nothing(
    browser: Any,  # noqa: ANN401
    redrawn_plans: dict[str, Path],
    tmp_path: Path,
) -> None:
    database = f"sqlite:///{tmp_path / 'wangge.db'}"
    with storm.served(database, redrawn_plans["demo"], tmp_path, 1) as served:
        opened = open_draft(browser, served, "Killed")
        steps = Steps(opened)
        opened.page.evaluate(_RANDOM, 60)
        served.process.send_signal(signal.SIGKILL)
        served.process.wait()
        opened.page.wait_for_timeout(2500)
        assert "does not answer" in opened.page.inner_text("#saved")
        key, left = served.key, opened.ask("sync.waiting.length")
        assert left > 0
        port = served.port
        with storm.started_again(database, redrawn_plans["demo"], tmp_path, port):
            served.key = key
            opened.settle()
            events = opened.api(f"drafts/{opened.number}/events")
            keys = [event["key"] for event in events]
            assert len(keys) == len(set(keys)) == opened.ask("sync.done.length") == 60
            assert opened.households() == steps.total
            steps.done = 60
            opened.messages.clear()
            steps.undone()
