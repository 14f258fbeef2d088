"""What planners have, read into clean layers: OpenStreetMap, vector files, tables, household counts."""

from gis.sources.households import HouseholdRule
from gis.sources.read import read_town
from gis.sources.town import Town

__all__ = ["HouseholdRule", "Town", "read_town"]
