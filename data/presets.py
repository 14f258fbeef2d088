"""Level presets: the sizes of grids that places have published."""

import json
from functools import cache
from importlib.resources import files


def preset(name: str) -> str:
    """Return the levels of a preset, as `--levels` takes them.

    Parameters
    ----------
    name
        A name in `presets.json`.

    Raises
    ------
    ValueError
        Where there is no such preset; the message lists those there are.

    Examples
    --------
    >>> preset("xiyuan")
    'grid:400-600,micro:70-80'
    """
    known = _presets()
    if name not in known:
        raise ValueError(f"no preset '{name}': choose one of {', '.join(sorted(known))}")
    return known[name]


@cache
def _presets() -> dict[str, str]:
    """Return the table of presets."""
    table = json.loads(files("data").joinpath("presets.json").read_text(encoding="utf-8"))
    return dict(table["presets"])
