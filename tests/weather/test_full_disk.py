"""A disk that is full while a collection is under way: it says so, nothing that was there is harmed, and the next one
after room was made is right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy as sa

from openvna.collect import Phase, Progress
from openvna.model import RunState, StoreUnusable
from openvna.store.prepared import Prepared
from support.sky import AWAY, HERE, HOME, Watch

FULL = r"The disk that holds .*test_.* is full \(\d+ \w+ of \d+ \w+ are free\)\."


@contextmanager
def no_page_more(watch: Watch, pages: int) -> Iterator[None]:
    """SQLite may take so many pages more, and says "database or disk is full" (SQLITE_FULL) of the next one."""
    engine = watch.store._database.engine
    with engine.connect() as connection:
        most = connection.exec_driver_sql("PRAGMA page_count").scalar_one() + pages

    def bound(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {most}")

    sa.event.listen(engine, "checkout", bound)
    yield
    sa.event.remove(engine, "checkout", bound)
    make_room(engine)


@contextmanager
def nothing_writable(watch: Watch) -> Iterator[None]:
    """From the first finding on, every transaction that writes meets a full disk, as SQLite says it."""
    engine, run = watch.store._database.engine, Prepared.run

    def refuse(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(("INSERT INTO listing", "UPDATE run ", "INSERT INTO resource")):
            cursor.execute("PRAGMA max_page_count = 1")
            cursor.execute("CREATE TABLE no_room AS SELECT randomblob(1000000)")

    def refused(prepared: Prepared, connection: sa.Connection, *values: Any) -> None:
        refuse(connection, connection.connection.cursor(), str(prepared._statement))
        run(prepared, connection, *values)

    sa.event.listen(engine, "before_cursor_execute", refuse)
    with patch.object(Prepared, "run", refused):
        yield
    sa.event.remove(engine, "before_cursor_execute", refuse)
    make_room(engine)


def make_room(engine: sa.Engine) -> None:
    sa.event.listen(engine, "checkout", lambda connection, *_: connection.execute("PRAGMA max_page_count = 1073741823"))


def full_of_vpcs(watch: Watch, many: int = 400) -> None:
    """More than there is room for: each has a version, a row and its links."""
    watch.sky.vpcs[HOME] += [f"vpc-{number:05}" for number in range(many)]
    watch.sky.page = 1000


def test_a_run_that_finds_no_room_fails_and_names_the_disk_and_what_to_do(watch: Watch) -> None:
    before = watch.resources()
    full_of_vpcs(watch)
    watch.sky.subnets[HOME].remove("subnet-1")
    with no_page_more(watch, 4):
        run = watch.collect()[HERE]
        assert run.state is RunState.FAILED
        assert run.failure is not None
        assert re.search(FULL, run.failure.message)
        assert str(watch.store._database.place) in run.failure.message
        assert run.failure.remedy.startswith("Make room on it")
        held = watch.resources()
        assert set(held) >= set(before) - {one for one in before if one.endswith("subnet-1")}
    watch.clears()


def test_a_store_that_takes_nothing_at_all_ends_the_collection(watch: Watch) -> None:
    """Not even the end of the run can be written: whoever asked is told, what is there can be read, and the run gets
    its end when there is room again."""
    watch.sky.regions.append(AWAY)
    full_of_vpcs(watch)
    said: list[Progress] = []
    asked = watch.sky.aws.asked("DescribeVpcs")
    with nothing_writable(watch):
        with pytest.raises(StoreUnusable, match="cannot be used") as raised:
            watch.gateway.collect("sky", on_progress=said.append)
        assert raised.value.remedy
        assert [each.failure is not None for each in said if each.phase is Phase.FINISHED] == [True]
        runs = watch.store.runs.list().items
        watch.hold()
    assert len(runs) >= 1
    assert watch.sky.aws.asked("DescribeVpcs") - asked <= 4
    ended = [run for run in watch.store.runs.list().items if run.id in {each.id for each in runs}]
    assert RunState.RUNNING not in {run.state for run in ended}
    assert any(run.failure and re.search(FULL, run.failure.message) for run in ended)
    watch.clears()
