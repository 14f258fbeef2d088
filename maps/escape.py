"""The one way in which text enters the HTML of a page. What is packed as data (`maps.packing`) has no sign of HTML."""

from html import escape

# Folium writes scripts between backticks, where `${…}` is code; HTML gives these signs back as typed.
_SCRIPT_SIGNS = {ord(sign): f"&#{ord(sign)};" for sign in "\\`${}"}


def as_html(value: object) -> str:
    r"""Escape any value for text or a quoted attribute of a page.

    Examples
    --------
    >>> as_html('<img onerror="${x}">')
    '&lt;img onerror=&quot;&#36;&#123;x&#125;&quot;&gt;'
    """
    return escape(str(value), quote=True).translate(_SCRIPT_SIGNS)
