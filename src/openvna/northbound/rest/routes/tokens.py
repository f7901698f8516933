"""API tokens: for scripts and other tools. Only `admin` makes and revokes them."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import Request
from starlette.responses import Response

from openvna.log import hide
from openvna.model import InvalidInput
from openvna.northbound.rest.answers import answer, listing, record
from openvna.northbound.rest.auth import ADMIN, SCOPES, AppGateway
from openvna.northbound.rest.routes.base import new_router
from openvna.northbound.rest.shapes import NewToken

router = new_router("tokens")


@router.get("/tokens", operation_id="list-tokens", dependencies=[ADMIN], summary="All API tokens, without their values")
def index(request: Request, gateway: AppGateway) -> Response:
    tokens = gateway.store.accounts.tokens()
    return listing(request, tokens, total=len(tokens))


@router.post("/tokens", operation_id="add-token", dependencies=[ADMIN], status_code=201, summary="Make an API token")
def add(body: NewToken, gateway: AppGateway) -> Response:
    """The answer holds its value, once: it is stored as a hash, and nobody can show it again."""
    if body.expires_at is not None and body.expires_at <= datetime.now(UTC):
        raise InvalidInput(
            "The token was not made.",
            "It would have expired already.",
            "Give a later time, or none.",
            (("expires_at", "is not in the future"),),
        )
    scopes = tuple(scope for scope in SCOPES if scope in body.scopes)
    value, token = gateway.store.accounts.add_token(body.name, scopes, body.expires_at)
    hide(value)
    return answer({**record(token), "value": value}, 201, {"Location": f"/api/v1/tokens/{token.id}"})


@router.delete(
    "/tokens/{token}", operation_id="revoke-token", dependencies=[ADMIN], status_code=204, summary="Revoke an API token"
)
def revoke(token: str, gateway: AppGateway) -> Response:
    """From now on it is not valid."""
    gateway.store.accounts.revoke_token(token)
    return Response(status_code=204)
