"""From entrance and floor to the cell: a tower's floors may belong to several."""

from dataclasses import dataclass

import pandas as pd

from gis.location.address.chinese import normalise

# Of a building with one door, or a list of dwellings that names none.
_ONLY_DOOR = frozenset({"", "1", "正门"})


@dataclass(frozen=True, slots=True)
class Homes:
    """Dwellings of one building.

    Attributes
    ----------
    floors
        Highest floor; 0 where unknown.
    entrances
        Entrance → `floor_from`, `floor_to`, `cell_code` of its dwellings.
    """

    floors: int
    entrances: dict[str, list[tuple[int, int, str]]]

    def cells(self, entrance: str, floor: int | None) -> tuple[tuple[str, ...], str]:
        """Return the cells that an entrance and a floor may lie in, and what is wrong with them.

        Parameters
        ----------
        entrance
            Empty where not said.
        floor
            None where not said; below ground negative.

        Examples
        --------
        >>> tower = Homes(28, {"1": [(1, 10, "a"), (11, 28, "b")], "2": [(1, 28, "c")]})
        >>> tower.cells("1", 12), tower.cells("", 12), tower.cells("3", None)
        ((('b',), ''), (('b', 'c'), ''), (('a', 'b', 'c'), 'it has no entrance 3'))
        """
        asked = every = [row for rows in self.entrances.values() for row in rows]
        wrong = ""
        if entrance and self.entrances:
            asked = self._of_entrance(entrance)
            wrong = "" if asked else f"it has no entrance {entrance}"
        if floor is not None:
            asked = [row for row in asked if row[0] <= floor <= row[1]] or asked
            wrong = f"it has {self.floors} floors, not {floor}" if floor > self.floors > 0 else wrong
        asked = every if wrong else asked
        return tuple(sorted({cell for _, _, cell in asked})), wrong

    def _of_entrance(self, entrance: str) -> list[tuple[int, int, str]]:
        if entrance == "1" and len(self.entrances) == 1 and _ONLY_DOOR.issuperset(self.entrances):
            return next(iter(self.entrances.values()))
        return self.entrances.get(entrance, [])


def homes_of(buildings: pd.DataFrame, dwellings: pd.DataFrame) -> list[Homes]:
    """Return the dwellings of every building, in the order of `buildings`."""
    floors = buildings["floors"].fillna(0).astype("int64").tolist()
    homes = [Homes(highest, {}) for highest in floors]
    at = {building: k for k, building in enumerate(buildings["building_id"])}
    keys = {text: _key(text) for text in dwellings["entrance"].fillna("").unique()}
    for building, entrance, low, high, cell in zip(
        dwellings["building_id"],
        dwellings["entrance"].fillna(""),
        dwellings["floor_from"].fillna(1).astype("int64"),
        dwellings["floor_to"].fillna(1).astype("int64"),
        dwellings["cell_code"],
        strict=True,
    ):
        row = at[building]
        homes[row].entrances.setdefault(keys[entrance], []).append((low, high, cell))
        if high > homes[row].floors:
            homes[row] = Homes(high, homes[row].entrances)
    return homes


def _key(entrance: str) -> str:
    return normalise(str(entrance)).removesuffix("单元")
