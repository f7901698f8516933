"""SIGTERM in mid-run, to real processes, while AWS is slow: they are gone within five seconds, and nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from openvna.model import RunState
from openvna.store import tables
from support.fault_server import HANG, Answer, Request
from support.sky import AWAY, HERE, HOME, SUBNET, THERE, VPC, Watch, watching

SOON = 15
"""Seconds. Five are promised, and a tenth of one is usual; a busy machine is given more. The answer that AWS owes comes
after thirty."""
BOTH = pytest.mark.parametrize("readers", [0, 2])
COMMAND = [sys.executable, "-m", "openvna"]


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    """What the processes find in their data directory: a source, collected once."""
    (tmp_path / "home").mkdir(mode=0o700)
    with watching(tmp_path / "home") as watch:
        watch.clears()
        yield watch


@contextmanager
def running(
    watch: Watch, folder: Path, readers: int, *arguments: str, workers: int = 64
) -> Iterator[subprocess.Popen[str]]:
    """The process, once it waits for an answer that does not come, by itself or by processes that read for it."""
    waits = threading.Event()
    sky = watch.sky
    sky.vpcs[HOME] += ["vpc-6", "vpc-7"]
    sky.subnets[HOME].append("subnet-3")

    def slow(request: Request) -> Answer:
        if not request.params.get("NextToken"):
            return sky.describe_vpcs(request)
        waits.set()
        return HANG

    sky.aws.on("DescribeVpcs", slow)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "OPENVNA_HOME": str(folder / "home")}
    environment |= {"OPENVNA_READERS": str(readers), "OPENVNA_WORKERS": str(workers)}
    process = subprocess.Popen(
        [*COMMAND, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    with process:
        try:
            assert waits.wait(60), "it did not come to the slow answer"
            yield process
        finally:
            process.kill()


def ends(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and what was printed, of a process that ends in time."""
    began = time.monotonic()
    process.terminate()
    printed = process.communicate(timeout=60)[0]
    assert time.monotonic() - began < SOON
    return process.returncode, printed


def nothing_is_lost(watch: Watch) -> None:
    """The run says that it was stopped, nothing is retired, and the next one reads the rest."""
    run = watch.store.runs.list(limit=1).items[0]
    assert (run.scope, run.state) == (HERE, RunState.FAILED)
    assert run.failure is not None
    assert run.failure.message == "OpenVNA was stopped while this was being collected."
    watch.hold()
    assert {"vpc-1", "vpc-5", "subnet-1", "subnet-2"} <= {row.alias for row in watch.resources().values()}
    watch.clears()


@BOTH
def test_a_server_stops_in_the_middle_of_a_collection(watch: Watch, tmp_path: Path, readers: int) -> None:
    """It is due, for it was last collected an hour ago."""
    watch.store.sources.update(watch.store.sources.get("sky").id, interval=60)
    with watch.store._database.write() as connection:
        connection.execute(sa.update(tables.run).values(started_at=datetime.now(UTC) - timedelta(hours=1)))
    with running(watch, tmp_path, readers, "serve", "--port", "0") as process:
        code, printed = ends(process)
    assert code == 0, printed
    nothing_is_lost(watch)


@BOTH
def test_a_command_stops_in_the_middle_of_a_collection(watch: Watch, tmp_path: Path, readers: int) -> None:
    """As by Ctrl-C, which is not tried: a process that a shell has put into the background does not hear it."""
    with running(watch, tmp_path, readers, "collect", "sky", "--type", VPC, "--type", SUBNET) as process:
        code, printed = ends(process)
    assert code == 128 + signal.SIGTERM
    assert "Stopped. What was listed to its end is stored; the next collection reads the rest." in printed
    assert "Traceback" not in printed
    nothing_is_lost(watch)


def children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [int(each) for thread in threads for each in (thread / "children").read_text().split()]


def those_that_read(process: subprocess.Popen[str]) -> tuple[int, list[int]]:
    """The process that makes them, and the ones that read."""
    (nursery,) = children(process.pid)
    return nursery, children(nursery)


def are_gone(processes: list[int]) -> bool:
    return all(map(is_gone, processes))


def is_gone(pid: int) -> bool:
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return True


def test_a_process_that_reads_is_killed(watch: Watch, tmp_path: Path) -> None:
    """As the system does it that has no memory left. Its parent goes on, and says what happened."""
    with running(watch, tmp_path, 2, "collect", "sky", "--type", VPC, "--type", SUBNET) as process:
        _, readers = those_that_read(process)
        assert 1 <= len(readers) <= 2
        for each in readers:
            os.kill(each, signal.SIGKILL)
        printed = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "The process that read this ended before it was done." in printed
    assert "killed by SIGKILL" in (tmp_path / "home" / "openvna.log").read_text()
    run = watch.store.runs.list(limit=1).items[0]
    assert run.state is RunState.FAILED
    watch.hold()
    watch.clears()


def test_another_process_reads_on(watch: Watch, tmp_path: Path) -> None:
    """One region after the other: what was reading the first one is killed, and the second one is read whole."""
    watch.sky.regions.append(AWAY)
    watch.sky.vpcs[AWAY] = ["vpc-1", "vpc-2", "vpc-3"]
    with running(watch, tmp_path, 1, "collect", "sky", "--type", VPC, workers=1) as process:
        _, (reader,) = those_that_read(process)
        watch.sky.clear()
        os.kill(reader, signal.SIGKILL)
        process.communicate(timeout=60)
    assert process.returncode == 1
    runs = {run.scope: run.state for run in watch.store.runs.list(limit=2).items}
    assert runs == {THERE: RunState.FAILED, HERE: RunState.OK}
    assert f'"before": {reader}, "event": "reader replaced"' in (tmp_path / "home" / "openvna.log").read_text()
    watch.hold()
    watch.clears()


def test_the_processes_that_read_end_with_their_parent(watch: Watch, tmp_path: Path) -> None:
    with running(watch, tmp_path, 2, "collect", "sky", "--type", VPC) as process:
        nursery, readers = those_that_read(process)
        process.kill()
        process.wait()
        until = time.monotonic() + SOON
        while not are_gone([nursery, *readers]):
            assert time.monotonic() < until, "they are still there"
    watch.sky.aws.on("DescribeVpcs", watch.sky.describe_vpcs)


def test_the_process_that_makes_those_that_read_is_killed(watch: Watch, tmp_path: Path) -> None:
    """Those that there are read on, and end with the process that they read for."""
    with running(watch, tmp_path, 2, "collect", "sky", "--type", VPC, "--type", SUBNET) as process:
        nursery, readers = those_that_read(process)
        os.kill(nursery, signal.SIGKILL)
        code, printed = ends(process)
        until = time.monotonic() + SOON
        while not are_gone(readers):
            assert time.monotonic() < until, "they are still there"
    assert code == 128 + signal.SIGTERM
    assert "Traceback" not in printed
    nothing_is_lost(watch)
