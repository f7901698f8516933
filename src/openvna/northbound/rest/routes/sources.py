"""The sources: add, list, show, edit, pause, delete. No answer ever holds a secret."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from openvna.northbound.rest.answers import answer, listing
from openvna.northbound.rest.auth import READ, WRITE, AppGateway
from openvna.northbound.rest.routes.base import Text, new_router
from openvna.northbound.rest.shapes import NewSource, SourcePatch
from openvna.northbound.rest.wire import Deleted

router = new_router("sources")


@router.get("/sources", operation_id="list-sources", dependencies=[READ], summary="All sources")
def index(request: Request, gateway: AppGateway) -> Response:
    sources = gateway.store.sources.list()
    return listing(request, sources, total=len(sources))


@router.post(
    "/sources", operation_id="add-source", dependencies=[WRITE], status_code=201, summary="Verify and add a source"
)
def add(body: NewSource, gateway: AppGateway) -> Response:
    """Verifies the settings, then saves them. A verdict `failed` saves nothing and answers 422 with the `verdict`,
    unless `save_anyway` is set. To show the verification while it runs, start one first and name it here."""
    source = gateway.add_source(
        body.name,
        body.plugin,
        body.config,
        interval=body.interval,
        save_anyway=body.save_anyway,
        verification=body.verification,
    )
    return answer(source, 201, {"Location": f"/api/v1/sources/{source.id}"})


@router.get("/sources/{source}", operation_id="show-source", dependencies=[READ], summary="A source, by id or name")
def show(source: str, gateway: AppGateway) -> Response:
    """`secrets` names the secret settings that are stored; their values are never shown."""
    return answer(gateway.store.sources.get(source))


@router.get(
    "/sources/{source}/permissions",
    operation_id="show-permissions",
    dependencies=[READ],
    summary="What a source is allowed: features by regions, what is denied by whom, and what collections lost",
)
def show_permissions(
    source: str,
    gateway: AppGateway,
    account: Annotated[Text | None, Query(description="Only the cells of this account.")] = None,
) -> Response:
    """As the last verification found it. Verify the source to try again; what was denied is then tried whatever else
    is left out. `missing` and `lost` hold one remedy for each cause, with the statement to paste."""
    return answer(gateway.permissions(source, account))


@router.patch(
    "/sources/{source}", operation_id="edit-source", dependencies=[WRITE], summary="Change what is given of a source"
)
def edit(source: str, body: SourcePatch, gateway: AppGateway) -> Response:
    """`config` is a JSON merge patch: a null removes a setting, what is left out stays. To re-enter a credential,
    send `config.credential`. Changed settings are verified before they are saved. A credential of another account
    answers 409 (`another-account`, with both `accounts`) unless `another_account` says that it is meant."""
    interval = body.interval
    changed = gateway.edit_source(
        source,
        name=body.name,
        config=body.config,
        interval="never" if interval is None and "interval" in body.model_fields_set else interval,
        save_anyway=body.save_anyway,
        another_account=body.another_account,
        verification=body.verification,
    )
    return answer(changed)


@router.delete(
    "/sources/{source}", operation_id="delete-source", dependencies=[WRITE], summary="Delete a source with all its data"
)
def delete(
    source: str,
    gateway: AppGateway,
    confirm: Annotated[str, Query(description="The source's name, to say that you mean it.")],
) -> Response:
    """Everything that was collected from the source goes with it, its history too."""
    return answer(Deleted(gateway.delete_source(source, confirm=confirm)))


@router.post("/sources/{source}/pause", operation_id="pause-source", dependencies=[WRITE], summary="Stop collecting it")
def pause(source: str, gateway: AppGateway) -> Response:
    return answer(gateway.pause_source(source, True))


@router.post("/sources/{source}/resume", operation_id="resume-source", dependencies=[WRITE], summary="Collect it again")
def resume(source: str, gateway: AppGateway) -> Response:
    return answer(gateway.pause_source(source, False))
