"""Shows the steps of a verification as they happen, and its verdict."""

from __future__ import annotations

import sys

import typer

from openvna.cli.output import clean
from openvna.cli.terminal import note
from openvna.plugin import Step, StepOutcome, Verdict

_MARKS = {
    StepOutcome.OK: ("ok", typer.colors.GREEN),
    StepOutcome.REPAIRED: ("repaired", typer.colors.YELLOW),
    StepOutcome.WARNING: ("warning", typer.colors.YELLOW),
    StepOutcome.FAILED: ("failed", typer.colors.RED),
    StepOutcome.SKIPPED: ("skipped", typer.colors.BRIGHT_BLACK),
}
_VERDICTS = {"ok": typer.colors.GREEN, "degraded": typer.colors.YELLOW, "failed": typer.colors.RED}
_WIDTH = 8


def show(event: Step | Verdict) -> None:
    """Write one event to stderr."""
    if isinstance(event, Verdict):
        _verdict(event)
    elif event.outcome is not StepOutcome.RUNNING:
        _step(event)


def _step(step: Step) -> None:
    word, color = _MARKS[step.outcome]
    note(f"{_styled(word.rjust(_WIDTH), color)}  {clean(step.title)}")
    for fact in step.evidence:
        note(f"{'':{_WIDTH}}    {clean(fact)}")
    if step.outcome in (StepOutcome.FAILED, StepOutcome.WARNING) and step.cause:
        note(f"{'':{_WIDTH}}    cause {step.cause}")
    if step.outcome in (StepOutcome.FAILED, StepOutcome.WARNING) and step.remedy:
        _remedy(step.remedy, f"{'':{_WIDTH}}    ")


def _verdict(verdict: Verdict) -> None:
    word = _styled(verdict.verdict, _VERDICTS[verdict.verdict])
    note(f"{word}: {clean(verdict.summary)}")
    if verdict.verdict != "ok" and verdict.remedy:
        _remedy(verdict.remedy)


def _remedy(text: str, indent: str = "") -> None:
    """What to do; a policy to paste stands below it on lines of its own."""
    first, *rest = text.splitlines()
    note(f"{indent}\u2192 {clean(first)}")
    for line in rest:
        note(f"{indent}{clean(line)}")


def _styled(text: str, color: str) -> str:
    return typer.style(text, fg=color) if sys.stderr.isatty() else text
