"""Who may take the role: its trust policy, for each sort of principal. Pure.

Sources: IAM user guide, "Access to AWS accounts owned by third parties" (external id), "AWS service principals"; EKS
user guide, "IAM roles for service accounts" and "EKS Pod Identity role"; ECS developer guide, "Task IAM role"; IAM
Roles Anywhere user guide, "Trust policy".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openvna.plugins.aws.endpoints import partitions
from openvna.plugins.aws.onboarding.options import AwsOnboarding
from openvna.plugins.aws.policies import trusted


@dataclass(frozen=True, slots=True)
class Place:
    """How the form that a policy is written in names what is only known there: a value, or an expression for it."""

    partition: Any
    account: Any
    principal: Any = ""
    external_id: Any = ""


def principal(options: AwsOnboarding) -> str:
    """The ARN that the trust policy of a role names: of the role of a session, of the account of a permission set."""
    return trusted(options.caller)[0]


def trust_policy(options: AwsOnboarding, place: Place) -> dict[str, Any]:
    """The trust policy of the role that `options` ask for."""
    if options.way == "machine":
        return _machine(options, place)
    if options.way == "roles-anywhere":
        condition = {"ArnEquals": {"aws:SourceArn": options.trust_anchor_arn}}
        actions = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
        return _policy({"Service": "rolesanywhere.amazonaws.com"}, actions, condition)
    narrowed = trusted(options.caller)[1]
    return _policy(
        {"AWS": place.principal},
        "sts:AssumeRole",
        {"StringEquals": {"sts:ExternalId": place.external_id}} | narrowed,
    )


def audience(partition: str) -> str:
    """What a service account's token is made out to (EKS user guide; in China STS has another host)."""
    return "sts.amazonaws.com.cn" if partition == "aws-cn" else "sts.amazonaws.com"


def _machine(options: AwsOnboarding, place: Place) -> dict[str, Any]:
    if options.runs_on == "ec2":
        return _policy({"Service": _ec2(options.partition)}, "sts:AssumeRole")
    if options.runs_on == "ecs":
        # Only tasks of this very account: ECS must not be led to take the role for somebody else.
        known = {"StringEquals": {"aws:SourceAccount": place.account}} if place.account else None
        return _policy({"Service": "ecs-tasks.amazonaws.com"}, "sts:AssumeRole", known)
    if options.runs_on == "eks-pod-identity":
        return _policy({"Service": "pods.eks.amazonaws.com"}, ["sts:AssumeRole", "sts:TagSession"])
    issuer = options.oidc_provider
    condition = {
        f"{issuer}:aud": audience(options.partition),
        f"{issuer}:sub": f"system:serviceaccount:{options.service_account}",
    }
    provider = f"arn:{place.partition}:iam::{place.account}:oidc-provider/{issuer}"
    return _policy({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", {"StringEquals": condition})


def _ec2(partition: str) -> str:
    """EC2 is the one of these services whose principal is named after the partition's domain."""
    if partition in ("aws", "aws-us-gov", "aws-eusc"):
        return "ec2.amazonaws.com"
    return f"ec2.{partitions()[partition].suffixes[0]}"


def _policy(who: dict[str, Any], actions: str | list[str], condition: dict[str, Any] | None = None) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": "OpenVNA", "Effect": "Allow", "Principal": who, "Action": actions}
    if condition:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}
