"""What is counted of requests, and what is kept, for Prometheus."""

import os
from collections.abc import Iterable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from api.store import jobs, overviews
from api.store.engine import Database

#: Folder in which several workers count together (`prometheus_client` reads it); unset where there is one.
SHARED = "PROMETHEUS_MULTIPROC_DIR"
_REGISTRY = CollectorRegistry()
_REQUESTS = Counter("wangge_requests", "Requests answered.", ("method", "route", "status"), registry=_REGISTRY)
_SECONDS = Histogram(
    "wangge_request_seconds",
    "Seconds until the answer was sent.",
    ("route",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=_REGISTRY,
)


@cache
def _counter(method: str, route: str, status: int) -> Counter:
    return _REQUESTS.labels(method, route, str(status))


@cache
def _timer(route: str) -> Histogram:
    return _SECONDS.labels(route)


def count(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer; `route` is the route's pattern, never a path that somebody made up."""
    _counter(method, route, status).inc()
    _timer(route).observe(seconds)


class _Kept(Collector):
    """What the store holds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Count cases by state, and the jobs that wait."""
        by_state = GaugeMetricFamily("wangge_cases", "Cases by state.", labels=["state"])
        with self._database.reading() as connection:
            for state, number in overviews.by_state(connection).items():
                by_state.add_metric([state], number)
            waiting = jobs.waiting(connection)
        yield by_state
        yield GaugeMetricFamily("wangge_jobs_waiting", "Jobs that nobody does yet.", waiting)


def written(database: Database) -> bytes:
    """Write everything in the text format of Prometheus: the counts of all workers."""
    registry = CollectorRegistry()
    if SHARED in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_Kept(database))
    own = b"" if SHARED in os.environ else generate_latest(_REGISTRY)
    return own + generate_latest(registry)
