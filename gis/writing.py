"""Files that are whole or not there: written beside their place, then renamed."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
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


def require_place(path: Path, *endings: str, inputs: Iterable[object] = ()) -> None:
    """Refuse an impossible place: before hours of work, not after.

    Parameters
    ----------
    path
        Where a file is to be written.
    endings
        What its name may end in; anything, where none is given.
    inputs
        Files that are read, as ``file`` or ``file:layer``; none of them may be overwritten.

    Raises
    ------
    InputError
        Where the folder is missing, the path is a folder, an input, or ends otherwise.
    """
    if endings and path.suffix.casefold() not in endings:
        raise InputError(f"{path}: its name must end in {' or '.join(endings)}")
    for given in inputs:
        if (
            given is not None
            and path.exists()
            and any(_same(path, text) for text in (str(given), str(given).rpartition(":")[0]))
        ):
            raise InputError(f"{path}: is also an input: write to another file")
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder '{path.parent}': make it first")
    if path.is_dir():
        raise InputError(f"{path}: is a folder: name a file in it")


def _same(path: Path, text: str) -> bool:
    return bool(text) and Path(text).exists() and path.samefile(text)
