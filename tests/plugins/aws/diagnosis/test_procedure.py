"""The procedure: which step finds what, what it says, and when it stops. AWS's answers are canned."""

from __future__ import annotations

import json
import threading
from itertools import takewhile
from typing import Any

import pytest

from openvna.plugin import Confidence, Step, StepOutcome, Verdict
from support import fault_server as faults
from support.fault_server import (
    ACCOUNT,
    AKIA,
    ASIA,
    SECRET,
    TOKEN,
    FaultServer,
    ec2_error,
    identity,
    sts_error,
)
from support.sources import access_key

# A good access


def test_a_good_access_in_every_enabled_region(aws: FaultServer, run: Any) -> None:
    aws.good(us_east_1="opt-in-not-required", eu_west_1="opt-in-not-required", me_south_1="not-opted-in")
    verified = run(endpoint_url=aws.url)
    verdict = verified.verdict
    assert (verdict.verdict, verdict.cause, verdict.confidence) == ("ok", None, Confidence.PROVEN)
    assert verdict.identity is not None
    assert (verdict.identity.account, verdict.identity.kind) == (ACCOUNT, "iam-user")
    assert [each.region for each in verdict.regions] == ["eu-west-1", "us-east-1"]
    # one unsigned, who we are, the regions, a canary in each, DescribeInstances in the first; then the pre-flight
    assert [each.action for each in aws.requests[:3]] == ["GetCallerIdentity", "GetCallerIdentity", "DescribeRegions"]
    assert verdict.calls == len(aws.requests)
    assert aws.asked("DescribeVpcs") == 2
    assert aws.asked("DescribeInstances") == 2
    assert {each.region for each in aws.requests if each.action == "DescribeVpcs"} == {"eu-west-1", "us-east-1"}


def test_every_step_is_sent_as_it_begins_and_as_it_ends(aws: FaultServer, run: Any) -> None:
    verified = run(endpoint_url=aws.url)
    began = [each.id for each in verified.steps if each.outcome == StepOutcome.RUNNING]
    ended = [each.id for each in verified.steps if each.outcome != StepOutcome.RUNNING]
    assert began == ended
    assert began[:4] == ["resolve", "static", "path", "identity"]
    assert tuple(each for each in verified.steps if each.outcome != "running") == verified.verdict.steps


def test_the_verdict_as_json_has_the_shape_that_all_share(aws: FaultServer, run: Any) -> None:
    plain = json.loads(json.dumps(run(endpoint_url=aws.url).verdict.as_json()))
    assert set(plain) >= {"verdict", "cause", "confidence", "identity", "steps", "regions", "calls", "remedy"}
    assert set(plain["identity"]) == {"account", "arn", "kind", "partition"}
    assert set(plain["steps"][0]) == {"id", "title", "outcome", "evidence", "cause", "remedy"}


def test_regions_are_tried_side_by_side(aws: FaultServer, run: Any) -> None:
    together = threading.Barrier(3, timeout=30)

    def met(handler: Any, _closing: threading.Event) -> None:
        together.wait()
        handler._reply(faults.done("DescribeVpcs"))

    names = ("us-east-1", "eu-west-1", "eu-central-1")
    aws.good(**{name.replace("-", "_"): "opted-in" for name in names})
    aws.on("DescribeVpcs", faults.Answer(act=met))
    assert run(endpoint_url=aws.url).verdict.verdict == "ok"


# The key, without a call


@pytest.mark.parametrize(
    ("key", "cause"),
    [
        (("", ""), "C-EMPTY"),
        ((AKIA, ""), "C-EMPTY"),
        ((ASIA, SECRET), "C-TEMP-NO-TOKEN"),
        ((AKIA[:-3], SECRET), "C-KEYID-LEN"),
        ((AKIA[:-1] + "1", SECRET), "C-KEYID-CHARSET"),
        (("reader@corp.net", SECRET), "C-KEYID-FORMAT"),
        (("AROARZPUZDIKGB2VALC4", SECRET), "C-KEYID-WRONGKIND"),
        (("AKIAIOSFODNN7EXAMPLE", SECRET), "C-PLACEHOLDER"),
        ((AKIA, SECRET[:-4]), "C-SECRET-FORMAT"),
        ((ASIA, SECRET, "tök€n"), "C-TOKEN-MANGLED"),
    ],
)
def test_what_is_certain_stops_without_any_call(
    aws: FaultServer, as_aws: Any, key: tuple[str, ...], cause: str
) -> None:
    verdict = as_aws(access_key(*key)).verdict
    assert (verdict.verdict, verdict.cause, verdict.calls) == ("failed", cause, 0)
    assert verdict.remedy
    assert aws.requests == []


@pytest.mark.parametrize(
    ("key", "cause", "sent"),
    [
        ((SECRET, AKIA), "C-SWAPPED", (AKIA, "")),
        ((f" {AKIA}\n", SECRET), "C-KEYID-WS", (AKIA, "")),
        ((AKIA, SECRET.replace("/", "%2F").replace("+", "%2B")), "C-SECRET-MANGLED", (AKIA, "")),
        ((AKIA, f'"{SECRET}"'), "C-SECRET-MANGLED", (AKIA, "")),
        ((AKIA, f"{SECRET}  "), "C-SECRET-MANGLED", (AKIA, "")),
        ((AKIA, SECRET, TOKEN), "C-PERM-WITH-TOKEN", (AKIA, "")),
        ((ASIA, SECRET, f"{TOKEN}\n"), "C-TOKEN-MANGLED", (ASIA, TOKEN)),
    ],
)
def test_what_can_be_undone_is_undone_said_so_and_works(
    aws: FaultServer, as_aws: Any, key: tuple[str, ...], cause: str, sent: tuple[str, str]
) -> None:
    verified = as_aws(access_key(*key))
    assert verified.verdict.verdict == "ok"
    step = verified.step("static")
    assert (step.outcome, step.cause) == (StepOutcome.REPAIRED, cause)
    assert {(each.key, each.token) for each in aws.requests if each.key} == {sent}
    assert SECRET not in repr(verified.events)
    assert SECRET not in json.dumps(verified.verdict.as_json())


def test_at_an_emulator_the_form_of_ids_is_only_remarked_upon(aws: FaultServer, run: Any) -> None:
    verified = run(access_key("AKIAECF99F0000000018", "test"), endpoint_url=aws.url)
    assert verified.verdict.verdict == "ok"
    assert verified.step("static").outcome == StepOutcome.WARNING


@pytest.mark.parametrize(
    ("settings", "cause", "words"),
    [
        ({"regions": ("eu-west1",)}, "C-REGION", "Did you mean eu-west-1?"),
        ({"regions": ("eu-west-1a",)}, "C-REGION", "Did you mean eu-west-1?"),
        ({"home_region": "euwest1"}, "C-REGION", "Did you mean eu-west-1?"),
        ({"regions": ("cn-north-1",)}, "C-PARTITION", "one partition"),
        ({"partition": "aws-cn", "regions": ("eu-west-1",)}, "C-PARTITION", "one partition"),
        ({"assume_role": {"role_arn": "arn:aws-cn:iam::444455556666:role/X"}}, "C-PARTITION", "one partition"),
    ],
)
def test_settings_that_cannot_be_right_stop_without_any_call(
    aws: FaultServer, as_aws: Any, settings: dict[str, Any], cause: str, words: str
) -> None:
    verdict = as_aws(**settings).verdict
    assert (verdict.verdict, verdict.cause, verdict.calls) == ("failed", cause, 0)
    assert words in (verdict.remedy or "")


def test_a_region_that_aws_does_not_know_is_named_and_the_others_go_on(aws: FaultServer, run: Any) -> None:
    aws.good(us_east_1="opt-in-not-required", eu_west_1="opt-in-not-required")
    verdict = run(endpoint_url=aws.url, regions=("eu-west-9", "us-east-1"), home_region="us-east-1").verdict
    assert (verdict.verdict, verdict.cause) == ("degraded", "C-REGION")
    assert {each.region: each.cause for each in verdict.regions} == {"us-east-1": None, "eu-west-9": "C-REGION"}
    assert "Did you mean eu-west-1?" in (verdict.remedy or "")


def test_an_unknown_home_region_whose_host_does_not_exist_is_a_misspelt_one(run: Any) -> None:
    verdict = run(home_region="eu-wset-1", environment={"NO_PROXY": "*"}).verdict
    assert (verdict.cause, verdict.confidence) == ("C-REGION", Confidence.INFERRED)
    assert "Did you mean eu-west-1?" in (verdict.remedy or "")


# What STS says


INVALID = sts_error("InvalidClientTokenId", "The security token included in the request is invalid.")
MISMATCH = sts_error("SignatureDoesNotMatch", "The request signature we calculated does not match the signature")


@pytest.mark.parametrize(
    ("key", "answer", "cause"),
    [
        ((AKIA, SECRET), INVALID, "K-KEY-UNKNOWN"),
        ((ASIA, SECRET, TOKEN), INVALID, "K-TOKEN-OR-TEMPKEY"),
        ((AKIA, SECRET), MISMATCH, "K-SECRET-WRONG"),
        ((ASIA, SECRET, TOKEN), sts_error("ExpiredToken", "The security token ... is expired"), "K-EXPIRED"),
        (
            (AKIA, SECRET),
            sts_error("SignatureDoesNotMatch", "Signature expired: A is now earlier than B (C - 15 min.)", 403, 1200),
            "K-CLOCK",
        ),
        (
            (AKIA, SECRET),
            sts_error("SignatureDoesNotMatch", "Credential should be scoped to a valid region, not 'x'."),
            "K-SIGN-REGION",
        ),
        (
            (AKIA, SECRET),
            sts_error("SignatureDoesNotMatch", "Credential should be scoped to correct service: 'ec2'."),
            "K-SIGN-SERVICE",
        ),
        (
            (AKIA, SECRET),
            sts_error("RegionDisabledException", "STS is not activated in this region for account:1"),
            "K-STS-REGION-OFF",
        ),
        ((AKIA, SECRET), faults.UNSIGNED, "N-HEADERS-STRIPPED"),
        (
            (AKIA, SECRET),
            sts_error("IncompleteSignature", "Authorization header requires 'Signature'", 400),
            "N-HEADERS-MANGLED",
        ),
        (
            (AKIA, SECRET),
            sts_error("AccessDenied", f"User: {faults.USER} is not authorized to perform: sts:GetCallerIdentity"),
            "P-VPCE-STS",
        ),
        ((AKIA, SECRET), sts_error("Unheard", "of", 400), "X-UNEXPECTED"),
        ((AKIA, SECRET), identity(f"arn:aws:iam::{ACCOUNT}:root"), "C-ROOT"),
        ((AKIA, SECRET), identity(f"arn:aws-cn:iam::{ACCOUNT}:user/x"), "C-PARTITION"),
        (("AKIA7777777777777777", SECRET), INVALID, "C-KEYID-CORRUPT"),
    ],
)
def test_who_we_are(aws: FaultServer, as_aws: Any, key: tuple[str, ...], answer: faults.Answer, cause: str) -> None:
    aws.on("GetCallerIdentity", answer)
    verified = as_aws(access_key(*key))
    verdict = verified.verdict
    assert (verdict.verdict, verdict.cause) == ("failed", cause)
    assert verified.step("identity").cause == cause
    assert verdict.remedy
    assert aws.asked("DescribeVpcs") == 0, "EC2 is not asked with a key that STS refuses"


def test_an_emulator_that_does_not_know_the_key_is_not_aws(aws: FaultServer, run: Any) -> None:
    body = "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error></ErrorResponse>"
    aws.on("GetCallerIdentity", faults.Answer(403, body))
    verified = run(endpoint_url=aws.url)
    assert verified.verdict.cause == "C-ENDPOINT"
    assert aws.url in (verified.verdict.endpoint or "")


def test_a_clock_that_is_far_off_is_found_before_any_key_is_sent(aws: FaultServer, as_aws: Any) -> None:
    aws.unsigned = sts_error("MissingAuthenticationToken", "no", 403, ahead=1260)
    verified = as_aws()
    assert (verified.verdict.cause, verified.verdict.confidence) == ("K-CLOCK", Confidence.PROVEN)
    assert "behind AWS's" in verified.told
    assert "21 min" in (verified.verdict.remedy or "") or "20 min 59 s" in (verified.verdict.remedy or "")
    assert aws.asked("GetCallerIdentity") == 0


def test_a_clock_some_minutes_off_passes_sts_and_fails_ec2(aws: FaultServer, as_aws: Any) -> None:
    aws.unsigned = sts_error("MissingAuthenticationToken", "no", 403, ahead=-420)
    off = ec2_error("AuthFailure", "AWS was not able to validate the provided access credentials", 401, ahead=-420)
    aws.on("DescribeRegions", off).on("DescribeVpcs", off)
    verified = as_aws(regions=("us-east-1",))
    assert verified.step("path").outcome == StepOutcome.WARNING
    assert verified.step("identity").outcome == StepOutcome.OK
    assert (verified.verdict.verdict, verified.verdict.cause) == ("failed", "K-CLOCK-5MIN")
    assert "7 min" in (verified.verdict.remedy or "")


def test_a_new_key_is_tried_again_and_then_works(aws: FaultServer, as_aws: Any) -> None:
    aws.on("GetCallerIdentity", INVALID, INVALID, identity())
    verified = as_aws()
    assert verified.verdict.verdict == "ok"
    assert verified.step("identity").cause == "K-KEY-NEW"
    assert verified.pauses == [1.0, 2.0]


def test_an_unknown_key_is_tried_four_times_at_most_and_a_temporary_one_once(aws: FaultServer, as_aws: Any) -> None:
    aws.on("GetCallerIdentity", INVALID)
    assert as_aws().pauses == [1.0, 2.0, 4.0]
    assert aws.asked("GetCallerIdentity") == 4
    assert as_aws(access_key(ASIA, SECRET, TOKEN)).pauses == []
    assert aws.asked("GetCallerIdentity") == 5


def test_throttling_is_waited_out_and_named_when_it_stays(aws: FaultServer, run: Any) -> None:
    throttled = sts_error("Throttling", "Rate exceeded", 400)
    aws.on("GetCallerIdentity", throttled, throttled, identity())
    assert run(endpoint_url=aws.url).verdict.verdict == "ok"
    aws.on("GetCallerIdentity", throttled)
    verified = run(endpoint_url=aws.url)
    assert (verified.verdict.verdict, verified.verdict.cause) == ("failed", "T-THROTTLED")
    assert verified.pauses == [0.5, 1.0, 2.0]


def test_a_fault_of_aws_is_tried_twice(aws: FaultServer, run: Any) -> None:
    aws.on("GetCallerIdentity", sts_error("InternalFailure", "sorry", 500), identity())
    assert run(endpoint_url=aws.url).verdict.verdict == "ok"
    aws.on("GetCallerIdentity", sts_error("InternalFailure", "sorry", 500))
    assert run(endpoint_url=aws.url).verdict.cause == "T-UNAVAILABLE"


def test_the_key_of_another_account(aws: FaultServer, run: Any) -> None:
    verdict = run(endpoint_url=aws.url, accounts=("999988887777",)).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "C-ACCOUNT-MISMATCH")
    assert "999988887777" in (verdict.remedy or "")
    assert ACCOUNT in (verdict.remedy or "")


def test_what_events_are(aws: FaultServer, run: Any) -> None:
    verified = run(endpoint_url=aws.url)
    assert all(isinstance(each, Step) for each in verified.events[:-1])
    assert isinstance(verified.events[-1], Verdict)


def test_a_program_of_the_settings_is_run_from_the_administrators_directory_only(aws: FaultServer, run: Any) -> None:
    verdict = run({"kind": "process", "program": "login"}, endpoint_url=aws.url).verdict
    assert (verdict.verdict, verdict.cause) == ("failed", "C-PROCESS-NOTALLOWED")
    assert aws.asked("GetCallerIdentity") == 0


# How little is asked


def test_a_good_keys_verdict_takes_at_most_four_calls(aws: FaultServer, run: Any) -> None:
    """Whether the key works is known when STS has said who it is: what follows is about regions and permissions."""
    run(endpoint_url=aws.url)
    about_the_key = list(takewhile(lambda name: name != "DescribeRegions", (each.action for each in aws.requests)))
    assert about_the_key == ["GetCallerIdentity", "GetCallerIdentity"], "one to reach STS, one to be known"


def test_a_good_role_is_known_with_four_calls(aws: FaultServer, run: Any) -> None:
    """The way, who we are, the role, and the role once more without its external ID, which it must refuse."""
    role = "arn:aws:iam::444455556666:role/OpenVNA"
    refusal = sts_error("AccessDenied", f"User: {faults.USER} is not authorized to perform: sts:AssumeRole on {role}")
    aws.on("AssumeRole", faults.role_session(role), refusal)
    verdict = run(endpoint_url=aws.url, assume_role={"role_arn": role, "external_id": "vna-7f3a"}).verdict
    assert verdict.verdict == "ok"
    about_the_role = list(takewhile(lambda name: name != "DescribeRegions", (each.action for each in aws.requests)))
    assert about_the_role == ["GetCallerIdentity", "GetCallerIdentity", "AssumeRole", "AssumeRole"]
