"""A source's settings in a line, and a verification run to its end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from openvna.plugin import Step, StepOutcome, Verdict
from openvna.plugins.aws.buckets import Bucket
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.diagnosis import verify
from openvna.plugins.aws.transport import Timeouts
from support.agent_server import AgentServer, agent_server
from support.behind import Behind, behind
from support.fault_server import FaultServer, fault_server
from support.sources import access_key

PATIENT = Timeouts(connect=10, read=30)


@dataclass
class Verified:
    """A verification's events, in order."""

    events: list[Step | Verdict]
    pauses: list[float] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        last = self.events[-1]
        assert isinstance(last, Verdict)
        return last

    @property
    def steps(self) -> list[Step]:
        return [event for event in self.events if isinstance(event, Step)]

    def step(self, id: str) -> Step:
        """How a step ended."""
        return next(each for each in self.steps if each.id == id and each.outcome != StepOutcome.RUNNING)

    @property
    def told(self) -> str:
        """All evidence in one text."""
        return "\n".join(fact for step in self.verdict.steps for fact in step.evidence)


Run = Callable[..., Verified]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Verify a source to the end; waiting costs no time, and every call is due at once. Keyword arguments are the
    source's settings."""
    monkeypatch.setattr(Bucket, "due", lambda *_: 0.0)

    def verified(
        credential: Any = None,
        environment: Mapping[str, str] | None = None,
        new_key_pauses: tuple[float, ...] | None = None,
        timeouts: Timeouts = PATIENT,
        **settings: Any,
    ) -> Verified:
        pauses: list[float] = []
        config = AwsConfig.model_validate({"credential": credential or access_key(), **settings})
        events = verify(config, environment or {}, timeouts, new_key_pauses, pauses.append)
        return Verified(list(events), pauses)

    return verified


@pytest.fixture
def aws() -> Generator[FaultServer, None, None]:
    """A server that answers as AWS would, or as told."""
    with fault_server() as server:
        yield server.good()


@pytest.fixture
def as_aws(aws: FaultServer, run: Run) -> Iterator[Run]:
    """`run` at an address of AWS itself (through a proxy, which is the server): form checks are not advisory."""

    def verified(credential: Any = None, **settings: Any) -> Verified:
        settings.setdefault("endpoint_url", "http://sts.us-east-1.amazonaws.com")
        settings.setdefault("proxy_url", aws.url)
        return run(credential, **settings)

    yield verified


@pytest.fixture
def agent() -> Iterator[AgentServer]:
    """What stands beside a workload: a metadata service, a credential agent."""
    with agent_server() as server:
        yield server


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Behind]:
    """AWS by its own names, behind a proxy."""
    with behind(tmp_path) as found:
        yield found


@pytest.fixture
def through(world: Behind, run: Run) -> Run:
    """`run` by way of the proxy of `world`."""

    def verified(credential: Any = None, **settings: Any) -> Verified:
        return run(credential, proxy_url=world.proxy.url, ca_bundle=str(world.bundle), **settings)

    return verified
