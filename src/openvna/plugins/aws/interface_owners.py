"""Whose a network interface is that no instance has: read from its type, its requester, and what its creator wrote.

EC2 does not say which function, database or load balancer an interface belongs to, but most services write it into the
description, in a form of their own. Few of those forms are documented (that of Directory Service is: "Directory Service
Administration Guide"); the others are as they are seen. Whoever makes an interface can write what he likes: what
is read here is inferred. A description counts only where the whole of it has the form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from openvna.plugins.aws.paths import Raw, getter

INSTANCE = getter("Attachment.InstanceId")
"""The instance that an interface is attached to."""
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_BALANCERS = {"app": "Application Load Balancer", "net": "Network Load Balancer", "gwy": "Gateway Load Balancer"}


class Owner(NamedTuple):
    """What an interface is of, as an operator calls it. `id` is the owner's id or ARN where it is known, `balancer`
    the end of a load balancer's ARN."""

    what: str
    name: str = ""
    id: str = ""
    balancer: str = ""

    def __str__(self) -> str:
        return f"{self.what} {self.name}" if self.name else self.what


_FORMS = (
    ("NAT gateway", r"Interface for NAT Gateway (?P<id>nat-\w+)"),
    ("", r"ELB (?P<balancer>(?P<kind>app|net|gwy)/(?P<name>[^/]+)/\w+)"),
    ("Classic Load Balancer", r"ELB (?P<balancer>(?P<name>[\w-]+))"),
    ("VPC endpoint", r"VPC Endpoint Interface (?P<id>vpce-\w+)"),
    ("Transit gateway attachment", r"Network Interface for Transit Gateway Attachment (?P<id>tgw-attach-\w+)"),
    ("RDS proxy", r"Network interface for DBProxy (?P<name>\S+)"),
    ("RDS database", r"RDSNetworkInterface"),
    ("Redshift cluster", r"RedshiftNetworkInterface"),
    ("DMS replication instance", r"DMSNetworkInterface"),
    ("Lambda function", rf"AWS Lambda VPC ENI-(?P<name>\S+?)(?:-{_UUID})?"),
    ("Lambda function", r"AWS Lambda VPC ENI: \S+"),
    ("Directory", r"AWS created network interface for directory (?P<name>d-\w+)\.?"),
    ("CodeConnections host", r"AWS CodeStar Connections.*"),
    ("EMR cluster", r"AWS ElasticMapReduce(?:.* (?P<name>j-\w+))?.*"),
    ("App Runner service", r"AWSAppRunner ENI - (?P<name>\S+)"),
    ("EKS pods on", r"aws-K8S-(?P<name>i-\w+)"),
    ("EKS pod", r"aws-k8s-branch-eni"),
    ("EKS pods", r"aws-k8s-trunk-eni"),
    ("EKS cluster", r"Amazon EKS (?P<name>[\w-]+)"),
    ("Firehose stream", r"Amazon Kinesis (?:Data )?Firehose - (?:\d{12}:)?(?P<name>[\w.-]*\w).*"),
    ("ElastiCache cluster", r"ElastiCache[ +](?P<name>\S+)"),
    ("OpenSearch domain", r"ES (?P<name>[\w-]+)"),
    ("EFS file system", r"EFS mount target for (?P<name>fs-\w+)(?: \(fsmt-\w+\))?"),
    ("FSx file system", r"\[Do not detach or untag\] Amazon FSx network interface for (?P<name>fs-\w+).*"),
    ("SageMaker domain", r"\[DO NOT DELETE\] ENI managed by SageMaker for Studio Domain ?\((?P<name>d-\w+)\).*"),
    (
        "SageMaker notebook",
        r"\[Do not delete\] Network Interface created to access resources in your VPC for SageMaker Notebook Instance "
        r".*?(?:notebook-instance/)?(?P<name>[\w-]+)\]?",
    ),
    (
        "MSK cluster",
        r"DO NOT DELETE - Amazon MSK network interface for cluster "
        r"(?P<id>arn:[\w-]+:kafka:[\w-]+:\d*:cluster/(?P<name>[^/]+)/[\w-]+)\.?",
    ),
    ("ECS task", r"arn:[\w-]+:ecs:[\w-]+:\d*:attachment/(?P<name>[\w-]+)"),
    ("WorkSpace", r"Created By Amazon Work[Ss]paces for AWS Account ID \d+.*"),
    ("Glue, in the role", r"Attached to Glue using role: arn:[\w-]+:iam::\d*:role/(?P<name>\S+)"),
    ("DataSync task", r"datasync (?P<name>\S.*)"),
    ("Resolver endpoint", r"Route 53 Resolver: (?P<id>rslvr-\w+-\w+):rni-\w+"),
    ("Client VPN endpoint", r"ClientVPN Endpoint resource(?:.*(?P<id>cvpn-endpoint-\w+))?.*"),
    ("API Gateway", r"ENI managed by APIGateway"),
    ("DAX cluster", r"DAX (?P<name>\S+)"),
    ("CloudHSM", r"CloudH(?:SM|sm) .*"),
)

_TYPES: Mapping[str, str] = {
    "api_gateway_managed": "API Gateway",
    "aws_codestar_connections_managed": "CodeConnections host",
    "ec2_instance_connect_endpoint": "EC2 Instance Connect Endpoint",
    "efs": "EFS file system",
    "evs": "Elastic VMware Service",
    "gateway_load_balancer": "Gateway Load Balancer",
    "gateway_load_balancer_endpoint": "VPC endpoint",
    "global_accelerator_managed": "Global Accelerator",
    "iot_rules_managed": "IoT rule",
    "lambda": "Lambda function",
    "load_balancer": "Load balancer",
    "nat_gateway": "NAT gateway",
    "natGateway": "NAT gateway",
    "network_load_balancer": "Network Load Balancer",
    "quicksight": "QuickSight",
    "transit_gateway": "Transit gateway attachment",
    "vpc_endpoint": "VPC endpoint",
}
"""What the type says (DescribeNetworkInterfaces, `InterfaceType`), where the description says nothing."""

_REQUESTERS: Mapping[str, str] = {
    "amazon-elasticache": "ElastiCache cluster",
    "amazon-elasticsearch": "OpenSearch domain",
    "amazon-elb": "Load balancer",
    "amazon-rds": "RDS database",
    "amazon-redshift": "Redshift cluster",
}
"""What the requester says, where neither type nor description do."""

_OF_CLUSTER = "kubernetes.io/cluster/"
_HEAD = 3
_BY_HEAD: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
for _what, _form in _FORMS:
    _start = re.sub(r"\\(?=\[)", "", _form)[:_HEAD]
    _BY_HEAD.setdefault(_start, []).append((_what, re.compile(_form)))


def owner(raw: Raw) -> Owner | None:
    """What an interface, as DescribeNetworkInterfaces has it, is of; None where nothing tells."""
    description = str(raw.get("Description") or "")
    found = _described(description)
    if found is not None and found.what.startswith(("ECS", "EKS")):
        return _in_cluster(found, _tags(raw))
    if found is not None:
        return found
    instance = INSTANCE(raw)
    if instance:
        return Owner("EC2 instance", str(instance), str(instance))
    told = _TYPES.get(str(raw.get("InterfaceType"))) or _REQUESTERS.get(str(raw.get("RequesterId")))
    return Owner(told) if told else None


def _described(description: str) -> Owner | None:
    for what, form in _BY_HEAD.get(description[:_HEAD], ()):
        found = form.fullmatch(description)
        if found is not None:
            said = {name: value for name, value in found.groupdict().items() if value}
            id = said.get("id", "")
            return Owner(
                _BALANCERS.get(said.get("kind", ""), what), said.get("name") or id, id, said.get("balancer", "")
            )
    return None


def _in_cluster(found: Owner, tags: Mapping[str, str]) -> Owner:
    """ECS and EKS tag what they make: a service and its cluster are better known than a task or an instance."""
    service, cluster = tags.get("aws:ecs:serviceName"), tags.get("aws:ecs:clusterName")
    if found.what == "ECS task" and service:
        return Owner("ECS service", f"{cluster}/{service}" if cluster else service)
    if found.what == "ECS task" and cluster:
        return Owner("ECS task in", cluster)
    if found.what.startswith("EKS pod"):
        owned = (key.removeprefix(_OF_CLUSTER) for key in tags if key.startswith(_OF_CLUSTER))
        cluster = tags.get("cluster.k8s.amazonaws.com/name") or next(owned, "")
        return Owner("EKS pods in", cluster, found.id) if cluster else found
    return found


def _tags(raw: Raw) -> dict[str, str]:
    return {str(each.get("Key")): str(each.get("Value") or "") for each in raw.get("TagSet") or ()}
