"""The equation of the layers: at every level, what lies in cells, on shared grounds and nowhere is what was given."""

import pandas as pd

from gis.errors import ConservationError
from gis.layers.layer import PLACED, Layer, count_items


def sums(layer: Layer) -> pd.DataFrame:
    """Return, by level and category, what was given and where it is.

    Returns
    -------
    pandas.DataFrame
        `level`, `category`, `given`, `in_cells`, `on_shared_grounds`, `not_placed` (all int64).
    """
    counted = count_items(layer)
    lost = layer.items[~layer.items["status"].isin(PLACED)].groupby("category")["count"].sum()
    rows = []
    for level in layer.levels:
        here = counted[counted["level"] == level]
        cells, shared = (here[here["shared"] == side].groupby("category")["count"].sum() for side in (False, True))
        rows += [
            (level, category, given, *(int(part.get(category, 0)) for part in (cells, shared, lost)))
            for category, given in layer.totals.items()
        ]
    return pd.DataFrame(rows, columns=["level", "category", "given", "in_cells", "on_shared_grounds", "not_placed"])


def require_conserved(layer: Layer) -> None:
    """Check the equation, in whole numbers, at every level and for every category.

    Raises
    ------
    ConservationError
        Naming the first level and category where it does not hold.
    """
    table = sums(layer)
    held = table["in_cells"] + table["on_shared_grounds"] + table["not_placed"]
    wrong = table[held != table["given"]]
    strange = set(layer.items["category"].unique()) - set(layer.totals)
    if strange:
        raise ConservationError(f"layer {layer.name}: items of a category that was not given")
    if len(wrong):
        row = wrong.iloc[0]
        raise ConservationError(
            f"layer {layer.name}, level {row['level']}, {row['category'] or 'no category'}: {row['given']} given, "
            f"{held[wrong.index[0]]} held: this is a fault of wangge, please report it"
        )
