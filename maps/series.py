"""Public pages that follow one another: on the same ground, and without what an earlier one held back.

Two pages can be set against each other. On other borders their difference would be a strip with a few homes; a figure
told for the first time would give away its neighbour, which was hidden together with it.
"""

import base64
import gzip
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gis.errors import InputError
from gis.plan import Plan

_DATA = re.compile(r'<script type="application/octet-stream" id="[a-z_]+">([A-Za-z0-9+/=]*)</script>')
_KEY = "series"


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
    told = _read(path)
    if told["plan"] != plan.version:
        raise InputError(
            f"{path.name}: shows plan {told['plan']}, this plan is {plan.version}: figures on other borders, set "
            "against those already published, would tell small counts: keep to the plan of the series, or take the "
            "old pages down and begin a new one"
        )
    return {name: set(codes) for name, codes in told["withheld"].items()}


def _read(path: Path) -> dict[str, Any]:
    try:
        found = _DATA.search(path.read_text(encoding="utf-8"))
        whole = gzip.decompress(base64.b64decode(found[1])) if found else b""
        data = json.loads(whole[4 : 4 + int.from_bytes(whole[:4], "little")])
        told: dict[str, Any] = data[_KEY]
    except (OSError, ValueError, EOFError, LookupError, TypeError) as error:
        raise InputError(f"{path.name}: not a public page of a plan: give what 'wangge map' wrote") from error
    return told
