"""Doors: the command line; later the service."""
