"""The installed plugins: their settings, their resource types, their causes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from openvna.model import NotFound
from openvna.northbound.rest.answers import answer, listing
from openvna.northbound.rest.auth import READ, AppGateway
from openvna.northbound.rest.routes.base import Text, new_router
from openvna.northbound.rest.wire import PluginDescription, PluginSummary
from openvna.plugin import Spec

router = new_router("plugins")


def _summary(spec: Spec) -> PluginSummary:
    return PluginSummary(
        name=spec.name,
        title=spec.title,
        version=spec.version,
        description=spec.description,
        repeats=spec.repeats,
        types=len(spec.types),
    )


def _description(spec: Spec) -> PluginDescription:
    return PluginDescription(
        name=spec.name,
        title=spec.title,
        version=spec.version,
        description=spec.description,
        repeats=spec.repeats,
        config=spec.config.model_json_schema(),
        types=spec.types,
        features=spec.features,
        permissions=tuple(sorted({permission for one in spec.types for permission in one.permissions})),
    )


@router.get("/plugins", operation_id="list-plugins", dependencies=[READ], summary="The installed plugins")
def index(request: Request, gateway: AppGateway) -> Response:
    specs = gateway.specs()
    return listing(request, [_summary(spec) for spec in specs], total=len(specs))


@router.get(
    "/plugins/{plugin}",
    operation_id="show-plugin",
    dependencies=[READ],
    summary="A plugin: the JSON Schema of its settings, its resource types, the permissions it needs",
)
def show(plugin: str, gateway: AppGateway) -> Response:
    return answer(_description(gateway.spec(plugin)))


@router.get(
    "/plugins/{plugin}/policy",
    operation_id="show-policy",
    dependencies=[READ],
    summary="The permissions that features need, to paste",
)
def show_policy(
    plugin: str,
    gateway: AppGateway,
    feature: Annotated[
        list[Text] | None, Query(max_length=100, description="Only these features. Default: what a source usually has.")
    ] = None,
    without: Annotated[list[Text] | None, Query(max_length=100, description="Leave out these.")] = None,
    format: Annotated[Text | None, Query(description="One of the plugin's formats. Default: the plainest.")] = None,
    short: Annotated[bool, Query(description="Allow reading actions in groups: short, but more than needed.")] = False,
    identity: Annotated[Text | None, Query(description="Who gets it: narrows what is asked about oneself.")] = None,
    partition: Annotated[Text | None, Query(description="The part of the vendor's world where it is used.")] = None,
) -> Response:
    return answer(
        gateway.policy(plugin, feature or None, without or (), format or "", short, identity or "", partition or "")
    )


@router.get(
    "/plugins/{plugin}/causes",
    operation_id="list-causes",
    dependencies=[READ],
    summary="The causes that a plugin can name: what each means, how it is known, what to do",
)
def list_causes(plugin: str, request: Request, gateway: AppGateway) -> Response:
    found = gateway.causes(plugin)
    return listing(request, found, total=len(found))


@router.get(
    "/plugins/{plugin}/causes/{cause}",
    operation_id="show-cause",
    dependencies=[READ],
    summary="What the id of a cause means, how it is known, and what to do",
)
def show_cause(plugin: str, cause: str, gateway: AppGateway) -> Response:
    found = gateway.explain(plugin, cause)
    if found is None:
        raise NotFound(
            f"The plugin {plugin!r} knows no cause {cause!r}.",
            "It is not in its catalogue of causes.",
            "Take the id from a verification or from a run's ledger.",
        )
    return answer(found)
