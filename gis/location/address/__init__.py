"""From an address to its building and cell, without the internet."""
