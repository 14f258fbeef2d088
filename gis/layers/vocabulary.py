"""The words of the layers: service categories of people, kinds of places, types of things, and their OSM tags."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Word:
    """One category.

    Attributes
    ----------
    code
        What stands in the layers.
    zh, en
        What people read.
    category
        Of a thing: the code of its kind of component; of others, the code itself.
    columns
        Of people: names of columns that count them.
    """

    code: str
    zh: str
    en: str
    category: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """The words of one kind of layer.

    Attributes
    ----------
    words
        By code.
    tags
        OpenStreetMap ``key=value`` (or ``key=*``) → code.
    """

    words: Mapping[str, Word]
    tags: Mapping[str, str]

    def code_of(self, text: str) -> str:
        """Return the code of a category given by code or name in either language; empty where it is none of these."""
        return self._known.get(plain(text), "")

    def counted_by(self, column: str) -> str:
        """Return the code that a column of this name counts; empty where it counts none."""
        return self._counting.get(plain(column), "")

    @cached_property
    def _known(self) -> dict[str, str]:
        return {plain(name): word.code for word in self.words.values() for name in (word.zh, word.en, word.code)}

    @cached_property
    def _counting(self) -> dict[str, str]:
        return {plain(name): word.code for word in self.words.values() for name in word.columns}


def plain(text: str) -> str:
    """Return a name as it is compared: without case, width and blanks at its ends."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


@cache
def vocabulary(kind: str) -> Vocabulary:
    """Return the words of a kind of layer; none for kinds whose categories are anybody's own.

    Examples
    --------
    >>> vocabulary("people").counted_by("65岁以上")
    'over_65'
    >>> vocabulary("things").words["bench"].category
    'component-04'
    """
    rows: list[dict[str, Any]] = _table().get(kind, [])
    words = {
        row["code"]: Word(
            row["code"], row["zh"], row["en"], row.get("category", row["code"]), tuple(row.get("columns", ()))
        )
        for row in rows
    }
    return Vocabulary(words, {tag: row["code"] for row in rows for tag in row.get("osm", ())})


@cache
def _table() -> dict[str, Any]:
    return dict(json.loads(files("data").joinpath("layers.json").read_text(encoding="utf-8")))
