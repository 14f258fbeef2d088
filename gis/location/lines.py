"""Lines of text tables, whatever wrote them: encodings, delimiters and broken lines are seen to, none is lost."""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from gis.errors import InputError

_ENCODINGS = ("utf-8", "gb18030")
_WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_DELIMITERS = ",;\t|"
# A quotation mark that is not closed within so many lines is not one that holds line ends.
_MOST_LINES_QUOTED = 50
_LONGEST_LINE = 1 << 20


def rows_of(path: Path) -> Iterator[tuple[list[str], str]]:
    """Read a text table row by row, the header first.

    Parameters
    ----------
    path
        Text in UTF-8, UTF-16 or GB 18030, with fields parted by commas, semicolons, tabs or bars: what there is most
        of in the first line.

    Yields
    ------
    fields
        As many as the header has.
    fault
        What is wrong with the line; empty where nothing is. Nothing of value is cut off without a fault.

    Raises
    ------
    InputError
        Where the file is empty or has no lines that could be read.
    """
    with path.open("rb") as file:
        texts = _joined(_decoded(file, path.name))
        number, first, _ = next(texts, (0, "", ""))
        if not first:
            raise InputError(f"{path.name}: no rows in it")
        delimiter = max(_DELIMITERS, key=lambda sign: (first.count(sign), -_DELIMITERS.index(sign)))
        header, _ = _fields(first, delimiter)
        yield header, ""
        for number, text, broken in texts:
            if not text.strip():
                continue
            fields, fault = _fields(text, delimiter)
            wanted = len(header)
            if not fault and (any(field.strip() for field in fields[wanted:]) or len(fields) < wanted):
                fault = f"has {len(fields)} fields, the header {wanted}"
            yield fields[:wanted] + [""] * (wanted - len(fields)), broken or (fault and f"line {number} {fault}")


def _fields(text: str, delimiter: str) -> tuple[list[str], str]:
    """Part a line into fields, and say what hinders it."""
    try:
        return next(csv.reader([text], delimiter=delimiter)), ""
    except csv.Error as error:
        return text.split(delimiter), f"cannot be read: {error}"


def _decoded(file: BinaryIO, name: str) -> Iterator[tuple[int, str, str]]:
    """Yield the number of each line, its text, and what is wrong with it."""
    mark = file.read(2)
    file.seek(0)
    if mark in _WIDE:
        text = codecs.getreader(_WIDE[mark])(file)
        for number, line in enumerate(text, 1):
            yield number, line.rstrip("\r\n"), ""
        return
    encodings, settled = list(_ENCODINGS), False
    number = 0
    while raw := file.readline(_LONGEST_LINE):
        number += 1
        if len(raw) == _LONGEST_LINE:
            raise InputError(f"{name}: line {number} is longer than {_LONGEST_LINE:,} bytes: it is not a table of text")
        raw = (raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw).rstrip(b"\r\n")
        if b"\0" in raw:
            yield number, raw.replace(b"\0", b"").decode("latin-1"), f"line {number} holds bytes that are no text"
            continue
        for encoding in encodings:
            try:
                text_line = raw.decode(encoding)
            except UnicodeDecodeError:
                continue
            if not (settled or raw.isascii()):
                # A file keeps to one encoding: further lines are tried with that of the first that tells.
                encodings = [encoding, *(other for other in encodings if other != encoding)]
                settled = True
            yield number, text_line, ""
            break
        else:
            yield number, raw.decode("utf-8", "replace"), f"line {number} is neither UTF-8 nor GB 18030"


def _joined(lines: Iterator[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
    """Put lines together that a quotation mark holds; one that is never closed breaks its own line only."""
    waiting: list[tuple[int, str, str]] = []
    while True:
        number, text, broken = waiting.pop(0) if waiting else next(lines, (0, "", ""))
        if not number:
            return
        if text.count('"') % 2 == 0:
            yield number, text, broken
            continue
        held = [text]
        while len(held) < _MOST_LINES_QUOTED:
            if len(waiting) < len(held):
                following = next(lines, None)
                if following is None:
                    break
                waiting.append(following)
            held.append(waiting[len(held) - 1][1])
            if held[-1].count('"') % 2:
                break
        if len(held) > 1 and sum(part.count('"') for part in held) % 2 == 0:
            del waiting[: len(held) - 1]
            yield number, "\n".join(held), broken
        else:
            yield number, text.replace('"', ""), broken or f"line {number} has a quotation mark that is never closed"
