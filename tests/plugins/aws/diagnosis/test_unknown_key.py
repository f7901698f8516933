"""A key that STS does not know: what the first region, Amazon S3 and other partitions say of it."""

from __future__ import annotations

from typing import Any

import pytest

from openvna.plugin import Confidence
from support import fault_server as faults
from support.behind import Behind
from support.fault_server import ACCOUNT, AKIA, ASIA, SECRET, TOKEN, sts_error
from support.sources import access_key

UNKNOWN = sts_error("InvalidClientTokenId", "The security token included in the request is invalid.")
MISMATCH = sts_error("SignatureDoesNotMatch", "The request signature we calculated does not match the signature")
SESSION = access_key(ASIA, SECRET, TOKEN)


def s3_error(code: str) -> faults.Answer:
    return faults.Answer(403, f"<Error><Code>{code}</Code><Message>no</Message><RequestId>R1</RequestId></Error>")


@pytest.mark.parametrize(
    ("answer", "cause", "words"),
    [
        (s3_error("InvalidToken"), "K-TOKEN-WRONG", "the token is not accepted"),
        (s3_error("InvalidAccessKeyId"), "K-TEMPKEY-GONE", "does not know the key either"),
        (s3_error("ExpiredToken"), "K-EXPIRED", "Amazon S3 says ExpiredToken"),
        (faults.Answer(200, "<ListAllMyBucketsResult/>"), "K-TOKEN-OR-TEMPKEY", "Amazon S3 accepts"),
        (faults.page(403), "K-TOKEN-OR-TEMPKEY", "InvalidClientTokenId"),
        (faults.RESET, "K-TOKEN-OR-TEMPKEY", "InvalidClientTokenId"),
    ],
    ids=["token", "key", "expired", "accepted", "page", "reset"],
)
def test_amazon_s3_tells_a_wrong_token_from_an_unknown_key(
    world: Behind, through: Any, answer: faults.Answer, cause: str, words: str
) -> None:
    world.aws.on("GetCallerIdentity", UNKNOWN).on("GET", answer)
    verified = through(SESSION)
    assert verified.verdict.cause == cause
    assert words in verified.told
    assert TOKEN not in str(verified.events)


def test_a_permanent_key_is_not_taken_to_amazon_s3(world: Behind, through: Any) -> None:
    world.aws.on("GetCallerIdentity", UNKNOWN)
    assert through(new_key_pauses=()).verdict.cause == "K-KEY-UNKNOWN"
    assert world.hosts == {"sts.us-east-1.amazonaws.com"}


@pytest.mark.parametrize(
    ("credential", "cause"),
    [(access_key(AKIA, SECRET), "R-NOT-OPTED-IN"), (SESSION, "R-V1-TOKEN")],
    ids=["permanent", "session"],
)
def test_a_key_that_only_the_first_region_knows(
    world: Behind, through: Any, credential: dict[str, Any], cause: str
) -> None:
    """In a region that is off, or where the token is not valid, STS says the same as of an unknown key."""
    world.aws.on("GetCallerIdentity", UNKNOWN, region="eu-west-1")
    verdict = through(credential, home_region="eu-west-1", new_key_pauses=()).verdict
    assert (verdict.verdict, verdict.cause, verdict.confidence) == ("failed", cause, Confidence.INFERRED)
    assert "STS in us-east-1 knows the same key" in str(verdict.steps[-1].evidence)
    assert "eu-west-1" in (verdict.remedy or "")


def test_a_key_that_the_first_region_does_not_know_either(world: Behind, through: Any) -> None:
    world.aws.on("GetCallerIdentity", UNKNOWN)
    verified = through(home_region="eu-west-1", new_key_pauses=())
    assert verified.verdict.cause == "K-KEY-UNKNOWN"
    assert "STS in us-east-1 does not know the key either." in verified.told


# Other partitions


def test_other_partitions_are_never_asked_without_consent(world: Behind, through: Any) -> None:
    world.aws.on("GetCallerIdentity", UNKNOWN)
    through(new_key_pauses=())
    assert world.hosts == {"sts.us-east-1.amazonaws.com"}


def test_the_key_of_another_partition_is_proven_to_be_one(world: Behind, through: Any) -> None:
    world.aws.on("GetCallerIdentity", UNKNOWN)
    chinese = f"arn:aws-cn:iam::{ACCOUNT}:user/reader"
    world.aws.on("GetCallerIdentity", faults.identity(chinese), region="cn-north-1")
    verdict = through(new_key_pauses=(), other_partitions=True).verdict
    assert (verdict.cause, verdict.confidence) == ("C-PARTITION", Confidence.PROVEN)
    assert chinese in str(verdict.steps[-1].evidence)
    assert "Set the partition to aws-cn" in (verdict.remedy or "")
    assert world.hosts == {"sts.us-east-1.amazonaws.com", "sts.cn-north-1.amazonaws.com.cn"}


def test_a_partition_that_knows_the_key_but_not_the_secret_is_the_keys_own(world: Behind, through: Any) -> None:
    world.aws.on("GetCallerIdentity", UNKNOWN)
    world.aws.on("GetCallerIdentity", MISMATCH, region="us-gov-west-1")
    verified = through(new_key_pauses=(), other_partitions=True)
    assert (verified.verdict.cause, verified.verdict.confidence) == ("C-PARTITION", Confidence.PROVEN)
    assert "Set the partition to aws-us-gov" in (verified.verdict.remedy or "")
    assert "STS of partition aws-cn (cn-north-1) does not know the key either." in verified.told


def test_a_key_that_no_partition_knows_is_asked_about_twice_at_most(world: Behind, through: Any) -> None:
    world.aws.on("GetCallerIdentity", UNKNOWN)
    verified = through(new_key_pauses=(), other_partitions=True)
    assert verified.verdict.cause == "K-KEY-UNKNOWN"
    assert world.hosts == {
        "sts.us-east-1.amazonaws.com",
        "sts.cn-north-1.amazonaws.com.cn",
        "sts.us-gov-west-1.amazonaws.com",
    }


def test_at_an_endpoint_of_somebodys_own_nothing_else_is_asked(world: Behind, through: Any) -> None:
    """Every question would go to the same place."""
    world.aws.on("GetCallerIdentity", UNKNOWN)
    through(
        new_key_pauses=(),
        other_partitions=True,
        home_region="eu-west-1",
        endpoint_urls={"sts": "https://vpce-0a.eu-west-1.amazonaws.com"},
    )
    assert world.hosts == {"vpce-0a.eu-west-1.amazonaws.com"}
    assert world.aws.asked("GetCallerIdentity") == 1
