"""Verifications: start one, follow it live, read its verdict."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Request
from starlette.responses import Response

from openvna.collect import Verification
from openvna.model import InvalidInput
from openvna.northbound.rest.answers import answer
from openvna.northbound.rest.auth import READ, WRITE, AppGateway
from openvna.northbound.rest.routes.base import new_router
from openvna.northbound.rest.shapes import NewVerification
from openvna.northbound.rest.streams import Follow, pending
from openvna.northbound.rest.wire import VerificationState
from openvna.plugin import Step, Verdict

router = new_router("verifications")


def _wire(verification: Verification) -> VerificationState:
    steps: dict[str, Step] = {}
    verdict: Verdict | None = None
    so_far: Iterator[Step | Verdict] = pending(verification.events(timeout=0))
    for event in so_far:
        if isinstance(event, Verdict):
            verdict = event
        else:
            steps[event.id] = event
    return VerificationState(
        id=verification.id,
        plugin=verification.plugin,
        source_id=verification.source_id,
        started_at=verification.started_at,
        state="running" if verdict is None else "finished",
        steps=tuple(steps.values()),
        verdict=verdict,
    )


def _event_name(event: Step | Verdict) -> str:
    return "verdict" if isinstance(event, Verdict) else "step"


@router.post(
    "/verifications",
    operation_id="start-verification",
    dependencies=[WRITE],
    status_code=202,
    summary="Try an access, without saving anything",
)
def start(body: NewVerification, gateway: AppGateway) -> Response:
    """Runs in the background: follow `/events` of the answer's Location for the steps as they happen. It is kept for
    15 minutes after its end."""
    if body.source is not None and body.plugin is None:
        begun = gateway.start_verification(config=body.config, source=body.source)
    elif body.source is None and body.plugin is not None and body.config is not None:
        begun = gateway.start_verification(body.plugin, body.config)
    else:
        raise InvalidInput(
            "It is not clear what to verify.",
            "That takes `plugin` with `config`, or `source`, or `source` with `config`.",
            "Send one of these.",
            (("source" if body.source else "plugin", "does not fit with the others"),),
        )
    return answer(_wire(begun), 202, {"Location": f"/api/v1/verifications/{begun.id}"})


@router.get(
    "/verifications/{verification}",
    operation_id="show-verification",
    dependencies=[READ],
    summary="A verification: its steps so far, and its verdict",
)
def show(verification: str, gateway: AppGateway) -> Response:
    return answer(_wire(gateway.verification(verification)))


@router.get(
    "/verifications/{verification}/events",
    operation_id="follow-verification",
    dependencies=[READ],
    summary="The steps of a verification as they happen (server-sent events)",
)
async def events(request: Request, verification: str, gateway: AppGateway) -> Response:
    """From the first step on, whenever you come: `step` twice for each step (running, then its outcome), `verdict`
    last. After the verdict the stream ends. `Last-Event-ID` goes on behind that event."""
    steps: Iterator[Step | Verdict | None] = gateway.verification(verification).events(timeout=0)
    return Follow[Step | Verdict](request, steps, _event_name).response()
