"""Sign-ins with the vendor: begin one, show its code, follow it, choose account and role. No answer holds a token."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from openvna.collect import RunningSignIn, SignInState
from openvna.model import InvalidInput
from openvna.northbound.rest.answers import answer, listing
from openvna.northbound.rest.auth import READ, WRITE, AppGateway
from openvna.northbound.rest.routes.base import Text, new_router
from openvna.northbound.rest.shapes import NewSignIn
from openvna.northbound.rest.streams import Follow
from openvna.northbound.rest.wire import SignInRole, StartedSignIn

router = new_router("sign-ins")


def _wire(running: RunningSignIn) -> StartedSignIn:
    prompt, state = running.prompt, running.state
    return StartedSignIn(
        id=running.id,
        value=running.value,
        plugin=running.plugin,
        source_id=running.source_id,
        started_at=running.started_at,
        url=prompt.url,
        complete_url=prompt.complete_url,
        code=prompt.code,
        code_ends_at=prompt.ends_at,
        state=state.state,
        cause=state.cause,
        reason=state.reason,
        evidence=state.evidence,
        remedy=state.remedy,
    )


@router.post(
    "/sign-ins",
    operation_id="start-sign-in",
    dependencies=[WRITE],
    status_code=202,
    summary="Begin a sign-in with the vendor",
)
def start(body: NewSignIn, gateway: AppGateway) -> Response:
    """Show `complete_url` and `code` to the person, and follow `/events` until the state is `signed-in`. Where the
    settings have the secret that it gives, send `value` (when adding, trying or editing a source): the gateway puts
    the secret in, once, and only where everything that says where it goes is as it was here. It is kept for 15
    minutes after its end."""
    if (body.source is None) == (body.plugin is None):
        raise InvalidInput(
            "It is not clear what to sign in for.",
            "That takes `plugin` with `config`, or `source`, with or without changes in `config`.",
            "Send one of these.",
            (("source" if body.source else "plugin", "does not fit with the others"),),
        )
    begun = gateway.sign_ins.begin(body.plugin, body.config, source=body.source)
    return answer(_wire(begun), 202, {"Location": f"/api/v1/sign-ins/{begun.id}"})


@router.get(
    "/sign-ins/{sign_in}",
    operation_id="show-sign-in",
    dependencies=[READ],
    summary="A sign-in: its code, and how it stands",
)
def show(sign_in: str, gateway: AppGateway) -> Response:
    return answer(_wire(gateway.sign_ins.get(sign_in)))


@router.get(
    "/sign-ins/{sign_in}/events",
    operation_id="follow-sign-in",
    dependencies=[READ],
    summary="How a sign-in goes on (server-sent events)",
)
async def events(request: Request, sign_in: str, gateway: AppGateway) -> Response:
    """`state` when it begins to wait, and once more when it is `signed-in`, `failed` or `cancelled`; then the stream
    ends. `Last-Event-ID` goes on behind that event."""
    states = gateway.sign_ins.get(sign_in).events(timeout=0)
    return Follow[SignInState](request, states, lambda _: "state").response()


@router.get(
    "/sign-ins/{sign_in}/accounts",
    operation_id="list-sign-in-accounts",
    dependencies=[WRITE],
    summary="The accounts that the person who signed in may choose",
)
def accounts(request: Request, sign_in: str, gateway: AppGateway) -> Response:
    found = gateway.sign_ins.get(sign_in).accounts()
    return listing(request, found, total=len(found))


@router.get(
    "/sign-ins/{sign_in}/roles",
    operation_id="list-sign-in-roles",
    dependencies=[WRITE],
    summary="The roles that the person who signed in may choose in an account",
)
def roles(
    request: Request,
    sign_in: str,
    gateway: AppGateway,
    account: Annotated[Text, Query(description="The id of one of the accounts.")],
) -> Response:
    found = [SignInRole(name) for name in gateway.sign_ins.get(sign_in).roles(account)]
    return listing(request, found, total=len(found))


@router.delete(
    "/sign-ins/{sign_in}",
    operation_id="cancel-sign-in",
    dependencies=[WRITE],
    status_code=204,
    summary="Wait no longer, and forget what it gave",
)
def cancel(sign_in: str, gateway: AppGateway) -> Response:
    gateway.sign_ins.get(sign_in).cancel()
    return Response(status_code=204)
