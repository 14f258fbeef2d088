"""Plans redrawn by hand: pieces of land and floors change cells, edit by edit, and the cover stays proved."""
