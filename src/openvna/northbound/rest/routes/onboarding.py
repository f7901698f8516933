"""Setting up a source: the ways, what is to be done on the other side, and the settings that come of it."""

from __future__ import annotations

from dataclasses import fields

from fastapi import Request
from starlette.responses import Response

from openvna.collect import Gateway, SettingUp
from openvna.model import NotFound
from openvna.northbound.rest.answers import answer, listing
from openvna.northbound.rest.auth import READ, WRITE, AppGateway
from openvna.northbound.rest.routes.base import new_router
from openvna.northbound.rest.shapes import Answer, IdentityQuestion, NewOnboarding
from openvna.northbound.rest.wire import OnboardingSettings, OnboardingState, OnboardingWays
from openvna.store import Onboarding

router = new_router("onboarding")


def _wire(found: SettingUp) -> OnboardingState:
    row = {field.name: getattr(found.row, field.name) for field in fields(Onboarding)}
    return OnboardingState(**row, way=found.way, plan=found.plan)


def _found(gateway: Gateway, plugin: str, onboarding: str) -> SettingUp:
    """Raises `NotFound`, also for one of another plugin."""
    found = gateway.set_up.get(onboarding)
    if found.row.plugin != plugin:
        raise NotFound(
            f"No source {onboarding} of the plugin {plugin!r} is being set up.",
            f"It is one of the plugin {found.row.plugin!r}.",
            "Ask under that one.",
        )
    return found


@router.get(
    "/plugins/{plugin}/onboarding",
    operation_id="show-onboarding-ways",
    dependencies=[READ],
    summary="The ways to set up a source, the best first, and their options",
)
def ways(plugin: str, gateway: AppGateway) -> Response:
    found = gateway.set_up.ways(plugin)
    return answer(OnboardingWays(plugin, found, gateway.set_up.options(plugin).model_json_schema()))


@router.post(
    "/plugins/{plugin}/onboarding/identity",
    operation_id="find-identity",
    dependencies=[WRITE],
    summary="Who we are on the other side with a credential",
)
def identity(plugin: str, body: IdentityQuestion, gateway: AppGateway) -> Response:
    """Asks the other side, and saves nothing. Where that fails, the answer is 422 with the `verdict`."""
    return answer(gateway.set_up.identity(plugin, body.config))


@router.get(
    "/plugins/{plugin}/onboardings",
    operation_id="list-onboardings",
    dependencies=[READ],
    summary="The sources that are being set up",
)
def index(request: Request, plugin: str, gateway: AppGateway) -> Response:
    gateway.spec(plugin)  # an unknown one is told
    found = gateway.set_up.list(plugin)
    return listing(request, found, total=len(found))


@router.post(
    "/plugins/{plugin}/onboardings",
    operation_id="begin-onboarding",
    dependencies=[WRITE],
    status_code=201,
    summary="Begin to set up a source, or go on with it by other options",
)
def begin(plugin: str, body: NewOnboarding, gateway: AppGateway) -> Response:
    """Finds out who we are where the other side has to trust us, and answers with all that is to be done there. It is
    kept until a source of this name is added; under the same name the external id stays the same."""
    found = gateway.set_up.begin(body.name, plugin, body.options, body.config)
    return answer(_wire(found), 201, {"Location": f"/api/v1/plugins/{plugin}/onboardings/{found.row.id}"})


@router.get(
    "/plugins/{plugin}/onboardings/{onboarding}",
    operation_id="show-onboarding",
    dependencies=[READ],
    summary="A source that is being set up, by id or name, with all that is to be done for it",
)
def show(plugin: str, onboarding: str, gateway: AppGateway) -> Response:
    return answer(_wire(_found(gateway, plugin, onboarding)))


@router.delete(
    "/plugins/{plugin}/onboardings/{onboarding}",
    operation_id="give-up-onboarding",
    dependencies=[WRITE],
    status_code=204,
    summary="Forget a source that is being set up",
)
def give_up(plugin: str, onboarding: str, gateway: AppGateway) -> Response:
    """Nothing changes on the other side. Its external id is never used again."""
    gateway.set_up.give_up(_found(gateway, plugin, onboarding).row.id)
    return Response(status_code=204)


@router.post(
    "/plugins/{plugin}/onboardings/{onboarding}/settings",
    operation_id="settle-onboarding",
    dependencies=[WRITE],
    summary="The settings of the source, once the other side is set up",
)
def settle(plugin: str, onboarding: str, body: Answer, gateway: AppGateway) -> Response:
    """Saves nothing: verify these settings, then add the source with them. Secrets of the credential are not kept
    meanwhile, so they have to be put in again."""
    row = _found(gateway, plugin, onboarding).row
    return answer(OnboardingSettings(row.name, plugin, gateway.set_up.settings(row.id, body.answer)))
