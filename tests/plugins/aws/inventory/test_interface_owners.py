"""Whose a network interface is that no instance has, by all that EC2 tells of it."""

from __future__ import annotations

from typing import Any

import pytest

from openvna.model import Scope
from openvna.plugins.aws.interface_owners import Owner, owner
from openvna.plugins.aws.types import TYPES
from support.fake_aws import SCOPE

UUID = "4b1c7f6e-9f3a-4c1d-8e2b-1a2b3c4d5e6f"
CLUSTER = "arn:aws:kafka:eu-west-1:111122223333:cluster/events/6411a16c-75d7-48b0-afdb-8ed466fe2072-2"
NOTEBOOK = "[Do not delete] Network Interface created to access resources in your VPC for SageMaker Notebook Instance "


@pytest.mark.parametrize(
    ("description", "called"),
    [
        ("Interface for NAT Gateway nat-0f4d22a3e997d73c2", "NAT gateway nat-0f4d22a3e997d73c2"),
        ("ELB app/my-web/50dc6c495c0c9188", "Application Load Balancer my-web"),
        ("ELB net/edge/0123456789abcdef", "Network Load Balancer edge"),
        ("ELB gwy/inspect/0123456789abcdef", "Gateway Load Balancer inspect"),
        ("ELB old-web", "Classic Load Balancer old-web"),
        ("VPC Endpoint Interface vpce-0a1b2c", "VPC endpoint vpce-0a1b2c"),
        (
            "Network Interface for Transit Gateway Attachment tgw-attach-06bf47",
            "Transit gateway attachment tgw-attach-06bf47",
        ),
        (f"AWS Lambda VPC ENI-stock-level-{UUID}", "Lambda function stock-level"),
        ("AWS Lambda VPC ENI-stock-level", "Lambda function stock-level"),
        (f"AWS Lambda VPC ENI: {UUID}", "Lambda function"),
        ("RDSNetworkInterface", "RDS database"),
        ("Network interface for DBProxy proxy-1734138353499-db-1", "RDS proxy proxy-1734138353499-db-1"),
        ("RedshiftNetworkInterface", "Redshift cluster"),
        ("DMSNetworkInterface", "DMS replication instance"),
        ("ElastiCache sessions-001", "ElastiCache cluster sessions-001"),
        ("ElastiCache+sessions-001", "ElastiCache cluster sessions-001"),
        ("ES search", "OpenSearch domain search"),
        ("EFS mount target for fs-0dcdbf56073416b82 (fsmt-0852ce334db888836)", "EFS file system fs-0dcdbf56073416b82"),
        (
            "[Do not detach or untag] Amazon FSx network interface for fs-0123456789abcdef0",
            "FSx file system fs-0123456789abcdef0",
        ),
        (f"DO NOT DELETE - Amazon MSK network interface for cluster {CLUSTER}.", "MSK cluster events"),
        (f"arn:aws:ecs:eu-west-1:111122223333:attachment/{UUID}", f"ECS task {UUID}"),
        ("Amazon EKS shop", "EKS cluster shop"),
        ("aws-k8s-branch-eni", "EKS pod"),
        ("AWS created network interface for directory d-926703c1d2", "Directory d-926703c1d2"),
        ("Created By Amazon Workspaces for AWS Account ID 111122223333", "WorkSpace"),
        ("Attached to Glue using role: arn:aws:iam::111122223333:role/etl", "Glue, in the role etl"),
        (
            f"[DO NOT DELETE] ENI managed by SageMaker for Studio Domain(d-g7djlrunxivy) - {UUID}",
            "SageMaker domain d-g7djlrunxivy",
        ),
        (NOTEBOOK + "forecast", "SageMaker notebook forecast"),
        (
            NOTEBOOK + "[arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/forecast]",
            "SageMaker notebook forecast",
        ),
        ("Route 53 Resolver: rslvr-in-55829d2569:rni-949438546", "Resolver endpoint rslvr-in-55829d2569"),
        ("ClientVPN Endpoint resource", "Client VPN endpoint"),
        ("ENI managed by APIGateway", "API Gateway"),
        (
            "AWSAppRunner ENI - abcde123-abcd-1234-1234-abcde1233456",
            "App Runner service abcde123-abcd-1234-1234-abcde1233456",
        ),
        ("CloudHSM Managed Interface", "CloudHSM"),
        ("DAX orders-a", "DAX cluster orders-a"),
        ("datasync loc-0a1", "DataSync task loc-0a1"),
    ],
)
def test_services_write_it_into_the_description(description: str, called: str) -> None:
    assert str(owner({"Description": description, "InterfaceType": "interface"})) == called


@pytest.mark.parametrize(
    ("raw", "called"),
    [
        ({"InterfaceType": "nat_gateway", "Description": "mine"}, "NAT gateway"),
        ({"InterfaceType": "network_load_balancer"}, "Network Load Balancer"),
        ({"InterfaceType": "quicksight"}, "QuickSight"),
        ({"InterfaceType": "interface", "RequesterId": "amazon-rds"}, "RDS database"),
        ({"InterfaceType": "interface", "Attachment": {"InstanceId": "i-0a1"}}, "EC2 instance i-0a1"),
    ],
)
def test_type_and_requester_say_it_where_the_description_does_not(raw: dict[str, Any], called: str) -> None:
    assert str(owner(raw)) == called


@pytest.mark.parametrize(
    ("description", "tags", "called"),
    [
        (
            f"arn:aws:ecs:eu-west-1:111122223333:attachment/{UUID}",
            {"aws:ecs:clusterName": "shop", "aws:ecs:serviceName": "web"},
            "ECS service shop/web",
        ),
        (f"arn:aws:ecs:eu-west-1:111122223333:attachment/{UUID}", {"aws:ecs:clusterName": "shop"}, "ECS task in shop"),
        ("aws-K8S-i-0b86bd1d36a4864dd", {"cluster.k8s.amazonaws.com/name": "shop"}, "EKS pods in shop"),
        ("aws-K8S-i-0b86bd1d36a4864dd", {}, "EKS pods on i-0b86bd1d36a4864dd"),
        ("aws-k8s-branch-eni", {"kubernetes.io/cluster/shop": "owned"}, "EKS pods in shop"),
    ],
)
def test_what_ecs_and_eks_make_is_known_by_their_tags(description: str, tags: dict[str, str], called: str) -> None:
    raw = {"Description": description, "TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}
    assert str(owner(raw)) == called


@pytest.mark.parametrize(
    "description",
    [
        "",
        "primary",
        "Interface for NAT Gateway nat-0a1 (old)",
        "ES",
        "Amazon EKS shop, do not touch",
        "VPC peering test",
    ],
)
def test_what_merely_looks_like_it_says_nothing(description: str) -> None:
    assert owner({"Description": description, "InterfaceType": "interface"}) is None


def resource(description: str, scope: Scope = SCOPE, **more: Any) -> Any:
    raw = {"NetworkInterfaceId": "eni-0a1", "OwnerId": "111122223333", "Description": description, **more}
    return TYPES["aws.ec2.network-interface"].resource(raw, scope)


def test_an_interface_is_called_after_its_owner_and_leads_to_it() -> None:
    balancer = resource("ELB net/edge/0123456789abcdef")
    assert balancer.name == balancer.attributes["used_by"] == "Network Load Balancer edge"
    arn = f"arn:aws:elasticloadbalancing:{SCOPE.region}:111122223333:loadbalancer/net/edge/0123456789abcdef"
    assert [(each.name, each.to) for each in balancer.relations] == [("part-of", arn)]
    kafka = resource(f"DO NOT DELETE - Amazon MSK network interface for cluster {CLUSTER}")
    assert [(each.name, each.to) for each in kafka.relations] == [("part-of", CLUSTER)]


def test_a_tag_that_names_it_goes_before_and_an_instance_has_its_interfaces_by_itself() -> None:
    tagged = resource("RDSNetworkInterface", TagSet=[{"Key": "Name", "Value": "orders"}])
    assert (tagged.name, tagged.attributes["used_by"]) == ("orders", "RDS database")
    attached = resource("primary", Attachment={"InstanceId": "i-0a1"})
    assert attached.name == ""
    assert [(each.name, each.to) for each in attached.relations] == [("attached-to", "i-0a1")]


def test_nothing_is_made_up_where_nothing_tells() -> None:
    assert owner({}) is None
    assert owner({"InterfaceType": "efa", "RequesterId": "123456789012"}) is None
    assert str(Owner("RDS database")) == "RDS database"
