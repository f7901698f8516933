"""`openvna verify aws` against the runbook: `aws sts get-caller-identity`, then `aws ec2 describe-instances`.

    python benchmarks/verify.py [--rounds 7] [--endpoint-url URL]

Both run in turn against the same endpoint: moto's server, started here, unless another one is given (its key is then
taken from the environment). Prints both medians and their ratio; below 1 openvna is faster.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

KEY = {"AWS_ACCESS_KEY_ID": "AKIARZPUZDIKGB2VALC4", "AWS_SECRET_ACCESS_KEY": "bench/bench/bench/bench/bench/bench/benc"}
REGION = "us-east-1"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
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
    with ExitStack() as stack:
        url: str = given.endpoint_url or ""
        environment = {**os.environ, "AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"}
        if not url:
            from openvna.demo.simulation import simulated_aws

            url = stack.enter_context(simulated_aws())
            environment |= KEY
        environment["AWS_ENDPOINT_URL"] = url
        runbook = [
            [aws, "sts", "get-caller-identity"],
            [aws, "ec2", "describe-instances", "--max-items", "1"],
        ]
        verify = [[openvna, "verify", "aws"]]
        one_region = [[openvna, "verify", "aws", "--region", REGION]]
        times: dict[str, list[float]] = {}
        for round_ in range(given.rounds + 1):
            for name, commands in (
                ("aws: the runbook's two commands", runbook),
                ("openvna verify aws, all regions", verify),
                ("openvna verify aws, one region", one_region),
            ):
                seconds = _timed(commands, environment)
                if round_:  # the first fills the file cache
                    times.setdefault(name, []).append(seconds)
    medians = {name: statistics.median(measured) for name, measured in times.items()}
    base = next(iter(medians.values()))
    for name, median in medians.items():
        print(f"{name:<36}{median * 1000:7.0f} ms   ratio {median / base:4.2f}")
    worst = max(list(medians.values())[1:]) / base
    print(f"bar: below 1.00, {'held' if worst < 1 else 'missed'}")
    return 0 if worst < 1 else 1


def _timed(commands: list[list[str]], environment: dict[str, str]) -> float:
    began = time.perf_counter()
    for command in commands:
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()
            raise SystemExit(f"{Path(command[0]).name} ended with {done.returncode}: {said}")
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
