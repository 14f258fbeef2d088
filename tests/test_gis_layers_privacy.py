"""No table about persons becomes a layer, however its columns are called; and no harmless one is turned away."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from gis.errors import InputError
from gis.layers import read_layer


def identity(born: str, county: str = "130105", order: str = "123") -> str:
    """A number of 18 digits with its right check digit; nobody's."""
    body = f"{county}{born}{order}"
    rest = sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(body)) % 11
    return body + "10X98765432"[rest]


IDS = [identity("19800101"), identity("19561203", "410102"), identity("20110930", "320506")]
WRONG = [number[:-1] + ("0" if number[-1] != "0" else "1") for number in IDS]
NAMES = ["张伟", "王小明", "李秀英"]
WESTERN = ["Mary Johnson", "Robert Lee", "Linda Garcia"]
PHONES = ["13800138000", "15912345678", "18633335555"]

HOSTILE = {
    # Named as what they are, in Chinese, English and pinyin, however it is written.
    "姓名": ("姓名", ["a", "b", "c"]),
    "householder in Chinese": ("户主", ["a", "b", "c"]),
    "identity number in Chinese": ("公民身份号码", ["1", "2", "3"]),
    "contact telephone": ("联系电话", ["1", "2", "3"]),
    "blank between the signs": ("姓 名", ["a", "b", "c"]),
    "sign without width": ("手\u200b机", ["1", "2", "3"]),
    "traditional": ("聯絡電話", ["1", "2", "3"]),
    "full width": ("ＰＨＯＮＥ", ["1", "2", "3"]),
    "pinyin": ("xingming", ["a", "b", "c"]),
    "pinyin, shortened": ("xm", ["a", "b", "c"]),
    "pinyin of the card": ("sfzh", ["1", "2", "3"]),
    "pinyin of the telephone": ("LXDH", ["1", "2", "3"]),
    "pinyin of the mobile": ("hz_shouji", ["1", "2", "3"]),
    "pinyin in parts": ("huZhu", ["a", "b", "c"]),
    "English": ("First Name", ["a", "b", "c"]),
    "camel case": ("ownerPhoneNo", ["1", "2", "3"]),
    "capitals in a row": ("residentIDNumber", ["1", "2", "3"]),
    "written together": ("residentname", ["a", "b", "c"]),
    "date of birth": ("date-of-birth", ["1980", "1990", "2000"]),
    "belief": ("宗教信仰", ["1", "2", "3"]),
    # Called something else.
    "identity numbers as remarks": ("备注", IDS),
    "identity numbers as buildings": ("building_code", IDS),
    "one identity number among remarks": ("note", ["", f"see {IDS[1]}", "ok"]),
    "identity numbers with blanks": ("v1", [f"{n[:6]} {n[6:14]} {n[14:]}" for n in IDS]),
    "identity numbers in full width": ("v2", [n.translate({48 + k: 0xFF10 + k for k in range(10)}) for n in IDS]),
    "small x": ("v3", [identity("19800101", order=f"{k:03d}").lower() for k in range(30)]),
    "old identity numbers": ("serial", ["130105800101123", "410102561203001", "320506771130222"]),
    "mobiles as codes": ("code_2", PHONES),
    "mobiles as floats": ("f", [f"{phone}.0" for phone in PHONES]),
    "mobiles with hyphens": ("ref", [f"{p[:3]}-{p[3:7]}-{p[7:]}" for p in PHONES]),
    "one mobile with its country": ("memo", ["", "call +86 138 0013 8000", ""]),
    "mobiles with dots": ("no", [f"{p[:3]}.{p[3:7]}.{p[7:]}" for p in PHONES]),
    "mail": ("link", ["", "wang.xm@example.org", ""]),
    "passports": ("doc", ["E12345678", "G87654321", "EA1234567"]),
    "cards of Singapore and Hong Kong": ("paper", ["S1234567D", "F7654321K", "A123456(3)"]),
    "telephones abroad": ("line", ["+1 718 555 0134", "+44 20 7946 0958", ""]),
    "names as managers": ("负责", NAMES),
    "names as places": ("name", ["张三", "李四", "王五"]),
    "names of two signs and blanks": ("key", ["张 伟", "欧阳 娜娜", "李　静"]),
    "names with a dot": ("v", ["阿依古丽·买买提", "迪丽娜尔·艾力", "扎西·次仁"]),
    "addressed": ("who", ["张先生", "李女士", "王大爷"]),
    "masked": ("k", ["张*", "李某某", "王**"]),
    "western names": ("remark", WESTERN),
    "names of the east in Latin letters": ("b", ["Tan Ah Kow", "Ahmad bin Ali", "Ng Wei Ling"]),
    "first names alone": ("f", ["Alice", "Robert", "Maria"]),
    "last names first": ("remark", ["Johnson, Mary", "Lee, Robert", "Garcia, Linda"]),
    "western, addressed": ("col7", ["Mrs Smith", "Mr. Doe", "Dr Brown"]),
    "names in Latin letters": ("a", ["Zhang Wei", "Wang Xiaoming", "LI NA"]),
    "social security numbers": ("b", ["219-09-9999", "457-55-5462", "078-05-1120"]),
}

HARMLESS = {
    "streets": ("street_name", ["中山路", "黄河大道", "王家胡同"]),
    "shops": ("shop", ["老王面馆", "李先生牛肉面", "周大福", "张记包子铺", "华联超市", "平安药店"]),
    "shops abroad": ("shop", ["Burger King", "Dollar Tree", "Jamaica Pharmacy", "Henry's Deli", "Chase Bank"]),
    "schools abroad": ("label", ["Martin Luther King School", "John Adams High School", "James Madison Park"]),
    "streets abroad": ("road", ["Henry Street", "Washington Avenue", "Mary Lane"]),
    "parks": ("park", ["柳清公园", "石门公园", "康宁园"]),
    "kinds": ("kind", ["高校", "文化", "施工", "卫生", "安全", "金融"]),
    "kinds with a dot": ("kinds", ["部件·公用设施", "事件·街面秩序", "部件·园林绿化"]),
    "communities": ("community", ["柳岸社区", "石桥社区", "平安社区"]),
    "compounds": ("estate", ["万和花园", "金槐小区", "方圆国际"]),
    "buildings of 18 digits": ("bid", WRONG),
    "buildings of a street": ("bid", [f"130105005001{k:06d}" for k in range(1, 40)]),
    "components of 16 digits": ("component", [f"1301050101{k:06d}" for k in range(380, 400)]),
    "numbers of 11 digits in a county": ("number", [f"13010500{k:03d}" for k in range(1, 30)]),
    "numbers behind letters": ("lamp", ["LD13812345678", "LD13812345679", "LD15912345678"]),
    "cells of 15 digits": ("cellref", [f"130105201101{k:03d}" for k in range(1, 60)]),
    "running numbers": ("run", [f"G{k:08d}" for k in range(1, 50)]),
    "credit codes of firms": ("uscc", ["91130105MA07K3XX2P", "12130000401705301A", "52130105MJ0000001B"]),
    "moments": ("when", ["2024-04-08T16:20:00+08:00", "2024-04-08 16:20:00", "1990-01-01 13:00:00.123456"]),
    "long decimals": (
        "value",
        ["114.1301051980010112", "38.13800138000123", "138.00138000", "0.15912345678901", "150.12345678"],
    ),
    "metres": ("easting", ["38540443.692", "540443.692138", "4214941.443"]),
    "addresses": ("addr", ["明河区西柳街道槐树巷1号", "西苑大街12号", "石桥胡同3号"]),
    "warnings": ("level", ["Red", "Amber", "Green"]),
    "opening hours": ("hours", ["08:00-18:00", "09:30-21:00", "24h"]),
    "houses of OpenStreetMap": ("way", ["w12345678", "w87654321", "r1234567"]),
    "trees": ("species", ["国槐", "白蜡", "杨树", "柳树", "法桐"]),
}


def written(folder: Path, column: str, values: list[str]) -> Path:
    """A table of places with one column more; what is refused can be nothing else."""
    table = pd.DataFrame({"category": "shop", "lon": 114.4, "lat": 38.0, column: values})
    table.to_csv(folder / "places.csv", index=False)
    return folder / "places.csv"


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_table_is_refused_and_nothing_in_it_repeated(case: str, tmp_path: Path) -> None:
    column, values = HOSTILE[case]
    with pytest.raises(
        InputError, match=r"^places\.csv: personal columns are not read \(.*\): give counts only$"
    ) as said:
        read_layer(written(tmp_path, column, values), "places")
    assert column in str(said.value)
    assert not [value for value in values if len(value) > 1 and value in str(said.value).replace(column, "")]


@pytest.mark.parametrize("case", HARMLESS)
def test_a_harmless_table_is_read(case: str, tmp_path: Path) -> None:
    column, values = HARMLESS[case]
    given = read_layer(written(tmp_path, column, values), "places")
    assert len(given.items) == len(values)


@pytest.mark.parametrize("name", ["people.geojson", "people.gpkg", "people.parquet"])
def test_other_files_are_looked_into_as_well(name: str, tmp_path: Path) -> None:
    table = pd.DataFrame({"residents": [3, 4, 5], "v": IDS})
    drawn = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy([114.4] * 3, [38.0] * 3), crs=4326)
    path = tmp_path / name
    table.to_parquet(path) if name.endswith("parquet") else drawn.to_file(path)
    with pytest.raises(InputError, match=r"\(v: identity numbers\)"):
        read_layer(path, "people")


def test_numbers_that_a_file_keeps_as_numbers(tmp_path: Path) -> None:
    table = pd.DataFrame({"residents": [3, 4, 5], "whole": [int(phone) for phone in PHONES]})
    table["gaps"] = [float(PHONES[0]), None, 1.0]
    table.to_parquet(tmp_path / "people.parquet")
    with pytest.raises(InputError, match=r"\(whole: mobile numbers, gaps: mobile numbers\)"):
        read_layer(tmp_path / "people.parquet", "people")


def test_a_first_row_that_stands_as_the_header_is_not_repeated(tmp_path: Path) -> None:
    rows = "\n".join(f"{name},{phone},B{k}" for k, (name, phone) in enumerate(zip(NAMES, PHONES, strict=True)))
    (tmp_path / "rows.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(InputError, match=r"\(column 1: names of persons, column 2: mobile numbers\)") as said:
        read_layer(tmp_path / "rows.csv", "people")
    assert not [text for text in (*NAMES, *PHONES) if text in str(said.value)]
