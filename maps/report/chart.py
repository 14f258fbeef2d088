"""The sizes of the cells of a level against their band, as a chart for paper."""

from collections.abc import Sequence

import numpy as np

from maps.escape import as_html

_WIDTH, _HEIGHT, _LEFT, _TOP, _BASE = 860, 440, 20, 40, 360
_LEAST = 10
"""Height of a bar that can be seen."""
_MOST_IN_BAND, _BESIDE = 12, 2
"""Bars of the band at most, and whole bars on either side of it."""


def size_edges(lower: int, upper: int) -> list[int]:
    """Return where the bars of a chart begin, so that none holds households in band and others.

    The last value is where the open bar of the largest cells begins.

    Examples
    --------
    >>> size_edges(70, 80)
    [68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83]
    >>> size_edges(400, 600)[1:5]
    [380, 400, 420, 440]
    """
    values = upper + 1 - lower
    bars = values if values <= _MOST_IN_BAND else 10
    inside = [lower + round(k * values / bars) for k in range(bars)]
    step = max(1, values // bars)
    before = [max(0, lower - k * step) for k in range(_BESIDE, 0, -1)]
    return sorted({*before, *inside, *(upper + 1 + k * step for k in range(_BESIDE + 1))})


def size_chart(households: Sequence[int], band: Sequence[int], name: str, label: str, axis: str) -> str:
    """Draw how many cells have how many households.

    Parameters
    ----------
    households
        Of each cell.
    band
        Fewest and most.
    name
        Of the chart on its page: the ids in it begin with this.
    label
        What it shows, for a screen reader.
    axis
        What is counted along the axis.
    """
    edges = size_edges(*band)
    counts = np.bincount(np.searchsorted(edges, households, side="right"), minlength=len(edges) + 1)
    step = (_WIDTH - 2 * _LEFT) / len(counts)
    tallest = max(1, int(counts.max()))
    lower, upper = edges.index(band[0]) + 1, edges.index(band[1] + 1) + 1
    bars = []
    for k, count in enumerate(counts.tolist()):
        height = max(_LEAST, round((_BASE - _TOP - 26) * count / tallest))
        x, wide = _LEFT + k * step, step - 4
        kind = "bar" if lower <= k < upper else "bar off"
        fill = "" if lower <= k < upper else f' fill="url(#{name}-hatch)"'
        if count:
            top = _BASE - height
            bars.append(
                f'<rect class="{kind}" x="{x + 2:.0f}" y="{top}" width="{wide:.0f}" height="{height}"{fill}/>'
                f'<text class="count" x="{x + step / 2:.0f}" y="{top - 8}">{count}</text>'
            )
    left, right = _LEFT + lower * step, _LEFT + upper * step
    marks = [
        (_LEFT + step / 2, f"<{edges[0]}"),
        (left, str(band[0])),
        (right, str(band[1])),
        (_LEFT + (len(counts) - 0.5) * step, f"≥{edges[-1]}"),
    ]
    ticks = "".join(f'<text class="tick" x="{x:.0f}" y="{_BASE + 34}">{as_html(text)}</text>' for x, text in marks)
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{as_html(label)}">'
        f'<defs><pattern id="{name}-hatch" width="9" height="9" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path class="hatch" d="M0 0v9"/></pattern></defs>'
        f'<rect class="band" x="{left:.0f}" y="{_TOP - 30}" width="{right - left:.0f}" height="{_BASE - _TOP + 30}"/>'
        f'{"".join(bars)}<path class="axis" d="M{_LEFT} {_BASE}h{_WIDTH - 2 * _LEFT}"/>{ticks}'
        f'<text class="tick" x="{_WIDTH / 2:.0f}" y="{_BASE + 66}">{as_html(axis)}</text></svg>'
    )
