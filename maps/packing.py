"""The data of a page as text: JSON, its columns of whole numbers beside it in few bytes, all of it compressed.

Base64 has no sign that means anything to a browser, so what was typed by others cannot leave its place in the page.
`assets/codec.js` reads what is written here.
"""

import base64
import gzip
import json
from typing import Any, Final

import numpy as np

from gis.arrays import Ints
from gis.compiled import compiled

COLUMN: Final = "$column"
"""Key of what stands in the JSON for an array: where its bytes begin, how many numbers, whether they need 53 bits."""
_WORD: Final = 1 << 31


def packed(data: Any) -> str:  # noqa: ANN401 (what JSON can hold, and arrays)
    """Write data into a page: base64 of `compressed`."""
    return base64.b64encode(compressed(data)).decode("ascii")


def compressed(data: Any) -> bytes:  # noqa: ANN401
    """Write data for a page.

    Parameters
    ----------
    data
        What JSON can hold; arrays (n,) of whole numbers anywhere in it become typed arrays in the browser.

    Returns
    -------
    bytes
        Gzip of: the length of the JSON (4 bytes, little-endian), the JSON in UTF-8, the columns. Numbers
        are zigzag LEB128, as in Protocol Buffers. The same data gives the same bytes.
    """
    columns: list[bytes] = []
    at = 0

    def column(numbers: object) -> dict[str, list[int]]:
        nonlocal at
        if not isinstance(numbers, np.ndarray):
            raise TypeError(f"{type(numbers).__name__} cannot be written into a page")
        whole = np.ascontiguousarray(numbers, np.int64)
        written = _varints(whole).tobytes()
        wide = bool(len(whole) and (whole.max() >= _WORD or whole.min() < -_WORD))
        columns.append(written)
        at += len(written)
        return {COLUMN: [at - len(written), len(whole), int(wide)]}

    head = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=column).encode()
    whole = len(head).to_bytes(4, "little") + head + b"".join(columns)
    return gzip.compress(whole, 6, mtime=0)


@compiled
def _varints(numbers: Ints) -> Any:  # noqa: ANN401 (an array of bytes)
    written = np.empty(10 * len(numbers), np.uint8)
    n = 0
    for k in range(len(numbers)):
        rest = np.uint64((numbers[k] << 1) ^ (numbers[k] >> 63))
        while rest >= np.uint64(128):
            written[n] = np.uint8(rest & np.uint64(127)) | np.uint8(128)
            rest >>= np.uint64(7)
            n += 1
        written[n] = np.uint8(rest)
        n += 1
    return written[:n].copy()
