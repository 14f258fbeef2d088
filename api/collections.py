"""Which collections of features there are for whoever asks."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import numpy as np
from fastapi import Request

from api.access.roles import May, Who
from api.ogc import Collection
from api.ogc.case_counts import PROPERTIES, case_counts
from api.ogc.case_points import CasePoints
from api.ogc.cell_table import CellTable, Records
from api.ogc.cells import Cells
from api.served import Served
from api.service import Service
from api.store import tallies
from api.store.cases import Wanted
from maps.audience import Audience


@dataclass
class Offered:
    """Gives the collections to a request; nothing is read of the database before it is asked for.

    Attributes
    ----------
    service
        Of the worker.
    """

    service: Service
    _published: tuple[int, datetime, Records] | None = field(init=False, default=None)
    _publishing: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __call__(self, request: Request) -> Sequence[Collection]:
        """Return the cells with their figures, and the cases to those who may read them."""
        who: Who = request.scope["who"]
        served = self.service.plans.current
        cells = served.collections(who.audience)
        counts = self._counts(served, who)
        return (*cells, counts, self._cases(cells[0], who)) if who.may(May.READ_CASES) else (*cells, counts)

    def _cases(self, cells: Cells, who: Who) -> CasePoints:
        shapes = cells.table.shapes
        wanted = Wanted(scope=who.scope, worker=who.code)
        return CasePoints(self.service.database, wanted, self.service.clock(), shapes.box, shapes.references)

    def _counts(self, served: Served, who: Who) -> Cells:
        every = served.collections(who.audience)[0]
        public = who.audience is Audience.PUBLIC
        read = self._publish if public else self._read
        rows = every.rows
        if not public and who.scope is not None:
            inside = [who.covers(served.territory.chain(code)) for code in every.table.shapes.codes]
            rows = np.flatnonzero(inside).astype(np.int64)
        table = CellTable(every.table.shapes, PROPERTIES, partial(read, served, who.audience))
        return Cells("case-counts", "Case counts", "Cells of every level with figures of their cases.", table, rows)

    def _read(self, served: Served, audience: Audience) -> Records:
        with self.service.database.reading() as connection:
            counted = tallies.counts(connection)
        return case_counts(served.collections(audience)[0].table.shapes, counted, audience)

    def _publish(self, served: Served, audience: Audience) -> Records:
        with self._publishing:
            since, counted = self.service.published.figures()
            kept = self._published
            if kept is None or kept[:2] != (served.plan_id, since):
                records = case_counts(served.collections(audience)[0].table.shapes, counted, audience)
                self._published = kept = (served.plan_id, since, records)
            return kept[2]
