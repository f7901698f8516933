"""Answers as JSON: one encoder, one shape for listings, and the links between pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import orjson
from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def _other(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def encode(content: object) -> bytes:
    """JSON in UTF-8. Times end in Z; dataclasses become objects."""
    return orjson.dumps(content, default=_other, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def answer(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with a JSON body."""
    return Response(encode(content), status, headers, media_type="application/json")


def listing(request: Request, items: Sequence[object], cursor: str | None = None, total: int | None = None) -> Response:
    """One page: `items`, the cursor of the `next` page, the `total` where it was asked for; the same as RFC 8288
    links, relative so that they hold behind any proxy."""
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    path = request.scope.get("root_path", "") + request.scope["path"]

    def link(relation: str, more: list[tuple[str, str]]) -> str:
        parameters = urlencode(query + more)
        return f'<{path}{"?" if parameters else ""}{parameters}>; rel="{relation}"'

    links = [link("first", [])]
    if cursor is not None:
        links.append(link("next", [("cursor", cursor)]))
    return answer({"items": items, "next": cursor, "total": total}, headers={"Link": ", ".join(links)})


def record(row: DataclassInstance, without: Collection[str] = ()) -> dict[str, object]:
    """The fields of a row by name, not copied any deeper."""
    return {field.name: getattr(row, field.name) for field in fields(row) if field.name not in without}
