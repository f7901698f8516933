"""Bad weather: what goes wrong between OpenVNA and AWS, or under OpenVNA, while it collects.

Every test here goes from end to end: a gateway, the AWS plugin, a real store, and a loopback server that answers as
AWS does in that weather (`support/sky.py`). What holds in all of it is checked by `Watch`: nothing is retired that AWS
did not say is gone (`collect`), and when the weather clears, the next collection gives exactly what there is
(`clears`). Where the two clients that make the calls could differ, the tests run with both.

| weather | file |
|---|---|
| throttling storms, bursts of 5xx | `test_storms.py` |
| truncated and malformed bodies, cut connections, a page token that repeats, pages that do not fit together | \
`test_answers.py` |
| an item that vanishes between two pages, or between two calls | `test_vanishing.py` |
| an operation that a region does not know, a region switched off in mid-run | `test_regions.py` |
| credentials that end in mid-run: renewed, or asked for again | `test_credentials.py` |
| an account that leaves | `test_accounts.py` |
| a clock that jumps | `test_clocks.py` |
| a full disk | `test_full_disk.py` |
| SIGTERM in mid-run, as real processes | `test_stopping.py` |
| two collections of one scope at once | `test_twice_at_once.py` |
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openvna.plugins.aws import retries
from openvna.plugins.aws.buckets import Bucket
from openvna.plugins.aws.callers import BOTOCORE, THIN, VARIABLE
from openvna.plugins.aws.endpoints import Endpoint
from support.sky import Watch, watching


@pytest.fixture(params=[THIN, BOTOCORE])
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The client that makes the calls: a test that asks for it runs with both."""
    monkeypatch.setenv(VARIABLE, request.param)
    return str(request.param)


@pytest.fixture(autouse=True)
def as_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loopback server is taken for AWS and not for an emulator, of which less is expected. Tries follow one
    another at once; how long the pauses are, and what throttling teaches, is tested with `retries.py` and `pace.py`."""
    monkeypatch.setattr(Endpoint, "emulated", property(lambda _: False))
    monkeypatch.setattr(retries.random, "uniform", lambda *_: 0.0)
    monkeypatch.setattr(Bucket, "due", lambda *_: 0.0)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    with watching(tmp_path) as watch:
        watch.clears()
        yield watch
