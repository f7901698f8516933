"""The least-privilege policy: features to statements to policy documents. Pure; all of it comes from declarations.

One statement a feature, so that who administers the account can leave features out, and so that a denial says which
part of the network is lost. What the actions are is said by the features (`types.FEATURES`) and by nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from openvna.model import InvalidInput
from openvna.plugin import Feature
from openvna.plugins.aws.features import ON_REQUEST
from openvna.plugins.aws.types import FEATURES

MANAGED_LIMIT = 6144
"""Characters of a managed policy, white space not counted (IAM user guide, "IAM and AWS STS quotas")."""
INLINE_LIMIT = 10_240
"""Characters of all inline policies of a role together, counted alike."""

ON_ITSELF = frozenset({"iam:GetRole", "iam:SimulatePrincipalPolicy"})
"""Actions that we only ask for about the identity that we are."""

READING = {
    "ec2": ("Describe",),
    "elasticloadbalancing": ("Describe",),
    "organizations": ("Describe", "List"),
    "directconnect": ("Describe", "List"),
    "networkmanager": ("Describe", "List"),
    "network-firewall": ("Describe", "List"),
    "route53resolver": ("List",),
    "vpc-lattice": ("List",),
}
"""Beginnings of action names that only reading actions have, by service: what a short policy may write with a `*`.

AWS's own list of actions is no dependency of the product. A test holds this table to it: each action that begins so is
of access level Read or List. A service that is not here has its actions written out.
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of an Allow. In `resources`, `{partition}` and `{account}` stand for what the place of the policy
    decides; each format writes them in its own way."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)

    def as_json(self) -> dict[str, Any]:
        return {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": self.resources[0] if len(self.resources) == 1 else list(self.resources),
        }


def chosen(wanted: Collection[str] | None = None, without: Collection[str] = ()) -> tuple[Feature, ...]:
    """The features of these ids; None: all but those that one has to ask for. Raises `InvalidInput`.

    What is always needed cannot be left out, but need not be asked for: a policy for one feature is an addition.
    """
    unknown = [each for each in (*(wanted or ()), *without) if each not in FEATURES]
    if unknown:
        raise InvalidInput(
            f"There is no feature {unknown[0]!r}.",
            f"There are: {', '.join(FEATURES)}.",
            "Choose one of them (see `openvna plugin features aws`).",
        )
    needed = [each for each in without if not FEATURES[each].optional]
    if needed:
        raise InvalidInput(
            f"The feature {needed[0]!r} cannot be left out.",
            f"{FEATURES[needed[0]].title}: {FEATURES[needed[0]].description}",
            "Leave out optional features only.",
        )
    on_request = {each.id for each in ON_REQUEST}
    return tuple(
        feature
        for id, feature in FEATURES.items()
        if id not in without and (id in wanted if wanted is not None else id not in on_request)
    )


def statements(features: Iterable[Feature], identity: str = "", short: bool = False) -> tuple[Statement, ...]:
    """One statement a feature. `identity` is the role or user that gets the policy: an ARN, or a role's name with its
    path; what is asked about oneself is then allowed on it alone, in a statement of its own.

    `short`: reading actions in groups (`Describe*`). A group is not one feature's, so all is one statement then.
    """
    found: list[Statement] = []
    for feature in features:
        sid = sid_of(feature.id)
        alone = [action for action in feature.permissions if identity and action in ON_ITSELF]
        rest = [action for action in feature.permissions if action not in alone]
        if rest:
            found.append(Statement(sid, tuple(rest)))
        if alone:
            found.append(Statement(f"{sid}OfItself", tuple(alone), (_arn_of(identity),)))
    if not short:
        return tuple(found)
    wide = sorted({_grouped(action) for each in found if each.resources == ("*",) for action in each.actions})
    merged = [Statement("OpenVNA", tuple(wide))] if wide else []
    return (*merged, *(each for each in found if each.resources != ("*",)))


def sid_of(id: str) -> str:
    """The Sid of a feature's statement: IAM takes letters and digits only."""
    return "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", id))


def packed(wanted: Iterable[Statement], limit: int = MANAGED_LIMIT) -> tuple[tuple[Statement, ...], ...]:
    """The statements in as many policies as `limit` makes of them, in their order. One that is too large alone is cut
    into several, numbered from 2 on."""
    policies: list[list[Statement]] = []
    for statement in wanted:
        for part in _cut(statement, limit):
            if policies and size(document([*policies[-1], part])) <= limit:
                policies[-1].append(part)
            else:
                policies.append([part])
    return tuple(tuple(each) for each in policies)


def document(of: Iterable[Statement]) -> dict[str, Any]:
    """The policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": [each.as_json() for each in of]}


def filled(of: Iterable[Statement], partition: str, account: str) -> tuple[Statement, ...]:
    """The statements with partition and account put where they belong."""
    return tuple(
        replace(each, resources=tuple(_placed(one, partition, account) for one in each.resources)) for each in of
    )


def size(policy: Mapping[str, Any]) -> int:
    """The characters of a policy as IAM counts them: without white space."""
    return len(re.sub(r"\s", "", json.dumps(policy, separators=(",", ":"), ensure_ascii=False)))


def _placed(resource: str, partition: str, account: str) -> str:
    return resource.replace("{partition}", partition).replace("{account}", account)


def _arn_of(identity: str) -> str:
    if identity.startswith("arn:"):
        return identity
    return "arn:{partition}:iam::{account}:role/" + identity.removeprefix("role/").strip("/")


def _grouped(action: str) -> str:
    service, _, name = action.partition(":")
    return next((f"{service}:{start}*" for start in READING.get(service, ()) if name.startswith(start)), action)


def _cut(statement: Statement, limit: int) -> Sequence[Statement]:
    parts = [statement]
    while size(document([parts[-1]])) > limit and len(parts[-1].actions) > 1:
        whole = parts.pop()
        count = len(whole.actions)
        while size(document([replace(whole, actions=whole.actions[:count])])) > limit and count > 1:
            count -= 1
        following = f"{statement.sid}{len(parts) + 2}"
        parts += [
            replace(whole, actions=whole.actions[:count]),
            replace(whole, actions=whole.actions[count:], sid=following),
        ]
    return parts
