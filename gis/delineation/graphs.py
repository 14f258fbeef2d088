"""Graphs of neighbours: nodes made one, and parts that grow over what has none."""

import numpy as np
from scipy.sparse import coo_array, csr_array

from gis.arrays import Ints

# What touching is worth where the boundary costs nothing.
_TOUCHING = 1e-9


def contracted(graph: csr_array, of_atom: Ints, count: int) -> csr_array:
    """Costs between lots: the sums of those between their atoms; an edge that costs nothing stays an edge."""
    rows = of_atom[np.repeat(np.arange(len(of_atom)), np.diff(graph.indptr))]
    columns = of_atom[graph.indices]
    between = rows != columns
    merged = coo_array((graph.data[between], (rows[between], columns[between])), shape=(count, count)).tocsr()
    merged.sum_duplicates()
    return merged


def grown(graph: csr_array, label: Ints) -> Ints:
    """Let nodes without a part (-1) join the one they share most cost with, those beside a part first.

    What nothing leads to stays without.
    """
    label = label.copy()
    while True:
        joined = {}
        for node in np.flatnonzero(label < 0).tolist():
            row = slice(graph.indptr[node], graph.indptr[node + 1])
            beside = label[graph.indices[row]]
            known = beside >= 0
            if known.any():
                parts, number = np.unique(beside[known], return_inverse=True)
                joined[node] = parts[np.bincount(number, graph.data[row][known] + _TOUCHING).argmax()]
        if not joined:
            return label
        label[list(joined)] = list(joined.values())
