"""AWS's JSON protocol (Smithy, "AWS JSON 1.0/1.1 protocol"): what is sent, and what an answer says.

An error names its code in the header `x-amzn-errortype` or as `__type`, with a namespace before `#` or a URL behind
`:` that both are no part of it; its text is `message` or `Message`, by service.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.endpoints import Endpoint
from openvna.plugins.aws.query import not_aws, proxy_asks
from openvna.plugins.aws.transport import Answer

TARGETS: Mapping[str, tuple[str, str]] = {
    "organizations": ("AWSOrganizationsV20161128", "1.1"),
    "secretsmanager": ("secretsmanager", "1.1"),
}
"""By service: what stands before the operation's name in X-Amz-Target, and the version of the protocol (botocore's
`targetPrefix` and `jsonVersion`)."""


@dataclass(frozen=True, slots=True)
class JsonReply:
    """An answer that is AWS's: its members, the clock's skew and the request id."""

    members: Mapping[str, Any]
    skew: float | None
    request_id: str


def headers(service: str, operation: str) -> dict[str, str]:
    """The headers that make a POST a call of the operation."""
    target, version = TARGETS[service]
    return {"Content-Type": f"application/x-amz-json-{version}", "X-Amz-Target": f"{target}.{operation}"}


def body(params: Mapping[str, Any]) -> bytes:
    """The parameters as they are sent."""
    return json.dumps(params, separators=(",", ":")).encode()


def parsed(answer: Answer, operation: str, where: Endpoint, proxy: str | None = None) -> JsonReply:
    """The reply in an answer; raises `CallError` for an error of AWS's and for what is not AWS's."""
    if answer.status == 407:
        raise proxy_asks(answer, operation, proxy)
    members = _members(answer.body)
    request_id = answer.headers.get("x-amzn-requestid") or answer.headers.get("x-amz-request-id") or ""
    if members is None or (not request_id and not where.emulated):
        raise not_aws(answer, operation, where)
    code = _code(answer, members)
    if code:
        text = members.get("message") or members.get("Message") or ""
        raise CallError(
            operation,
            code,
            " ".join(str(text).split()),
            status=answer.status,
            request_id=request_id,
            skew=answer.skew,
        )
    if answer.status not in (200, 201):
        raise not_aws(answer, operation, where)
    return JsonReply(members, answer.skew, request_id)


def _members(content: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _code(answer: Answer, members: Mapping[str, Any]) -> str:
    if answer.status in (200, 201):
        return ""
    said = answer.headers.get("x-amzn-errortype") or members.get("__type") or members.get("code") or ""
    return str(said).partition(":")[0].rpartition("#")[2]
