"""Everything that was given, read but not yet cut to an area."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd

from gis.errors import InputError
from gis.sources.buildings import osm_buildings, read_buildings
from gis.sources.dwellings import check_dwellings, read_dwellings
from gis.sources.files import Source, looks_like_file
from gis.sources.land import read_land
from gis.sources.left_out import LeftOut
from gis.sources.lines import read_lines
from gis.sources.osm import OsmLayers, read_osm
from gis.sources.register import Register, read_register
from gis.sources.rules import read_rules

Spec = str | Path


@dataclass
class Given:
    """The layers of all sources, each in its own CRS.

    Attributes
    ----------
    ledger, inputs
        What was left out; name and SHA-256 of each file read.
    name
        What to call an area that has no name: after the file of its buildings.
    osm, osm_name
        The OpenStreetMap file, if there is one.
    streets, barriers
        Lines with `kind` and `name`; a file of streets takes the place of those in the OpenStreetMap file.
    buildings
        As `gis.sources.buildings.read_buildings` gives them.
    addresses, land, dwellings, rules, register
        What else there is; None for a layer nobody gave.
    """

    say: Callable[[str], None]
    ledger: LeftOut = field(default_factory=LeftOut)
    inputs: list[dict[str, str]] = field(default_factory=list)
    name: str = ""
    osm: OsmLayers | None = None
    osm_name: str = ""
    streets: gpd.GeoDataFrame | None = None
    barriers: list[gpd.GeoDataFrame] = field(default_factory=list)
    buildings: gpd.GeoDataFrame | None = None
    addresses: gpd.GeoDataFrame | None = None
    land: gpd.GeoDataFrame | None = None
    dwellings: pd.DataFrame | None = None
    rules: gpd.GeoDataFrame | None = None
    register: Register | None = None

    def source(self, spec: Spec) -> Source:
        """Return the source that was asked for, and write down its files."""
        source = Source.of(spec)
        for name, sha256 in source.hashes():
            if not any(entry["name"] == name and entry["sha256"] == sha256 for entry in self.inputs):
                self.inputs.append({"name": name, "sha256": sha256})
        return source

    def read_osm(self, spec: Spec) -> None:
        """Read an OpenStreetMap file."""
        source = self.source(spec)
        self.say(f"reading {source}")
        self.name = source.path.name.split(".")[0]
        self.osm, self.osm_name = read_osm(source.path), source.path.name
        self.ledger.add_all(self.osm.left_out)
        self.streets, self.barriers = self.osm.streets, [self.osm.barriers]
        self.addresses, self.land = self.osm.addresses, self.osm.land
        self.buildings = osm_buildings(self.osm.buildings)

    def read_lines(self, streets: Spec | None, barriers: Spec | None) -> None:
        """Read files of streets and of other barriers."""
        if streets is not None:
            source = self.source(streets)
            self.say(f"reading {source}")
            self.streets = read_lines(source, self.ledger, "streets", "street")
        if barriers is not None:
            source = self.source(barriers)
            self.say(f"reading {source}")
            self.barriers = [*self.barriers, read_lines(source, self.ledger, "barriers", "wall")]

    def read_buildings(self, buildings: Spec | None, households: Spec | None, column: str | None) -> None:
        """Read a file of buildings with what lies beside them in it, and a list of households."""
        if column is not None and buildings is None and households is None:
            raise InputError(
                f"household column '{column}': it needs a file that has it: give --buildings or --households"
            )
        if buildings is not None:
            source = self.source(buildings)
            self.say(f"reading {source}")
            self.name = source.path.name.split(".")[0]
            self.buildings = read_buildings(source, column, self.ledger, column_required=households is None)
            self.dwellings = read_dwellings(source)
            check_dwellings(self.buildings, self.dwellings)
            own_land = read_land(source, self.ledger)
            self.land = self.land if own_land is None else own_land
        if households is not None:
            source = self.source(households)
            self.say(f"reading {source}")
            self.register = read_register(source, column)
            if self.register.counts_rows:
                self.say(f"{source} has no column of households: each of its {len(self.register.rows)} rows is one")

    def read_rules(self, rules: Spec | None) -> None:
        """Read what is demanded of a drawing."""
        if rules is not None:
            source = self.source(rules)
            self.say(f"reading {source}")
            self.rules = read_rules(source, self.ledger)

    def note_territory(self, *specs: Spec | int | None) -> None:
        """Write down the files that say where the area is."""
        for spec in specs:
            if isinstance(spec, Path) or (isinstance(spec, str) and looks_like_file(spec)):
                self.source(spec)
