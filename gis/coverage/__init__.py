"""The exact plane: integer lattice, noding, faces, certificate, defects."""
