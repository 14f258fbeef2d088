"""One pass over an OpenStreetMap file: what is drawn there, as columns of text and well-known binary."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import osmium
import shapely
from osmium.filter import EmptyTagFilter, EntityFilter, IdFilter, KeyFilter
from osmium.geom import WKBFactory

from gis.sources.left_out import LeftOut
from gis.sources.osm_tags import KEYS, LINE_KEYS, building_kind, land_kind, line_kind, place_names, served_land

_BROKEN: Final = "outline broken or cut off by the file"
_NODE: Final = osmium.osm.NODE
_WAY: Final = osmium.osm.WAY


@dataclass
class Rows:
    """Columns under way: one geometry (hexadecimal WKB) and one tuple of values a row."""

    shapes: list[str] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, shape: str, *values: Any) -> None:  # noqa: ANN401 (a row of any values)
        """Add a row."""
        self.shapes.append(shape)
        self.rows.append(values)


class Scan:
    """Everything of interest in one file, as read.

    Attributes
    ----------
    streets, barriers
        Rows of `kind`, `name`.
    buildings
        Rows of `building_id`, `kind`, `number`, `street`, `unit`, `flats`, `levels`, `height`.
    addresses
        Rows of `number`, `street`, `unit`.
    land
        Rows of `kind`, `name`.
    places
        Rows of `name`, `names`, `code`, `admin_level`.
    named
        Names of all administrative relations, whole or not.
    box
        The box in the file's header, if there is one.
    left_out
        The ledger.
    """

    def __init__(self, path: Path) -> None:
        self.streets, self.barriers, self.buildings = Rows(), Rows(), Rows()
        self.addresses, self.land, self.places = Rows(), Rows(), Rows()
        self.named: set[str] = set()
        self.left_out = LeftOut()
        self._wkb = WKBFactory()
        self._torn: dict[int, tuple[Any, ...]] = {}
        self.box = self._run(path)
        self._mend(path)

    def _run(self, path: Path) -> shapely.Polygon | None:
        areas = KeyFilter(*(key for key in KEYS if key not in {"highway", "barrier", "railway"}))
        housed = KeyFilter("addr:housenumber")
        housed.enable_for(_NODE)  # of points, only addresses; a crossing or a gate is none
        lines = KeyFilter(*LINE_KEYS)
        lines.enable_for(_WAY)  # what is an area comes as one, besides
        processor = (
            osmium.FileProcessor(path)
            .with_areas(areas)
            .with_filter(EmptyTagFilter())
            .with_filter(housed)
            .with_filter(lines)
            .with_filter(KeyFilter(*KEYS))
        )
        readers = {
            "a": self._area,
            "w": self._way,
            "n": self._node,
            "r": self._relation,
        }
        for thing in processor:
            readers[thing.type_str()](thing)
        box = processor.header.box()
        if not box.valid():
            return None
        low, high = box.bottom_left, box.top_right
        return shapely.box(low.lon, low.lat, high.lon, high.lat)

    def _area(self, area: Any) -> None:  # noqa: ANN401 (osmium is untyped here)
        tags = area.tags
        is_building = (tags.get("building") or "no") != "no"
        is_place = "name" in tags and (tags.get("boundary") == "administrative" or "place" in tags)
        row = self._building(area) if is_building else ()
        land = served_land(row[1]) if is_building else land_kind(tags)
        if not (is_building or land or is_place):
            return
        try:
            shape = self._wkb.create_multipolygon(area)
        except RuntimeError:  # osmium's word for an area without a closed, uncrossed ring
            if is_building and area.from_way():
                self._torn[area.orig_id()] = row
            else:
                self.left_out.add("buildings" if is_building else "land", _BROKEN)
            return
        if is_building:
            self.buildings.add(shape, *row)
        if land:
            self.land.add(shape, land, tags.get("name", ""))
        if is_place:
            self.places.add(shape, *place_names(tags))

    @staticmethod
    def _building(area: Any) -> tuple[Any, ...]:  # noqa: ANN401
        tags, get = area.tags, area.tags.get
        return (
            f"{'w' if area.from_way() else 'r'}{area.orig_id()}",
            building_kind(tags),
            get("addr:housenumber", ""),
            get("addr:street") or get("addr:place", ""),
            get("addr:flats") or get("addr:unit", ""),
            get("building:flats", ""),
            get("building:levels", ""),
            get("height", ""),
        )

    def _way(self, way: Any) -> None:  # noqa: ANN401
        tags = way.tags
        if "building" in tags:
            return
        layer, kind, reason = line_kind(tags)
        if reason:
            self.left_out.add(layer, reason)
        if not kind:
            return
        rows = self.streets if layer == "streets" else self.barriers
        try:
            rows.add(self._wkb.create_linestring(way), kind, tags.get("name", ""))
        except (RuntimeError, osmium.InvalidLocationError):
            runs = _runs(way)
            self.left_out.add(layer, "its points are not in the file", not runs)
            for run in runs:
                rows.add(run, kind, tags.get("name", ""))

    def _node(self, node: Any) -> None:  # noqa: ANN401
        tags = node.tags
        # The unit of a shop or an office is a door, but no home.
        business = any(key in tags for key in ("shop", "office", "amenity", "craft", "tourism", "leisure"))
        self.addresses.add(
            self._wkb.create_point(node),
            tags.get("addr:housenumber", ""),
            tags.get("addr:street") or tags.get("addr:place", ""),
            "" if business else tags.get("addr:flats") or tags.get("addr:unit", ""),
        )

    def _relation(self, relation: Any) -> None:  # noqa: ANN401
        tags = relation.tags
        if tags.get("boundary") == "administrative" and (name := tags.get("name")):
            self.named.add(name)

    def _mend(self, path: Path) -> None:
        """Read again the outlines that cross themselves: the house stands, however it was drawn."""
        if not self._torn:
            return
        ways = osmium.FileProcessor(path, _NODE | _WAY).with_locations()
        ways = ways.with_filter(EntityFilter(_WAY)).with_filter(IdFilter(self._torn))
        for way in ways:
            try:
                ring = shapely.from_wkb(self._wkb.create_linestring(way))
            except (RuntimeError, osmium.InvalidLocationError):
                continue
            parts = shapely.get_parts(shapely.make_valid(shapely.polygonize([shapely.node(ring)])))
            outline = shapely.union_all([part for part in parts if part.geom_type.endswith("Polygon")])
            if not outline.is_empty:
                self.buildings.add(shapely.to_wkb(outline, hex=True), *self._torn.pop(way.id))
                self.left_out.add("buildings", "mended: the outline crossed itself")
        self.left_out.add("buildings", _BROKEN, len(self._torn))


def _runs(way: Any) -> list[str]:  # noqa: ANN401
    """Return the stretches of a way whose points the file holds: extracts cut streets at their edge."""
    runs: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if node.location.valid():
            runs[-1].append((node.lon, node.lat))
        elif runs[-1]:
            runs.append([])
    return [shapely.to_wkb(shapely.LineString(run), hex=True) for run in runs if len(run) > 1]
