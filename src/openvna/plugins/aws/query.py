"""Calls of the AWS query protocol (STS, EC2, IAM) over the thin transport: a few operations, parsed just enough.

An answer counts as AWS's only if it parses as the service's envelope and carries a request id; anything else is
something between us and AWS (N-INTERCEPT).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.endpoints import Endpoint, endpoint
from openvna.plugins.aws.signing import host_header, signed_headers
from openvna.plugins.aws.transport import Answer, Transport

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

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
        self.transport = transport

    def endpoint(self, service: str, region: str) -> Endpoint:
        """Where the calls of this service and region go."""
        return endpoint(self._config, service, region, self._environment)

    def call(
        self,
        service: str,
        operation: str,
        region: str,
        params: Mapping[str, str],
        credentials: Credentials | None,
    ) -> Reply:
        """One call. Raises `CallError` for AWS's refusals and for everything that is not AWS's answer."""
        where = self.endpoint(service, region)
        proxy = self.transport.proxy_in_force(where.url)  # and so: an address that can be read
        body = urlencode({"Action": operation, "Version": VERSIONS[service], **params}).encode()
        headers = {"Content-Type": _CONTENT_TYPE}
        if credentials is not None:
            headers = signed_headers("POST", where.url, headers, body, credentials, service, region, datetime.now(UTC))
        headers |= {"Host": host_header(where.url), "User-Agent": "openvna", "Accept-Encoding": "identity"}
        answer = self.transport.send(operation, "POST", where.url, headers, body)
        return parsed(answer, operation, where, proxy)


def parsed(answer: Answer, operation: str, where: Endpoint, proxy: str | None = None) -> Reply:
    """The reply in an answer; raises `CallError` for an error envelope and for what is not AWS's."""
    if answer.status == 407:
        raise _not_aws(answer, operation, f"The proxy {proxy} asks for a user name and password (407).", "N-PROXY-AUTH")
    root = xml(answer.body)
    request_id = answer.headers.get("x-amzn-requestid") or answer.headers.get("x-amz-request-id") or _request_id(root)
    if root is None or (not request_id and not where.emulated):
        raise _not_aws(answer, operation, f"What answered at {where.host} is not AWS: {_described(answer)}.")
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
        raise _not_aws(answer, operation, f"What answered at {where.host} is not AWS: {_described(answer)}.")
    return Reply(root, answer.skew, request_id)


def _not_aws(answer: Answer, operation: str, message: str, cause: str = "N-INTERCEPT") -> CallError:
    return CallError(operation, "", message, status=answer.status, skew=answer.skew, cause=cause)


def xml(body: bytes) -> Element | None:
    """An answer's XML without namespaces, None when it is none."""
    from xml.etree import ElementTree

    if not body.lstrip().startswith(b"<") or b"<!DOCTYPE" in body[:2048] or b"<!ENTITY" in body[:4096]:
        return None  # AWS sends neither; a document type is how XML gets dangerous
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
