"""A plan as pages to print: maps, charts, quality, exceptions, and what changed."""

from maps.report.render import render_report

__all__ = ["render_report"]
