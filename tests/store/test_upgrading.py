"""A database with what an older version recorded in it: nothing is lost on the way, and the next collection goes on."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from openvna.model import Calls, Failure, Outcome, RunState
from openvna.store import Vault, open_store, schema, tables
from openvna.store.engine import connect

from .conftest import HERE, SUBNET, VPC, Clock, aliases, vpc

OLD = "0005"
SECRETS = {"key": "a-secret-value"}


def turned_back(url: str, old_url: str, clock: Clock) -> None:
    """What is in a database, as far as the old schema has a place for it, in one of that schema."""
    new, old = connect(url, clock), connect(old_url, clock)
    try:
        with new.read() as source, old.write() as target:
            schema.migrate(target, OLD)
            names = set(sa.inspect(target).get_table_names())
            for name in [table.name for table in tables.metadata.sorted_tables if table.name in names]:
                there = sa.Table(name, sa.MetaData(), autoload_with=target, resolve_fks=False)
                here = sa.Table(name, sa.MetaData(), autoload_with=source, resolve_fks=False)
                counters = set(target.execute(sa.select(there.c.name)).scalars()) if name == "counter" else set()
                target.execute(sa.delete(there))  # what the steps put in themselves
                found = source.execute(sa.select(*(here.c[each.name] for each in there.c))).mappings()
                rows = [dict(row) for row in found if name != "counter" or row["name"] in counters]
                if rows:
                    target.execute(sa.insert(there), rows)
    finally:
        new.close()
        old.close()


def test_what_an_older_version_recorded_is_there_and_collected_on(
    place: Callable[..., str], vault: Vault, clock: Clock
) -> None:
    url, old_url = place(empty=True), place(empty=True)
    with open_store(url, vault, clock=clock) as store:
        source = store.sources.add("lab", "aws", {"partition": "aws"}, SECRETS, None, None)
        for state in ("on", "off"):
            writer = store.runs.begin(source.id, HERE)
            for name in ("vpc-1", "vpc-2", "vpc-3"):
                hub = [("beside", "vpc-2")] if state == "off" else []
                writer.record(vpc(name, state=state, tags={"who": "me"}, relations=hub))
            writer.complete(VPC, Calls(3, 1, 1, 0.5))
            writer.complete(SUBNET)
            writer.problem("aws.ec2.flow-log", Failure(Outcome.DENIED, "no"))
            writer.finish()
            clock.forward(minutes=15)
    turned_back(url, old_url, clock)
    with open_store(old_url, vault, clock=clock) as store:
        assert store.sources.secrets("lab") == SECRETS
        assert store.resources.get("vpc-2").incoming == {"beside": 3}
        assert [run.calls.calls for run in store.runs.list().items] == [3, 3]
        assert {line.type: line.resources for line in store.runs.coverage()} == {
            VPC: 3,
            SUBNET: 0,
            "aws.ec2.flow-log": 0,
        }
        prints = {"vpc-1": b"print-01", "vpc-2": b"print-02"}
        for deleted in (1, 0):
            writer = store.runs.begin(source.id, HERE)
            assert any(writer.unchanged(VPC, [*prints.values()])) is not bool(deleted)
            for name, fingerprint in prints.items():
                writer.record(vpc(name, state="off", tags={"who": "me"}, relations=[("beside", "vpc-2")]), fingerprint)
            for type in (VPC, SUBNET, "aws.ec2.flow-log"):
                writer.end(type, None)
            run = writer.finish()
            assert (run.state, run.seen, run.created, run.updated) == (RunState.OK, 2, 0, 0)
            assert run.deleted == deleted
        assert aliases(store) == ["vpc-1", "vpc-2"]
        assert {line.type: line.outcome for line in store.runs.coverage()} == dict.fromkeys(
            (VPC, SUBNET, "aws.ec2.flow-log"), Outcome.OK
        )
        assert store.resources.get("vpc-1").resource.version == 2
        assert store.resources.get("vpc-2").incoming == {"beside": 2}
