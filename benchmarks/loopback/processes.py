"""Servers and runs of the benchmarks, each in a process of its own; and the median of several tries."""

from __future__ import annotations

import compileall
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path


@contextmanager
def served(script: str, *arguments: str) -> Iterator[str]:
    """The address of a server of this folder, which prints it first."""
    command = [sys.executable, str(Path(__file__).parent / script), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


def run(script: str, child: str, *arguments: str) -> dict[str, float]:
    """What a script prints last when it is called with `--child`: JSON (see `used`). No credential of this machine is
    seen there. To its `memory` comes the most that the processes below it had of their own at one time."""
    _compile()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    command = [sys.executable, script, "--child", child, *arguments]
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as wrong:
        below = 0.0
        with subprocess.Popen(command, env=environment, stdout=said, stderr=wrong) as process:
            while process.poll() is None:
                below = max(below, sum(map(_own, _below(process.pid))))
                time.sleep(0.1)
        said.seek(0), wrong.seek(0)
        if process.returncode:
            raise SystemExit(f"{child} ended with {process.returncode}: {wrong.read()[-2000:]}")
        found: dict[str, float] = json.loads(said.read().splitlines()[-1])
    return {**found, "memory": found["memory"] + below}


@cache
def _compile() -> None:
    """OpenVNA's modules into byte code, as pip does where it is installed, and as it has done with what it is compared
    to. In a working copy they are newer than their byte code, or Python may have been told not to write any."""
    package = importlib.util.find_spec("openvna")
    for folder in (package and package.submodule_search_locations) or ():
        compileall.compile_dir(folder, quiet=2)


def used() -> dict[str, float]:
    """Of this process: the CPU seconds, those of the processes that it made and that ended included, and the most MiB
    that it had in memory itself."""
    own, below = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = own.ru_utime + own.ru_stime + below.ru_utime + below.ru_stime
    return {"cpu": cpu, "memory": own.ru_maxrss / 1024}


def _children(process: int) -> list[int]:
    try:
        threads = Path(f"/proc/{process}/task").iterdir()
        return [int(each) for thread in threads for each in (thread / "children").read_text().split()]
    except OSError:  # it ended
        return []


def _below(process: int) -> Iterator[int]:
    """The processes that it made, and those that they made."""
    for each in _children(process):
        yield each
        yield from _below(each)


def _own(process: int) -> float:
    """MiB that a process has for itself, and shares with no other."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def median(work: Callable[[], object], times: int) -> float:
    """Milliseconds, the median of several tries after one that warms up."""
    work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000
