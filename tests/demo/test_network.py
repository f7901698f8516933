"""The simulated AWS holds the network that the description says, as plain botocore sees it."""

from __future__ import annotations

import ipaddress
from collections import Counter
from typing import Any

import botocore.session
import pytest

from openvna.demo.entries import KINDS
from openvna.demo.network import NETWORK
from openvna.demo.seed import Seeded


class Aws:
    """Clients by account and region, each through the role that the demo's key may assume."""

    def __init__(self, seeded: Seeded) -> None:
        self.seeded = seeded
        self._session = botocore.session.Session()
        self._keys: dict[str, dict[str, str]] = {}

    def client(self, service: str, account: str, region: str) -> Any:
        if account not in self._keys:
            base = self._client("sts", region, self.seeded.access_key_id, self.seeded.secret_access_key)
            arn = self.seeded.role_arn.replace("{account}", account)
            self._keys[account] = base.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        key = self._keys[account]
        return self._client(service, region, key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])

    def each(self, service: str, operation: str, member: str) -> list[dict[str, Any]]:
        """The items of a listing in all accounts and regions."""
        return [
            item
            for account in self.seeded.accounts
            for region in self.seeded.regions
            for item in getattr(self.client(service, account, region), operation)()[member]
        ]

    def _client(self, service: str, region: str, key: str, secret: str, token: str | None = None) -> Any:
        return self._session.create_client(
            service,
            region_name=region,
            endpoint_url=self.seeded.endpoint,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
        )


@pytest.fixture(scope="module")
def aws(seeded: Seeded) -> Aws:
    return Aws(seeded)


def tag(item: dict[str, Any], key: str = "Name") -> str | None:
    return next((each["Value"] for each in item.get("Tags", []) if each["Key"] == key), None)


def test_the_key_of_the_demo_is_a_user_of_the_network_account(aws: Aws, seeded: Seeded) -> None:
    sts = aws._client("sts", "eu-central-1", seeded.access_key_id, seeded.secret_access_key)
    assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::111122223333:user/openvna"


@pytest.mark.parametrize("account", ["111122223333", "444455556666"])
def test_the_role_leads_into_each_account(aws: Aws, account: str) -> None:
    assert aws.client("sts", account, "eu-west-1").get_caller_identity()["Account"] == account


@pytest.mark.parametrize(
    ("operation", "member", "type", "id"),
    [
        ("describe_vpcs", "Vpcs", "aws.ec2.vpc", "VpcId"),
        ("describe_subnets", "Subnets", "aws.ec2.subnet", "SubnetId"),
        ("describe_route_tables", "RouteTables", "aws.ec2.route-table", "RouteTableId"),
        ("describe_security_groups", "SecurityGroups", "aws.ec2.security-group", "GroupId"),
        ("describe_network_acls", "NetworkAcls", "aws.ec2.network-acl", "NetworkAclId"),
        ("describe_network_interfaces", "NetworkInterfaces", "aws.ec2.network-interface", "NetworkInterfaceId"),
        ("describe_nat_gateways", "NatGateways", "aws.ec2.nat-gateway", "NatGatewayId"),
        ("describe_addresses", "Addresses", "aws.ec2.elastic-ip", "AllocationId"),
        ("describe_vpc_endpoints", "VpcEndpoints", "aws.ec2.vpc-endpoint", "VpcEndpointId"),
        ("describe_transit_gateways", "TransitGateways", "aws.ec2.transit-gateway", "TransitGatewayId"),
        ("describe_vpn_connections", "VpnConnections", "aws.ec2.vpn-connection", "VpnConnectionId"),
        (
            "describe_vpc_peering_connections",
            "VpcPeeringConnections",
            "aws.ec2.vpc-peering-connection",
            "VpcPeeringConnectionId",
        ),
    ],
)
def test_there_is_what_the_description_counts(
    aws: Aws, seeded: Seeded, operation: str, member: str, type: str, id: str
) -> None:
    found = {item[id] for item in aws.each("ec2", operation, member)}
    assert len(found) == seeded.counts[type]


def test_the_counts_are_those_of_a_count_by_hand(seeded: Seeded) -> None:
    """Six VPCs; subnets: hub 3 + 2 + 2, shared 2 + 2, west 2 + 2, prod 4 x 3, dev 1 + 2 + 2, stand-by 2."""
    assert seeded.counts["aws.ec2.vpc"] == 6
    assert seeded.counts["aws.ec2.subnet"] == 7 + 4 + 4 + 12 + 5 + 2
    assert seeded.counts["aws.ec2.route-table"] == 6 + 4 + 2 + 2 + 4 + 3 + 1
    assert seeded.counts["aws.ec2.nat-gateway"] == 4
    assert seeded.counts["aws.ec2.instance"] == 2 + 2 + 9 + 2 + 1
    assert seeded.counts["aws.ec2.network-interface"] == 16 + 4 + 3 * 2 + 2
    assert seeded.counts["aws.elbv2.target"] == 2 + 2 + 3 + 3


def test_every_named_thing_carries_its_name_and_its_owner(aws: Aws) -> None:
    wanted = Counter(entry.name for entry in NETWORK if entry.tags and KINDS[entry.kind].service == "ec2")
    tags = aws.each("ec2", "describe_tags", "Tags")
    assert Counter(each["Value"] for each in tags if each["Key"] == "Name") == wanted
    assert {each["Value"] for each in tags if each["Key"] == "Team"} == {"network", "platform", "shop"}
    assert {each["Value"] for each in tags if each["Key"] == "CostCentre"} == {"4100", "4110", "5200", "5210"}


def test_a_spoke_of_the_other_account_hangs_on_the_shared_transit_gateway(aws: Aws, seeded: Seeded) -> None:
    theirs = aws.client("ec2", "444455556666", "eu-central-1")
    (gateway,) = theirs.describe_transit_gateways()["TransitGateways"]
    assert (gateway["TransitGatewayId"], gateway["OwnerId"]) == (seeded.ids["tgw-central"], "111122223333")
    attached = theirs.describe_transit_gateway_attachments()["TransitGatewayAttachments"]
    assert {tag(each) for each in attached} == {"shop-prod-attachment", "shop-dev-attachment"}
    assert {each["Association"]["TransitGatewayRouteTableId"] for each in attached} == {seeded.ids["tgw-spokes"]}


def test_spokes_learn_the_shared_services_and_are_kept_from_each_other(aws: Aws, seeded: Seeded) -> None:
    ours = aws.client("ec2", "111122223333", "eu-central-1")
    answer = ours.search_transit_gateway_routes(
        TransitGatewayRouteTableId=seeded.ids["tgw-spokes"],
        Filters=[{"Name": "state", "Values": ["active", "blackhole"]}],
    )
    assert {(each["DestinationCidrBlock"], each["Type"], each["State"]) for each in answer["Routes"]} == {
        ("10.1.0.0/16", "propagated", "active"),
        ("0.0.0.0/0", "static", "active"),
        ("10.200.0.0/16", "static", "active"),
        ("10.10.0.0/16", "static", "blackhole"),
        ("10.20.0.0/16", "static", "blackhole"),
    }


def test_every_address_lies_in_its_subnet(aws: Aws) -> None:
    blocks = {
        subnet["SubnetId"]: ipaddress.ip_network(subnet["CidrBlock"])
        for subnet in aws.each("ec2", "describe_subnets", "Subnets")
    }
    interfaces = aws.each("ec2", "describe_network_interfaces", "NetworkInterfaces")
    strays = [
        each["NetworkInterfaceId"]
        for each in interfaces
        if ipaddress.ip_address(each["PrivateIpAddress"]) not in blocks[each["SubnetId"]]
    ]
    assert strays == []


def test_a_vpn_has_one_tunnel_up_and_one_down_and_secrets_like_a_real_one(aws: Aws) -> None:
    for vpn in aws.each("ec2", "describe_vpn_connections", "VpnConnections"):
        assert sorted(each["Status"] for each in vpn["VgwTelemetry"]) == ["DOWN", "UP"]
        assert all(len(each["PreSharedKey"]) == 32 for each in vpn["Options"]["TunnelOptions"])


def test_the_flow_logs_deliver(aws: Aws) -> None:
    assert [each["DeliverLogsStatus"] for each in aws.each("ec2", "describe_flow_logs", "FlowLogs")] == ["SUCCESS"] * 2


def test_progress_counts_up_to_the_whole_description(seeded: Seeded, seeding: list[tuple[int, int]]) -> None:
    assert seeding == [(done, len(NETWORK)) for done in range(1, len(NETWORK) + 1)]
