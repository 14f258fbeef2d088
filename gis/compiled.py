"""The one way in which loops are compiled."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function over arrays to machine code, kept on disk if it can be, free of the interpreter's lock."""
    machine_code: Callable[P, R]
    try:
        machine_code = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # installed read-only, for somebody without a home: each process compiles anew
        machine_code = njit(nogil=True)(function)
    return machine_code
