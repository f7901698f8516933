"""What is known of every type in every scope of a large organization: how large it is, and how fast it is read.

    python benchmarks/coverage.py [--scopes 17000] [--types 300] [--url postgresql+psycopg://...]

Writes one run of each scope through the store's own writer: four types with a resource each, in every fiftieth scope
twenty types that were denied, all others empty. Then the questions that the REST API and the admin UI ask, each the
median of several tries. Last, the size of the same coverage and ledger with a row for each type, on a part of the
scopes. The database at `--url` must be empty; without it, it is SQLite in a scratch directory.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from loopback.processes import median

from openvna.model import Calls, Failure, Kind, Outcome, Resource, Scope
from openvna.store import CoverageQuery, Store, Vault, open_store, tables
from openvna.store.columns import moment_of

REGIONS = 17
PART = 500
"""Scopes that are written with a row for each type, to see how large that is."""
DENIED = Failure(
    Outcome.DENIED,
    "User: arn:aws:sts::123456789012:assumed-role/OpenVNA/openvna is not authorized to perform: ec2:DescribeVpcs "
    "with an explicit deny in a service control policy",
    code="UnauthorizedOperation",
    cause="H-SCP",
    action="ec2:DescribeVpcs",
    remedy="Ask whoever manages the organization's policies to allow it.",
)


def scope_of(number: int) -> Scope:
    account, region = f"{100_000_000_000 + number // REGIONS}", f"region-{number % REGIONS:02}"
    return Scope(f"aws/{account}/{region}", "aws", account, region)


def resource(scope: Scope, type: str) -> Resource:
    name = f"{type.rpartition('.')[2]}-{scope.account}-{scope.region}"
    return Resource(
        id=f"arn:aws:ec2:{scope.region}:{scope.account}:{name}",
        type=type,
        kind=Kind.NETWORK,
        alias=name,
        account=scope.account,
        region=scope.region,
        document={"Id": name},
    )


def collected(store: Store, source_id: str, number: int, types: list[str]) -> None:
    """One run of one scope."""
    scope = scope_of(number)
    writer = store.runs.begin(source_id, scope)
    for place, type in enumerate(types):
        if place < 4:
            writer.record(resource(scope, type))
        denied = number % 50 == 0 and 4 <= place < 24
        failure = Failure(DENIED.outcome, f"{DENIED.message} {type}", DENIED.code, DENIED.cause) if denied else None
        writer.end(type, failure, Calls(1, 0, 0, 0.03))
    writer.finish()


def row_by_row(scopes: int, types: list[str]) -> float:
    """Bytes that a line of the coverage and a line of the ledger take together, as a row each."""
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "rows.db"
        store = open_store(f"sqlite:///{file}", Vault(bytes(32)))
        source = store.sources.add("rows", "aws", {}, {}, None, None)
        runs = [store.runs.begin(source.id, scope_of(number)) for number in range(scopes)]
        ids = [run.run_id for run in runs]
        for run in runs:
            run.finish()
        store.close()
        engine = sa.create_engine(f"sqlite:///{file}")
        before = file.stat().st_size
        with engine.begin() as connection:
            at = moment_of(1_790_000_000_000_000)
            counts = dict.fromkeys(("seen", "created", "updated", "deleted", "retries", "throttles"), 0)
            line = {"outcome": "ok", "calls": 1, "seconds": 0.03, "waited": 0.0, "failure": None, **counts}
            scope_ids = connection.execute(sa.select(tables.scope.c.id)).scalars().all()
            known = {"outcome": "ok", "tried_at": at, "complete_at": at, "resources": 0, "failure": None}
            for id, run_id in zip(scope_ids, ids, strict=True):
                connection.execute(
                    sa.insert(tables.coverage), [{"scope_id": id, "type": type, **known} for type in types]
                )
                connection.execute(
                    sa.insert(tables.listing), [{"run_id": run_id, "type": type, "at": at, **line} for type in types]
                )
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        return (file.stat().st_size - before) / (scopes * len(types))


def measure(url: str, scopes: int, types: list[str], size: Callable[[], int] | None) -> None:
    store = open_store(url, Vault(bytes(32)))
    source = store.sources.add("organization", "aws", {}, {}, None, None)
    for title in ("first", "unchanged again"):
        began = time.perf_counter()
        for number in range(scopes):
            collected(store, source.id, number, types)
        seconds = time.perf_counter() - began
        print(f"  {title:<44}{scopes / seconds:8,.0f} scopes a second")
    if size is not None:
        print(f"  the whole database after these two           {size() / 2**20:8,.0f} MiB")
    runs = store.runs
    deep = runs.coverage_page(CoverageQuery(), limit=1000)
    for _ in range(20):
        deep = runs.coverage_page(CoverageQuery(), cursor=deep.cursor, limit=1000)
    print(f"  lines of the coverage                        {deep.total:8,}")
    questions: dict[str, Callable[[], object]] = {
        "/coverage, the first 1,000": lambda: runs.coverage_page(CoverageQuery()),
        "/coverage, 1,000 far inside": lambda: runs.coverage_page(CoverageQuery(), cursor=deep.cursor),
        "/coverage of one type": lambda: runs.coverage_page(CoverageQuery(type=types[200])),
        "/coverage of one region": lambda: runs.coverage_page(CoverageQuery(region="region-03")),
        "/coverage of one account": lambda: runs.coverage_page(CoverageQuery(account=scope_of(scopes // 2).account)),
        "/coverage, what was denied": lambda: runs.coverage_page(CoverageQuery(outcome=Outcome.DENIED)),
        "/resource-types": lambda: runs.coverage_by_type(),
        "page of the source": lambda: runs.coverage_by_region(source.id, empty=False),
        "overview, what is in trouble": lambda: runs.troubles(),
        "inventory, types that were listed": lambda: runs.listed_types(),
        "before a collection, scopes that are known": lambda: runs.known(source.id),
        "the ledger of a run": lambda: runs.ledger(runs.list(limit=1).items[0].id),
    }
    for title, work in questions.items():
        print(f"  {title:<44}{median(work, 7):8.1f} ms")
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scopes", type=int, default=17_000)
    parser.add_argument("--types", type=int, default=300)
    parser.add_argument("--url", help="a database to measure instead of SQLite; it must be empty")
    given = parser.parse_args()
    types = [f"aws.ec2.some-resource-type-{number:03}" for number in range(given.types)]
    print(f"{given.scopes} scopes x {given.types} types")
    if given.url:
        measure(given.url, given.scopes, types, None)
        return
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "openvna.db"
        measure(f"sqlite:///{file}", given.scopes, types, lambda: file.stat().st_size)
    part = row_by_row(min(PART, given.scopes), types)
    whole = part * given.scopes * given.types / 2**20
    print(f"  coverage and ledger of one run, a row a type {whole:8,.0f} MiB, from {min(PART, given.scopes)} scopes")


if __name__ == "__main__":
    main()
