"""What is kept: plans, cases and their history, keys, jobs; in SQLite or PostgreSQL with PostGIS."""
