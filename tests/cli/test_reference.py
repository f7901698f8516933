"""The reference pages are those of the code."""

from __future__ import annotations

from pathlib import Path

from openvna.cli.reference import cli_page, settings_page

DOCS = Path(__file__).parents[2] / "docs"
STALE = "the page is not that of the code; run: make docs"


def test_the_command_reference_is_fresh() -> None:
    assert (DOCS / "cli.md").read_text(encoding="utf-8") == cli_page(), STALE


def test_the_settings_reference_is_fresh() -> None:
    assert (DOCS / "settings.md").read_text(encoding="utf-8") == settings_page(), STALE


def test_no_option_takes_a_secret() -> None:
    options = {word.strip("`,.") for word in cli_page().split() if word.startswith("--")}
    forbidden = ("secret", "password", "token", "key-id", "access-key")
    assert [option for option in options if any(word in option for word in forbidden)] == []
