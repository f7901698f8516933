"""A simulated AWS on loopback: moto's server in a process of its own.

The process ends when its standard input ends, so that it never outlives whoever started it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from openvna.model import OpenVNAError

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH")


class SimulationFailed(OpenVNAError):
    """The simulated AWS did not start."""

    slug = "simulation-failed"


@contextmanager
def simulated_aws() -> Iterator[str]:
    """The URL of a new, empty simulated AWS on a free port of 127.0.0.1; gone at the end of the block."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "demo",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
        "NO_PROXY": "*",
    }
    with tempfile.TemporaryFile("w+") as complaints:
        process = subprocess.Popen(
            [sys.executable, "-m", "openvna.demo.simulation"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=environment,
            text=True,
            start_new_session=True,  # a Ctrl-C reaches the demo, which then ends this in order
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with process.stdin, process.stdout:
                address = process.stdout.readline().strip()
                if not address:
                    process.wait()
                    raise _did_not_start(complaints)
                yield address
        finally:
            try:
                process.wait(timeout=3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _did_not_start(complaints: TextIO) -> SimulationFailed:
    complaints.seek(0)
    return SimulationFailed(
        "The simulated AWS did not start.",
        (complaints.read().strip().splitlines() or ["It gave no reason."])[-1],
        "Install OpenVNA with its demo extra: pip install 'openvna[demo]'.",
    )


def _serve() -> None:
    """Serve until standard input ends. The first line on standard output is the address."""
    import logging

    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    from openvna.demo.absence import with_nothing_of_what_is_unknown
    from openvna.demo.corrections import correct

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    correct()
    whole = with_nothing_of_what_is_unknown(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, whole, threaded=True, request_handler=MotoRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    # Nobody reads on, and moto prints: once the pipe is full, every request would wait for ever.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.stdin.read()
    os._exit(0)  # requests that hang must not keep the process


if __name__ == "__main__":
    _serve()
