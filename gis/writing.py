"""Files that are whole or not there: written beside their place, then renamed."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gis.errors import InputError


@contextmanager
def written_beside(path: str | Path) -> Iterator[Path]:
    """Give a path to write to; when all went well, what is there takes the place of `path`.

    Raises
    ------
    InputError
        Where nothing can be written there.
    """
    path = Path(path)
    require_place(path)
    try:
        folder = Path(tempfile.mkdtemp(prefix=".writing-", dir=path.parent))
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
    try:
        yield folder / path.name
        (folder / path.name).replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def require_place(path: Path) -> None:
    """Refuse an impossible place: before hours of work, not after.

    Raises
    ------
    InputError
        Where the folder is missing or the path is a folder itself.
    """
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder '{path.parent}': make it first")
    if path.is_dir():
        raise InputError(f"{path}: is a folder: name a file in it")
