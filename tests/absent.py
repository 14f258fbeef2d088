"""What to do where a part that tests want is absent: who has no use for it skips, but never in CI."""

import os
from typing import NoReturn

import pytest


def absent(how: str) -> NoReturn:
    """Skip the test and say how to get what is absent; where CI is true, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(how)
    pytest.skip(how)
