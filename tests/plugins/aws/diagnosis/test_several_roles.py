"""Several roles one after the other, with session tags, source identity and durations."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from openvna.plugins.aws.access import Access
from openvna.plugins.aws.config import AwsConfig
from support.fault_server import ASIA, FaultServer, identity, role_session, sts_error
from support.sources import access_key

FIRST = "arn:aws:iam::111122223333:role/First"
SECOND = "arn:aws:iam::222233334444:role/Second"
LAST = "arn:aws:iam::{account}:role/Net"


def asked(aws: FaultServer) -> list[Any]:
    return [each for each in aws.requests if each.action == "AssumeRole"]


def test_roles_are_taken_in_their_order_each_with_the_session_before(aws: FaultServer, run: Any) -> None:
    aws.on("AssumeRole", role_session("a")).on(
        "GetCallerIdentity", identity(), identity("arn:aws:sts::222233334444:assumed-role/Second/openvna")
    )
    verified = run(
        via=({"role_arn": FIRST, "external_id": "e-1", "duration": 7200}, {"role_arn": SECOND, "duration": 7200}),
        assume_role={"role_arn": LAST},
        accounts=("333344445555", "444455556666"),
        endpoint_url=aws.url,
    )
    assert verified.verdict.verdict == "ok", verified.told
    roles = [each.params["RoleArn"] for each in asked(aws) if each.params.get("ExternalId") or each.key == ASIA]
    assert roles == [
        FIRST,
        SECOND,
        "arn:aws:iam::333344445555:role/Net",
        "arn:aws:iam::444455556666:role/Net",
    ]
    first, second = (next(each for each in asked(aws) if each.params["RoleArn"] == role) for role in (FIRST, SECOND))
    assert (first.key[:4], first.params["DurationSeconds"], first.params["ExternalId"]) == ("AKIA", "7200", "e-1")
    assert (second.key[:4], second.params["DurationSeconds"]) == ("ASIA", "3600"), "a chained session lasts an hour"
    assert verified.verdict.identity.account == "222233334444"


def test_tags_and_source_identity_go_along(aws: FaultServer) -> None:
    aws.on("AssumeRole", role_session("a"))
    role = {
        "role_arn": FIRST,
        "tags": ("team=net ops", "env=prod"),
        "transitive_tags": ("team",),
        "source_identity": "openvna-prod",
    }
    config = AwsConfig.model_validate({"credential": access_key(), "endpoint_url": aws.url, "via": (role,)})
    access = Access(config, {})
    access.base()
    access.close()
    (sent,) = asked(aws)
    tags = {name: value for name, value in sent.params.items() if "Tag" in name or name == "SourceIdentity"}
    assert tags == {
        "Tags.member.1.Key": "team",
        "Tags.member.1.Value": "net ops",
        "Tags.member.2.Key": "env",
        "Tags.member.2.Value": "prod",
        "TransitiveTagKeys.member.1": "team",
        "SourceIdentity": "openvna-prod",
    }


def test_a_role_on_the_way_that_refuses_is_named(aws: FaultServer, run: Any) -> None:
    denied = sts_error("AccessDenied", f"User: x is not authorized to perform: sts:AssumeRole on resource: {SECOND}")
    aws.on("AssumeRole", role_session("a"), denied)
    verified = run(via=({"role_arn": FIRST}, {"role_arn": SECOND}), endpoint_url=aws.url)
    assert verified.verdict.verdict == "failed"
    assert verified.verdict.cause.startswith("H-")
    assert verified.step(f"role {FIRST}").outcome == "ok"
    assert verified.step(f"role {SECOND}").outcome == "failed"


@pytest.mark.parametrize(
    ("role", "word"),
    [
        ({"role_arn": LAST}, "{account} can stand in the last one only"),
        ({"role_arn": FIRST, "tags": ("team",)}, "key=value"),
        ({"role_arn": FIRST, "tags": ("team=a", "Team=b")}, "same key"),
        ({"role_arn": FIRST, "tags": ("aws:x=1",)}, "no session tag"),
        ({"role_arn": FIRST, "tags": ("team=a;b",)}, "takes letters"),
        ({"role_arn": FIRST, "tags": tuple(f"k{n}=v" for n in range(51))}, "50 tags at most"),
        ({"role_arn": FIRST, "transitive_tags": ("team",)}, "is no session tag here"),
        ({"role_arn": FIRST, "source_identity": "a b"}, "2 to 64 characters"),
        ({"role_arn": FIRST, "duration": 60}, "900"),
        ({"role_arn": "role/x"}, "looks like"),
    ],
)
def test_what_is_no_role_on_the_way(role: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError) as raised:
        AwsConfig.model_validate({"via": (role,)})
    assert word in str(raised.value)


def test_a_role_on_the_way_of_another_partition_is_seen_without_a_call(run: Any) -> None:
    verdict = run(via=({"role_arn": "arn:aws-cn:iam::111122223333:role/x"},)).verdict
    assert (verdict.cause, verdict.calls) == ("C-PARTITION", 0)
