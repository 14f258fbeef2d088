"""The defects of a coverage as a page that jumps from one to the next."""

from maps.defects.render import render_defects

__all__ = ["render_defects"]
