"""What differs between two plans of one area."""
