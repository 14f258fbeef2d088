"""QR codes as they are printed: a decoder reads what was drawn, and typed text is only text."""

import csv
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from absent import absent
from doors import COMMUNITY, GRIDS, HIGH, HOUSES, LOW, PARK, small_plan
from drawn import Read
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError
from gis.location.links import Place, read_link, settle, write_link
from gis.plan import write_plan
from maps.qr_sheet import TILE, html_page, svg_pages, write_pictures
from maps.qr_signs import Sign, signs

BASE = "https://city.example"
SVG = "{http://www.w3.org/2000/svg}"
TRICKS = [
    "<script>window.hit=1</script>",
    "\"'><svg onload=window.hit=2>",
    "]]><!--",
    "&lt;${x}`{{ 7 * 7 }}",
    "\0\x1b\ufffe",
]
Decode = Callable[[Path], list[str]]


@pytest.fixture(scope="session")
def decode() -> Decode:
    """Return a reader of all QR codes in a picture; without it tests skip, or fail where CI is true."""
    try:
        import cv2  # noqa: PLC0415
    except ImportError:
        absent("codes are not read back: pip install opencv-python-headless")

    def read(picture: Path) -> list[str]:
        # OpenCV's other detector finds no code in one of seventy flawless pictures.
        _, texts, _, _ = cv2.QRCodeDetectorAruco().detectAndDecodeMulti(cv2.imread(str(picture)))
        return sorted(texts)

    return read


def photograph(browser: Any, file: Path, text: str) -> list[Path]:  # noqa: ANN401
    """Open a sheet at two pixels for each of the screen's and take a picture of every page in it."""
    file.write_text(text, encoding="utf-8")
    asked: list[str] = []
    tab = browser.new_page(viewport={"width": 900, "height": 1200}, device_scale_factor=2)
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(file.as_uri())
    pages = tab.locator("svg:root, body > svg").all()
    taken = [file.with_name(f"{file.name}-{number}.png") for number in range(len(pages))]
    for page, picture in zip(pages, taken, strict=True):
        page.screenshot(path=picture)
    assert tab.evaluate("window.hit === undefined")
    assert asked == [file.as_uri()]
    tab.close()
    return taken


def many(count: int) -> list[Sign]:
    places = [Place(f"{GRIDS[0]}{k:02}", f"B{k:05}", f"{k}单元") for k in range(count)]
    return [Sign(write_link(BASE, place), place, f"柳岸社区 {k}", "micro") for k, place in enumerate(places)]


def test_a_sign_for_each_cell_of_a_level() -> None:
    plan = small_plan()
    assert [sign.place for sign in signs(plan, BASE)] == [Place(code) for code in (HOUSES, LOW, HIGH, PARK)]
    assert [sign.place.code for sign in signs(plan, BASE, level="grid")] == GRIDS
    with pytest.raises(InputError, match="level 'street': the plan has community, grid, micro"):
        signs(plan, BASE, level="street")


def test_a_sign_for_each_cell_at_each_entrance() -> None:
    found = signs(small_plan(), BASE, entrances=True)
    assert [(sign.place, sign.address, sign.floors) for sign in found] == [
        (Place(HOUSES, "HOUSE", "柳岸1单元"), "柳岸路1号", None),
        (Place(HOUSES, "HOUSE", "柳岸2单元"), "柳岸路1号", None),
        (Place(LOW, "TOWER", "正门"), "TOWER", (1, 8)),
        (Place(HIGH, "TOWER", "正门"), "TOWER", (9, 20)),
        (Place(PARK, "LODGE", ""), "柳岸路3号", None),
    ]
    tower = [s for s in signs(small_plan(), BASE, level="grid", entrances=True) if s.place.building_id == "TOWER"]
    assert [(sign.place.code, sign.floors) for sign in tower] == [(GRIDS[0], None)]


@pytest.mark.parametrize("level", ["community", "grid", "micro"])
def test_the_plan_bears_out_every_sign(level: str) -> None:
    plan = small_plan()
    for sign in signs(plan, "WG:", level=level) + signs(plan, "WG:", level=level, entrances=True):
        assert settle(plan, read_link(sign.link)).code == sign.place.code


def test_a_decoder_reads_every_code_of_svg_pages(browser: Any, decode: Decode, tmp_path: Path) -> None:  # noqa: ANN401
    drawn = many(14)
    pages = svg_pages(drawn)
    assert len(pages) == 2
    for number, page in enumerate(pages):
        [picture] = photograph(browser, tmp_path / f"{number}.svg", page)
        assert decode(picture) == sorted(sign.link for sign in drawn[number * 12 :][:12])


def test_a_decoder_reads_every_code_of_a_page_to_print(browser: Any, decode: Decode, tmp_path: Path) -> None:  # noqa: ANN401
    drawn = [*signs(small_plan(), BASE), *signs(small_plan(), "WG:", entrances=True), *many(20)]
    pictures = photograph(browser, tmp_path / "sheet.html", html_page(drawn, title="柳岸街道", lang="en"))
    assert len(pictures) == 3
    for number, picture in enumerate(pictures):
        assert decode(picture) == sorted(sign.link for sign in drawn[number * 12 :][:12])


def test_a_decoder_reads_every_picture(decode: Decode, tmp_path: Path) -> None:
    longest = Place(HOUSES, "网" * 40, "B" * 80)
    drawn = [*signs(small_plan(), BASE, entrances=True), Sign(write_link(BASE, longest), longest, "", "micro")]
    write_pictures(drawn, tmp_path / "codes")
    with (tmp_path / "codes" / "codes.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["link"] for row in rows] == [sign.link for sign in drawn]
    assert [row["code"] for row in rows] == [sign.place.code for sign in drawn]
    assert len(list((tmp_path / "codes").glob("*.png"))) == len(rows)
    for row in rows:
        assert decode(tmp_path / "codes" / row["file"]) == [row["link"]]


def test_codes_print_at_25_mm_or_more_with_their_quiet_zone() -> None:
    for sign in [*many(3), Sign("A", Place("A"), "", "micro")]:
        page = ET.fromstring(svg_pages([sign])[0])  # noqa: S314 (our own)
        assert (page.get("width"), page.get("viewBox")) == ("210mm", "0 0 2100 2970")
        outer = page.find(f"{SVG}svg")
        modules = int(outer.find(f"{SVG}svg").get("viewBox").split()[2])
        assert int(outer.get("width")) / 10 * (modules - 8) / modules >= 25
        assert outer.get("width") == outer.get("height")
        dark = outer.findall(f".//{SVG}path")[-1].get("d")
        assert dark.startswith("M4 4.5h7m")


@pytest.mark.parametrize("trick", TRICKS)
def test_typed_text_is_only_text(trick: str) -> None:
    shown = trick if trick.isprintable() else "\ufffd" * len(trick)
    plain, typed = (
        Read(html_page(signs(small_plan(text), "WG:", entrances=True), title=text)) for text in ("plain", trick)
    )
    assert typed.tags == plain.tags
    assert [name for name, _ in typed.attributes] == [name for name, _ in plain.attributes]
    assert typed.text.count(shown[:8]) >= 7
    page = ET.fromstring(svg_pages(signs(small_plan(trick), "WG:", entrances=True))[0])  # noqa: S314 (our own)
    assert {element.tag for element in page.iter()} == {SVG + name for name in ("svg", "rect", "path", "text")}
    assert any(shown[:8] in (text.text or "") for text in page.iter(f"{SVG}text"))


@given(st.text(max_size=400))
@settings(max_examples=25)
def test_any_name_stays_on_its_sign(name: str) -> None:
    place = Place(HOUSES)
    page = ET.fromstring(svg_pages([Sign("WG:A", place, name, "micro")])[0])  # noqa: S314 (our own)
    for line in page.iter(f"{SVG}text"):
        assert 0.5 * len(line.text or "") * float(line.get("font-size") or 0) <= TILE[0]


@pytest.mark.parametrize("trick", ["柳岸", *TRICKS[:2]])
def test_a_sheet_opens_and_prints_without_an_empty_page(browser: Any, tmp_path: Path, trick: str) -> None:  # noqa: ANN401
    file = tmp_path / "sheet.html"
    text = html_page([*signs(small_plan(trick), BASE), *many(20)], title=trick)
    assert len(photograph(browser, file, text)) == 2
    tab = browser.new_page()
    tab.goto(file.as_uri())
    assert tab.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 2
    tab.close()


def wangge(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from api.cli import main; main()", "qr", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture(scope="module")
def plan_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("qr") / "plan.gpkg"
    write_plan(small_plan(), path)
    return path


def test_the_command_writes_sheets_and_pictures(plan_file: Path, tmp_path: Path) -> None:
    given = ("--plan", plan_file, "--base", BASE, "--json")
    for name, options, codes in (
        ("sheet.html", ("--level", "grid", "--lang", "en"), 2),
        ("sheet.svg", ("--entrances",), 5),
        ("codes", (), 4),
    ):
        done = wangge(*given, *options, "--out", tmp_path / name)
        assert f'"codes": {codes}' in done.stdout
        assert "drawing" in done.stderr
    assert COMMUNITY in (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert (tmp_path / "sheet.svg").read_text(encoding="utf-8").count("<path") >= 5
    assert len(list((tmp_path / "codes").glob("*.png"))) == 4
    assert {path.name for path in tmp_path.iterdir()} == {"sheet.html", "sheet.svg", "codes"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--base", "city", "--out", "s.svg"), "give a scheme and a host"),
        (("--base", BASE, "--out", "s.pdf"), "must end in .html or .svg"),
        (("--base", BASE, "--out", "."), "is there already"),
        (("--base", BASE, "--out", "none/codes"), "make it first"),
        (("--base", BASE, "--out", "s.svg", "--level", "street"), "the plan has community, grid, micro"),
        (("--base", BASE, "--out", "s.svg", "--lang", "fr"), "choose one of zh, en"),
    ],
)
def test_a_bad_input_gets_one_line(
    plan_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    error = wangge("--plan", plan_file, *options, code=2).stderr.splitlines()[-1]
    assert said in error
    assert not list(tmp_path.iterdir())
