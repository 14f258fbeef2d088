"""What OpenStreetMap tags mean for drawing cells: boundary lines, and the land behind them."""

from collections.abc import Mapping
from typing import Final, Protocol


class Tags(Protocol):
    """Whatever answers for a key: an osmium tag list or a mapping."""

    def get(self, key: str, /) -> str | None:
        """Return the value of `key`, None where there is none."""


KEYS: Final = (
    "highway", "building", "railway", "waterway", "natural", "barrier", "landuse", "leisure", "amenity",
    "shop", "boundary", "place", "addr:housenumber",
)  # fmt: skip
"""Objects with none of these keys are not looked at."""

LINE_KEYS: Final = ("highway", "railway", "waterway", "natural", "barrier")
"""Ways with none of these keys are no lines."""

_ROADS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("motorway", "trunk", "primary", "secondary"), "arterial"),
    **dict.fromkeys(("motorway_link", "trunk_link", "primary_link", "secondary_link"), "arterial"),
    **dict.fromkeys(("tertiary", "tertiary_link", "residential", "unclassified", "living_street"), "street"),
    **dict.fromkeys(("pedestrian", "road", "busway"), "street"),
    **dict.fromkeys(("service", "track", "alley"), "lane"),
}
_NO_ROADS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("footway", "path", "steps", "cycleway", "bridleway"), "footway, path, steps or cycleway"),
    **dict.fromkeys(("construction", "proposed", "planned"), "not built yet"),
    "corridor": "indoors",
    "elevator": "indoors",
}
# These serve one plot: the houses on both sides of a driveway belong together.
_NO_LANES: Final[Mapping[str, str]] = {
    "parking_aisle": "parking aisle",
    "driveway": "driveway",
    "drive-through": "driveway",
    "crossover": "driveway",
    "emergency_access": "driveway",
}
_RAILS: Final = frozenset({"rail", "light_rail", "subway", "narrow_gauge", "funicular", "monorail"})
# These run beside a main track: one railway is one line on the ground.
_SIDE_TRACKS: Final = frozenset({"yard", "siding", "crossover"})
_WATERS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("river", "canal", "tidal_channel"), "river"),
    **dict.fromkeys(("stream", "ditch", "drain"), "lane"),
}
_WALLS: Final = frozenset({"wall", "fence", "city_wall", "retaining_wall", "hedge"})

_LAND: Final[Mapping[str, Mapping[str, str]]] = {
    "natural": {
        "water": "water",
        "bay": "water",
        **dict.fromkeys(("wood", "scrub", "grassland", "heath"), "green"),
    },
    "waterway": {"riverbank": "water", "dock": "water"},
    "amenity": {
        **dict.fromkeys(("school", "kindergarten", "college", "university"), "school"),
        **dict.fromkeys(("hospital", "clinic"), "hospital"),
        "marketplace": "market",
    },
    "shop": {"mall": "market"},
    "leisure": {
        **dict.fromkeys(("park", "garden", "pitch", "playground", "golf_course", "nature_reserve"), "green"),
        "recreation_ground": "green",
    },
    "landuse": {
        **dict.fromkeys(("grass", "forest", "cemetery", "village_green", "recreation_ground"), "green"),
        **dict.fromkeys(("meadow", "greenfield"), "green"),
        **dict.fromkeys(("farmland", "orchard", "vineyard", "allotments"), "field"),
        **dict.fromkeys(("reservoir", "basin"), "water"),
        "retail": "market",
        "industrial": "industry",
        "railway": "railway",
        "residential": "compound",
    },
}


def line_kind(tags: Tags) -> tuple[str, str, str]:
    """Say what a way is worth as a boundary.

    Returns
    -------
    tuple of str
        Layer (``"streets"`` or ``"barriers"``; empty where the way is no such line at all), kind (a
        lower-case name of `gis.barriers.Barrier`), and, where the kind is empty, the reason why the line
        is left out.
    """
    if highway := tags.get("highway"):
        kind, reason = _road(highway, tags)
        return "streets", kind, reason
    if railway := tags.get("railway"):
        kind, reason = _rail(railway, tags)
        return "barriers", kind, reason
    if kind := _WATERS.get(tags.get("waterway") or "", ""):
        below = _below_ground(tags)
        return ("barriers", "", f"water in a {below}") if below else ("barriers", kind, "")
    if tags.get("natural") == "coastline":
        return "barriers", "river", ""
    if barrier := tags.get("barrier"):
        return ("barriers", "wall", "") if barrier in _WALLS else ("barriers", "", "low barrier: kerb, rail or other")
    return "", "", ""


def _road(highway: str, tags: Tags) -> tuple[str, str]:
    kind = _ROADS.get(highway, "")
    if not kind:
        return "", _NO_ROADS.get(highway, "not a road")
    if below := _below_ground(tags):
        return "", below
    if tags.get("area") == "yes":
        return "", "square: an area, not a line"
    if highway == "service" and (reason := _NO_LANES.get(tags.get("service") or "", "")):
        return "", reason
    return kind, ""


def _rail(railway: str, tags: Tags) -> tuple[str, str]:
    if railway not in _RAILS:
        return "", "railway out of use, in the street, or not a track"
    if below := _below_ground(tags):
        return "", f"railway: {below}"
    if tags.get("service") in _SIDE_TRACKS:
        return "", "side track of a railway"
    return "rail", ""


def _below_ground(tags: Tags) -> str:
    """Say why a line does not divide the ground above or around it; empty where it does."""
    if (tags.get("tunnel") or "no") != "no":
        return "tunnel"
    if (tags.get("covered") or "no") != "no":
        return "covered"
    if (tags.get("indoor") or "no") != "no":
        return "indoors"
    return ""


def served_land(building: str) -> str:
    """Say what land a building of this kind stands for: a school, a hospital, a market; mostly none."""
    return _LAND["amenity"].get(building, "")


def land_kind(tags: Tags) -> str:
    """Say what land an area is: water, green, field, school, hospital, market, …; empty where unknown."""
    for key, kinds in _LAND.items():
        if kind := kinds.get(tags.get(key) or ""):
            return kind
    return ""


# Where a building's own tags say what it serves, "yes" does not make it a dwelling.
_USES: Final = ("amenity", "tourism", "leisure", "railway", "power", "man_made", "aeroway", "military")


def building_kind(tags: Tags) -> str:
    """Return the kind of a building: the value of `building`; where that is only ``yes``, what it serves."""
    kind = tags.get("building") or ""
    if kind != "yes":
        return kind
    for key in _USES:
        if use := tags.get(key):
            return use
    return kind


def place_names(tags: Tags) -> tuple[str, str, str, int]:
    """Return the name, every name and code in lower case (one a line), the code and the level of a place."""
    keys = (
        "name",
        "name:en",
        "name:zh",
        "official_name",
        "alt_name",
        "short_name",
        "int_name",
        "ref",
        "ISO3166-2",
    )
    known = [value for key in keys if (value := tags.get(key))]
    is_district = tags.get("boundary") == "administrative"
    level = tags.get("admin_level") or "" if is_district else ""
    code = tags.get("ref") or tags.get("ISO3166-2") or ""
    return tags.get("name") or "", "\n".join(known).casefold(), code, int(level) if level.isdigit() else 0
