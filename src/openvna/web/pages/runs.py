"""Runs: what each collection did, call by call."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from openvna.collect.remedies import merged
from openvna.model import InvalidInput, Outcome, RunState
from openvna.web.site import CurrentSite, Viewer

router = APIRouter()

_UNFOLDED = 3
"""Failures that a ledger tells at once. With more, each is told on demand, below what to do about all of them."""


_CALLS = 12
"""APIs whose cost is shown at once."""


@router.get("/runs")
def runs(site: CurrentSite, viewer: Viewer, source: str = "", state: str = "", cursor: str = "") -> Response:
    store = site.gateway.store
    page = store.runs.list(source_id=source or None, state=_state(state), cursor=cursor or None, limit=50)
    running = () if state or cursor else store.runs.list(source_id=source or None, state=RunState.RUNNING).items
    return site.page(
        "runs.html",
        viewer,
        nav="runs",
        runs=[run for run in page.items if run.state is not RunState.RUNNING or state],
        running=running,
        cursor=page.cursor,
        sources=store.sources.list(),
        source=source,
        state=state,
        states=[str(each) for each in RunState],
        more={"source": source, "state": state},
    )


@router.get("/runs/{run_id}")
def run(site: CurrentSite, viewer: Viewer, run_id: str) -> Response:
    store = site.gateway.store
    row = store.runs.get(run_id)
    source = store.sources.get(row.source_id)
    ledger = store.runs.ledger(run_id)
    failures = [line.failure for line in ledger if line.failure and line.outcome is not Outcome.UNKNOWN]
    return site.page(
        "run.html",
        viewer,
        nav="runs",
        run=row,
        source=source,
        ledger=ledger,
        folded=sum(1 for line in ledger if line.failure) > _UNFOLDED,
        by_call=store.runs.by_call([run_id]),
        shown=_CALLS,
        remedies=merged(failure.remedy for failure in failures if failure.remedy),
        changes=store.changes.list(run_id=run_id, limit=50),
    )


def _state(text: str) -> RunState | None:
    try:
        return RunState(text) if text else None
    except ValueError as error:
        raise InvalidInput(
            f"There is no run state {text!r}.", f"Known: {', '.join(RunState)}.", "Choose one of these."
        ) from error
