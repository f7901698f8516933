"""The consumer's side of PrivateLink: the services that VPC endpoints lead to, as those who offer them tell of them."""

from openvna.model import Kind, Resource
from openvna.plugins.aws.declaration import Each, Link, ResourceType, ec2, flag, text, texts
from openvna.plugins.aws.resources import endpoints

FEATURE = endpoints.FEATURE


def _service_of(endpoint: Resource) -> list[dict[str, object]]:
    """By a filter: asked for by its name, a service that is not offered to us any more would be an error."""
    said = endpoint.attributes
    if not said.get("service"):
        return []  # it leads to a resource or a service network of VPC Lattice
    region = {"ServiceRegions": [said["service_region"]]} if said.get("service_region") else {}
    return [{"Filters": [{"Name": "service-name", "Values": [said["service"]]}], **region}]


used_service = ResourceType(
    "aws.ec2.vpc-endpoint-used-service",
    Kind.SERVICE,
    "Service of a VPC endpoint",
    "What an endpoint leads to: whose it is, where it is offered, how it is called. Its id is the endpoint's with "
    "`/service`.",
    call=ec2("DescribeVpcEndpointServices", "ServiceDetails[]", per=Each("aws.ec2.vpc-endpoint", requests=_service_of)),
    id="{@parent.id}/service",
    name="ServiceName",
    fields=(
        text("endpoint", "@parent.alias", "The endpoint."),
        text("service", "ServiceName", "The service."),
        texts("service_types", "ServiceType[].ServiceType", "Interface, Gateway or GatewayLoadBalancer."),
        text("provider", "Owner", "The account that offers it, or amazon."),
        text("service_region", "ServiceRegion", "Where it is."),
        texts("zone_ids", "AvailabilityZoneIds[]", "Physical zones that it is offered in."),
        texts("private_names", "PrivateDnsNames[].PrivateDnsName", "Names that may lead to it inside a VPC."),
        text("name_state", "PrivateDnsNameVerificationState", "pendingVerification, verified or failed."),
        flag("policy_supported", "VpcEndpointPolicySupported", "Whether an endpoint policy is heeded."),
        flag("acceptance_required", "AcceptanceRequired", "Whether each endpoint has to be accepted."),
        texts("address_types", "SupportedIpAddressTypes[]", "ipv4, ipv6."),
        text("payer", "PayerResponsibility", "ServiceOwner, where the one who offers it pays."),
    ),
    columns=("endpoint", "service", "provider", "service_region"),
    relations=(Link("part-of", "@parent.id"), Link("refers-to", "ServiceId")),
)
