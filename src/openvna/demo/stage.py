"""The demonstration on stage: a simulated AWS, its network, a source as a person would add it, and the server."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TextIO

from openvna import log
from openvna.app import Ready, serve
from openvna.collect import Gateway, Phase, Progress
from openvna.demo.seed import Seeded, seed
from openvna.demo.simulation import simulated_aws
from openvna.model import JSON
from openvna.plugin import Step, StepOutcome, Verdict
from openvna.settings import ServerSettings

SOURCE = "demo"
_MARKS = {StepOutcome.OK: "ok", StepOutcome.REPAIRED: "ok", StepOutcome.WARNING: "!", StepOutcome.SKIPPED: "-"}


def perform(port: int | None, on_ready: Callable[[Ready], None] | None, out: TextIO) -> None:
    """See `openvna.demo.run`."""
    started = time.monotonic()
    with _terminated_like_interrupted(), tempfile.TemporaryDirectory(prefix="openvna-demo-") as home:
        os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"  # the simulated AWS is never behind a proxy
        settings = _settings(Path(home), port)

        def ready(found: Ready) -> None:
            _announce(found, time.monotonic() - started, out)
            if on_ready is not None:
                on_ready(found)

        try:
            # In this order, because an end in the middle of the seeding ends the simulation, and by that the seeding.
            with ThreadPoolExecutor(1) as pool, simulated_aws() as endpoint:
                _say(out, f"A simulated AWS listens on {endpoint}; its network is being made")
                seeding = pool.submit(seed, endpoint)
                serve(settings, on_ready=ready, prepare=lambda gateway: _prepare(gateway, seeding, out), terminal=None)
        except KeyboardInterrupt:
            pass
        finally:
            log.setup(file=None, terminal=None)  # the file goes with its directory
        _say(out, "Everything of the demo is gone again.")


def config(seeded: Seeded) -> dict[str, JSON]:
    """The settings of the source, as a person would enter them."""
    return {
        "credential": {
            "kind": "access-key",
            "access_key_id": seeded.access_key_id,
            "secret_access_key": seeded.secret_access_key,
        },
        "assume_role": {"role_arn": seeded.role_arn},
        "accounts": list(seeded.accounts),
        "regions": list(seeded.regions),
        "endpoint_url": seeded.endpoint,
    }


def _settings(home: Path, port: int | None) -> ServerSettings:
    """Everything is said here, so that a setting in the environment does not lead the demo to a real database."""
    return ServerSettings(
        home=home,
        database_url=None,
        key=None,
        host="127.0.0.1",
        port=ServerSettings.model_fields["port"].default if port is None else port,
        tls_certificate=None,
        tls_key=None,
    )


def _prepare(gateway: Gateway, seeding: Future[Seeded], out: TextIO) -> None:
    seeded = seeding.result()
    total = sum(seeded.counts.values())
    _say(out, f"It holds {total} resources in {len(seeded.accounts)} accounts and {len(seeded.regions)} regions")
    _say(out, f"Adding the source {SOURCE!r}, verified first:")
    gateway.add_source(SOURCE, "aws", config(seeded), on_step=lambda step: _show(step, out))
    _say(out, "Collecting:")
    gateway.collect(SOURCE, on_progress=lambda progress: _follow(progress, out))


def _show(step: Step | Verdict, out: TextIO) -> None:
    if isinstance(step, Verdict):
        _say(out, f"  {step.verdict}: {step.summary}")
    elif step.outcome is not StepOutcome.RUNNING:
        _say(out, f"  {_MARKS.get(step.outcome, 'failed'):>6}  {step.title}")


def _follow(progress: Progress, out: TextIO) -> None:
    if progress.phase is Phase.SCOPE_FINISHED:
        _say(out, f"  {progress.account} {progress.region}: done ({progress.done} of {progress.total})")


def _announce(ready: Ready, seconds: float, out: TextIO) -> None:
    _say(
        out,
        f"\nReady after {seconds:.0f} s. Open {ready.url}\n\n"
        f"  user      {ready.user}\n  password  {ready.password}\n\n"
        "Ctrl-C ends the demo and removes everything.",
    )


def _say(out: TextIO, text: str) -> None:
    out.write(f"{text}\n")
    out.flush()


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM, and a terminal that closes, end the demo as Ctrl-C does, also before the server has its own way."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
