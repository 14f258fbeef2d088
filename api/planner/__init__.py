"""The planner's page: a plan is redrawn by hand, and what would leave a seam is never taken."""

from api.planner import page, proposing, routes, stages
from api.planner.desk import Desk

ROUTERS = (routes.router, proposing.router, stages.router)

__all__ = ["ROUTERS", "Desk", "page", "proposing", "routes", "stages"]
