"""What a person's name looks like, Chinese or western: never certain for one, but telling for a whole column."""

import json
import re
from importlib.resources import files
from typing import Final

_TABLE: Final = json.loads(files("data").joinpath("person_names.json").read_text(encoding="utf-8"))


def _words(name: str) -> frozenset[str]:
    return frozenset(" ".join(_TABLE[name]).split())


_SURNAMES, _GIVEN, _PLACE_ENDS, _BY_SOUND = (
    frozenset("".join(_TABLE[name])) for name in ("surnames", "given_signs", "place_ends", "transliterated_signs")
)
# Words and brands that begin like names.
_NO_NAMES: Final = _words("no_names")
_DOUBLE: Final = tuple(_words("double_surnames"))
_FIRST, _LAST, _PINYIN, _LEADING = (
    _words(name) for name in ("western_first", "western_last", "pinyin_surnames", "leading_surnames")
)
# With these end the names of streets, places, firms and facilities.
_WESTERN_ENDS: Final = _words("western_place_ends")
_HONORIFICS: Final = "先生|女士|小姐|太太|阿姨|大爷|大妈|大娘|大叔|大姐|奶奶|爷爷|师傅|同志|老师|医生|大夫|叔叔"
_HAN: Final = re.compile(r"[㐀-鿿]{2,4}")
_ADDRESSED: Final = re.compile(rf"[㐀-鿿]{{1,4}}(?:{_HONORIFICS})")
_MASKED: Final = re.compile(r"[㐀-鿿](?:[*○xX×某]{1,2}|[*○xX×某][㐀-鿿])")
_DOTTED: Final = re.compile(r"[㐀-鿿]{2,}[·•・][㐀-鿿]{2,}")
_TITLED: Final = re.compile(
    r"(?:mr|mrs|ms|miss|mx|dr|prof|sir|madam)\.?\s+[a-z][\w'’.-]*(?:\s+[a-z][\w'’.-]*){0,3}", re.IGNORECASE
)
_CAPITALS: Final = re.compile(r"[^\W\d_][\w'’-]*\.?(?:\s+[^\W\d_][\w'’-]*\.?){1,3}")

_SON_OF: Final = re.compile(r"^[A-Z]\w+ (?:bin|binti|bint|ibn) [A-Z]\w+", re.IGNORECASE)
_SYLLABLES: Final = re.compile(r"(?:[bpmfdtnlgkhjqxzcsryw]|zh|ch|sh)?(?:[aeiouv]{1,3}(?:ng?|r)?)", re.IGNORECASE)


def looks_like_person(text: str) -> bool:
    """Say whether a text could be the name of a person, or of several.

    Examples
    --------
    >>> [looks_like_person(text) for text in ("王小明", "欧阳娜娜", "Mary Johnson", "李女士", "中山路", "Burger King")]
    [True, True, True, True, False, False]
    """
    plain = re.sub(r"[(（].*?[)）]", "", text).strip()
    plain = re.split(r"[:：]", plain)[-1].strip()
    parts = [part for part in re.split(r"[、,，;；/&]", plain) if part.strip()]
    if len(parts) == 2 and _western(f"{parts[1].strip()} {parts[0].strip()}"):  # noqa: PLR2004 (Johnson, Mary)
        return True
    return bool(parts) and all(_chinese(part) or _western(part.strip()) for part in parts)


def _chinese(text: str) -> bool:
    close = re.sub(r"\s", "", text)
    if _DOTTED.fullmatch(close):
        # Names of other tongues, written by their sound; other things have dots in their names too.
        return sum(sign in _BY_SOUND for sign in close) * 4 >= 3 * (len(close) - 1)
    if close.startswith(_DOUBLE) or close[:1] in _SURNAMES:
        if _ADDRESSED.fullmatch(close) or _MASKED.fullmatch(close):
            return True
    elif not (close[:1] in "老小" and len(close) == 2 and close[1:] in _SURNAMES):  # noqa: PLR2004 (two signs)
        return False
    if not _HAN.fullmatch(close) or close in _NO_NAMES or close[-1] in _PLACE_ENDS:
        return False
    given = close[2:] if close.startswith(_DOUBLE) else close[1:]
    return 1 <= len(given) <= 2 and (any(sign in _GIVEN for sign in given) or close[0] in "老小")  # noqa: PLR2004


def _western(text: str) -> bool:
    if _TITLED.fullmatch(text):
        return text.rsplit(maxsplit=1)[-1].casefold().strip(".") not in _WESTERN_ENDS
    if text.istitle() and text.casefold() in _FIRST:
        return True
    # Names are written in capitals, wholly, or not at all; other words stand in small letters among them.
    if not _CAPITALS.fullmatch(text) or not (text.islower() or all(word[0].isupper() for word in text.split())):
        return _SON_OF.search(text) is not None
    words = [word.strip(".").casefold() for word in text.split()]
    first, last, few = words[0].split("-")[0], words[-1], len(words) <= 3  # noqa: PLR2004
    if last in _WESTERN_ENDS:
        return False
    by_surname = few and (last in _LAST or first in _LEADING or (first in _LAST and last in _FIRST))
    return first in _FIRST or by_surname or (few and first in _PINYIN and all(map(_is_pinyin, words[1:])))


def _is_pinyin(word: str) -> bool:
    return bool(re.fullmatch(rf"(?:{_SYLLABLES.pattern}){{1,2}}", word, re.IGNORECASE))
