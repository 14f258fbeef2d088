"""The signs of places and facilities: drawings of 15 by 15 pixels that npm brings when the project is built."""

import re
from functools import cache
from html import unescape

from gis.errors import GisError
from maps.vendor import SIGNS, VENDOR

OF = {
    "school": "school",
    "health": "hospital",
    "care": "wheelchair",
    "government": "town-hall",
    "safety": "police",
    "culture": "library",
    "worship": "place-of-worship",
    "park": "park",
    "market": "commercial",
    "shop": "shop",
    "food": "restaurant",
    "bank": "bank",
    "post": "post",
    "transport": "bus",
    "parking": "parking",
    "lodging": "lodging",
    "toilets": "toilet",
    "office": "suitcase",
    "hydrant": "fire-station",
    "cabinet": "terminal",
    "transformer": "communications-tower",
    "post_box": "post",
    "telephone": "telephone",
    "drinking_water": "drinking-water",
    "fitness_station": "fitness-centre",
    "traffic_signal": "car",
    "traffic_sign": "information",
    "bollard": "barrier",
    "bicycle_parking": "bicycle-share",
    "bus_shelter": "bus",
    "waste_basket": "waste-basket",
    "waste_container": "recycling",
    "notice_board": "information",
    "functional": "town-hall",
    "trade": "suitcase",
    "tree": "garden",
    "bench": "picnic-site",
    "sculpture": "monument",
}
"""Name of the sign by category of place or type of thing."""
OTHER = "marker"
_PATH = re.compile(r'<path[^>]*\sd="([^"]+)"')


@cache
def sign(category: str) -> str:
    """Return the sign of a category as an SVG path.

    Raises
    ------
    GisError
        Where the build step was left out.
    """
    name = OF.get(category, OTHER)
    path = VENDOR / "maki" / f"{name}.svg"
    if name not in SIGNS or not path.is_file():
        raise GisError(f"{path}: was not built: run 'python -m maps.vendor' once (it needs npm)")
    return " ".join(" ".join(unescape(found).split()) for found in _PATH.findall(path.read_text(encoding="utf-8")))
