"""What differs between two versions, field by field."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from openvna.model import FieldChange
from openvna.store.difference import MOST, difference

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("abc", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=12,
)


def changes(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    return [
        (each.path, each.before, each.after)
        for each in difference({"document": {"x": before}}, {"document": {"x": after}})
    ]


def test_nested_fields_are_named_by_their_path() -> None:
    assert changes({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3, "d": 4}}) == [
        ("document.x.a.c", 2, 3),
        ("document.x.a.d", None, 4),
    ]


def test_a_field_of_another_kind_changes_whole() -> None:
    assert changes({"a": 1}, [1]) == [("document.x", {"a": 1}, [1])]
    assert changes(1, True) == [("document.x", 1, True)]
    assert changes(0, False) == [("document.x", 0, False)]
    assert changes("1", 1) == [("document.x", "1", 1)]


def test_a_list_of_values_changes_whole() -> None:
    assert changes(["a", "b"], ["b", "c"]) == [("document.x", ["a", "b"], ["b", "c"])]
    assert changes(["a"], ["a", "a"]) == [("document.x", ["a"], ["a", "a"])]


def test_items_are_matched_by_the_field_that_names_them() -> None:
    before = [{"RouteId": "r1", "Target": "igw"}, {"RouteId": "r2", "Target": "nat"}]
    after = [{"RouteId": "r3", "Target": "tgw"}, {"RouteId": "r2", "Target": "eni"}]
    assert changes(before, after) == [
        ("document.x[r1]", {"RouteId": "r1", "Target": "igw"}, None),
        ("document.x[r2].Target", "nat", "eni"),
        ("document.x[r3]", None, {"RouteId": "r3", "Target": "tgw"}),
    ]


def test_a_prefix_names_an_item_too() -> None:
    assert changes([{"destination": "10.0.0.0/8", "via": "a"}], [{"destination": "10.0.0.0/8", "via": "b"}]) == [
        ("document.x[10.0.0.0/8].via", "a", "b")
    ]


def test_items_without_a_name_are_paired_by_place_once_the_equal_ones_are_out() -> None:
    before = [{"p": 1}, {"p": 2}, {"p": 3}]
    after = [{"p": 3}, {"p": 1}, {"p": 9}, {"p": 8}]
    assert changes(before, after) == [("document.x[1].p", 2, 9), ("document.x[3]", None, {"p": 8})]


def test_relations_are_told_by_their_name() -> None:
    before = {"relations": [["member-of", "vpc-1"], ["uses", "acl-1"]]}
    after = {"relations": [["member-of", "vpc-1"], ["uses", "acl-2"]]}
    assert difference(before, after) == (FieldChange("relations.uses", ["acl-1"], ["acl-2"]),)


def test_too_many_differences_stand_as_one() -> None:
    before = {"document": {str(number): 0 for number in range(MOST + 1)}, "name": "a"}
    after = {"document": {str(number): 1 for number in range(MOST + 1)}, "name": "b"}
    assert difference(before, after) == (
        FieldChange("name", "a", "b"),
        FieldChange("document", before["document"], after["document"]),
    )


@given(JSON)
def test_nothing_differs_from_itself(value: Any) -> None:
    assert changes(value, value) == []


def shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    if isinstance(value, list):
        items = [shuffled(item, chance) for item in value]
        chance.shuffle(items)
        return items
    return value


def canonical(value: Any) -> Any:
    """Equal exactly for values that are equal but for the order of lists, with fields that are None left out."""
    if isinstance(value, dict):
        return ("dict", sorted((key, repr(canonical(item))) for key, item in value.items() if item is not None))
    if isinstance(value, list):
        return ("list", sorted(repr(canonical(item)) for item in value))
    return (type(value).__name__, value)


@given(JSON, st.randoms())
def test_another_order_makes_no_difference(value: Any, chance: random.Random) -> None:
    assert changes(value, shuffled(value, chance)) == []


@given(JSON, JSON)
def test_what_is_not_the_same_differs(before: Any, after: Any) -> None:
    found = changes(before, after)
    if canonical(before) != canonical(after):
        assert found
    for _, old, new in found:
        assert canonical(old) != canonical(new) or repr(old) != repr(new)
