"""Which client makes the calls of a collection: our own thin one, or botocore's.

`OPENVNA_AWS_CLIENT=botocore` chooses botocore for everything. Without it, botocore is asked only for what our own
does not speak, and is imported only then.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from openvna.log import logger
from openvna.model import SourceUnusable
from openvna.plugins.aws.api import Api, Begun, Credentials, Early
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.retries import Turns
from openvna.plugins.aws.wire.models import UnknownOperation

VARIABLE = "OPENVNA_AWS_CLIENT"
THIN, BOTOCORE = "thin", "botocore"


class Callers(Protocol):
    """What the accounts of a source share. Safe to use from several threads."""

    def api(self, credentials: Callable[[], Credentials], turns: Turns) -> Api:
        """The calls of one account. `turns` says when each may be made."""
        ...

    def hang_up(self) -> None:
        """Everything is to end: let nobody wait for an answer any more, as far as the client can."""
        ...

    def close(self) -> None: ...


def callers(
    config: AwsConfig, wanted: Mapping[str, frozenset[str]], environment: Mapping[str, str] = os.environ
) -> Callers:
    """The client that the environment chooses. `wanted` names the operations that will be called, by service.

    Raises `SourceUnusable` for a choice that is none.
    """
    chosen = environment.get(VARIABLE, "").strip().lower() or THIN
    if chosen == BOTOCORE:
        from openvna.plugins.aws.botocore_api import Clients

        return Clients(config)
    if chosen != THIN:
        raise SourceUnusable(
            f"The environment variable {VARIABLE} says {chosen!r}.",
            f"There are two clients to choose from: {THIN} and {BOTOCORE}.",
            "Set it to one of the two, or leave it out.",
        )
    return _Both(config, wanted)


class _Both:
    """Our own client, and botocore's behind it for what ours does not speak."""

    def __init__(self, config: AwsConfig, wanted: Mapping[str, frozenset[str]]) -> None:
        from openvna.plugins.aws.wire.api import Wire

        self._config = config
        self._wire = Wire(config, wanted)
        self._lock = threading.Lock()
        self._botocore: Callers | None = None

    def api(self, credentials: Callable[[], Credentials], turns: Turns) -> Api:
        return _BothApi(self._wire.api(credentials, turns), lambda: self._other().api(credentials, turns))

    def hang_up(self) -> None:
        self._wire.hang_up()

    def close(self) -> None:
        self._wire.close()
        with self._lock:
            other, self._botocore = self._botocore, None
        if other is not None:
            other.close()

    def _other(self) -> Callers:
        from openvna.plugins.aws.botocore_api import Clients

        with self._lock:
            if self._botocore is None:
                self._botocore = Clients(self._config)
            return self._botocore


class _BothApi:
    def __init__(self, thin: Early, other: Callable[[], Api]) -> None:
        self._thin = thin
        self._other = other

    def call(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return self._thin.call(service, operation, region, params)
        except UnknownOperation as unknown:
            return self._by_botocore(unknown, service, operation, region, params)

    def call_apart(
        self, service: str, operation: str, region: str, params: Mapping[str, Any], member: str
    ) -> Mapping[str, Any]:
        try:
            return self._thin.call_apart(service, operation, region, params, member)
        except UnknownOperation as unknown:
            return self._by_botocore(unknown, service, operation, region, params)

    def begin(self, service: str, operation: str, region: str, params: Mapping[str, Any], member: str) -> Begun | None:
        try:
            return self._thin.begin(service, operation, region, params, member)
        except UnknownOperation:
            return None

    def _by_botocore(
        self, why: UnknownOperation, service: str, operation: str, region: str, params: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        logger(__name__).debug("asked by botocore", service=service, operation=operation, reason=str(why))
        return self._other().call(service, operation, region, params)
