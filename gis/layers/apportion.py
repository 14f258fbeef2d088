"""Whole counts divided in proportion, so that the parts add up to the whole."""

import numpy as np

from gis.arrays import Ints


def apportion(count: int, weights: Ints) -> Ints:
    """Divide a count by the method of the largest remainder (Hamilton's).

    Every part gets its quota rounded down; what is left goes, one each, to the largest remainders, of equal ones to the
    first. In whole numbers throughout.

    Parameters
    ----------
    count
        0 or more.
    weights : (n,) int64
        0 or more; where all are 0, as if all were 1.

    Returns
    -------
    (n,) int64
        Their sum is `count`; no part differs from its quota by 1 or more.

    Examples
    --------
    >>> apportion(7, np.array([15, 15])).tolist()
    [4, 3]
    >>> apportion(10, np.array([1, 2, 3])).tolist()
    [2, 3, 5]
    """
    weights = weights if weights.any() else np.ones_like(weights)
    # Python's whole numbers have no end: a product of two counts may leave 64 bits.
    whole, each = int(weights.sum()), [count * int(weight) for weight in weights]
    parts = np.array([quota // whole for quota in each], np.int64)
    left = count - int(parts.sum())
    order = sorted(range(len(each)), key=lambda k: (-(each[k] % whole), k))
    parts[order[:left]] += 1
    return parts
