"""What is written for the person at a terminal. Loads nothing else of ours, for commands that must start fast."""

from __future__ import annotations

import typer


def printable(text: str) -> str:
    """Without what a terminal would act on: some of it comes from outside."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def note(text: str) -> None:
    """For the person, not for what reads the output."""
    typer.echo(text, err=True)
