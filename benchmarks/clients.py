"""What it takes to be ready to call AWS everywhere: our client against boto3's.

    python benchmarks/clients.py [--services 20] [--regions 17] [--accounts 10]

Ready means that a signed request could be sent at once: for every service in every region of every account, the
operations that a collection calls are compiled, the endpoint is resolved, and the key that signs is derived. boto3
has a session for each account and a client for each service and region, as everybody makes them. Each is measured in a
process of its own: the seconds and the memory after everything is imported, then the peak of the whole process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1"),
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2", "ap-south-1"),
)
"""The regions that are on in every account."""
SECRET = "bench/bench/bench/bench/bench/bench/benc"


@dataclass(frozen=True)
class Extent:
    """How much is made ready."""

    services: Sequence[str]
    regions: Sequence[str]
    accounts: int


def boto3_ready(extent: Extent) -> Callable[[], object]:
    """The work of boto3, after its import."""
    import boto3

    def work() -> object:
        made = []
        for account in range(extent.accounts):
            session = boto3.Session(
                aws_access_key_id=_key(account), aws_secret_access_key=SECRET, region_name="us-east-1"
            )
            for service in extent.services:
                made += [session.client(service, region_name=region) for region in extent.regions]
        return made

    return work


def openvna_ready(extent: Extent) -> Callable[[], object]:
    """The work of ours, after its imports."""
    from openvna.plugins.aws.api import Credentials
    from openvna.plugins.aws.config import AwsConfig
    from openvna.plugins.aws.retries import AT_ONCE
    from openvna.plugins.aws.types import OPERATIONS
    from openvna.plugins.aws.wire.api import Wire
    from openvna.plugins.aws.wire.signatures import Unsigned

    def work() -> object:
        wire = Wire(AwsConfig(), OPERATIONS)
        accounts = []
        for account in range(extent.accounts):
            held = Credentials(_key(account), f"{SECRET[:-2]}{account:02}")
            accounts.append(wire.api(lambda held=held: held, AT_ONCE))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            for service in extent.services:
                for operation in OPERATIONS[service]:
                    wire.operations.get(service, operation)
                one = wire.operations.get(service, min(OPERATIONS[service]))
                for region in extent.regions:
                    place = wire.place(service, region, one.host_prefix)
                    wire.signer.headers(
                        *(Unsigned("POST", "", {}, b""), place.host_header, "/", held),
                        *(one.signing_name, place.endpoint.signing_region or region, datetime.now(UTC)),
                    )
        return wire, accounts

    return work


WORK = {"boto3": boto3_ready, "openvna": openvna_ready}


def services(count: int) -> tuple[str, ...]:
    """The services of a collection with the most operations, by botocore's names."""
    from openvna.plugins.aws.types import OPERATIONS

    return tuple(sorted(OPERATIONS, key=lambda service: (-len(OPERATIONS[service]), service))[:count])


def child(name: str, extent: Extent) -> None:
    work = WORK[name](extent)
    before, began = _held(), time.perf_counter()
    kept = work()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "grown": _held() - before, "peak": peak, "kept": kept is not None}))


def measured(name: str, given: argparse.Namespace) -> dict[str, float]:
    """One run in a process of its own."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    command = [sys.executable, __file__, "--child", name]
    command += [
        f"--named={','.join(services(given.services))}",
        f"--regions={given.regions}",
        f"--accounts={given.accounts}",
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} ended with {done.returncode}: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _key(account: int) -> str:
    return f"AKIARZPUZDIKGB2V{account:04}"


def _held() -> float:
    """MiB of this process that are in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, default=20)
    parser.add_argument("--regions", type=int, default=len(REGIONS))
    parser.add_argument("--accounts", type=int, default=10)
    parser.add_argument("--child", choices=list(WORK), help=argparse.SUPPRESS)
    parser.add_argument("--named", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, Extent(given.named.split(","), REGIONS[: given.regions], given.accounts))
        return 0
    count = given.services * given.regions * given.accounts
    print(f"{given.services} services x {given.regions} regions x {given.accounts} accounts: {count} clients")
    print(f"{'':<10}{'s':>8}{'MiB grown':>11}{'MiB peak':>10}")
    figures = {}
    for name in WORK:
        one = figures[name] = measured(name, given)
        print(f"{name:<10}{one['seconds']:>8.2f}{one['grown']:>11.0f}{one['peak']:>10.0f}")
    theirs, ours = figures["boto3"], figures["openvna"]
    print(f"boto3 / openvna, seconds:     {theirs['seconds'] / ours['seconds']:.0f}")
    print(f"boto3 / openvna, MiB grown:   {theirs['grown'] / ours['grown']:.1f}")
    print(f"boto3 / openvna, MiB of peak: {theirs['peak'] / ours['peak']:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
