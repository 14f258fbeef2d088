"""The one way in which loops are compiled."""

import fcntl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from numba import njit
from numba.core.caching import FunctionCache

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function over arrays to machine code, kept on disk if it can be, free of the interpreter's lock."""
    machine_code: Any = njit(nogil=True)(function)
    # Installed read-only, for somebody without a home, nothing can be kept: each process compiles anew.
    with suppress(RuntimeError):
        machine_code._cache = _InTurn(function)  # noqa: SLF001 (as numba's own `cache=True` does)
    kept: Callable[P, R] = machine_code
    return kept


class _InTurn(FunctionCache):  # type: ignore[misc]  # numba has no types
    """Keeps machine code on disk; of processes that compile at once, one after the other.

    Numba counts up the files of a function's forms, and names them in a list. Two that did so at once would take the
    same number, and each find the code of the other's form under the name of its own.
    """

    def save_overload(self, sig: Any, data: Any) -> None:  # noqa: ANN401
        """Keep one form of the function."""
        with (Path(self.cache_path) / "turn").open("ab") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            super().save_overload(sig, data)
