"""Names for the arrays that everything here is made of."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

# Counts of households, and their sums, reach this at most: METIS counts in 32 bits.
MOST_COUNT: Final = 2**31 - 1

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# Numbers of vertices, where there are so many that half the memory counts.
Indices = npt.NDArray[np.int32]
Geometries = npt.NDArray[Any]
"""Arrays of shapely geometries, which have no types of their own."""
