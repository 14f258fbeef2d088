"""Which requests are asked for. Arguments that nobody knows are ignored: clients of the standard send many."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from api.boxes import Box, read_box
from api.cases import Rules
from api.errors import Problem
from api.open311 import moments
from api.open311.moments import LONGEST, Span
from api.open311.services import is_service
from api.service import Service

_STATUSES = {"open": True, "closed": False}
_MOST = 1000
_Codes = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:, -]*$", max_length=42_000)]
_Moment = Annotated[str, StringConstraints(pattern=r"^[-+0-9TZ:. ]*$", max_length=40)]


class Filters(BaseModel):
    """Arguments of `GET /requests`."""

    service_request_id: _Codes = Field("", description="Numbers, separated by commas; all other arguments are void.")
    service_code: _Codes = Field("", description="Codes, separated by commas.")
    start_date: _Moment = Field("", description="Requested from this moment on; at most 90 days before the end.")
    end_date: _Moment = Field("", description="Requested up to this moment.")
    status: _Codes = Field("", description="open, closed, or both, separated by a comma.")
    bbox: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="Beyond the standard: west, south, east, north, in degrees; of the places that are shown."
    )
    updated_after: _Moment = Field("", description="Beyond the standard: changed from this moment on.")
    updated_before: _Moment = Field("", description="Beyond the standard: changed up to this moment.")
    page_size: int = Field(_MOST, ge=1, le=_MOST, description="Beyond the standard.")
    after: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]*$", max_length=40)] = Field(
        "", description="Beyond the standard: as the header `Link` of the page before says."
    )

    @property
    def ids(self) -> list[str] | None:
        """Numbers that are asked for.

        Raises
        ------
        Problem
            400 where there are too many.
        """
        found = _listed(self.service_request_id)
        if found is not None and len(found) > _MOST:
            raise Problem(400, f"service_request_id: at most {_MOST}")
        return found

    def categories(self, rules: Rules) -> list[str] | None:
        """Codes of the services that are asked for.

        Raises
        ------
        Problem
            400 where there is no such service.
        """
        found = _listed(self.service_code)
        for code in found or ():
            if not is_service(rules, code):
                raise Problem(400, f"service_code: no service '{code[:64]}'")
        return found

    def is_open(self) -> bool | None:
        """Whether only open ones are asked for, or only closed ones.

        Raises
        ------
        Problem
            400 where a status is neither.
        """
        found = set(_listed(self.status.lower()) or _STATUSES)
        if not found <= _STATUSES.keys():
            raise Problem(400, "status: open or closed")
        return None if len(found) > 1 else _STATUSES[found.pop()]

    def spans(self, service: Service, zone: str) -> tuple[Span, Span]:
        """When they were requested, and when changed; without any of these, requested in the last 90 days.

        Raises
        ------
        Problem
            400 where a date is none, or a span too long.
        """
        begin, end, after, before = (
            moments.read(name, getattr(self, name), zone)
            for name in ("start_date", "end_date", "updated_after", "updated_before")
        )
        if begin is end is after is before is None:
            return (service.clock() - LONGEST, None), (None, None)
        return (
            moments.span("start_date, end_date", begin, end),
            moments.span("updated_after, updated_before", after, before),
        )

    def box(self) -> Box | None:
        """Corners that are asked for.

        Raises
        ------
        Problem
            400 where they are none.
        """
        return read_box(self.bbox) if self.bbox else None


def _listed(said: str) -> list[str] | None:
    return [each for part in said.split(",") if (each := part.strip())] or None
