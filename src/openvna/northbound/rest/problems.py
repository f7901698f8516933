"""Every error as RFC 9457 problem details: what happened, and the next step, without a secret or an internal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Match

from openvna.log import logger, redact
from openvna.model import (
    AnotherAccount,
    InvalidInput,
    NotSignedIn,
    OpenVNAError,
    SourceUnusable,
    TooManyAttempts,
    VerificationFailed,
)
from openvna.model.misfit import misfit, remedy_of
from openvna.northbound.rest.answers import encode

MEDIA_TYPE = "application/problem+json"
_log = logger("openvna.northbound.rest")

_BY_STATUS = {
    400: ("malformed-request", "Send it as the document at /api/docs describes."),
    404: ("not-found", "The document at /api/docs lists what there is."),
    405: ("method-not-allowed", "The Allow header names the methods that this address knows."),
    413: ("content-too-large", "Send less at once."),
    421: ("unknown-host", "Use the address that the server was started with."),
}


def type_of(slug: str) -> str:
    """The URI that names a kind of problem."""
    return f"urn:openvna:problem:{slug}"


def problem(
    request_id: str,
    status: int,
    slug: str,
    detail: str,
    remedy: str = "",
    *,
    errors: Sequence[tuple[str, str]] = (),
    more: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer with problem details. `errors` are (field, message) pairs, `instance` is the request's id."""
    content: dict[str, object] = {
        "type": type_of(slug),
        "title": slug.replace("-", " ").capitalize().replace("json", "JSON"),
        "status": status,
        "detail": redact(detail),
        "instance": f"urn:openvna:request:{request_id}",
    }
    if remedy:
        content["remedy"] = redact(remedy)
    if errors:
        content["errors"] = [{"field": redact(field), "message": redact(message)} for field, message in errors]
    content.update(more or {})
    return Response(encode(content), status, headers, media_type=MEDIA_TYPE)


def request_id(request: Request) -> str:
    """The id that the log and the answer share; given by the edge."""
    return str(request.scope.get("openvna.request_id", "-"))


def for_error(request_id: str, error: OpenVNAError) -> Response:
    """The problem that says the same as one of our own errors."""
    headers: dict[str, str] = {}
    more: dict[str, object] = {}
    if isinstance(error, TooManyAttempts):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = 'Bearer realm="OpenVNA"'
    if isinstance(error, VerificationFailed):
        more["verdict"] = error.verdict
    if isinstance(error, AnotherAccount):
        more["accounts"] = {"before": error.before, "now": error.now}
    if isinstance(error, SourceUnusable) and error.cause:
        more["cause"] = error.cause
    fields = error.fields if isinstance(error, InvalidInput) else ()
    detail = " ".join(part for part in (error.what, error.why) if part)
    return problem(
        request_id, error.status, error.slug, detail, error.remedy, errors=fields, more=more, headers=headers
    )


def _field(location: Iterable[object]) -> str:
    """`("body", "config", "regions", 0)` as a person reads it: `config.regions.0`."""
    parts = [str(part) for part in location]
    return ".".join(parts[1:]) or parts[0]


async def _on_openvna_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, OpenVNAError)
    if error.status >= 500:
        _log.warning("request not served", request_id=request_id(request), reason=redact(str(error)))
    return for_error(request_id(request), error)


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        where = f"The body is not JSON: {found[0]['ctx']['error']} at byte {found[0]['loc'][-1]}."
        return problem(request_id(request), 400, "malformed-json", where, "Send one JSON object.")
    # Not what was sent, which may be a secret.
    misfits = [(_field(one["loc"]), misfit(one)) for one in found]
    return problem(
        request_id(request),
        422,
        InvalidInput.slug,
        f"The request cannot be used as it is: {'; '.join(f'{field} {each.why}' for field, each in misfits)}.",
        remedy_of([each for _, each in misfits], "Correct what `errors` names; /api/docs says what each takes."),
        errors=[(field, each.why) for field, each in misfits],
    )


def _methods(request: Request) -> list[str]:
    """The methods that the address knows: of all its routes, where FastAPI would tell those of the first."""
    routes: list[BaseRoute] = request.app.router.routes
    known = [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(route.matches(dict(request.scope, method=method))[0] is Match.FULL for route in routes)
    ]
    return ["HEAD", *known] if "GET" in known else known


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    slug, remedy = _BY_STATUS.get(error.status_code, ("http-error", ""))
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_methods(request))
    what = {
        404: f"There is nothing at {request.url.path}.",
        405: f"{request.url.path} does not know the method {request.method}.",
    }.get(error.status_code, f"{error.detail or HTTPStatus(error.status_code).phrase}.".replace("..", "."))
    return problem(request_id(request), error.status_code, slug, what, remedy, headers=headers)


def unexpected(request_id: str, error: Exception) -> Response:
    """The answer to an error that nobody foresaw: the log has the whole of it, the answer only where to look."""
    _log.error("unexpected error", request_id=request_id, exc_info=error)
    return problem(
        request_id,
        500,
        "internal-error",
        "Something went wrong inside OpenVNA that it did not foresee.",
        f"Look in the log for the request id {request_id}, and report what stands there.",
    )


def install(app: FastAPI) -> None:
    """Answer every error of the application with problem details."""
    app.add_exception_handler(OpenVNAError, _on_openvna_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)
