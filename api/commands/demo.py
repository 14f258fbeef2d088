"""The command `wangge demo`."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import Json, say
from api.progress import Progress


def demo(
    folder: Annotated[Path, typer.Argument(help="Folder to make the demo in.")] = Path("demo"),
    seed: Annotated[int, typer.Option(help="The same seed makes the same town.")] = 1,
    lang: Annotated[str, typer.Option(help="Of its maps: zh or en.")] = "en",
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Make a demo town, draw its plan, prove it, route its reports and map it."""
    from api.demo import run_demo  # noqa: PLC0415

    with Progress() as progress:
        figures = run_demo(folder, seed=seed, lang=lang, progress=progress.stage)
    say(figures, as_json=as_json)
