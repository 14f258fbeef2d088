"""The integer lattice: coordinates in steps of 2⁻¹⁰ m, exact both as int64 and as float64."""

import numpy as np
import shapely

from gis.arrays import Floats, Geometries, Ints

STEPS_PER_METRE = 1024
UNIT_M = 1 / STEPS_PER_METRE


def to_lattice(xy: Floats) -> Ints:
    """Round coordinates in metres, any shape, to lattice steps."""
    return np.rint(xy * STEPS_PER_METRE).astype(np.int64)


def to_metres(steps: Ints) -> Floats:
    """Return lattice steps as metres; exact, because a step is a power of two."""
    return steps / STEPS_PER_METRE


def segments_of(geometries: Geometries) -> tuple[Ints, Ints]:
    """Break lines and polygon rings into lattice segments.

    Parameters
    ----------
    geometries : (n,) array of shapely geometries
        Lines or polygons, single or multiple, in metres.

    Returns
    -------
    segments : (m, 4) int64
        x0, y0, x1, y1 in lattice steps; segments shorter than a step are dropped.
    source : (m,) int64
        Row of the geometry that each segment comes from.
    """
    parts, part_source = shapely.get_parts(geometries, return_index=True)
    lines = shapely.get_dimensions(parts) == 1
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    chains = np.concatenate([parts[lines], rings])
    chain_source = np.concatenate([part_source[lines], part_source[ring_part]])
    xy, chain = shapely.get_coordinates(chains, return_index=True)
    steps = to_lattice(xy)
    joined = (chain[1:] == chain[:-1]) & (steps[1:] != steps[:-1]).any(axis=1)
    segments = np.hstack([steps[:-1][joined], steps[1:][joined]])
    return segments, chain_source[chain[1:][joined]]
