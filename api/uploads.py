"""Files that somebody sends: only what their names say they are, and no more than they say.

GDAL chooses how to read a file by its content, and some contents name further files or addresses to read. So each is
looked at before: only kinds that cannot do that are taken.
"""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import orjson

from api.errors import Problem

_REFUSED, _LARGE = 422, 413
_STARTS = {".gpkg": b"SQLite format 3\0", ".parquet": b"PAR1", ".zip": b"PK\x03\x04"}
_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_GEOJSON = {"FeatureCollection", "Feature"}
_PBF_HEADER = b"OSMHeader"
_HEAD = 64
_PARTS = 20
_BLOCK = 1 << 20


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
    Problem
        422 where it is not what its ending says; 413 where an archive holds too much.
    """
    ending = next((each for each in endings if called.casefold().endswith(each)), None)
    if ending is None:
        raise Problem(_REFUSED, f"{stem}: send a file that ends in {' or '.join(endings)}")
    if not _is(content, ending):
        raise Problem(_REFUSED, f"{stem}: what was sent is no {ending} file")
    if ending == ".zip":
        return _unpacked(content, stem, folder, most)
    path = folder / f"{stem}{ending}"
    path.write_bytes(content)
    return path


def _is(content: bytes, ending: str) -> bool:
    if ending in _STARTS:
        return content.startswith(_STARTS[ending])
    if ending == ".osm.pbf":
        return _PBF_HEADER in content[:_HEAD]
    if ending == ".geojson":
        try:
            read = orjson.loads(content)
        except orjson.JSONDecodeError:
            return False
        return isinstance(read, dict) and read.get("type") in _GEOJSON
    # A table of text; what begins like XML would be read as such.
    return b"\0" not in content and not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _unpacked(content: bytes, stem: str, folder: Path, most: int) -> Path:
    """Unpack a shapefile: its parts, counted as they come out and not as the archive says."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [part for part in archive.infolist() if Path(part.filename).suffix.casefold() in _SHAPEFILE]
            if len(parts) > _PARTS or sum(part.filename.casefold().endswith(".shp") for part in parts) != 1:
                raise Problem(_REFUSED, f"{stem}: the archive should hold one shapefile")
            for part in parts:
                path = folder / f"{stem}{Path(part.filename).suffix.casefold()}"
                with archive.open(part) as packed, path.open("wb") as out:
                    while block := packed.read(_BLOCK):
                        most -= len(block)
                        if most < 0:
                            raise Problem(_LARGE, f"{stem}: what the archive holds is too large")
                        out.write(block)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Problem(_REFUSED, f"{stem}: the archive cannot be read") from error
    return folder / f"{stem}.shp"
