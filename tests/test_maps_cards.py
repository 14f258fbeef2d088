"""Notice cards: what they tell, to whom, and that each is one page of A4 with a code that can be read."""

import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely
from absent import absent
from doors import COMMUNITY, GRIDS, HIGH, HOUSES, LOW, PARK, layer, small_plan
from drawn import Read
from hypothesis import given
from hypothesis import strategies as st

import maps
from api.printing import BROWSERS
from gis.errors import InputError
from gis.location.links import Place, write_link
from gis.plan import Plan, write_plan
from maps.audience import Audience
from maps.cards.codes import Family
from maps.cards.ground import Ground, Shown
from maps.cards.labels import Labels
from maps.cards.sides import sides
from maps.cards.units import read_units, usual_offices
from maps.cards.words import card_words
from maps.figures import figures

BASE = "https://city.example"
TRICKS = [
    "<img src=x onerror=window.hit=1>",
    "</style><script>window.hit=2</script>",
    "\"'><svg onload=window.hit=3>",
    "${window.hit=4}`{{ 7 * 7 }}",
]


def town(text: str = "柳岸", **streets: str) -> Plan:
    """The plan with doors, named streets on its sides and a pond."""
    names = {"south": "南路", "west": "西街", "north": "北路", "middle": "中街"} | streets
    lines = {
        "south": ("street", [(-20, 0), (220, 0)]),
        "west": ("street", [(0, -20), (0, 120)]),
        "north": ("river", [(-20, 100), (220, 100)]),
        "middle": ("arterial", [(100, -20), (100, 120)]),
    }
    rows = [(kind, names[side], shapely.LineString(xy)) for side, (kind, xy) in lines.items()]
    pond = [("water", text, shapely.box(130, 30, 190, 80))]
    return dataclasses.replace(
        small_plan(text),
        barriers=layer(rows, ["kind", "name", "geometry"]),
        land=layer(pond, ["kind", "name", "geometry"]),
    )


def cards(plan: Plan, **options: Any) -> list[str]:  # noqa: ANN401
    return Read(maps.render_cards(plan, base=BASE, **options)).sections


@pytest.mark.parametrize(
    ("level", "codes"), [(None, [HOUSES, LOW, HIGH, PARK]), ("grid", GRIDS), ("community", [COMMUNITY])]
)
def test_a_page_for_each_cell_of_a_level(level: str | None, codes: list[str]) -> None:
    drawn = cards(town(), level=level)
    assert len(drawn) == len(codes)
    assert all(f"\n{code}\n" in card for code, card in zip(codes, drawn, strict=True))


def test_chosen_cells_alone_and_unknown_ones_refused() -> None:
    assert [HIGH in card for card in cards(town(), cells=[HIGH])] == [True]
    for options, said in (
        ({"cells": ["X"]}, "cell 'X': the plan has none of level micro"),
        ({"level": "street"}, "the plan has community, grid, micro"),
        ({"lang": "fr"}, "choose one of zh, en"),
    ):
        with pytest.raises(InputError, match=said):
            maps.render_cards(town(), base=BASE, **options)  # type: ignore[arg-type]


def test_a_card_tells_name_chain_floors_and_neighbours() -> None:
    low = cards(town(), cells=[LOW], lang="en")[0]
    for fact in ("柳岸4", "柳岸街道", "柳岸0", "柳岸1", "0.50 ha; buildings: 1", "TOWER 正门 floors 1–8",
                 "Shares its ground by floors with Micro-grid 03"):  # fmt: skip
        assert fact in low, fact
    page = maps.render_cards(town(), base=BASE, cells=[LOW])
    assert re.findall(r'class="self"[^>]*>([^<]*)<', page) == ["02"]
    assert re.findall(r'class="other"[^>]*>([^<]*)<', page) == ["01", "002·01"]


def test_sides_are_called_after_lines_else_after_neighbours_and_the_rim() -> None:
    plan = dataclasses.replace(town(), barriers=town().barriers.iloc[[1, 2]])  # in the west and the north
    ground, family = Ground.of(plan, "micro"), Family.of(plan)
    grounds = {HOUSES: [HOUSES], LOW: [LOW, HIGH], PARK: [PARK]}
    said = {}
    for code, shape in zip(ground.cells.names, ground.cells.shapes, strict=True):
        said[code] = sides(ground, Shown(code, shape, family, grounds), "Cell", "Town", card_words("en"))
    assert said[LOW] == {"east": "Cell 002·01", "south": "Cell 01", "west": "西街", "north": "北路"}
    assert said[HOUSES] == {"east": "Cell 002·01", "south": "edge of Town", "west": "西街", "north": "Cell 02, 03"}
    assert said[PARK]["west"] == "Cell 001·02, 001·03, 001·01"


def test_streets_carry_their_names_and_no_name_lies_on_another() -> None:
    page = maps.render_cards(town(), base=BASE, cells=[HOUSES])
    assert {"南路", "西街", "中街"} <= set(re.findall(r'class="way [^>]*>([^<]*)<', page))
    labels = Labels(1000, 800, (500, 400))
    line = shapely.LineString([(0, 400), (1000, 400)])
    written = [labels.write_along(shapely.linestrings([line.coords]), "一二三四五", "way", 30) for _ in range(9)]
    boxes = labels._taken  # noqa: SLF001 (what is kept free)
    assert sum(written) == len(boxes) == 3
    assert not any(one.intersects(other) for k, one in enumerate(boxes) for other in boxes[:k])


def test_no_figure_that_a_public_map_would_not_show() -> None:
    plan = town()
    shown = figures(plan, (), Audience.PUBLIC).cells.set_index("code")["households"]
    assert shown.isna().any()
    assert shown.notna().any()
    for level in plan.levels:
        for card in cards(plan, level=level, lang="en"):
            code = next(code for code in shown.index if f"\n{code}\n" in card)
            assert ("Households" in card) == (shown[code] is not None)
            assert shown[code] is None or f"\nabout {shown[code]} (given in the data)\n" in card


def test_version_day_and_credit_stand_at_the_foot() -> None:
    plan = town()
    told = plan.metadata | {"valid_from": "2026-05-01", "inputs": [{"name": "a.osm.pbf", "date": "2026-03-04"}]}
    card = cards(dataclasses.replace(plan, metadata=told), level="community", lang="en")[0]
    for fact in (plan.version, "in force from 2026-05-01", "data of 2026-03-04", "© OpenStreetMap contributors"):
        assert fact in card
    assert "OpenStreetMap" not in cards(plan, level="community")[0]


def units_file(folder: Path, rows: list[dict[str, str]], name: str = "units.csv") -> Path:
    pd.DataFrame(rows).to_csv(folder / name, index=False)
    return folder / name


def test_a_cell_without_rows_has_those_above_it_and_else_the_usual_roles(tmp_path: Path) -> None:
    rows = [
        {
            "编码": GRIDS[0],
            "岗位": "网格长",
            "单位": "柳岸社区居委会",
            "办公电话": "0311-8361 2345 转 6",
            "职责": "走访",
        },
        {"编码": LOW, "岗位": "楼长", "单位": "", "办公电话": "", "职责": ""},
        {"编码": "999", "岗位": "网格长", "单位": "", "办公电话": "", "职责": ""},
    ]
    units = read_units(units_file(tmp_path, rows))
    houses, low, high, park = cards(town(), units=units)
    for card in (houses, high):
        assert all(text in card for text in rows[0].values() if text != GRIDS[0])
    assert "楼长" in low
    assert "走访" not in low
    assert all(office.role in park and office.duties in park for office in usual_offices("micro", "zh"))
    assert units.unknown(town()) == ["999"]


def test_only_the_columns_of_the_schema_are_read(tmp_path: Path) -> None:
    rows = [{"cell_code": HOUSES, "role": "leader", "remark": "SECRET", "unit": "Office", "updated": "2026"}]
    units = read_units(units_file(tmp_path, rows))
    assert units.left_out == ("remark", "updated")
    assert "SECRET" not in maps.render_cards(town(), base=BASE, units=units)
    with pytest.raises(InputError, match="no column role: give cell_code, role, unit, office_phone, duties"):
        read_units(units_file(tmp_path, [{"cell_code": HOUSES}]))


@pytest.mark.parametrize(
    "column", ["姓名", "联系人", "手机号", "联系电话", "phone", "mobile", "contact_name", "身份证号"]
)
def test_columns_about_persons_are_refused_by_name(tmp_path: Path, column: str) -> None:
    with pytest.raises(InputError, match=f"units.csv: personal columns are not read .*{column}"):
        read_units(units_file(tmp_path, [{"cell_code": HOUSES, "role": "leader", column: "x"}]))


@pytest.mark.parametrize("column", ["office_phone", "unit", "duties", "role"])
@pytest.mark.parametrize(
    "number",
    [
        "13812345678",
        "138 1234 5678",
        "+86 138-1234-5678",
        "0086(199)12345678",
        "１３８１２３４５６７８",
        "110105199003072316",
    ],
)
def test_a_number_that_a_person_carries_is_refused_with_its_row(tmp_path: Path, column: str, number: str) -> None:
    good = {"cell_code": HOUSES, "role": "leader", "unit": "", "office_phone": "", "duties": ""}
    with pytest.raises(InputError, match=f"row 2, {column}: .* an office's number, not a person's"):
        read_units(units_file(tmp_path, [good, good | {column: f"a {number}" if column != "office_phone" else number}]))


@given(
    st.from_regex(r"1[3-9]\d{9}", fullmatch=True),
    st.lists(st.sampled_from(["", " ", "-", ". "]), min_size=10, max_size=10),
)
def test_a_mobile_is_found_however_it_is_divided(number: str, gaps: list[str]) -> None:
    from maps.cards.units import _MOBILE  # noqa: PLC0415

    assert _MOBILE.search("".join(sign + gap for sign, gap in zip(number, [*gaps, ""], strict=True)))


@pytest.mark.parametrize(
    "number", ["0371-68123456", "010 8888 1234 转 12", "400-810-1234", "12345", "+1 718 264 2888 ext 5", ""]
)
def test_the_number_of_an_office_is_read(tmp_path: Path, number: str) -> None:
    rows = [{"cell_code": HOUSES, "role": "leader", "office_phone": number}]
    assert read_units(units_file(tmp_path, rows)).offices[HOUSES][0].phone == number


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"role": ""}, "row 1: no role"),
        ({"office_phone": "ask for Li"}, "row 1, office_phone: 'ask for Li' is more than a telephone number"),
        ({"duties": "d" * 121}, "row 1, duties: 121 signs, a card has room for 120"),
    ],
)
def test_what_a_card_has_no_room_for_is_refused(tmp_path: Path, changed: dict[str, str], said: str) -> None:
    row = {"cell_code": HOUSES, "role": "leader", "office_phone": "", "duties": ""}
    with pytest.raises(InputError, match=re.escape(said)):
        read_units(units_file(tmp_path, [row | changed]))
    with pytest.raises(InputError, match="take more than a card has room for"):
        read_units(units_file(tmp_path, [row] * 20))


def test_both_languages_have_the_same_words_and_roles() -> None:
    assert set(card_words("zh")) == set(card_words("en"))
    for level in ("community", "grid", "micro", "beat"):
        assert len(usual_offices(level, "zh")) == len(usual_offices(level, "en")) >= 5


@pytest.mark.parametrize("trick", TRICKS)
def test_typed_text_is_only_text(tmp_path: Path, trick: str) -> None:
    row = {"cell_code": COMMUNITY, "role": trick[:24], "unit": trick, "duties": trick}
    plan, units = town(trick, south=trick), read_units(units_file(tmp_path, [row]))
    page = maps.render_cards(plan, base=BASE, units=units)
    read = Read(page)
    assert not set(read.tags) & {"script", "img", "link", "iframe", "a"}
    assert not [name for name, _ in read.attributes if name.startswith("on") or name in {"style", "href", "src"}]
    assert not re.search(r"https?://(?!city\.example)|url\((?!#)|@import", page.replace("http://www.w3.org", ""))
    assert all(card.count(trick) >= 5 for card in read.sections)


def test_the_same_plan_gives_the_same_cards() -> None:
    assert maps.render_cards(town(), base=BASE) == maps.render_cards(town(), base=BASE)


@pytest.mark.parametrize("text", ["柳岸", *TRICKS])
def test_every_page_opens_and_its_code_is_read(browser: Any, tmp_path: Path, text: str) -> None:  # noqa: ANN401
    try:
        import cv2  # noqa: PLC0415
    except ImportError:
        absent("codes are not read back: pip install opencv-python-headless")
    file = tmp_path / "cards.html"
    file.write_text(maps.render_cards(town(text, north=text), base=BASE), encoding="utf-8")
    asked, complaints = [], []
    tab = browser.new_page(viewport={"width": 900, "height": 1200}, device_scale_factor=2)
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.goto(file.as_uri())
    tab.emulate_media(media="print")
    pages = tab.locator("section.card").all()
    read = []
    for number, page in enumerate(pages):
        page.screenshot(path=tmp_path / f"{number}.png")
        picture = cv2.imread(str(tmp_path / f"{number}.png"))
        read += cv2.QRCodeDetectorAruco().detectAndDecodeMulti(picture)[1]
    assert read == [write_link(BASE, Place(code)) for code in (HOUSES, LOW, HIGH, PARK)]
    side = tab.evaluate("document.querySelector('.scan svg').getBoundingClientRect().width / 96 * 25.4")
    modules = int(tab.evaluate("document.querySelector('.scan svg svg, .scan svg').viewBox.baseVal.width"))
    assert side * (modules - 8) / modules >= 25
    fills = tab.evaluate("[...document.querySelectorAll('.map path')].map(path => getComputedStyle(path).fill)")
    assert "rgb(0, 0, 0)" not in fills
    assert asked == [file.as_uri()]
    assert complaints == []
    assert tab.evaluate("window.hit === undefined")
    tab.close()


def crowded(folder: Path) -> tuple[Plan, Path]:
    """A plan and a table whose texts are as long as they may be, and longer."""
    long = "柳岸新区第二社区居民委员会辖区" * 20
    plan = town(long, south=long, west=long, north=long, middle=long)
    cells = plan.cells.assign(name=long)
    row = {
        "cell_code": COMMUNITY,
        "role": "专职网格员" * 3,
        "unit": "办" * 40,
        "office_phone": "0311-83612345",
        "duties": "走" * 70,
    }
    return dataclasses.replace(plan, cells=cells), units_file(folder, [row] * 4)


def test_texts_of_any_length_leave_room_for_the_map_and_the_foot(browser: Any, tmp_path: Path) -> None:  # noqa: ANN401
    plan, table = crowded(tmp_path)
    file = tmp_path / "cards.html"
    file.write_text(maps.render_cards(plan, base=BASE, units=read_units(table)), encoding="utf-8")
    tab = browser.new_page()
    tab.goto(file.as_uri())
    tab.emulate_media(media="print")
    assert tab.evaluate("[...document.querySelectorAll('.card')].every(card => card.scrollHeight <= card.clientHeight)")
    assert tab.evaluate("Math.min(...[...document.querySelectorAll('.map')].map(map => map.clientHeight))") > 80
    tab.close()


def wangge(*arguments: object, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from api.cli import main; main()", "card", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture(scope="module")
def plan_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cards") / "plan.gpkg"
    write_plan(town(), path)
    return path


@pytest.mark.usefixtures("browser")
def test_a_pdf_has_a_page_of_a4_for_each_cell_however_long_its_texts(tmp_path: Path) -> None:
    plan, table = crowded(tmp_path)
    write_plan(plan, tmp_path / "plan.gpkg")
    given_ = ("--plan", tmp_path / "plan.gpkg", "--base", BASE, "--units", table, "--json")
    told = json.loads(wangge(*given_, "--out", tmp_path / "cards.pdf").stdout)
    printed = (tmp_path / "cards.pdf").read_bytes()
    assert told["cards"] == printed.count(b"/Type /Page\n") == 4
    sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert sizes
    assert all(abs(float(a) - 595.3) < 1 and abs(float(b) - 841.9) < 1 for a, b in sizes)
    assert {path.name for path in tmp_path.iterdir()} == {"plan.gpkg", "units.csv", "cards.pdf"}


def test_the_command_writes_a_page_and_says_what_it_did_not_use(plan_file: Path, tmp_path: Path) -> None:
    rows = [{"cell_code": code, "role": "leader", "remark": "x"} for code in (HOUSES, "999")]
    done = wangge("--plan", plan_file, "--base", "WG:", "--cell", HOUSES, "--cell", PARK, "--lang", "en", "--json",
                  "--units", units_file(tmp_path, rows), "--out", tmp_path / "cards.html")  # fmt: skip
    told = json.loads(done.stdout)
    assert (told["cards"], told["units_of_no_cell"], told["columns_not_read"]) == (2, ["999"], ["remark"])
    assert (tmp_path / "cards.html").stat().st_size == told["bytes"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--out", "c.svg"), "must end in .html or .pdf"),
        (("--out", "c.html", "--cell", "X"), "the plan has none of level micro"),
        (("--out", "c.html", "--units", "none.csv"), "no such file"),
        (("--out", "c.html", "--base", "city"), "give a scheme and a host"),
    ],
)
def test_a_bad_input_gets_one_line(
    plan_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    error = wangge("--plan", plan_file, "--base", BASE, *options, code=2).stderr.splitlines()[-1]
    assert said in error
    assert not list(tmp_path.iterdir())


def test_without_a_browser_a_pdf_is_refused_at_once(plan_file: Path, tmp_path: Path) -> None:
    given_ = ("--plan", plan_file, "--base", BASE, "--out", tmp_path / "c.pdf")
    error = wangge(*given_, code=2, PATH=str(tmp_path)).stderr
    assert BROWSERS[0] in error
    assert "write *.html and print it from any browser" in error
    assert not list(tmp_path.iterdir())


def test_a_browser_that_fails_leaves_nothing(plan_file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "bin" / BROWSERS[0]
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho no display >&2\nexit 3\n", encoding="utf-8")
    broken.chmod(0o755)
    given_ = ("--plan", plan_file, "--base", BASE, "--out", tmp_path / "c.pdf")
    error = wangge(*given_, code=2, PATH=f"{broken.parent}:/bin:/usr/bin").stderr.splitlines()[-1]
    assert "no display" in error
    assert {path.name for path in tmp_path.iterdir()} == {"bin"}


def test_codes_that_begin_with_zeros_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text("cell_code,role,unit\n000000000001020,Leader,Office\n", encoding="utf-8")
    assert list(maps.read_units(path).offices) == ["000000000001020"]
