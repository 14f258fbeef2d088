"""Where the photo of a request is: with the interface of our own, which asks for the same key or receipt."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from api.store.tables import photos


def addresses(connection: Connection, case_ids: Collection[str], base: str) -> dict[str, str]:
    """Return the address of the first photo of each case that has one.

    Parameters
    ----------
    connection
        To the store.
    case_ids
        Of cases that the asker sees in full.
    base
        Address of the service.
    """
    wanted = select(photos.c.case_id, photos.c.id).where(photos.c.case_id.in_(case_ids))
    # The first comes last, and stays.
    rows = connection.execute(wanted.order_by(photos.c.at.desc(), photos.c.id.desc()))
    return {row.case_id: f"{base}/api/v1/cases/{row.case_id}/photos/{row.id}" for row in rows}
