"""The catalogue of causes: whole, unique, and the docs are made of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import openvna.plugins.aws
from openvna.plugins.aws import cause_pages, plugin
from openvna.plugins.aws.catalogue.related import GROUPS
from openvna.plugins.aws.causes import CATALOGUE, ENTRIES, remedy

SOURCES = Path(openvna.plugins.aws.__file__).parent
DOCS = Path(__file__).parents[4] / "docs"
ID = re.compile(r"\"((?:[CKNRAPTHXWSEO]|RA)-[A-Z0-9]+(?:-[A-Z0-9]+)*)\"")


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
    entry = plugin.explain(cause.id)
    assert entry is not None
    assert entry.sentence == f"{cause.title}. {cause.meaning}"


def test_an_unknown_cause_means_nothing() -> None:
    assert plugin.explain("Z-NONE") is None


def test_every_cause_that_the_plugin_names_is_in_the_catalogue() -> None:
    named = {
        (path.name, found)
        for path in SOURCES.glob("*.py")
        for found in ID.findall(path.read_text(encoding="utf-8"))
        if found not in ("X-AMZ-DATE", "P-256")
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


def test_the_pages_of_all_causes_are_fresh() -> None:
    made = cause_pages.pages()
    there = {path.relative_to(DOCS).as_posix() for path in (DOCS / "causes.md", *DOCS.glob("causes/*.md"))}
    assert there == set(made), "Write them anew: make docs"
    stale = [path for path, text in made.items() if (DOCS / path).read_text(encoding="utf-8") != text]
    assert stale == [], "Write them anew: make docs"


def test_a_page_says_all_that_there_is_to_say() -> None:
    text = cause_pages.page(ENTRIES["H-TRUST"])
    assert "# H-TRUST" in text
    assert "How sure: **inferred**" in text
    assert '```json\n{\n  "Version": "2012-10-17"' in text
    assert "[H-NO-ROLE](H-NO-ROLE.md): There is no such role" in text
    assert "[K-KEY-UNKNOWN](causes/K-KEY-UNKNOWN.md)" in cause_pages.index()


def test_related_causes_refer_to_each_other() -> None:
    assert {each for group in GROUPS for each in group} <= set(CATALOGUE)
    for entry in ENTRIES.values():
        assert all(entry.id in ENTRIES[each].related for each in entry.related)
