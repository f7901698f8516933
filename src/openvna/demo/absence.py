"""What the simulated AWS says of services that moto does not know: that there is nothing of them.

AWS answers a list of what an account does not have with an empty list; moto answers with an error page. So does the
demo's network: it has no Direct Connect, say, and its inventory must show none, and no failure.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from openvna.plugins.aws.types import OPERATIONS
from openvna.plugins.aws.wire.models import Model, load

Environ: TypeAlias = dict[str, Any]
Application: TypeAlias = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_MODELS = {"elasticloadbalancing": ("elb", "elbv2"), "apigateway": ("apigateway", "apigatewayv2")}
"""Names in a signature that stand for more than one service."""
_SIGNED = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")
_LARGEST_REQUEST = 1 << 20


def with_nothing_of_what_is_unknown(moto: Application) -> Application:
    """moto, with an empty answer to every operation of ours that moto does not implement."""

    def application(environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        body = _body(environ)
        told: list[Any] = []

        def note(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            told[:] = [status, headers, *more]
            return lambda _data: None

        try:
            answer = moto(environ, note)
            content = b"".join(answer)
            if hasattr(answer, "close"):
                answer.close()
        except Exception:  # moto raises NotImplementedError and what follows from it; whatever it is, it is told below
            found = _nothing(environ, body)
            if found is None:
                raise
            told, content = ["500 Internal Server Error", []], b""
        if _is_no_answer(told[0], content):
            found = _nothing(environ, body)
            if found is not None:
                request_id = str(uuid.uuid4())
                empty = found[1].replace("{id}", request_id).encode()
                length = str(len(empty))
                start(
                    "200 OK",
                    [("Content-Type", found[0]), ("Content-Length", length), ("x-amzn-RequestId", request_id)],
                )
                return [empty]
        start(*told)
        return [content]

    return application


def _body(environ: Environ) -> bytes:
    """The request's body, put back for whoever reads it next."""
    import io

    length = min(int(environ.get("CONTENT_LENGTH") or 0), _LARGEST_REQUEST)
    body: bytes = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _is_no_answer(status: str, content: bytes) -> bool:
    """Whether this is moto's way to say that it does not know the operation: never an error in AWS's own form."""
    if status[:3] not in ("404", "500", "501"):
        return False
    head = content[:4096]
    return b"<Error>" not in head and b'"__type"' not in head


def _nothing(environ: Environ, body: bytes) -> tuple[str, str] | None:
    """Content type and text of the answer that there is nothing; None for an operation that is not ours."""
    signed = _SIGNED.search(environ.get("HTTP_AUTHORIZATION", ""))
    if signed is None:
        return None
    for service in _services(signed[1]):
        model, operation = _model(service), ""
        if model.protocol in ("ec2", "query"):
            operation = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
        elif model.protocol == "json":
            operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        else:
            operation = _by_path(service, environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/"))
        if operation in OPERATIONS[service]:
            return _empty(model, operation)
    return None


def _services(signing_name: str) -> tuple[str, ...]:
    candidates = _MODELS.get(signing_name, (signing_name,))
    named = tuple(name for name in candidates if name in OPERATIONS)
    return named or tuple(name for name in OPERATIONS if _model(name).signing_name == signing_name)


@cache
def _model(service: str) -> Model:
    return load(service)


def _by_path(service: str, method: str, path: str) -> str:
    model = _model(service)
    for name in OPERATIONS[service] & model.operations.keys():
        http: Mapping[str, Any] = model.operations[name]["http"]
        form = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(http["requestUri"].partition("?")[0]))
        if http.get("method", "POST") == method and re.fullmatch(form, path):
            return name
    return ""


def _empty(model: Model, operation: str) -> tuple[str, str]:
    if "json" in model.protocol:
        return "application/x-amz-json-1.1", "{}"
    if model.protocol == "ec2":
        return "text/xml", f"<{operation}Response><requestId>{{id}}</requestId></{operation}Response>"
    if model.protocol == "query":
        wrapper = model.operations[operation].get("output", {}).get("resultWrapper", f"{operation}Result")
        identified = "<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata>"
        return "text/xml", f"<{operation}Response><{wrapper}/>{identified}</{operation}Response>"
    return "text/xml", f"<{model.operations[operation]['output']['shape']}/>"
