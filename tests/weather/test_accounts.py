"""An account that leaves its organization, or that does not let us in any more: only what AWS Organizations says is
gone goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openvna.model import RunState
from support.fake_organization import PROD, TEST, FakeOrganization, not_trusted, unit_id
from support.fault_server import ACCOUNT, Answer, Request, json_error
from support.sky import HOME, VPC, Watch, session_of, watching

ROLE = "arn:aws:iam::{}:role/OpenVNA"


def scope(account: str) -> str:
    return f"aws/{account}/{HOME}"


@pytest.fixture
def organization() -> FakeOrganization:
    return FakeOrganization(
        units={unit_id(1): ("Workloads", "r-ab12")},
        accounts={ACCOUNT: "r-ab12", PROD: unit_id(1), TEST: unit_id(1)},
    )


@pytest.fixture
def watch(tmp_path: Path, organization: FakeOrganization) -> Iterator[Watch]:
    """The management account and two others, each with the same network."""
    with watching(tmp_path, organization={"role_name": "OpenVNA"}, regions=[HOME]) as watch:
        sky = watch.sky
        sky.accounts += [PROD, TEST]
        organization.serve(sky.aws)

        def assume(request: Request) -> Answer:
            return session_of(organization._assume(request), request.params["RoleArn"].split(":")[4])

        sky.aws.on("AssumeRole", assume)
        watch.clears(None)
        yield watch


def test_a_role_that_is_refused_leaves_the_account_as_last_seen(watch: Watch, organization: FakeOrganization) -> None:
    organization.without_role.add(TEST)
    runs = watch.collect(None)
    assert {key: run.state for key, run in runs.items()} == {
        scope(ACCOUNT): RunState.OK,
        scope(PROD): RunState.OK,
        f"aws/{TEST}": RunState.FAILED,
        "aws/organization": RunState.OK,
    }
    failure = runs[f"aws/{TEST}"].failure
    assert failure is not None
    assert failure.cause == "H-TRUST"
    assert ROLE.format(TEST) in failure.remedy
    held = watch.resources()
    assert set(held) == watch.sky.ids()
    assert {row.account for row in held.values() if row.stale} == {TEST}
    organization.without_role.clear()
    watch.clears(None)


def test_a_role_that_is_refused_in_mid_run_leaves_the_account_as_last_seen(
    watch: Watch, organization: FakeOrganization
) -> None:
    """It was entered, and its session ended after the first page: a new one is refused."""
    sky = watch.sky

    def then_refused(request: Request) -> Answer:
        if request.token.endswith(TEST):
            organization.refusals[TEST] = not_trusted(ROLE.format(TEST))
            return json_error("ExpiredTokenException", "The security token included in the request is expired")
        return sky.list_firewalls(request)

    sky.aws.on("ListFirewalls", then_refused)
    runs = watch.collect(None)
    assert runs[scope(PROD)].state is RunState.OK
    assert runs[scope(TEST)].state in (RunState.PARTIAL, RunState.FAILED)
    watch.hold()
    organization.refusals.clear()
    sky.aws.on("ListFirewalls", sky.list_firewalls)
    watch.clears(None)


def test_an_account_that_is_closed_goes_with_a_reason_and_the_others_stay(
    watch: Watch, organization: FakeOrganization
) -> None:
    organization.states[TEST] = "CLOSED"
    organization.without_role.add(TEST)
    watch.sky.accounts.remove(TEST)
    runs = watch.collect(None)
    assert runs[scope(PROD)].state is runs[scope(ACCOUNT)].state is RunState.OK
    watch.shows_the_truth()
    reasons = {change.reason for change in watch.store.changes.list(limit=1000).items if change.kind == "deleted"}
    assert reasons == {f"AWS Organizations says that the account {TEST} is closed."}


def test_a_suspended_account_stays_as_last_seen(watch: Watch, organization: FakeOrganization) -> None:
    """It may come back: nothing is said of what is in it."""
    organization.states[TEST] = "SUSPENDED"
    watch.collect(None)
    held = watch.resources()
    assert {row.account for row in held.values() if row.type == VPC} == {ACCOUNT, PROD, TEST}
    assert {row.account for row in held.values() if row.stale} == {TEST}
    organization.states.clear()
    watch.clears(None)


def test_nothing_goes_when_organizations_does_not_answer(watch: Watch, organization: FakeOrganization) -> None:
    (listed,) = watch.sky.aws.said("ListAccounts")
    watch.sky.aws.on("ListAccounts", json_error("ServiceException", "It is broken.", 500))
    (run,) = watch.collect(None).values()
    assert run.state is RunState.FAILED
    assert set(watch.resources()) == watch.sky.ids()
    watch.sky.aws.on("ListAccounts", listed)
    watch.clears(None)
