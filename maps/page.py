"""One page that needs nothing from anywhere: Folium's figure with every link replaced by what it links to."""

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink, MacroElement
from folium.template import Template

from gis.errors import GisError
from maps.escape import as_html
from maps.packing import packed
from maps.vendor import VENDOR

_ASSETS = Path(__file__).resolve().parent / "assets"
_PLAN_SCRIPTS = (
    *("codec", "arcs", "sheet", "ground", "cells", "labels", "marks", "heat", "panel", "table", "list", "search"),
    *("times", "measuring", "picture", "controls", "address", "page"),
)
_PLAN_PARTS = (
    "page.css",
    *(f"{name}.js" for name in _PLAN_SCRIPTS),
)
_LEAFLET = re.compile(r"https://cdn\.jsdelivr\.net/npm/leaflet@1\.9\.\d+/dist/(leaflet\.(?:js|css))")


class PageText(str):
    """A page, which a notebook shows in a frame of its own."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        """Return the page inside another: what it may do and load, its own policy says there too."""
        return f'<iframe srcdoc="{escape(self)}" width="100%" height="640" style="border:0"></iframe>'


class Page(Figure):  # type: ignore[misc]
    """A Folium figure that renders to one self-contained file under a strict content security policy.

    Scripts and styles run by their hash alone; nothing can be loaded, and nothing can be sent.

    Parameters
    ----------
    title
        Plain text of the window's title.
    lang
        BCP 47 tag of the page's language.
    parts
        Our own styles and scripts, in the order in which they run.
    scripts
        Texts of more scripts, which run after them.
    """

    def __init__(self, title: str, lang: str, parts: Sequence[str] = _PLAN_PARTS, scripts: Iterable[str] = ()) -> None:
        super().__init__()
        self._page_title, self._lang, self._parts, self._scripts = title, lang, parts, tuple(scripts)

    def render(self, **kwargs: Any) -> PageText:  # noqa: ANN401 (branca's signature)
        """Render the page.

        Raises
        ------
        ValueError
            Where an element wants something that is not carried in the page.
        """
        for child in self._children.values():
            child.render(**kwargs)
        styles, scripts = [], []
        for name, element in self.header._children.items():  # noqa: SLF001 (branca has no other way)
            if isinstance(element, CssLink):
                styles.append(carried(element.url))
            elif isinstance(element, JavascriptLink):
                scripts.append(carried(element.url))
            elif name != "meta_http" and (text := element.render(**kwargs).strip()):
                raise ValueError(f"{text[:80]!r} in the page's head: carry it as an asset, or as a link")
        styles += [asset(part) for part in self._parts if part.endswith(".css")]
        own = "\n".join(asset(part) for part in self._parts if part.endswith(".js"))
        scripts += [own, *self._scripts, self.script.render(**kwargs)]
        return PageText(document(self._page_title, self._lang, styles, scripts, self.html.render(**kwargs)))


class PlanMap(folium.Map):  # type: ignore[misc]
    """A Folium map without tiles, and with Leaflet as its only part.

    Parameters
    ----------
    bounds
        West, south, east, north in degrees: what is shown first.
    label
        What a screen reader calls the map.
    max_zoom
        Zoom level at which it ends.
    """

    default_js = [("leaflet", "https://cdn.jsdelivr.net/npm/leaflet@1.9.4/dist/leaflet.js")]  # noqa: RUF012 (Folium's)
    default_css = [("leaflet_css", "https://cdn.jsdelivr.net/npm/leaflet@1.9.4/dist/leaflet.css")]  # noqa: RUF012

    _template = Template("""
        {% macro html(this, kwargs) %}
        <main class="stage">
        <div class="folium-map" id="{{ this.get_name() }}" role="region" aria-label="{{ this.label }}"></div>
        <div id="times" hidden></div>
        </main>
        <div id="print"></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {{ this.options|tojavascript }})
            .fitBounds({{ this.view|tojson }}, {paddingTopLeft: [6, 8], paddingBottomRight: [44, 8]});
        {% endmacro %}
    """)

    def __init__(self, bounds: list[float], label: str, max_zoom: int = 21) -> None:
        west, south, east, north = bounds
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            tiles=None,
            zoom_control=False,
            maxZoom=max_zoom,  # Folium gives max_zoom to tiles alone
            zoom_snap=0.25,
            zoom_delta=0.5,
            attribution_control=False,
        )
        self._id = "plan"  # the same plan renders to the same bytes
        self.label = as_html(label)
        self.view = [[south, west], [north, east]]


class Facts(MacroElement):  # type: ignore[misc]
    """The data of a page beside its map, and the call that draws it.

    Parameters
    ----------
    data
        What JSON can hold, and arrays of whole numbers; texts as they are.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        wangge.read({{ this.get_name()|tojson }}).then(facts => wangge.open({{ this._parent.get_name() }}, facts));
        {% endmacro %}
    """)

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__()
        self._name, self._id = "Facts", "plan"
        self._data = packed(data)

    def render(self, **kwargs: Any) -> None:  # noqa: ANN401 (branca's signature)
        """Put the data into the page, then the call into its script."""
        name = self.get_name()
        text = f'<script type="application/octet-stream" id="{name}">{self._data}</script>'
        self.get_root().html.add_child(Verbatim(text), name=name)
        super().render(**kwargs)


class Markup(MacroElement):  # type: ignore[misc]
    """Ready HTML beside the map.

    Parameters
    ----------
    markup
        Made with `maps.escape`.
    """

    def __init__(self, markup: str) -> None:
        super().__init__()
        self._name, self._id = "Markup", "plan"
        self._markup = markup

    def render(self, **_: Any) -> None:  # noqa: ANN401 (branca's signature)
        """Put the markup into the page."""
        self.get_root().html.add_child(Verbatim(self._markup), name=self.get_name())


class Verbatim(Element):  # type: ignore[misc]
    """Text that is written as it is.

    Branca takes the text of any other element for a template, and runs it: with somebody's text in it, that is
    somebody's program.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **_: Any) -> str:  # noqa: ANN401 (branca's signature)
        """Return the text."""
        return self._text


def carried(url: str) -> str:
    """Return the text behind a link of Folium's from what the build brought.

    Raises
    ------
    ValueError
        Where nothing was brought for this address.
    GisError
        Where the build step was left out.
    """
    if (found := _LEAFLET.fullmatch(url)) is None:
        raise ValueError(f"{url}: the page carries no such part: it may not fetch anything")
    path = VENDOR / "leaflet" / found[1]
    if not path.is_file():
        raise GisError(f"{path}: was not built: run 'python -m maps.vendor' once (it needs npm)")
    licence = (VENDOR / "leaflet" / "LICENSE").read_text(encoding="utf-8")
    # Pictures of controls that no page has, and the map of a script's source, would be addresses.
    foreign = r"url\([^)]*\)" if path.suffix == ".css" else r"\n//# sourceMappingURL=\S+"
    text = re.sub(foreign, "none" if path.suffix == ".css" else "", path.read_text(encoding="utf-8"))
    return f"/* Leaflet\n{licence}*/\n{text}"


def asset(name: str) -> str:
    """Return the text of one of our own scripts or styles."""
    return (_ASSETS / name).read_text(encoding="utf-8")


def document(title: str, lang: str, styles: list[str], scripts: list[str], body: str) -> str:
    """Write a page under a policy that lets nothing run, load or leave but these styles and scripts.

    Parameters
    ----------
    title, lang
        As plain text.
    styles, scripts
        Whole, to be inlined.
    body
        Ready HTML, made with `maps.escape`.
    """
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src {_hashes(scripts)}",
            f"style-src {_hashes(styles)}",
            "img-src data:",
            "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return "".join(
        [
            f'<!DOCTYPE html>\n<html lang="{as_html(lang)}">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="referrer" content="no-referrer">\n',
            f"<title>{as_html(title)}</title>\n",
            *(f"<style>{style}</style>\n" for style in styles),
            f"</head>\n<body>\n{body}\n",
            *(f"<script>{script}</script>\n" for script in scripts),
            "</body>\n</html>\n",
        ]
    )


def _hashes(texts: list[str]) -> str:
    digests = (hashlib.sha256(text.encode("utf-8")).digest() for text in texts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
