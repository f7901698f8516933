"""VPC Lattice: service networks, and the services and resources that they bring together across VPCs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openvna.model import Kind, Resource
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Call, Detail, Each, Link, ResourceType, flag, number, text, texts, time
from openvna.plugins.aws.paths import Raw, getter

FEATURE = Feature(
    "vpc-lattice",
    "VPC Lattice",
    "Service networks with their services, resources, associations and policies.",
    optional=True,
)

_S, _PAGE = "vpc-lattice", 100
_MOVES = ("lastUpdatedAt",)
_STATES = "ACTIVE, CREATE_IN_PROGRESS, DELETE_IN_PROGRESS, CREATE_FAILED, DELETE_FAILED, ..."
_NETWORK, _SERVICE = "aws.vpc-lattice.service-network", "aws.vpc-lattice.service"


def call(operation: str, items: str = "items[]", page: int = _PAGE, per: Each | None = None) -> Call:
    return Call(_S, operation, items, page, per=per)


service_network = ResourceType(
    _NETWORK,
    Kind.NETWORK,
    "Service network",
    "Brings services and resources together with the VPCs that may use them.",
    call=call("ListServiceNetworks"),
    details=(Detail(_S, "GetServiceNetwork", {"serviceNetworkIdentifier": "id"}),),
    id="{arn}",
    alias="id",
    name="name",
    owner=lambda raw: owner_of(raw),
    drops=_MOVES,
    fields=(
        text("auth", "authType", "NONE or AWS_IAM: whether a policy says who may."),
        flag("shareable", "sharingConfig.enabled", "Whether other accounts may be let in."),
        number("vpcs", "numberOfAssociatedVPCs", "How many VPCs use it."),
        number("services", "numberOfAssociatedServices", "How many services are in it."),
        number("resources", "numberOfAssociatedResourceConfigurations", "How many resources are in it."),
        time("created", "createdAt", "When it was created."),
    ),
    columns=("auth", "vpcs", "services", "resources"),
)

service = ResourceType(
    _SERVICE,
    Kind.SERVICE,
    "Lattice service",
    "An application that is reached through service networks.",
    call=call("ListServices"),
    details=(Detail(_S, "GetService", {"serviceIdentifier": "id"}),),
    id="{arn}",
    alias="id",
    name="name",
    owner=lambda raw: owner_of(raw),
    drops=_MOVES,
    fields=(
        text("state", "status", _STATES),
        text("auth", "authType", "NONE or AWS_IAM: whether a policy says who may."),
        text("dns_name", "dnsEntry.domainName", "The name that AWS gave it."),
        text("custom_name", "customDomainName", "The name that its owner gave it."),
        text("certificate", "certificateArn", "The certificate of that name."),
        number("idle_timeout", "idleTimeoutSeconds", "Seconds until a connection is idle."),
        text("failure", "failureMessage", "Why it failed."),
        time("created", "createdAt", "When it was created."),
    ),
    columns=("state", "auth", "dns_name", "custom_name"),
    relations=(Link("uses", "certificateArn"),),
)

service_association = ResourceType(
    "aws.vpc-lattice.service-network-service-association",
    Kind.ATTACHMENT,
    "Service in a service network",
    "Puts a service into a service network.",
    call=call(
        "ListServiceNetworkServiceAssociations",
        per=Each(_NETWORK, "serviceNetworkIdentifier"),
    ),
    id="{arn}",
    alias="id",
    owner=lambda raw: owner_of(raw),
    fields=(
        text("state", "status", _STATES),
        text("service_network", "serviceNetworkArn", "The service network."),
        text("service", "serviceArn", "The service."),
        text("dns_name", "dnsEntry.domainName", "The name by which it is reached there."),
        text("custom_name", "customDomainName", "The name that its owner gave it."),
        text("created_by", "createdBy", "The account that made it."),
        time("created", "createdAt", "When it was created."),
    ),
    columns=("service_network", "service", "state"),
    relations=(Link("part-of", "serviceNetworkArn"), Link("associated-with", "serviceArn")),
)

vpc_association = ResourceType(
    "aws.vpc-lattice.service-network-vpc-association",
    Kind.ATTACHMENT,
    "VPC in a service network",
    "Lets a VPC use a service network.",
    call=call("ListServiceNetworkVpcAssociations", per=Each(_NETWORK, "serviceNetworkIdentifier")),
    details=(Detail(_S, "GetServiceNetworkVpcAssociation", {"serviceNetworkVpcAssociationIdentifier": "id"}),),
    id="{arn}",
    alias="id",
    owner=lambda raw: owner_of(raw),
    drops=_MOVES,
    fields=(
        text("state", "status", _STATES),
        text("service_network", "serviceNetworkArn", "The service network."),
        text("vpc", "vpcId", "The VPC."),
        texts("security_groups", "securityGroupIds[]", "Security groups that judge what leaves the VPC for it."),
        flag("private_dns", "privateDnsEnabled", "Whether names of resources are known in the VPC."),
        text("private_dns_for", "dnsOptions.privateDnsPreference", "ALL_DOMAINS, VERIFIED_DOMAINS_ONLY, ..."),
        text("failure", "failureMessage", "Why it failed."),
        text("created_by", "createdBy", "The account that made it."),
        time("created", "createdAt", "When it was created."),
    ),
    columns=("service_network", "vpc", "security_groups", "state"),
    relations=(
        Link("part-of", "serviceNetworkArn"),
        Link("associated-with", "vpcId"),
        Link("protected-by", "securityGroupIds[]"),
    ),
)

endpoint_association = ResourceType(
    "aws.vpc-lattice.service-network-endpoint-association",
    Kind.ATTACHMENT,
    "Endpoint of a service network",
    "A VPC endpoint that leads to a service network. Its id is the service network's with `/endpoint/ID`.",
    call=call("ListServiceNetworkVpcEndpointAssociations", per=Each(_NETWORK, "serviceNetworkIdentifier")),
    id="{@parent.id}/endpoint/{vpcEndpointId}",
    alias="id",
    owner="vpcEndpointOwnerId",
    fields=(
        text("state", "state", "How it is."),
        text("service_network", "@parent.id", "The service network."),
        text("endpoint", "vpcEndpointId", "The endpoint."),
        text("vpc", "vpcId", "Its VPC."),
        text("endpoint_owner", "vpcEndpointOwnerId", "The account that has it."),
        time("created", "createdAt", "When it was created."),
    ),
    columns=("service_network", "endpoint", "vpc", "state"),
    relations=(Link("part-of", "@parent.id"), Link("associated-with", "vpcEndpointId"), Link("in-network", "vpcId")),
)

resource_association = ResourceType(
    "aws.vpc-lattice.service-network-resource-association",
    Kind.ATTACHMENT,
    "Resource in a service network",
    "Puts a resource into a service network.",
    call=call("ListServiceNetworkResourceAssociations", per=Each(_NETWORK, "serviceNetworkIdentifier")),
    id="{arn}",
    alias="id",
    owner=lambda raw: owner_of(raw),
    fields=(
        text("state", "status", _STATES),
        text("service_network", "serviceNetworkArn", "The service network."),
        text("resource", "resourceConfigurationArn", "The resource configuration."),
        text("dns_name", "dnsEntry.domainName", "The name by which it is reached there."),
        text("private_dns_name", "privateDnsEntry.domainName", "Its own name."),
        flag("managed", "isManagedAssociation", "Whether another AWS service made it."),
        text("failure", "failureCode", "Why it failed."),
        time("created", "createdAt", "When it was created."),
    ),
    columns=("service_network", "resource", "state"),
    relations=(Link("part-of", "serviceNetworkArn"), Link("associated-with", "resourceConfigurationArn")),
)

auth_policy = ResourceType(
    "aws.vpc-lattice.auth-policy",
    Kind.POLICY,
    "Lattice auth policy",
    "Who may use a service network that asks for it. Its id is the service network's with `/auth-policy`.",
    call=call("GetAuthPolicy", "", page=0, per=Each(_NETWORK, requests=lambda network: _guarded(network))),
    id="{@parent.id}/auth-policy",
    drops=_MOVES,
    fields=(
        text("guards", "@parent.id", "What it guards."),
        text("state", "state", "Active, or Inactive where nobody asks for it."),
        text("policy", "policy", "The policy, as JSON text; without one nobody may."),
        time("created", "createdAt", "When it was created."),
    ),
    columns=("guards", "state"),
    relations=(Link("part-of", "@parent.id"),),
)

service_auth_policy = ResourceType(
    "aws.vpc-lattice.service-auth-policy",
    Kind.POLICY,
    "Lattice service auth policy",
    "Who may use a service that asks for it. Its id is the service's with `/auth-policy`.",
    call=call("GetAuthPolicy", "", page=0, per=Each(_SERVICE, requests=lambda service: _guarded(service))),
    id="{@parent.id}/auth-policy",
    drops=_MOVES,
    fields=auth_policy.fields,
    columns=("guards", "state"),
    relations=(Link("part-of", "@parent.id"),),
)

resource_policy = ResourceType(
    "aws.vpc-lattice.resource-policy",
    Kind.SHARE,
    "Lattice resource policy",
    "Which accounts may see a service network. Its id is the service network's with `/resource-policy`.",
    call=Call(_S, "GetResourcePolicy", "policy", per=Each(_NETWORK, "resourceArn"), of_texts=True),
    id="{@parent.id}/resource-policy",
    fields=(
        text("shares", "@parent.id", "What it is about."),
        text("policy", "@item", "The policy, as JSON text."),
    ),
    columns=("shares",),
    relations=(Link("part-of", "@parent.id"),),
)

log_subscription = ResourceType(
    "aws.vpc-lattice.access-log-subscription",
    Kind.FLOW_LOG,
    "Lattice access log",
    "Where the requests through a service network are written down.",
    call=call("ListAccessLogSubscriptions", per=Each(_NETWORK, "resourceIdentifier")),
    id="{arn}",
    alias="id",
    drops=_MOVES,
    fields=(
        text("logs", "resourceArn", "What is logged."),
        text("log_type", "serviceNetworkLogType", "SERVICE or RESOURCE."),
        text("destination", "destinationArn", "A bucket, a log group or a delivery stream."),
        time("created", "createdAt", "When it was created."),
    ),
    columns=("logs", "log_type", "destination"),
    relations=(Link("part-of", "resourceArn"), Link("sends-to", "destinationArn")),
)

service_log_subscription = ResourceType(
    "aws.vpc-lattice.service-access-log-subscription",
    Kind.FLOW_LOG,
    "Lattice service access log",
    "Where the requests to a service are written down.",
    call=call("ListAccessLogSubscriptions", per=Each(_SERVICE, "resourceIdentifier")),
    id="{arn}",
    alias="id",
    drops=_MOVES,
    fields=log_subscription.fields,
    columns=("logs", "destination"),
    relations=(Link("part-of", "resourceArn"), Link("sends-to", "destinationArn")),
)


def owner_of(raw: Raw) -> str | None:
    """The account in the thing's own ARN: what another account shares is listed too."""
    parts = str(getter("arn")(raw) or "").split(":", 5)
    return parts[4] if len(parts) == 6 else None


def _guarded(resource: Resource) -> list[Mapping[str, Any]]:
    return [{"resourceIdentifier": resource.id}] if resource.attributes.get("auth") == "AWS_IAM" else []
