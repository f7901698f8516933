"""The reference pages are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

from openvna.cli.reference import cli_page, settings_page

DOCS = Path(__file__).parents[2] / "docs"
STALE = "the page is not that of the code; run: make docs"


def test_the_command_reference_is_fresh() -> None:
    assert (DOCS / "cli.md").read_text(encoding="utf-8") == cli_page(), STALE


def test_the_settings_reference_is_fresh() -> None:
    assert (DOCS / "settings.md").read_text(encoding="utf-8") == settings_page(), STALE


def test_every_variable_that_the_code_names_is_in_the_settings_reference() -> None:
    named = {
        name
        for file in (DOCS.parent / "src").rglob("*.py")
        for name in re.findall(r"\bOPENVNA_[A-Z]+(?:_[A-Z]+)*\b", file.read_text(encoding="utf-8"))
    }
    told = set(re.findall(r"^\| `(OPENVNA_[A-Z_]+)`", settings_page(), re.MULTILINE))
    assert "OPENVNA_AWS_CLIENT" in named
    assert named - told == set()


def test_no_option_takes_a_secret() -> None:
    options = {word.strip("`,.") for word in cli_page().split() if word.startswith("--")}
    forbidden = ("secret", "password", "token", "key-id", "access-key")
    assert [option for option in options if any(word in option for word in forbidden)] == []
