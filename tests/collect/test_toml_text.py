"""What is written as TOML, `tomllib` reads back as the same."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from openvna.collect import toml_text

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
LEAVES = TEXT | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_a_table_is_read_back_as_it_was_written(members: dict[str, Any]) -> None:
    text = "\n".join(["[[source]]", "", *toml_text.table(("source", "config"), members)])
    assert tomllib.loads(text)["source"][0].get("config", {}) == members


def test_comments_stand_in_the_table_that_they_are_about() -> None:
    lines = toml_text.table(("a",), {"x": 1, "b": {}}, {("a", "b"): ["note"], ("a",): ["above"]})
    assert lines == ["[a]", "x = 1", "# above", "", "[a.b]", "# note"]


def test_what_has_no_value_is_left_out() -> None:
    assert toml_text.table(("a",), {"x": None, "y": [{"z": None, "w": "1"}]}) == ["[a]", 'y = [{ w = "1" }]']
