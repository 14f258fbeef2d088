"""The commands `wangge backup`, `wangge restore` and `wangge key`."""

from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.common import Json, say
from api.progress import Progress
from gis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.store.engine import Database

DatabaseUrl = Annotated[
    str | None, typer.Option("--database", help="sqlite:///FILE or postgresql+psycopg://…; else WANGGE_DATABASE.")
]


def backup(
    out: Annotated[Path, typer.Option(help="File to write (*.db): it is as secret as the database.")],
    database: DatabaseUrl = None,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Write everything the service keeps into one file, while it runs. The key file is kept apart: copy it, too."""
    from api.store.backup import backup as write  # noqa: PLC0415

    with Progress() as progress, _opened(database, must_exist=True) as opened:
        counts = write(opened, out, progress=progress.stage)
    say({"out": str(out)} | counts, as_json=as_json)


def restore(
    backup: Annotated[Path, typer.Argument(help="File that 'wangge backup' wrote.")],
    database: DatabaseUrl = None,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Bring a backup back into an empty database of either kind."""
    from api.store.backup import restore as bring_back  # noqa: PLC0415

    with Progress() as progress, _opened(database) as opened:
        counts = bring_back(backup, opened, progress=progress.stage)
    say(counts, as_json=as_json)


def key(
    code: Annotated[str, typer.Argument(help="Of the post or program: a code, never a name.")],
    role: Annotated[str, typer.Option(help="resident, staff, desk, planner or administrator.")] = "staff",
    scope: Annotated[str | None, typer.Option(help="Cell or functional grid below which it counts.")] = None,
    ends: Annotated[datetime | None, typer.Option(help="When it ends, as 2027-01-01, local time.")] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="End the key of this code instead.")] = False,  # noqa: FBT002
    database: DatabaseUrl = None,
) -> None:
    """Make a key and print it: it cannot be shown again. Or revoke one."""
    from api.access import keys  # noqa: PLC0415
    from api.access.roles import OPERATOR, Role, Who  # noqa: PLC0415
    from api.service import wall_clock  # noqa: PLC0415

    if role not in set(Role):
        raise InputError(f"no role '{role}': choose one of {', '.join(Role)}")
    with _opened(database, must_exist=True) as opened, opened.writing() as connection:
        if revoke:
            if not keys.revoke(connection, code, by=OPERATOR, now=wall_clock()):
                raise InputError(f"no key '{code}', or it is revoked already")
            return
        until = None if ends is None else ends.astimezone()
        who = Who(code, Role(role), scope)
        typer.echo(keys.make(connection, who, by=OPERATOR, now=wall_clock(), ends_at=until))


@contextmanager
def _opened(url: str | None, *, must_exist: bool = False) -> "Iterator[Database]":
    from api.settings import read_settings  # noqa: PLC0415
    from api.store.engine import Database  # noqa: PLC0415
    from api.store.migrate import migrate  # noqa: PLC0415

    opened = Database(read_settings().database if url is None else url)
    if must_exist and not opened.is_there:
        raise InputError(f"no database at {opened.engine.url.database}: say which, or make it with 'wangge serve'")
    try:
        migrate(opened)
        yield opened
    finally:
        opened.close()
