"""The routes, one file a noun."""

from openvna.northbound.rest.routes import (
    changes,
    collections,
    onboarding,
    plugins,
    quotas,
    resources,
    runs,
    session,
    sign_ins,
    sources,
    support,
    tokens,
    verifications,
)

routers = (
    session.router,
    plugins.router,
    onboarding.router,
    sources.router,
    verifications.router,
    sign_ins.router,
    collections.router,
    runs.router,
    resources.router,
    quotas.router,
    changes.router,
    tokens.router,
    support.router,
)

__all__ = ["routers"]
