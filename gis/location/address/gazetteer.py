"""The gazetteer of a plan: asked for addresses, it answers with buildings and cells."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

import pandas as pd

from gis.location.address.answer import Answer
from gis.location.address.directory import Directory
from gis.location.address.geocode import find, find_all
from gis.plan import Plan


@dataclass(frozen=True)
class Gazetteer:
    """Addresses of a plan, ready to be asked for.

    Attributes
    ----------
    directory
        The numbers and names of the plan's buildings.
    """

    directory: Directory = field(repr=False)

    @classmethod
    def from_plan(cls, plan: Plan) -> Self:
        """Read the addresses of a plan's buildings, its dwellings and the names of its cells."""
        return cls(Directory.from_plan(plan))

    def find(self, text: str) -> Answer:
        """Find one address, written as people write it. What is no address gets an answer of level "none"."""
        return find(self.directory, text)

    def find_all(self, texts: Iterable[str]) -> pd.DataFrame:
        """Find many addresses: one row a text, in their order, with the fields of `Answer` as columns."""
        return find_all(self.directory, texts)
