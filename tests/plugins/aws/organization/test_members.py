"""Which accounts of an organization are meant: by id, unit and tag, included and excluded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.features import ORGANIZATION
from openvna.plugins.aws.organization import ACTIONS, Membership, described
from openvna.plugins.aws.pace import Pace, Turns
from openvna.plugins.aws.session import AwsSession
from support.fake_organization import (
    PLAY,
    PROD,
    ROOT,
    SANDBOX,
    SUSPENDED,
    TEST,
    WORKLOADS,
    FakeOrganization,
    unit_id,
)
from support.fault_server import ACCOUNT, FaultServer, json_answer, json_error

Find = Callable[..., Membership]


@pytest.mark.parametrize(
    ("filters", "chosen"),
    [
        ({}, {ACCOUNT, PROD, TEST, WORKLOADS, SANDBOX, PLAY}),
        ({"include": {"accounts": [PROD, PLAY]}}, {PROD, PLAY}),
        ({"exclude": {"accounts": [PROD, ACCOUNT]}}, {TEST, WORKLOADS, SANDBOX, PLAY}),
        ({"include": {"ous": [unit_id(1)]}}, {PROD, TEST, WORKLOADS}),
        ({"include": {"ous": ["Workloads"]}}, {PROD, TEST, WORKLOADS}),
        ({"include": {"ous": ["Workloads/Prod"]}}, {PROD}),
        ({"include": {"ous": ["/Sandbox", "Test"]}}, {SANDBOX, PLAY, TEST}),
        ({"include": {"ous": [ROOT]}, "exclude": {"ous": ["Sandbox/Prod"]}}, {ACCOUNT, PROD, TEST, WORKLOADS, SANDBOX}),
        ({"exclude": {"ous": ["Workloads"]}}, {ACCOUNT, SANDBOX, PLAY}),
        ({"include": {"tags": ["stage"]}}, {PROD, TEST}),
        ({"include": {"tags": ["stage=prod", "stage=test"]}}, {PROD, TEST}),
        ({"include": {"tags": ["network="]}}, {PROD}),
        ({"exclude": {"tags": ["stage=test"]}}, {ACCOUNT, PROD, WORKLOADS, SANDBOX, PLAY}),
        ({"include": {"ous": ["Workloads"], "tags": ["stage=prod"]}}, {PROD}),
        ({"include": {"ous": ["Workloads"], "accounts": [TEST, SANDBOX]}}, {TEST}),
        ({"include": {"tags": ["stage"]}, "exclude": {"accounts": [PROD]}}, {TEST}),
        ({"own_account": "leave-out"}, {PROD, TEST, WORKLOADS, SANDBOX, PLAY}),
    ],
)
def test_filters(organization: FakeOrganization, find: Find, filters: dict[str, Any], chosen: set[str]) -> None:
    assert set(find(**filters).chosen) == chosen


def test_accounts_that_are_not_active_are_left_out_and_told(organization: FakeOrganization, find: Find) -> None:
    organization.states[TEST] = "PENDING_CLOSURE"
    found = find()
    assert described(found) == (
        "5 of 7 accounts are chosen.",
        f"Left out, not active (1 PENDING_CLOSURE, 1 SUSPENDED): {SUSPENDED}, {TEST}.",
    )


@pytest.mark.parametrize("member", ["State", "Status"])
def test_the_state_is_read_under_its_new_name_and_under_its_old_one(
    aws: FaultServer, organization: FakeOrganization, find: Find, member: str
) -> None:
    accounts = [{"Id": PROD, "Name": "a", member: "ACTIVE"}, {"Id": TEST, "Name": "b", member: "SUSPENDED"}]
    aws.on("ListAccounts", json_answer({"Accounts": accounts}))
    assert find().chosen == (PROD,)


def test_every_page_is_read_also_behind_an_empty_one(organization: FakeOrganization, find: Find) -> None:
    organization.accounts = {f"3333{number:08d}": ROOT for number in range(45)}
    assert len(find().chosen) == 45


@pytest.mark.parametrize(
    ("filters", "calls"),
    [
        ({}, {"ListAccounts": 1}),
        ({"include": {"accounts": [PROD]}}, {"ListAccounts": 1}),
        # Prod alone: its accounts and what is below it. The other accounts of the organization are not listed.
        ({"include": {"ous": [unit_id(2)]}}, {"ListAccountsForParent": 1, "ListOrganizationalUnitsForParent": 1}),
        # By path: below the root and Workloads to find it, below Prod for what is in it.
        (
            {"include": {"ous": ["Workloads/Prod"]}},
            {"ListRoots": 1, "ListAccountsForParent": 1, "ListOrganizationalUnitsForParent": 3},
        ),
        # The tags of those two alone that the other filters left.
        ({"include": {"accounts": [PROD, TEST], "tags": ["stage"]}}, {"ListAccounts": 1, "ListTagsForResource": 2}),
    ],
)
def test_only_the_calls_that_the_filters_need(
    aws: FaultServer, organization: FakeOrganization, find: Find, filters: dict[str, Any], calls: dict[str, int]
) -> None:
    find(**filters)
    listing = [each.action for each in aws.requests if each.action.startswith("List")]
    assert {action: listing.count(action) for action in set(listing)} == calls


def test_throttling_is_waited_out(aws: FaultServer, organization: FakeOrganization, find: Find) -> None:
    busy = json_error("TooManyRequestsException", "Rate exceeded")
    accounts = json_answer({"Accounts": [{"Id": PROD, "Name": "a", "State": "ACTIVE"}]})
    aws.on("ListAccounts", busy, busy, busy, accounts)
    assert find().chosen == (PROD,)


def test_its_pages_keep_to_the_budget_of_the_account(
    organization: FakeOrganization, settings: Callable[..., AwsConfig]
) -> None:
    """A fifth of a budget of 10 at once and 5 a second: two pages at once, then one a second."""
    organization.accounts = {f"3333{number:08d}": ROOT for number in range(45)}  # four pages, one of them empty
    now, waited = [0.0], []

    def sleep(seconds: float) -> bool:
        waited.append(seconds)
        now[0] += seconds
        return False

    turns = Turns(ACCOUNT, 0.2, sleep=sleep, pace=Pace(lambda: now[0]))
    with AwsSession(settings()) as session:
        directory = session.access.directory(turns=turns)
        assert len(list(directory.accounts())) == 45
    assert waited == [1.0, 1.0]


def test_a_list_that_never_ends_is_an_error(aws: FaultServer, organization: FakeOrganization, find: Find) -> None:
    aws.on("ListAccounts", json_answer({"Accounts": [], "NextToken": "again"}))
    with pytest.raises(CallError, match="came twice"):
        find()


@pytest.mark.parametrize(
    ("filters", "cause", "said", "near"),
    [
        ({"include": {"accounts": ["222200000009", PROD]}}, "O-NOT-IN-ORG", "222200000009 is not in the", PROD[:11]),
        ({"include": {"accounts": [SUSPENDED, PROD]}}, "O-NOT-ACTIVE", f"{SUSPENDED} (account-0002) is SUSPENDED", ""),
        ({"exclude": {"accounts": ["999999999999"]}}, "O-NOT-IN-ORG", "excluded account 999999999999", ""),
        (
            {"include": {"ous": ["Worklods", "Sandbox"]}},
            "O-OU-UNKNOWN",
            "no organizational unit 'Worklods'",
            "Workloads",
        ),
        ({"exclude": {"ous": ["Workloads/prod"]}}, "O-OU-UNKNOWN", "'Workloads/prod'", "Workloads/Prod"),
        ({"include": {"ous": ["ou-ab12-00000012"]}}, "O-OU-UNKNOWN", "'ou-ab12-00000012'", "ou-ab12-0000000"),
        ({"include": {"ous": ["Security Tooling", "Sandbox"]}}, "O-NO-MATCH", "'Security Tooling'", ""),
        ({"include": {"tags": ["Stage", "stage=prod"]}}, "O-NO-MATCH", "has the tag 'Stage'", "stage"),
        ({"exclude": {"tags": ["stage=Prod"]}}, "O-NO-MATCH", "has the tag 'stage=Prod'", "stage=prod"),
    ],
)
def test_a_filter_that_fits_nothing_is_told(
    organization: FakeOrganization, find: Find, filters: dict[str, Any], cause: str, said: str, near: str
) -> None:
    (mismatch,) = find(**filters).mismatches
    assert mismatch.cause == cause
    assert said in mismatch.said
    assert mismatch.near.startswith(near)
    assert bool(mismatch.near) == bool(near)


def test_a_name_that_several_units_have_chooses_none_of_them(organization: FakeOrganization, find: Find) -> None:
    found = find(include={"ous": ["Prod"]})
    assert found.chosen == ()
    (mismatch,) = found.mismatches
    assert mismatch.cause == "O-OU-AMBIGUOUS"
    assert f"Workloads/Prod ({unit_id(2)})" in mismatch.said
    assert f"Sandbox/Prod ({unit_id(5)})" in mismatch.said


def test_accounts_outside_of_the_units_are_said_to_be_so(organization: FakeOrganization, find: Find) -> None:
    (mismatch,) = find(include={"ous": ["Workloads"], "accounts": [SANDBOX, PROD]}).mismatches
    assert mismatch.said == f"Account {SANDBOX} is in none of the organizational units."


def test_the_feature_allows_just_the_calls_that_are_made() -> None:
    assert set(ACTIONS) == set(ORGANIZATION.permissions)
