"""What the guide to running it shows runs: the unit of systemd, and the service behind nginx."""

import re
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import postgis
import pytest
import storm
from absent import absent

GUIDE = (Path(__file__).resolve().parents[1] / "docs" / "deploy.md").read_text(encoding="utf-8")


def shown(language: str) -> str:
    """Return the one block of a language that the guide shows."""
    (block,) = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return str(block)


def program(name: str, package: str) -> str:
    """Return a program of the system; without it the test skips, or fails where CI is true."""
    found = shutil.which(name)
    if found is None:
        absent(f"not run as the guide shows: apt install {package}")
    return found


def test_the_unit_is_one(tmp_path: Path) -> None:
    analyze = program("systemd-analyze", "systemd")
    unit = tmp_path / "wangge.service"
    unit.write_text(shown("ini").replace("/opt/wangge/bin/wangge", sys.executable))
    told = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")


@contextmanager
def behind_nginx(nginx: str, folder: Path, outside: int, port: int) -> Iterator[httpx.Client]:
    """Run nginx as the guide shows, on a port, before a service."""
    (folder / "tls").mkdir()
    key, certificate = folder / "tls" / "key.pem", folder / "tls" / "cert.pem"
    make = [program("openssl", "openssl"), *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1")]
    about = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*make, *about, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    server = shown("nginx")
    for said, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{outside} ssl"),
        ("/etc/nginx/tls", str(folder / "tls")),
        ("http://wangge:8000", f"http://127.0.0.1:{port}"),
    ):
        assert said in server
        server = server.replace(said, here)
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = folder / "nginx.conf"
    conf.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/errors; events {{}} "
        f"http {{ access_log off; {paths} {server} }}"
    )
    process = subprocess.Popen([nginx, "-c", str(conf), "-p", str(folder), "-e", str(folder / "errors")])
    try:
        trusted = ssl.create_default_context(cafile=str(certificate))
        with httpx.Client(base_url=f"https://localhost:{outside}", verify=trusted) as client:
            wait(client, process)
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait(client: httpx.Client, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert process.poll() is None
        try:
            client.get("/healthz")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("nginx does not answer")


@pytest.fixture
def site(cluster: Path, town_file: Path, tmp_path: Path) -> Iterator[tuple[httpx.Client, str]]:
    """Run two workers over PostGIS behind nginx; gives a client and an administrator's key."""
    nginx, database = program("nginx", "nginx-light"), postgis.make_database(cluster)
    with (
        storm.served(database, town_file, tmp_path, workers=2) as running,
        storm.free_port() as outside,
        behind_nginx(nginx, tmp_path, outside, running.port) as client,
    ):
        yield client, running.key


def test_the_service_answers_behind_nginx(site: tuple[httpx.Client, str]) -> None:
    client, key = site
    keyed = {"Authorization": f"Bearer {key}"}
    assert client.get("/healthz").status_code == 200
    links = client.get("/ogc/").json()["links"]
    assert {each["href"].split("/ogc")[0] for each in links} == {str(client.base_url).rstrip("/")}
    made = client.post("/api/v1/cases", json={"category": "component-03", "lon": 114.463, "lat": 38.06})
    assert made.status_code == 201
    assert client.get("/api/v1/cases", headers=keyed).json()["matched"] == 1
    asked = client.post("/api/v1/jobs/check", files={"file": ("a.geojson", b"{}")}, headers=keyed)
    said: list[Any] = []
    with client.stream("GET", f"/api/v1/jobs/{asked.json()['id']}/progress", headers=keyed, timeout=60) as answer:
        said += [line for line in answer.iter_lines() if line.startswith("event: ")]
    assert said[-1] == "event: end"
