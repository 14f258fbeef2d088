"""What settles a place better than a pin: the code on a sign that was scanned, or the address that was given."""

from dataclasses import dataclass

import numpy as np

from gis.errors import InputError
from gis.location.address.gazetteer import Gazetteer
from gis.location.links import read_link, settle
from gis.location.reports import Reports
from gis.plan import Plan


@dataclass(frozen=True)
class Told:
    """What a sign or an address says.

    Attributes
    ----------
    basis
        ``qr`` or ``address``.
    code
        Cell of any level; empty where nothing could be made of it.
    share
        Certainty, 0 to 1.
    reason
        How it was understood, or why not; empty where a sign names the cell itself.
    x, y
        Of the building, metres of the plan; NaN where there is no one building.
    """

    basis: str
    code: str
    share: float
    reason: str = ""
    x: float = np.nan
    y: float = np.nan


@dataclass(frozen=True)
class Teller:
    """A plan, made ready to be asked for signs and addresses."""

    plan: Plan
    gazetteer: Gazetteer

    @classmethod
    def from_plan(cls, plan: Plan) -> "Teller":
        """Read the addresses of a plan."""
        return cls(plan, Gazetteer.from_plan(plan))

    def tell(self, reports: Reports) -> dict[int, Told]:
        """Say what the sign of each report names, or else its address; rows with neither are left out."""
        told = {}
        rows = np.flatnonzero((reports.address != "") & (reports.qr == ""))
        found = self.gazetteer.find_all(reports.address[rows])
        for row, *answer in zip(
            rows.tolist(), found["cell_code"], found["parent_code"], found["score"], found["why"], found["x"],
            found["y"], strict=True,
        ):  # fmt: skip
            leaf, parent, score, why, x, y = answer
            told[row] = Told("address", leaf or parent, score, f"address: {why}", x, y)
        signs = {link: self._sign(link) for link in set(reports.qr) - {""}}
        return told | {row: signs[link] for row, link in enumerate(reports.qr.tolist()) if link}

    def _sign(self, link: str) -> Told:
        try:
            settled = settle(self.plan, read_link(link.strip()))
        except InputError as error:
            return Told("qr", "", 0.0, str(error))
        return Told("qr", settled.code or "", float(settled.code is not None), settled.reason)
