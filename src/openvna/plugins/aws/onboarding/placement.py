"""Which statements go into which policy of the role, within what AWS lets a role have. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openvna.model import InvalidInput
from openvna.plugin import Feature
from openvna.plugins.aws.features import ORGANIZATION
from openvna.plugins.aws.policy import (
    INLINE_LIMIT,
    MANAGED_LIMIT,
    Statement,
    document,
    packed,
    sid_of,
    size,
    statements,
)

MANAGED_COUNT = 10
"""Managed policies that a role takes, unless its account's quota was raised (IAM user guide, "IAM quotas")."""

_SLACK = 120
"""Characters by which a placeholder can grow when it is filled in: partition, account, and a role's name of 64."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The statements as policies of the role: first managed ones, then those that are written into the role."""

    managed: tuple[tuple[Statement, ...], ...]
    inline: tuple[tuple[Statement, ...], ...]
    features: tuple[Feature, ...]

    @property
    def all(self) -> tuple[tuple[Statement, ...], ...]:
        return (*self.managed, *self.inline)

    def feature_of(self, statement: Statement) -> Feature:
        """The feature that a statement, or a part of one that was cut, belongs to."""
        fitting = [each for each in self.features if statement.sid.startswith(sid_of(each.id))]
        return max(fitting, key=lambda each: len(sid_of(each.id)))


def placed(
    features: Sequence[Feature], role: str, *, inline_first: bool = False, members: Statement | None = None
) -> Placed:
    """What these features need, as policies of the role of this name.

    Ten managed policies, and what does not fit into them inline; with `inline_first` one inline policy where all of
    it fits there. `members` goes with the feature of organizations. Raises `InvalidInput` where it fits in no way.
    """
    wanted = [*statements(features, role), *([members] if members else ())]
    whole = packed(wanted, INLINE_LIMIT - _SLACK)
    if inline_first and len(whole) == 1:
        return Placed((), whole, tuple(features))
    policies = packed(wanted, MANAGED_LIMIT - _SLACK)
    managed, rest = policies[:MANAGED_COUNT], policies[MANAGED_COUNT:]
    if _together(rest) > INLINE_LIMIT:
        raise InvalidInput(
            "These features need more permissions than one role can hold.",
            f"It takes {MANAGED_COUNT} managed policies of {MANAGED_LIMIT:,} characters, and {INLINE_LIMIT:,} inline.",
            "Choose fewer features, or set up two sources with a role each.",
            (("features", "Choose fewer of them."),),
        )
    return Placed(managed, rest, tuple(features))


def into_members(role: str) -> Statement:
    """What lets one account's role take the roles of that name in the others."""
    return Statement(f"{sid_of(ORGANIZATION.id)}Members", ("sts:AssumeRole",), ("arn:{partition}:iam::*:role/" + role,))


def _together(policies: Sequence[Sequence[Statement]]) -> int:
    return sum(size(document(each)) + _SLACK for each in policies)
