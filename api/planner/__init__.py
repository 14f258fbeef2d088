"""The planner's page: a plan is redrawn by hand, and what would leave a seam is never taken."""

from api.planner import page, routes, stages
from api.planner.desk import Desk

__all__ = ["Desk", "page", "routes", "stages"]
