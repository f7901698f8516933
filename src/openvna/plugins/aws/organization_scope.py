"""The scope of an organization as a whole: what AWS Organizations told while the accounts were looked for.

It costs no calls of its own. Types that are `organization` belong to it, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from openvna.model import Failure, Outcome, Scope
from openvna.plugin import Complete, Problem, Record
from openvna.plugins.aws.declaration import ResourceType
from openvna.plugins.aws.organization import Membership
from openvna.plugins.aws.paths import Malformed

_UNITS = ("O-OU-AMBIGUOUS", "O-OU-UNKNOWN")


def organization_scope(partition: str) -> Scope:
    """The scope that stands for the organization."""
    return Scope(f"{partition}/organization", partition, "", "")


def accounts(types: Sequence[ResourceType], scope: Scope, found: Membership) -> Iterator[Record | Complete | Problem]:
    """The accounts of the organization as resources of these types."""
    # An account of a unit that was not found is not gone.
    lacking = [
        Failure(Outcome.FAILED, f"Not all accounts were listed. {each.said}", cause=each.cause)
        for each in found.mismatches
        if each.cause in _UNITS
    ]
    for declared in types:
        failures = list(lacking)
        for each in found.accounts:
            try:
                yield Record(declared.resource(dict(each.raw), scope))
            except Malformed as error:
                failures.append(Failure(Outcome.FAILED, f"The account {each.id} cannot be read: {error}."))
        yield Problem(declared.type, failures[0]) if failures else Complete(declared.type)
