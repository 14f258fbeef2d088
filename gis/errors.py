"""The only exceptions that leave this package."""


class GisError(Exception):
    """Base of all: one sentence that says what is wrong, where, and what to do."""


class InputError(GisError):
    """Something given cannot be used: a file, a layer, a row, an option."""


class CrsError(InputError):
    """Coordinates whose reference system is missing, unusable or contradicted by their values."""


class CoverageError(GisError):
    """Polygons that should be a coverage are not: the certificate does not hold."""


class ConservationError(GisError):
    """Sums that must be equal are not: something was lost or counted twice."""
