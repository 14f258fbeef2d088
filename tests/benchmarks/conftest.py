"""What the benchmarks share: skipped unless asked for, and the made towns of the partitioners."""

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_LARGE = "large: takes minutes and gigabytes: run with -m large"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _LARGE)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is not asked for before any fixture is made: the plain run of all tests measures nothing."""
    for item in items:
        if "timed" in getattr(item, "fixturenames", ()) and not config.option.benchmark_enable:
            item.add_marker(pytest.mark.skip(reason="measures seconds: run `make bench`"))
        elif item.get_closest_marker("large") and "large" not in config.option.markexpr:
            item.add_marker(pytest.mark.skip(reason=_LARGE.partition(": ")[2]))


@pytest.fixture
def timed(benchmark: Any) -> Any:  # noqa: ANN401 (pytest-benchmark has no types)
    """Return the benchmark of a test that takes minutes or asserts seconds."""
    return benchmark


@dataclass(frozen=True)
class Spent:
    """What a process took, and what it said; the processor's seconds show how busy the machine was otherwise."""

    seconds: float
    processor_s: float
    peak_gb: float
    said: str

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s ({self.processor_s:.1f} s of the processor), {self.peak_gb:.2f} GB"


@pytest.fixture(scope="session")
def spend(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Spent]:
    """Return a runner of commands (`wangge`, or a script beside the benchmarks) that measures the whole process."""
    folder = tmp_path_factory.mktemp("spent")
    log, wrong = folder / "said", folder / "wrong"

    def run(command: str | Path, *arguments: object) -> Spent:
        program = [sys.executable, command] if isinstance(command, Path) else [Path(sys.executable).with_name(command)]
        began = time.perf_counter()
        with log.open("w", encoding="utf-8") as out, wrong.open("w", encoding="utf-8") as errors:
            started = subprocess.Popen([str(word) for word in (*program, *arguments)], stdout=out, stderr=errors)
            # The children's common figures would keep the peak of whoever ran before.
            _, status, usage = os.wait4(started.pid, 0)
            started.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        assert started.returncode == 0, wrong.read_text(encoding="utf-8")
        # Linux counts kilobytes.
        return Spent(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**20, log.read_text(encoding="utf-8"))

    return run


@pytest.fixture(scope="session")
def voronoi_town(datasets: Path) -> Callable[..., Any]:
    """Return the judge's maker of towns."""
    path = datasets.parent / "judges" / "voronoi_town.py"
    if not path.is_file():
        pytest.skip("no made towns: ../shared/judges is absent")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.town
