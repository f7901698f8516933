"""Classic Load Balancers: their instances, settings, policies and limits."""

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import (
    REGION,
    Call,
    Each,
    Link,
    ResourceType,
    TagCall,
    flag,
    number,
    records,
    text,
    texts,
    time,
)
from openvna.plugins.aws.paths import Raw, Records, getter
from openvna.plugins.aws.resources import quotas

FEATURE = features.LOAD_BALANCERS

_BALANCER = Each("aws.elb.load-balancer", "LoadBalancerName", "alias")

load_balancer = ResourceType(
    "aws.elb.load-balancer",
    Kind.LOAD_BALANCER,
    "Classic Load Balancer",
    "A load balancer of the first generation, with its listeners.",
    call=Call("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions[]", 400),
    tag_call=TagCall("elb", "DescribeTags", "LoadBalancerNames", "LoadBalancerName", "LoadBalancerName"),
    needs="aws.ec2.vpc",
    id="arn:{@scope.partition}:elasticloadbalancing:{@scope.region}:{@owner}:loadbalancer/{LoadBalancerName}",
    alias="LoadBalancerName",
    name="LoadBalancerName",
    fields=(
        text("scheme", "Scheme", "internet-facing or internal."),
        text("dns_name", "DNSName", "The name that clients use."),
        text("vpc", "VPCId", "The VPC that it serves."),
        texts("subnets", "Subnets[]", "Subnets with a node of it."),
        texts("zones", "AvailabilityZones[]", "Zones with a node of it."),
        texts("security_groups", "SecurityGroups[]", "Its security groups."),
        texts("instances", "Instances[].InstanceId", "Instances behind it."),
        text("health_check", "HealthCheck.Target", "How instances are checked (HTTP:80/ping)."),
        records(
            "listeners", lambda raw: _listeners(raw), "Listeners: protocol, port, instance_protocol, instance_port."
        ),
        time("created", "CreatedTime", "When it was created."),
    ),
    columns=("scheme", "dns_name", "vpc", "instances"),
    relations=(
        Link("in-network", "VPCId"),
        Link("in-subnet", "Subnets[]"),
        Link("protected-by", "SecurityGroups[]"),
        Link("targets", "Instances[].InstanceId"),
    ),
)

target = ResourceType(
    "aws.elb.target",
    Kind.TARGET,
    "Instance of a Classic Load Balancer",
    "One instance behind a Classic Load Balancer and its health. Its id is the balancer's ARN with `/target/INSTANCE`.",
    call=Call(
        "elb",
        "DescribeInstanceHealth",
        "InstanceStates[]",
        per=_BALANCER,
    ),
    id="{@parent.id}/target/{InstanceId}",
    name="InstanceId",
    fields=(
        text("target", "InstanceId", "The instance."),
        text("health", "State", "InService, OutOfService or Unknown."),
        text("reason", "ReasonCode", "Whose fault it is: ELB, Instance or N/A."),
        text("message", "Description", "The same in words."),
        text("load_balancer", "@parent.id", "The load balancer."),
    ),
    columns=("target", "health", "message"),
    relations=(Link("part-of", "@parent.id"), Link("targets", "InstanceId")),
)

load_balancer_attributes = ResourceType(
    "aws.elb.load-balancer-attributes",
    Kind.OPTIONS,
    "Classic Load Balancer attributes",
    "The settings of a Classic Load Balancer. Their id is its ARN with `/attributes`.",
    call=Call("elb", "DescribeLoadBalancerAttributes", "LoadBalancerAttributes", per=_BALANCER),
    id="{@parent.id}/attributes",
    name="@parent.name",
    fields=(
        text("load_balancer", "@parent.id", "The load balancer."),
        flag("cross_zone", "CrossZoneLoadBalancing.Enabled", "Instances in all zones."),
        flag("access_logs", "AccessLog.Enabled", "Whether requests are logged."),
        text("log_bucket", "AccessLog.S3BucketName", "Where to."),
        flag("draining", "ConnectionDraining.Enabled", "Whether an instance that leaves may end what it does."),
        number("draining_timeout", "ConnectionDraining.Timeout", "How long, in seconds."),
        number("idle_timeout", "ConnectionSettings.IdleTimeout", "Seconds until a connection is idle."),
    ),
    columns=("cross_zone", "access_logs", "draining", "idle_timeout"),
    relations=(Link("part-of", "@parent.id"),),
)

policy = ResourceType(
    "aws.elb.load-balancer-policy",
    Kind.POLICY,
    "Classic Load Balancer policy",
    "What a Classic Load Balancer does about ciphers, cookies or proxies. Its id is its ARN with `/policy/NAME`.",
    call=Call("elb", "DescribeLoadBalancerPolicies", "PolicyDescriptions[]", per=_BALANCER),
    id="{@parent.id}/policy/{PolicyName}",
    name="PolicyName",
    fields=(
        text("load_balancer", "@parent.id", "The load balancer."),
        text("policy_type", "PolicyTypeName", "SSLNegotiationPolicyType, LBCookieStickinessPolicyType, ..."),
        texts("settings", lambda raw: _settings(raw), "Its settings that are not false, as NAME=VALUE."),
    ),
    columns=("load_balancer", "policy_type"),
    relations=(Link("part-of", "@parent.id"),),
)

limit = ResourceType(
    "aws.elb.account-limit",
    Kind.QUOTA,
    "Classic Load Balancer limit",
    "How many of something the account may have in a region. Its id is the region's with `/elb-limit/NAME`.",
    call=Call("elb", "DescribeAccountLimits", "Limits[]", 400),
    id=REGION + "/elb-limit/{Name}",
    name="Name",
    fields=(text("limit", "Name", "Of what."), number("maximum", "Max", "How many."), *quotas.counted(quotas.limit)),
    columns=("limit", "maximum"),
    relations=(Link("part-of", "@scope.region", REGION),),
    given={},
)


def _settings(raw: Raw) -> list[str]:
    """Those of a TLS policy name every cipher there is: those that are off say nothing."""
    found = getter("PolicyAttributeDescriptions[]")(raw)
    return sorted(
        f"{each.get('AttributeName')}={each.get('AttributeValue')}"
        for each in found
        if each.get("AttributeValue") != "false"
    )


def _listeners(raw: Raw) -> Records:
    found: Records = [
        {
            "protocol": listener.get("Protocol"),
            "port": listener.get("LoadBalancerPort"),
            "instance_protocol": listener.get("InstanceProtocol"),
            "instance_port": listener.get("InstancePort"),
            "certificate": listener.get("SSLCertificateId"),
        }
        for listener in getter("ListenerDescriptions[].Listener")(raw)
    ]
    return sorted(found, key=lambda listener: listener["port"] or 0)
