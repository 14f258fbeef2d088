"""Public pages that follow one another: on the same ground, and without what an earlier one held back.

Two pages can be set against each other. On other borders their difference would be a strip with a few homes; a figure
told for the first time would give away its neighbour, which was hidden together with it.
"""

import base64
import gzip
import io
import json
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gis.errors import InputError
from gis.plan import Plan

_DATA = re.compile(r'<script type="application/octet-stream" id="[a-z_]+">([A-Za-z0-9+/=]*)</script>')
_KEY = "series"
_MOST = 1 << 26
"""Bytes of the largest file that is read, and of what is unpacked of it: some hundred times those of a large town."""


def written(plan: Plan, withheld: Mapping[str, set[str]]) -> dict[str, Any]:
    """Return what the next page of a series asks this one for."""
    return {_KEY: {"plan": plan.version, "withheld": {name: sorted(codes) for name, codes in sorted(withheld.items())}}}


def held_back(plan: Plan, previous: str | Path) -> dict[str, set[str]]:
    """Read an earlier public page: cells of which a figure was left out, by the name of the measure.

    Parameters
    ----------
    plan
        The plan to be drawn.
    previous
        The page's file.

    Raises
    ------
    InputError
        Where the file is no public page, or shows other borders.
    """
    path = Path(previous)
    if not path.is_file():
        raise InputError(f"{path}: no such file: give the public page that was published last")
    version, withheld = _read(path)
    if version != plan.version:
        raise InputError(
            f"{path.name}: shows plan {version}, this plan is {plan.version}: figures on other borders, set "
            "against those already published, would tell small counts: keep to the plan of the series, or take the "
            "old pages down and begin a new one"
        )
    return withheld


def _read(path: Path) -> tuple[str, dict[str, set[str]]]:
    try:
        if path.stat().st_size > _MOST:
            raise ValueError("too large")  # noqa: TRY301 (said as of every other file)
        found = _DATA.search(path.read_text(encoding="utf-8"))
        with gzip.open(io.BytesIO(base64.b64decode(found[1] if found else ""))) as packed:
            long = int.from_bytes(packed.read(4), "little")
            # No more is unpacked than a page can hold: what is small may be packed of much.
            told = json.loads(packed.read(min(long, _MOST)))[_KEY]
        version, withheld = told["plan"], told["withheld"]
        if not re.fullmatch("[0-9a-f]{12}", version):
            raise ValueError("no version")  # noqa: TRY301
        return version, {name: {str(code) for code in codes} for name, codes in withheld.items()}
    except (OSError, ValueError, EOFError, LookupError, TypeError, AttributeError, RecursionError, zlib.error) as error:
        raise InputError(f"{path.name}: not a public page of a plan: give the one that was published last") from error
