"""API Gateway: REST APIs, the VPC links by which they reach into VPCs, and the domains that they are called by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openvna.model import Kind, Resource
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Call, Each, Link, ResourceType, flag, text, texts, time
from openvna.plugins.aws.paging import Paging
from openvna.plugins.aws.paths import Raw

FEATURE = Feature(
    "apis",
    "API Gateway",
    "REST, HTTP and WebSocket APIs with their stages, domains, and links into VPCs.",
    optional=True,
)

ARN = "arn:{@scope.partition}:apigateway:{@scope.region}::"
VARIABLES = ("variables", "stageVariableOverrides", "StageVariables")
"""Variables of stages: people keep keys in them."""

_S, _PAGE = "apigateway", 500
_POSITION = Paging("limit", ("position",), ("position",))

vpc_link = ResourceType(
    "aws.apigateway.vpc-link",
    Kind.LINK,
    "VPC link of REST APIs",
    "Lets REST APIs reach a Network Load Balancer in a VPC.",
    call=Call(_S, "GetVpcLinks", "items[]", _PAGE),
    id=ARN + "/vpclinks/{id}",
    alias="id",
    name="name",
    tags="tags",
    fields=(
        text("state", "status", "AVAILABLE, PENDING, DELETING or FAILED."),
        text("message", "statusMessage", "Why it is in that state."),
        texts("targets", "targetArns[]", "The load balancer."),
        text("description", "description", "What its owner said of it."),
    ),
    columns=("state", "targets", "description"),
    relations=(Link("leads-to", "targetArns[]"),),
)

rest_api = ResourceType(
    "aws.apigateway.rest-api",
    Kind.API,
    "REST API",
    "An API: at the edge, in the region, or for some VPC endpoints only.",
    call=Call(_S, "GetRestApis", "items[]", _PAGE),
    id=ARN + "/restapis/{id}",
    alias="id",
    name="name",
    tags="tags",
    drops=("warnings",),
    fields=(
        texts("endpoint_types", "endpointConfiguration.types[]", "REGIONAL, EDGE or PRIVATE."),
        text("ip_address_type", "endpointConfiguration.ipAddressType", "ipv4 or dualstack."),
        texts("vpc_endpoints", "endpointConfiguration.vpcEndpointIds[]", "VPC endpoints that a private one has."),
        flag("default_name_off", "disableExecuteApiEndpoint", "Whether it is not called by AWS's own name."),
        text("security_policy", "securityPolicy", "Which TLS it takes."),
        text("policy", "policy", "Who may call it, as JSON text."),
        text("state", "apiStatus", "AVAILABLE, UPDATING, PENDING or FAILED."),
        text("description", "description", "What its owner said of it."),
        time("created", "createdDate", "When it was created."),
    ),
    columns=("endpoint_types", "vpc_endpoints", "description"),
    relations=(Link("uses", "endpointConfiguration.vpcEndpointIds[]"),),
)

stage = ResourceType(
    "aws.apigateway.stage",
    Kind.API,
    "Stage of a REST API",
    "A deployed state of a REST API that can be called. Without its variables.",
    call=Call(_S, "GetStages", "item[]", per=Each("aws.apigateway.rest-api", "restApiId", "alias")),
    id="{@parent.id}/stages/{stageName}",
    name="stageName",
    tags="tags",
    drops=("lastUpdatedDate", *VARIABLES),
    fields=(
        text("api", "@parent.id", "The API."),
        text("stage", "stageName", "Its name."),
        text("deployment", "deploymentId", "What is deployed."),
        text("web_acl", "webAclArn", "The web ACL that guards it."),
        text("client_certificate", "clientCertificateId", "The certificate that it shows to what it calls."),
        text("logs", "accessLogSettings.destinationArn", "Where requests are written down."),
        flag("traced", "tracingEnabled", "Whether X-Ray follows requests."),
        time("created", "createdDate", "When it was created."),
    ),
    columns=("api", "stage", "deployment", "web_acl"),
    relations=(
        Link("part-of", "@parent.id"),
        Link("protected-by", "webAclArn"),
        Link("sends-to", "accessLogSettings.destinationArn"),
    ),
)

domain_name = ResourceType(
    "aws.apigateway.domain-name",
    Kind.DNS_RECORD,
    "Domain of APIs",
    "A name of the customer's by which APIs are called. Private ones are for VPC endpoints only.",
    call=Call(_S, "GetDomainNames", "items[]", _PAGE),
    id=lambda raw: _domain(raw),
    alias="domainNameId",
    name="domainName",
    tags="tags",
    drops=("truststoreWarnings",),
    fields=(
        text("domain", "domainName", "The name."),
        texts("endpoint_types", "endpointConfiguration.types[]", "REGIONAL, EDGE or PRIVATE."),
        text("state", "domainNameStatus", "AVAILABLE, UPDATING, PENDING, ..."),
        text("target", "regionalDomainName|distributionDomainName", "AWS's name that it has to lead to."),
        text("certificate", "regionalCertificateArn|certificateArn", "Its certificate."),
        text("security_policy", "securityPolicy", "Which TLS it takes."),
        text("client_trust", "mutualTlsAuthentication.truststoreUri", "Authorities of client certificates."),
        text("routing", "routingMode", "What chooses the API: mappings, rules, or both."),
        text("policy", "policy", "Who may call it, as JSON text."),
    ),
    columns=("domain", "endpoint_types", "state", "target"),
    relations=(Link("uses", "regionalCertificateArn|certificateArn"),),
)


def _mappings_of(domain: Resource) -> Iterator[dict[str, Any]]:
    """A private domain's name alone does not say which one it is."""
    of_private = {"domainNameId": domain.alias} if domain.alias else {}
    yield {"domainName": domain.attributes.get("domain"), **of_private}


base_path_mapping = ResourceType(
    "aws.apigateway.base-path-mapping",
    Kind.API,
    "Base path mapping",
    "The REST API that a path of a domain leads to.",
    call=Call(
        _S, "GetBasePathMappings", "items[]", _PAGE, per=Each("aws.apigateway.domain-name", requests=_mappings_of)
    ),
    id="{@parent.id}/basepathmappings/{basePath}",
    fields=(
        text("domain", "@asked.domainName", "The domain."),
        text("path", "basePath", "The path; (none) for all."),
        text("api", "restApiId", "The API."),
        text("stage", "stage", "Its stage."),
    ),
    columns=("domain", "path", "api", "stage"),
    relations=(Link("part-of", "@parent.id"), Link("leads-to", "restApiId")),
)

access_association = ResourceType(
    "aws.apigateway.domain-name-access-association",
    Kind.ATTACHMENT,
    "Domain access association",
    "A VPC endpoint by which a private domain is reached.",
    call=Call(_S, "GetDomainNameAccessAssociations", "items[]", _PAGE, pages=_POSITION),
    id="{domainNameAccessAssociationArn}",
    tags="tags",
    fields=(
        text("domain", "domainNameArn", "The domain."),
        text("endpoint", "accessAssociationSource", "The endpoint."),
        text("source_type", "accessAssociationSourceType", "VPCE."),
    ),
    columns=("domain", "endpoint"),
    relations=(Link("part-of", "domainNameArn"), Link("associated-with", "accessAssociationSource")),
)


def _domain(raw: Raw) -> str:
    """Only a private domain's ARN is told; that of the others is theirs by name."""
    scope = raw["@scope"]
    told = raw.get("domainNameArn")
    return str(told or f"arn:{scope['partition']}:apigateway:{scope['region']}::/domainnames/{raw['domainName']}")
