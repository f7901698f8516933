"""How long asking for help takes, against importing typer alone. The bar is 1.5 times.

python benchmarks/startup.py [--rounds 15]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

BAR = 1.5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    rounds: int = parser.parse_args().rounds
    beside = Path(sys.executable).with_name("openvna")
    openvna = str(beside) if beside.exists() else shutil.which("openvna")
    if openvna is None:
        print("openvna is not installed here: pip install .")
        return 2
    commands = {
        "import typer": [sys.executable, "-c", "import typer"],
        "openvna --help": [openvna, "--help"],
        "openvna verify aws --help": [openvna, "verify", "aws", "--help"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for round_ in range(rounds + 1):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            if round_:  # the first fills the file cache
                times[name].append(time.perf_counter() - began)
    base = statistics.median(times["import typer"])
    worst = 0.0
    for name, measured in times.items():
        median = statistics.median(measured)
        worst = max(worst, median / base)
        print(f"{name:<28}{median * 1000:7.0f} ms   {median / base:4.2f}x")
    print(f"bar: {BAR}x, {'held' if worst <= BAR else 'missed'}")
    return 0 if worst <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
