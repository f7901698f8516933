"""How much of what AWS tells of networks is read, against a list of all that a complete inventory would read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from openvna.plugins.aws.type_pages import index
from openvna.plugins.aws.types import OPERATIONS, TYPES
from openvna.plugins.aws.unread import UNREAD

LIST = Path(__file__).with_name("network_operations.txt")

LEAST_TYPES = 160
LEAST_OPERATIONS = 330
"""Of the 438 in the list."""


def listed() -> set[tuple[str, str]]:
    lines = [line for line in LIST.read_text().splitlines() if line and not line.startswith("#")]
    parts = (line.partition(": ") for line in lines)
    return {(service, operation) for service, _, rest in parts for operation in rest.split()}


def read() -> set[tuple[str, str]]:
    return {(service, operation) for service, operations in OPERATIONS.items() for operation in operations}


def left_out() -> list[tuple[str, str]]:
    return [
        (service, operation)
        for each in UNREAD
        for service, operations in each.operations.items()
        for operation in operations
    ]


def test_the_list_is_whole() -> None:
    assert len(listed()) == 438


def test_there_are_types_for_nearly_all_of_a_network() -> None:
    assert len(TYPES) >= LEAST_TYPES


def test_most_operations_of_the_list_are_read() -> None:
    covered = listed() & read()
    assert len(covered) >= LEAST_OPERATIONS, f"{len(covered)} of {len(listed())}"


def test_what_is_not_read_is_left_out_for_a_reason() -> None:
    assert listed() - read() - set(left_out()) == set(), "declare a type, or say in unread.py why not"


def test_what_is_left_out_is_not_read_and_is_left_out_once() -> None:
    assert set(left_out()) & read() == set(), "take it out of unread.py"
    assert [each for each, count in Counter(left_out()).items() if count > 1] == []
    assert set(left_out()) <= listed()


def test_the_reference_says_what_is_not_read() -> None:
    page = index()
    assert "## What is not read" in page
    for each in UNREAD:
        assert each.reason in page
    assert "`cloudtrail:LookupEvents`" in page
