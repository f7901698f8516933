"""How fast the memory is, as ratios to a floor measured in the same run.

    python benchmarks/store.py [--resources 100000] [--url postgresql+psycopg://...]

The floor is what Python's sqlite3 does with the same documents and nothing else: one table, one index,
`executemany`. Machines are noisy: trust the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import random
import resource as process
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import orjson
from loopback.processes import median

from openvna.model import Kind, Relation, Resource, Scope
from openvna.store import Query, Store, Vault, open_store

SCOPE = Scope("aws/111122223333/eu-west-1", "aws", "111122223333", "eu-west-1")
TYPE = "aws.ec2.network-interface"


def interfaces(count: int, changed: int = 0) -> Iterator[Resource]:
    """Network interfaces with documents of about 1.3 kB; every `changed`-th in another state."""
    chance = random.Random(1)
    for number in range(count):
        name = f"eni-{number * 2654435761 % 2**32:08x}{number:09x}"
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        state = "available" if changed and number % changed == 0 else "in-use"
        subnet = f"subnet-{number // 250:017x}"
        yield Resource(
            id=f"arn:aws:ec2:eu-west-1:111122223333:network-interface/{name}",
            type=TYPE,
            kind=Kind.INTERFACE,
            account="111122223333",
            region="eu-west-1",
            alias=name,
            name=f"host-{chance.randrange(10**6):06}",
            tags={"Name": f"host-{number}", "team": f"team-{number % 40}"},
            attributes={
                "private_ip": address,
                "status": state,
                "subnet_id": subnet,
                "security_groups": [f"sg-{number % 97:017x}", f"sg-{number % 13:017x}"],
                "source_dest_check": True,
            },
            relations=(Relation("in-subnet", subnet), Relation("protected-by", f"sg-{number % 97:017x}")),
            document={
                "NetworkInterfaceId": name,
                "Status": state,
                "SubnetId": subnet,
                "PrivateIpAddress": address,
                "MacAddress": f"02:{number >> 24 & 255:02x}:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}",
                "Groups": [{"GroupId": f"sg-{number % 97:017x}", "GroupName": f"group-{number % 97}"}],
                "PrivateIpAddresses": [
                    {"Primary": True, "PrivateIpAddress": address, "PrivateDnsName": f"ip-{address}"}
                ],
                "Attachment": {"InstanceId": f"i-{number:017x}", "DeviceIndex": 0, "Status": "attached"},
                "Description": "x" * 300,
                "VpcId": f"vpc-{number // 5000:017x}",
            },
        )


def floor(count: int) -> float:
    """Seconds that plain sqlite3 takes for the same documents."""
    with tempfile.TemporaryDirectory() as home:
        database = sqlite3.connect(Path(home) / "floor.db")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE resource (key INTEGER PRIMARY KEY, id TEXT, document TEXT)")
        database.execute("CREATE UNIQUE INDEX ix ON resource (id)")
        rows = (
            (each.id, orjson.dumps([dict(each.document), dict(each.attributes)]).decode()) for each in interfaces(count)
        )
        began = time.perf_counter()
        with database:
            database.executemany("INSERT INTO resource (id, document) VALUES (?, ?)", rows)
        seconds = time.perf_counter() - began
        database.close()
    return seconds


def listing(store: Store, source_id: str, resources: Iterator[Resource]) -> float:
    began = time.perf_counter()
    writer = store.runs.begin(source_id, SCOPE)
    for each in resources:
        writer.record(each)
    writer.complete(TYPE)
    writer.finish()
    return time.perf_counter() - began


def measure(url: str, count: int, base: float) -> None:
    store = open_store(url, Vault(bytes(32)))
    source = store.sources.add("benchmark", "aws", {}, {}, None, None)
    making = time.perf_counter()
    for _ in interfaces(count):
        pass
    making = time.perf_counter() - making
    print(f"  making the resources in Python      {count / making:10,.0f} a second")
    for title, changed in (("load", 0), ("unchanged again", 0), ("5 % changed", 20)):
        seconds = listing(store, source.id, interfaces(count, changed))
        print(f"  {title:35} {count / seconds:10,.0f} a second, {seconds / base:5.2f} times the floor")
    peak = process.getrusage(process.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  most memory so far                  {peak:10,.0f} MB")
    page = store.resources.list(limit=100)
    far = store.resources.list(limit=1000)
    for _ in range(20):
        far = store.resources.list(limit=1000, cursor=far.cursor)
    run = store.runs.list(limit=3).items[1]
    assert run.finished_at is not None
    then = run.finished_at + timedelta(microseconds=1)
    queries: dict[str, Callable[[], object]] = {
        f"page of 100 by {sort}": lambda sort=sort: store.resources.list(sort=sort)  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        for sort in ("type", "name", "id", "account", "region", "changed_at")
    }
    queries |= {
        "page of 100 by name, descending": lambda: store.resources.list(sort="name", descending=True),
        "page far inside": lambda: store.resources.list(limit=1000, cursor=far.cursor),
        "page with count": lambda: store.resources.list(count=True),
        "page of one type by name": lambda: store.resources.list(Query(type=TYPE), sort="name"),
        "text, found nowhere": lambda: store.resources.list(Query(text="no such thing")),
        "text, found once": lambda: store.resources.list(Query(text=page.items[50].alias)),
        "text, found often, with count": lambda: store.resources.list(Query(text="10.0.1"), count=True),
        "attribute, found often": lambda: store.resources.list(Query(where={"status": "available"})),
        "attribute in a list, with count": lambda: store.resources.list(
            Query(where={"security_groups": f"sg-{5:017x}"}), count=True
        ),
        "tag, with count": lambda: store.resources.list(Query(tags={"team": "team-7"}), count=True),
        "counts by type": lambda: store.resources.counts(),
        "facets": lambda: store.resources.facets(),
        "by id, with document and links": lambda: store.resources.get(page.items[7].id),
        "by alias": lambda: store.resources.find(page.items[7].alias),
        "page of a past moment": lambda: store.resources.list(Query(at=then)),
        "by id at a past moment": lambda: store.resources.get(page.items[7].id, at=then),
        "changes": lambda: store.changes.list(),
    }
    for title, work in queries.items():
        print(f"  {title:35} {median(work, 9):10.1f} ms")
    began = time.perf_counter()
    store.sources.delete(source.id)
    print(f"  delete the source                   {time.perf_counter() - began:10.2f} s")
    store.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--resources", type=int, default=100_000)
    arguments.add_argument("--url", help="a database to measure as well; it must be empty")
    given = arguments.parse_args()
    base = floor(given.resources)
    print(f"floor, plain sqlite3                  {given.resources / base:10,.0f} a second")
    with tempfile.TemporaryDirectory() as home:
        print("SQLite")
        file = Path(home) / "openvna.db"
        measure(f"sqlite:///{file}", given.resources, base)
    if given.url:
        print("PostgreSQL")
        measure(given.url, given.resources, base)


if __name__ == "__main__":
    main()
