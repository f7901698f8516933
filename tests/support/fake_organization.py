"""An AWS organization of a few lines, served by `fault_server`: accounts in a tree of units, with tags and roles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from support.fault_server import (
    ACCOUNT,
    USER,
    Answer,
    FaultServer,
    Request,
    json_answer,
    json_error,
    role_session,
    sts_error,
)

ORGANIZATION = "o-exampleorgid"
ROOT = "r-ab12"
PAGE = 20
"""What Organizations gives at most (botocore, shape MaxResults)."""
PROD, SUSPENDED, TEST, WORKLOADS, SANDBOX, PLAY = (f"22220000000{number}" for number in range(1, 7))
"""The accounts of `small_organization`, named after what they are in."""


def unit_id(number: int) -> str:
    return f"ou-ab12-{number:08d}"


@dataclass
class FakeOrganization:
    """`units`: id to (name, parent). `accounts`: id to the parent. What is not told of an account is usual."""

    management: str = ACCOUNT
    units: dict[str, tuple[str, str]] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    without_role: set[str] = field(default_factory=set)
    refusals: dict[str, Answer] = field(default_factory=dict)
    """What AssumeRole answers in an account."""

    def serve(self, server: FaultServer) -> FakeOrganization:
        """Answer for it from now on."""
        described = {"Organization": {"Id": ORGANIZATION, "MasterAccountId": self.management}}
        server.on("DescribeOrganization", json_answer(described))
        server.on("ListRoots", json_answer({"Roots": [{"Id": ROOT, "Name": "Root"}]}))
        server.on("ListAccounts", self._paged("Accounts", lambda _: self._listed(self.accounts)))
        server.on("ListAccountsForParent", self._of_parent("Accounts", self._accounts_in))
        server.on("ListOrganizationalUnitsForParent", self._of_parent("OrganizationalUnits", self._units_in))
        server.on("ListTagsForResource", self._paged("Tags", self._tags_of))
        server.on("AssumeRole", self._assume)
        return self

    def _listed(self, ids: Iterable[str]) -> list[Mapping[str, str]]:
        return [
            {
                "Id": id,
                "Arn": f"arn:aws:organizations::{self.management}:account/{ORGANIZATION}/{id}",
                "Name": f"account-{id[-4:]}",
                "State": self.states.get(id, "ACTIVE"),
                "Email": f"{id}@example.net",
            }
            for id in ids
        ]

    def _accounts_in(self, parent: str) -> list[Mapping[str, str]]:
        return self._listed(id for id, inside in self.accounts.items() if inside == parent)

    def _units_in(self, parent: str) -> list[Mapping[str, str]]:
        return [{"Id": id, "Name": name} for id, (name, inside) in self.units.items() if inside == parent]

    def _tags_of(self, request: Request) -> list[Mapping[str, str]]:
        tags = self.tags.get(request.params["ResourceId"], {})
        return [{"Key": key, "Value": value} for key, value in tags.items()]

    def _of_parent(self, member: str, inside: Callable[[str], list[Mapping[str, str]]]) -> Callable[[Request], Answer]:
        pages = self._paged(member, lambda request: inside(request.params["ParentId"]))

        def answer(request: Request) -> Answer:
            parent = request.params["ParentId"]
            if parent != ROOT and parent not in self.units:
                return json_error("ParentNotFoundException", "You specified parent that doesn't exist.")
            return pages(request)

        return answer

    def _paged(self, member: str, items: Callable[[Request], list[Mapping[str, str]]]) -> Callable[[Request], Answer]:
        """Pages of 20. The second one is empty and has a token all the same, as AWS warns that it may be."""

        def answer(request: Request) -> Answer:
            everything, token = items(request), str(request.params.get("NextToken", ""))
            if not token or token == "empty":
                following = "empty" if not token else "20"
                page = everything[:PAGE] if not token else []
                more = len(everything) > PAGE
            else:
                start = int(token)
                page, following, more = (
                    everything[start : start + PAGE],
                    str(start + PAGE),
                    len(everything) > start + PAGE,
                )
            return json_answer({member: page, **({"NextToken": following} if more else {})})

        return answer

    def _assume(self, request: Request) -> Answer:
        arn = request.params["RoleArn"]
        account = arn.split(":")[4]
        if account in self.refusals:
            return self.refusals[account]
        if account in self.without_role:
            return not_trusted(arn)
        return role_session(f"arn:aws:sts::{account}:assumed-role/{arn.rpartition('/')[2]}/openvna")


def small_organization() -> FakeOrganization:
    """Workloads with Prod and Test in it, Sandbox with another Prod in it, and a unit without accounts."""
    return FakeOrganization(
        units={
            unit_id(1): ("Workloads", ROOT),
            unit_id(2): ("Prod", unit_id(1)),
            unit_id(3): ("Test", unit_id(1)),
            unit_id(4): ("Sandbox", ROOT),
            unit_id(5): ("Prod", unit_id(4)),
            unit_id(6): ("Security Tooling", ROOT),
        },
        accounts={
            ACCOUNT: ROOT,
            PROD: unit_id(2),
            SUSPENDED: unit_id(2),
            TEST: unit_id(3),
            WORKLOADS: unit_id(1),
            SANDBOX: unit_id(4),
            PLAY: unit_id(5),
        },
        states={SUSPENDED: "SUSPENDED"},
        tags={PROD: {"stage": "prod", "network": ""}, TEST: {"stage": "test"}},
    )


def not_trusted(arn: str, user: str = USER) -> Answer:
    """What AWS says where a role does not trust the caller, or does not exist."""
    return sts_error("AccessDenied", f"User: {user} is not authorized to perform: sts:AssumeRole on resource: {arn}")
