"""AWS Cloud Map: namespaces, the services in them, and the instances behind those."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Call, Each, Field, Link, ResourceType, number, text, texts

FEATURE = Feature(
    "service-discovery", "Service discovery", "Cloud Map namespaces, services and instances.", optional=True
)

namespace = ResourceType(
    "aws.servicediscovery.namespace",
    Kind.NAMESPACE,
    "Cloud Map namespace",
    "Names that services are found by.",
    call=Call("servicediscovery", "ListNamespaces", "Namespaces[]", 100),
    id="{Arn}",
    alias="Id",
    name="Name",
    owner="ResourceOwner",
    fields=(
        text("namespace_type", "Type", "DNS_PUBLIC, DNS_PRIVATE or HTTP."),
        number("services", "ServiceCount", "How many services it has."),
        text("zone", "Properties.DnsProperties.HostedZoneId", "Its hosted zone."),
        text("http_name", "Properties.HttpProperties.HttpName", "Its name where it is asked by HTTP."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("namespace_type", "services", "zone"),
    relations=(Link("uses", "Properties.DnsProperties.HostedZoneId"),),
)

service = ResourceType(
    "aws.servicediscovery.service",
    Kind.SERVICE,
    "Cloud Map service",
    "A service that is found by name.",
    call=Call("servicediscovery", "ListServices", "Services[]", 100),
    id="{Arn}",
    alias="Id",
    name="Name",
    owner="ResourceOwner",
    fields=(
        text("service_type", "Type", "HTTP, DNS_HTTP or DNS."),
        number("instances", "InstanceCount", "How many instances it has."),
        text("namespace", "DnsConfig.NamespaceId", "Its namespace."),
        text("routing", "DnsConfig.RoutingPolicy", "MULTIVALUE or WEIGHTED."),
        texts("record_types", "DnsConfig.DnsRecords[].Type", "A, AAAA, SRV or CNAME."),
        text("health_check", "HealthCheckConfig.Type", "HTTP, HTTPS or TCP."),
        text("description", "Description", "What its owner said of it."),
    ),
    columns=("service_type", "namespace", "instances"),
    relations=(Link("part-of", "DnsConfig.NamespaceId"),),
)

instance = ResourceType(
    "aws.servicediscovery.instance",
    Kind.TARGET,
    "Cloud Map instance",
    "An instance of a service. Its id is the service's with `/instance/ID`.",
    call=Call(
        "servicediscovery",
        "ListInstances",
        "Instances[]",
        100,
        per=Each("aws.servicediscovery.service", "ServiceId", "alias"),
    ),
    id="{@parent.id}/instance/{Id}",
    name="Id",
    fields=(
        text("service", "@parent.alias", "The service."),
        text("address", "Attributes.AWS_INSTANCE_IPV4|Attributes.AWS_INSTANCE_IPV6", "Its address."),
        text("port", "Attributes.AWS_INSTANCE_PORT", "Its port."),
        text("instance", "Attributes.AWS_EC2_INSTANCE_ID", "The EC2 instance."),
        text("alias_of", "Attributes.AWS_ALIAS_DNS_NAME", "The load balancer that it stands for."),
        Field("attributes", "Attributes", "All that is registered of it.", "object"),
    ),
    columns=("service", "address", "port"),
    relations=(Link("part-of", "@parent.id"), Link("associated-with", "Attributes.AWS_EC2_INSTANCE_ID")),
)
