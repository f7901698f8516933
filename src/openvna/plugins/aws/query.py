"""Calls of AWS over the thin transport, a few operations, parsed just enough: the query protocol (STS, EC2, IAM) in
`Query.call`, and the JSON protocol (Organizations) in `Query.call_json`.

An answer counts as AWS's only if it parses as the service's envelope and carries a request id; anything else is
something between us and AWS (N-INTERCEPT).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.endpoints import Endpoint, endpoint
from openvna.plugins.aws.signing import host_header, signed_headers
from openvna.plugins.aws.transport import Answer, Transport

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from openvna.plugins.aws.json_protocol import JsonReply

VERSIONS = {"sts": "2011-06-15", "ec2": "2016-11-15", "iam": "2010-05-08"}
_CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is AWS's: its XML without namespaces, the clock's skew and the request id."""

    root: Element
    skew: float | None
    request_id: str

    def text(self, path: str) -> str:
        """The text at an ElementTree path, empty when absent."""
        return (self.root.findtext(path) or "").strip()


class Query:
    """Signed (or, without credentials, unsigned) calls of one source. Safe to use from several threads."""

    def __init__(self, config: AwsConfig, transport: Transport, environment: Mapping[str, str] = os.environ) -> None:
        self._config = config
        self._environment = environment
        self._endpoints: dict[tuple[str, str], Endpoint] = {}
        self.transport = transport

    def endpoint(self, service: str, region: str) -> Endpoint:
        """Where the calls of this service and region go. Found out once: it takes reading the profile's files."""
        found = self._endpoints.get((service, region))
        if found is None:
            found = self._endpoints[service, region] = endpoint(self._config, service, region, self._environment)
        return found

    def call(
        self,
        service: str,
        operation: str,
        region: str,
        params: Mapping[str, str],
        credentials: Credentials | None,
    ) -> Reply:
        """One call. Raises `CallError` for AWS's refusals and for everything that is not AWS's answer."""
        body = urlencode({"Action": operation, "Version": VERSIONS[service], **params}).encode()
        answer, where, proxy = self._posted(
            service, operation, region, {"Content-Type": _CONTENT_TYPE}, body, credentials
        )
        return parsed(answer, operation, where, proxy)

    def call_json(
        self,
        service: str,
        operation: str,
        region: str,
        params: Mapping[str, Any],
        credentials: Credentials | None,
    ) -> JsonReply:
        """One call of a service that speaks JSON. Raises as `call` does."""
        from openvna.plugins.aws import json_protocol

        body = json_protocol.body(params)
        headers = json_protocol.headers(service, operation)
        answer, where, proxy = self._posted(service, operation, region, headers, body, credentials)
        return json_protocol.parsed(answer, operation, where, proxy)

    def _posted(
        self,
        service: str,
        operation: str,
        region: str,
        headers: dict[str, str],
        body: bytes,
        credentials: Credentials | None,
    ) -> tuple[Answer, Endpoint, str | None]:
        """The answer to a request, where that went, and the proxy that it took. `headers` are signed."""
        where = self.endpoint(service, region)
        proxy = self.transport.proxy_in_force(where.url)  # and so: an address that can be read
        if credentials is not None:
            signed_for = where.signing_region or region
            headers = signed_headers(
                "POST", where.url, headers, body, credentials, service, signed_for, datetime.now(UTC)
            )
        headers = headers | {"Host": host_header(where.url), "User-Agent": "openvna", "Accept-Encoding": "identity"}
        return self.transport.send(operation, "POST", where.url, headers, body), where, proxy


def parsed(answer: Answer, operation: str, where: Endpoint, proxy: str | None = None) -> Reply:
    """The reply in an answer; raises `CallError` for an error envelope and for what is not AWS's."""
    if answer.status == 407:
        raise proxy_asks(answer, operation, proxy)
    root = xml(answer.body)
    request_id = answer.headers.get("x-amzn-requestid") or answer.headers.get("x-amz-request-id") or _request_id(root)
    if root is None or (not request_id and not where.emulated):
        raise not_aws(answer, operation, where)
    error = root if root.tag == "Error" else root.find(".//Error")
    if error is not None and (code := (error.findtext("Code") or "").strip()):
        raise CallError(
            operation,
            code,
            " ".join((error.findtext("Message") or "").split()),
            status=answer.status,
            request_id=request_id,
            skew=answer.skew,
        )
    if answer.status != 200 or root.tag != f"{operation}Response":
        raise not_aws(answer, operation, where)
    return Reply(root, answer.skew, request_id)


def proxy_asks(answer: Answer, operation: str, proxy: str | None) -> CallError:
    """The error that it was the proxy that answered."""
    message = f"The proxy {proxy} asks for a user name and password (407)."
    return CallError(operation, "", message, status=answer.status, skew=answer.skew, cause="N-PROXY-AUTH")


def not_aws(answer: Answer, operation: str, where: Endpoint) -> CallError:
    """The error that something between us and AWS answered."""
    message = f"What answered at {where.host} is not AWS: {_described(answer)}."
    return CallError(operation, "", message, status=answer.status, skew=answer.skew, cause="N-INTERCEPT")


def xml(body: bytes) -> Element | None:
    """An answer's XML without namespaces, None when it is none."""
    from xml.etree import ElementTree

    # AWS sends neither; a document type is how XML gets dangerous. A NUL: it is UTF-16, where neither would be seen.
    if not body.lstrip().startswith(b"<") or any(each in body for each in (b"<!DOCTYPE", b"<!ENTITY", b"\0")):
        return None
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - without a document type there is nothing to expand
    except ElementTree.ParseError:
        return None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _request_id(root: Element | None) -> str:
    if root is None:
        return ""
    tags = ("RequestId", "RequestID", "requestId")
    return next((found.strip() for tag in tags if (found := root.findtext(f".//{tag}"))), "")


def _described(answer: Answer) -> str:
    kind = answer.headers.get("content-type", "no content type").split(";")[0]
    facts = [f"HTTP {answer.status}", kind]
    if 300 <= answer.status < 400:
        facts.append(f"a redirect to {urlsplit(answer.headers.get('location', '')).hostname or 'nowhere'}")
    if title := re.search(rb"<title[^>]*>([^<]{1,120})", answer.body[:8192], re.IGNORECASE):
        facts.append(f"titled {' '.join(title[1].decode('utf-8', 'replace').split())!r}")
    if server := answer.headers.get("server"):
        facts.append(f"server {server[:60]}")
    return ", ".join(facts)
