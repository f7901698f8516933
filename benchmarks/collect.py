"""A collection against the loop that everybody writes: a boto3 paginator into SQLite.

    python benchmarks/collect.py [--items 100000] [--latency 0.03] [--rounds 3] [--in-order]

Both read the same network interfaces from the same loopback server. Ours fetches, normalises and stores with history;
the loop stores each item as JSON. Prints items a second of both, CPU seconds and peak memory; then the same once more
with nothing changed; and the ratios, the median of all rounds and each of them. The ids are in no order, as AWS gives
them, which is what indexes over them take most time for; with `--in-order` they count up. Trust the ratios, not the
seconds, and those of a machine that does nothing else: OpenVNA uses two cores of it, the loop one.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from loopback.processes import run, served, used

KEY = {"AWS_ACCESS_KEY_ID": "AKIARZPUZDIKGB2VALC4", "AWS_SECRET_ACCESS_KEY": "bench/bench/bench/bench/bench/bench/benc"}
TYPE = "aws.ec2.network-interface"


def theirs(url: str, folder: Path) -> int:
    """The loop: boto3's paginator, JSON, `executemany`."""
    import sqlite3

    import boto3

    database = sqlite3.connect(folder / "loop.db")
    database.execute("CREATE TABLE IF NOT EXISTS item (id TEXT PRIMARY KEY, body TEXT)")
    client = boto3.client(
        "ec2",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id=KEY["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEY["AWS_SECRET_ACCESS_KEY"],
    )
    count = 0
    for page in client.get_paginator("describe_network_interfaces").paginate(PaginationConfig={"PageSize": 1000}):
        rows = [(each["NetworkInterfaceId"], json.dumps(each, default=str)) for each in page["NetworkInterfaces"]]
        with database:
            database.executemany("INSERT OR REPLACE INTO item VALUES (?, ?)", rows)
        count += len(rows)
    return count


def prepared(url: str, folder: Path) -> int:
    """A home with the source in it, as an operator has it before the first collection."""
    from openvna.app import open_gateway
    from openvna.model import JSON
    from openvna.settings import ServerSettings

    gateway = open_gateway(ServerSettings(home=folder))
    try:
        credential: JSON = {
            "kind": "access-key",
            "access_key_id": KEY["AWS_ACCESS_KEY_ID"],
            "secret_access_key": KEY["AWS_SECRET_ACCESS_KEY"],
        }
        gateway.add_source("bench", "aws", {"credential": credential, "endpoint_url": url}, save_anyway=True)
    finally:
        gateway.close()
    return 0


def ours(url: str, folder: Path) -> int:  # noqa: ARG001 - the home knows its endpoint
    """OpenVNA: fetched, normalised, stored with history."""
    from openvna.app import open_gateway
    from openvna.settings import ServerSettings

    gateway = open_gateway(ServerSettings(home=folder))
    try:
        runs = gateway.collect("bench", types=[TYPE])
        assert all(run.state == "ok" for run in runs), runs
        return sum(run.seen for run in runs)
    finally:
        gateway.close()


WORK = {"loop": theirs, "prepare": prepared, "openvna": ours}


def measured(name: str, url: str, folder: Path) -> dict[str, float]:
    """One run in a process of its own."""
    return run(__file__, name, "--url", url, "--folder", str(folder))


def child(name: str, url: str, folder: Path) -> None:
    began = time.perf_counter()
    count = WORK[name](url, folder)
    seconds = time.perf_counter() - began
    print(json.dumps({"count": count, "seconds": seconds, **used()}))


def once(url: str) -> tuple[dict[str, float], ...]:
    """A round: the loop, OpenVNA for the first time, and OpenVNA with nothing changed."""
    figures = []
    with tempfile.TemporaryDirectory() as scratch:
        for title, name in (("boto3 into SQLite", "loop"), ("openvna", "openvna"), ("openvna, unchanged", "openvna")):
            folder = Path(scratch) / name
            if not folder.exists():
                folder.mkdir()
                if name == "openvna":
                    measured("prepare", url, folder)
            one = measured(name, url, folder)
            print(f"{title:<24}{one['count'] / one['seconds']:>10.0f}{one['cpu']:>8.1f}{one['memory']:>7.0f}")
            figures.append(one)
    return tuple(figures)


def shown(ratios: list[float]) -> str:
    """The median of some ratios, and each of them."""
    return f"{statistics.median(ratios):.1f}" + f" ({', '.join(f'{each:.1f}' for each in ratios)})" * (len(ratios) > 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--latency", type=float, default=0.03)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--in-order", action="store_true")
    parser.add_argument("--child", choices=list(WORK), help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.url, given.folder)
        return 0
    asked = ["--items", str(given.items), "--latency", str(given.latency), *["--in-order"] * given.in_order]
    faster, cheaper = [], []
    with served("aws_pages.py", *asked) as url:
        print(f"{given.items} network interfaces at {given.latency * 1000:g} ms")
        print(f"{'':<24}{'items/s':>10}{'CPU s':>8}{'MiB':>7}")
        for _ in range(given.rounds):
            loop, first, again = once(url)
            faster.append(loop["seconds"] / first["seconds"])
            cheaper.append(loop["cpu"] / again["cpu"])
    print(f"openvna / loop, items a second: {shown(faster)}")
    print(f"loop / openvna unchanged, CPU:  {shown(cheaper)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
