"""Before a wheel is packed: bring what pages are drawn with."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class VendorHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs the build step of `maps`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (hatchling's signature)
        """Fill `maps/assets/vendor/`."""
        runpy.run_path(str(Path(self.root) / "maps" / "vendor.py"))["vendor"]()
