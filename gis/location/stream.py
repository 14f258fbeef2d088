"""Files of reports of any length, routed a part at a time."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from gis.errors import InputError
from gis.location.account import account
from gis.location.evidence import Evidence
from gis.location.records import Records
from gis.location.reports import reports_reader
from gis.location.routing import Router
from gis.location.sent import summary
from gis.location.tables import OnRows, TableFile, writing_table


@dataclass(frozen=True)
class Routed:
    """What became of a file of reports.

    Attributes
    ----------
    rows
        How many there were.
    counts
        By status, by action (``action: dispatch``), by the level that is certain (``certain: micro``), and of rejected
        rows by reason.
    evidence
        What they tell about the plan.
    """

    rows: int
    counts: dict[str, int]
    evidence: Evidence


def route_file(
    router: Router,
    reports: str | Path,
    out: str | Path,
    *,
    datum: str | None = None,
    anew: bool = False,
    told: OnRows | None = None,
) -> Routed:
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
    anew
        Whether rows that were routed before are routed again, with a record; by default they stay as they are.
    told
        Called with how many rows are done, and how many there are, if that is known.

    Raises
    ------
    InputError
        Where the file cannot be read, says no place, or has columns of our names.
    """
    file = TableFile(reports)
    understood = reports_reader(file.names, datum, Path(reports).name)
    records = Records(file.names, anew=anew)
    counts: Counter[str] = Counter()
    evidence, rows = Evidence(router), 0
    with writing_table(out) as write:
        for table, faults in file.parts():
            given = understood(table, faults)
            sent = router.send(given)
            routed = records.join(table, router.answers(sent))
            write(routed)
            counts.update(summary(routed.select(["status", "action", "certain_level", "reason"]).to_pandas()))
            evidence.add(given, sent)
            rows += len(given)
            if told is not None:
                told(rows, file.rows)
    return Routed(rows, dict(counts), evidence)


def explain(router: Router, reports: str | Path, row: int, *, datum: str | None = None) -> dict[str, str]:
    """Tell how one report of a file was understood and decided.

    Parameters
    ----------
    router
        Of the plan in force.
    reports
        As for `route_file`.
    row
        Its number, from one; the header is not counted.
    datum
        Of the rows that do not name theirs.

    Raises
    ------
    InputError
        Where there is no such row.
    """
    file = TableFile(reports)
    understood = reports_reader(file.names, datum, Path(reports).name)
    before = 0
    for table, faults in file.parts():
        if before < row <= before + len(table):
            given = understood(table, faults)
            return account(router, given, router.send(given), row - before - 1)
        before += len(table)
    raise InputError(f"{Path(reports).name}: no row {row}: it has {before}")
