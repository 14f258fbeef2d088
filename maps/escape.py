"""The one way in which text enters a page: as HTML, or as data that no script is made of."""

import json
import re
from html import escape
from typing import Any

# Folium writes scripts between backticks, where `${…}` is code; HTML gives these signs back as typed.
_SCRIPT_SIGNS = {ord(sign): f"&#{ord(sign)};" for sign in "\\`${}"}
# What could end a script element, open a comment in it, or break a line of JavaScript.
_MARKUP_SIGNS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
# What Jinja, which Folium renders with, would run. JSON itself has no brace before these signs, only texts have.
_TEMPLATE_TAG = re.compile(r"\{(?=[{%#])")


def as_html(value: object) -> str:
    r"""Escape any value for text or a quoted attribute of a page.

    Examples
    --------
    >>> as_html('<img onerror="${x}">')
    '&lt;img onerror=&quot;&#36;&#123;x&#125;&quot;&gt;'
    """
    return escape(str(value), quote=True).translate(_SCRIPT_SIGNS)


def as_data(value: Any) -> str:  # noqa: ANN401 (whatever JSON can hold)
    r"""Write a value as JSON that may stand inside a script element of any type.

    Examples
    --------
    >>> as_data({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _TEMPLATE_TAG.sub(r"\\u007b", text.translate(_MARKUP_SIGNS))
