"""The catalogue of causes: whole, unique, and the docs are made of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import openvna.plugins.aws
from openvna.plugins.aws import plugin
from openvna.plugins.aws.causes import CATALOGUE, reference_page, remedy

SOURCES = Path(openvna.plugins.aws.__file__).parent
DOCS = Path(__file__).parents[4] / "docs" / "causes.md"
ID = re.compile(r"\"([CKNRAPTHXWSE]-[A-Z0-9]+(?:-[A-Z0-9]+)*)\"")


@pytest.mark.parametrize("cause", CATALOGUE.values(), ids=lambda cause: cause.id)
def test_every_cause_says_what_it_means_how_it_is_known_and_what_to_do(cause: object) -> None:
    from openvna.plugins.aws.catalogue.entry import Cause

    assert isinstance(cause, Cause)
    assert ID.fullmatch(f'"{cause.id}"')
    assert cause.title
    assert not cause.title.endswith(".")
    assert cause.meaning.endswith((".", ")"))
    assert "{" not in cause.meaning
    assert cause.known_by
    assert remedy(cause.id)
    assert not re.search(r"\{(?!account\})\w+\}", remedy(cause.id))
    assert plugin.explain(cause.id) == f"{cause.title}. {cause.meaning}"


def test_an_unknown_cause_means_nothing() -> None:
    assert plugin.explain("Z-NONE") is None


def test_every_cause_that_the_plugin_names_is_in_the_catalogue() -> None:
    named = {
        (path.name, found)
        for path in SOURCES.glob("*.py")
        for found in ID.findall(path.read_text(encoding="utf-8"))
        if found not in ("X-AMZ-DATE",)
    }
    assert len(named) > 60
    assert {each for each in named if each[1] not in CATALOGUE} == set()


def test_ids_are_unique() -> None:
    declared = [
        found
        for path in (SOURCES / "catalogue").glob("*.py")
        for found in re.findall(r"Cause\(\s*\"([A-Z0-9-]+)\"", path.read_text(encoding="utf-8"))
    ]
    assert len(declared) == len(set(declared))


def test_the_reference_page_is_fresh() -> None:
    assert DOCS.read_text(encoding="utf-8") == reference_page(), (
        "Write it anew: python -m openvna.plugins.aws.causes > docs/causes.md"
    )
