"""What a report may be about: components and events, and how grave."""

from typing import Literal

from pydantic import Field, model_validator

from api.cases.errors import BadAction
from api.cases.table import Record, Table, unique

Kind = Literal["component", "event", "other"]


class Category(Record, frozen=True):
    """One kind of matter.

    Attributes
    ----------
    code
        Its kind and its number, since both kinds count from 1 and end with 21, such as `component-01`.
    zh, en
        Names.
    grade
        Taken where a report states none.
    duplicate_m, duplicate_hours
        Two reports so near each other, and no longer apart, may be the same matter.
    """

    code: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    kind: Kind
    zh: str
    en: str
    grade: str
    duplicate_m: float = Field(ge=0, le=5000)
    duplicate_hours: float = Field(ge=0, le=8784)


class Categories(Table, frozen=True):
    """All categories and grades."""

    grades: tuple[str, ...]
    categories: tuple[Category, ...]

    @model_validator(mode="after")
    def _consistent(self) -> "Categories":
        unique(category.code for category in self.categories)
        for row, category in enumerate(self.categories, start=1):
            if category.grade not in self.grades:
                raise ValueError(f"row {row}: grade '{category.grade}' is none of {', '.join(self.grades)}")
        return self

    def get(self, code: str) -> Category:
        """Return a category.

        Raises
        ------
        BadAction
            Where there is none of this code.
        """
        for category in self.categories:
            if category.code == code:
                return category
        raise BadAction(f"no category '{code}': there are {', '.join(each.code for each in self.categories)}")

    def graded(self, code: str, grade: str | None) -> str:
        """Return the grade of a report: the one stated, or that of its category.

        Raises
        ------
        BadAction
            Where category or grade are not in the table.
        """
        usual = self.get(code).grade
        if grade is not None and grade not in self.grades:
            raise BadAction(f"no grade '{grade}': there are {', '.join(self.grades)}")
        return grade or usual
