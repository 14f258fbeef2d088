"""One notice card as a page of A4."""

from collections.abc import Sequence
from dataclasses import dataclass

from maps.cards.labels import reach
from maps.cards.sides import SIDES
from maps.escape import as_html
from maps.qr_sheet import code_svg
from maps.words import Words

_ROOMY, _TIGHT, _FULL = 8.5, 14.0, 26.0
"""Lengths of names, in signs as wide as high, up to which their letters are large, middling and small."""


@dataclass(frozen=True)
class Office:
    """One role of a cell, never a person.

    Attributes
    ----------
    role, duties
        What it is called and what it does.
    unit, phone
        The office that fills it and that office's telephone; empty where they are to be written by hand.
    """

    role: str
    duties: str
    unit: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Card:
    """What one card says.

    Attributes
    ----------
    title, name, code
        Of the cell: the word for its kind of card, its name (its code where it has none) and its code.
    chain
        Names of the area and of all cells above it, the top first.
    facts
        What is told of it, and how.
    sides
        What it ends at, by side.
    keys
        Kinds of borders on its map, and what they mean.
    offices
        Who serves there.
    link
        What its code holds.
    locator
        As SVG.
    foot
        Version, day and credit.
    """

    title: str
    name: str
    code: str
    chain: Sequence[str]
    facts: Sequence[tuple[str, str]]
    sides: dict[str, str]
    keys: Sequence[tuple[str, str]]
    offices: Sequence[Office]
    link: str
    locator: str
    foot: Sequence[str]


def card_page(card: Card, drawn: str, says: Words) -> str:
    """Draw a card with its map as one section of a page, made with `maps.escape`."""
    return (
        f'<section class="card">{_head(card, says)}<div class="sheet">{drawn}{_keys(card, drawn)}</div>'
        f'<div class="about">{_facts(card, says)}{card.locator}</div>{_offices(card.offices, says)}'
        f"<footer>{''.join(f'<span>{as_html(text)}</span>' for text in card.foot)}</footer></section>\n"
    )


def _head(card: Card, says: Words) -> str:
    chain = "".join(f"<span>{as_html(name)}</span>" for name in card.chain)
    return (
        f'<header><div><p class="kind">{as_html(card.title)}</p>'
        f'<h1 class="{_size(card.name)}">{as_html(card.name)}</h1>'
        f'<p class="code">{as_html(card.code)}</p><p class="chain">{chain}</p></div>'
        f'<div class="scan">{code_svg(card.link)}<b>{as_html(says["card.scan"])}</b></div></header>'
    )


def _size(name: str) -> str:
    long = reach(name)
    return "roomy" if long <= _ROOMY else "tight" if long <= _TIGHT else "full" if long <= _FULL else "over"


def _keys(card: Card, drawn: str) -> str:
    """Say what the borders mean that there are on the map."""
    listed = "".join(
        f'<span><svg class="key" viewBox="0 0 60 24"><path class="border {kind}" d="M0 12h60"/></svg>'
        f"{as_html(text)}</span>"
        for kind, text in card.keys
        if f'class="border {kind}"' in drawn
    )
    return f'<p class="keys">{listed}</p>'


def _facts(card: Card, says: Words) -> str:
    rows = "".join(f"<dt>{as_html(name)}</dt><dd>{as_html(text)}</dd>" for name, text in card.facts)
    told = "".join(
        f"<li><b>{as_html(says[f'card.side.{side}'])}</b> {as_html(card.sides[side])}</li>"
        for side in SIDES
        if side in card.sides
    )
    return f'<dl>{rows}<dt>{as_html(says["card.sides"])}</dt><dd><ul class="sides">{told}</ul></dd></dl>'


def _offices(offices: Sequence[Office], says: Words) -> str:
    heads = "".join(f"<th scope=col>{as_html(says[f'card.{key}'])}</th>" for key in ("role", "duties", "unit", "hand"))
    body = "".join(
        f"<tr><th scope=row>{as_html(office.role)}</th><td>{as_html(office.duties)}</td>"
        f'<td class="office">{_office(office)}</td><td class="hand"></td></tr>'
        for office in offices
    )
    title = f"<caption>{as_html(says['card.roles'])}</caption>"
    return f"<table>{title}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _office(office: Office) -> str:
    return "".join(f"<span>{as_html(text)}</span>" for text in (office.unit, office.phone) if text)
