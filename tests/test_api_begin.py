"""The first steps of a service, and its commands where something is amiss."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import serving


def wangge(folder: Path, *line: str) -> "subprocess.CompletedProcess[str]":
    """Run a command in a folder of its own."""
    told = {name: said for name, said in os.environ.items() if not name.startswith("WANGGE_")}
    return subprocess.run(
        [sys.executable, "-m", "api", *line], cwd=folder, env=told | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("line", [("key", "desk-1", "--role", "desk"), ("backup", "--out", "monday.db")])
def test_what_is_for_a_database_that_is_not_there_makes_none(tmp_path: Path, line: tuple[str, ...]) -> None:
    told = wangge(tmp_path, *line)
    assert told.returncode == 2
    assert told.stdout == ""
    assert "no database at wangge.db" in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = wangge(tmp_path, "serve", "--demo", "--port", str(taken.getsockname()[1]))
    assert told.returncode == 2
    assert "cannot be had" in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_lost_key_of_contacts_is_missed(tmp_path: Path, town_file: Path) -> None:
    with serving.running(f"sqlite:///{tmp_path / 'wangge.db'}", tmp_path, town_file) as town:
        assert town.client.post("/api/v1/cases", json={"category": "component-03"}).status_code == 201
    (tmp_path / "wangge.key").unlink()
    told = wangge(tmp_path, "serve", "--port", "0")
    assert told.returncode == 2
    assert "wangge.key: this key is missing" in told.stderr
    assert not (tmp_path / "wangge.key").exists()


def test_what_is_kept_is_for_its_owner_only(tmp_path: Path, town_file: Path) -> None:
    with serving.running(f"sqlite:///{tmp_path / 'wangge.db'}", tmp_path, town_file):
        assert wangge(tmp_path, "backup", "--out", "monday.db").returncode == 0
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir() if path.is_file()}
    assert {"wangge.db", "wangge.db-wal", "wangge.key", "monday.db"} <= set(modes)
    secret = {name for name in modes if not name.endswith("-turn")}
    assert {modes[name] for name in secret} == {0o600}
