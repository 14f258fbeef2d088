"""Kinds of jobs: each is a command of `wangge`, whose options are the job's."""

import inspect
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model
from typer import Typer
from typer.main import get_command
from typer.models import OptionInfo

from api.commands.check import check
from api.commands.delineate import delineate
from api.commands.revise import revise
from gis.errors import InputError

# Files are the job's own: a text that could be a path on the server is refused.
_NO_PATH = StringConstraints(max_length=200, pattern=r"^[^/\\]*$")
_OURS = {"as_json", "workers"}
# What may be said instead of sent: the name of an area, a level of administration.
_NAMED = {"area", "within"}
_NAME = re.compile(r"[^.:/\\]*")
_OR_NAME = "As text: its layer, where a file is sent that has several."
_TABLES = (".csv", ".parquet", ".gpkg")
_LAYERS = (".gpkg", ".geojson", ".parquet", ".zip")


@dataclass(frozen=True)
class Kind:
    """A command that can be run as a job.

    Attributes
    ----------
    command
        Its function.
    files
        Names of its parameters that are files, and what these may end in.
    results
        Names of its parameters for what it writes, and what that is called.
    fine
        Exit codes that are no failure.
    """

    command: Callable[..., None]
    files: Mapping[str, Sequence[str]]
    results: Mapping[str, str]
    fine: frozenset[int] = frozenset({0})

    @property
    def name(self) -> str:
        """Of the command."""
        return self.command.__name__

    @cached_property
    def options(self) -> type[BaseModel]:
        """What can be said besides files, as the command has it."""
        fields: dict[str, Any] = {}
        for name, parameter in inspect.signature(self.command).parameters.items():
            kind, option = get_args(parameter.annotation)
            if name in _OURS or name in self.results or Path in (kind, *get_args(kind)):
                continue
            said, default = option.help, parameter.default
            if name in self.files:
                kind, default = str | None, None
                said = f"{said} {_OR_NAME}" if name in _NAMED else f"Layer of this file, where it has several. {said}"
            fields[name] = (_bounded(kind, option), Field(default, description=said))
        return create_model(f"{self.name.title()}Options", __config__=ConfigDict(extra="forbid"), **fields)

    @cached_property
    def _spelled(self) -> dict[str, str]:
        app = Typer(add_completion=False)
        app.command()(self.command)
        return {str(parameter.name): parameter.opts[0] for parameter in get_command(app).params}

    def require(self, options: Mapping[str, Any], files: Collection[str]) -> None:
        """Refuse the layer of a file that was not sent: a text alone could be the path of a file of ours.

        Raises
        ------
        InputError
            Where one is named.
        """
        for name in options:
            if (
                name in self.files
                and name not in files
                and (name not in _NAMED or not _NAME.fullmatch(str(options[name])))
            ):
                raise InputError(f"{name}: send the file, not its name")

    def arguments(self, options: Mapping[str, Any], files: Mapping[str, Path], folder: Path) -> list[str]:
        """Write the command line, with results in a folder."""
        line = [self.name]
        named = {name: f"{path}:{options[name]}" if options.get(name) else str(path) for name, path in files.items()}
        named |= {name: str(folder / result) for name, result in self.results.items()}
        for name, value in {**options, **named}.items():
            if value is None or value is False:
                continue
            flag = self._spelled[name]
            said = [flag] if value is True else [f"{flag}={value}"]
            line += said if flag.startswith("-") else [str(value)]
        return [*line, "--json"]


def _bounded(kind: Any, option: OptionInfo) -> Any:  # noqa: ANN401 (types as values)
    if str in (kind, *get_args(kind)):
        return Annotated[str, _NO_PATH] if kind is str else Annotated[str, _NO_PATH] | None
    if NoneType in get_args(kind):
        return kind
    return Annotated[kind, Field(ge=option.min, le=option.max)] if kind in {int, float} else kind


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            delineate,
            {
                "osm": (".osm.pbf",),
                **dict.fromkeys(("streets", "barriers", "area", "within", "rules"), _LAYERS),
                "buildings": (*_LAYERS, ".csv"),
                "households": (*_TABLES, ".geojson"),
                "previous": (".gpkg",),
            },
            {"out": "plan.gpkg"},
        ),
        Kind(
            revise,
            {"previous": (".gpkg",), "buildings": (*_LAYERS, ".csv"), "households": (*_TABLES, ".geojson")},
            {"out": "plan.gpkg"},
        ),
        Kind(
            check,
            dict.fromkeys(("file", "area", "parents", "holes"), _LAYERS),
            {"report": "report.json", "defects": "defects.gpkg", "drawn": "defects.html"},
            frozenset({0, 1}),
        ),
    )
}
