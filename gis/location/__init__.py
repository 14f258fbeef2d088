"""From a point to its cell."""
