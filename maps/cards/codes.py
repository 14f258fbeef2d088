"""How cells are called on a card: short where the reader knows the rest."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from gis.plan import Plan
from maps.panel import area_name


@dataclass(frozen=True)
class Family:
    """Who is above whom, and what each is called.

    Attributes
    ----------
    parent
        Of each cell by its code; empty at the top.
    name
        Of each cell by its code; empty where it has none.
    area
        Name of the whole area.
    """

    parent: dict[str, str]
    name: dict[str, str]
    area: str

    @classmethod
    def of(cls, plan: Plan) -> "Family":
        """Read a plan's."""
        codes = plan.cells["code"].astype(str).tolist()
        known = set(codes)
        above = [str(code) if str(code) in known else "" for code in plan.cells["parent_code"]]
        names = [name if isinstance(name, str) else "" for name in plan.cells["name"]]
        return cls(dict(zip(codes, above, strict=True)), dict(zip(codes, names, strict=True)), area_name(plan))

    def line(self, code: str) -> list[str]:
        """Return a cell and all above it, the top first."""
        line = [code]
        while above := self.parent.get(line[0], ""):
            line.insert(0, above)
        return line

    def short(self, code: str) -> str:
        """Return the digits that a cell adds to its parent's; at the top what its name adds to the area's."""
        above = self.parent.get(code, "")
        if above and code.startswith(above) and code != above:
            return code.removeprefix(above)
        name = self.name.get(code, "")
        return code if above else name.removeprefix(self.area).strip() or name or code

    def seen_from(self, code: str, here: str) -> str:
        """Return what a cell is called on the card of another: all that the two do not share."""
        known = set(self.line(here))
        return "·".join(self.short(part) for part in self.line(code) if part not in known or part == code)

    def together(self, codes: Iterable[str], here: str, joint: str) -> str:
        """Return what cells of one ground are called: the first and the last where their numbers follow each other."""
        ordered = sorted(codes)
        called = [self.seen_from(code, here) for code in ordered]
        if len(called) > 2 and _follow([self.short(code) for code in ordered]):  # noqa: PLR2004 (as short as a range)
            return f"{called[0]}–{self.short(ordered[-1])}"
        return joint.join(called)


def _follow(numbers: list[str]) -> bool:
    return all(n.isdecimal() for n in numbers) and all(int(b) - int(a) == 1 for a, b in pairwise(numbers))
