"""What every page needs: the gateway, the templates, and who is looking."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, cast
from urllib.parse import quote

from fastapi import Depends, Form, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from openvna.collect import Gateway, endings
from openvna.model import NotAllowed
from openvna.northbound.rest.auth import check_origin, cookie_name
from openvna.plugin import TypeSpec
from openvna.store import SignIn
from openvna.web import show, words
from openvna.web.assets import asset
from openvna.web.icons import icon


class SignInFirst(Exception):
    """Nobody is signed in: the page is shown after the sign-in."""


class Site:
    """The pages' common ground: one gateway, one set of templates."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._types = {spec.type: spec for plugin in gateway.specs() for spec in plugin.types}
        self._titles = Counter(spec.title for spec in self._types.values())
        self._templates = Environment(
            loader=PackageLoader("openvna.web", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            asset=asset,
            icon=icon,
            badge=words.badge,
            source_badge=words.source_badge,
            confidence=words.CONFIDENCE,
            type_title=self.type_title,
            explain=self.explain,
            resource_url=show.resource_url,
            cause_url=show.cause_url,
            look_up=show.look_up,
            ending=endings.ending,
            now=lambda: datetime.now(UTC),
        )
        self._templates.filters.update(
            ago=show.ago,
            moment=show.moment,
            iso=show.iso,
            number=show.number,
            seconds=show.seconds,
            column=words.column_title,
            tree=show.tree,
            pretty=show.pretty,
            scalar=show.scalar,
            shape=show.shape,
            marked=show.code_marks,
            columns=show.columns,
            tail=show.tail,
            quoted=lambda text: quote(str(text), safe=""),
        )

    @property
    def types(self) -> Mapping[str, TypeSpec]:
        """Every resource type that an installed plugin knows, by name."""
        return self._types

    def type_title(self, name: str) -> str:
        """What a person calls a type; with its vendor where two vendors call theirs the same."""
        title = words.type_title(self.types.get(name), name)
        return f"{title} ({name.partition('.')[0]})" if self._titles[title] > 1 else title

    def explain(self, plugin: str, cause: str | None) -> str:
        """What a cause means in a line; empty where the plugin knows none of this id."""
        found = self.gateway.explain(plugin, cause) if cause else None
        return found.sentence if found else ""

    def render(self, template: str, **context: Any) -> str:
        return self._templates.get_template(template).render(context)

    def page(
        self, template: str, viewer: SignIn | None, *, status: int = 200, nav: str = "", **context: Any
    ) -> HTMLResponse:
        """A whole page; `nav` names the item of the navigation that it belongs to."""
        return HTMLResponse(self.render(template, viewer=viewer, nav=nav, **context), status)


def current_site(request: Request) -> Site:
    return cast(Site, request.app.state.site)


CurrentSite = Annotated[Site, Depends(current_site)]


def viewer_or_none(request: Request, site: CurrentSite) -> SignIn | None:
    value = request.cookies.get(cookie_name(request))
    return site.gateway.store.accounts.session(value) if value else None


def signed_in(viewer: Annotated[SignIn | None, Depends(viewer_or_none)]) -> SignIn:
    if viewer is None:
        raise SignInFirst
    return viewer


Viewer = Annotated[SignIn, Depends(signed_in)]


def own_form(request: Request, viewer: Viewer, csrf: Annotated[str, Form()] = "") -> SignIn:
    """The viewer, when the form that is posted is one of our pages of this very session."""
    check_origin(request)
    if not hmac.compare_digest(csrf.encode(), viewer.csrf.encode()):
        raise NotAllowed(
            "This form was not accepted.",
            "It does not belong to your present session: it was opened before you signed in again, or elsewhere.",
            "Go back, reload the page and send it once more.",
        )
    return viewer


FormViewer = Annotated[SignIn, Depends(own_form)]
