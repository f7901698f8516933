"""Values read out of an answer by path."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from openvna.plugins.aws.paths import Malformed, getter


@pytest.mark.parametrize(
    ("path", "raw", "expected"),
    [
        ("Groups[].GroupId", {}, []),
        ("Groups[].GroupId", {"Groups": []}, []),
        ("Groups[].GroupId", {"Groups": [{"GroupId": "sg-1"}, {"GroupId": "sg-2"}]}, ["sg-1", "sg-2"]),
        ("Groups[].GroupId", {"Groups": [{"GroupId": "sg-1"}, {"GroupName": "web"}, {"GroupId": None}]}, ["sg-1"]),
        ("Groups[].GroupId", {"Groups": [{"GroupId": ""}, {"GroupId": 7}]}, ["", 7]),
        ("Groups[].GroupId", {"Groups": [MappingProxyType({"GroupId": "sg-1"})]}, ["sg-1"]),
        ("Groups[].GroupId", MappingProxyType({"Groups": [{"GroupId": "sg-1"}]}), ["sg-1"]),
        ("Routes[].Hops", {"Routes": [{"Hops": ["a", "b"]}, {"Hops": []}, {"Hops": ["c"]}]}, ["a", "b", "c"]),
        ("Routes[].Hop.Id", {"Routes": [{"Hop": {"Id": "a"}}, {"Hop": {}}]}, ["a"]),
        ("Routes[].Hops[].Id", {"Routes": [{"Hops": [{"Id": "a"}, {"Id": "b"}]}, {}]}, ["a", "b"]),
        ("Routes[].Id|Name", {"Routes": [{"Id": "a"}]}, ["a"]),
        ("Ids[]", {"Ids": ["a", "b"]}, ["a", "b"]),
    ],
)
def test_a_path_through_a_list_gives_what_its_items_have(path: str, raw: Any, expected: list[Any]) -> None:
    assert getter(path)(raw) == expected


@pytest.mark.parametrize("held", ["sg-1", {"GroupId": "sg-1"}, 7])
def test_what_is_no_list_is_not_read_as_one(held: object) -> None:
    with pytest.raises(Malformed):
        getter("Groups[].GroupId")({"Groups": held})
