"""A process that is killed at any moment leaves the last complete state of each type."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from openvna.model import Conflict, RunState
from openvna.store import Query, Store, Vault, open_store

from .child import HERE, KEY, TYPES, state
from .conftest import collect

CHILD = Path(__file__).with_name("child.py")
KILLS = 10


def child(url: str, source_id: str, mode: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(CHILD), url, source_id, mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_a_run_of_a_killed_process_is_interrupted_at_once(url: str) -> None:
    with open_store(url, Vault(KEY)) as store:
        source = store.sources.add("lab", "aws", {}, {}, None, None)
        process = child(url, source.id, "wait")
        assert process.stdout is not None
        run_id = process.stdout.readline().strip()
        with pytest.raises(Conflict, match=f"process {process.pid} on") as error:
            store.runs.begin(source.id, HERE)
        assert run_id in error.value.why
        kill(process)
        assert store.runs.get(run_id).state is RunState.INTERRUPTED
        store.runs.begin(source.id, HERE).finish()
        assert store.resources.counts() == {}


def test_killed_at_any_moment_the_last_complete_state_stands(url: str) -> None:
    with open_store(url, Vault(KEY)) as store:
        source = store.sources.add("lab", "aws", {}, {}, None, None)
    chance = random.Random(7)
    generation = 0
    finished = 0
    for _ in range(KILLS):
        process = child(url, source.id, str(generation))
        assert process.stdout is not None
        # It says when a generation begins; a moment after that is anywhere in a listing, a commit or between.
        for _ in range(chance.randint(2, 4)):
            generation = int(process.stdout.readline()) + 1
        time.sleep(chance.random() * 0.25)
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0].split()
        generation = max([generation, *(int(line) + 1 for line in rest)])
        with open_store(url, Vault(KEY)) as store:
            check_whole(store)
            for type in TYPES:
                check_complete(store, type, generation)
            states = [run.state for run in store.runs.list(limit=1000).items]
            assert RunState.RUNNING not in states
            finished = states.count(RunState.OK)
    assert finished >= KILLS // 2, "hardly a run came to its end: the kills came too early to show anything"
    with open_store(url, Vault(KEY)) as store:
        line = collect(store, source, *state(TYPES[0], generation), scope=HERE, type=TYPES[0])
        assert line.seen == len(state(TYPES[0], generation))
        check_complete(store, TYPES[0], generation + 1)


def check_whole(store: Store) -> None:
    """The file is sound, and every table agrees with the others."""
    with store._database.read() as connection:
        if store._database.dialect == "sqlite":
            assert connection.execute(sa.text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            assert connection.execute(sa.text("PRAGMA foreign_key_check")).all() == []
        for question in (
            # A resource has the versions 1 to n, of which the last is open exactly while it lives.
            "SELECT count(*) FROM resource r WHERE r.version <> (SELECT count(*) FROM version v"
            " WHERE v.resource_key = r.key)",
            "SELECT count(*) FROM version v JOIN resource r ON r.key = v.resource_key"
            " WHERE (v.valid_to IS NULL) <> (v.number = r.version AND r.deleted_at IS NULL)",
            "SELECT count(*) FROM resource r WHERE (r.deleted_at IS NULL) <> EXISTS"
            " (SELECT 1 FROM sighting s WHERE s.resource_key = r.key)",
            "SELECT count(*) FROM resource r WHERE r.version - 1 <> (SELECT count(*) FROM past p"
            " WHERE p.resource_key = r.key)",
            "SELECT count(*) FROM version v LEFT JOIN resource r ON r.key = v.resource_key WHERE r.key IS NULL",
            "SELECT count(*) FROM relation l LEFT JOIN resource r ON r.key = l.resource_key WHERE r.key IS NULL",
            "SELECT count(*) FROM change c LEFT JOIN resource r ON r.key = c.resource_key WHERE r.key IS NULL",
            "SELECT count(*) FROM sighting s LEFT JOIN scope o ON o.id = s.scope_id WHERE o.id IS NULL",
            "SELECT abs((SELECT count(*) FROM change) - (SELECT last FROM counter WHERE name = 'change'))",
        ):
            assert connection.execute(sa.text(question)).scalar_one() == 0, question


def check_complete(store: Store, type: str, generation: int) -> None:
    """What stands is exactly one generation, whole, with its documents and links."""
    rows = list(store.resources.each(Query(type=type)))
    if not rows:
        return
    (stands,) = {row.attributes["generation"] for row in rows}
    assert isinstance(stands, int)
    assert stands < generation
    wanted = {resource.id: resource for resource in state(type, stands)}
    assert {row.id for row in rows} == set(wanted)
    for row in rows[::25]:
        detail = store.resources.get(row.id)
        assert detail.document == wanted[row.id].document
        assert [link.to for link in detail.relations if link.direction == "out"] == [wanted[row.id].relations[0].to]
