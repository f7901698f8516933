"""`openvna apply`: make the sources what files say they are, for those who keep their configuration in git."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openvna.cli import parsing
from openvna.cli.joins import gateway
from openvna.cli.output import ShortFormat, clean, dumps, json_document, plain, quoted, say
from openvna.cli.steps import show as show_step
from openvna.cli.terminal import note
from openvna.model import InvalidInput
from openvna.plugin import Step, Verdict

if TYPE_CHECKING:
    from openvna.collect.applying import Difference, Planned
    from openvna.model import JSON

app = typer.Typer(rich_markup_mode=None, add_completion=False)

TO_DO = 3
"""The exit code of `--dry-run --exit-code` where something is to be done."""
_SIGNS = {"create": "+", "change": "~", "delete": "-"}
_DONE = {"create": "created", "change": "changed", "delete": "deleted", "none": "unchanged"}
_LONGEST = 120


@app.command(
    epilog="Exit code: 0 all is as the files say, 1 something failed, 2 wrong usage or wrong files; with --exit-code 3 "
    "where something is to be done."
)
def apply(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="FILE", help="TOML files, or folders with .toml files.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="With --dry-run: end with 3 where something would change.")
    ] = False,
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Also delete sources that were applied from these files and are no longer there."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
    save_anyway: Annotated[bool, typer.Option("--save-anyway", help="Save even what fails its verification.")] = False,
    format: Annotated[ShortFormat, typer.Option(help="How to print.")] = ShortFormat.TABLE,
) -> None:
    """Make the sources what TOML files say they are. A second time it changes nothing.

    Everything is checked before anything is changed, and what is new or changed is verified, several side by side.
    Unless all of that goes well, nothing is saved. Sources that no file names are left alone.
    """
    from openvna.collect import declared
    from openvna.collect.applying import Applying

    if exit_code and not dry_run:
        raise InvalidInput("--exit-code goes with --dry-run.", "", "Add --dry-run.")
    problems = declared.Problems()
    found = declared.read(paths, parsing.seconds, problems)
    with gateway(context) as here:
        applying = Applying(here)
        plan = applying.plan(found, problems, {path.resolve().name for path in paths}, prune=prune)
        todo = [one for one in plan if one.action != "none"]
        if format is ShortFormat.TABLE:
            _show(plan)
        if dry_run:
            _report(plan, format, applied=False)
            raise typer.Exit(TO_DO if exit_code and todo else 0)
        _confirm([one for one in todo if one.action == "delete"], yes)
        applying.verify(plan, _Steps() if format is ShortFormat.TABLE else None)
        failed = [one for one in plan if one.verdict is not None and one.verdict.verdict == "failed"]
        if failed and not save_anyway:
            _report(plan, format, applied=False)
            _failed(failed)
            raise typer.Exit(1)
        done = [one for one in applying.apply(plan, save_anyway=save_anyway) if one.action != "none"]
    _report(plan, format, applied=True)
    if done:
        counts = [f"{sum(one.action == action for one in plan)} {word}" for action, word in _DONE.items()]
        note(f"Applied: {', '.join(count for count in counts if not count.startswith('0 '))}.")
    elif format is ShortFormat.TABLE:
        note("Nothing to do: all is as the files say.")


class _Steps:
    """Shows the verifications, each under the name of its source."""

    def __init__(self) -> None:
        self._shown = ""

    def __call__(self, one: Planned, event: Step | Verdict) -> None:
        if one.name != self._shown:
            self._shown = one.name
            note(f"\n{clean(one.name)}")
        show_step(event)


def _show(plan: Sequence[Planned]) -> None:
    """The plan as a person reads it: one block a source, one line a setting."""
    for one in plan:
        if one.action == "none":
            continue
        new = "" if one.action == "change" else f", {'new' if one.action == 'create' else 'with all its data'}"
        say(f"{_SIGNS[one.action]} {clean(one.name)} ({one.plugin}{new})")
        width = max((len(each.path) for each in one.differences), default=0)
        for each in one.differences:
            say(f"    {each.path.ljust(width)}  {_change(each, one.action == 'create')}")
    same = sum(one.action == "none" for one in plan)
    if same:
        say(f"= {same} sources as they are" if same > 1 else "= 1 source as it is")


def _change(each: Difference, new: bool) -> str:
    before, after = (_duration(value) if each.path == "interval" else value for value in (each.before, each.after))
    if isinstance(before, list) and isinstance(after, list):
        gone = [f"- {_value(item)}" for item in before if item not in after]
        come = [f"+ {_value(item)}" for item in after if item not in before]
        return ", ".join([*gone, *come]) or f"{_value(before)} -> {_value(after)}"
    return _value(after) if new else f"{_value(before)} -> {_value(after)}"


def _duration(value: JSON) -> JSON:
    from openvna.collect.exporting import duration

    return duration(value) if isinstance(value, int) else value


def _value(value: JSON) -> str:
    if value is None:
        return "(not set)"
    text = clean(value if isinstance(value, str) else dumps(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\u2026"


def _report(plan: Sequence[Planned], format: ShortFormat, *, applied: bool) -> None:
    if format is not ShortFormat.JSON:
        return
    sources = [
        {
            "name": one.name,
            "plugin": one.plugin,
            "action": one.action,
            "place": one.declared.place if one.declared else None,
            "differences": [plain(each) for each in one.differences],
            "verdict": one.verdict.as_json() if one.verdict else None,
        }
        for one in plan
    ]
    json_document({"applied": applied, "sources": sources})


def _failed(failed: Sequence[Planned]) -> None:
    note("")
    for one in failed:
        place = one.declared.place if one.declared else one.name
        cause = f" ({one.verdict.cause})" if one.verdict and one.verdict.cause else ""
        note(f"{clean(place)}: the verification failed{cause}: {clean(one.verdict.summary) if one.verdict else ''}")
    note("Nothing was changed. Correct this and apply again, or save it all the same with --save-anyway.")


def _confirm(deleted: Sequence[Planned], yes: bool) -> None:
    if not deleted or yes:
        return
    names = ", ".join(quoted(one.name) for one in deleted)
    if not sys.stdin.isatty():
        raise InvalidInput(
            "Nothing was changed: sources would be deleted.",
            f"With all that was collected from them: {names}.",
            "Confirm it with --yes.",
        )
    note(f"This deletes with everything that was collected from them, for good: {names}.")
    if not typer.confirm("Delete them?", err=True):
        raise InvalidInput("Nothing was changed.", "It was not confirmed.", "Apply without --prune to keep them.")
