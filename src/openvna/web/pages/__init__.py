"""The pages, one file each."""

from openvna.web.pages import (
    causes,
    changes,
    forecast,
    inventory,
    onboarding,
    overview,
    permissions,
    quotas,
    resource,
    runs,
    settings,
    sign_in,
    sources,
)

ROUTERS = (
    sign_in.router,
    overview.router,
    onboarding.router,  # before the pages of one source, which take any name
    permissions.router,
    forecast.router,
    sources.router,
    inventory.router,
    resource.router,
    quotas.router,
    runs.router,
    changes.router,
    causes.router,
    settings.router,
)
