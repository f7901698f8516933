"""Which client is used, and that each may stand in for the other."""

from __future__ import annotations

import gc
from weakref import WeakValueDictionary

import pytest

from openvna.model import Outcome, SourceUnusable
from openvna.plugins.aws.api import Apart, CallError, Credentials
from openvna.plugins.aws.callers import callers
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.faults import Context, explain_call_error
from openvna.plugins.aws.retries import AT_ONCE
from openvna.plugins.aws.wire import models
from openvna.plugins.aws.wire.models import UnknownOperation, load
from openvna.plugins.aws.wire.operations import Operations
from support.page_server import PageServer, in_turn, vpcs

KEY = Credentials("AKIAIOSFODNN7EXAMPLE", "x" * 40)
WANTED = {"ec2": frozenset({"DescribeVpcs"})}


def described(environment: dict[str, str]) -> list[str]:
    with PageServer(in_turn(vpcs("vpc-1"))).running() as server:
        opened = callers(AwsConfig(endpoint_url=server.url), WANTED, environment)
        answer = opened.api(lambda: KEY, AT_ONCE).call("ec2", "DescribeVpcs", "eu-west-1", {})
        opened.close()
        agent = server.asked[0].headers["user-agent"]
    assert answer["Vpcs"] == [{"VpcId": "vpc-1", "IsDefault": False}]
    return agent.split()


def test_our_own_client_is_used_unless_botocore_is_chosen() -> None:
    assert described({}) == ["openvna"]
    assert described({"OPENVNA_AWS_CLIENT": "thin"}) == ["openvna"]
    assert described({"OPENVNA_AWS_CLIENT": "Botocore"})[0].startswith("Botocore/")


def test_another_choice_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SourceUnusable) as caught:
        callers(AwsConfig(), WANTED, {"OPENVNA_AWS_CLIENT": "boto4"})
    assert "boto4" in caught.value.what
    assert "thin and botocore" in caught.value.why


def test_what_our_client_does_not_speak_is_asked_by_botocore(monkeypatch: pytest.MonkeyPatch) -> None:
    def unspoken(self: Operations, service: str, name: str) -> None:
        raise UnknownOperation("it is spoken in Morse")

    monkeypatch.setattr(Operations, "get", unspoken)
    assert described({})[0].startswith("Botocore/")


def test_a_service_that_botocore_does_not_have_is_named() -> None:
    with pytest.raises(UnknownOperation, match="nobody-knows-it"):
        load("nobody-knows-it")


def test_an_operation_that_a_service_does_not_have_is_named() -> None:
    with pytest.raises(UnknownOperation, match="DescribeClouds"):
        Operations().get("ec2", "DescribeClouds")


@pytest.mark.parametrize("client", ["thin", "botocore"])
@pytest.mark.parametrize(("known", "cause"), [("S-EXPIRED", "S-EXPIRED"), ("", "C-SOURCE")])
def test_a_credential_that_ends_while_we_are_at_work_has_its_cause(client: str, known: str, cause: str) -> None:
    def ended() -> Credentials:
        error = SourceUnusable("The sign-in is over.")
        error.cause = known
        raise error

    opened = callers(AwsConfig(endpoint_url="http://127.0.0.1:1"), WANTED, {"OPENVNA_AWS_CLIENT": client})
    with pytest.raises(CallError) as caught:
        opened.api(ended, AT_ONCE).call("ec2", "DescribeVpcs", "eu-west-1", {})
    opened.close()
    assert caught.value.cause == cause


@pytest.mark.parametrize("client", ["thin", "botocore"])
@pytest.mark.parametrize(("service", "operation"), [("ec2", "DescribeClouds"), ("nobody-knows-it", "ListAll")])
def test_what_the_installed_botocore_does_not_know_cannot_be_had_and_is_no_defect(
    client: str, service: str, operation: str
) -> None:
    """AWS takes operations back, and an older botocore lacks what came later: both are within what we install with."""
    opened = callers(AwsConfig(endpoint_url="http://127.0.0.1:9"), WANTED, {"OPENVNA_AWS_CLIENT": client})
    api = opened.api(lambda: KEY, AT_ONCE)
    with pytest.raises(CallError, match=f"no operation {operation} of {service}") as caught:
        api.call(service, operation, "eu-west-1", {})
    if isinstance(api, Apart):
        with pytest.raises(CallError, match=operation):
            api.call_apart(service, operation, "eu-west-1", {}, "Items")
    opened.close()
    told = explain_call_error(caught.value, Context())
    assert (told.outcome, told.cause) == (Outcome.UNSUPPORTED, "R-NO-OPERATION")
    assert "pip install --upgrade botocore" in told.remedy


def test_the_part_of_a_model_that_one_operation_needs_is_whole_and_small() -> None:
    model = load("outposts")
    part = model.of("ListOutposts")
    assert set(part.operations) == {"ListOutposts"}
    assert {"ListOutpostsInput", "ListOutpostsOutput", "outpostListDefinition", "Outpost", "TagMap"} <= set(part.shapes)
    assert "Order" not in part.shapes
    assert part.metadata == model.metadata


def test_a_model_is_let_go_once_its_operations_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    held: WeakValueDictionary[str, models.Model] = WeakValueDictionary()
    monkeypatch.setattr(models, "_LOADED", held)  # others of this process may hold one of their own
    Operations({"outposts": frozenset({"ListOutposts", "ListSites"})}).get("outposts", "ListOutposts")
    gc.collect()
    assert "outposts" not in held
