"""Notice cards: one page of A4 for each cell, to print and hang up where it is."""

from maps.cards.render import render_cards
from maps.cards.units import Units, read_units

__all__ = ["Units", "read_units", "render_cards"]
