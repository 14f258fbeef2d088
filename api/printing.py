"""Pages as PDF, printed by the browser that is installed: it draws them as they are seen."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from gis.errors import GisError
from gis.writing import written_beside

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
"""Names by which browsers that can print are found on the PATH."""
_SECONDS = 900
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-extensions",
    "--disable-component-update",
    "--disable-background-networking",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
)


def find_browser() -> str:
    """Return the browser that prints.

    Raises
    ------
    GisError
        Where there is none.
    """
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise GisError(
        f"a PDF is printed by Chromium, Chrome or Edge, and none is on the PATH ({', '.join(BROWSERS)}): install one, "
        "or write *.html and print it from any browser"
    )


def print_pdf(page: str, path: Path) -> None:
    """Print an HTML page as a PDF: beside its place first, then renamed.

    The browser starts with an empty profile of its own and has no network.

    Parameters
    ----------
    page
        Self-contained, with its size of paper in its style.
    path
        Where to.

    Raises
    ------
    GisError
        Where there is no browser, or it fails.
    """
    browser = find_browser()
    # Chromium has no sandbox for root, and would not start.
    rooted = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with written_beside(path) as beside, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source = Path(folder, "page.html")
        source.write_text(page, encoding="utf-8")
        command = [browser, *_FLAGS, *rooted, f"--user-data-dir={folder}/profile"]
        command += [f"--print-to-pdf={beside.resolve()}", source.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 (our own words)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise GisError(f"{browser}: cannot print: {error}: write *.html and print it from any browser") from error
        if done.returncode or not beside.is_file() or not beside.read_bytes().startswith(b"%PDF"):
            said = " ".join(done.stderr.decode(errors="replace").split())[-200:]
            raise GisError(f"{browser}: printed nothing ({said}): write *.html and print it from any browser")
