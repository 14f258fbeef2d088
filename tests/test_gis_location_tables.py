"""Tables as people save them: no row is lost, and what is broken is said."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError
from gis.location.lines import rows_of
from gis.location.tables import TableFile, write_table, writing_table


def rows(path: Path, content: bytes | str, encoding: str = "utf-8") -> list[tuple[list[str], str]]:
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return list(rows_of(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_delimiters_and_line_ends(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    text = delimiter.join(["编号", "经度", "纬度"]) + end + delimiter.join(["路灯坏了", "111.5", "37.9"]) + end
    found = rows(tmp_path / "r.csv", text, encoding)
    assert found == [(["编号", "经度", "纬度"], ""), (["路灯坏了", "111.5", "37.9"], "")]


def test_a_broken_line_in_the_middle_breaks_no_other(tmp_path: Path) -> None:
    lines = ["id,lon,lat", *(f"{k},111.5,37.9" for k in range(100))]
    lines[50], lines[60], lines[70], lines[80] = "49,111.5", '59,"111.5,37.9', "69,111.5,37.9,x,y", "79,11\0,37.9"
    found = rows(tmp_path / "r.csv", "\n".join(lines))
    assert len(found) == 101
    assert {k: fault for k, (_, fault) in enumerate(found) if fault} == {
        50: "line 51 has 2 fields, the header 3",
        60: "line 61 has a quotation mark that is never closed",
        70: "line 71 has 5 fields, the header 3",
        80: "line 81 holds bytes that are no text",
    }
    assert [fields[0] for fields, _ in found[1:]] == [str(k) for k in range(100)]


def test_quoted_fields_may_hold_lines_and_delimiters(tmp_path: Path) -> None:
    found = rows(tmp_path / "r.csv", 'a,b\n"one\ntwo, three","say ""x"""\n\n4,5\n')
    assert found[1:] == [(["one\ntwo, three", 'say "x"'], ""), (["4", "5"], "")]


def test_a_quotation_mark_that_is_never_closed_does_not_swallow_what_follows(tmp_path: Path) -> None:
    lines = ["a,b", '1,"two', *(f"{k},x" for k in range(200)), '3,"four"', '5,"six', "7,8"]
    found = rows(tmp_path / "r.csv", "\n".join(lines))
    assert len(found) == len(lines)
    assert [k for k, (_, fault) in enumerate(found) if fault] == [1, 203]


def test_marks_of_inches_open_no_quotation(tmp_path: Path) -> None:
    lines = ["a,b", *(f'{k},{5 if k % 6 == 2 else ""}" pipe' for k in range(12))]
    lines[3:4] = ['2,5" pipe']
    found = rows(tmp_path / "r.csv", "\n".join(lines).replace('," pipe', ", pipe"))
    assert len(found) == 13
    assert found[3] == (["2", '5" pipe'], "")
    assert not any(fault for _, fault in found)


def test_other_signs_than_line_ends_end_no_line(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-16"):
        found = rows(tmp_path / "r.csv", "a,b\n1,x\u2028y\x0bz\n", encoding)
        assert found[1:] == [(["1", "x\u2028y\x0bz"], "")]


def test_long_quoted_texts_stay_whole(tmp_path: Path) -> None:
    text = "\n".join(f"line {k}" for k in range(60))
    assert rows(tmp_path / "r.csv", f'a,b\n1,"{text}"\n2,x\n')[1:] == [(["1", text], ""), (["2", "x"], "")]


def test_names_that_a_header_lacks_at_its_end_are_no_columns(tmp_path: Path) -> None:
    found = rows(tmp_path / "r.csv", "a,b,,\n1,2,,\n3,4,5,\n")
    assert found[0][0] == ["a", "b"]
    assert [bool(fault) for _, fault in found] == [False, False, True]


def test_blank_lines_are_rows_of_one_column_only(tmp_path: Path) -> None:
    assert len(rows(tmp_path / "r.csv", "\n\na\n1\n\n2\n")) == 4
    assert len(rows(tmp_path / "r.csv", "a,b\n1,2\n\n3,4\n")) == 3


def test_commas_at_the_ends_of_lines_lose_nothing(tmp_path: Path) -> None:
    assert rows(tmp_path / "r.csv", "id,lon\n7,111.5,\n")[1] == (["7", "111.5"], "")


def test_one_line_in_another_encoding(tmp_path: Path) -> None:
    found = rows(
        tmp_path / "r.csv", "名,b\n".encode() + "路灯,1\n".encode("gb18030") + "联通,2\n".encode() + b"\xff\xff,3\n"
    )
    assert [fields[0] for fields, _ in found][:3] == ["名", "路灯", "联通"]
    assert found[3][1] == "line 4 is neither UTF-8 nor GB 18030"


@given(st.binary(max_size=300))
def test_no_bytes_are_too_odd(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("odd") / "r.csv"
    try:
        found = rows(path, b"a,b\n" + content)
    except InputError:
        return
    assert all(len(fields) == 2 for fields, _ in found)


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=5))
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, values: list[tuple[str, str]]) -> None:
    clean = [tuple(part.replace("\0", "").replace("\r", "") for part in pair) for pair in values]
    clean = [(a or "-", b) for a, b in clean if "\n" * 3 not in a + b and (a + b).count("\n") < 40]
    clean = [pair for pair in clean if all(ord(sign) < 0xD800 or ord(sign) > 0xDFFF for sign in "".join(pair))]
    if not clean:
        return
    path = tmp_path_factory.mktemp("again") / "r.csv"
    write_table(pd.DataFrame(clean, columns=["a", "b"]), path)
    assert [tuple(fields) for fields, _ in rows_of(path)][1:] == clean


def test_a_parquet_table_keeps_its_types_part_by_part(tmp_path: Path) -> None:
    table = pa.table(
        {
            "n": pa.array([1, None, 3], pa.int32()),
            "when": pa.array([0, 1, None], pa.timestamp("us", "Asia/Shanghai")),
            "list": [[1], [], None],
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    with writing_table(tmp_path / "out.parquet") as write:
        for part, faults in TableFile(tmp_path / "in.parquet").parts(rows=2):
            assert (faults == "").all()
            write(part)
    assert pq.read_table(tmp_path / "out.parquet").equals(table)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.csv", b"", "no rows"),
        ("r.csv", b"a,a\n1,2\n", "two columns are named a"),
        ("r.csv", b"a" * (1 << 21), "longer than"),
        ("r.parquet", b"no parquet", "cannot be read as Parquet"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        TableFile(tmp_path / name)


@pytest.mark.parametrize("name", ["r.csv", "r.parquet"])
def test_a_table_without_rows_is_refused(tmp_path: Path, name: str) -> None:
    write_table(pd.DataFrame({"a": pd.Series([], dtype="str")}), tmp_path / name)
    with pytest.raises(InputError, match="no rows in it"):
        list(TableFile(tmp_path / name).parts())


def test_a_table_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    def half_written() -> None:
        with writing_table(tmp_path / "out.csv") as write:
            write(pa.table({"a": [1]}))
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        half_written()
    assert list(tmp_path.iterdir()) == []
