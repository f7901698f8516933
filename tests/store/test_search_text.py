"""What a text search looks through."""

from __future__ import annotations

from typing import Any

from openvna.model import JSON, Kind, Resource
from openvna.store.canonical import search_text

ABOUT = ("arn:eni-1", "x.interface", Kind.INTERFACE, "111122223333", "eu-west-1", "eni-1")
LINES = ["arn:eni-1", "eni-1", "web", "x.interface"]


def text(name: str = "web", tags: dict[str, str] | None = None, **attributes: JSON) -> list[str]:
    return search_text(Resource(*ABOUT, name, tags or {}, attributes)).split("\n")


def test_each_thing_is_there_once() -> None:
    assert text(tags={"Name": "web", "env": "prod", "team": "prod"}) == [*LINES, "prod"]


def test_addresses_are_found_at_any_depth_and_nothing_else_of_the_attributes() -> None:
    found = text(
        ip="10.0.0.1", cidr="10.0.0.0/24", six="fe80::1", mac="02:00:00:00:00:01", note="v1.2 of it", dot="a.b.example",
        inner=[{"ip": "10.0.0.1"}, {"ip": "10.0.0.2", "none": None, "list": []}], port=443, flag=True, empty="",
    )  # fmt: skip
    assert found == [*LINES, "10.0.0.1", "10.0.0.0/24", "fe80::1", "02:00:00:00:00:01", "10.0.0.2"]


def test_case_does_not_count() -> None:
    assert text("WEB", {"Name": "Web", "street": "Straße"}) == [*LINES, "strasse"]


def test_each_line_of_a_value_is_a_thing_of_its_own() -> None:
    assert text(tags={"note": "prod\nweb\nold"}) == [*LINES, "prod", "old"]


def test_what_is_empty_is_no_line() -> None:
    assert text("", {"Name": ""}) == ["arn:eni-1", "eni-1", "x.interface"]
    null: dict[str, Any] = {"Name": None}  # as somebody else's plugin may have it
    assert text("", null) == ["arn:eni-1", "eni-1", "x.interface"]
