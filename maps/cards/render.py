"""Notice cards: one page a cell, to print and hang up where it is."""

from collections import defaultdict
from collections.abc import Collection

import shapely

from gis.errors import InputError
from gis.generations import valid_from
from gis.location.links import Place, write_link
from gis.plan import Plan
from maps.base import from_openstreetmap
from maps.cards.codes import Family
from maps.cards.facts import building_counts, homes, household_facts
from maps.cards.ground import Ground, Shown
from maps.cards.map import Locator, cell_map
from maps.cards.page import Card, Office, card_page
from maps.cards.room import map_height
from maps.cards.sides import sides
from maps.cards.units import Units, usual_offices
from maps.cards.words import card_words
from maps.page import asset, document
from maps.panel import area_name
from maps.words import Words, named


def render_cards(
    plan: Plan,
    *,
    base: str,
    level: str | None = None,
    units: Units | None = None,
    lang: str = "zh",
    cells: Collection[str] | None = None,
) -> str:
    """Draw notice cards as one HTML page that prints one cell on each sheet of A4 and needs nothing from anywhere.

    Parameters
    ----------
    plan
        The plan.
    base
        Host of the links in the codes, or ``WG:``: see `gis.location.links.write_link`.
    level
        Level of the cells; the lowest by default.
    units
        Who serves where, from `maps.cards.units.read_units`. A cell without rows of its own has those of the cell
        above it; where no cell above has any, the usual roles with room to write.
    lang
        ``"zh"`` or ``"en"``.
    cells
        Codes of the cells to draw; all of the level by default.

    Returns
    -------
    str
        The page, by the codes of the cells. The same input gives the same text. It is for everybody: no household
        count that a public map would not show, nothing about persons.

    Raises
    ------
    InputError
        Where level, language or a cell is unknown, or a link cannot be written.
    """
    says = card_words(lang)
    drawer = _Drawer(plan, plan.leaf_level if level is None else level, says, base)
    usual = usual_offices(drawer.level, lang)
    pages = []
    for code in drawer.chosen(cells):
        told = None if units is None else units.serving(drawer.family.line(code))
        pages.append(drawer.page(code, told or usual))
    return document(f"{area_name(plan)} {says['card']}", says["lang"], [asset("card.css")], [], "".join(pages))


class _Drawer:
    """A plan's facts, gathered once for all cards of a level."""

    def __init__(self, plan: Plan, level: str, says: Words, base: str) -> None:
        if level not in plan.levels:
            raise InputError(f"level '{level}': the plan has {', '.join(plan.levels)}")
        self.level, self.family = level, Family.of(plan)
        self._says, self._base = says, base
        self._word = named(says, "level", level)
        self._levels = dict(zip(plan.cells["code"].astype(str), plan.cells["level"].astype(str), strict=True))
        self._cells = plan.at_level(level).assign(code=lambda table: table["code"].astype(str)).set_index("code")
        self._shapes = dict(zip(plan.cells["code"].astype(str), plan.cells.geometry, strict=True))
        self._ground, self._locator = Ground.of(plan, level), Locator(plan)
        self._grounds: defaultdict[str, list[str]] = defaultdict(list)
        for code, ground in self._cells["ground_code"].astype(str).items():
            self._grounds[ground].append(str(code))
        self._households, self._homes = household_facts(plan, level, says), homes(plan, level, says)
        self._buildings = building_counts(plan, level)
        day = valid_from(plan)
        self._foot = [
            says["card.version"].format(version=plan.version),
            *([says["card.valid"].format(date=day.isoformat())] if day else []),
            *([says["card.credit"]] if from_openstreetmap(plan) else []),
        ]

    def chosen(self, cells: Collection[str] | None) -> list[str]:
        """Return the codes of the cells to draw, in order."""
        if cells is None:
            return sorted(self._cells.index)
        for code in cells:
            if code not in self._cells.index:
                known = f": it is of level {self._levels[code]}" if code in self._levels else ""
                raise InputError(f"cell '{code}': the plan has none of level {self.level} with this code{known}")
        return sorted(set(cells))

    def page(self, code: str, offices: tuple[Office, ...]) -> str:
        """Draw the card of a cell."""
        shown = Shown(code, self._shapes[code], self.family, self._grounds)
        card = self._card(shown, offices)
        height = map_height([text for _, text in card.facts], list(card.sides.values()), offices)
        label = self._says["card.map"].format(name=card.name)
        return card_page(card, cell_map(self._ground, shown, height, label, self._says), self._says)

    def _card(self, shown: Shown, offices: tuple[Office, ...]) -> Card:
        says, family, code = self._says, self.family, shown.code
        line = family.line(code)
        above = line[-2] if len(line) > 1 else None
        keys = [("self", "card.key.own", self._word), ("other", "card.key.other", self._word)]
        keys += [("parent", "card.key.parent", named(says, "level", self._levels[above]))] if above else []
        return Card(
            title=says["card.title"].format(level=self._word),
            name=family.name[code] or code,
            code=code,
            chain=[self.family.area, *(family.name[cell] or cell for cell in line[:-1])],
            facts=self._facts(code, shown.shape),
            sides=sides(self._ground, shown, self._word, self.family.area, says),
            keys=[(kind, says[key].format(level=word)) for kind, key, word in keys],
            offices=offices,
            link=write_link(self._base, Place(code)),
            locator=self._locator.svg(
                shown.shape, self._shapes[above] if above else None, says["card.locator"].format(level=self._word)
            ),
            foot=self._foot,
        )

    def _facts(self, code: str, shape: shapely.Geometry) -> list[tuple[str, str]]:
        says = self._says
        facts = [(says["card.households"], self._households[code])] if code in self._households else []
        told = says["card.ground.said"].format(
            ha=f"{shape.area / 1e4:,.2f}", buildings=f"{self._buildings.get(code, 0):,}"
        )
        facts.append((says["card.ground"], told))
        others = [other for other in self._grounds[str(self._cells["ground_code"][code])] if other != code]
        if others:
            shared = says["card.shared"].format(
                level=self._word, codes=self.family.together(others, code, says["card.and"])
            )
            facts += [(says["card.homes"], self._homes[code])] if code in self._homes else []
            facts.append((says["floors"], shared))
        return facts
