"""The process of the simulated AWS."""

from __future__ import annotations

import subprocess
import sys


def test_nothing_that_it_prints_can_fill_its_pipe_and_hold_its_requests() -> None:
    command = [sys.executable, "-m", "openvna.demo.simulation"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        assert process.stdout.read() == ""  # ended, while the process goes on
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(10) == 0
