"""AWS Global Accelerator: accelerators that lead each port to one address of a subnet, and addresses brought along."""

from openvna.model import Kind
from openvna.plugins.aws.declaration import ACCOUNT, Call, Each, Link, ResourceType, flag, text, texts, time
from openvna.plugins.aws.paths import Raw, getter, template
from openvna.plugins.aws.resources import global_accelerator

FEATURE = global_accelerator.FEATURE

_S, _HOME, _PAGE = "globalaccelerator", "us-west-2", 100


def _call(operation: str, items: str, per: Each | None = None) -> Call:
    return Call(_S, operation, items, _PAGE, per=per, region=_HOME)


accelerator = ResourceType(
    "aws.globalaccelerator.custom-routing-accelerator",
    Kind.LOAD_BALANCER,
    "Custom routing accelerator",
    "Fixed addresses, announced all over the world, each port of which leads to one address of a subnet.",
    call=_call("ListCustomRoutingAccelerators", "Accelerators[]"),
    id="{AcceleratorArn}",
    once=True,
    name="Name",
    region="@none",
    drops=("LastModifiedTime",),
    fields=(
        text("state", "Status", "DEPLOYED or IN_PROGRESS."),
        flag("enabled", "Enabled", "Whether it takes traffic."),
        texts("addresses", "IpSets[].IpAddresses[]", "Its addresses."),
        text("dns_name", "DnsName", "Its name."),
        text("ip_address_type", "IpAddressType", "IPV4 or DUAL_STACK."),
        time("created", "CreatedTime", "When it was created."),
    ),
    columns=("state", "enabled", "addresses", "dns_name"),
)

listener = ResourceType(
    "aws.globalaccelerator.custom-routing-listener",
    Kind.LISTENER,
    "Custom routing listener",
    "Ports of a custom routing accelerator.",
    call=_call(
        "ListCustomRoutingListeners",
        "Listeners[]",
        Each("aws.globalaccelerator.custom-routing-accelerator", "AcceleratorArn"),
    ),
    id="{ListenerArn}",
    once=True,
    region="@none",
    fields=(
        text("accelerator", "@parent.id", "The accelerator."),
        texts("ports", lambda raw: _ports(raw, "PortRanges[]"), "Port ranges."),
    ),
    columns=("accelerator", "ports"),
    relations=(Link("part-of", "@parent.id"),),
)

endpoint_group = ResourceType(
    "aws.globalaccelerator.custom-routing-endpoint-group",
    Kind.TARGET_GROUP,
    "Custom routing endpoint group",
    "The subnets that a custom routing listener leads to in one region.",
    call=_call(
        "ListCustomRoutingEndpointGroups",
        "EndpointGroups[]",
        Each("aws.globalaccelerator.custom-routing-listener", "ListenerArn"),
    ),
    id="{EndpointGroupArn}",
    once=True,
    region="EndpointGroupRegion",
    fields=(
        text("listener", "@parent.id", "The listener."),
        texts("subnets", "EndpointDescriptions[].EndpointId", "The subnets."),
        texts("ports", lambda raw: _ports(raw, "DestinationDescriptions[]"), "Port ranges there."),
        texts("protocols", lambda raw: _protocols(raw), "TCP, UDP."),
    ),
    columns=("listener", "subnets", "ports"),
    relations=(Link("part-of", "@parent.id"), Link("leads-to", "EndpointDescriptions[].EndpointId")),
)

byoip = ResourceType(
    "aws.globalaccelerator.byoip-cidr",
    Kind.ADDRESS_POOL,
    "Address range brought to Global Accelerator",
    "An address range of the customer's that accelerators use. Its id is the account's with "
    "`/global-accelerator-byoip/CIDR`.",
    call=_call("ListByoipCidrs", "ByoipCidrs[]"),
    id=template(ACCOUNT + "/global-accelerator-byoip/{Cidr}"),
    once=True,
    name="Cidr",
    region="@none",
    drops=("Events",),
    fields=(
        text("cidr", "Cidr", "The range."),
        text("state", "State", "READY, ADVERTISING, PENDING_PROVISIONING, FAILED_PROVISION, ..."),
    ),
    columns=("cidr", "state"),
)


def _ports(raw: Raw, path: str) -> list[str]:
    return sorted(f"{each.get('FromPort')}-{each.get('ToPort')}" for each in getter(path)(raw))


def _protocols(raw: Raw) -> list[str]:
    return sorted({str(each) for each in getter("DestinationDescriptions[].Protocols[]")(raw)})
