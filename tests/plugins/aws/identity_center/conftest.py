"""An Identity Center that answers, and a verification against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openvna.plugin import Keep, Step, StepOutcome, Verdict
from openvna.plugins.aws.access import Access
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.diagnosis import verify
from support.identity_center import FakeCenter, identity_center

Verify = Callable[..., tuple[Verdict, Step]]


@pytest.fixture
def center() -> Iterator[FakeCenter]:
    with identity_center() as running:
        yield running


@pytest.fixture
def config(center: FakeCenter) -> Callable[..., AwsConfig]:
    """The settings of a source with this credential (one that has signed in, unless given)."""

    def made(credential: dict[str, Any] | None = None, **more: Any) -> AwsConfig:
        more.setdefault("endpoint_url", center.url)
        return AwsConfig.model_validate({"credential": credential or center.settings(), **more})

    return made


@pytest.fixture
def opened() -> Iterator[Callable[..., Access]]:
    """Accesses as a collection has them, closed in the end."""
    made: list[Access] = []

    def access(config: AwsConfig, **more: Any) -> Access:
        made.append(Access(config, {}, **more))
        return made[-1]

    yield access
    for each in made:
        each.close()


@pytest.fixture
def prove(center: FakeCenter, config: Callable[..., AwsConfig]) -> Verify:
    """Verify; the verdict, and the last step that failed (else the last)."""

    def run(
        credential: dict[str, Any] | None = None,
        *,
        environment: dict[str, str] | None = None,
        keep: Keep | None = None,
        **more: Any,
    ) -> tuple[Verdict, Step]:
        *_, verdict = verify(config(credential, **more), environment or {}, pause=lambda _: None, keep=keep)
        assert isinstance(verdict, Verdict)
        failed = [step for step in verdict.steps if step.outcome == StepOutcome.FAILED]
        return verdict, (failed or list(verdict.steps))[-1]

    return run
