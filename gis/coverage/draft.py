"""A coverage that is being edited: each edit is accepted or refused by itself, however many cells there are.

Cells that tile go on tiling when some are replaced by others whose oriented boundaries have the same sum, as long as
the new ones are valid: they wind around the same ground, once. Nothing else has to be looked at.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from rtree.index import Index

from gis.arrays import Geometries, Ints
from gis.coverage.boundaries import boundaries_of, on_lattice
from gis.coverage.lattice import to_metres
from gis.coverage.sums import sum_of
from gis.errors import CoverageError

_AREAS = 2


@dataclass(frozen=True)
class Refusal:
    """Why an edit is refused: a sentence, the codes concerned, and the place, in metres."""

    reason: str
    codes: tuple[str, ...]
    place: Any


class Draft:
    """Cells of one level while they are edited.

    Parameters
    ----------
    codes
        Of the cells, each once.
    polygons : (n,) array of Polygons or MultiPolygons
        Their grounds, a certified coverage in a metric CRS.
    exclaves
        Codes of the cells that may be in parts.
    in_parts
        Whether all may, for the time being.
    """

    def __init__(
        self, codes: Iterable[str], polygons: Geometries, exclaves: Iterable[str] = (), *, in_parts: bool = False
    ) -> None:
        placed = on_lattice(polygons)
        self._cells: dict[str, Any] = dict(zip(codes, placed, strict=True))
        self._number = {code: k for k, code in enumerate(self._cells)}
        self._code = {k: code for code, k in self._number.items()}
        self._exclaves, self._in_parts = frozenset(exclaves), in_parts
        bounds = shapely.bounds(placed)
        self._index = Index((k, tuple(box), None) for k, box in enumerate(bounds.tolist())) if len(placed) else Index()

    def __len__(self) -> int:
        return len(self._cells)

    def __contains__(self, code: str) -> bool:
        return code in self._cells

    def __getitem__(self, code: str) -> Any:  # noqa: ANN401 (shapely has no types)
        return self._cells[code]

    def near(self, west: float, south: float, east: float, north: float) -> list[str]:
        """Codes of the cells whose boxes meet a box, in metres."""
        return sorted(self._code[k] for k in self._index.intersection((west, south, east, north)))

    def refuse(self, edit: Mapping[str, Any]) -> Refusal | None:
        """Say why an edit cannot be accepted; None if it can.

        Parameters
        ----------
        edit
            New polygons by code; None for a cell that is given up, a new code for one that is founded.
        """
        old = np.array([self._cells[code] for code in edit if code in self._cells], dtype=object)
        codes = [code for code, polygon in edit.items() if polygon is not None]
        new = on_lattice(np.array([edit[code] for code in codes], dtype=object))
        for code, polygon in edit.items():
            if polygon is None and code not in self._cells:
                return Refusal(f"Cell {code} is not there.", (code,), shapely.Point())
        for k in np.flatnonzero((shapely.get_dimensions(new) != _AREAS) | shapely.is_empty(new)):
            return Refusal(f"Cell {codes[k]}: no polygon is drawn.", (codes[k],), new[k])
        for k in np.flatnonzero(~shapely.is_valid(new)):
            return Refusal(f"Cell {codes[k]}: {shapely.is_valid_reason(new[k])}.", (codes[k],), new[k])
        for k in np.flatnonzero(shapely.get_num_geometries(new) > 1):
            if not self._in_parts and codes[k] not in self._exclaves:
                return Refusal(f"Cell {codes[k]} would be in several parts.", (codes[k],), new[k])
        left = _difference(new, old)
        if not len(left):
            return None
        place = shapely.multilinestrings(shapely.linestrings(to_metres(left).reshape(-1, 2, 2)))
        reason = f"The new cells do not fill what the old ones did, edge by edge: {len(left)} edges differ."
        return Refusal(reason, tuple(edit), place)

    def apply(self, edit: Mapping[str, Any]) -> None:
        """Replace cells.

        Raises
        ------
        CoverageError
            Where the edit is refused; nothing has changed then.
        """
        refusal = self.refuse(edit)
        if refusal is not None:
            raise CoverageError(refusal.reason)
        for code, polygon in edit.items():
            if code in self._cells:
                number = self._number[code]
                self._index.delete(number, self._cells.pop(code).bounds)
            else:
                number = self._number.setdefault(code, len(self._number))
                self._code[number] = code
            if polygon is not None:
                self._cells[code] = on_lattice(np.array([polygon], dtype=object))[0]
                self._index.insert(number, self._cells[code].bounds)

    def polygons(self) -> dict[str, Any]:
        """Return the cells as they are now, by code."""
        return dict(self._cells)


def _difference(new: Geometries, old: Geometries) -> Ints:
    """Lines (k, 4) in which Σ∂new and Σ∂old differ, in steps."""
    boundaries = boundaries_of(np.concatenate([new, old]))
    lines = sum_of(boundaries, (0, len(new)), (len(new), len(new) + len(old)))
    return boundaries.vertices[lines.ends(lines.forth != lines.back)].reshape(-1, 4)
