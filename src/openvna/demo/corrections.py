"""Where moto answers otherwise than AWS in what the demo's network needs, it is put right here.

- What belongs to a VPC goes with it.
- A transit gateway shared through Resource Access Manager is seen and can be attached to by the other account.
- A transit gateway without default association has no default route table and gives new attachments none.
- An association shows in the attachment; a propagation brings routes.
- A search of routes heeds MaxResults instead of breaking on it.
- A listing of VPC attachments holds no others, nor does one of peering attachments.
- The interfaces of NAT gateways and endpoints have addresses of their subnets and say whose they are; elastic IPs
  are public addresses.
- A VPN connection has two tunnels, with their addresses, their telemetry and (as in AWS) their secrets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.utils import utcnow
from moto.ec2.models import EC2Backend, ec2_backends, elastic_ip_addresses, nat_gateways, vpcs
from moto.ec2.models.transit_gateway_attachments import TransitGatewayAttachment
from moto.ec2.responses.vpn_connections import VPNConnections
from moto.ec2.utils import random_public_ip
from moto.moto_api._internal import mock_random
from moto.ram.models import ResourceAccessManagerBackend

Method = Callable[..., Any]


def correct() -> None:
    """Put moto right, in this process."""
    _vpcs()
    _shared_transit_gateways()
    _attachments()
    _transit_routing()
    _addresses()
    _tunnels()


def _instead(owner: type, name: str) -> Callable[[Method], None]:
    """The decorated function, which gets the original first, takes the place of a method."""

    def replace(replacement: Method) -> None:
        original = getattr(owner, name)

        def method(self: Any, *args: Any, **given: Any) -> Any:
            return replacement(original, self, *args, **given)

        setattr(owner, name, method)

    return replace


def _unassociated(gateway: Any) -> bool:
    return bool(gateway.options["DefaultRouteTableAssociation"] == "disable")


def _vpcs() -> None:
    @_instead(EC2Backend, "delete_vpc")
    def delete_vpc(original: Method, self: Any, vpc_id: str) -> Any:
        for acl in [each for each in self.network_acls.values() if each.vpc_id == vpc_id]:
            del self.network_acls[acl.id]
        return original(self, vpc_id)


def _shared_transit_gateways() -> None:
    @_instead(ResourceAccessManagerBackend, "create_resource_share")
    def share(original: Method, self: Any, **given: Any) -> Any:
        answer = original(self, **given)
        for arn in given["resourceArns"]:
            gateway = ec2_backends[self.account_id][self.region_name].transit_gateways[arn.rpartition("/")[2]]
            for account in given["principals"]:
                ec2_backends[account][self.region_name].transit_gateways[gateway.id] = gateway
        return answer

    @_instead(EC2Backend, "create_transit_gateway_vpc_attachment")
    def attach(original: Method, self: Any, transit_gateway_id: str, *args: Any, **given: Any) -> Any:
        gateway = self.transit_gateways[transit_gateway_id]
        owner = gateway.ec2_backend
        attachment = original(owner, transit_gateway_id, *args, **given)
        attachment.resource_owner_id = attachment.owner_id = self.account_id
        attachment.ec2_backend = self  # the tags are those of the account that attached
        self.transit_gateway_attachments[attachment.id] = attachment
        if _unassociated(gateway):
            owner.unset_route_table_association(gateway.default_route_table.id, attachment.id)
            attachment.transit_gateway_route_table = None
        return attachment

    @_instead(EC2Backend, "describe_transit_gateways")
    def describe(original: Method, self: Any, *args: Any, **given: Any) -> Any:
        found = original(self, *args, **given)
        for gateway in found:
            if _unassociated(gateway):
                gateway.options.pop("AssociationDefaultRouteTableId", None)
                gateway.options.pop("PropagationDefaultRouteTableId", None)
        return found


def _attachments() -> None:
    @_instead(TransitGatewayAttachment, "__init__")
    def initialise(original: Method, self: Any, *args: Any, **given: Any) -> None:
        original(self, *args, **given)
        gateway = given["transit_gateway"]
        self.gateway_owner_id = gateway.owner_id
        if self.resource_type != "vpc" and _unassociated(gateway):
            self.transit_gateway_route_table = None

    setattr(  # noqa: B010 - a plain assignment over a property does not type-check
        TransitGatewayAttachment, "transit_gateway_owner_id", property(lambda self: self.gateway_owner_id)
    )

    for kind in ("vpc", "peering"):

        @_instead(EC2Backend, f"describe_transit_gateway_{kind}_attachments")
        def describe(original: Method, self: Any, *args: Any, _kind: str = kind, **given: Any) -> Any:
            return [each for each in original(self, *args, **given) if each.resource_type == _kind]


def _transit_routing() -> None:
    @_instead(EC2Backend, "get_all_transit_gateway_route_tables")
    def describe(original: Method, self: Any, *args: Any, **given: Any) -> Any:
        hidden = {each.default_route_table for each in self.transit_gateways.values() if _unassociated(each)}
        return [table for table in original(self, *args, **given) if table not in hidden]

    @_instead(EC2Backend, "associate_transit_gateway_route_table")
    def associate(
        original: Method, self: Any, transit_gateway_attachment_id: str, transit_gateway_route_table_id: str
    ) -> Any:
        answer = original(self, transit_gateway_attachment_id, transit_gateway_route_table_id)
        attachment = self.transit_gateway_attachments[transit_gateway_attachment_id]
        attachment.transit_gateway_route_table = self.transit_gateways_route_tables[transit_gateway_route_table_id]
        return answer

    @_instead(EC2Backend, "enable_transit_gateway_route_table_propagation")
    def propagate(
        original: Method, self: Any, transit_gateway_attachment_id: str, transit_gateway_route_table_id: str
    ) -> Any:
        answer = original(self, transit_gateway_attachment_id, transit_gateway_route_table_id)
        attachment = self.transit_gateway_attachments[transit_gateway_attachment_id]
        if attachment.resource_type == "vpc":
            vpc = ec2_backends[attachment.resource_owner_id][self.region_name].vpcs[attachment.resource_id]
            target = {
                "resourceId": attachment.resource_id,
                "resourceType": attachment.resource_type,
                "transitGatewayAttachmentId": attachment.id,
            }
            self.transit_gateways_route_tables[transit_gateway_route_table_id].routes.setdefault(
                vpc.cidr_block,
                {
                    "destinationCidrBlock": vpc.cidr_block,
                    "prefixListId": None,
                    "state": "active",
                    "type": "propagated",
                    "transitGatewayAttachments": target,
                },
            )
        return answer

    @_instead(EC2Backend, "search_transit_gateway_routes")
    def search(original: Method, self: Any, *args: Any, max_results: Any = None, **given: Any) -> Any:
        found = original(self, *args, **given)
        return found[: int(max_results)] if max_results else found


def _addresses() -> None:
    def none() -> str:
        return ""

    for module, name, source in (
        (nat_gateways, "random_private_ip", none),  # the interface then takes an address of its subnet
        (vpcs, "random_private_ip", none),
        (elastic_ip_addresses, "random_ip", random_public_ip),
    ):
        setattr(module, name, source)

    @_instead(EC2Backend, "create_nat_gateway")
    def create_nat_gateway(original: Method, self: Any, *args: Any, **given: Any) -> Any:
        gateway = original(self, *args, **given)
        gateway.private_ip = gateway._eni.private_ip_address
        _managed(gateway._eni, "nat_gateway", f"Interface for NAT Gateway {gateway.id}")
        return gateway

    @_instead(EC2Backend, "create_vpc_endpoint")
    def create_vpc_endpoint(original: Method, self: Any, *args: Any, **given: Any) -> Any:
        endpoint = original(self, *args, **given)
        for each in endpoint.network_interface_ids or []:
            _managed(self.get_network_interface(each), "vpc_endpoint", f"VPC Endpoint Interface {endpoint.id}")
        return endpoint


def _managed(interface: Any, kind: str, description: str) -> None:
    interface.interface_type, interface.requester_managed = kind, True
    interface.description, interface.status = description, "in-use"


def _tunnels() -> None:
    @_instead(VPNConnections, "create_vpn_connection")
    def create(original: Method, self: Any) -> Any:
        answer = original(self)
        vpn: Any = list(self.ec2_backend.vpn_connections.values())[-1]
        static = self._get_param("Options", {}).get("StaticRoutesOnly", False)
        outside = [random_public_ip(), random_public_ip()]
        vpn.options = {
            "StaticRoutesOnly": static,
            "TunnelInsideIpVersion": "ipv4",
            "TunnelOptions": [
                {
                    "OutsideIpAddress": address,
                    "TunnelInsideCidr": f"169.254.{100 + number}.0/30",
                    "PreSharedKey": mock_random.get_random_string(length=32),
                }
                for number, address in enumerate(outside)
            ],
        }
        up = ("UP", "", 0) if static else ("UP", "2 BGP ROUTES", 2)
        vpn.vgw_telemetry = [
            {
                "OutsideIpAddress": address,
                "Status": status,
                "StatusMessage": message,
                "AcceptedRouteCount": routes,
                "LastStatusChange": utcnow(),
            }
            for address, (status, message, routes) in zip(outside, (up, ("DOWN", "IPSEC IS DOWN", 0)), strict=True)
        ]
        return answer
