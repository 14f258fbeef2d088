"""Colours and classes: what a figure looks like on a map that everybody can read.

The scale is one hue from light to dark, so that its order survives colour blindness and a grey printer; the
colours of reports follow Okabe and Ito (2008), who chose them for the three kinds of colour blindness.
"""

from collections.abc import Sequence

import numpy as np

LAND = {
    "water": "#c3dcea",
    "green": "#d5e5c8",
    "school": "#f3e6c6",
    "market": "#f2dccd",
    "hospital": "#f1d6da",
}

BARRIERS = {
    "river": ("#8fbbd6", 3.5),
    "rail": ("#6d6a66", 1.6),
    "arterial": ("#fff4d6", 5.5),
    "street": ("#ffffff", 3.0),
    "lane": ("#ffffff", 1.4),
    "wall": ("#b9a58c", 0.9),
}
"""Colour and width in pixels at zoom 16 of each kind of line, the weightiest first."""
OTHER_LINE = ("#c9c4ba", 1.0)

THEMES = {
    "light": {
        "ramp": ("#eef3f3", "#d6e6ea", "#b5d3de", "#8dbbce", "#6aa3bd", "#4b89a9"),
        "few": ("#c79a4f", "#e8d3a4"),
        "band": "#e3edef",
        "many": ("#9cc3d8", "#5a98ba"),
        "nothing": "#f3f1ea",
        "unknown": "#e4e0d8",
        "plain": "#fbfaf7",
        "apart": ("#f6e3c5", "#e0d8ee", "#dfe8cf", "#f0d6da", "#f5f0d0", "#d5e6ee"),
        "blend": "multiply",
        "alpha": 1.0,
        "veil": "rgba(238, 235, 228, 0.72)",
        "borders": ("#22333f", "#2f4452", "#4b5f6d"),
        "hatch": "rgba(176, 84, 38, 0.42)",
        "hidden": "rgba(96, 90, 80, 0.2)",
        "building": "rgba(104, 98, 90, 0.3)",
        "outline": "rgba(80, 75, 68, 0.5)",
        "ink": "#1f3442",
        "street": "#5b5348",
        "halo": "rgba(255, 255, 255, 0.9)",
        "land": LAND,
        "other_land": "#e8e5dd",
        "lines": {kind: colour for kind, (colour, _) in BARRIERS.items()},
        "other_line": OTHER_LINE[0],
        "gap": "#ffffff",
    },
    "dark": {
        "ramp": ("#223039", "#26475a", "#2b6079", "#327c97", "#4c9db6", "#80c3d4"),
        "few": ("#a0742c", "#6a5128"),
        "band": "#223640",
        "many": ("#2f7c9e", "#69b3d0"),
        "nothing": "#1d2429",
        "unknown": "#2b2f33",
        "plain": "#1b2126",
        "apart": ("#4a3d26", "#3a3350", "#344327", "#4a2f33", "#474523", "#25424f"),
        "blend": "source-over",
        "alpha": 0.85,
        "veil": "rgba(17, 21, 24, 0.66)",
        "borders": ("#f2f6f8", "#c9d6dd", "#8fa3af"),
        "hatch": "rgba(240, 160, 100, 0.5)",
        "hidden": "rgba(190, 190, 190, 0.2)",
        "building": "rgba(226, 230, 232, 0.17)",
        "outline": "rgba(226, 230, 232, 0.3)",
        "ink": "#f4f8fa",
        "street": "#c8c2b6",
        "halo": "rgba(12, 16, 19, 0.85)",
        "land": {
            "water": "#1d4d70",
            "green": "#1e3326",
            "school": "#37311f",
            "market": "#382a22",
            "hospital": "#38262b",
        },
        "other_land": "#24272a",
        "lines": {
            "river": "#2f5d7c",
            "rail": "#8a8782",
            "arterial": "#5d5644",
            "street": "#414a51",
            "lane": "#363e44",
            "wall": "#5a5044",
        },
        "other_line": "#4a4a48",
        "gap": "#14191d",
    },
}
"""What the map is drawn in; a page begins with what its reader's system prefers. Borders from the top level down."""

STATUSES = {
    "inside": "#0072b2",
    "nearest": "#e69f00",
    "outside": "#d55e00",
    "ask_address": "#a0528a",
    "rejected": "#777777",
}

STANDINGS = {
    "open": "#0072b2",
    "overdue": "#d55e00",
    "late": "#b08900",
    "on_time": "#00795a",
    "closed": "#6b7780",
}
RATINGS = {"good": "#00795a", "fair": "#b08900", "poor": "#d55e00"}
LAYERS = {
    "people": "#444444",
    "places": "#6c4f9e",
    "things": "#00706b",
    "events": "#0072b2",
    "sentiment": "#00795a",
    "organisations": "#9a3b6e",
}

# By what is wrong: land of nobody, land of several, borders, single shapes, the table. A hue and a sign for each.
DEFECT_FAMILIES = {
    "nobody": {"gap": "#d55e00", "hole": "#b04a00", "inlet": "#e0853c", "uncovered": "#8a3c00"},
    "several": {"overlap": "#0072b2", "contained": "#00507d", "outside": "#4f6fc4", "duplicate": "#3391cc"},
    "border": {"sliver": "#a0528a", "unmatched_vertex": "#c26fae", "parent_child": "#6c2f5c"},
    "shape": {
        "invalid": "#00795a",
        "spike": "#36967a",
        "empty": "#00503b",
        "disconnected": "#5a8500",
        "corner_contact": "#7c9a30",
        "exclave": "#3d5c00",
    },
    "table": {"code": "#555555", "building": "#6f6a62", "dwelling": "#86807a"},
}
OTHER_DEFECT = "#444444"
DEFECT_SIGNS = {
    "nobody": "M-6,0a6,6 0 1,0 12,0a6,6 0 1,0 -12,0Z",
    "several": "M-5.3,-5.3h10.6v10.6h-10.6Z",
    "border": "M0,-7.2L7.2,0L0,7.2L-7.2,0Z",
    "shape": "M0,-7L7,5.4H-7Z",
    "table": "M-2.3,-6.6h4.6v4.3h4.3v4.6h-4.3v4.3h-4.6v-4.3h-4.3v-4.6h4.3Z",
}
"""SVG paths around the point they stand for: circle, square, diamond, triangle, cross."""


def band_breaks(lower: int, upper: int) -> list[int]:
    """Return where classes begin, so that the band is a class of its own.

    Examples
    --------
    >>> band_breaks(70, 80)
    [1, 35, 70, 81, 121]
    """
    return sorted({1, max(1, lower // 2), lower, upper + 1, int(upper * 1.5) + 1})


def even_breaks(counts: Sequence[int], classes: int = 5) -> list[int]:
    """Return round numbers that divide counts into classes of about the same number of cells.

    Examples
    --------
    >>> even_breaks([3, 12, 18, 25, 31, 47, 58, 66, 71, 90])
    [1, 20, 30, 50, 70]
    >>> even_breaks([190, 201, 207, 212, 219, 230])
    [1, 200, 210, 220]
    """
    some = np.array([count for count in counts if count > 0])
    if not len(some):
        return [1]
    marks = np.quantile(some, np.linspace(0, 1, classes + 1)[1:-1])
    step = 10.0 ** np.floor(np.log10(max(float(np.median(some)), 1.0)))
    found: set[int] = set()
    while len(found) < classes - 2 and step >= 1:
        found = {
            mark for mark in (np.rint(marks / step) * step).astype(int).tolist() if some.min() < mark <= some.max()
        }
        step /= 10
    return sorted({1, *found})
