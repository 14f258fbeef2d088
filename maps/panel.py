"""What stands beside the map: title, figures and switches. The rest of it the page makes of its data."""

import pandas as pd

from gis.plan import Plan
from maps.audience import Audience
from maps.escape import as_html
from maps.figures import Figures
from maps.words import Words, named

_LAYERS = ("cells", "borders", "labels", "buildings", "streets", "land")


def panel(plan: Plan, figures: Figures, says: Words) -> str:
    """Return the panel as HTML.

    Parameters
    ----------
    plan
        For its names and its certificate.
    figures
        What may be said of each cell.
    says
        The words of a language.
    """
    levels = [(level, named(says, "level", level)) for level in plan.levels]
    return "".join(
        [
            '<aside id="panel">',
            _head(plan, figures, says),
            _search(says),
            _levels(says["levels"], levels),
            f'<section><h2><label for="measure">{as_html(says["colour_by"])}</label></h2>',
            '<select id="measure"></select></section>',
            f'<section><h2>{as_html(says["legend"])}</h2><div id="legend"></div></section>',
            _layers(says),
            '<div id="filters"></div>',
            f'<details class="table"><summary>{as_html(says["table"])}</summary>',
            f'<p class="note">{as_html(says["table.hint"])}</p><div id="cells"></div></details>',
            f"<noscript><p>{as_html(says['no_script'])}</p></noscript>",
            "</aside>",
        ]
    )


def _head(plan: Plan, figures: Figures, says: Words) -> str:
    listed = "".join(
        f"<tr><th scope=row>{as_html(named(says, 'level', level))}</th><td>{len(figures.at_level(level)):,}</td>"
        f"<td>{as_html(in_band(figures, level, says))}</td></tr>"
        for level in plan.levels
    )
    total = says["withheld.short"] if figures.households is None else f"{figures.households:,}"
    note = f'<p class="note">{as_html(says["public_note"])}</p>' if figures.audience is Audience.PUBLIC else ""
    return (
        f"<header><h1>{as_html(area_name(plan))}</h1>"
        f'<p class="total"><b>{as_html(total)}</b> {as_html(says["total_households"])}</p>'
        f'<table class="figures">{listed}</table>'
        f"{verdict(plan, says)}{note}</header>"
    )


def area_name(plan: Plan) -> str:
    """Return what the area is called: its name, else its code."""
    row = plan.area.iloc[0]
    # What a file leaves empty is read as no number.
    return str(row["code"] if pd.isna(row["name"]) else row["name"] or row["code"])


def in_band(figures: Figures, level: str, says: Words) -> str:
    """Say how many cells of a level are in their band, and what that is; empty where neither may or can be said."""
    share, band = figures.in_band_share(level), figures.bands.get(level)
    if share is None or not band:
        return ""
    return says["in_band_share"].format(share=f"{share:.1%}", lower=band[0], upper=band[1])


def verdict(plan: Plan, says: Words) -> str:
    """Say as HTML whether full coverage is proved."""
    holds = bool(plan.metadata.get("certificate", {}).get("valid"))
    said = says["certificate.yes" if holds else "certificate.no"]
    return f'<p class="verdict {"holds" if holds else "fails"}">{as_html(said)}</p>'


def _search(says: Words) -> str:
    said = as_html(says["search"])
    return (
        f'<section class="search"><input id="search" type="search" placeholder="{said}" aria-label="{said}" '
        'autocomplete="off" spellcheck="false"><ul id="found" aria-live="polite"></ul></section>'
    )


def _levels(title: str, options: list[tuple[str, str]]) -> str:
    """One of the levels; at first the lowest."""
    buttons = "".join(
        f'<label><input type="radio" name="level" value="{as_html(value)}"'
        f"{' checked' if at == len(options) - 1 else ''}><span>{as_html(word)}</span></label>"
        for at, (value, word) in enumerate(options)
    )
    return f'<fieldset class="choice"><legend>{as_html(title)}</legend><div>{buttons}</div></fieldset>'


def _layers(says: Words) -> str:
    boxes = "".join(
        f'<label><input type="checkbox" name="layer" value="{layer}" checked> {as_html(says[f"layer.{layer}"])}</label>'
        for layer in _LAYERS
    )
    return (
        f'<details class="layers"><summary>{as_html(says["layers"])}</summary><div id="layers">{boxes}</div></details>'
    )
