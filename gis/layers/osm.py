"""Places and things by their OpenStreetMap tags: points and areas, never an object about a person."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import osmium
import pandas as pd
import shapely
from osmium.filter import EmptyTagFilter, KeyFilter
from osmium.geom import WKBFactory

from gis.datum import Datum
from gis.errors import InputError
from gis.layers.given import Given, Whereabouts, points_of
from gis.layers.vocabulary import Vocabulary, vocabulary
from gis.sources.files import Source
from gis.sources.left_out import LeftOut
from gis.sources.person_names import looks_like_person

#: Kinds of layers that tags tell.
FROM_TAGS: Final = ("places", "things")
_BROKEN: Final = "outline broken or cut off by the file"
# Practices and firms are often called as those who run them; their names are nobody's business here.
_OF_PERSONS: Final = frozenset({"care", "health", "office", "shop"})
_UNNAMED: Final = "a name that could be a person's, left empty"


def read_osm(path: str | Path) -> list[Given]:
    """Read places and things from an OpenStreetMap file.

    Every point and every area (closed way or multipolygon) with a tag of the vocabulary (`data/layers.json`) is one
    item; of several such tags the first in the order of the vocabulary counts, one with a value before ``*``.

    Parameters
    ----------
    path
        `*.osm.pbf` or `*.osm`.

    Returns
    -------
    list of Given
        The places, then the things.

    Raises
    ------
    InputError
        Where the file cannot be read.
    """
    source = Source.of(path)
    scans = [_Scan(kind) for kind in FROM_TAGS]
    keys = sorted({tag.split("=")[0] for scan in scans for tag in scan.words.tags})
    wkb = WKBFactory()
    processor = (
        osmium.FileProcessor(source.path)
        .with_areas(KeyFilter(*keys))
        .with_filter(EmptyTagFilter())
        .with_filter(KeyFilter(*keys))
    )
    try:
        for thing in processor:
            for scan in scans:
                scan.add(thing, wkb)
    except RuntimeError as error:
        raise InputError(f"{source}: cannot be read as OpenStreetMap data: {' '.join(str(error).split())}") from error
    hashes = source.hashes()
    return [scan.given(hashes) for scan in scans]


class _Scan:
    """Items of one kind under way."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.words: Vocabulary = vocabulary(kind)
        self.left_out = LeftOut()
        self._keys = list(dict.fromkeys(tag.split("=")[0] for tag in self.words.tags))
        self._at: list[tuple[float, float]] = []
        self._areas: list[str] = []
        self._of_area: list[int] = []
        self._rows: list[tuple[str, str]] = []

    def add(self, thing: Any, wkb: WKBFactory) -> None:  # noqa: ANN401 (osmium is untyped here)
        sort = thing.type_str()
        if sort not in "na" or not (code := code_of(thing.tags, self.words, self._keys)):
            return
        if sort == "n":
            self._at.append((thing.lon, thing.lat))
        else:
            try:
                self._areas.append(wkb.create_multipolygon(thing))
            except RuntimeError:  # osmium's word for an area without a closed, uncrossed ring
                self.left_out.add(self.kind, _BROKEN)
                return
            self._of_area.append(len(self._rows))
            self._at.append((np.nan, np.nan))
        name = thing.tags.get("name") or ""
        if code in _OF_PERSONS and looks_like_person(name):
            self.left_out.add(self.kind, _UNNAMED)
            name = ""
        self._rows.append((code, name))

    def given(self, hashes: list[tuple[str, str]]) -> Given:
        n = len(self._rows)
        at = np.array(self._at, np.float64).reshape(-1, 2)
        if self._areas:
            shapes = shapely.make_valid(shapely.from_wkb(np.array(self._areas, dtype=object)))
            at[self._of_area] = shapely.get_coordinates(shapely.point_on_surface(shapes))
        codes, labels = (np.array([row[k] for row in self._rows], dtype=object) for k in (0, 1))
        category = np.array([self.words.words[code].category for code in codes], dtype=object)
        own = {"label": labels} | ({"type": codes} if self.kind == "things" else {})
        items = pd.DataFrame(
            {"row": np.arange(n, dtype=np.int64), "count": np.ones(n, np.int64), **own, "category": category}
        )
        nothing = np.full(n, "", dtype=object)
        where = Whereabouts(points_of(at[:, 0], at[:, 1], Datum.WGS84), *[nothing] * 5)
        return Given(self.kind, self.kind, items, where, hashes, left_out=self.left_out)


def code_of(tags: Any, words: Vocabulary, keys: list[str]) -> str:  # noqa: ANN401 (tag list or mapping)
    """Return what the tags of an object say it is; empty where they say nothing of it."""
    held = [(key, value) for key in keys if (value := tags.get(key))]
    named = (words.tags.get(f"{key}={value}") for key, value in held)
    found = next((code for code in named if code), "")
    return found or next((code for key, value in held if value != "no" and (code := words.tags.get(f"{key}=*"))), "")
