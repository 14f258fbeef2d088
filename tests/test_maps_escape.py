"""Text stays text: in HTML, and in data inside a script element."""

import html
import json
import re

from hypothesis import given
from hypothesis import strategies as st

from maps.escape import as_data, as_html


@given(st.text())
def test_html_gives_back_what_was_typed_and_holds_nothing_a_parser_or_a_template_acts_on(text: str) -> None:
    written = as_html(text)
    assert html.unescape(written) == html.unescape(html.escape(text))
    assert not set(written) & set("<>\"'`\\${}")


@given(st.recursive(st.text() | st.text("{%#}") | st.integers() | st.none(), st.lists))
def test_data_gives_back_what_was_put_in_and_cannot_end_its_element(value: object) -> None:
    written = as_data(value)
    assert json.loads(written) == value
    assert not set(written) & set("<>&\u2028\u2029")
    assert not re.search(r"\{[{%#]", written)
