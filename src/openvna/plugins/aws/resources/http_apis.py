"""API Gateway: HTTP and WebSocket APIs with their stages, routes and integrations, and their links into VPCs."""

from openvna.model import Kind
from openvna.plugins.aws.declaration import Call, Each, Link, ResourceType, flag, number, records, text, texts, time
from openvna.plugins.aws.paths import Raw, Records, getter
from openvna.plugins.aws.resources import api_gateway
from openvna.plugins.aws.resources.api_gateway import ARN, VARIABLES

FEATURE = api_gateway.FEATURE

_S, _PAGE = "apigatewayv2", 100
_API = Each("aws.apigatewayv2.api", "ApiId", "alias")

vpc_link = ResourceType(
    "aws.apigatewayv2.vpc-link",
    Kind.LINK,
    "VPC link of HTTP APIs",
    "Interfaces in subnets by which HTTP APIs reach load balancers and services of a VPC.",
    call=Call(_S, "GetVpcLinks", "Items[]", _PAGE),
    id=ARN + "/vpclinks/{VpcLinkId}",
    alias="VpcLinkId",
    name="Name",
    fields=(
        text("state", "VpcLinkStatus", "PENDING, AVAILABLE, DELETING, FAILED or INACTIVE (unused for 60 days)."),
        text("message", "VpcLinkStatusMessage", "Why it is in that state."),
        texts("subnets", "SubnetIds[]", "Subnets with an interface of it."),
        texts("security_groups", "SecurityGroupIds[]", "Its security groups."),
        time("created", "CreatedDate", "When it was created."),
    ),
    columns=("state", "subnets", "security_groups"),
    relations=(Link("in-subnet", "SubnetIds[]"), Link("protected-by", "SecurityGroupIds[]")),
)

api = ResourceType(
    "aws.apigatewayv2.api",
    Kind.API,
    "HTTP or WebSocket API",
    "An API of the second generation.",
    call=Call(_S, "GetApis", "Items[]", _PAGE),
    id=ARN + "/apis/{ApiId}",
    alias="ApiId",
    name="Name",
    drops=("Warnings", "ImportInfo"),
    fields=(
        text("protocol", "ProtocolType", "HTTP or WEBSOCKET."),
        text("endpoint", "ApiEndpoint", "Where it is called."),
        text("ip_address_type", "IpAddressType", "ipv4 or dualstack."),
        flag("default_name_off", "DisableExecuteApiEndpoint", "Whether it is not called by AWS's own name."),
        texts("origins", "CorsConfiguration.AllowOrigins[]", "Web pages that may call it."),
        text("description", "Description", "What its owner said of it."),
        time("created", "CreatedDate", "When it was created."),
    ),
    columns=("protocol", "endpoint", "description"),
)

stage = ResourceType(
    "aws.apigatewayv2.stage",
    Kind.API,
    "Stage of an HTTP or WebSocket API",
    "A deployed state of an API that can be called. Without its variables.",
    call=Call(_S, "GetStages", "Items[]", _PAGE, per=_API),
    id="{@parent.id}/stages/{StageName}",
    name="StageName",
    drops=("LastUpdatedDate", "LastDeploymentStatusMessage", *VARIABLES),
    fields=(
        text("api", "@parent.id", "The API."),
        text("stage", "StageName", "Its name."),
        text("deployment", "DeploymentId", "What is deployed."),
        flag("auto_deploy", "AutoDeploy", "Whether changes are deployed by themselves."),
        text("logs", "AccessLogSettings.DestinationArn", "Where requests are written down."),
        time("created", "CreatedDate", "When it was created."),
    ),
    columns=("api", "stage", "deployment"),
    relations=(Link("part-of", "@parent.id"), Link("sends-to", "AccessLogSettings.DestinationArn")),
)

integration = ResourceType(
    "aws.apigatewayv2.integration",
    Kind.API,
    "API integration",
    "What an API calls. Without the parameters and templates of the calls.",
    call=Call(_S, "GetIntegrations", "Items[]", _PAGE, per=_API),
    id="{@parent.id}/integrations/{IntegrationId}",
    alias="IntegrationId",
    drops=("RequestParameters", "RequestTemplates", "ResponseParameters"),  # headers with keys are among them
    fields=(
        text("api", "@parent.id", "The API."),
        text("integration_type", "IntegrationType", "AWS, HTTP, MOCK, HTTP_PROXY or AWS_PROXY."),
        text("connection_type", "ConnectionType", "INTERNET or VPC_LINK."),
        text("vpc_link", "ConnectionId", "The VPC link."),
        text("target", "IntegrationUri", "What is called: a URL, a listener, a service, a function."),
        text("method", "IntegrationMethod", "The HTTP method."),
        text("server_name", "TlsConfig.ServerNameToVerify", "The name that its certificate must have."),
        number("timeout", "TimeoutInMillis", "How long it may take, in milliseconds."),
    ),
    columns=("api", "connection_type", "vpc_link", "target"),
    relations=(Link("part-of", "@parent.id"), Link("uses", "ConnectionId"), Link("leads-to", "IntegrationUri")),
)

route = ResourceType(
    "aws.apigatewayv2.route",
    Kind.API,
    "API route",
    "Requests of one method and path (or message), and the integration that they go to.",
    call=Call(_S, "GetRoutes", "Items[]", _PAGE, per=_API),
    id="{@parent.id}/routes/{RouteId}",
    alias="RouteId",
    name="RouteKey",
    fields=(
        text("api", "@parent.id", "The API."),
        text("route", "RouteKey", "Method and path, or $default."),
        text("target", "Target", "The integration, as integrations/ID."),
        text("authorization", "AuthorizationType", "NONE, AWS_IAM, CUSTOM or JWT."),
        flag("key_required", "ApiKeyRequired", "Whether a caller needs an API key."),
    ),
    columns=("api", "route", "target", "authorization"),
    relations=(Link("part-of", "@parent.id"), Link("uses", "Target", "{@parent.id}/{}")),
)

mapping = ResourceType(
    "aws.apigatewayv2.api-mapping",
    Kind.API,
    "API mapping",
    "The API that a path of a regional domain leads to.",
    call=Call(
        _S,
        "GetApiMappings",
        "Items[]",
        _PAGE,
        per=Each(
            "aws.apigateway.domain-name",
            requests=lambda domain: (
                [{"DomainName": domain.attributes.get("domain")}]
                if domain.attributes.get("endpoint_types") == ["REGIONAL"]
                else []
            ),
        ),
    ),
    id="{@parent.id}/apimappings/{ApiMappingId}",
    alias="ApiMappingId",
    fields=(
        text("domain", "@asked.DomainName", "The domain."),
        text("path", "ApiMappingKey", "The path; none for all."),
        text("api", "ApiId", "The API."),
        text("stage", "Stage", "Its stage."),
    ),
    columns=("domain", "path", "api", "stage"),
    relations=(Link("part-of", "@parent.id"), Link("leads-to", "ApiId")),
)

domain_settings = ResourceType(
    "aws.apigatewayv2.domain-name",
    Kind.DNS_RECORD,
    "Domain of HTTP APIs",
    "A name of the customer's with its endpoints, as HTTP and WebSocket APIs have it. Its id is the domain's with "
    "`/configuration`.",
    call=Call(_S, "GetDomainNames", "Items[]", _PAGE),
    needs="aws.apigateway.domain-name",
    id=ARN + "/domainnames/{DomainName}/configuration",
    name="DomainName",
    drops=("TruststoreWarnings",),
    fields=(
        text("domain", "DomainName", "The name."),
        records(
            "endpoints", lambda raw: _endpoints(raw), "Endpoints: kind, target, zone, state, tls, ip_address_type."
        ),
        texts("certificates", "DomainNameConfigurations[].CertificateArn", "Its certificates."),
        text("client_trust", "MutualTlsAuthentication.TruststoreUri", "Authorities of client certificates."),
        text("routing", "RoutingMode", "What chooses the API: mappings, rules, or both."),
    ),
    columns=("domain", "routing", "certificates"),
    relations=(
        Link("part-of", "DomainName", ARN + "/domainnames/{}"),
        Link("uses", "DomainNameConfigurations[].CertificateArn"),
    ),
)


def _endpoints(raw: Raw) -> Records:
    found: Records = [
        {
            "kind": each.get("EndpointType"),
            "target": each.get("ApiGatewayDomainName"),
            "zone": each.get("HostedZoneId"),
            "state": each.get("DomainNameStatus"),
            "tls": each.get("SecurityPolicy"),
            "ip_address_type": each.get("IpAddressType"),
        }
        for each in getter("DomainNameConfigurations[]")(raw)
    ]
    return sorted(found, key=lambda each: (each["kind"] or "", each["target"] or ""))
