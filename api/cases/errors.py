"""What goes wrong with cases and their tables: the only exceptions that leave `api.cases`."""


class CaseError(Exception):
    """Base of all: one line that says what is wrong."""


class NotAllowed(CaseError):  # noqa: N818 (the names say what happened)
    """The role may not do this."""


class WrongState(CaseError):  # noqa: N818
    """It cannot be done where the case stands."""


class StaleVersion(CaseError):  # noqa: N818
    """Somebody else has acted since the case was read."""


class BadAction(CaseError):  # noqa: N818
    """The action itself is unknown, lacks something, or says something that cannot be."""


class BadTable(CaseError):  # noqa: N818
    """A table of rules cannot be used; the line names its file and row."""
