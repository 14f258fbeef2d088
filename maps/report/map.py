"""Maps as inline SVG, for paper: no script, light colours, lines that a grey printer keeps apart."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely

from maps.codec import Shapes
from maps.escape import as_html
from maps.paper import Paper, borders_of, scale_bar

WIDTH, _FOOT = 1800, 90
"""Size of a sheet in tenths of a millimetre: the width of an A4 page between its margins, and room for the scale."""
_LARGEST, _SMALLEST = 44, 20
"""Heights of labels."""
_DIGIT = 0.6
"""Width of a digit against its height."""


class Sheet:
    """A map sheet that fits an area: whole tenths of a millimetre, from the upper left corner.

    Parameters
    ----------
    area
        One row, in metres.
    name
        Of the sheet on its page: the ids in it begin with this.
    highest
        Tenths of a millimetre that it may be high.
    """

    def __init__(self, area: gpd.GeoDataFrame, name: str, highest: int) -> None:
        west, south, east, north = area.total_bounds
        self.name = name
        self.scale = min((WIDTH - 8) / (east - west), highest / (north - south))
        self._paper = Paper(west - (WIDTH / self.scale - (east - west)) / 2, north + 4 / self.scale, self.scale)
        self.height = int((north - south) * self.scale) + 8
        self._drawn: list[str] = []

    @property
    def unit_m(self) -> float:
        """Metres to a tenth of a millimetre."""
        return float(1 / self.scale)

    def add(self, shapes: Shapes, classes: str | Sequence[str]) -> None:
        """Draw polygons or lines, with one class for all or one for each; those of one class become one path."""
        names = [classes] * len(shapes) if isinstance(classes, str) else list(classes)
        for name in dict.fromkeys(names):
            own = shapes[[other == name for other in names]]
            if path := self._paper.path(own):
                self._drawn.append(f'<path class="{as_html(name)}" d="{path}"/>')

    def add_borders(self, shapes: Shapes, kind: str) -> None:
        """Draw the borders of polygons."""
        self.add(borders_of(shapes), f"border {kind}")

    def add_hatched(self, shapes: Shapes) -> None:
        """Draw polygons hatched."""
        if path := self._paper.path(shapes):
            self._drawn.append(f'<path fill="url(#{self.name}-hatch)" class="out" d="{path}"/>')

    def add_labels(self, shapes: Shapes, texts: Sequence[str]) -> None:
        """Write into each polygon, as large as it has room; into one without room, nothing."""
        circles = shapely.maximum_inscribed_circle(shapes, tolerance=2 * self.unit_m)
        middles = self._paper.whole(shapely.get_coordinates(shapely.get_point(circles, 0)))
        radii = shapely.length(circles) * self.scale
        for (x, y), radius, text in zip(middles.tolist(), radii.tolist(), texts, strict=True):
            size = min(_LARGEST, int(2 * radius / np.hypot(_DIGIT * len(text), 1)))
            if size >= _SMALLEST:
                self._drawn.append(f'<text x="{x}" y="{y}" font-size="{size}">{as_html(text)}</text>')

    def svg(self, label: str, north: str) -> str:
        """Return the sheet with its scale and its north, read out as `label`."""
        hatch = (
            f'<pattern id="{self.name}-hatch" width="12" height="12" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><path class="hatch" d="M0 0v12"/></pattern>'
        )
        return (
            f'<svg class="sheet" viewBox="0 0 {WIDTH} {self.height + _FOOT}" role="img" aria-label="{as_html(label)}">'
            f"<defs>{hatch}</defs>{''.join(self._drawn)}{self._foot(north)}</svg>"
        )

    def _foot(self, north: str) -> str:
        (long, said), y = scale_bar(self.scale, WIDTH / 4), self.height + 50
        return (
            f'<path class="scale" d="M4 {y - 12}v12h{long}v-12"/>'
            f'<text class="foot" x="{long + 22}" y="{y}">{said}</text>'
            f'<path class="north" d="M{WIDTH - 30} {y - 34}l14 40-14-9-14 9z"/>'
            f'<text class="foot end" x="{WIDTH - 56}" y="{y}">{as_html(north)}</text>'
        )
