"""The pages, one file each."""

from openvna.web.pages import causes, changes, inventory, overview, resource, runs, settings, sign_in, sources

ROUTERS = (
    sign_in.router,
    overview.router,
    sources.router,
    inventory.router,
    resource.router,
    runs.router,
    changes.router,
    causes.router,
    settings.router,
)
