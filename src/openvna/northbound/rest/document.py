"""The OpenAPI document: what FastAPI finds out by itself, and on top of it the answers, the errors, the security
schemes, the settings of the installed plugins, and an example for everything."""

from __future__ import annotations

import copy
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from openvna.collect import Gateway
from openvna.northbound.rest import wire
from openvna.northbound.rest.auth import CSRF_HEADER
from openvna.northbound.rest.examples import EXAMPLES
from openvna.northbound.rest.gives import ANSWERS
from openvna.northbound.rest.problems import MEDIA_TYPE
from openvna.northbound.rest.schemas import Schema, Schemas
from openvna.store import ResourceRow

PUBLIC = frozenset({"health", "sign-in"})
_ABOUT = """\
The network that OpenVNA knows: its sources, what they hold, what changed, and how complete that is.

Sign in here with a browser session (the same as in the admin UI), or send an API token as
`Authorization: Bearer ovna_...`. Listings are paged by `cursor`; errors are problem details (RFC 9457) with a `remedy`.
"""
_TAGS = {
    "session": "Signing in, and whether the server answers.",
    "plugins": "What can be connected, with which settings, and what it gives.",
    "onboarding": "Setting up what a source needs on the other side.",
    "sources": "The configured plugins.",
    "verifications": "Trying an access, step by step.",
    "sign-ins": "Getting a credential by signing in with the vendor.",
    "collections": "Collecting a source, live.",
    "runs": "What was done, call by call, and how complete the knowledge is.",
    "resources": "What exists, now or at a past moment.",
    "quotas": "How many there may be, and how many there are.",
    "changes": "What changed, when, from what to what.",
    "tokens": "API tokens for scripts and other tools.",
    "support": "What somebody who helps needs to know.",
}


_PROBLEM: Schema = {
    "type": "object",
    "description": "Problem details (RFC 9457): what happened, and what to do.",
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "The kind of problem: urn:openvna:problem:..."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, and why."},
        "instance": {"type": "string", "format": "uri", "description": "The request; the log has the same id."},
        "remedy": {"type": "string", "description": "The next step."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                "required": ["field", "message"],
                "additionalProperties": False,
            },
        },
        "cause": {"type": "string", "description": "The id of the cause, where the plugin's catalogue has it."},
        "accounts": {
            "type": "object",
            "description": "Where a credential is of another account than the source: `before` and `now`.",
        },
        "verdict": {"type": "object", "description": "The whole verdict, where a verification failed."},
    },
    "required": ["type", "title", "status", "detail", "instance"],
    "additionalProperties": False,
}

_ERRORS: dict[int, tuple[str, str, str]] = {
    400: ("malformed-json", "The body is not JSON.", "The body is not JSON: unexpected end of data at byte 12."),
    401: ("not-signed-in", "Nobody is signed in.", "You are not signed in. There is no session, or it is over."),
    403: ("not-allowed", "The caller may not do this.", "The token 'grafana' may not do this. It needs 'write'."),
    404: ("not-found", "The named thing does not exist.", "There is no source prod. There are: demo."),
    409: ("conflict", "It exists already, is busy, or is not unique.", "There is a source 'demo' already."),
    413: ("content-too-large", "The body is too large.", "The body is larger than 1024 KiB."),
    421: ("unknown-host", "The Host header names another server.", "This server is not known as 'example.com'."),
    422: (
        "invalid-input",
        "The input cannot be used as it is.",
        "The request cannot be used as it is: limit is not a whole number.",
    ),
    429: ("too-many-attempts", "Tried too often; see Retry-After.", "Too many attempts to sign in as 'admin'."),
    500: ("internal-error", "An error that nobody foresaw; the log has it.", "Something went wrong inside OpenVNA."),
    502: ("source-unusable", "The source cannot be opened.", "The source 'demo' cannot be opened."),
    503: ("store-unusable", "The store cannot be used.", "The database is read-only."),
}


def _error_response(status: int) -> dict[str, Any]:
    slug, description, detail = _ERRORS[status]
    example: dict[str, Any] = {
        "type": f"urn:openvna:problem:{slug}",
        "title": slug.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        "instance": "urn:openvna:request:3f9c2a1b7d5e4f60",
        "remedy": "The next step stands here.",
    }
    response: dict[str, Any] = {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }
    if status == 429:
        response["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    return response


_OPENING = {"start-collection", "forecast-discovered", "start-verification", "add-source", "edit-source"}
"""Operations that open a source, which may not be possible."""


def _statuses(operation: dict[str, Any], method: str, path: str) -> set[int]:
    """The errors that an operation can end in."""
    found = {413, 421, 422, 500, 503}
    name = operation["operationId"]
    if name != "health":
        found |= {401, 403}
    if name == "sign-in":
        found |= {429}
    if (
        "{" in path
        or name == "support-bundle"
        or any(parameter["name"] == "source" for parameter in operation.get("parameters", ()))
    ):
        found |= {404}
    if method != "get" or name in {"show-resource", "list-versions", "list-sign-in-accounts", "list-sign-in-roles"}:
        found |= {409}
    if "requestBody" in operation:
        found |= {400, 404}
    if name in _OPENING or "/sign-ins" in path:
        found |= {502}
    return found


def _page_of(schema: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": schema},
            "next": {"type": ["string", "null"], "description": "The cursor of the next page; null on the last."},
            "total": {"type": ["integer", "null"], "description": "How many match; null where nobody counted."},
        },
        "required": ["items", "next", "total"],
        "additionalProperties": False,
    }


def _success(operation: dict[str, Any], schemas: Schemas) -> None:
    name = operation["operationId"]
    gives, examples = ANSWERS[name], EXAMPLES[name]
    status = next(code for code in operation["responses"] if code.startswith("2"))
    response: dict[str, Any] = {"description": {"201": "Made", "202": "Begun", "204": "Done"}.get(status, "Found")}
    if gives.events:
        names = [schemas.of(event)["$ref"].rpartition("/")[2] for event in gives.events]
        response["content"] = {
            "text/event-stream": {
                "schema": {
                    "type": "string",
                    "description": f"Events; their data is JSON of the schema {' or '.join(names)}.",
                },
                "example": examples.answer,
            }
        }
        operation["responses"]["204"] = {"description": "There is nothing more to come."}
    elif gives.file:
        schema = {"type": "string", "contentMediaType": gives.file}
        response["content"] = {gives.file: {"schema": schema, "example": examples.answer}}
    elif gives.shape is not None:
        schema = schemas.of(gives.shape)
        content = {"schema": _page_of(schema) if gives.page else schema, "example": examples.answer}
        response["content"] = {"application/json": content}
        if gives.page:
            response["headers"] = {
                "Link": {"schema": {"type": "string"}, "description": "RFC 8288 links: `first` and `next`."}
            }
    if status in ("201", "202") and name != "sign-in":
        response["headers"] = {"Location": {"schema": {"type": "string"}, "description": "Where it is."}}
    operation["responses"][status] = response
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        content["example"] = examples.request
        if name == "edit-source":
            operation["requestBody"]["content"]["application/merge-patch+json"] = dict(content)


def _never_null(schema: Schema) -> Schema:
    """A parameter is there or not; it cannot be null."""
    choices = schema.get("anyOf", ())
    if {"type": "null"} not in choices:
        return schema
    (kept,) = [choice for choice in choices if choice != {"type": "null"}]
    return {**{name: value for name, value in schema.items() if name != "anyOf"}, **kept}


def _lift(schema: Schema, prefix: str, components: dict[str, Schema]) -> Schema:
    """Move the `$defs` of a plugin's settings to the components, under its own names."""

    def renamed(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: renamed(value) for key, value in node.items() if key != "$defs"}
        if isinstance(node, list):
            return [renamed(one) for one in node]
        if isinstance(node, str) and node.startswith("#/$defs/"):
            return f"#/components/schemas/{prefix}.{node.removeprefix('#/$defs/')}"
        return node

    for name, definition in schema.get("$defs", {}).items():
        components[f"{prefix}.{name}"] = renamed(definition)
    lifted: Schema = renamed(schema)
    return lifted


def _plugin_bodies(gateway: Gateway, components: dict[str, Schema]) -> None:
    """Make `NewSource` and `NewVerification` a choice by plugin, with the settings of the installed ones."""
    source, verification = components["NewSource"], components["NewVerification"]
    sources: dict[str, str] = {}
    tries: list[Schema] = []
    for spec in gateway.specs():
        config, new = f"Config.{spec.name}", f"NewSource.{spec.name}"
        components[config] = _lift(spec.config.model_json_schema(), config, components)
        chosen = {
            "plugin": {"const": spec.name, "type": "string"},
            "config": {"$ref": f"#/components/schemas/{config}"},
        }
        one = copy.deepcopy(source)
        one["properties"] |= chosen
        one["title"] = f"A source of the plugin {spec.name}"
        components[new] = one
        sources[spec.name] = f"#/components/schemas/{new}"
        tries.append(
            {
                "type": "object",
                "title": f"New settings of the plugin {spec.name}",
                "properties": chosen,
                "required": ["plugin", "config"],
                "additionalProperties": False,
            }
        )
    named = verification["properties"]["source"]["anyOf"][0]
    tries.append(
        {
            "type": "object",
            "title": "A stored source, or a change to it",
            "properties": {
                "source": {**named, "description": "The id or the name of a source."},
                "config": {"type": "object", "description": "A JSON merge patch of its settings (RFC 7396)."},
            },
            "required": ["source"],
            "additionalProperties": False,
        }
    )
    components["NewVerification"] = {"description": verification["description"], "oneOf": tries}
    components["NewSource"] = {
        "description": source["description"],
        "oneOf": [{"$ref": reference} for reference in sources.values()],
        "discriminator": {"propertyName": "plugin", "mapping": sources},
    }


def _build(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        summary="An open Virtual Network Assurance gateway",
        description=_ABOUT,
        routes=app.routes,
        tags=[{"name": name, "description": about} for name, about in _TAGS.items()],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/", "description": "This server"}],
    )
    components: dict[str, Any] = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components.pop(unused, None)
    schemas = Schemas({ResourceRow: ("key",), wire.WholeResource: ("key",)})
    used: set[int] = set()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            _success(operation, schemas)
            operation["responses"].pop("422", None)
            for status in sorted(_statuses(operation, method, path)):
                used.add(status)
                operation["responses"][str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _never_null(parameter["schema"])
            public = operation["operationId"] in PUBLIC
            with_cookie: dict[str, list[str]] = {"session": []} if method == "get" else {"session": [], "csrf": []}
            operation["security"] = [] if public else [{"token": []}, with_cookie]
    components |= schemas.components
    components["Problem"] = _PROBLEM
    _plugin_bodies(app.state.gateway, components)
    document["components"]["schemas"] = dict(sorted(components.items()))
    document["components"]["responses"] = {f"Problem{status}": _error_response(status) for status in sorted(used)}
    cookie = "__Host-openvna_session" if app.state.secure_cookies else "openvna_session"
    document["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token: `ovna_...`."},
        "session": {"type": "apiKey", "in": "cookie", "name": cookie, "description": "A browser session."},
        "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER, "description": "The session's CSRF token."},
    }
    return document


def describe(app: FastAPI) -> None:
    """Let `app` serve this document. It is built when it is first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _build(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own documented way
