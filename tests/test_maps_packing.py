"""The data of a page come back as they were, in whatever reads them."""

import json
from typing import Any

import numpy as np
import pytest
from drawn import facts
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from maps.packing import packed
from maps.page import asset

NUMBERS = hnp.arrays(np.int64, st.integers(0, 30), elements=st.integers(-(2**52), 2**52))
TEXTS = st.text() | st.sampled_from(["</script>", "<!--", "${1}", "{{ 1 }}", "\u2028"])
VALUES = st.recursive(TEXTS | st.integers(-(2**52), 2**52) | st.booleans() | st.none(), st.lists)


def page(written: str) -> str:
    return f'<script type="application/octet-stream" id="f">{written}</script>'


@given(NUMBERS, VALUES)
def test_data_come_back(numbers: np.ndarray, value: Any) -> None:  # noqa: ANN401
    written = packed({"deep": [{"numbers": numbers}], "value": value})
    assert facts(page(written)) == {"deep": [{"numbers": numbers.tolist()}], "value": value}


def test_a_browser_reads_what_was_written(browser: Any) -> None:  # noqa: ANN401
    codec = asset("codec.js")
    columns = [[], [0, -1, 1, 127, -128, 2**31 - 1, -(2**31)], [2**31, -(2**52), 2**52, 5]]
    data = {"texts": ["一", "</script>", "\u2028"], "columns": [np.array(column, np.int64) for column in columns]}
    tab = browser.new_page()
    tab.set_content(f"{page(packed(data))}<script>{codec}</script>")
    read = tab.evaluate(
        "wangge.read('f').then(data => JSON.stringify({...data, columns: data.columns.map(c => [...c])}))"
    )
    assert json.loads(read) == {"texts": data["texts"], "columns": columns}
    assert tab.evaluate("wangge.read('f').then(data => data.columns.map(c => c.constructor.name))") == [
        "Int32Array",
        "Int32Array",
        "Float64Array",
    ]
    tab.close()


def test_the_same_data_give_the_same_text_and_anything_else_is_refused() -> None:
    assert packed({"a": np.arange(3)}) == packed({"a": np.arange(3)})
    with pytest.raises(TypeError, match="set cannot be written"):
        packed({"a": {1}})
