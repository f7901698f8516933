"""The task that inventory tools are compared by: everything in a simulated account, from the command to what is stored.

    python benchmarks/peers.py [--vpcs 20]

An account of moto's server with two regions of 20 VPCs each, about 1,300 things of 36 kinds (`KINDS`), made with boto3.
Then `openvna collect` as a person types it: a new data directory with one source, the 36 types named by `--type`, since
that is what the others read. (Routes of transit gateways are not among them: moto's server fails when they are asked
for in pages.) The clock runs from the start of the process to its end; requests are counted in moto's
log. Then the same once more with nothing changed, and once with all types that OpenVNA knows.

vpcatlas (Python 3.12) and cartography (with a Neo4j at NEO4J_URI) are run beside it where their commands are on PATH.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

REGIONS = ("us-east-1", "eu-west-1")
KEY = {"AWS_ACCESS_KEY_ID": "AKIARZPUZDIKGB2VALC4", "AWS_SECRET_ACCESS_KEY": "bench/bench/bench/bench/bench/bench/benc"}
KINDS = (
    "aws.ec2.vpc",
    "aws.ec2.subnet",
    "aws.ec2.route-table",
    "aws.ec2.network-acl",
    "aws.ec2.security-group",
    "aws.ec2.security-group-rule",
    "aws.ec2.internet-gateway",
    "aws.ec2.egress-only-internet-gateway",
    "aws.ec2.carrier-gateway",
    "aws.ec2.nat-gateway",
    "aws.ec2.elastic-ip",
    "aws.ec2.network-interface",
    "aws.ec2.instance",
    "aws.ec2.dhcp-options",
    "aws.ec2.flow-log",
    "aws.ec2.vpc-endpoint",
    "aws.ec2.vpc-endpoint-service",
    "aws.ec2.vpc-peering-connection",
    "aws.ec2.managed-prefix-list",
    "aws.ec2.managed-prefix-list-entry",
    "aws.ec2.customer-gateway",
    "aws.ec2.vpn-gateway",
    "aws.ec2.vpn-connection",
    "aws.ec2.transit-gateway",
    "aws.ec2.transit-gateway-attachment",
    "aws.ec2.transit-gateway-vpc-attachment",
    "aws.ec2.transit-gateway-route-table",
    "aws.ec2.transit-gateway-route-table-association",
    "aws.elbv2.load-balancer",
    "aws.elbv2.target-group",
    "aws.elbv2.listener",
    "aws.elb.load-balancer",
    "aws.route53.hosted-zone",
    "aws.route53.record",
    "aws.route53resolver.endpoint",
    "aws.route53resolver.rule",
)


class Seeding:
    """Makes what is to be found, and counts it."""

    def __init__(self, url: str, region: str) -> None:
        import boto3

        session = boto3.Session(
            aws_access_key_id=KEY["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEY["AWS_SECRET_ACCESS_KEY"],
            region_name=region,
        )
        names = ("ec2", "elbv2", "elb", "route53", "route53resolver", "s3")
        self._clients: dict[str, Any] = {name: session.client(name, endpoint_url=url) for name in names}
        self.region = region
        self.made: Counter[str] = Counter()

    def make(self, service: str, kind: str, operation: str, **params: Any) -> Any:
        """One thing of a kind."""
        self.made[kind] += 1
        return getattr(self._clients[service], operation)(**params)

    def ask(self, service: str, operation: str, **params: Any) -> Any:
        return getattr(self._clients[service], operation)(**params)

    def ec2(self, kind: str, operation: str, **params: Any) -> Any:
        return self.make("ec2", f"aws.ec2.{kind}", operation, **params)

    def region_of(self, vpcs: int, block: int) -> None:
        """Everything in one region: `vpcs` VPCs in 10.`block`.0.0/16 and the following."""
        options = self.ec2(
            "dhcp-options",
            "create_dhcp_options",
            DhcpConfigurations=[{"Key": "domain-name-servers", "Values": ["AmazonProvidedDNS"]}],
        )["DhcpOptions"]["DhcpOptionsId"]
        where = {} if self.region == "us-east-1" else {"LocationConstraint": self.region}
        bucket = {"CreateBucketConfiguration": where} if where else {}
        self.ask("s3", "create_bucket", Bucket=f"flow-logs-{block}", **bucket)
        transit = self.ec2("transit-gateway", "create_transit_gateway")["TransitGateway"]
        self._logs = f"flow-logs-{block}"
        lists = [
            self.ec2(
                "managed-prefix-list",
                "create_managed_prefix_list",
                PrefixListName=f"list-{number}",
                MaxEntries=5,
                AddressFamily="IPv4",
                Entries=[{"Cidr": f"192.168.{number}.0/24"}],
            )
            for number in range(2)
        ]
        assert lists
        made = [self._vpc(block + number, transit["TransitGatewayId"]) for number in range(vpcs)]
        self.ask("ec2", "associate_dhcp_options", DhcpOptionsId=options, VpcId=made[0][0])
        for (one, _), (other, _) in zip(made[::4], made[1::4], strict=True):
            self.ec2("vpc-peering-connection", "create_vpc_peering_connection", VpcId=one, PeerVpcId=other)
        for number, (vpc, _) in enumerate(made[:5]):
            customer = self.ec2(
                "customer-gateway",
                "create_customer_gateway",
                BgpAsn=65000 + number,
                PublicIp=f"203.0.113.{number + 1}",
                Type="ipsec.1",
            )["CustomerGateway"]["CustomerGatewayId"]
            gateway = self.ec2("vpn-gateway", "create_vpn_gateway", Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
            self.ask("ec2", "attach_vpn_gateway", VpcId=vpc, VpnGatewayId=gateway)
            self.ec2(
                "vpn-connection",
                "create_vpn_connection",
                Type="ipsec.1",
                CustomerGatewayId=customer,
                VpnGatewayId=gateway,
            )
        self._balancers(made)
        self._names(made)

    def _vpc(self, number: int, transit: str) -> tuple[str, list[str]]:
        """A VPC with what is in it: its id, and its subnets."""
        vpc = self.ec2("vpc", "create_vpc", CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"]
        zones = [f"{self.region}{letter}" for letter in "abc"]
        subnets = [
            self.ec2(
                "subnet",
                "create_subnet",
                VpcId=vpc,
                CidrBlock=f"10.{number}.{part}.0/24",
                AvailabilityZone=zones[part % 3],
            )["Subnet"]["SubnetId"]
            for part in range(6)
        ]
        gateway = self.ec2("internet-gateway", "create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
        self.ask("ec2", "attach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)
        self.ec2("egress-only-internet-gateway", "create_egress_only_internet_gateway", VpcId=vpc)
        self.ec2("carrier-gateway", "create_carrier_gateway", VpcId=vpc)
        tables = [
            self.ec2("route-table", "create_route_table", VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2)
        ]
        self.ask("ec2", "create_route", RouteTableId=tables[0], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        for subnet in subnets:
            self.ask("ec2", "associate_route_table", RouteTableId=tables[0], SubnetId=subnet)
        self.ec2("network-acl", "create_network_acl", VpcId=vpc)
        for name in ("web", "app", "data"):
            group = self.ec2("security-group", "create_security_group", GroupName=name, Description=name, VpcId=vpc)[
                "GroupId"
            ]
            self.ec2(
                "security-group-rule",
                "authorize_security_group_ingress",
                GroupId=group,
                IpPermissions=[
                    {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
                ],
            )
        address = self.ec2("elastic-ip", "allocate_address", Domain="vpc")["AllocationId"]
        self.ec2("nat-gateway", "create_nat_gateway", SubnetId=subnets[0], AllocationId=address)
        for subnet in subnets[1:5]:
            self.ec2("network-interface", "create_network_interface", SubnetId=subnet)
        self.ec2("instance", "run_instances", ImageId=self._image(), MinCount=1, MaxCount=1, SubnetId=subnets[1])
        self.ec2(
            "vpc-endpoint",
            "create_vpc_endpoint",
            VpcId=vpc,
            ServiceName=f"com.amazonaws.{self.region}.s3",
            RouteTableIds=tables,
        )
        self.ec2(
            "flow-log",
            "create_flow_logs",
            ResourceIds=[vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination=f"arn:aws:s3:::{self._logs}",
        )
        self.ec2(
            "transit-gateway-vpc-attachment",
            "create_transit_gateway_vpc_attachment",
            TransitGatewayId=transit,
            VpcId=vpc,
            SubnetIds=subnets[:1],
        )
        return vpc, subnets

    def _image(self) -> str:
        found: str = self.ask("ec2", "describe_images", Owners=["amazon"])["Images"][0]["ImageId"]
        return found

    def _balancers(self, made: list[tuple[str, list[str]]]) -> None:
        for number, (vpc, subnets) in enumerate(made[:4]):
            kind = "application" if number % 2 else "network"
            balancer = self.make(
                "elbv2",
                "aws.elbv2.load-balancer",
                "create_load_balancer",
                Name=f"balancer-{number}",
                Type=kind,
                Subnets=subnets[:2],
            )["LoadBalancers"][0]["LoadBalancerArn"]
            protocol = "HTTP" if kind == "application" else "TCP"
            group = self.make(
                "elbv2",
                "aws.elbv2.target-group",
                "create_target_group",
                Name=f"group-{number}",
                Protocol=protocol,
                Port=80,
                VpcId=vpc,
            )["TargetGroups"][0]["TargetGroupArn"]
            self.make(
                "elbv2",
                "aws.elbv2.listener",
                "create_listener",
                LoadBalancerArn=balancer,
                Protocol=protocol,
                Port=80,
                DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
            )
            if kind == "network":
                self.ec2(
                    "vpc-endpoint-service",
                    "create_vpc_endpoint_service_configuration",
                    NetworkLoadBalancerArns=[balancer],
                    AcceptanceRequired=False,
                )
        for number in range(2):
            self.make(
                "elb",
                "aws.elb.load-balancer",
                "create_load_balancer",
                LoadBalancerName=f"classic-{number}",
                Listeners=[{"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}],
                Subnets=made[number][1][:2],
            )

    def _names(self, made: list[tuple[str, list[str]]]) -> None:
        for number, (vpc, _) in enumerate(made[:3]):
            zone = self.make(
                "route53",
                "aws.route53.hosted-zone",
                "create_hosted_zone",
                Name=f"z{number}.{self.region}.example.com",
                CallerReference=f"{self.region}{number}",
                VPC={"VPCRegion": self.region, "VPCId": vpc},
            )["HostedZone"]["Id"]
            for host in range(5):
                record = {"Name": f"h{host}.z{number}.{self.region}.example.com", "Type": "A", "TTL": 60}
                change = {
                    "Action": "CREATE",
                    "ResourceRecordSet": {**record, "ResourceRecords": [{"Value": "10.0.0.1"}]},
                }
                self.make(
                    "route53",
                    "aws.route53.record",
                    "change_resource_record_sets",
                    HostedZoneId=zone,
                    ChangeBatch={"Changes": [change]},
                )
        vpc, subnets = made[0]
        group = self.ask("ec2", "describe_security_groups", Filters=[{"Name": "vpc-id", "Values": [vpc]}])
        endpoint = self.make(
            "route53resolver",
            "aws.route53resolver.endpoint",
            "create_resolver_endpoint",
            CreatorRequestId="bench",
            Name="outbound",
            Direction="OUTBOUND",
            SecurityGroupIds=[group["SecurityGroups"][0]["GroupId"]],
            IpAddresses=[{"SubnetId": subnet} for subnet in subnets[:2]],
        )["ResolverEndpoint"]["Id"]
        self.make(
            "route53resolver",
            "aws.route53resolver.rule",
            "create_resolver_rule",
            CreatorRequestId="bench",
            Name="corp",
            RuleType="FORWARD",
            DomainName="corp.example.com",
            TargetIps=[{"Ip": "10.9.9.9", "Port": 53}],
            ResolverEndpointId=endpoint,
        )


@dataclass(frozen=True)
class Moto:
    """A running moto server. `log` has a line for each request."""

    url: str
    log: Path

    def requests(self) -> int:
        return self.log.read_text().count('HTTP/1.1"')


@contextmanager
def moto(folder: Path) -> Iterator[Moto]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url, log = f"http://127.0.0.1:{port}", folder / "moto.log"
    command = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)]
    with log.open("w") as lines, subprocess.Popen(command, stdout=lines, stderr=lines) as server:
        try:
            for _ in range(200):
                try:
                    urlopen(f"{url}/moto-api/").close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield Moto(url, log)
        finally:
            server.kill()


def timed(command: list[str], environment: dict[str, str], server: Moto) -> dict[str, float]:
    """One command: its seconds, those of its own work, its requests and most memory (MiB, of its largest process)."""
    before, began = server.requests(), time.perf_counter()
    done = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.stdout is not None
    said = done.stdout.read()
    _, status, used = os.wait4(done.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"{command[0]} ended with {os.waitstatus_to_exitcode(status)}: {said[-2000:]}")
    cpu = used.ru_utime + used.ru_stime
    return {"seconds": seconds, "cpu": cpu, "requests": server.requests() - before, "memory": used.ru_maxrss / 1024}


def added(home: Path, url: str) -> None:
    """A data directory with one source, as `openvna source add` leaves it, without the verification before it."""
    from openvna.app import open_gateway
    from openvna.model import JSON
    from openvna.settings import ServerSettings

    gateway = open_gateway(ServerSettings(home=home))
    try:
        config: dict[str, JSON] = {
            "credential": {"kind": "access-key", "access_key_id": KEY["AWS_ACCESS_KEY_ID"]},
            "regions": list(REGIONS),
            "endpoint_url": url,
        }
        secrets = {"credential.secret_access_key": KEY["AWS_SECRET_ACCESS_KEY"]}
        gateway.store.sources.add("moto", "aws", config, secrets, None, None)
    finally:
        gateway.close()


def found_in(home: Path) -> Counter[str]:
    """How many resources of each type are stored."""
    from openvna.app import open_gateway
    from openvna.settings import ServerSettings

    gateway = open_gateway(ServerSettings(home=home))
    try:
        return Counter(gateway.store.resources.counts())
    finally:
        gateway.close()


def peers(server: Moto) -> None:
    """The others, where they are installed."""
    environment = {**os.environ, **KEY, "AWS_ENDPOINT_URL": server.url, "AWS_DEFAULT_REGION": REGIONS[0]}
    commands = {
        "vpcatlas": ["vpcatlas", "--regions", ",".join(REGIONS)],
        "cartography": ["cartography", "--selected-modules", "aws", "--aws-regions", ",".join(REGIONS)],
    }
    for name, command in commands.items():
        if shutil.which(command[0]) is None or (name == "cartography" and "NEO4J_URI" not in os.environ):
            print(f"{name:<34}not installed here")
            continue
        if name == "cartography":
            command += ["--neo4j-uri", os.environ["NEO4J_URI"]]
        _line(name, timed(command, environment, server))


def _line(title: str, one: dict[str, float]) -> None:
    took = f"{one['seconds']:>7.1f} s ({one['cpu']:.1f} s of CPU)"
    print(f"{title:<34}{took}{one['requests']:>7.0f} requests{one['memory']:>7.0f} MiB", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vpcs", type=int, default=20, help="VPCs in each region")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, moto(Path(scratch)) as server:
        made: Counter[str] = Counter()
        for number, region in enumerate(REGIONS):
            seeding = Seeding(server.url, region)
            seeding.region_of(given.vpcs, 10 + number * 100)
            made += seeding.made
        print(f"{sum(made.values())} creations in {len(REGIONS)} regions of {given.vpcs} VPCs")
        home = Path(scratch) / "home"
        added(home, server.url)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "OPENVNA_"))}
        environment["OPENVNA_HOME"] = str(home)
        command = [sys.executable, "-m", "openvna", "collect", "moto"]
        asked = [*command, *(part for kind in KINDS for part in ("--type", kind))]
        _line(f"openvna, the {len(KINDS)} kinds", timed(asked, environment, server))
        found = found_in(home)
        missing = [kind for kind in KINDS if found[kind] < max(1, made[kind])]
        print(f"  {sum(found[kind] > 0 for kind in KINDS)} kinds, {sum(found.values())} resources", end="")
        print(f"; fewer than were made: {', '.join(missing)}" if missing else "; of each as many as were made, or more")
        _line("openvna, the same unchanged", timed(asked, environment, server))
        _line("openvna, every type", timed(command, environment, server))
        print(f"  {len(found_in(home))} kinds, {sum(found_in(home).values())} resources")
        peers(server)
    return 0


if __name__ == "__main__":
    sys.exit(main())
