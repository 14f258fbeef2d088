"""What the cells of a map can be coloured by: counts, and shares of counts."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from gis.errors import InputError

HOUSEHOLDS = "households"
"""Name of the count of homes."""
_RESIDENTS = ".residents"


@dataclass(frozen=True)
class Measure:
    """A count for every cell of every level.

    Attributes
    ----------
    name
        By which scripts and addresses know it.
    label
        By which readers know it.
    counts
        By code; cells that are not named have none of it.
    shared
        By ground code of the lowest level: what surely lies on that ground, in one or other of the cells that share it
        by floors. It is counted in the levels above, and in none of those cells.
    part_of
        Name of the measure whose counts include these.
    as_share
        Whether it is told as its share of that measure.
    overlapping
        Whether it may count what other parts of that measure count as well, as children and people who need a visit
        do. Of parts that share nothing, one is what the others leave.
    heading
        Under which readers find it.
    """

    name: str
    label: str
    counts: Mapping[str, int]
    shared: Mapping[str, int] = field(default_factory=dict)
    part_of: str = ""
    as_share: bool = False
    heading: str = ""
    overlapping: bool = False

    @property
    def is_of_residents(self) -> bool:
        """Whether it says how many people live in a cell: of whatever file of people, each has a name of its own."""
        return self.name.endswith(_RESIDENTS)


def parts_of(measures: Sequence[Measure], taken: Collection[str] = ()) -> dict[str, list[Measure]]:
    """Return the parts of each measure by its name; under no name those that are parts of none.

    Parameters
    ----------
    measures
        Of a page.
    taken
        Names that no measure may have.

    Raises
    ------
    InputError
        Where two have one name, one is a share of nothing, or several are parts of one another.
    """
    names, parts = set[str](), defaultdict[str, list[Measure]](list)
    for measure in measures:
        if not measure.name or measure.name in names or measure.name in taken:
            raise InputError(f"measure '{measure.name}': there is another of this name: give each a name of its own")
        names.add(measure.name)
    for measure in measures:
        if measure.as_share and measure.part_of not in names:
            raise InputError(f"measure '{measure.name}': a share of '{measure.part_of}', which is no measure here")
        parts[measure.part_of if measure.part_of in names else ""].append(measure)
    reached, waiting = 0, [*parts[""]]
    while waiting:
        reached += 1
        waiting += parts[waiting.pop().name]
    if reached < len(measures):
        raise InputError("measures that are parts of one another: name as part_of what includes them")
    return dict(parts)
