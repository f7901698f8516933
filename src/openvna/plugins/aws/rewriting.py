"""Whether something between us and AWS rewrites requests: only Amazon S3 shows a request as it received it.

A signature that does not match has two causes, a wrong secret and a changed request. S3's refusal holds the canonical
request that it came to; ours beside it tells them apart (S3 API reference, "SignatureDoesNotMatch").
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from openvna.log import redact
from openvna.plugin import Confidence
from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.causes import remedy
from openvna.plugins.aws.faults import Explanation
from openvna.plugins.aws.query import Query, xml
from openvna.plugins.aws.signing import canonical_request, host_header, signed_headers

_REFUSED = ("SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidToken", "ExpiredToken", "RequestTimeTooSkewed")


def settled(told: Explanation, query: Query, region: str, credentials: Credentials, proxy: str) -> Explanation:
    """The explanation of a signature that does not match, settled by one call to S3 where that gives an answer."""
    try:
        url = query.endpoint("s3", region).url
    except CallError:
        return told
    headers = {"x-amz-content-sha256": hashlib.sha256(b"").hexdigest()}
    signed = signed_headers("GET", url, headers, b"", credentials, "s3", region, datetime.now(UTC))
    ours = canonical_request("GET", url, {name: signed[name] for name in signed if name != "Authorization"}, b"")
    sent = signed | {"Host": host_header(url), "User-Agent": "openvna", "Accept-Encoding": "identity"}
    try:
        root = xml(query.transport.send("ListBuckets", "GET", url, sent, b"").body)
    except CallError:
        return told
    if root is None:
        return told
    code, theirs = root.findtext("Code") or "", root.findtext("CanonicalRequest") or ""
    if root.tag in ("ListAllMyBucketsResult", "Error") and code not in _REFUSED and code in ("", "AccessDenied"):
        return _altered(told, ("Amazon S3 accepts the signature of a request without a body.",), proxy)
    if code != "SignatureDoesNotMatch" or not theirs:
        return told
    changed = _differences(ours, theirs)
    if changed:
        return _altered(told, changed, proxy)
    same = "Amazon S3 received the request just as it was sent: the secret is wrong."
    return Explanation(told.cause, Confidence.PROVEN, (*told.evidence, same), told.remedy)


def _altered(told: Explanation, facts: tuple[str, ...], proxy: str) -> Explanation:
    evidence = (*told.evidence, *facts)
    return Explanation("N-REQUEST-ALTERED", Confidence.PROVEN, evidence, remedy("N-REQUEST-ALTERED", proxy=proxy))


def _differences(ours: str, theirs: str) -> tuple[str, ...]:
    """The lines of the canonical request in which the two differ. Tokens are never among them."""
    sent, received = ours.split("\n"), [line.rstrip("\r") for line in theirs.strip("\n").split("\n")]
    lost = [line for line in sent if line and line not in received]
    came = [line for line in received if line and line not in sent]
    return tuple(f"We sent {redact(line)!r}." for line in lost) + tuple(
        f"Amazon S3 received {redact(line)!r}." for line in came
    )
