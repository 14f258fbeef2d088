"""Files that somebody sends: only what their names say they are, and no more than they say.

GDAL chooses how to read a file by its content, and some contents name further files or addresses to read. So each is
looked at before: only kinds that cannot do that are taken, and what in them could do it is refused.
"""

import io
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import orjson

from gis.errors import InputError

_STARTS = {".gpkg": b"SQLite format 3\0", ".parquet": b"PAR1", ".zip": b"PK\x03\x04"}
_SHAPES = b"\0\0\x27\x0a"
_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_GEOJSON = {"FeatureCollection", "Feature"}
# Written by orjson: inside a text the quotes would have backslashes.
_CRS = b'"crs":'
_RTREE = re.compile(r'CREATE VIRTUAL TABLE "?\w+"? USING rtree\(', re.IGNORECASE)
_PBF_HEADER = b"OSMHeader"
_HEAD = 64
_PARTS = 20
_BLOCK = 1 << 20


class TooLargeError(InputError):
    """More was sent than is taken."""


def keep_upload(content: bytes, called: str, stem: str, endings: Sequence[str], folder: Path, most: int) -> Path:
    """Write what was sent into a folder, under a name of ours.

    Parameters
    ----------
    content
        What was sent.
    called
        What its sender calls it: only its ending is used.
    stem
        Name to give it.
    endings
        What it may end in.
    folder
        Where.
    most
        Bytes that an archive may hold.

    Returns
    -------
    pathlib.Path
        What to read.

    Raises
    ------
    InputError
        Where it is not what its ending says.
    TooLargeError
        Where an archive holds too much.
    """
    ending = next((each for each in endings if called.casefold().endswith(each)), None)
    if ending is None:
        raise InputError(f"{stem}: send a file that ends in {' or '.join(endings)}")
    if ending == ".geojson":
        content = _plain(content)
    if not _is(content, ending):
        raise InputError(f"{stem}: what was sent is no {ending} file")
    if ending == ".zip":
        return _unpacked(content, stem, folder, most)
    path = folder / f"{stem}{ending}"
    path.write_bytes(content)
    if ending == ".gpkg" and not _holds_all(path):
        raise InputError(f"{stem}: the file has views or virtual tables: send one with plain layers")
    return path


def _is(content: bytes, ending: str) -> bool:
    if ending in _STARTS:
        return content.startswith(_STARTS[ending])
    if ending == ".osm.pbf":
        return _PBF_HEADER in content[:_HEAD]
    if ending == ".geojson":
        return bool(content)
    # A table of text; what begins like XML would be read as such.
    return b"\0" not in content and not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _plain(content: bytes) -> bytes:
    """Write GeoJSON anew, each member once; nothing where it is none, or names its reference system by an address."""
    try:
        read = orjson.loads(content)
    except orjson.JSONDecodeError:
        return b""
    if not isinstance(read, dict) or read.get("type") not in _GEOJSON:
        return b""
    crs, plain = read.get("crs"), orjson.dumps(read)
    # GDAL would fetch it, also from within a geometry.
    named = isinstance(crs, dict) and crs.get("type") == "name" and orjson.dumps(crs).count(_CRS) == 0
    return plain if plain.count(_CRS) == ("crs" in read) and (named or crs is None) else b""


def _holds_all(path: Path) -> bool:
    """Say whether all that a GeoPackage shows is in it: virtual tables can be any file of the machine."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as file:
            kinds = {name: kind for _, name, kind, *_ in file.execute("PRAGMA table_list")}
            made = dict(file.execute("SELECT name, sql FROM sqlite_master"))
    except (sqlite3.Error, ValueError):
        return False
    return all(
        kind != "view" and (kind != "virtual" or _RTREE.match(str(made.get(name)))) for name, kind in kinds.items()
    )


def _unpacked(content: bytes, stem: str, folder: Path, most: int) -> Path:
    """Unpack a shapefile: its parts, counted as they come out and not as the archive says."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [part for part in archive.infolist() if Path(part.filename).suffix.casefold() in _SHAPEFILE]
            if len(parts) > _PARTS or sum(part.filename.casefold().endswith(".shp") for part in parts) != 1:
                raise InputError(f"{stem}: the archive should hold one shapefile")
            for part in parts:
                path = folder / f"{stem}{Path(part.filename).suffix.casefold()}"
                with archive.open(part) as packed, path.open("wb") as out:
                    while block := packed.read(_BLOCK):
                        most -= len(block)
                        if most < 0:
                            raise TooLargeError(f"{stem}: what the archive holds is too large")
                        out.write(block)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError, ValueError) as error:
        raise InputError(f"{stem}: the archive cannot be read") from error
    path = folder / f"{stem}.shp"
    with path.open("rb") as file:
        if file.read(len(_SHAPES)) != _SHAPES:
            raise InputError(f"{stem}: the archive's .shp is none")
    return path
