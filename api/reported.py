"""What somebody reports, and where that is."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from api.served import Served
from api.store.cases import Place
from gis.location.reports import Reports, reports_reader
from gis.location.tables import Objects

_GIVEN = ("lon", "lat", "accuracy", "source", "datum", "address", "qr")
_NUMBERS = {"lon", "lat", "accuracy"}
# Without those that are taken for others; ten of them: nobody guesses the number of a case.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID_LETTERS = 10
# Of a degree: a centimetre.
_DECIMALS = 7


@dataclass(frozen=True)
class Said:
    """What somebody reports.

    Attributes
    ----------
    category, grade, organisation
        Codes; without a grade that of the category.
    text
        What is the matter.
    lon, lat, datum, accuracy_m, source
        Where, as `wangge route` reads it.
    address, qr
        Where, in words, or by a scanned sign.
    contact
        How to reach who reports.
    """

    category: str
    text: str
    grade: str | None = None
    organisation: str | None = None
    lon: float | None = None
    lat: float | None = None
    datum: str = "wgs84"
    accuracy_m: float | None = None
    source: str = ""
    address: str = ""
    qr: str = ""
    contact: str = ""


def place(said: Said, served: Served, activation: int) -> Place:
    """Route one report."""
    values: dict[str, Any] = {
        "lon": said.lon,
        "lat": said.lat,
        "accuracy": said.accuracy_m,
        "source": said.source,
        "datum": said.datum,
        "address": said.address,
        "qr": said.qr,
    }
    kinds = {name: pa.float64() if name in _NUMBERS else pa.string() for name in _GIVEN}
    table = pa.table({name: pa.array([values[name]], kinds[name]) for name in _GIVEN})
    reports = _reader()(table, np.array([""], dtype=object))
    answers = served.router.answers(served.router.send(reports))
    routed = {name: column[0].as_py() for name, column in answers.items()}
    routed |= {"grid_codes": orjson.loads(routed["grid_codes"])}
    x, y = routed.pop("plan_x"), routed.pop("plan_y")
    # By address or sign, the place is that of the building; its degrees follow from there.
    there = (None, None) if x is None else served.to_plan.transform(x, y, direction="INVERSE")
    lon, lat = (None if degrees is None else round(degrees, _DECIMALS) for degrees in there)
    # The address is a text, which is erased one day; what else was said of the place stays.
    given = {name: value for name, value in values.items() if name != "address" and value not in (None, "")}
    return Place(lon, lat, given, routed, activation)


@cache
def _reader() -> Callable[[pa.Table, Objects], Reports]:
    return reports_reader(list(_GIVEN), None, "report")


def new_id(now: datetime) -> str:
    """Make the number of a case: its day, and what cannot be guessed."""
    return f"{now:%y%m%d}-{''.join(secrets.choice(_LETTERS) for _ in range(_ID_LETTERS))}"
