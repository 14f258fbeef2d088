"""What of a request is shown to whom.

Everybody may read that there is something of a service, how it stands, and about where: at a point of the cell above
the lowest level. What people wrote and where exactly it is, only those read who work on it or reported it; how to reach
who reported it, nobody reads here.
"""

from collections.abc import Iterable, Mapping

from api.cases import Event, Rules
from api.open311.documents import Request, RequestInFull, Status, Update
from api.open311.moments import written
from api.open311.services import name_of
from api.served import Served
from api.store.cases import Kept

# Of a degree: a centimetre.
_DIGITS = 7
Spot = tuple[float, float]
Texts = Mapping[int, Mapping[str, str]]


def public_spot(kept: Kept, served: Served) -> Spot | None:
    """Return longitude and latitude that everybody may know; None where it lies in no cell that is large enough."""
    # The last is the area: whatever lies in no cell hangs there.
    return next((served.spots[code] for code in kept.chain[:-1] if code in served.spots), None)


def in_public(kept: Kept, served: Served, rules: Rules) -> Request:
    """Show a request to everybody."""
    return _request(kept, rules, public_spot(kept, served), None, None)


def in_detail(kept: Kept, texts: Texts, media_url: str | None, rules: Rules) -> Request:
    """Show a request to those who see all of it."""
    place, said = kept.place, texts.get(1, {})
    spot = None if place.lon is None or place.lat is None else (round(place.lon, _DIGITS), round(place.lat, _DIGITS))
    request = _request(kept, rules, spot, said.get("text"), said.get("address"))
    return request.model_copy(update={"address_id": place.given.get("qr"), "media_url": media_url})


def with_updates(request: Request, history: Iterable[Event], rules: Rules, *, in_full: bool) -> RequestInFull:
    """Show a request with what was done to it."""
    return RequestInFull(**request.model_dump(), updates=updates(history, rules, in_full=in_full))


def updates(history: Iterable[Event], rules: Rules, *, in_full: bool) -> list[Update]:
    """Show what was done to a request: to everybody, only the states it went through."""
    return [
        Update(
            update_id=event.number,
            service_request_id=event.case_id,
            status=_status(event.clock),
            extended_status=event.to_state,
            status_notes=_notes(event.to_state, rules),
            updated_datetime=written(event.at),
            action=event.action if in_full else None,
            reason=event.reason if in_full else None,
        )
        for event in history
        if in_full or event.from_state != event.to_state
    ]


def _request(kept: Kept, rules: Rules, spot: Spot | None, description: str | None, address: str | None) -> Request:
    case = kept.case
    lon, lat = spot or (None, None)
    return Request(
        service_request_id=case.id,
        status=_status(case.clock),
        status_notes=_notes(case.state, rules),
        extended_status=case.state,
        service_name=name_of(rules, case.category),
        service_code=case.category,
        description=description,
        agency_responsible=case.unit,
        requested_datetime=written(case.received_at),
        updated_datetime=written(case.changed_at),
        expected_datetime=None if case.case_due is None else written(case.case_due),
        address=address,
        address_id=None,
        media_url=None,
        lat=lat,
        long=lon,
    )


def _status(clock: str) -> Status:
    return "closed" if clock == "stopped" else "open"


def _notes(state: str, rules: Rules) -> str:
    """Return the name of a state for readers; its name in data where the table no longer has it."""
    return next((f"{each.en} {each.zh}" for each in rules.states.states if each.name == state), state)
