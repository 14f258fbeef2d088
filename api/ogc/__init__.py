"""OGC API Features and Tiles over collections of features."""

from api.ogc.cells import cell_collections
from api.ogc.collection import Collection, Extent, Feature, Interval, Page, Query, Shapes
from api.ogc.router import ogc_router

__all__ = ["Collection", "Extent", "Feature", "Interval", "Page", "Query", "Shapes", "cell_collections", "ogc_router"]
