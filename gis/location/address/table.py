"""Tables of addresses of any length: the answers behind the columns as they were, no row dropped."""

from collections import Counter
from pathlib import Path

import pyarrow as pa

from gis.errors import InputError
from gis.location.address.gazetteer import Gazetteer
from gis.location.address.geocode import COLUMNS
from gis.location.tables import OnRows, TableFile, text_of, writing_table
from gis.sources.columns import find_column
from gis.sources.privacy import refuse_personal

#: Before the fields of an answer: a table's own columns keep their names.
PREFIX = "found_"


def geocode_file(
    gazetteer: Gazetteer,
    addresses: Path,
    out: Path,
    column: str | None = None,
    told: OnRows | None = None,
) -> Counter[str]:
    """Find the addresses of a table, and write it with the fields of `Answer` as further columns.

    Parameters
    ----------
    gazetteer
        Of the plan in force.
    addresses
        CSV or Parquet. Answers of an earlier time are replaced.
    out
        Written beside, then renamed.
    column
        Which column holds the addresses, where it is not a usual one such as `address` or 地址.
    told
        Called with how many rows are done, and how many there are, if that is known.

    Returns
    -------
    Counter
        Answers by level.

    Raises
    ------
    InputError
        Where the file cannot be read, has no such column, or has columns about persons.
    """
    file = TableFile(addresses)
    refuse_personal(file.names, addresses.name)
    named = column if column is not None else find_column(file.names, "address")
    if named is None or named not in file.names:
        asked = f"column {column}" if column is not None else "column of addresses"
        raise InputError(f"{addresses.name}: no {asked}: name one of {', '.join(file.names)} with --column")
    ours = {PREFIX + name for name in COLUMNS}
    if (taken := ours & set(file.names)) and taken != ours:
        raise InputError(
            f"{addresses.name}: has columns of its own named {', '.join(sorted(taken))}: rename them first"
        )
    counts: Counter[str] = Counter()
    with writing_table(out) as write:
        for table, faults in file.parts():
            answers = gazetteer.find_all(text_of(table, named))
            answers["why"] = answers["why"].where(faults == "", faults)
            found = pa.Table.from_pandas(answers.add_prefix(PREFIX), preserve_index=False)
            kept = table.drop_columns([name for name in found.column_names if name in table.column_names])
            for name in found.column_names:
                kept = kept.append_column(name, found[name])
            write(kept)
            counts.update(answers["level"].value_counts().to_dict())
            if told is not None:
                told(counts.total(), file.rows)
    return counts
