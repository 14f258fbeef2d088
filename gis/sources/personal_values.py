"""Tables refused by what stands in them, whatever their columns are called."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from gis.errors import InputError
from gis.sources.person_names import looks_like_person
from gis.sources.privacy import is_personal

# Provinces as the first two digits of identity numbers and of county codes.
_PROVINCES: Final = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(first, last + 1)
)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK: Final = "10X98765432"
_LONG_ID: Final = re.compile(r"(?<![\d.])\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx](?!\d)")
_SHORT_ID: Final = re.compile(r"(?<![\d.A-Za-z])\d{15}(?!\d)")
# Prefixes that operators have; ".0" is what programs write behind whole numbers of columns with gaps.
_MOBILE: Final = re.compile(
    r"(?:(?<![0-9A-Za-z.])|(?:tel|phone|mobile|mob|cell|sj|sjh|dh|lxdh|wx)(?=[+0-9]))(?:\+?86[ -]?|0086[ -]?)?"
    r"(1(?:3\d|4[5-9]|5[0-35-9]|6[2567]|7[0-8]|8\d|9[0-35-9])(?:[ -]?\d{4}[ -]?\d{4}|\.\d{4}\.\d{4}))"
    r"(?![0-9A-Za-z])(?!\.\d*[1-9])",
    re.IGNORECASE,
)
_ABROAD: Final = re.compile(
    r"(?<![\w:.])\+[1-9]\d{0,2}[ .(-]*\d[\d .()-]{5,14}\d(?!\d)|\([2-9]\d{2}\) ?[2-9]\d{2}-\d{4}(?!\d)"
)
_FIXED: Final = re.compile(r"0\d{2,3}[ -]\d{7,8}|[2-9]\d{2}[-.][2-9]\d{2}[-.]\d{4}")
_SOCIAL: Final = re.compile(r"(?!000|666|9)\d{3}-\d{2}-\d{4}")
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Passports of China and others; cards of Taiwan, Hong Kong and Singapore.
_CARD: Final = re.compile(
    r"E[A-HJ-NP-Z]\d{7}|[AEGDSPHMK]\d{8}|[A-Z][12]\d{8}|[A-Z]{1,2}\d{6}\([0-9A]\)|[STFGM]\d{7}[A-Z]"
)
# A cheaper look that leaves out most of what stands in tables.
_WORTH_A_LOOK: Final = (
    r"@|[0-9][0-9 -]{9}|\+[0-9]|\([0-9]{3}\)|[0-9]{3}[-.][0-9]{2,4}[-.][0-9]{4}|^[A-Z]{1,2}[0-9]{6}|^0[0-9]{2,3}[ -]"
)
_OLDEST_SHORT, _EARLIEST, _LATEST = 15, 1900, 2099

Texts = npt.NDArray[Any]


def refuse_persons(texts: Mapping[str, Texts], where: str, expected: Collection[str] = ()) -> None:
    """Refuse a table about persons: by the names of its columns, and by what stands in any of them.

    Identity numbers (18 digits by their check digit, 15 by their date), mobile numbers, mail addresses; and columns in
    which most values are names of persons, passport numbers or other telephone numbers.

    Parameters
    ----------
    texts
        Columns by name: arrays of text, empty where nothing is given.
    where
        File and layer, for the message.
    expected
        Names of columns that are known to mean something else; what stands in them is looked at all the same.

    Raises
    ------
    InputError
        Naming the columns and what they hold, but never a value, even where the first row stands as the header.
    """
    found = []
    for number, (column, values) in enumerate(texts.items(), 1):
        shown = f"column {number}" if personal_values([column]) else column
        if column not in expected and is_personal(column):
            found.append(shown)
        elif what := personal_values(values) or (personal_values([column]) if shown != column else ""):
            found.append(f"{shown}: {what}")
    if found:
        raise InputError(f"{where}: personal columns are not read ({', '.join(found)}): give counts only")


def personal_values(values: Sequence[str] | Texts) -> str:
    """Say what values hold about persons; empty where nothing is found.

    Examples
    --------
    >>> personal_values(["", "13800138000"])
    'mobile numbers'
    >>> personal_values(["槐树巷", "人民路"])
    ''
    """
    different = pd.unique(pd.Series(values, dtype="object"))
    plain = pc.utf8_trim_whitespace(pc.utf8_normalize(pa.array(different, pa.string()), "NFKC"))
    plain = plain.filter(pc.not_equal(plain, ""))
    if not len(plain):
        return ""
    telling = plain.filter(pc.match_substring_regex(plain, _WORTH_A_LOOK)).to_pylist()
    for what, holds in _NUMBERS.items():
        if holds(telling, len(plain)):
            return what
    # Names have no digits and are short.
    words = plain.filter(pc.match_substring_regex(plain, r"^[^0-9]{2,40}$")).to_pylist()
    names = len(words) * 2 > len(plain) and sum(map(looks_like_person, words)) * 2 > len(plain)
    return "names of persons" if names else ""


def _identity(texts: list[str], _: int) -> bool:
    dated = [number for text in texts for number in _long_ids(text)]
    right = sum(_check_digit(number) == number[-1] for number in dated)
    if right * 2 > len(dated):
        return True
    # Numbers of cells have 15 digits too: those of one street begin alike, while years of birth differ.
    short = [number for text in texts for number in _SHORT_ID.findall(text)]
    held = [number for number in short if number[:2] in _PROVINCES and _is_short_date(number[6:12])]
    return len(held) * 2 > len(short) and len({number[:9] for number in held}) * 2 > len(set(held))


def _long_ids(text: str) -> list[str]:
    found = [re.sub(r"[ -]", "", match).upper() for match in _LONG_ID.findall(text)]
    return [number for number in found if number[:2] in _PROVINCES and _is_date(number[6:14])]


def _check_digit(number: str) -> str:
    """Return the check digit of an identity number by ISO/IEC 7064, MOD 11-2."""
    return _CHECK[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False)) % 11]


def _is_date(digits: str) -> bool:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return _EARLIEST <= day.year <= _LATEST


def _is_short_date(digits: str) -> bool:
    # The short ones were given until 1999, and hardly anybody born before 1915 is left.
    return int(digits[:2]) >= _OLDEST_SHORT and _is_date(f"19{digits}")


def _mobile(texts: list[str], _: int) -> bool:
    found = {re.sub(r"[ .-]", "", match) for text in texts for match in _MOBILE.findall(text)}
    # Numbers that all begin with the code of one county are numbers of things.
    counties = {number[:6] for number in found}
    numbered = len(found) > 1 and len(counties) == 1 and re.fullmatch(r"1[345](?:0[1-9]|1[0-2]|2\d)\d\d", min(counties))
    return bool(found) and not numbered


def _abroad(texts: list[str], count: int) -> bool:
    return any(map(_ABROAD.search, texts)) or _most(_FIXED)(texts, count)


def _cards(texts: list[str], count: int) -> bool:
    held = [text for text in texts if _CARD.fullmatch(text)]
    # A running number begins alike from row to row.
    return len(held) * 2 > count and len({text[:4] for text in held}) * 2 > len(held)


def _most(form: re.Pattern[str]) -> Callable[[list[str], int], bool]:
    return lambda texts, count: sum(bool(form.fullmatch(text)) for text in texts) * 2 > count


_NUMBERS: Final[Mapping[str, Callable[[list[str], int], bool]]] = {
    "identity numbers": _identity,
    "mobile numbers": _mobile,
    "mail addresses": lambda texts, _: any(map(_MAIL.search, texts)),
    "telephone numbers": _abroad,
    "passport or card numbers": _cards,
    "social security numbers": _most(_SOCIAL),
}
