"""The pure spatial core: values in, values out; no network, database, page or clock."""

from importlib import import_module
from typing import Any

_HOMES = {
    "CellIndex": "gis.location.index",
    "CoverageReport": "gis.coverage.report",
    "Gazetteer": "gis.location.address.gazetteer",
    "Plan": "gis.plan",
    "Router": "gis.location.routing",
    "RoutingRule": "gis.location.rule",
    "Town": "gis.sources.town",
    "agree": "gis.coverage.agreement",
    "check": "gis.coverage.check",
    "compare": "gis.changes.compare",
    "delineate": "gis.delineation.delineate",
    "parse_levels": "gis.delineation.levels",
    "partition_graph": "gis.delineation.partition",
    "read_plan": "gis.plan",
    "read_reports": "gis.location.reports",
    "read_town": "gis.sources.read",
    "repair": "gis.coverage.repair",
    "revise": "gis.delineation.revise",
    "route": "gis.location.routing",
    "route_file": "gis.location.stream",
    "write_plan": "gis.plan",
}
__all__ = [*_HOMES]  # noqa: PLE0604 (the names are text)


def __getattr__(name: str) -> Any:  # noqa: ANN401 (whatever the name stands for)
    """Import what is asked for when it is asked for, so that importing one part does not load all."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gis' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
