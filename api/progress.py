"""Progress on standard error: one line a stage, with the seconds each took."""

import sys
import time
from typing import Self

_EVERY_S = 5.0


class Progress:
    """Announces stages as they start; silent about the last one if it fails."""

    def __init__(self) -> None:
        self._since = time.perf_counter()
        self._running = False
        self._told = self._since

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._running:
            sys.stderr.write("\n" if kind else self._seconds())

    def stage(self, name: str) -> None:
        """Say that a stage starts."""
        if self._running:
            sys.stderr.write(self._seconds())
        self._running = True
        self._since = time.perf_counter()
        sys.stderr.write(f"{name} …")
        sys.stderr.flush()

    def count(self, done: int, total: int | None) -> None:
        """Say how many rows are done, every few seconds."""
        now = time.perf_counter()
        if now - max(self._told, self._since) > _EVERY_S:
            self._told = now
            sys.stderr.write(f" {done:,}" + (f" of {total:,} …" if total else " …"))
            sys.stderr.flush()

    def _seconds(self) -> str:
        return f" {time.perf_counter() - self._since:.1f} s\n"
