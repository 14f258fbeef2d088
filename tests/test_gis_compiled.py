"""What is compiled is kept, whoever compiles at once, and wherever it can be."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from gis.compiled import compiled

MODULE = """
import numpy as np
from gis.compiled import compiled

KINDS = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.float32, np.float64]

@compiled
def first(values):
    return values[0]
"""
ONE = """
import sys
import numpy as np
from loops import KINDS, first
values = np.array([7, 8], KINDS[int(sys.argv[1])])
sys.stdin.readline()
assert first(values) == 7
"""
EACH = """
import numpy as np
from loops import KINDS, first
assert [first(np.array([7, 8], kind)) for kind in KINDS] == [7] * len(KINDS)
print(sum(first.stats.cache_hits.values()))
"""
FORMS = 8


def test_processes_that_compile_at_once_keep_each_their_own(tmp_path: Path) -> None:
    (tmp_path / "loops.py").write_text(MODULE)
    ready = [
        subprocess.Popen([sys.executable, "-c", ONE, str(number)], cwd=tmp_path, stdin=subprocess.PIPE)
        for number in range(FORMS)
    ]
    for each in ready:
        assert each.stdin is not None
        each.stdin.write(b"go\n")
        each.stdin.flush()
    for each in ready:
        each.communicate()
        assert each.returncode == 0
    found = subprocess.run([sys.executable, "-c", EACH], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert int(found.stdout) == FORMS


def test_what_cannot_keep_what_it_compiles_compiles_anew() -> None:
    """Nothing can be kept for code that has no file, as nothing can beside files that may not be written to."""
    made: dict[str, Any] = {}
    exec("def double(x):\n    return 2 * x", made)  # noqa: S102 (a text of this test)
    assert compiled(made["double"])(21) == 42
