"""The six layers that lie over a plan: people, places, things, events, sentiment, organisations."""

from gis.layers.given import Given, named_apart
from gis.layers.joining import place
from gis.layers.keeping import read_layers, write_layers
from gis.layers.layer import Layer
from gis.layers.osm import read_osm
from gis.layers.reading import read_layer
from gis.layers.schema import KINDS
from gis.layers.vocabulary import vocabulary

__all__ = [
    "KINDS",
    "Given",
    "Layer",
    "named_apart",
    "place",
    "read_layer",
    "read_layers",
    "read_osm",
    "vocabulary",
    "write_layers",
]
