"""The planner's page as a planner has it open: where things are on the screen, and what it counts."""

import json
from dataclasses import dataclass
from typing import Any

from storm import Served

EDITOR = "document.getElementById('desk').editor"
_PATIENCE_MS = 60_000


@dataclass
class Opened:
    """A draft, opened in a browser."""

    page: Any
    served: Served
    number: int
    messages: list[str]

    def ask(self, script: str, given: Any = None) -> Any:  # noqa: ANN401
        """Evaluate an expression over `editor`, `plan`, `board` and `given`."""
        body = f"given => {{ const editor = {EDITOR}, {{plan, board, sync}} = editor; return {script}; }}"
        return self.page.evaluate(body, given)

    def settle(self) -> None:
        """Wait until all is saved."""
        for _ in range(_PATIENCE_MS // 50):
            if self.ask("sync.waiting.length === 0 && !sync.pumping"):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(self.page.inner_text("#saved"))

    def answered(self) -> None:
        """Wait until the service has worked out what it was asked."""
        self.page.wait_for_selector("dialog[open], html:not(.working) #notice:not([hidden])")

    def api(self, path: str, method: str = "GET", body: Any = None) -> Any:  # noqa: ANN401
        """Ask the service itself."""
        content = None if body is None else json.dumps(body).encode()
        status, answer = self.served.ask(method, f"/api/v1/{path}", content, **{"Content-Type": "application/json"})
        assert status < 300, answer
        return json.loads(answer)

    def state(self) -> bytes:
        """Return the draft's state as the service has it."""
        return self.served.ask("GET", f"/api/v1/drafts/{self.number}/state")[1]

    def text(self) -> str:
        """Return the state as the page has it."""
        return str(self.ask("plan.text()"))

    def households(self) -> dict[str, int]:
        """Sum the households of each level."""
        return dict(self.ask(_TOTALS))

    def show(self, code: str) -> None:
        """Bring a cell into view."""
        self.ask("board.show(given)", code)

    def at(self, atom: int) -> tuple[float, float]:
        """Return where a piece of land is on the screen."""
        x, y = self.ask(
            "(() => { const at = board.map.latLngToContainerPoint(wangge.latLng(board.middles[2 * given], "
            "board.middles[2 * given + 1])); return [at.x, at.y]; })()",
            atom,
        )
        box = self.page.locator("#board").bounding_box()
        return box["x"] + x, box["y"] + y

    def across(self, code: str) -> list[tuple[float, float]]:
        """Return two ends of a line through the middle of a cell, west to east."""
        ends = self.ask(_ACROSS, code)
        box = self.page.locator("#board").bounding_box()
        return [(box["x"] + x, box["y"] + y) for x, y in ends]

    def click(self, atom: int, **how: Any) -> None:  # noqa: ANN401
        """Click on a piece of land."""
        self.page.mouse.click(*self.at(atom), **how)

    def drag(self, *points: tuple[float, float], steps: int = 8) -> None:
        """Press, go from point to point, and let go."""
        mouse = self.page.mouse
        mouse.move(*points[0])
        mouse.down()
        for point in points[1:]:
            mouse.move(*point, steps=steps)
        mouse.up()

    def stroke(self, *points: tuple[float, float]) -> None:
        """Lay a finger down, go from point to point, and lift it."""
        touch = self.page.context.new_cdp_session(self.page)
        for k, (x, y) in enumerate(points):
            kind = "touchMove" if k else "touchStart"
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        touch.detach()

    def border(self, count: int = 1) -> dict[str, Any]:
        """Find a cell and pieces of a neighbour at their common border, none of them shared by floors."""
        return dict(self.ask(_BORDER, count))


_TOTALS = """(() => Object.fromEntries(plan.levels.map(level => {
    const codes = [...plan.cells].filter(([, cell]) => cell.level === level).map(([code]) => code);
    return [level, codes.reduce((sum, code) => sum + plan.of(code), 0)];
})))()"""
_ACROSS = """(() => {
    const [west, north, east, south] = board.drawn.get(given).box, y = (north + south) / 2;
    const ends = [west, east].map(x => board.map.latLngToContainerPoint(wangge.latLng(x, y)));
    return ends.map(at => [at.x, at.y]);
})()"""
_BORDER = """(() => {
    const single = code => plan.sharing.get(code)?.size === 1, {first, other} = plan.near;
    for (const to of [...plan.atomsOn.keys()].sort()) {
        if (!single(to) || plan.atomsOn.get(to).size < 4) continue;
        for (const from of plan.neighbours(to)) {
            if (!single(from) || plan.communityOf(from) !== plan.communityOf(to)) continue;
            if (plan.atomsOn.get(from).size < given + 4) continue;
            const atoms = [...plan.atomsOn.get(from)].filter(atom => {
                for (let i = first[atom]; i < first[atom + 1]; i++) if (plan.land.get(other[i]) === to) return true;
                return false;
            }).slice(0, given);
            if (atoms.length === given) return {to, from, atoms};
        }
    }
})()"""


def open_draft(browser: Any, served: Served, title: str, *, key: str = "", lang: str = "en", **context: Any) -> Opened:  # noqa: ANN401
    """Sign in, begin or open the draft of this title, and wait until it is on the desk."""
    size = {"width": 1400, "height": 900}
    page = browser.new_context(**{"viewport": size, "locale": lang, **context}).new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    foreign = f"http://127.0.0.1:{served.port}/"
    page.on(
        "request", lambda request: request.url.startswith((foreign, "data:", "blob:")) or messages.append(request.url)
    )
    page.goto(f"{foreign}planner?lang={lang}#key={key or served.key}")
    page.wait_for_selector("#drafts:not([hidden])")
    known = page.locator("#drafts tbody button", has_text=title)
    if known.count():
        known.first.click()
    else:
        page.fill("#title", title)
        page.click("#begin button")
    page.wait_for_selector('html[data-ready="1"]', timeout=_PATIENCE_MS)
    number = page.evaluate(f"{EDITOR}.draft.id")
    return Opened(page, served, number, messages)
