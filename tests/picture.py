"""Draw the picture of the README: `python tests/picture.py docs/demo.png`."""

import io
import sys
import tempfile
from pathlib import Path

from conftest import FLAGS, find_chromium
from PIL import Image
from playwright.sync_api import sync_playwright

import maps
from api.demo import demo_plan
from data.demo_town import make_demo_town
from gis.layers import KINDS, place, read_layer
from gis.plan import read_plan

_WIDTH, _HEIGHT, _COLOURS = 1280, 800, 256
_VIEW = "#level=micro&measure=apart"


def picture(folder: Path) -> bytes:
    """Open the map of the demo town and take its picture."""
    plan = read_plan(demo_plan(folder))
    make_demo_town(folder, seed=1)
    layers = place(plan, *(read_layer(folder / f"{kind}.csv", kind) for kind in KINDS))
    page = folder / "map.html"
    page.write_text(maps.render(plan, layers=layers, lang="en"), encoding="utf-8")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        tab = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
        tab.goto(page.as_uri() + _VIEW)
        tab.wait_for_selector("html[data-ready=yes]")
        taken: bytes = tab.screenshot()
        browser.close()
    return taken


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        image = Image.open(io.BytesIO(picture(Path(made)))).convert("RGB")
        counted = sorted(image.getcolors(_WIDTH * _HEIGHT), reverse=True)[:_COLOURS]
        palette = Image.new("P", (1, 1))
        palette.putpalette([part for _, colour in counted for part in colour])
        # The commonest as they are: means of them would turn signs of few pixels into their neighbours' colour.
        image.quantize(palette=palette, dither=Image.Dither.NONE).save(sys.argv[1], optimize=True)
