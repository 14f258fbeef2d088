"""Long work: what can be asked for, and who does it."""
