"""An organization of nearly empty accounts, collected whole: OpenVNA against boto3 with 32 threads.

    python benchmarks/fleet.py [--accounts 1000] [--part 5] [--latency 0.03] [--every-type]

Both read the same loopback organization (`loopback/organization.py`): 17 regions an account, in each one VPC with what
comes with it, each answer after the latency. Eleven lists a scope, in six services; `TYPES` names them.

boto3 reads a part of the accounts as everybody does it: the role assumed, a session an account, a client a service and
region, paginators, 32 threads side by side, nothing stored. OpenVNA does the whole: it finds the accounts by
Organizations, enters each, and stores all with history; then it does so again with nothing changed. boto3's time for
all accounts follows from that for its part, less the first account's, in which it loads its models.

`--every-type` reads all types instead of eleven, on the part alone, and works out what all accounts would take.
Each is a process of its own. Trust the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from loopback.processes import run, served, used

KEY = "AKIARZPUZDIKGB2VALC4"
SECRET = "bench/bench/bench/bench/bench/bench/benc"
TYPES = {
    "aws.ec2.vpc": ("ec2", "describe_vpcs"),
    "aws.ec2.subnet": ("ec2", "describe_subnets"),
    "aws.ec2.route-table": ("ec2", "describe_route_tables"),
    "aws.ec2.network-acl": ("ec2", "describe_network_acls"),
    "aws.ec2.security-group": ("ec2", "describe_security_groups"),
    "aws.ec2.network-interface": ("ec2", "describe_network_interfaces"),
    "aws.elbv2.load-balancer": ("elbv2", "describe_load_balancers"),
    "aws.network-firewall.firewall": ("network-firewall", "list_firewalls"),
    "aws.route53resolver.endpoint": ("route53resolver", "list_resolver_endpoints"),
    "aws.directconnect.connection": ("directconnect", "describe_connections"),
    "aws.vpc-lattice.service-network": ("vpc-lattice", "list_service_networks"),
}
"""The eleven types, and what boto3 calls for each."""
THREADS = 32
REGIONS = 17


def theirs(url: str, accounts: int, _folder: Path, _every: bool) -> dict[str, float]:
    """boto3, as everybody uses it."""
    import boto3

    base = boto3.Session(aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1")
    sts = base.client("sts", endpoint_url=url)
    extent = _told(url, "organization")
    making = threading.Lock()  # boto3's sessions are not for several threads
    counted: list[int] = []

    def scope(session: boto3.Session, region: str) -> None:
        clients = {}
        for service, operation in TYPES.values():
            if service not in clients:
                with making:
                    clients[service] = session.client(service, region_name=region, endpoint_url=url)
            client = clients[service]
            if client.can_paginate(operation):
                pages = list(client.get_paginator(operation).paginate())
            else:
                pages = [getattr(client, operation)()]
            counted.append(len(pages))

    def account(number: int, crew: ThreadPoolExecutor) -> None:
        role = f"arn:aws:iam::{extent['accounts'][number]}:role/OpenVNA"
        entered = sts.assume_role(RoleArn=role, RoleSessionName="bench")["Credentials"]
        session = boto3.Session(
            aws_access_key_id=entered["AccessKeyId"],
            aws_secret_access_key=entered["SecretAccessKey"],
            aws_session_token=entered["SessionToken"],
        )
        for done in [crew.submit(scope, session, region) for region in extent["regions"]]:
            done.result()

    with ThreadPoolExecutor(THREADS) as crew, ThreadPoolExecutor(THREADS) as entering:
        account(0, crew)
        began = time.perf_counter()
        for done in [entering.submit(account, number, crew) for number in range(1, accounts)]:
            done.result()
        seconds = time.perf_counter() - began
    return {"seconds": seconds, "scopes": (accounts - 1) * len(extent["regions"])}


def ours(url: str, _accounts: int, folder: Path, every: bool) -> dict[str, float]:
    """OpenVNA: found, entered, listed, stored with history."""
    from openvna.app import open_gateway
    from openvna.model import JSON
    from openvna.settings import ServerSettings

    gateway = open_gateway(ServerSettings(home=folder))
    try:
        if not gateway.store.sources.list():
            credential: dict[str, JSON] = {"kind": "access-key", "access_key_id": KEY}
            config: dict[str, JSON] = {
                "credential": credential,
                "organization": {"role_name": "OpenVNA"},
                "endpoint_url": url,
            }
            # Straight into the store: what is measured is a collection, not the verification before the first one.
            secrets = {"credential.secret_access_key": SECRET}
            gateway.store.sources.add("bench", "aws", config, secrets, None, None)
        began = time.perf_counter()
        runs = gateway.collect("bench", types=None if every else list(TYPES))
        seconds = time.perf_counter() - began
        scopes = [run for run in runs if run.region]
        assert every or all(run.state == "ok" for run in scopes), scopes[0]
        return {"seconds": seconds, "scopes": len(scopes), "seen": sum(run.seen for run in scopes)}
    finally:
        gateway.close()


WORK = {"boto3": theirs, "openvna": ours}


def child(given: argparse.Namespace) -> None:
    found = WORK[given.child](given.url, given.accounts, given.folder, given.every_type)
    print(json.dumps(found | used()))


def measured(name: str, url: str, folder: Path, accounts: int, every: bool) -> dict[str, float]:
    """One run in a process of its own, with the calls that the server counted."""
    before = _asked(url)
    given = ("--url", url, "--folder", str(folder), "--accounts", str(accounts))
    found = run(__file__, name, *given, *(["--every-type"] if every else []))
    found["calls"] = _asked(url) - before
    return found


def _told(url: str, what: str) -> dict[str, Any]:
    with urlopen(f"{url}/{what}") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def _asked(url: str) -> int:
    return sum(_told(url, "requests").values())


def organization(accounts: int, latency: float) -> AbstractContextManager[str]:
    """The address of an organization of so many accounts."""
    return served("organization.py", "--accounts", str(accounts), "--latency", str(latency))


def _size(folder: Path) -> float:
    """MiB of the data directory."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / 2**20


def _line(title: str, one: dict[str, float]) -> None:
    print(
        f"{title:<26}{one['scopes']:>8.0f}{one['calls']:>9.0f}{one['seconds']:>8.1f}"
        f"{one['calls'] / one['seconds']:>9.0f}{one['cpu']:>8.1f}{one['memory']:>7.0f}",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--part", type=int, default=5, help="the accounts that boto3 reads, after the first")
    parser.add_argument("--latency", type=float, default=0.03)
    parser.add_argument("--every-type", action="store_true")
    parser.add_argument("--child", choices=list(WORK), help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given)
        return 0
    print(f"{given.accounts} accounts x {REGIONS} regions at {given.latency * 1000:g} ms")
    print(f"{'':<26}{'scopes':>8}{'calls':>9}{'s':>8}{'calls/s':>9}{'CPU s':>8}{'MiB':>7}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if given.every_type:
            with organization(given.part, given.latency) as url:
                for title in ("openvna, every type", "openvna, unchanged"):
                    one = measured("openvna", url, folder, given.part, every=True)
                    _line(title, one)
                    hours = one["seconds"] / one["scopes"] * given.accounts * REGIONS / 3600
                    print(f"  so {given.accounts} accounts take {hours:.1f} h")
            return 0
        with organization(given.accounts, given.latency) as url:
            loop = measured("boto3", url, folder, given.part + 1, every=False)
            _line(f"boto3, {THREADS} threads, a part", loop)
            first = measured("openvna", url, folder, given.accounts, every=False)
            _line("openvna", first)
            size = _size(folder)
            _line("openvna, unchanged", again := measured("openvna", url, folder, given.accounts, every=False))
        grown = f"{size:.0f} MiB, {_size(folder) - size:.0f} MiB more after the second collection"
        print(f"the database: {first['seen']:.0f} resources in {grown}")
    for title, one in (("", first), (", unchanged", again)):
        ratio = (loop["seconds"] / loop["scopes"]) / (one["seconds"] / one["scopes"])
        print(f"boto3 / openvna{title}, seconds a scope: {ratio:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
