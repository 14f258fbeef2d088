"""The form in which a document is answered: JSON, or a page for people."""

import re
from operator import itemgetter
from typing import Any, Final

import orjson
from fastapi import Request
from fastapi.responses import Response

from api.errors import Problem
from api.ogc.documents import Document
from api.ogc.links import HTML, JSON
from maps.escape import as_html

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept",
}
_WEIGHT: Final = re.compile(r"[01](\.\d{0,3})?", re.ASCII)
_STYLE: Final = (
    "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "dt{font-weight:bold}dd{margin:0 0 .5rem 1.5rem}ul{padding-left:1.2rem}"
)


def wants_page(request: Request) -> bool:
    """Whether a page is wanted rather than JSON.

    Raises
    ------
    Problem
        400 where `f` names neither.
    """
    form = request.query_params.get("f")
    if form not in (None, "json", "html"):
        raise Problem(400, "f: there are json and html")
    if form is not None:
        return form == "html"
    wanted = [kind for kind in _by_weight(request.headers.get("accept", "")) if kind == HTML or "json" in kind]
    return wanted[:1] == [HTML]


def _by_weight(accept: str) -> list[str]:
    """Return the media types of a header, those that are wanted most first."""
    weighed = []
    for part in accept.lower().split(","):
        kind, *parameters = (each.strip() for each in part.split(";"))
        weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        weighed.append((-float(weight) if _WEIGHT.fullmatch(weight) else 0.0, kind))
    return [kind for _, kind in sorted(weighed, key=itemgetter(0))]


def require_json(request: Request) -> None:
    """Refuse what is asked for in a form that it does not have.

    Raises
    ------
    Problem
        400 where `f` names another form than JSON.
    """
    if request.query_params.get("f") not in (None, "json"):
        raise Problem(400, "f: there is json alone")


def answered(request: Request, document: Document, title: str, media_type: str = JSON) -> Response:
    """Answer a document in the form that is wanted."""
    if wants_page(request):
        return page(title, document.plain())
    return Response(orjson.dumps(document.plain()), media_type=media_type, headers={"Vary": "Accept"})


def page(title: str, content: Any) -> Response:  # noqa: ANN401 (whatever JSON can hold)
    """Answer any content of JSON as a page."""
    head = f"<meta charset=utf-8><title>{as_html(title)}</title><style>{_STYLE}</style>"
    body = f"<h1>{as_html(title)}</h1>{_shown(content)}"
    text = f"<!DOCTYPE html><html lang=en><head>{head}</head><body>{body}</body></html>"
    return Response(text, media_type=HTML, headers=_HEADERS)


def _shown(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, dict) and "href" in value and not value.get("templated"):
        words = as_html(f"{value['rel']}: {value.get('title') or value['href']}")
        return f'<a href="{as_html(value["href"])}">{words}</a>'
    if isinstance(value, dict):
        return (
            "<dl>"
            + "".join(f"<dt>{as_html(name)}</dt><dd>{_shown(part)}</dd>" for name, part in value.items())
            + "</dl>"
        )
    if isinstance(value, list):
        return "<ul>" + "".join(f"<li>{_shown(part)}</li>" for part in value) + "</ul>"
    return as_html(value)
