"""The process that does one job: a command of `wangge`, which ends when the worker that started it does."""

import os
import sys
import threading

from api.cli import main

_PARENT_GONE = 75


def _end_with_parent() -> None:
    # Nothing is ever written there: reading ends when the worker does, however it ends.
    os.read(sys.stdin.fileno(), 1)
    os._exit(_PARENT_GONE)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    main()
