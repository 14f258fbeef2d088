"""A PostgreSQL with PostGIS that the test run starts itself, in a folder that goes with it."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

OWNER = "postgres"


def programs() -> Path | None:
    """Return the newest PostgreSQL's programs that know PostGIS; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    with_postgis = [
        path for path in found if Path(f"/usr/share/postgresql/{path.parts[-3]}/extension/postgis.control").exists()
    ]
    return with_postgis[-1].parent if with_postgis else None


@contextmanager
def running(bin_folder: Path) -> Iterator[Path]:
    """Run a cluster that is reached by a socket in the folder that is handed out."""
    # Not pytest's folder: the cluster runs as another user where the tests run as root, and a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="wangge-pg-"))
    as_owner = []
    if os.geteuid() == 0:
        shutil.chown(folder, OWNER)
        as_owner = ["runuser", "-u", OWNER, "--"]
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*as_owner, bin_folder / program, *arguments], capture_output=True, text=True, check=False, cwd=folder
        )
        assert done.returncode == 0, done.stderr

    try:
        run("initdb", "-D", str(data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c max_connections=200 -c fsync=off -c shared_buffers=64MB"
        run("pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            yield folder
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_database(cluster: Path) -> str:
    """Make a database of its own in a cluster; return its URL."""
    name = f"wangge_{secrets.token_hex(6)}"
    with psycopg.connect(host=str(cluster), user=OWNER, dbname="postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"postgresql+psycopg://{OWNER}@/{name}?host={cluster}"
