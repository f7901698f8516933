"""Who may take the role: the trust policy for each sort of principal, in AWS's own words."""

from __future__ import annotations

from typing import Any

import pytest

from openvna.plugins.aws.onboarding.options import AwsOnboarding
from openvna.plugins.aws.onboarding.trust import Place, principal, trust_policy

EXTERNAL_ID = "6f1d9c1e-2f63-4c0b-9d0a-0d7c0c1b9a55"
SSO = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_NetworkAudit_0123456789abcdef/alice@example.com"


def statement(place: Place | None = None, **options: Any) -> dict[str, Any]:
    chosen = AwsOnboarding(**options)
    at = place or Place(chosen.partition, "444455556666", principal(chosen), EXTERNAL_ID)
    policy = trust_policy(chosen, at)
    assert policy["Version"] == "2012-10-17"
    (found,) = policy["Statement"]
    assert found["Effect"] == "Allow"
    return dict(found)


@pytest.mark.parametrize(
    ("caller", "named"),
    [
        ("arn:aws:iam::111122223333:user/gateway", "arn:aws:iam::111122223333:user/gateway"),
        ("arn:aws:iam::111122223333:role/network/gateway", "arn:aws:iam::111122223333:role/network/gateway"),
        ("arn:aws:sts::111122223333:assumed-role/gateway/i-0a1b2c3d", "arn:aws:iam::111122223333:role/gateway"),
        ("arn:aws-cn:sts::111122223333:assumed-role/gateway/s", "arn:aws-cn:iam::111122223333:role/gateway"),
        ("arn:aws-us-gov:sts::111122223333:assumed-role/gateway/s", "arn:aws-us-gov:iam::111122223333:role/gateway"),
    ],
)
def test_it_names_the_role_of_a_session_and_not_the_session(caller: str, named: str) -> None:
    found = statement(caller=caller)
    assert found["Principal"] == {"AWS": named}
    assert found["Action"] == "sts:AssumeRole"
    assert found["Condition"] == {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}


def test_a_permission_set_is_named_by_its_account_and_narrowed_to_its_role() -> None:
    """Its role has a path with the region of Identity Center, which the session's ARN does not show."""
    found = statement(caller=SSO)
    assert found["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    assert found["Condition"] == {
        "StringEquals": {"sts:ExternalId": EXTERNAL_ID},
        "ArnLike": {
            "aws:PrincipalArn": "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/"
            "*AWSReservedSSO_NetworkAudit_0123456789abcdef"
        },
    }


@pytest.mark.parametrize(
    ("partition", "service"),
    [
        ("aws", "ec2.amazonaws.com"),
        ("aws-us-gov", "ec2.amazonaws.com"),
        ("aws-cn", "ec2.amazonaws.com.cn"),
        ("aws-iso", "ec2.c2s.ic.gov"),
    ],
)
def test_an_instance_has_it_by_ec2(partition: str, service: str) -> None:
    found = statement(way="machine", runs_on="ec2", partition=partition)
    assert found["Principal"] == {"Service": service}
    assert found["Action"] == "sts:AssumeRole"
    assert "Condition" not in found


def test_a_task_has_it_by_ecs_for_tasks_of_this_account_alone() -> None:
    found = statement(way="machine", runs_on="ecs")
    assert found["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert found["Condition"] == {"StringEquals": {"aws:SourceAccount": "444455556666"}}
    assert "Condition" not in statement(Place("aws", ""), way="machine", runs_on="ecs"), "the account is not known"


def test_a_pod_has_it_by_pod_identity_which_tags_its_sessions() -> None:
    found = statement(way="machine", runs_on="eks-pod-identity")
    assert found["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert found["Action"] == ["sts:AssumeRole", "sts:TagSession"]


@pytest.mark.parametrize(
    "issuer",
    [
        "https://oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789ABCDEF0123456789",
        "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789ABCDEF0123456789/",
        "arn:aws:iam::444455556666:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789ABCDEF0123456789",
    ],
)
def test_a_service_account_has_it_by_the_clusters_issuer(issuer: str) -> None:
    found = statement(way="machine", runs_on="eks-irsa", oidc_provider=issuer, service_account="network:gateway")
    host = "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789ABCDEF0123456789"
    assert found["Principal"] == {"Federated": f"arn:aws:iam::444455556666:oidc-provider/{host}"}
    assert found["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert found["Condition"] == {
        "StringEquals": {
            f"{host}:aud": "sts.amazonaws.com",
            f"{host}:sub": "system:serviceaccount:network:gateway",
        }
    }


def test_in_china_a_service_accounts_token_is_made_out_to_another_audience() -> None:
    found = statement(
        way="machine",
        runs_on="eks-irsa",
        oidc_provider="https://oidc.eks.cn-north-1.amazonaws.com.cn/id/ABC",
        partition="aws-cn",
    )
    assert found["Condition"]["StringEquals"]["oidc.eks.cn-north-1.amazonaws.com.cn/id/ABC:aud"] == (
        "sts.amazonaws.com.cn"
    )


def test_a_certificate_has_it_by_roles_anywhere_from_one_trust_anchor() -> None:
    anchor = "arn:aws:rolesanywhere:eu-west-1:444455556666:trust-anchor/5f3a0b7c-0000-4000-8000-000000000000"
    found = statement(way="roles-anywhere", trust_anchor_arn=anchor)
    assert found["Principal"] == {"Service": "rolesanywhere.amazonaws.com"}
    assert found["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
    assert found["Condition"] == {"ArnEquals": {"aws:SourceArn": anchor}}
