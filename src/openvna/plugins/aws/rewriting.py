"""Whether something between us and AWS rewrites requests: only Amazon S3 shows a request as it received it.

A signature that does not match has two causes, a wrong secret and a changed request. S3's refusal holds the canonical
request that it came to; ours beside it tells them apart (S3 API reference, "SignatureDoesNotMatch").
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from openvna.log import redact
from openvna.plugin import Confidence
from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.causes import remedy
from openvna.plugins.aws.faults import Explanation
from openvna.plugins.aws.query import Query, xml
from openvna.plugins.aws.signing import canonical_request, host_header, signed_headers


@dataclass(frozen=True, slots=True)
class Word:
    """What Amazon S3 answered to a request for the list of buckets: its error code, whether it accepted who asked, and
    the canonical request that we sent and that it received (empty: it did not say)."""

    code: str
    accepted: bool
    sent: str
    received: str


def ask_s3(query: Query, region: str, credentials: Credentials) -> Word | None:
    """One call to Amazon S3. None where no answer of its came."""
    try:
        url = query.endpoint("s3", region).url
        headers = {"x-amz-content-sha256": hashlib.sha256(b"").hexdigest()}
        signed = signed_headers("GET", url, headers, b"", credentials, "s3", region, datetime.now(UTC))
        ours = canonical_request("GET", url, {name: signed[name] for name in signed if name != "Authorization"}, b"")
        sent = signed | {"Host": host_header(url), "User-Agent": "openvna", "Accept-Encoding": "identity"}
        root = xml(query.transport.send("ListBuckets", "GET", url, sent, b"").body)
    except CallError:
        return None
    if root is None:
        return None
    code = root.findtext("Code") or ""
    accepted = root.tag == "ListAllMyBucketsResult" or (root.tag == "Error" and code == "AccessDenied")
    return Word(code, accepted, ours, root.findtext("CanonicalRequest") or "")


def settled(told: Explanation, query: Query, region: str, credentials: Credentials, proxy: str) -> Explanation:
    """The explanation of a signature that does not match, settled by one call to S3 where that gives an answer."""
    word = ask_s3(query, region, credentials)
    if word is None:
        return told
    if word.accepted:
        said = "Amazon S3 accepts the signature of a request without a body."
        # That it looks at the signature before it denies is what is to be expected, and nowhere promised.
        sure = Confidence.INFERRED if word.code else Confidence.PROVEN
        return replace(_altered(told, (said,), proxy), confidence=sure)
    if word.code != "SignatureDoesNotMatch" or not word.received:
        return told
    changed = _differences(word.sent, word.received)
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
