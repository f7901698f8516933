"""AWS's own wording, and the cause that it means."""

from __future__ import annotations

import json

import pytest

from openvna.model import Outcome
from openvna.plugin import Confidence
from openvna.plugins.aws import denials
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.causes import CATALOGUE
from openvna.plugins.aws.faults import THROTTLED, Context, explain, explain_call_error, web_identity_cause

PERMANENT = Context(key_kind="AKIA", region="eu-west-1")
TEMPORARY = Context(key_kind="ASIA", token=True, region="eu-west-1")
INVALID = "The security token included in the request is invalid."
REFUSED = "AWS was not able to validate the provided access credentials"


def cause(code: str, message: str = "", context: Context = PERMANENT, operation: str = "X", **answer: object) -> str:
    return explain(CallError(operation, code, message, **answer), context).cause  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "code", ["InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidToken"]
)
def test_the_spellings_of_a_key_that_is_not_known(code: str) -> None:
    assert cause(code, INVALID, PERMANENT) == "K-KEY-UNKNOWN"
    assert cause(code, INVALID, TEMPORARY) == "K-TOKEN-OR-TEMPKEY"
    assert cause(code, INVALID, Context(key_kind="ASIA")) == "C-TEMP-NO-TOKEN"
    assert cause(code, INVALID, Context(key_kind="AKIA", opted_in="not-opted-in")) == "R-NOT-OPTED-IN"
    assert cause(code, INVALID, Context(key_kind="AKIA", emulated=True)) == "C-ENDPOINT"
    assert cause(code, INVALID, Context(key_kind="AKIA", emulated=True), request_id="r-1") == "K-KEY-UNKNOWN"


@pytest.mark.parametrize("code", ["SignatureDoesNotMatch", "InvalidSignatureException"])
@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("The request signature we calculated does not match the signature you provided.", "K-SECRET-WRONG"),
        ("Signature expired: 20260501T100000Z is now earlier than 20260501T101500Z (x - 15 min.)", "K-CLOCK"),
        ("Signature not yet current: 20260501T110000Z is still later than 20260501T101500Z", "K-CLOCK"),
        ("Credential should be scoped to a valid region, not 'eu-west-9'. ", "K-SIGN-REGION"),
        ("Credential should be scoped to correct service: 'sts'. ", "K-SIGN-SERVICE"),
    ],
)
def test_a_signature_that_does_not_match(code: str, message: str, expected: str) -> None:
    assert cause(code, message) == expected


@pytest.mark.parametrize(
    ("code", "message", "answer", "expected"),
    [
        ("ExpiredToken", "The security token included in the request is expired", {"status": 403}, "K-EXPIRED"),
        (
            "ExpiredTokenException",
            "The security token included in the request is expired",
            {"status": 400},
            "K-EXPIRED",
        ),
        ("RequestExpired", "Request has expired.", {"status": 400, "skew": 2.0}, "K-EXPIRED"),
        ("RequestExpired", "Request has expired.", {"status": 400, "skew": -1000.0}, "K-CLOCK"),
        ("RequestTimeTooSkewed", "The difference between the request time ...", {}, "K-CLOCK"),
        ("MissingAuthenticationToken", "Request is missing Authentication Token", {}, "N-HEADERS-STRIPPED"),
        ("MissingParameter", "The request must contain the parameter AWSAccessKeyId", {}, "N-HEADERS-STRIPPED"),
        ("MissingParameter", "The request must contain the parameter VpcId", {}, "X-UNEXPECTED"),
        ("IncompleteSignature", "Authorization header requires 'Signature' parameter.", {}, "N-HEADERS-MANGLED"),
        ("RegionDisabledException", "STS is not activated", {}, "K-STS-REGION-OFF"),
        ("AccessDenied", "eu-south-1 not allowed please check whether STS is enabled for it", {}, "K-STS-REGION-OFF"),
        ("OptInRequired", "You are not subscribed to this service", {"status": 401}, "A-NOT-SUBSCRIBED"),
        ("PendingVerification", "Your account is currently being verified", {}, "A-PENDINGVERIFICATION"),
        ("Blocked", "This account is currently blocked", {}, "A-BLOCKED"),
        ("InternalError", "An internal error has occurred", {"status": 500}, "T-UNAVAILABLE"),
        ("Whatever", "slow down", {"status": 429}, "T-THROTTLED"),
        ("Unheard", "of", {"status": 400}, "X-UNEXPECTED"),
    ],
)
def test_single_codes(code: str, message: str, answer: dict[str, object], expected: str) -> None:
    assert cause(code, message, **answer) == expected


@pytest.mark.parametrize("code", sorted(THROTTLED))
def test_every_throttling_code(code: str) -> None:
    failure = explain_call_error(CallError("DescribeVpcs", code, "Rate exceeded", 400), action="ec2:DescribeVpcs")
    assert (failure.cause, failure.outcome) == ("T-THROTTLED", Outcome.THROTTLED)


def test_the_throttling_codes_are_botocores() -> None:
    from botocore.retries.standard import ThrottledRetryableChecker

    assert set(ThrottledRetryableChecker._THROTTLED_ERROR_CODES) == THROTTLED


@pytest.mark.parametrize(
    ("skew", "opted_in", "token", "expected"),
    [
        (1.0, "not-opted-in", False, "R-NOT-OPTED-IN"),
        (1.0, "opted-in", True, "R-V1-TOKEN"),
        (1.0, "opted-in", False, "R-AUTHFAILURE"),
        (None, "opt-in-not-required", True, "R-AUTHFAILURE"),
        (420.0, "not-opted-in", True, "K-CLOCK-5MIN"),
        (-420.0, "", False, "K-CLOCK-5MIN"),
        (1200.0, "", False, "K-CLOCK"),
    ],
)
def test_what_else_is_known_settles_ec2s_one_answer(
    skew: float | None, opted_in: str, token: bool, expected: str
) -> None:
    assert cause("AuthFailure", REFUSED, Context(opted_in=opted_in, token=token), skew=skew, status=401) == expected


ACTION = "ec2:DescribeVpcs"
WHO = "User: arn:aws:iam::444455556666:user/net/reader is not authorized to perform: ec2:DescribeVpcs"
SCP = "arn:aws:organizations::111122223333:policy/o-abc/service_control_policy/p-1234"


@pytest.mark.parametrize(
    ("kind", "layer"),
    [
        ("identity-based policy", "IDENTITY"),
        ("permissions boundary", "BOUNDARY"),
        ("session policy", "SESSION"),
        ("service control policy", "SCP"),
        ("resource control policy", "RCP"),
        ("resource-based policy", "RESOURCE"),
        ("VPC endpoint policy", "VPCE"),
    ],
)
@pytest.mark.parametrize(
    ("code", "before", "status"),
    [
        ("UnauthorizedOperation", "You are not authorized to perform this operation. ", 403),
        ("AccessDenied", "", 403),
        ("AccessDeniedException", "", 400),
    ],
)
def test_the_grammar_of_denials(code: str, before: str, status: int, kind: str, layer: str) -> None:
    article = "an" if kind[0] == "i" else "a"
    implicit = f"{before}{WHO} because no {kind} allows the {ACTION} action"
    explicit = f"{before}{WHO} with an explicit deny in {article} {kind}"
    named = f"{before}{WHO} on resource: * with an explicit deny in {article} {kind}: {SCP}"
    assert cause(code, implicit, status=status) == f"P-{layer}-IMPLICIT"
    assert cause(code, explicit, status=status) == f"P-{layer}-EXPLICIT"
    assert cause(code, named, status=status) == f"P-{layer}-EXPLICIT"
    assert denials.read(named).policy == SCP
    assert denials.read(implicit) == denials.Denial(
        user="arn:aws:iam::444455556666:user/net/reader", action=ACTION, layer=layer
    )


def test_a_policy_and_an_authorization_id_become_evidence() -> None:
    message = (
        f"{WHO} with an explicit deny in a service control policy: {SCP}. To see details call the "
        "GetRequestAuthorizationDetails API with the following authorization id: 0a1b2c3d-4e5f"
    )
    told = explain(CallError("DescribeVpcs", "UnauthorizedOperation", message, 403, "r-1"), PERMANENT)
    assert f"policy {SCP}" in told.evidence
    assert "authorization id 0a1b2c3d-4e5f" in told.evidence
    assert "request id r-1" in told.evidence
    assert SCP in told.remedy


def test_denials_without_a_reason_and_with_an_encoded_one() -> None:
    encoded = "You are not authorized to perform this operation. Encoded authorization failure message: 7Xk_q"
    assert cause("UnauthorizedOperation", encoded) == "P-ENCODED"
    assert cause("UnauthorizedOperation", "You are not authorized to perform this operation.") == "P-UNSTATED"
    assert cause("AccessDenied", "Access Denied") == "P-UNSTATED"
    assert explain(CallError("X", "AccessDenied", ""), PERMANENT).confidence == Confidence.INCOMPLETE


def test_the_statement_to_paste_is_whole() -> None:
    message = f"{WHO} because no identity-based policy allows the {ACTION} action"
    told = explain(CallError("DescribeVpcs", "UnauthorizedOperation", message), PERMANENT)
    assert "arn:aws:iam::444455556666:user/net/reader" in told.remedy
    statement = json.loads(told.remedy[told.remedy.index("{") :])
    assert statement == {"Sid": "OpenVNA", "Effect": "Allow", "Action": [ACTION], "Resource": "*"}


ROLE = "arn:aws:iam::777788889999:role/net/OpenVNA"
ASSUMING = "is not authorized to perform: sts:AssumeRole"


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        (
            "AccessDenied",
            f"User: arn:aws:iam::1:user/x {ASSUMING} on resource: {ROLE} because no identity-based policy allows "
            "the sts:AssumeRole action",
            "H-CALLER-DENIED",
        ),
        ("AccessDenied", f"User: arn:aws:iam::1:user/x {ASSUMING} on resource: {ROLE}", "H-TRUST"),
        (
            "AccessDenied",
            f"User: arn:aws:iam::1:user/x {ASSUMING} on resource: {ROLE} because no resource-based policy allows the "
            "sts:AssumeRole action",
            "H-TRUST",
        ),
        (
            "AccessDenied",
            f"User: arn:aws:iam::1:user/x {ASSUMING} on resource: {ROLE} with an explicit deny in a service control "
            "policy",
            "P-SCP-EXPLICIT",
        ),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            "H-DURATION",
        ),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            "H-DURATION",
        ),
        ("ValidationError", "1 validation error detected: Value 'x' at 'externalId' failed", "H-INVALID"),
    ],
)
def test_assuming_a_role(code: str, message: str, expected: str) -> None:
    assert cause(code, message, Context(role=ROLE, action="sts:AssumeRole"), "AssumeRole") == expected


@pytest.mark.parametrize(
    ("caller", "principal"),
    [
        ("arn:aws:iam::111122223333:user/net/reader", "arn:aws:iam::111122223333:user/net/reader"),
        ("arn:aws-cn:sts::111122223333:assumed-role/Gate/i-0abc", "arn:aws-cn:iam::111122223333:role/Gate"),
    ],
)
def test_the_trust_policy_to_paste_names_us_and_the_external_id(caller: str, principal: str) -> None:
    context = Context(role=ROLE, external_id="vna-7f3a", identity=caller)
    told = explain(CallError("AssumeRole", "AccessDenied", f"{ASSUMING} on resource: {ROLE}"), context)
    assert ROLE in told.remedy
    assert json.loads(told.remedy[told.remedy.index("{") :]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": principal},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": "vna-7f3a"}},
            }
        ],
    }


def test_a_person_of_identity_center_is_trusted_by_their_roles_path() -> None:
    caller = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Net_0123456789abcdef/jo"
    context = Context(role=ROLE, identity=caller)
    told = explain(CallError("AssumeRole", "AccessDenied", ASSUMING), context)
    (statement,) = json.loads(told.remedy[told.remedy.index("{") :])["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    pattern = statement["Condition"]["ArnLike"]["aws:PrincipalArn"]
    assert pattern.endswith("role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Net_0123456789abcdef")


def test_who_we_are_is_denied_by_an_endpoints_policy_only() -> None:
    message = "User: arn:aws:iam::1:user/x is not authorized to perform: sts:GetCallerIdentity"
    assert cause("AccessDenied", message, operation="GetCallerIdentity") == "P-VPCE-STS"


@pytest.mark.parametrize(
    ("operation", "code", "message", "expected"),
    [
        ("AssumeRoleWithWebIdentity", "InvalidIdentityToken", "No OpenIDConnect provider found", "W-NOPROVIDER"),
        ("AssumeRoleWithWebIdentity", "InvalidIdentityToken", "Incorrect token audience", "W-AUDIENCE"),
        ("AssumeRoleWithWebIdentity", "InvalidIdentityToken", "could not be validated", "W-TOKEN-INVALID"),
        ("AssumeRoleWithWebIdentity", "AccessDenied", "Not authorized", "W-TRUST"),
        ("AssumeRoleWithWebIdentity", "ExpiredTokenException", "Token expired", "W-EXPIRED"),
        ("AssumeRoleWithWebIdentity", "IDPCommunicationError", "", "W-IDP"),
        ("AssumeRole", "ExpiredToken", "", "K-EXPIRED"),
        ("AssumeRoleWithWebIdentity", "Unheard", "of", "C-SOURCE"),
    ],
)
def test_sessions_for_other_tokens(operation: str, code: str, message: str, expected: str) -> None:
    assert web_identity_cause(operation, code, message) == expected


def test_a_failure_of_the_collection_carries_all_that_its_ledger_needs() -> None:
    message = f"{WHO} because no identity-based policy allows the {ACTION} action"
    failure = explain_call_error(
        CallError("DescribeVpcs", "UnauthorizedOperation", message, 403, "r-7"), action=ACTION, region="eu-west-1"
    )
    assert failure.outcome == Outcome.DENIED
    assert (failure.code, failure.cause) == ("UnauthorizedOperation", "P-IDENTITY-IMPLICIT")
    assert (failure.action, failure.request_id) == (ACTION, "r-7")
    assert ACTION in failure.remedy


@pytest.mark.parametrize("code", ["UnsupportedOperation", "InvalidAction", "OptInRequired"])
def test_what_a_region_does_not_have_is_unsupported(code: str) -> None:
    assert explain_call_error(CallError("X", code, "no"), action="ec2:X").outcome == Outcome.UNSUPPORTED


def test_a_cause_that_the_transport_knows_is_kept() -> None:
    error = CallError("X", "", "The name ec2.eu-west-1.amazonaws.com cannot be resolved.", cause="N-DNS")
    failure = explain_call_error(error, action=ACTION, region="eu-west-1")
    assert (failure.cause, failure.outcome) == ("N-DNS", Outcome.FAILED)
    assert "resolved" in failure.message


def test_every_explanation_is_of_the_catalogue_and_never_shows_a_template() -> None:
    for id in CATALOGUE:
        told = explain(CallError("X", "", "why", cause=id), PERMANENT)
        assert told.remedy
        assert "{action}" not in told.remedy
        assert "{region}" not in told.remedy


CONSOLE = "https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/d3xbfwcsdoam45n7ms6nv5pl0"
IDENTIFIED = (
    f". Go to {CONSOLE} for complete details, or call the GetRequestAuthorizationDetails API with the following "
    "authorization id: d3xbfwcsdoam45n7ms6nv5pl0"
)
DENY_POLICY = "arn:aws:iam::444455556666:policy/Deny"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "User: arn:aws:iam::1:user/t is not authorized to perform: iam:GetUser on resource: user t because no "
            f"identity-based policy allows the iam:GetUser action{IDENTIFIED}",
            denials.Denial(
                "arn:aws:iam::1:user/t",
                "iam:GetUser",
                "user t",
                "IDENTITY",
                authorization_id="d3xbfwcsdoam45n7ms6nv5pl0",
            ),
        ),
        (
            f"{WHO} on resource: arn:aws:ec2:*:1:vpc/* with an explicit deny in an identity-based policy: "
            f"{DENY_POLICY}{IDENTIFIED}",
            denials.Denial(
                "arn:aws:iam::444455556666:user/net/reader",
                ACTION,
                "arn:aws:ec2:*:1:vpc/*",
                "IDENTITY",
                explicit=True,
                policy=DENY_POLICY,
                authorization_id="d3xbfwcsdoam45n7ms6nv5pl0",
            ),
        ),
        (
            f"You are not authorized to perform this operation. {WHO} with an explicit deny in a permissions boundary: "
            f"{DENY_POLICY}. Encoded authorization failure message: qM8Q-prew_J",
            denials.Denial(
                "arn:aws:iam::444455556666:user/net/reader",
                ACTION,
                layer="BOUNDARY",
                explicit=True,
                policy=DENY_POLICY,
                encoded="qM8Q-prew_J",
            ),
        ),
        (
            'User: u is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::b" with an explicit deny '
            "in a VPC endpoint policy transitively through a service control policy",
            denials.Denial(
                "u", "s3:ListBucket", "arn:aws:s3:::b", "VPCE", explicit=True, behind="service control policy"
            ),
        ),
        (
            f"{WHO} with an explicit deny in a sessions policy",
            denials.Denial("arn:aws:iam::444455556666:user/net/reader", ACTION, layer="SESSION", explicit=True),
        ),
        (
            f"{WHO} with an explicit deny",
            denials.Denial("arn:aws:iam::444455556666:user/net/reader", ACTION, explicit=True),
        ),
        (
            "User: u is not authorized to perform: sts:AssumeRole with an explicit deny in the role trust policy",
            denials.Denial("u", "sts:AssumeRole", layer="TRUST", explicit=True),
        ),
        (
            "You are not authorized to perform this operation. Encoded authorization failure message: ",
            denials.Denial(encoded="?"),
        ),
    ],
)
def test_the_forms_that_denials_have_had(message: str, expected: denials.Denial) -> None:
    """Of AWS's documentation and of messages that people published."""
    assert denials.read(message) == expected


def test_a_deny_of_an_unnamed_policy_is_not_mended_by_an_allow() -> None:
    told = explain(CallError("DescribeVpcs", "UnauthorizedOperation", f"{WHO} with an explicit deny"), PERMANENT)
    assert told.cause == "P-EXPLICIT"
    assert '"Allow"' not in told.remedy


def test_an_encoded_reason_is_handed_on_whole_and_shown_short() -> None:
    encoded = "aB3_-" * 500
    message = f"You are not authorized to perform this operation. Encoded authorization failure message: {encoded}"
    error = CallError("DescribeVpcs", "UnauthorizedOperation", message)
    told = explain(error, Context(action=ACTION, region="eu-west-1"))
    assert f"--encoded-message {encoded}" in told.remedy
    assert encoded not in str(told.evidence)
    assert encoded not in explain_call_error(error, action=ACTION).message


@pytest.mark.parametrize(
    ("message", "opted_in", "expected"),
    [
        (
            "You are not subscribed to this service. Please go to http://aws.amazon.com to subscribe.",
            "",
            "A-NOT-SUBSCRIBED",
        ),
        ("You are not subscribed to this service in this region", "", "R-NOT-OPTED-IN"),
        ("You are not subscribed to this service.", "not-opted-in", "R-NOT-OPTED-IN"),
    ],
)
def test_a_service_that_is_not_subscribed_to_and_a_region_that_is_off(
    message: str, opted_in: str, expected: str
) -> None:
    assert cause("OptInRequired", message, Context(opted_in=opted_in), status=401) == expected


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("AccessDenied", "User: u is not authorized to perform: sts:TagSession on resource: r", "H-TAGSESSION"),
        (
            "AccessDenied",
            "User: u is not authorized to perform: sts:TagSession on resource: r because no identity-based policy "
            "allows the sts:TagSession action",
            "H-TAGSESSION",
        ),
        (
            "AccessDenied",
            "User: u is not authorized to perform: sts:AssumeRole because no role trust policy allows the "
            "sts:AssumeRole action",
            "H-TRUST",
        ),
        (
            "AccessDenied",
            "User: u is not authorized to perform: sts:AssumeRole with an explicit deny in the role trust policy",
            "H-TRUST-EXPLICIT",
        ),
        ("MalformedPolicyDocument", "Syntax errors in policy.", "H-POLICY-MALFORMED"),
        ("MalformedPolicyDocumentException", "Syntax errors in policy.", "H-POLICY-MALFORMED"),
        ("PackedPolicyTooLarge", "Packed size of session tags consumes 120% of allotted space.", "H-PACKED-TOO-LARGE"),
        ("RegionDisabledException", "STS is not activated in this region for account:1.", "K-STS-REGION-OFF"),
    ],
)
def test_what_else_a_role_may_say(code: str, message: str, expected: str) -> None:
    told = explain(CallError("AssumeRole", code, message), Context(role=ROLE, action="sts:AssumeRole"))
    assert told.cause == expected
    if expected == "H-TAGSESSION":
        assert '"sts:TagSession"' in told.remedy


def test_a_denial_of_who_we_are_that_names_another_layer_is_that_layers() -> None:
    message = (
        "User: u is not authorized to perform: sts:GetCallerIdentity with an explicit deny in a resource control policy"
    )
    assert cause("AccessDenied", message, operation="GetCallerIdentity") == "P-RCP-EXPLICIT"
