"""The exact plane: integer lattice, noding, faces, sums and certificate; defects, repair, edits, agreement."""
