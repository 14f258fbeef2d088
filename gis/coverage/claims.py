"""Ground that several cells claim, or none: who may have it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gis.arrays import Floats
from gis.errors import InputError

Policy = Literal["longest", "owner", "households", "ask"]


@dataclass(frozen=True)
class Claim:
    """A piece of ground that has to be given to somebody.

    Attributes
    ----------
    kind
        `gap` or `overlap`.
    defect
        Id of the defect it is part of; empty where it came about by mending another.
    border
        Metres of border with each cell that may have it, by its row.
    """

    kind: str
    defect: str
    border: Mapping[int, float]


@dataclass(frozen=True)
class Choice:
    """How ground is given away.

    Attributes
    ----------
    policy
        `longest`: to whom it borders on longest; `owner`: to whoever of `owners` comes first, else as `longest`;
        `households`: to the cell with the fewest, else as `longest`; `ask`: to nobody but by `decided`.
    codes
        Of the cells, by row.
    households
        Of the cells, by row; needed by `households`.
    owners
        Codes, in the order of their right.
    decided
        Codes by id of the defect; they go before every policy.
    """

    policy: Policy
    codes: Sequence[str]
    households: Floats | None = None
    owners: Sequence[str] = ()
    decided: Mapping[str, str] = field(default_factory=dict)

    def of(self, claim: Claim) -> int | None:
        """Row of the cell that gets the ground; None where nobody may be chosen, or it is to be asked.

        Raises
        ------
        InputError
            Where it was decided for a cell that may not have it.
        """
        rows = {self.codes[row]: row for row in claim.border}
        decided = self.decided.get(claim.defect)
        if decided is not None:
            if decided not in rows:
                raise InputError(f"decision on {claim.defect}: '{decided}' is none of {', '.join(sorted(rows))}")
            return rows[decided]
        if not rows or (self.policy == "ask" and claim.defect):
            return None
        return min(claim.border, key=self._rank(claim))

    def _rank(self, claim: Claim) -> Callable[[int], tuple[float, float, str]]:
        right = {code: place for place, code in enumerate(self.owners)}

        def rank(row: int) -> tuple[float, float, str]:
            first = 0.0
            if self.policy == "owner":
                first = right.get(self.codes[row], len(right))
            elif self.policy == "households" and self.households is not None:
                first = float(self.households[row])
            return first, -claim.border[row], self.codes[row]

        return rank
