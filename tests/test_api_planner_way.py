"""The way of a draft on the planner's page: talked about, compared, submitted, approved, in force, carried over."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import storm
from absent import absent
from planner_page import Opened, open_draft

AXE = Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js"
_AXE_RUN = """async () => (await axe.run(document)).violations
    .map(({id, impact, nodes}) => [impact, id, nodes.map(({target}) => target.join(" ")).slice(0, 3)])"""
# So many pieces go to a cell next door, each taken back where a cell would be in parts.
_HARMLESS = """async count => {
    const {give} = await import(document.documentElement.dataset.root + '/planner/assets/commands.js');
    const editor = document.getElementById('desk').editor, {plan, sync} = editor, {first, other} = plan.near;
    const single = code => plan.sharing.get(code).size === 1;
    const broken = () => [...editor.problems.values()].flat().some(problem => problem.kind === 'parts');
    let seed = 11, made = 0;
    const random = n => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor(seed / 2147483648 * n); };
    while (made < count) {
        const atom = random(plan.count), from = plan.land.get(atom);
        const at = first[atom] + random(first[atom + 1] - first[atom]);
        const to = plan.land.get(other[at]);
        if (to === undefined || to === from || !single(from) || !single(to)) continue;
        if (plan.communityOf(to) !== plan.communityOf(from)) continue;
        sync.perform(give(plan, [atom], to));
        if (broken()) await sync.undo();
        else made++;
    }
}"""


@pytest.fixture(scope="module", params=["demo", "queens"])
def served(
    request: pytest.FixtureRequest, redrawn_plans: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[storm.Served, str]]:
    folder = tmp_path_factory.mktemp("way")
    with storm.served(f"sqlite:///{folder / 'wangge.db'}", redrawn_plans[request.param], folder, 1) as running:
        yield running, {"demo": "zh", "queens": "en"}[request.param]


def press(opened: Opened) -> None:
    """Press what leads a draft on, and what is asked then."""
    opened.page.click("#submit")
    opened.page.click("dialog[open] button.main")


def stage(opened: Opened, wanted: str) -> dict[str, Any]:
    for _ in range(600):
        draft = dict(opened.api(f"drafts/{opened.number}"))
        if draft["state"] == wanted:
            return draft
        opened.page.wait_for_timeout(50)
    raise AssertionError(opened.page.inner_text("#notice"))


def judged(opened: Opened, plan_id: int, judge: Path, path: Path) -> None:
    """Let the judge say that a plan that was saved from the page is one."""
    path.write_bytes(opened.served.ask("GET", f"/api/v1/plans/{plan_id}/file")[1])
    ran = subprocess.run([sys.executable, judge, path, "--json"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def colleague(served: storm.Served, code: str = "reviewer") -> str:
    said = json.dumps({"code": code, "role": "planner"}).encode()
    return str(json.loads(served.ask("POST", "/api/v1/keys", said, **{"Content-Type": "application/json"})[1])["key"])


def test_from_a_change_to_the_plan_in_force(
    browser: Any,  # noqa: ANN401
    served: tuple[storm.Served, str],
    datasets: Path,
    tmp_path: Path,
) -> None:
    judge = datasets.parent / "judges" / "judge_plan.py"
    if not judge.exists():
        absent("no judge: ../shared/judges is absent")
    running, lang = served
    early = open_draft(browser, running, "Early", lang=lang)
    early.page.evaluate(_HARMLESS, 3)
    early.settle()
    opened = open_draft(browser, running, "Whole way", lang=lang)
    page = opened.page
    opened.page.evaluate(_HARMLESS, 60)
    opened.settle()
    page.fill("#talk input", "<b>Why?</b>")
    page.press("#talk input", "Enter")
    page.wait_for_selector("#talk li")
    assert "<b>Why?</b>" in page.inner_text("#talk li")
    page.click("#compare")
    page.wait_for_selector("dialog[open] table")
    moved = sum(row["households_moved"] for row in opened.api(f"drafts/{opened.number}/comparison")["levels"].values())
    assert moved > 0
    page.click("dialog[open] button:has-text('{}')".format({"en": "Close", "zh": "关闭"}[lang]))
    press(opened)
    made = stage(opened, "submitted")["made_plan_id"]
    judged(opened, made, judge, tmp_path / "made.gpkg")
    reviewer = open_draft(browser, running, "Whole way", lang=lang, key=colleague(running))
    press(reviewer)
    stage(reviewer, "approved")
    press(reviewer)
    assert stage(reviewer, "active")["made_plan_id"] == made
    # What somebody had begun before is carried over to the plan that is now in force.
    early.page.select_option("#more", "renew")
    early.page.wait_for_url(lambda url: f"draft={early.number}" not in url and "draft=" in url)
    early.page.wait_for_selector("html[data-ready]")
    begun = max(early.api("drafts"), key=lambda draft: draft["id"])
    assert (begun["title"], begun["plan_id"]) == ("Early", made)
    assert early.ask("editor.draft.id") == begun["id"]
    assert {"en": "Carried over", "zh": "已移到现行方案"}[lang] in early.page.inner_text("#notice")
    for each in (early, opened, reviewer):
        assert not each.messages
        each.page.context.close()


def test_what_is_said_anew_is_reviewed_by_another_and_given_back(
    browser: Any,  # noqa: ANN401
    served: tuple[storm.Served, str],
) -> None:
    running, lang = served
    opened = open_draft(browser, running, "Names", lang=lang, key=colleague(running, "owner"))
    page, found = opened.page, opened.border(1)
    opened.ask("editor.choose(given)", found["to"])
    page.fill("[data-do=name]", "East courts")
    page.press("[data-do=name]", "Enter")
    # What is the cell's own already goes nowhere, and that is said.
    opened.ask("editor.giveAll([plan.atomsOf(given)[0]])", found["to"])
    assert found["to"] in page.inner_text("#notice")
    page.evaluate(_HARMLESS, 1)
    opened.settle()
    page.click("#compare")
    assert "East courts" in page.inner_text("dialog[open]")
    page.click("dialog[open] button.main")
    page.wait_for_timeout(100)
    assert opened.ask("board.chosen.before && plan.moved().length") == 1
    page.keyboard.press("Escape")
    assert not opened.ask("board.chosen.before")
    press(opened)
    stage(opened, "submitted")
    page.wait_for_timeout(100)
    # Its owner may take it back, and no more.
    page.click("#submit")
    approve, give_back = {"en": ("Approve", "given back"), "zh": ("通过", "退回")}[lang]
    assert approve not in page.locator("dialog[open] button").all_inner_texts()
    page.keyboard.press("Escape")
    reviewer = open_draft(browser, running, "Names", lang=lang, key=colleague(running, "second"))
    reviewer.page.click("#submit")
    reviewer.page.fill("dialog[open] textarea", "Which courts?")
    reviewer.page.locator("dialog[open] button:not(.main)").last.click()
    stage(opened, "open")
    page.wait_for_selector("#notice:has-text('Which courts?')")
    assert give_back in page.inner_text("#notice")
    for each in (opened, reviewer):
        assert not each.messages
        each.page.context.close()


def test_one_draft_after_the_other(browser: Any, served: tuple[storm.Served, str]) -> None:  # noqa: ANN401
    running, lang = served
    first = open_draft(browser, running, "First", lang=lang)
    page, found = first.page, first.border(1)
    page.click("#back")
    page.fill("#title", "Second")
    page.press("#title", "Enter")
    page.wait_for_selector("html[data-ready]")
    assert first.ask("editor.draft.id") > first.number
    first.ask("editor.choose(given, true)", found["to"])
    page.click('#tools [data-tool="piece"]')
    first.click(found["atoms"][0])
    first.settle()
    assert [event["kind"] for event in first.api(f"drafts/{first.ask('editor.draft.id')}/events")] == ["edit"]
    assert first.api(f"drafts/{first.number}/events") == []
    page.click("#back")
    page.click("#out")
    assert page.is_visible("#sign")
    assert page.is_hidden("#drafts")
    assert not first.messages
    page.context.close()


def test_a_draft_goes_to_qgis_and_comes_back(
    browser: Any,  # noqa: ANN401
    served: tuple[storm.Served, str],
    tmp_path: Path,
) -> None:
    running, lang = served
    opened = open_draft(browser, running, "Elsewhere", lang=lang)
    page = opened.page
    found = opened.border(2)
    with page.expect_download() as waited:
        page.select_option("#more", "download")
    file = tmp_path / "draft.gpkg"
    waited.value.save_as(file)
    atoms = gpd.read_file(file, layer="atoms")
    atoms.loc[found["atoms"], "cell_code"] = found["to"]
    atoms.to_file(file, layer="atoms")
    with page.expect_file_chooser() as chosen:
        page.select_option("#more", "bring")
    chosen.value.set_files(file)
    page.click("dialog[open] button.main")
    page.wait_for_timeout(100)
    opened.settle()
    assert [opened.ask("plan.land.get(given)", atom) for atom in found["atoms"]] == [found["to"]] * 2
    chooser_file = tmp_path / "no-plan.gpkg"
    chooser_file.write_bytes(b"not a plan")
    with page.expect_file_chooser() as chosen:
        page.select_option("#more", "bring")
    chosen.value.set_files(chooser_file)
    page.wait_for_selector("#notice:not([hidden])")
    opened.messages.clear()
    page.select_option("#more", "discard")
    page.click("dialog[open] button:has-text('{}')".format({"en": "Put away", "zh": "搁置"}[lang]))
    page.wait_for_selector("#drafts:not([hidden])")
    assert opened.api(f"drafts/{opened.number}")["state"] == "discarded"
    assert not opened.messages
    page.context.close()


@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(390, 844, "light"), (820, 1180, "dark"), (1920, 1080, "light")]
)
def test_nothing_bars_the_way(
    browser: Any,  # noqa: ANN401
    served: tuple[storm.Served, str],
    width: int,
    height: int,
    scheme: str,
) -> None:
    if not AXE.exists():
        absent("no axe-core: run `npm ci`")
    running, lang = served
    size = {"width": width, "height": height}
    opened = open_draft(
        browser, running, f"Wide {width}", lang=lang, viewport=size, color_scheme=scheme, has_touch=width < 900
    )
    page, found = opened.page, opened.border(2)
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})

    def clear() -> None:
        assert page.evaluate(_AXE_RUN) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    opened.ask("editor.choose(given, true)", found["to"])
    # A finger gives a piece as a pointer does.
    page.click('#tools [data-tool="piece"]')
    opened.show(found["to"])
    page.wait_for_timeout(400)
    point = page.touchscreen.tap if width < 900 else page.mouse.click
    point(*opened.at(found["atoms"][0]))
    opened.settle()
    assert opened.ask("plan.land.get(given)", found["atoms"][0]) == found["to"]
    clear()
    other = {"en": "zh", "zh": "en"}[lang]
    page.select_option("#lang", other)
    assert page.evaluate("document.documentElement.lang").startswith(other)
    assert page.inner_text("#submit") == {"en": "Submit", "zh": "提交"}[other]
    page.click("#help")
    clear()
    page.keyboard.press("Escape")
    page.click("#back")
    page.wait_for_selector("#drafts:not([hidden])")
    clear()
    assert not opened.messages
    page.context.close()


def test_land_is_drawn_around_and_across_by_finger(browser: Any, served: tuple[storm.Served, str]) -> None:  # noqa: ANN401
    running, lang = served
    opened = open_draft(
        browser, running, "By finger", lang=lang, viewport={"width": 820, "height": 1180}, has_touch=True
    )
    page, found = opened.page, opened.border()
    atom, before = found["atoms"][0], opened.households()
    opened.ask("editor.choose(given, true)", found["to"])
    opened.show(found["to"])
    page.wait_for_timeout(400)
    page.click('#tools [data-tool="lasso"]')
    x, y = opened.at(atom)
    ring = [(x + dx, y + dy) for dx, dy in ((-6, -6), (6, -6), (6, 6), (-6, 6), (-6, -6))]
    opened.stroke(*ring)
    opened.settle()
    assert opened.ask("plan.land.get(given)", atom) == found["to"]
    assert opened.households() == before
    page.click('#tools [data-tool="line"]')
    opened.show(found["from"])
    opened.ask("editor.choose(given, true)", found["from"])
    page.wait_for_timeout(400)
    (west, y), (east, _) = opened.across(found["from"])
    cells = opened.ask("plan.cells.size")
    opened.stroke((west - 4, y), *((west + (east - west) * k / 8, y) for k in range(9)), (east + 4, y))
    opened.settle()
    assert opened.ask("plan.cells.size") == cells + 1
    assert opened.households() == before
    assert not opened.messages
    page.context.close()
