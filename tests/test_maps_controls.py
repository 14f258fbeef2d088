"""Pages of whole towns in a browser: nothing is asked for, and every control does what it says."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from absent import absent
from drawn import facts
from PIL import Image
from pyproj import Geod

import gis
import maps
from api.demo import demo_plan
from data.demo_town import make_demo_town
from gis.layers import KINDS, place, read_layer, read_osm
from gis.location.reports import read_reports
from gis.location.routing import route
from maps.words import words

HEIGHTS = {390: 844, 1920: 1080}
KINDS_OF_PAGE = [(audience, lang) for audience in ("internal", "public") for lang in ("zh", "en")]
# Every two of the three choices meet.
TURNS = [("internal", "zh", 390), ("internal", "en", 1920), ("public", "zh", 1920), ("public", "en", 390)]
AXE = Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js"

# Read from a copy: Chromium complains of who reads a canvas often.
PIXELS = """part => {
    const canvas = document.querySelector("canvas.sheet"), copy = document.createElement("canvas");
    [copy.width, copy.height] = [canvas.width * part, canvas.height * part].map(Math.round);
    const ctx = copy.getContext("2d", {willReadFrequently: true});
    ctx.drawImage(canvas, (copy.width - canvas.width) / 2, (copy.height - canvas.height) / 2);
    return new Uint32Array(ctx.getImageData(0, 0, copy.width, copy.height).data.buffer);
}"""
PAINTED = f"""() => {{
    const pixels = ({PIXELS})(1);
    let sum = 0;
    for (let i = 0; i < pixels.length; i++) sum = Math.imul(sum ^ pixels[i], 16777619);
    return sum;
}}"""
COLOURS = f"() => new Set(({PIXELS})(0.5)).size"
BOXES = """() => ["#panel", ".leaflet-top.leaflet-right", "#times", ".leaflet-control-scale",
    ".leaflet-control-attribution"]
    .map(name => document.querySelector(name).getBoundingClientRect()).filter(({width}) => width)
    .map(({left, top, right, bottom}) => [left, top, right, bottom])"""
# The largest disc of a layer of marks, by the rule that marks.js goes by, and how many it stands for.
DISC = """async ([name, without]) => {
    const {origin, layers} = await wangge.read("facts_plan"), layer = layers.find(each => each.name === name);
    const points = wangge.unpackPoints(layer.points, origin), scale = 2 ** map_plan.getZoom(), bins = new Map();
    const size = map_plan.getSize(), corner = map_plan.getPixelBounds().min;
    for (let i = 0; i < points.length / 2; i++) {
        if (layer.groups[layer.group[i]].label === without) continue;
        const x = points[2 * i] * scale, y = points[2 * i + 1] * scale;
        const key = `${Math.floor(x / 40)} ${Math.floor(y / 40)}`;
        const bin = bins.get(key) || {x: 0, y: 0, n: 0};
        bins.set(key, {x: bin.x + x - corner.x, y: bin.y + y - corner.y, n: bin.n + 1});
    }
    return [...bins.values()].map(({x, y, n}) => [x / n, y / n, n])
        .filter(([x, y]) => x > 30 && x < size.x - 60 && y > 30 && y < size.y - 120)
        .sort((a, b) => b[2] - a[2])[0];
}"""
FOCUSED = """() => {
    const at = document.activeElement, style = element => getComputedStyle(element), next = at.nextElementSibling;
    const ringed = element => style(element).outlineStyle !== "none" || style(element).boxShadow.includes("inset");
    const framed = getComputedStyle(at, "::before").borderTopStyle === "solid";
    const seen = ringed(at) || framed || at.type === "range" || (at.type === "radio" && ringed(next));
    return at === document.body ? null : [at.id || at.name || at.className || at.textContent, seen];
}"""
AXE_RUN = """async () => (await axe.run(document, {runOnly: {type: "tag", values: [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}})).violations
    .map(({id, impact, nodes}) => [impact, id, nodes.map(({target}) => target.join(" ")).slice(0, 3)])"""

Pages = dict[tuple[str, str], Path]


def _written(folder: Path, plan: gis.Plan, **shown: Any) -> Pages:  # noqa: ANN401
    pages = {}
    for audience, lang in KINDS_OF_PAGE:
        pages[audience, lang] = folder / f"{audience}-{lang}.html"
        pages[audience, lang].write_text(maps.render(plan, audience=audience, lang=lang, **shown), encoding="utf-8")
    return pages


@pytest.fixture(scope="module")
def demo_pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    folder = tmp_path_factory.mktemp("demo")
    made = make_demo_town(folder, seed=1)
    plan = gis.read_plan(demo_plan(folder))
    layers = place(plan, *(read_layer(made.layers[kind], kind) for kind in KINDS))
    return _written(folder, plan, reports=route(plan, read_reports(made.reports)), layers=layers)


@pytest.fixture(scope="module")
def monaco_pages(tmp_path_factory: pytest.TempPathFactory, datasets: Path) -> Pages:
    file = datasets / "osm_monaco" / "monaco-latest.osm.pbf"
    levels = gis.parse_levels("grid:400-600,micro:70-80")
    plan = gis.delineate(gis.read_town(osm=file, area="Monte-Carlo"), levels, workers=2)
    return _written(tmp_path_factory.mktemp("monaco"), plan, layers=place(plan, *read_osm(file)))


@cache
def _read(file: Path) -> dict[str, Any]:
    return facts(file.read_text(encoding="utf-8"))


class Sheet:
    """A page in the browser, with all it asked for and complained of."""

    def __init__(self, browser: Any, file: Path, width: int, **options: Any) -> None:  # noqa: ANN401
        size = {"width": width, "height": HEIGHTS[width]}
        self.context = browser.new_context(viewport=size, **{"reduced_motion": "reduce", **options})
        self.tab = self.context.new_page()
        self.file, self.width, self.read = file, width, _read(file)
        self.says = words("zh" if self.read["words"]["lang"] == "zh-CN" else "en")
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.open()

    def open(self, address: str = "") -> None:
        """Open the page anew; the same address would only be gone to."""
        self.tab.goto("about:blank")
        self.asked.clear()
        self.tab.goto(self.file.as_uri() + address)
        self.tab.wait_for_selector("html[data-ready=yes]")
        assert [each.split("#")[0] for each in self.asked] == [self.file.as_uri()]

    def painted(self) -> int:
        return int(self.tab.evaluate(PAINTED))

    def waits(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so: what playwright waits with is refused by the page's policy."""
        for _ in range(100):
            if condition():
                return
            self.tab.wait_for_timeout(20)
        pytest.fail("waited for two seconds")

    def repaints(self, act: Callable[..., Any], *told: Any, **options: Any) -> bool:  # noqa: ANN401
        before = self.painted()
        act(*told, **options)
        return self.painted() != before

    def zoom(self) -> float:
        return float(self.tab.evaluate("map_plan.getZoom()"))

    def told(self) -> str:
        text: str = self.tab.evaluate("[...document.querySelectorAll('.leaflet-popup')].at(-1)?.textContent ?? ''")
        return text

    def hash(self) -> str:
        text: str = self.tab.evaluate("decodeURIComponent(location.hash)")
        return text

    def click(self, x: float, y: float) -> None:
        """Click on the map, at so many of its pixels."""
        self.tab.evaluate("map_plan.getContainer().scrollIntoView()")
        box = self.tab.locator("#map_plan").bounding_box()
        self.tab.mouse.click(box["x"] + x, box["y"] + y)

    def whole(self) -> None:
        self.tab.evaluate("map_plan.closePopup() && null")
        self.tab.click("button.whole")

    def at_popup(self) -> tuple[float, float]:
        at = self.tab.evaluate("map_plan.latLngToContainerPoint(map_plan._popup.getLatLng())")
        return at["x"], at["y"]

    def close(self) -> None:
        assert self.complaints == []
        self.context.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Sheet]]:  # noqa: ANN401
    sheets: list[Sheet] = []

    def opens(file: Path, width: int, **options: Any) -> Sheet:  # noqa: ANN401
        sheets.append(Sheet(browser, file, width, **options))
        return sheets[-1]

    yield opens
    for sheet in sheets:
        sheet.close()


@pytest.mark.parametrize("town", ["demo_pages", "monaco_pages"])
@pytest.mark.parametrize(("audience", "lang"), KINDS_OF_PAGE)
def test_pages_draw_and_nothing_lies_over_anything(
    town: str, audience: str, lang: str, opened: Callable[..., Sheet], request: pytest.FixtureRequest
) -> None:
    for width in HEIGHTS:
        sheet = opened(request.getfixturevalue(town)[audience, lang], width, reduced_motion="no-preference")
        assert sheet.tab.evaluate(COLOURS) >= 40
        assert sheet.tab.evaluate("document.documentElement.scrollWidth") <= width
        for a, b in combinations(sheet.tab.evaluate(BOXES), 2):
            assert a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3], (a, b)


@pytest.mark.parametrize(("audience", "lang", "width"), TURNS)
def test_every_control_does_what_it_says(
    audience: str, lang: str, width: int, demo_pages: Pages, opened: Callable[..., Sheet], tmp_path: Path
) -> None:
    sheet = opened(demo_pages[audience, lang], width)
    use_zoom(sheet)
    use_theme(sheet)
    use_measuring(sheet)
    use_picture(sheet, tmp_path)
    use_levels(sheet)
    use_measures(sheet)
    use_layers(sheet)
    use_search(sheet)
    use_table(sheet)
    if audience == "internal":
        use_list(sheet)
        use_times(sheet)
        use_filters(sheet)
        use_marks(sheet)
    else:
        assert sheet.tab.is_hidden("#times")
        assert sheet.tab.locator("#filters *").count() == 0


def use_zoom(sheet: Sheet) -> None:
    first = sheet.zoom()
    for button, step in (("in", 0.5), ("in", 1.0), ("out", 0.5)):
        assert sheet.repaints(sheet.tab.click, f".leaflet-control-zoom-{button}")
        assert sheet.zoom() == first + step
    assert sheet.repaints(sheet.tab.click, "button.whole")
    assert sheet.zoom() == first
    assert sheet.tab.evaluate("map_plan.getMaxZoom()") == 21


def use_theme(sheet: Sheet) -> None:
    for name in ("dark", "light"):
        assert sheet.repaints(sheet.tab.click, "button.theme")
        assert sheet.tab.get_attribute("html", "data-theme") == name
        assert f"theme={name}" in sheet.hash()


def use_measuring(sheet: Sheet) -> None:
    tab = sheet.tab
    tab.evaluate("map_plan.setView(map_plan.getCenter(), 17.5, {animate: false}) && null")
    tab.click("button.measure")
    assert tab.get_attribute("button.measure", "aria-pressed") == "true"
    corners = [(60, 120), (240, 120), (240, 300), (60, 300)]
    for corner in corners:
        sheet.click(*corner)
    places = [tab.evaluate(f"map_plan.containerPointToLatLng({list(corner)})") for corner in corners]
    lon, lat = ([place[axis] for place in places] for axis in ("lng", "lat"))
    area = abs(Geod(ellps="WGS84").polygon_area_perimeter(lon, lat)[0])
    length = Geod(ellps="WGS84").line_length(lon, lat)
    said = [float(number.replace(",", "")) for number in re.findall(r"[\d,.]+", tab.inner_text(".leaflet-tooltip"))]
    assert said == [pytest.approx(length, rel=0.005), pytest.approx(area, rel=0.005)]
    assert sheet.told() == ""
    tab.keyboard.press("Escape")
    assert tab.get_attribute("button.measure", "aria-pressed") == "false"
    assert tab.locator(".leaflet-tooltip, .measuring").count() == 0
    sheet.whole()


def use_picture(sheet: Sheet, folder: Path) -> None:
    tab, title = sheet.tab, sheet.read["title"]
    with tab.expect_download() as saved:
        tab.click("button.save")
    assert saved.value.suggested_filename == f"{title}.png"
    saved.value.save_as(folder / "map.png")
    size = tab.evaluate("map_plan.getSize()")
    with Image.open(folder / "map.png") as picture:
        assert picture.size == (2 * max(size["x"], 1046), 2 * max(size["y"], 716))
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 100
        heading = picture.convert("L").crop((48, 44, 48 + 40 * len(title), 84))
        darkest, palest = heading.getextrema()
        assert darkest < 60, "the title"
        assert palest > 200
    tab.evaluate("() => { window.print = () => { window.printed += 1; }; }")
    for paper, wide, high in (("a4", 842, 595), ("a3", 1191, 842)):
        tab.evaluate("window.printed = 0")
        tab.click(f"button.print_{paper}")
        sheet.waits(lambda: tab.evaluate("window.printed") == 1)
        assert tab.evaluate("document.querySelector('#print img').naturalWidth") > 2 * wide
        pages = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", tab.pdf(prefer_css_page_size=True))
        assert [[round(float(side)) for side in page] for page in pages] == [[wide, high]]
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.locator("#print img").count() == 0


def use_levels(sheet: Sheet) -> None:
    for level in sheet.read["levels"]:
        assert sheet.repaints(sheet.tab.check, f"input[value={level['name']}]", force=True)
        assert sheet.tab.inner_text("#legend h3 >> nth=0").startswith(level["label"])
        assert f"level={level['name']}" in sheet.hash()


def use_measures(sheet: Sheet) -> None:
    level, seen = sheet.read["levels"][0], {sheet.painted()}
    sheet.tab.check(f"input[value={level['name']}]", force=True)
    for at, measure in enumerate(sheet.read["measures"]):
        sheet.tab.select_option("#measure", str(at))
        seen.add(sheet.painted())
        assert sheet.tab.inner_text("#legend h3 >> nth=0").endswith(f" · {measure['label']}")
        assert f"measure={measure['name']}" in sheet.hash()
    classes = {
        tuple(bisect_right(each["breaks"], count) if count >= 0 else -1 for count in each["told"])
        for each in level["figures"]
    }
    # The only class of one measure may have the colour of the middle one of another.
    assert len(seen) >= len(classes) > 5
    assert sheet.repaints(sheet.tab.select_option, "#measure", "-1")
    assert "measure=apart" in sheet.hash()


def use_layers(sheet: Sheet) -> None:
    tab, first = sheet.tab, sheet.painted()
    tab.click("details.layers summary")
    boxes = tab.locator("input[name=layer]")
    shown = [box.is_checked() for box in boxes.all()]
    assert len(shown) == 6 + sum(1 + each["heat"] + each["linked"] for each in sheet.read["layers"])
    for box, on in zip(boxes.all(), shown, strict=True):
        assert sheet.repaints(box.set_checked, not on), box.get_attribute("value")
        if box.get_attribute("value").endswith(":heat"):
            assert sheet.says["heat.most"] in tab.inner_text("#legend")
        assert (box.get_attribute("value") in sheet.hash().split("on=")[1].split("&")[0].split(",")) == (not on)
    for box, on in zip(boxes.all(), shown, strict=True):
        box.set_checked(on)
    assert sheet.painted() == first
    tab.click("details.layers summary")


def use_search(sheet: Sheet) -> None:
    tab, level = sheet.tab, sheet.read["levels"][-1]
    last = level["code"][-1]
    tab.fill("#search", last.lower())
    tab.keyboard.press("Enter")
    assert last in sheet.told()
    assert f"cell={last}" in sheet.hash()
    assert "leaflet-popup-content" in tab.evaluate("[...document.activeElement.classList]")
    tab.keyboard.press("Escape")
    assert tab.locator(".leaflet-popup").count() == 0
    assert "cell=" not in sheet.hash()
    assert tab.evaluate("document.activeElement.id") == "search"
    tab.fill("#search", level["cell_name"][0])
    assert level["code"][0] in tab.inner_text("#found")
    tab.fill("#search", "nowhere at all")
    assert tab.inner_text("#found") == sheet.says["nothing_found"]
    tab.keyboard.press("Escape")
    assert tab.input_value("#search") == tab.inner_text("#found") == ""
    sheet.whole()


def use_table(sheet: Sheet) -> None:
    tab, level = sheet.tab, sheet.read["levels"][-1]
    tab.click("details.table summary")
    rows, heads = tab.locator("table.cells tbody tr"), tab.locator("table.cells thead button")
    sheet.waits(lambda: rows.count() == 100)
    assert heads.count() == 1 + len(sheet.read["measures"])
    for at, order in ((0, "descending"), (0, "ascending"), (heads.count() - 1, "descending"), (1, "descending")):
        heads.nth(at).click()
        assert tab.locator("table.cells thead th").nth(at).get_attribute("aria-sort") == order
    for at, measure in enumerate(sheet.read["measures"]):
        more = [f"(+{level['shared'][at][ground]:,})" for ground in level["shared"][at] if not measure["share"]]
        column = tab.locator(f"table.cells tbody td:nth-child({at + 2})").all_inner_texts()
        assert {text.split()[-1] for text in column if "(" in text} <= set(more), measure["name"]
    told = [int(text) for text in tab.locator("table.cells tbody td:nth-child(2)").all_inner_texts()]
    assert told == sorted(told, reverse=True)
    tab.click("button.more")
    assert rows.count() == len(level["code"])
    code = rows.nth(150).locator("button")
    name = code.inner_text()
    code.click()
    assert name in sheet.told()
    tab.keyboard.press("Escape")
    assert tab.evaluate("document.activeElement.textContent") == name
    tab.click("details.table summary")
    sheet.whole()


def use_list(sheet: Sheet) -> None:
    tab, layer = sheet.tab, sheet.read["layers"][0]
    tab.click("details.marks summary")
    marks, more = tab.locator("details.marks li button"), tab.locator("details.marks button.more")
    sheet.waits(lambda: marks.count() == 100)
    more.click()
    assert marks.count() == 600
    said = marks.nth(140).inner_text().splitlines()
    marks.nth(140).click()
    assert said[0] in sheet.told()
    tab.keyboard.press("Escape")
    assert tab.evaluate("document.activeElement.innerText").splitlines() == said
    tab.evaluate("map_plan.setZoom(19, {animate: false}) && null")
    assert 0 < marks.count() < 100
    tab.click("details.layers summary")
    tab.uncheck(f"input[value='{layer['name']}']")
    assert layer["label"] not in " ".join(tab.locator("details.marks li span").all_inner_texts())
    tab.check(f"input[value='{layer['name']}']")
    tab.click("details.layers summary")
    tab.click("details.marks summary")
    sheet.whole()


def use_times(sheet: Sheet) -> None:
    tab, output = sheet.tab, "#times output"
    days = int(tab.get_attribute("#times input >> nth=0", "max"))
    first, last = (tab.locator("#times input").nth(at) for at in (0, 1))
    whole = tab.inner_text(output)
    first.focus()
    assert sheet.repaints(lambda: [tab.keyboard.press("ArrowRight") for _ in range(9)])
    assert f"days=9-{days}" in sheet.hash()
    assert tab.inner_text(output) != whole
    tab.keyboard.press("End")
    assert first.input_value() == str(days - 1), "the ends do not pass each other"
    tab.keyboard.press("Home")
    last.focus()
    tab.keyboard.press("Home")
    assert last.input_value() == "1"
    tab.click("#times .small")
    assert tab.inner_text(output) == whole
    assert "days=" not in sheet.hash()
    assert tab.is_disabled("#times .small")
    tab.click("#times .play")
    seen = []
    for _ in range(3):
        seen.append(tab.inner_text(output))
        sheet.waits(lambda: tab.inner_text(output) != seen[-1])
    tab.click("#times .play")
    assert tab.get_attribute("#times .play", "aria-label") == sheet.says["play"]
    stopped = tab.inner_text(output)
    tab.wait_for_timeout(450)
    assert tab.inner_text(output) == stopped
    tab.click("#times .small")
    tab.click("details.layers summary")
    tab.uncheck("input[value=reports]")
    assert tab.is_hidden("#times")
    tab.check("input[value=reports]")
    assert tab.is_visible("#times")
    tab.click("details.layers summary")


def use_filters(sheet: Sheet) -> None:
    tab, painted = sheet.tab, sheet.painted()
    for details in tab.locator("details.filter").all():
        details.locator("summary").click()
    reports = tab.locator("details.filter").first
    every, none = (reports.locator("fieldset").first.locator("button").nth(at) for at in (0, 1))
    assert sheet.repaints(none.click)
    assert sheet.repaints(every.click)
    assert sheet.painted() == painted
    kinds = reports.locator("fieldset").nth(1).locator("input")
    assert sheet.repaints(kinds.first.uncheck)
    assert sheet.repaints(kinds.first.check)
    tab.evaluate("map_plan.setZoom(13, {animate: false}) && null")
    label = sheet.read["layers"][0]["groups"][0]["label"]
    counts = []
    for without in ("", label):
        if without:
            reports.locator("input").first.uncheck()
        x, y, count = tab.evaluate(DISC, ["reports", without])
        sheet.click(x, y)
        assert f"· {count}" in sheet.told()
        counts.append(count)
        tab.keyboard.press("Escape")
    assert counts[1] < counts[0]
    every.click()
    for details in tab.locator("details.filter").all():
        details.locator("summary").click()
    sheet.whole()


def use_marks(sheet: Sheet) -> None:
    tab, layers = sheet.tab, {each["name"]: each for each in sheet.read["layers"]}
    name = layers["places"]["texts"][0]["texts"][0]
    tab.click("details.layers summary")
    tab.uncheck("input[value=reports]")
    tab.check("input[value=places]")
    tab.fill("#search", name)
    tab.locator("#found button", has_text=name).first.click()
    assert name in sheet.told()
    x, y = sheet.at_popup()
    tab.keyboard.press("Escape")
    sheet.click(5, 300)
    sheet.click(x, y)
    assert name in sheet.told()
    tab.keyboard.press("Escape")
    box = tab.locator("#map_plan").bounding_box()
    tab.mouse.move(box["x"] + 8, box["y"] + 310)
    tab.mouse.move(box["x"] + x, box["y"] + y)
    assert name in tab.inner_text(".leaflet-tooltip")
    tab.uncheck("input[value=places]")
    level = sheet.read["levels"][-1]
    floors = next(at for at, text in enumerate(level["floors"]) if text)
    tab.fill("#search", level["code"][floors])
    tab.keyboard.press("Enter")
    x, y = sheet.at_popup()
    tab.keyboard.press("Escape")
    sheet.click(x, y)
    assert sheet.says["stacked"] in sheet.told()
    assert sheet.says["not_told_apart"] in sheet.told()
    shared = tab.locator(".leaflet-popup .note").nth(1).inner_text()
    assert [each["label"] for each in sheet.read["measures"] if each["share"] and each["label"] in shared] == []
    cross = tab.evaluate("getComputedStyle(map_plan.getContainer(), '::after').content")
    assert cross == "none", "who points sees no cross"
    assert level["code"][floors] in sheet.told()
    tab.check("input[value=reports]")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_all_is_reached_and_used_with_the_keyboard(lang: str, demo_pages: Pages, opened: Callable[..., Sheet]) -> None:
    sheet = opened(demo_pages["internal", lang], 1920)
    tab, order = sheet.tab, []
    for _ in range(60):
        tab.keyboard.press("Tab")
        if (focused := tab.evaluate(FOCUSED)) is None:
            break
        order.append(focused)
    names = [name for name, _ in order]
    wanted = ["search", "level", "measure", "map_plan", "leaflet-control-zoom-in", "whole", "measure", "theme", "save",
              "print_a4", "print_a3", "play"]  # fmt: skip
    at = -1
    for name in wanted:
        at = names.index(name, at + 1)
    assert [name for name, seen in order if not seen] == []
    tab.focus("#map_plan")
    centre = "map_plan.getCenter().lng"
    before = tab.evaluate(centre)
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate(centre) > before
    tab.keyboard.press("Enter")
    assert sheet.told()
    tab.keyboard.press("Escape")
    assert tab.evaluate("document.activeElement.id") == "map_plan"


def test_a_link_opens_what_was_seen(demo_pages: Pages, opened: Callable[..., Sheet]) -> None:
    sheet = opened(demo_pages["internal", "en"], 1920)
    tab, grid = sheet.tab, sheet.read["levels"][1]
    tab.check("input[value=grid]", force=True)
    tab.select_option("#measure", "3")
    tab.click("button.theme")
    tab.click("details.layers summary")
    tab.uncheck("input[value=streets]")
    tab.check("input[value='reports:heat']")
    tab.focus("#times input")
    tab.keyboard.press("ArrowRight")
    tab.fill("#search", grid["code"][3])
    tab.keyboard.press("Enter")
    link, painted, told = tab.evaluate("location.hash"), sheet.painted(), sheet.told()
    assert {part.split("=")[0] for part in link[1:].split("&")} == {
        "view", "level", "measure", "theme", "days", "cell", "on"
    }  # fmt: skip
    sheet.open(link)
    assert (tab.evaluate("location.hash"), sheet.painted(), sheet.told()) == (link, painted, told)


HOSTILE = [
    "%", "#", "level=nowhere&measure=-1&theme=constructor&days=9-1&cell=<img>&view=a/b/c", "theme=__proto__",
    "view=99/1e308/-1e308", "view=14/38/NaN", "view=//", "view=-7/0/0", "days=-5-9999999999", "days=1e3-2e3",
    "days=0.5-3", "cell=%00&level=toString", "theme=%3Cscript%3E", "view=" + "9" * 5000,
]  # fmt: skip


def test_a_broken_or_hostile_link_does_nothing(demo_pages: Pages, opened: Callable[..., Sheet]) -> None:
    sheet = opened(demo_pages["internal", "zh"], 390)
    first = sheet.painted()
    for text in HOSTILE:
        sheet.tab.evaluate("text => { location.hash = text; }", text)
        sheet.tab.wait_for_timeout(20)
        assert sheet.painted() == first, text
        sheet.open(f"#{text}")
        assert sheet.painted() == first, text


def test_readers_who_want_dark_and_still_pages_get_them(demo_pages: Pages, opened: Callable[..., Sheet]) -> None:
    light, dark = (opened(demo_pages["public", "en"], 1920, color_scheme=scheme) for scheme in ("light", "dark"))
    assert [sheet.tab.get_attribute("html", "data-theme") for sheet in (light, dark)] == ["light", "dark"]
    assert light.painted() != dark.painted()
    assert "theme=" not in dark.hash()
    assert dark.tab.locator(".leaflet-zoom-anim, .leaflet-fade-anim").count() == 0
    light.tab.emulate_media(color_scheme="dark")
    light.waits(lambda: light.painted() == dark.painted())


@pytest.mark.parametrize(("audience", "lang"), KINDS_OF_PAGE)
def test_axe_finds_nothing_serious(audience: str, lang: str, demo_pages: Pages, opened: Callable[..., Sheet]) -> None:
    if not AXE.is_file():
        absent("pages are not judged by axe-core: npm ci")
    for width in HEIGHTS:
        sheet = opened(demo_pages[audience, lang], width, bypass_csp=True)
        sheet.tab.evaluate(AXE.read_text(encoding="utf-8"))
        for summary in sheet.tab.locator("summary").all():
            summary.click()
        # A hundred rows of the table are no better judged than ten, and ten times as slowly.
        sheet.tab.evaluate(
            "document.querySelectorAll('.cells tbody tr:nth-child(n + 10)').forEach(row => row.remove())"
        )
        for theme in ("light", "dark"):
            if theme == "dark":
                sheet.tab.click("button.theme")
            sheet.tab.focus("#map_plan")
            sheet.tab.keyboard.press("Enter")
            assert sheet.told()
            assert sheet.tab.evaluate(AXE_RUN) == []
