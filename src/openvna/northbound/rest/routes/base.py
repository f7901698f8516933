"""What all routes share: strict query parameters and a strict JSON parser."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, get_origin

import orjson
from fastapi import APIRouter, Query, Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from pydantic import StringConstraints
from starlette.responses import Response

from openvna.collect import Gateway
from openvna.collect.naming import near_matches
from openvna.model import InvalidInput


class StrictRequest(Request):
    async def json(self) -> Any:
        """The body by a parser that knows no NaN, no lone surrogates and no bottomless nesting."""
        if not hasattr(self, "_json"):
            self._json = orjson.loads(await self.body())
        return self._json


class StrictRoute(APIRoute):
    """A route that refuses a query parameter it does not know: a filter with a typing error would match everything."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()
        fields = [field for field in get_flat_params(self.dependant) if isinstance(field.field_info, params.Query)]

        known = [field.alias for field in fields]
        single = [field.alias for field in fields if get_origin(field.field_info.annotation) is not list]

        async def strict(request: Request) -> Response:
            unknown = sorted(set(request.query_params) - set(known))
            if unknown:
                raise InvalidInput(
                    f"There is no parameter {', '.join(map(repr, unknown))} here.",
                    f"Known: {', '.join(known) or 'none'}.",
                    "Use one of these.",
                    tuple((name, "is not a known parameter") for name in unknown),
                )
            twice = [name for name in single if len(request.query_params.getlist(name)) > 1]
            if twice:
                raise InvalidInput(
                    f"The parameter {', '.join(map(repr, twice))} is given more than once.",
                    "It takes one value.",
                    "Leave one.",
                    tuple((name, "is given more than once") for name in twice),
                )
            return await answer(StrictRequest(request.scope, request.receive))

        return strict


def new_router(tag: str) -> APIRouter:
    """A router of one noun."""
    return APIRouter(tags=[tag], route_class=StrictRoute)


Text = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many items on a page.")]
Cursor = Annotated[Text | None, Query(description="The `next` of the page before.")]
SourceFilter = Annotated[Text | None, Query(description="The id or the name of a source.")]


def source_id(gateway: Gateway, source: str | None) -> str | None:
    """The id of the source with this id or name. Raises `NotFound`."""
    return None if source is None else gateway.store.sources.get(source).id


def known_type(gateway: Gateway, type: str | None) -> str | None:
    """The type, where a plugin knows it or there is any of it. Raises `InvalidInput` with near matches: nothing would
    match a name with a typing error, and that would read as none."""
    if type is None or any(type == each.type for spec in gateway.specs() for each in spec.types):
        return type
    held = gateway.store.resources.facets()["type"]
    if type in held:
        return type
    near = near_matches(type, {*held, *(each.type for spec in gateway.specs() for each in spec.types)})
    raise InvalidInput(
        f"There is no resource type {type!r}.",
        "No installed plugin reads it, and nothing of it was collected.",
        f"Did you mean {' or '.join(near)}?" if near else "GET /api/v1/resource-types names them.",
        (("type", "is not a known type"),),
    )
