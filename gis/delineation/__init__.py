"""Drawing: atoms, graph, partition, levels, towers, codes."""
