"""The whole way to a (simulated) AWS and back: what was created there is what is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

import pytest

from openvna.demo.seed import Seeded
from openvna.model import Outcome, Resource, Scope, SourceUnusable
from openvna.plugin import Complete, Problem, Record, ScopeProblem
from openvna.plugin.forecast import Known
from openvna.plugins.aws import plugin
from openvna.plugins.aws.access import Access
from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.budgets import budget
from openvna.plugins.aws.config import AccessKey, AssumeRole, AwsConfig, Profile
from openvna.plugins.aws.demand import demands
from openvna.plugins.aws.session import AwsSession
from openvna.plugins.aws.types import TYPES

BROUGHT_BY_AWS = {
    "aws.account",
    "aws.region",
    "aws.ec2.availability-zone",
    "aws.ec2.managed-prefix-list",
    "aws.ec2.managed-prefix-list-entry",
    "aws.ec2.service-prefix-list",
}
"""Types of which AWS itself brings some, which the network's description does not count."""

OFF = "me-south-1"
"""A region that is not enabled in the simulated AWS, as in a new account of the real one."""


@pytest.fixture(scope="module", autouse=True)
def patient() -> Iterator[None]:
    """The simulation makes its answers on the machine that runs the tests, and has to wait for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENVNA_AWS_CONNECT_SECONDS", "60")
        patch.setenv("OPENVNA_AWS_READ_SECONDS", "120")
        yield


@pytest.fixture(scope="module")
def known() -> dict[Scope, Known]:
    """What the collection of each scope found and did, once `found` is there."""
    return {}


@pytest.fixture(scope="module")
def found(settings: AwsConfig, known: dict[Scope, Known]) -> dict[str, Resource]:
    """Every resource of the simulated network, by type and id."""
    resources = {}
    with plugin.open(settings) as session:
        for scope in session.discover():
            assert isinstance(scope, Scope), scope
            held, made = Counter[str](), Counter[str]()
            for each in session.collect(scope):
                if isinstance(each, Record):
                    resources[f"{each.resource.type} {each.resource.id}"] = each.resource
                    held[each.resource.type] += 1
                else:
                    assert isinstance(each, Complete), each
                    made.update({name: cost.calls - cost.retries for name, cost in each.by_call.items()})
            known[scope] = Known(held, made)
    return resources


def test_what_was_created_is_found_type_by_type(found: dict[str, Resource], seeded: Seeded) -> None:
    counts = Counter(resource.type for resource in found.values())
    for name in set(seeded.counts) - BROUGHT_BY_AWS:
        assert counts[name] == seeded.counts[name], name
    assert counts["aws.account"] == len(seeded.accounts)
    own = [each for each in found.values() if each.type == "aws.ec2.managed-prefix-list" and each.account != "AWS"]
    assert len(own) == seeded.counts["aws.ec2.managed-prefix-list"]


def test_a_dry_run_tells_the_calls_that_a_collection_makes(
    found: dict[str, Resource], known: dict[Scope, Known], settings: AwsConfig
) -> None:
    """By what one collection found and did, as many as it made; by what it found alone, about as many."""
    assert found
    told, drawn = Counter[str](), Counter[str]()
    for one in demands(settings, known.items()):
        told[one.api] += one.calls
        assert one.per_second is None
        assert "emulator" in one.said_by
    for each in known.values():
        for name, calls in each.calls.items():
            drawn[budget(*name.split(":"))[0]] += calls
    # Which prefix lists are asked for their associations, the customer's own, no count of all lists tells.
    told.pop("ec2:GetManagedPrefixListAssociations"), drawn.pop("ec2:GetManagedPrefixListAssociations", 0)
    assert told == drawn
    by_counts = sum(one.calls for one in demands(settings, [(s, Known(k.resources)) for s, k in known.items()]))
    assert 0.8 < by_counts / drawn.total() < 1.25


def test_every_relation_leads_to_something_that_was_found(found: dict[str, Resource]) -> None:
    known = {resource.id for resource in found.values()} | {resource.alias for resource in found.values()}
    loose = {
        (resource.type, relation.name, relation.to)
        for resource in found.values()
        for relation in resource.relations
        if relation.to not in known
    }
    assert not loose


def test_no_pre_shared_key_is_in_any_record(found: dict[str, Resource]) -> None:
    connections = [resource for resource in found.values() if resource.type == "aws.ec2.vpn-connection"]
    assert connections
    for connection in connections:
        assert "PreSharedKey" not in repr(connection)
        assert "pre_shared_key" not in repr(connection)


def test_what_belongs_to_the_account_is_listed_in_one_region_only(settings: AwsConfig) -> None:
    with plugin.open(settings) as session:
        seen = {
            scope.key: list(session.collect(scope, ["aws.account"]))
            for scope in session.discover()
            if isinstance(scope, Scope) and scope.account == "111122223333"
        }
    records = {key: [each for each in stream if isinstance(each, Record)] for key, stream in seen.items()}
    assert sorted(len(each) for each in records.values()) == [0, 1]
    assert all(isinstance(stream[-1], Complete) for stream in seen.values())


def test_all_enabled_regions_are_found_when_none_is_named(settings: AwsConfig, seeded: Seeded) -> None:
    with plugin.open(settings.model_copy(update={"regions": ()})) as session:
        regions = {scope.region for scope in session.discover() if isinstance(scope, Scope)}
    assert set(seeded.regions) <= regions
    assert len(regions) > 10
    assert OFF not in regions
    assert not any(region.startswith(("cn-", "us-gov-")) for region in regions)


def test_regions_that_are_off_or_do_not_exist_are_said_to_be(settings: AwsConfig) -> None:
    config = settings.model_copy(update={"regions": ("eu-west-1", OFF, "eu-wset-1"), "accounts": ("111122223333",)})
    with plugin.open(config) as session:
        scope, off, unknown = session.discover()
    assert isinstance(scope, Scope)
    assert isinstance(off, ScopeProblem)
    assert isinstance(unknown, ScopeProblem)
    assert (scope.region, off.scope.region, unknown.scope.region) == ("eu-west-1", OFF, "eu-wset-1")
    assert off.failure.cause == "R-NOT-OPTED-IN"
    assert OFF in off.failure.remedy
    assert unknown.failure.cause == "C-REGION"
    assert "eu-west-1" in unknown.failure.remedy


class RefusedInSpoke(Access):
    """The role of one account refuses us. (The simulated AWS trusts everybody.)"""

    asked: ClassVar[list[str]] = []

    def credentials(self, account: str) -> Credentials:
        if account != "444455556666":
            return super().credentials(account)
        self.asked.append(account)
        message = "User: arn:aws:iam::111122223333:user/u is not authorized to perform: sts:AssumeRole"
        raise CallError("AssumeRole", "AccessDenied", message, 403, "req-7")


def test_an_account_whose_role_refuses_us_does_not_hide_the_others(settings: AwsConfig) -> None:
    with AwsSession(settings, RefusedInSpoke(settings)) as session:
        seen = list(session.discover())
    problems = [each for each in seen if isinstance(each, ScopeProblem)]
    assert [each.scope.account for each in problems] == ["444455556666"]
    assert (problems[0].failure.outcome, problems[0].failure.cause) == (Outcome.DENIED, "H-TRUST")
    assert {each.account for each in seen if isinstance(each, Scope)} == {"111122223333"}


def test_an_account_that_refuses_us_is_asked_once_and_not_for_each_type(settings: AwsConfig) -> None:
    access = RefusedInSpoke(settings)
    access.asked.clear()
    with AwsSession(settings, access) as session:
        seen = list(session.collect(Scope("aws/444455556666/eu-west-1", "aws", "444455556666", "eu-west-1")))
    assert access.asked == ["444455556666"]
    assert {each.type for each in seen} == set(TYPES)
    problems = [each for each in seen if isinstance(each, Problem)]
    assert {(each.failure.outcome, each.failure.request_id) for each in problems} == {(Outcome.DENIED, "req-7")}


def test_one_account_is_never_listed_as_another(settings: AwsConfig) -> None:
    """Two accounts are configured, but the role is that of one of them, or there is none."""
    one_role = AssumeRole(role_arn="arn:aws:iam::444455556666:role/OpenVNA")
    for role, refused in ((one_role, "111122223333"), (None, "444455556666")):
        config = settings.model_copy(update={"assume_role": role})
        with plugin.open(config) as session:
            seen = list(session.discover())
            scope = Scope(f"aws/{refused}/eu-west-1", "aws", refused, "eu-west-1")
            (end,) = session.collect(scope, ["aws.ec2.vpc"])
        problems = [each for each in seen if isinstance(each, ScopeProblem)]
        assert [(each.scope.account, each.failure.cause) for each in problems] == [(refused, "C-ACCOUNT-MISMATCH")]
        assert {each.account for each in seen if isinstance(each, Scope)} == {"111122223333", "444455556666"} - {
            refused
        }
        assert isinstance(end, Problem)
        assert end.failure.cause == "C-ACCOUNT-MISMATCH"


def test_a_region_that_answers_nothing_is_a_problem_for_each_type(settings: AwsConfig) -> None:
    unreachable = settings.model_copy(update={"endpoint_url": "http://127.0.0.1:1", "assume_role": None})
    with plugin.open(unreachable) as session:
        seen = list(session.collect(Scope("aws/111122223333/eu-west-1", "aws", "111122223333", "eu-west-1")))
    assert len(seen) == len(TYPES)
    problems = [each for each in seen if isinstance(each, Problem)]
    assert {each.failure.cause for each in problems} == {"N-REFUSED"}
    elsewhere = sum(each.once or each.organization for each in TYPES.values())
    assert len(problems) >= len(TYPES) - elsewhere, "all but what is listed in another region"


@pytest.mark.parametrize("credential", [Profile(profile="nobody-knows-it"), AccessKey()])
def test_an_access_without_anything_to_try_does_not_open(credential: AccessKey | Profile) -> None:
    with pytest.raises(SourceUnusable):
        plugin.open(AwsConfig(credential=credential))
