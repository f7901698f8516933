"""Two collections of one scope asked for at once: one runs, the other is told which, and both leave the same truth."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from openvna.collect import Gateway
from openvna.model import Conflict, RunState
from support.fault_server import Answer, Request
from support.sky import HERE, HOME, TYPES, VPC, Watch, open_watch


@contextmanager
def under_way(watch: Watch) -> Iterator[None]:
    """A collection of the scope runs inside, and ends well with it."""
    sky, begun, go_on = watch.sky, threading.Event(), threading.Event()
    first = threading.Lock()

    def held_up(request: Request) -> Answer:
        if first.acquire(blocking=False):
            begun.set()
            go_on.wait(30)
        return sky.describe_vpcs(request)

    sky.aws.on("DescribeVpcs", held_up)
    collection = watch.gateway.start_collection("sky", types=TYPES)
    try:
        assert begun.wait(30)
        yield
    finally:
        go_on.set()
        assert collection.wait(30)
    assert collection.error is None
    assert [run.state for run in collection.runs] == [RunState.OK]


def test_the_same_server_says_that_the_source_is_being_collected(watch: Watch) -> None:
    watch.sky.vpcs[HOME].remove("vpc-2")
    with under_way(watch):
        asked = watch.sky.aws.asked("DescribeRegions")
        with pytest.raises(Conflict, match="The source 'sky' is being collected") as refused:
            watch.gateway.collect("sky", types=TYPES)
        assert refused.value.remedy == "Wait until it has ended, then try again."
        assert watch.sky.aws.asked("DescribeRegions") == asked, "who is refused does not even look for the scopes"
    watch.shows_the_truth()
    watch.clears()


def test_another_server_on_the_same_store_is_told_which_run_it_is(watch: Watch, tmp_path: Path) -> None:
    watch.sky.vpcs[HOME].remove("vpc-2")
    with under_way(watch), open_watch(tmp_path, watch.sky) as other:
        with pytest.raises(Conflict, match=f"{HERE} of the source sky is being collected already") as refused:
            other.gateway.collect("sky", types=TYPES)
        (run,) = watch.store.runs.list(state=RunState.RUNNING).items
        assert run.id in refused.value.why
        assert f"process {os.getpid()}" in refused.value.why
        assert refused.value.remedy == "Wait for it to end."
    watch.shows_the_truth()
    assert [run.state for run in watch.store.runs.list().items] == [RunState.OK, RunState.OK], "no run of the refused"
    watch.clears()


def test_another_process_is_told_the_same(watch: Watch, tmp_path: Path) -> None:
    watch.sky.vpcs[HOME].remove("vpc-2")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "OPENVNA_HOME": str(tmp_path)}
    with under_way(watch):
        refused = subprocess.run(
            [sys.executable, "-m", "openvna", "collect", "sky", "--type", VPC],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert refused.returncode == 1
    assert f"{HERE} of the source sky is being collected already" in refused.stderr
    assert f"process {os.getpid()}" in refused.stderr
    watch.shows_the_truth()
    watch.clears()


def test_of_many_threads_that_ask_at_once_one_collects(watch: Watch, tmp_path: Path) -> None:
    """Two gateways on one store, each asked twice at the same moment."""
    watch.sky.vpcs[HOME].append("vpc-9")
    ended: list[str] = []
    start = threading.Barrier(4, timeout=30)

    def ask(gateway: Gateway) -> None:
        start.wait()
        try:
            (run,) = gateway.collect("sky", types=TYPES)
            ended.append(run.state.value)
        except Conflict as conflict:
            ended.append("refused" if conflict.remedy else "without a next step")

    with open_watch(tmp_path, watch.sky) as other:
        threads = [threading.Thread(target=ask, args=(one.gateway,)) for one in (watch, other) * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert len(ended) == 4
    assert set(ended) <= {"ok", "refused"}
    assert "ok" in ended
    watch.shows_the_truth()
    watch.clears()
