"""What is counted of requests, for Prometheus."""

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()
_REQUESTS = Counter("wangge_requests", "Requests answered.", ("method", "route", "status"), registry=REGISTRY)
_SECONDS = Histogram(
    "wangge_request_seconds",
    "Seconds until the answer was sent.",
    ("route",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
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
