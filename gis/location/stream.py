"""Files of reports of any length, routed a part at a time."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from gis.errors import InputError
from gis.location.reports import reports_reader
from gis.location.routing import Router
from gis.location.sent import summary, with_answers
from gis.location.tables import TableFile, writing_table

Told = Callable[[int, int | None], None]


def route_file(
    router: Router, reports: str | Path, out: str | Path, *, datum: str | None = None, told: Told | None = None
) -> dict[str, int]:
    """Route a CSV or Parquet file of reports into another.

    Parameters
    ----------
    router
        Of the plan in force.
    reports
        Read a part at a time; see `gis.location.reports.reports_reader`.
    out
        Written beside, then renamed.
    datum
        Of the rows that do not name theirs.
    told
        Called with how many rows are done, and how many there are, if that is known.

    Returns
    -------
    dict
        Counts by status, by action (``action: dispatch``), and of rejected rows by reason.

    Raises
    ------
    InputError
        Where the file cannot be read, says no place, or has columns of our names.
    """
    file = TableFile(reports)
    understood = reports_reader(file.names, datum, Path(reports).name)
    counts: Counter[str] = Counter()
    done = 0
    with writing_table(out) as write:
        for table, faults in file.parts():
            given = understood(table, faults)
            sent = router.send(given)
            write(with_answers(table, router.answers(sent)))
            counts.update(summary(pd.DataFrame({name: getattr(sent, name) for name in ("status", "action", "reason")})))
            done += len(given)
            if told is not None:
                told(done, file.rows)
        if not done:
            raise InputError(f"{Path(reports).name}: no rows in it")
    return dict(counts)
