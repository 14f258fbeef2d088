"""Lines of text tables, whatever wrote them: encodings, delimiters and broken lines are seen to, none is lost."""

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from gis.errors import InputError

_ENCODINGS = ("utf-8", "gb18030")
_WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_DELIMITERS = ",;\t|"
# A quotation mark that is not closed within so many lines is not one that holds line ends.
_MOST_LINES_QUOTED = 1000
_LONGEST_LINE = 1 << 20
# What Python's reader says of a text that ends within quotation marks.
_UNENDED = "unexpected end of data"
_REPLACED = "\N{REPLACEMENT CHARACTER}"


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
        lines = _decoded(file, path.name)
        first = next((text for _, text, _ in lines if text.strip()), None)
        if first is None:
            raise InputError(f"{path.name}: no rows in it")
        delimiter = max(_DELIMITERS, key=lambda sign: (first.count(sign), -_DELIMITERS.index(sign)))
        header, _ = _fields(first, delimiter)
        while len(header) > 1 and not header[-1].strip():
            header.pop()
        yield header, ""
        wanted = len(header)
        for number, text, broken in _joined(lines, delimiter):
            if not text and wanted > 1:
                continue
            fields, fault = _fields(text, delimiter)
            if not fault and (any(field.strip() for field in fields[wanted:]) or len(fields) < wanted):
                fault = f"has {len(fields)} fields, the header {wanted}"
            yield fields[:wanted] + [""] * (wanted - len(fields)), broken or (fault and f"line {number} {fault}")


def _fields(text: str, delimiter: str) -> tuple[list[str], str]:
    """Part a line into fields, and say what hinders it."""
    try:
        return next(csv.reader([text], delimiter=delimiter), [""]) or [""], ""
    except csv.Error as error:
        return text.split(delimiter), f"cannot be read: {error}"


def _decoded(file: BinaryIO, name: str) -> Iterator[tuple[int, str, str]]:
    """Yield the number of each line, its text, and what is wrong with it."""
    mark = file.read(2)
    file.seek(0)
    if mark in _WIDE:
        with io.TextIOWrapper(file, _WIDE[mark], errors="replace", newline="\n") as wide:
            for number, line in enumerate(iter(lambda: wide.readline(_LONGEST_LINE), ""), 1):
                fault = f"line {number} is no UTF-16" if _REPLACED in line else ""
                yield number, line.rstrip("\r\n"), fault
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


def _joined(lines: Iterator[tuple[int, str, str]], delimiter: str) -> Iterator[tuple[int, str, str]]:
    """Put lines together that a quotation mark holds; one that is never closed breaks its own line only."""
    waiting: deque[tuple[int, str, str]] = deque()
    while True:
        number, text, broken = waiting.popleft() if waiting else next(lines, (0, "", ""))
        if not number:
            return
        if not _is_open(text, delimiter):
            yield number, text, broken
            continue
        held = [text]
        while len(held) < _MOST_LINES_QUOTED and ('"' not in held[-1] or _is_open("\n".join(held), delimiter)):
            if len(waiting) < len(held):
                following = next(lines, None)
                if following is None:
                    break
                waiting.append(following)
            held.append(waiting[len(held) - 1][1])
        whole = "\n".join(held)
        if len(held) > 1 and _is_whole(whole, delimiter):
            for _ in held[1:]:
                waiting.popleft()
            yield number, whole, broken
        else:
            yield number, text.replace('"', ""), broken or f"line {number} has a quotation mark that is never closed"


def _is_open(text: str, delimiter: str) -> bool:
    """Say whether a text ends within quotation marks: only one at the start of a field opens them."""
    return '"' in text and _strictly(text, delimiter) == _UNENDED


def _is_whole(text: str, delimiter: str) -> bool:
    return _strictly(text, delimiter) == ""


def _strictly(text: str, delimiter: str) -> str:
    """Return what a strict reader finds wrong."""
    try:
        next(csv.reader([text], delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        return str(error)
    return ""
