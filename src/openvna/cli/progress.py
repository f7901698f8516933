"""How a collection comes along: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

from openvna.cli.output import clean
from openvna.cli.terminal import note
from openvna.collect import Phase, Progress

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


class Bars:
    """One bar for the scopes, and one for each scope that is being read. On stderr, gone when it ends."""

    def __init__(self) -> None:
        self._rich: RichProgress | None = None
        self._whole: TaskID | None = None
        self._scopes: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as RichProgress

            self._rich = RichProgress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._rich.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if self._rich is not None:
            self._rich.stop()

    def show(self, event: Progress) -> None:
        if self._rich is None:
            _line(event)
        else:
            self._bar(self._rich, event)

    def _bar(self, rich: RichProgress, event: Progress) -> None:
        if event.phase is Phase.DISCOVERED:
            self._whole = rich.add_task(f"{clean(event.source)}: scopes", total=event.total)
        elif event.phase is Phase.SCOPE_STARTED:
            self._scopes[event.scope] = rich.add_task(f"  {_where(event)}", total=None)
        elif event.phase in (Phase.LISTING, Phase.LISTED) and event.scope in self._scopes:
            seen = f" {event.seen}" if event.phase is Phase.LISTING else ""
            rich.update(
                self._scopes[event.scope],
                completed=event.done,
                total=event.total,
                description=f"  {_where(event)} {event.type}{seen}",
            )
        elif event.phase is Phase.SCOPE_FINISHED:
            if event.scope in self._scopes:
                rich.remove_task(self._scopes.pop(event.scope))
            if self._whole is not None:
                rich.update(self._whole, completed=event.done)


def _line(event: Progress) -> None:
    if event.phase is Phase.DISCOVERED:
        note(f"{clean(event.source)}: {event.total} scope{'' if event.total == 1 else 's'}")
    elif event.phase is Phase.SCOPE_FINISHED:
        why = f", failed: {clean(event.failure.message)}" if event.failure else ""
        note(f"  {_where(event)}: {event.seen} seen ({event.done} of {event.total}){why}")


def _where(event: Progress) -> str:
    return clean(f"{event.account} {event.region}".strip() or event.scope or event.source)
