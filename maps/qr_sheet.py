"""Sheets of signs with QR codes, to print and cut: as SVG pages, as one HTML page, or each code as a picture."""

import csv
import re
from itertools import accumulate
from pathlib import Path
from unicodedata import east_asian_width
from urllib.parse import quote

import segno

from maps.escape import as_html
from maps.page import asset, document
from maps.qr_signs import Sign
from maps.words import Words, named, words

_PAGE = 2100, 2970
"""Size of A4 in tenths of a millimetre, the unit of all that is drawn here."""
_MARGIN, _PADDING = 100, 30
_HEAD, _FOOT = 65, 195
"""Room above and below a code for its text."""
_COLUMNS, _ROWS = 3, 4
TILE = (_PAGE[0] - 2 * _MARGIN) // _COLUMNS, (_PAGE[1] - 2 * _MARGIN) // _ROWS
"""Width and height of a sign."""
_SIDE = min(TILE[0] - 2 * _PADDING, TILE[1] - _HEAD - _FOOT)
"""Side of a code with its quiet zone: the code alone prints at 25 mm and more, to be read at arm's length."""
_QUIET, _ERROR = 4, "M"
"""Modules left white around a code, and least level of error correction; a higher one where it costs no room."""
_FONTS = "'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei',SimHei,system-ui,sans-serif"
_SHRUNK = 0.6
"""Least size of a long text against its own; what is longer still is cut."""
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PICTURE_SCALE, _PICTURE_DPI = 12, 254
"""Pixels of a module in a picture, and how many print on an inch: 1.2 mm a module, 25.2 mm for the smallest code."""


def svg_pages(signs: list[Sign], *, lang: str = "zh") -> list[str]:
    """Draw signs as SVG pages of A4.

    Parameters
    ----------
    signs
        From `maps.qr_signs.signs`.
    lang
        ``"zh"`` or ``"en"``.

    Returns
    -------
    list of str
        Whole SVG documents. The same input gives the same text.

    Raises
    ------
    InputError
        Where the language is unknown.
    """
    says, size = words(lang), _COLUMNS * _ROWS
    return [_page(signs[first : first + size], says) for first in range(0, len(signs), size)]


def html_page(signs: list[Sign], *, title: str, lang: str = "zh") -> str:
    """Draw signs as one HTML page that prints on A4 and needs nothing from anywhere.

    Parameters
    ----------
    signs, lang
        As `svg_pages`.
    title
        Name of the area.

    Raises
    ------
    InputError
        Where the language is unknown.
    """
    says = words(lang)
    body = "\n".join(svg_pages(signs, lang=lang))
    return document(f"{title} {says['qr.sheet']}", says["lang"], [asset("qr.css")], [], body)


def write_pictures(signs: list[Sign], folder: Path) -> None:
    """Write each code as a PNG that prints at 1.2 mm a module, and ``codes.csv``, which says what each stands for.

    Parameters
    ----------
    signs
        From `maps.qr_signs.signs`.
    folder
        Made here.
    """
    folder.mkdir()
    with (folder / "codes.csv").open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "code", "building_id", "entrance", "link"])
        for number, sign in enumerate(signs, start=1):
            place = sign.place
            name = f"{number:05}-{quote(place.code, safe='')[:100]}.png"
            picture = folder / name
            _code(sign.link).save(str(picture), scale=_PICTURE_SCALE, border=_QUIET, dpi=_PICTURE_DPI)
            table.writerow([name, place.code, place.building_id, place.entrance, sign.link])


def code_svg(link: str) -> str:
    """Draw a code with its quiet zone as inline SVG that fills the element it stands in."""
    drawn: str = _code(link).svg_inline(border=_QUIET, omitsize=True, svgclass=None, lineclass=None, light="#fff")
    return drawn


def _code(link: str) -> segno.QRCode:
    return segno.make_qr(link, error=_ERROR)


def _page(signs: list[Sign], says: Words) -> str:
    width, height = TILE
    drawn = []
    for k, sign in enumerate(signs):
        row, column = divmod(k, _COLUMNS)
        drawn.append(_tile(sign, _MARGIN + column * width, _MARGIN + row * height, says))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_PAGE[0] / 10:g}mm" height="{_PAGE[1] / 10:g}mm" '
        f'viewBox="0 0 {_PAGE[0]} {_PAGE[1]}" font-family="{as_html(_FONTS)}" text-anchor="middle">'
        f'<rect width="{_PAGE[0]}" height="{_PAGE[1]}" fill="#fff"/>{"".join(drawn)}</svg>\n'
    )


def _tile(sign: Sign, left: int, top: int, says: Words) -> str:
    width, height = TILE
    side, middle = _SIDE, left + width / 2
    below = top + _HEAD + side
    lines = [
        _line(says["qr.scan"], middle, top + 52, 34, width),
        _line(sign.name, middle, below + 36, 42, width, bold=True),
        _line(f"{named(says, 'level', sign.level)} {sign.place.code}", middle, below + 82, 32, width),
        _line(sign.address, middle, below + 124, 30, width),
        _line(_door(sign, says), middle, below + 166, 30, width, bold=True),
    ]
    return (
        f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="#bbb" stroke-width="2" '
        f'stroke-dasharray="12 12"/><svg x="{middle - side / 2:g}" y="{top + _HEAD}" width="{side}" height="{side}" '
        f'shape-rendering="crispEdges">{code_svg(sign.link)}</svg>{"".join(lines)}'
    )


def _door(sign: Sign, says: Words) -> str:
    floors = sign.floors and says["qr.floors"].format(lower=sign.floors[0], upper=sign.floors[1])
    return " · ".join(part for part in (sign.place.entrance, floors) if part)


def _line(text: str, x: float, y: int, size: int, width: int, *, bold: bool = False) -> str:
    """Write a line that stays on its sign: smaller where it is long, cut where it is longer still."""
    text = _NOT_XML.sub("\ufffd", text)
    room = width - 2 * _PADDING
    most = room / (size * _SHRUNK)
    reach = list(accumulate(map(_em, text), initial=0.0))
    if reach[-1] > most:
        text = f"{text[: sum(end <= most - 1 for end in reach[1:])]}…"
    fitted = min(float(size), room / max(1.0, min(reach[-1], most)))
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x:g}" y="{y}" font-size="{fitted:.4g}"{weight}>{as_html(text)}</text>' if text else ""


def _em(sign: str) -> float:
    """Estimate the width of a sign against its height."""
    return 1.0 if east_asian_width(sign) in "WFA" else 0.62
