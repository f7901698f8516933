"""What load balancers refer to and are bound by: trust stores, certificates, TLS policies, capacity, limits."""

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import (
    ACCOUNT,
    REGION,
    Call,
    Each,
    Field,
    Link,
    ResourceType,
    TagCall,
    flag,
    number,
    text,
    texts,
)
from openvna.plugins.aws.paths import template
from openvna.plugins.aws.resources import quotas
from openvna.plugins.aws.resources.elbv2 import PAGE, setting

FEATURE = features.LOAD_BALANCERS

trust_store = ResourceType(
    "aws.elbv2.trust-store",
    Kind.POLICY,
    "Trust store",
    "Authorities whose client certificates a listener takes (mutual TLS).",
    call=Call("elbv2", "DescribeTrustStores", "TrustStores[]", PAGE),
    tag_call=TagCall("elbv2", "DescribeTags", "ResourceArns", "TrustStoreArn", "ResourceArn"),
    id="{TrustStoreArn}",
    name="Name",
    fields=(
        text("state", "Status", "ACTIVE or CREATING."),
        number("authorities", "NumberOfCaCertificates", "How many authorities it holds."),
        number("revoked", "TotalRevokedEntries", "How many certificates are revoked."),
    ),
    columns=("state", "authorities", "revoked"),
)

trust_store_association = ResourceType(
    "aws.elbv2.trust-store-association",
    Kind.ATTACHMENT,
    "Trust store association",
    "A listener that uses a trust store. Its id is the trust store's with `/association/LISTENER`.",
    call=Call(
        "elbv2",
        "DescribeTrustStoreAssociations",
        "TrustStoreAssociations[]",
        PAGE,
        per=Each("aws.elbv2.trust-store", "TrustStoreArn"),
    ),
    id="{@parent.id}/association/{ResourceArn}",
    fields=(
        text("trust_store", "@parent.id", "The trust store."),
        text("listener", "ResourceArn", "The listener."),
    ),
    columns=("trust_store", "listener"),
    relations=(Link("part-of", "@parent.id"), Link("associated-with", "ResourceArn")),
)

listener_attributes = ResourceType(
    "aws.elbv2.listener-attributes",
    Kind.OPTIONS,
    "Listener attributes",
    "The settings of a listener. Their id is the listener's ARN with `/attributes`.",
    call=Call("elbv2", "DescribeListenerAttributes", "", per=Each("aws.elbv2.listener", "ListenerArn")),
    id="{@parent.id}/attributes",
    fields=(
        text("listener", "@parent.id", "The listener."),
        number("idle_timeout", lambda raw: setting(raw, "tcp.idle_timeout.seconds"), "Seconds until a flow is idle."),
        text(
            "server_header",
            lambda raw: setting(raw, "routing.http.response.server.enabled"),
            "true: answers say that a load balancer gave them.",
        ),
        text(
            "strict_transport",
            lambda raw: setting(raw, "routing.http.response.strict_transport_security.header_value"),
            "The Strict-Transport-Security header that is put into answers.",
        ),
    ),
    columns=("listener", "idle_timeout", "server_header"),
    relations=(Link("part-of", "@parent.id"),),
)

listener_certificate = ResourceType(
    "aws.elbv2.listener-certificate",
    Kind.OPTIONS,
    "Listener certificate",
    "A certificate that a TLS listener can show. Its id is the listener's ARN with `/certificate/ARN`.",
    call=Call(
        "elbv2",
        "DescribeListenerCertificates",
        "Certificates[]",
        PAGE,
        per=Each(
            "aws.elbv2.listener",
            requests=lambda listener: [{"ListenerArn": listener.id}] if listener.attributes.get("ssl_policy") else [],
        ),
    ),
    id="{@parent.id}/certificate/{CertificateArn}",
    fields=(
        text("listener", "@parent.id", "The listener."),
        text("certificate", "CertificateArn", "The certificate."),
        flag("is_default", "IsDefault", "Whether it is shown to clients that name no host."),
    ),
    columns=("listener", "certificate", "is_default"),
    relations=(Link("part-of", "@parent.id"),),
)

capacity = ResourceType(
    "aws.elbv2.reserved-capacity",
    Kind.OPTIONS,
    "Reserved capacity",
    "Capacity that a load balancer holds ready, by zone. Its id is the balancer's ARN with `/capacity/ZONE`.",
    call=Call(
        "elbv2",
        "DescribeCapacityReservation",
        "CapacityReservationState[]",
        per=Each("aws.elbv2.load-balancer", "LoadBalancerArn"),
    ),
    id=lambda raw: f"{raw['@parent']['id']}/capacity/{raw.get('AvailabilityZone') or 'all'}",
    name="@parent.name",
    fields=(
        text("load_balancer", "@parent.id", "The load balancer."),
        text("zone", "AvailabilityZone", "The zone."),
        Field("units", "EffectiveCapacityUnits", "Load balancer capacity units that are held ready.", "number"),
        text("state", "State.Code", "provisioned, pending, rebalancing or failed."),
        text("reason", "State.Reason", "Why it is in that state."),
    ),
    columns=("load_balancer", "zone", "units", "state"),
    relations=(Link("part-of", "@parent.id"),),
)

ssl_policy = ResourceType(
    "aws.elbv2.ssl-policy",
    Kind.POLICY,
    "TLS security policy",
    "Protocols and ciphers that a listener can be told to take. Its id is the account's with `/ssl-policy/NAME`.",
    call=Call("elbv2", "DescribeSSLPolicies", "SslPolicies[]", PAGE),
    id=template(ACCOUNT + "/ssl-policy/{Name}"),
    once=True,
    alias="Name",
    name="Name",
    region="@none",
    fields=(
        texts("protocols", "SslProtocols[]", "TLS versions."),
        texts("ciphers", "Ciphers[].Name", "Ciphers, the preferred ones first.", ordered=True),
        texts("balancer_types", "SupportedLoadBalancerTypes[]", "application, network."),
    ),
    columns=("protocols", "balancer_types"),
    ordered=("Ciphers",),
    given={},
)

limit = ResourceType(
    "aws.elbv2.account-limit",
    Kind.QUOTA,
    "Load balancer limit",
    "How many of something the account may have in a region. Its id is the region's with `/elbv2-limit/NAME`.",
    call=Call("elbv2", "DescribeAccountLimits", "Limits[]", PAGE),
    id=REGION + "/elbv2-limit/{Name}",
    name="Name",
    fields=(text("limit", "Name", "Of what."), number("maximum", "Max", "How many."), *quotas.counted(quotas.limit)),
    columns=("limit", "maximum"),
    relations=(Link("part-of", "@scope.region", REGION),),
    given={},
)
