"""Data this project makes itself: a demo town, presets, tables. Needs nothing of the other packages."""
