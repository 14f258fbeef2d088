"""Defects of a coverage: their kinds, and what to do about each."""

from dataclasses import dataclass
from typing import Any, Final

SUGGESTIONS: Final = {
    "gap": "Nobody owns this land: give it to a neighbour, for instance that with the longest shared border.",
    "hole": "A hole in the middle of a cell: fill it, or declare that it is meant.",
    "inlet": "A narrow inlet from the rim: give it to a neighbour.",
    "uncovered": "The area reaches farther than the cells: extend the cell beside it, or draw the area smaller.",
    "overlap": "Several cells claim this land: take it from all but one.",
    "contained": "One cell lies wholly within another: cut it out of the other, or keep levels in separate columns.",
    "outside": "This part lies beyond the area: cut it off, or draw the area larger.",
    "sliver": "A strip too narrow to be meant: snap the two borders together.",
    "unmatched_vertex": "The borders lie on each other, but one lacks a vertex of the other: add it.",
    "duplicate": "The same polygon is here more than once: delete all but one.",
    "invalid": "Redraw the ring at this place.",
    "spike": "The ring runs out and back on one line: delete the tip.",
    "empty": "This cell has no geometry: draw it or delete its row.",
    "disconnected": "The cell is in several parts: join them, make them cells of their own, or declare an exclave.",
    "corner_contact": "Parts of the cell touch in a corner only: join them along a border, or give one away.",
    "exclave": "The cell is in several parts and is not declared to be: declare the exclave, or join them.",
    "parent_child": "The cells below do not tile this one: redraw one of the two along the other.",
    "code": "Codes name a cell once and lead to its parent: correct the column.",
    "building": "A building belongs to one cell: lead the border around it.",
    "dwelling": "Every household belongs to exactly one cell of the lowest level: correct the list of dwellings.",
}

# What stands in no way of a certificate, and nobody but the planner can mend.
LEFT_ALONE: Final = frozenset({"disconnected", "corner_contact", "exclave", "code", "inlet", "building", "dwelling"})


@dataclass(frozen=True)
class Defect:
    """One thing that is wrong.

    Attributes
    ----------
    kind
        One of `SUGGESTIONS`.
    cells
        Rows of the cells concerned, in their level.
    geometry
        The place, in the metric CRS of the check; an empty Point where there is none.
    note
        What is known beyond the kind.
    width_m
        Diameter of the largest circle within, for defects that have an area.
    """

    kind: str
    cells: tuple[int, ...]
    geometry: Any
    note: str = ""
    width_m: float = 0.0

    @property
    def suggestion(self) -> str:
        """What to do about it."""
        return f"{self.note} {SUGGESTIONS[self.kind]}".strip()
