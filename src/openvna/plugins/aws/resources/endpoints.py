"""PrivateLink: VPC endpoints, and the endpoint services that we offer."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Link, ResourceType, ec2, flag, text, texts, time
from openvna.plugins.aws.paths import Raw

FEATURE = Feature(
    "endpoints",
    "VPC endpoints",
    "Private connections to services (PrivateLink, gateway endpoints), and services offered by them.",
    optional=True,
)

vpc_endpoint = ResourceType(
    "aws.ec2.vpc-endpoint",
    Kind.ENDPOINT,
    "VPC endpoint",
    "A private way from a VPC to a service: by interfaces, by routes (gateway), or to a Gateway Load Balancer.",
    call=ec2("DescribeVpcEndpoints", "VpcEndpoints[]"),
    needs="aws.ec2.vpc",
    id="vpc-endpoint/{VpcEndpointId}",
    alias="VpcEndpointId",
    fields=(
        text("endpoint_type", "VpcEndpointType", "Interface, Gateway, GatewayLoadBalancer, Resource, ServiceNetwork."),
        text("service", "ServiceName", "The service that it leads to."),
        text("service_region", "ServiceRegion", "The service's region, if it is another one."),
        text("state", "State", "PendingAcceptance, Pending, Available, Deleting, Deleted, Rejected, Failed, Expired."),
        text("vpc", "VpcId", "The VPC that it serves."),
        texts("subnets", "SubnetIds[]", "Subnets with an interface of it."),
        texts("route_tables", "RouteTableIds[]", "Route tables that lead to a gateway endpoint."),
        texts("interfaces", "NetworkInterfaceIds[]", "Its network interfaces."),
        texts("security_groups", "Groups[].GroupId", "Security groups of its interfaces."),
        flag("private_dns", "PrivateDnsEnabled", "Whether the service's public names lead to it inside the VPC."),
        texts("dns_names", "DnsEntries[].DnsName", "Names that lead to it."),
        text("ip_address_type", "IpAddressType", "ipv4, ipv6 or dualstack."),
        text("policy", "PolicyDocument", "The endpoint policy, as JSON text."),
        text("failure", "LastError.Message|FailureReason", "Why it failed."),
        time("created", "CreationTimestamp", "When it was created."),
    ),
    columns=("endpoint_type", "service", "vpc", "state"),
    relations=(
        Link("in-network", "VpcId"),
        Link("in-subnet", "SubnetIds[]"),
        Link("associated-with", "RouteTableIds[]"),
        Link("uses", "NetworkInterfaceIds[]"),
        Link("protected-by", "Groups[].GroupId"),
        Link("leads-to", lambda raw: _service(raw)),
    ),
)


def _service(raw: Raw) -> list[str]:
    """The endpoint service that somebody offers, by the id that its name ends in: com.amazonaws.vpce.REGION.ID."""
    name = str(raw.get("ServiceName") or "")
    return [name.rpartition(".")[2]] if ".vpce-svc-" in name else []


endpoint_service = ResourceType(
    "aws.ec2.vpc-endpoint-service",
    Kind.SERVICE,
    "VPC endpoint service",
    "A service that the account offers to other VPCs through PrivateLink.",
    call=ec2("DescribeVpcEndpointServiceConfigurations", "ServiceConfigurations[]"),
    id="vpc-endpoint-service/{ServiceId}",
    alias="ServiceId",
    name="ServiceName",
    fields=(
        text("service", "ServiceName", "The name that endpoints ask for."),
        texts("service_types", "ServiceType[].ServiceType", "Interface, Gateway or GatewayLoadBalancer."),
        text("state", "ServiceState", "Pending, Available, Deleting, Deleted or Failed."),
        flag("acceptance_required", "AcceptanceRequired", "Whether each endpoint has to be accepted."),
        texts("zones", "AvailabilityZones[]", "Zones that it is offered in."),
        texts("load_balancers", "NetworkLoadBalancerArns[]", "Network Load Balancers behind it."),
        texts("gateway_load_balancers", "GatewayLoadBalancerArns[]", "Gateway Load Balancers behind it."),
        text("private_dns_name", "PrivateDnsName", "A name of its own that consumers may use."),
        texts("regions", "SupportedRegions[].Region", "Regions that may use it."),
    ),
    columns=("service", "service_types", "state"),
    relations=(Link("forwards-to", "NetworkLoadBalancerArns[]"), Link("forwards-to", "GatewayLoadBalancerArns[]")),
)
