"""What the benchmarks share: skipped unless asked for, and the made towns of the partitioners."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_LARGE = "large: takes minutes and gigabytes: run with -m large"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _LARGE)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "large" in config.option.markexpr:
        return
    for item in items:
        if item.get_closest_marker("large"):
            item.add_marker(pytest.mark.skip(reason=_LARGE.partition(": ")[2]))


@pytest.fixture
def timed(benchmark: Any) -> Any:  # noqa: ANN401 (pytest-benchmark has no types)
    """Return the benchmark; a test that takes minutes or asserts seconds skips where nothing is timed."""
    if benchmark.disabled:
        pytest.skip("measures seconds: run `make bench`")
    return benchmark


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
