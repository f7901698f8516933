"""A signature that does not match: is it the secret, or does something rewrite our requests?"""

from __future__ import annotations

import threading
from typing import Any
from xml.sax.saxutils import escape

import pytest

from openvna.plugin import Confidence
from support import fault_server as faults
from support.fault_server import FaultServer, sts_error

MISMATCH = sts_error("SignatureDoesNotMatch", "The request signature we calculated does not match the signature")
ENDPOINTS = {
    "AWS_ENDPOINT_URL": "http://sts.us-east-1.amazonaws.com",
    "AWS_ENDPOINT_URL_S3": "http://s3.us-east-1.amazonaws.com",
}


def s3(aws: FaultServer, received: dict[str, str], host: str = "s3.us-east-1.amazonaws.com") -> faults.Answer:
    """S3's refusal with the canonical request as it came to it, `received` being what was changed on the way."""

    def refuse(handler: Any, _closing: threading.Event) -> None:
        digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of nothing
        stamp = next(line for line in aws.last_get if line.startswith("x-amz-date:"))
        lines = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": stamp.split(":", 1)[1]} | received
        headers = "\n".join(f"{name}:{value}" for name, value in sorted(lines.items()))
        canonical = f"GET\n/\n\n{headers}\n\n{';'.join(sorted(lines))}\n{digest}"
        handler._reply(
            faults.Answer(
                403,
                "<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message>"
                f"<CanonicalRequest>{escape(canonical)}</CanonicalRequest><RequestId>R1</RequestId></Error>",
            )
        )

    return faults.Answer(act=refuse)


@pytest.fixture
def verdict(aws: FaultServer, run: Any) -> Any:
    aws.on("GetCallerIdentity", MISMATCH)
    return lambda: run(environment=ENDPOINTS, proxy_url=aws.url).verdict


def test_a_request_that_came_in_as_it_was_sent_proves_the_secret_wrong(aws: FaultServer, verdict: Any) -> None:
    aws.on("GET", s3(aws, {}))
    found = verdict()
    assert (found.cause, found.confidence) == ("K-SECRET-WRONG", Confidence.PROVEN)


def test_a_changed_header_is_shown(aws: FaultServer, verdict: Any) -> None:
    aws.on("GET", s3(aws, {"host": "s3.us-east-1.amazonaws.com:80"}))
    found = verdict()
    assert (found.cause, found.confidence) == ("N-REQUEST-ALTERED", Confidence.PROVEN)
    told = "\n".join(found.steps[-1].evidence)
    assert "We sent 'host:s3.us-east-1.amazonaws.com'." in told
    assert "Amazon S3 received 'host:s3.us-east-1.amazonaws.com:80'." in told
    assert f"127.0.0.1:{aws.port}" in found.remedy


@pytest.mark.parametrize(
    ("body", "confidence"),
    [
        ("<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>", Confidence.PROVEN),
        ("<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", Confidence.INFERRED),
    ],
)
def test_a_signature_that_s3_accepts_means_that_the_body_is_rewritten(
    aws: FaultServer, verdict: Any, body: str, confidence: Confidence
) -> None:
    aws.on("GET", faults.Answer(200, body))
    found = verdict()
    assert (found.cause, found.confidence) == ("N-REQUEST-ALTERED", confidence)


@pytest.mark.parametrize(
    "answer",
    [faults.RESET, faults.page(403), faults.Answer(403, "<Error><Code>InvalidAccessKeyId</Code></Error>")],
    ids=["reset", "page", "other"],
)
def test_without_a_word_of_s3_it_stays_as_sts_said(aws: FaultServer, verdict: Any, answer: faults.Answer) -> None:
    aws.on("GET", answer)
    found = verdict()
    assert (found.cause, found.confidence) == ("K-SECRET-WRONG", Confidence.REPORTED)
