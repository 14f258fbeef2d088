"""What a drawn page holds, read back."""

import json
import re
from typing import Any


def facts(page: str) -> dict[str, Any]:
    """Return the facts that a page is drawn from."""
    found = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found
    read: dict[str, Any] = json.loads(found[1])
    return read
