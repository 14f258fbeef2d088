"""What a filter says once it is read: a small tree that every kind of collection can translate."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

Value = str | float | bool | date | datetime
"""What a property is compared with: of the type that the collection states for the property."""

Sign = Literal["=", "<>", "<", "<=", ">", ">="]


@dataclass(frozen=True)
class Always:
    """The same answer for every feature."""

    holds: bool


@dataclass(frozen=True)
class Compare:
    """A property beside a value. Unknown where the property is null, as are all others but `IsNull`."""

    property: str
    sign: Sign
    value: Value


@dataclass(frozen=True)
class Between:
    """A property from one value to another, both included."""

    property: str
    low: Value
    high: Value


@dataclass(frozen=True)
class OneOf:
    """A property that is one of some values."""

    property: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Like:
    r"""A text of a pattern: `%` stands for any signs, `_` for one, `\` takes the next as it is. Case counts."""

    property: str
    pattern: str

    def signs(self) -> Iterator[tuple[str, bool]]:
        """Yield each sign of the pattern, and whether it stands for others; a backslash at the end is just that."""
        left = iter(self.pattern)
        for sign in left:
            yield (next(left, sign), False) if sign == "\\" else (sign, sign in "%_")


@dataclass(frozen=True)
class IsNull:
    """A property without a value."""

    property: str


@dataclass(frozen=True)
class Intersects:
    """A feature that has a point in common with a valid shapely geometry in CRS84 (longitude, latitude)."""

    shape: Any


@dataclass(frozen=True)
class Not:
    """The opposite; unknown stays unknown."""

    part: "Filter"


@dataclass(frozen=True)
class And:
    """All parts hold."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True)
class Or:
    """Any part holds."""

    parts: tuple["Filter", ...]


Simple = Always | Compare | Between | OneOf | Like | IsNull | Intersects
Filter = Simple | Not | And | Or

Kind = Literal["string", "integer", "number", "boolean", "date", "date-time"]


@dataclass(frozen=True)
class Property:
    """A property of the features of a collection.

    Attributes
    ----------
    kind
        Type of its values.
    title
        A word or two for tables.
    description
        One sentence.
    values
        All it can be, where they are few.
    """

    kind: Kind
    title: str
    description: str
    values: tuple[str, ...] = ()


Properties = Mapping[str, Property]
