"""What is not kept for ever: contacts, words and photos of cases that were closed long ago. The history stays."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, delete, func, select, update

from api.store.tables import case_texts, cases, contacts, photos


def erase_contacts(connection: Connection, now: datetime, days: int) -> int:
    """Delete the contacts of cases closed so many days ago; return how many."""
    # Contacts are few beside the cases that were ever closed: each is asked for its case.
    old = _closed(now, days).where(cases.c.id == contacts.c.case_id)
    return connection.execute(delete(contacts).where(old.exists())).rowcount


def anonymise(connection: Connection, now: datetime, days: int) -> int:
    """Delete what people wrote and photographed of cases closed so many days ago, and where exactly they stood.

    What is left is counted by cell: the case keeps its cells, its times and its codes. Returns how many cases.
    """
    old = _closed(now, days).where(cases.c.erased_at.is_(None))
    # Nobody may act on them meanwhile: what is written back here would be older than that. Those on which somebody acts
    # now are left for the next time: who holds many waits for none.
    ids = list(connection.scalars(old.limit(_AT_ONCE).with_for_update(skip_locked=True)))
    if not ids:
        return 0
    # A moment of its own: by the latest it is told whether more was erased since (`api.store.overviews.version`).
    last = connection.scalar(select(func.max(cases.c.erased_at)))
    at = now if last is None else max(now, last + _INSTANT)
    for table in (contacts, case_texts, photos):
        connection.execute(delete(table).where(table.c.case_id.in_(ids)))
    nowhere = dict.fromkeys(("lon", "lat"))
    for case_id, record, routed in connection.execute(
        select(cases.c.id, cases.c.record, cases.c.routed).where(cases.c.id.in_(ids))
    ).all():
        left = {"record": record | {"reporter": None}, "routed": _coarse(routed), "given": {}}
        connection.execute(update(cases).where(cases.c.id == case_id).values(**left, **nowhere, erased_at=at))
    return len(ids)


_AT_ONCE, _INSTANT = 500, timedelta(microseconds=1)
_PLACES = ("distance_m", "candidates", "reason", "radius_m")


def _coarse(routed: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in routed.items() if name not in _PLACES}


def _closed(now: datetime, days: int) -> Select[tuple[str]]:
    return select(cases.c.id).where(cases.c.over_at < now - timedelta(days=days))
