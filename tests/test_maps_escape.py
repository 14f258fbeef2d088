"""Text stays text in HTML."""

import html

from hypothesis import given
from hypothesis import strategies as st

from maps.escape import as_html


@given(st.text())
def test_html_gives_back_what_was_typed_and_holds_nothing_a_parser_or_a_template_acts_on(text: str) -> None:
    written = as_html(text)
    assert html.unescape(written) == html.unescape(html.escape(text))
    assert not set(written) & set("<>\"'`\\${}")
