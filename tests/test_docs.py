"""What the documentation shows is what there is."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from api.cli import app
from gis.plan import LAYERS, TABLES

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = [
    line for page in PAGES for line in page.read_text(encoding="utf-8").splitlines() if re.match(r"\s*wangge ", line)
]


@pytest.mark.parametrize("line", SHOWN)
def test_commands_shown_are_understood(line: str) -> None:
    command = typer.main.get_command(app)
    _, name, *arguments = shlex.split(line)
    inner = command.commands[name]
    inner.make_context(name, arguments)  # raises where an option is unknown, missing or of the wrong kind
    known = {option for parameter in inner.params for option in parameter.opts}
    assert {word for word in arguments if word.startswith("--")} <= known


def test_the_set_up_is_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "make demo" in text
    assert "make test" in text
    assert re.search(r"^demo:", targets, re.MULTILINE)
    assert re.search(r"^test:", targets, re.MULTILINE)


def test_the_plan_file_is_described() -> None:
    text = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in (*LAYERS, *TABLES, "metadata"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
