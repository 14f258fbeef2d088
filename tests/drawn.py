"""What a drawn page holds, read back by other means than those that wrote it."""

import base64
import gzip
import json
import re
from html.parser import HTMLParser
from typing import Any

_DATA = re.compile(r'<script type="application/octet-stream"[^>]*>([A-Za-z0-9+/=]*)</script>')


def facts(page: str) -> dict[str, Any]:
    """Return the facts that a page is drawn from, columns as lists."""
    found = _DATA.search(page)
    assert found
    whole = gzip.decompress(base64.b64decode(found[1], validate=True))
    length = int.from_bytes(whole[:4], "little")
    columns = whole[4 + length :]

    def column(value: dict[str, Any]) -> Any:  # noqa: ANN401
        return _numbers(columns, *value["$column"][:2]) if "$column" in value else value

    read: dict[str, Any] = json.loads(whole[4 : 4 + length], object_hook=column)
    return read


def whole_text(page: str) -> str:
    """Return all that can be read in a page: itself, and what is packed in it."""
    return _DATA.sub("", page) + json.dumps(facts(page), ensure_ascii=False)


def summed(steps: list[int]) -> list[int]:
    """Turn steps into numbers."""
    total, found = 0, []
    for step in steps:
        total += step
        found.append(total)
    return found


class Read(HTMLParser):
    """The tags of a page, their attributes, the text between them, and the text of each of its sections."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.sections: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "section":
            self.sections.append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.sections:
            self.sections[-1] += f"{data}\n"


def _numbers(columns: bytes, at: int, count: int) -> list[int]:
    found = []
    for _ in range(count):
        value = shift = 0
        while True:
            byte = columns[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        found.append(-(value + 1) // 2 if value % 2 else value // 2)
    return found
