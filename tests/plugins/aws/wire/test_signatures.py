"""Signatures against botocore's own, and AWS's published example."""

from __future__ import annotations

from datetime import UTC, datetime

import botocore.auth
import botocore.credentials
import pytest
from botocore.awsrequest import AWSRequest

from openvna.plugins.aws.api import Credentials
from openvna.plugins.aws.wire.signatures import Signer, Unsigned

KEY = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
NOW = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)


def test_the_example_of_the_manual() -> None:
    """AWS's Signature Version 4 test suite, `get-vanilla-query-order-key-case`."""
    headers = dict(
        Signer().headers(
            Unsigned("GET", "Param1=value1&Param2=value2", {}, b""),
            "example.amazonaws.com",
            "/",
            KEY,
            "service",
            "us-east-1",
            NOW,
        )
    )
    assert headers["X-Amz-Date"] == "20150830T123600Z"
    assert headers["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    )


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "body"),
    [
        ("POST", "/", "", {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, b"Action=DescribeVpcs"),
        ("POST", "/", "", {"X-Amz-Target": "Toy.List", "Content-Type": "application/x-amz-json-1.1"}, b"{}"),
        ("GET", "/global-networks/arn%3Aaws%3Anetworkmanager/sites", "maxResults=5&nextToken=a%2Fb%2B%3D", {}, b""),
        ("GET", "/2013-04-01/hostedzone/Z123/rrset", "maxitems=300&name=%2A.example.com.", {}, b""),
    ],
)
@pytest.mark.parametrize("token", ["", "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQ=="])
def test_a_signature_is_botocores(
    method: str,
    path: str,
    query: str,
    headers: dict[str, str],
    body: bytes,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: NOW.replace(tzinfo=None))
    given = Credentials(KEY.access_key_id, KEY.secret_access_key, token)
    url = f"https://toy.eu-west-1.amazonaws.com{path}{'?' + query if query else ''}"
    theirs = AWSRequest(method, url, headers=headers, data=body)
    theirs.context["timestamp"] = NOW.strftime("%Y%m%dT%H%M%SZ")
    credentials = botocore.credentials.Credentials(given.access_key_id, given.secret_access_key, token or None)
    botocore.auth.SigV4Auth(credentials, "toy", "eu-west-1").add_auth(theirs)
    ours = dict(
        Signer().headers(
            Unsigned(method, query, headers, body), "toy.eu-west-1.amazonaws.com", path, given, "toy", "eu-west-1", NOW
        )
    )
    assert ours["Authorization"] == theirs.headers["Authorization"]
    assert ours.get("X-Amz-Security-Token", "") == token


def test_kept_keys_are_bounded_and_never_mixed_up() -> None:
    signer = Signer(kept=2)
    seen = set()
    for secret in ("one", "two", "three", "one"):
        given = Credentials("AKIDEXAMPLE", secret)
        signed = dict(signer.headers(Unsigned("GET", "", {}, b""), "h", "/", given, "toy", "eu-west-1", NOW))
        seen.add((secret, signed["Authorization"]))
    assert len(seen) == 3
    assert len(signer._keys) == 2
