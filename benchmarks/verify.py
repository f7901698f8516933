"""`openvna verify aws` against the AWS CLI: the runbook's two commands, and eight calls from afar.

    python benchmarks/verify.py [--rounds 7] [--latency 0.05] [--endpoint-url URL]

Both go to a server of ours on this machine: an account with nothing in it, in 17 regions. First without latency, where
the CLI runs `sts get-caller-identity` and `ec2 describe-instances`; then each answer after the latency, where it runs
eight calls: once where simulations of policies are allowed, once where each permission has to be tried. Each time
openvna does a whole verification, with its matrix of permissions. (An emulator in its place would measure itself: the
matrix may take hundreds of calls.) Prints the medians and their ratios; below 1 openvna is faster.

With `--endpoint-url` it is that endpoint only, with the key of the environment. The AWS CLI has to be on PATH; in an
environment of its own, since it pins other versions of what OpenVNA uses:

    python -m venv /tmp/awscli && /tmp/awscli/bin/pip install awscli
    PATH=$PATH:/tmp/awscli/bin python benchmarks/verify.py
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

KEY = {"AWS_ACCESS_KEY_ID": "AKIARZPUZDIKGB2VALC4", "AWS_SECRET_ACCESS_KEY": "bench/bench/bench/bench/bench/bench/benc"}
REGION = "us-east-1"
EIGHT = (
    ("sts", "get-caller-identity"),
    ("ec2", "describe-regions"),
    ("ec2", "describe-vpcs"),
    ("ec2", "describe-subnets"),
    ("ec2", "describe-route-tables"),
    ("ec2", "describe-network-interfaces"),
    ("ec2", "describe-transit-gateways"),
    ("directconnect", "describe-connections"),
)
Commands = list[list[str]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before each answer, for the second part")
    parser.add_argument("--endpoint-url")
    given = parser.parse_args()
    aws = shutil.which("aws")
    if aws is None:
        print("There is no AWS CLI on PATH to compare with: pip install awscli (into an environment of its own).")
        return 2
    beside = Path(sys.executable).with_name("openvna")
    openvna = str(beside) if beside.exists() else shutil.which("openvna")
    if openvna is None:
        print("openvna is not installed here: pip install .")
        return 2
    if given.endpoint_url:
        return 0 if _near(aws, openvna, given.endpoint_url, {}, given.rounds) else 1
    with _empty_account(0.0, simulates=True) as url:
        held = [_near(aws, openvna, url, KEY, given.rounds)]
    for simulates in (True, False):
        with _empty_account(given.latency, simulates) as url:
            held.append(_afar(aws, openvna, url, given.rounds, given.latency, simulates))
    return 0 if all(held) else 1


def _near(aws: str, openvna: str, url: str, key: Mapping[str, str], rounds: int) -> bool:
    """The runbook's commands against a verification, without any latency."""
    medians = _measured(
        {
            "aws: the runbook's two commands": [
                [aws, "sts", "get-caller-identity"],
                [aws, "ec2", "describe-instances", "--max-items", "1"],
            ],
            "openvna verify aws, all regions": [[openvna, "verify", "aws"]],
            "openvna verify aws, one region": [[openvna, "verify", "aws", "--region", REGION]],
        },
        _environment(url, key),
        rounds,
    )
    return _reported(medians)


def _afar(aws: str, openvna: str, url: str, rounds: int, latency: float, simulates: bool) -> bool:
    """Eight calls of the AWS CLI against a whole verification, each answer after the latency."""
    environment = _environment(url, KEY)
    verify = [openvna, "verify", "aws"]
    told = json.loads(
        subprocess.run([*verify, "--format", "json"], env=environment, stdout=subprocess.PIPE, check=True).stdout
    )
    regions, cells = len(told["regions"]), len(told.get("permissions") or ())
    how = "simulations allowed" if simulates else "each permission tried"
    print(f"\n{latency * 1000:.0f} ms latency, {how}: {regions} regions, {cells} cells, {told['calls']} calls")
    medians = _measured(
        {"aws: eight calls": [[aws, *each] for each in EIGHT], "openvna verify aws": [verify]}, environment, rounds
    )
    return _reported(medians)


@contextmanager
def _empty_account(latency: float, simulates: bool) -> Generator[str, None, None]:
    """The address of the account in 17 regions, in a process of its own."""
    script = Path(__file__).with_name("loopback") / "empty_account.py"
    command = [sys.executable, str(script), "--latency", str(latency)]
    command += [] if simulates else ["--without-simulation"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def _environment(url: str, key: Mapping[str, str]) -> dict[str, str]:
    settings = {"AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": url}
    return {**os.environ, **settings, **key}


def _measured(named: Mapping[str, Commands], environment: Mapping[str, str], rounds: int) -> dict[str, float]:
    """The median seconds of each, taken in turn."""
    times: dict[str, list[float]] = {name: [] for name in named}
    for round_ in range(rounds + 1):
        for name, commands in named.items():
            seconds = _timed(commands, environment)
            if round_:  # the first fills the file cache
                times[name].append(seconds)
    return {name: statistics.median(measured) for name, measured in times.items()}


def _reported(medians: Mapping[str, float]) -> bool:
    """Prints the medians and their ratios to the first; whether all others are below it."""
    base = next(iter(medians.values()))
    for name, median in medians.items():
        print(f"{name:<36}{median * 1000:7.0f} ms   ratio {median / base:4.2f}")
    worst = max(list(medians.values())[1:]) / base
    print(f"bar: below 1.00, {'held' if worst < 1 else 'missed'}")
    return worst < 1


def _timed(commands: Sequence[Sequence[str]], environment: Mapping[str, str]) -> float:
    began = time.perf_counter()
    for command in commands:
        done = subprocess.run(
            command, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()
            raise SystemExit(f"{Path(command[0]).name} ended with {done.returncode}: {said}")
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
