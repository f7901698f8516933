"""Classic Load Balancers and their instances."""

from openvna.model import Kind
from openvna.plugins.aws import features
from openvna.plugins.aws.declaration import Call, Each, Link, ResourceType, TagCall, records, text, texts, time
from openvna.plugins.aws.paths import Raw, Records, getter

FEATURE = features.LOAD_BALANCERS

load_balancer = ResourceType(
    "aws.elb.load-balancer",
    Kind.LOAD_BALANCER,
    "Classic Load Balancer",
    "A load balancer of the first generation, with its listeners.",
    call=Call("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions[]", 400),
    tag_call=TagCall("elb", "DescribeTags", "LoadBalancerNames", "LoadBalancerName", "LoadBalancerName"),
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
        per=Each("aws.elb.load-balancer", "LoadBalancerName", "alias"),
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
