"""`Api` on our own thin client: what a collection calls by default. `botocore_api.py` is the other one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from openvna.log import redact
from openvna.model import SourceUnusable
from openvna.plugins.aws.api import Begun, CallError, Credentials, Unread, damaged
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.endpoints import Endpoint, endpoint
from openvna.plugins.aws.retries import AT_ONCE, THROTTLE_TRIES, Turns, persistent, retry_after
from openvna.plugins.aws.signing import host_header
from openvna.plugins.aws.transport import Timeouts, Transport
from openvna.plugins.aws.wire.connections import Lines, NotHttp, Underway
from openvna.plugins.aws.wire.operations import Damaged, NotAws, Operation, Operations, Received
from openvna.plugins.aws.wire.requests import Request
from openvna.plugins.aws.wire.signatures import Signer

_LARGE_PAGE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where the requests of an operation go in a region: `url` with the operation's own host, and what is said of it
    in a request. `path` stands before that of each request."""

    endpoint: Endpoint
    url: str
    host_header: str
    path: str


class Wire:
    """What all accounts of a source share: operations, connections, endpoints, keys. Safe from several threads."""

    def __init__(
        self,
        config: AwsConfig,
        wanted: Mapping[str, frozenset[str]] | None = None,
        timeouts: Timeouts | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        """`wanted` names the operations that will be called, by service: they are compiled together. `timeouts` are
        by default those of the environment, and long enough for the largest page."""
        self.config = config
        self.operations = Operations(wanted)
        self.signer = Signer()
        self._environment = environment
        usual = Timeouts.from_environment(environment)
        self.transport = Transport(config, timeouts or usual, environment)
        longest = timeouts.read if timeouts is not None else max(usual.read, _LARGE_PAGE_SECONDS)
        self.lines = Lines(self.transport.dial, longest)
        self._places: dict[tuple[str, str, str], Place] = {}

    def place(self, service: str, region: str, host_prefix: str) -> Place:
        """Where a service is in a region, for operations whose hosts begin like that."""
        found = self._places.get((service, region, host_prefix))
        if found is None:
            where = endpoint(self.config, service, region, self._environment)
            url = where.url
            if host_prefix and not where.custom:
                url = url.replace("://", f"://{host_prefix}", 1)
            found = Place(where, url, host_header(url), urlsplit(url).path.rstrip("/"))
            self._places[service, region, host_prefix] = found
        return found

    def api(self, credentials: Callable[[], Credentials], turns: Turns) -> WireApi:
        """The calls of one account; `turns` as in `WireApi`."""
        return WireApi(self, credentials, turns)

    def hang_up(self) -> None:
        """Break off the calls that are under way."""
        self.lines.cut()

    def close(self) -> None:
        self.lines.close()
        self.transport.close()


class WireApi:
    """The calls of one account, signed with what `credentials` gives at that moment (renewed by whoever gives it)."""

    def __init__(
        self,
        wire: Wire,
        credentials: Callable[[], Credentials],
        turns: Turns = AT_ONCE,
        throttle_tries: int = THROTTLE_TRIES,
    ) -> None:
        """`turns` says when a call may be made. `throttle_tries`: how often it is made in all while AWS throttles
        it."""
        self._wire = wire
        self._credentials = credentials
        self._turns = turns
        self._throttle_tries = throttle_tries

    def call(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """One answer, tried again as `retries.py` says."""
        return self.call_apart(service, operation, region, params, "")

    def call_apart(
        self, service: str, operation: str, region: str, params: Mapping[str, Any], member: str
    ) -> Mapping[str, Any]:
        compiled = self._wire.operations.get(service, operation)
        return persistent(
            lambda: self._once(compiled, region, params, member),
            self._turns(service, region, operation, params),
            self._throttle_tries,
        )

    def begin(self, service: str, operation: str, region: str, params: Mapping[str, Any], member: str) -> Begun | None:
        """As in `Early`. What cannot be sent now, for whatever reason, is sent when its answer is wanted."""
        compiled = self._wire.operations.get(service, operation)
        request = compiled.prepare(params)
        turn = self._turns(service, region, operation, params)
        if not turn.take():
            return None
        sent: list[tuple[Endpoint, Underway]] = []
        with suppress(SourceUnusable, CallError, NotHttp, OSError):
            place = self._wire.place(service, region, compiled.host_prefix)
            underway = self._wire.lines.begin(place.url, *self._signed(compiled, place, region, request))
            if underway is not None:
                sent.append((place.endpoint, underway))

        def once() -> dict[str, Any]:
            while sent:
                where, underway = sent.pop()
                try:
                    received = underway.answer()
                except (NotHttp, ConnectionError):  # the connection did not last until now
                    continue
                except OSError as error:
                    raise self._wire.transport.unreached(compiled.name, where.url, error) from error
                return self._read(compiled, where, received, member)
            return self._once(compiled, region, params, member)

        def drop() -> None:
            while sent:
                sent.pop()[1].drop()

        return Begun(lambda: persistent(once, turn, self._throttle_tries), drop)

    def _once(self, operation: Operation, region: str, params: Mapping[str, Any], member: str) -> dict[str, Any]:
        place = self._wire.place(operation.service, region, operation.host_prefix)
        where = place.endpoint
        try:
            received = self._sent(operation, place, region, params)
        except SourceUnusable as error:  # the credential ended while we were at work
            cause = error.cause or "C-SOURCE"
            raise CallError(operation.name, "", redact(str(error)), cause=cause) from error
        except NotHttp as error:
            raise _not_aws(operation, where, str(error)) from error
        except OSError as error:
            raise self._wire.transport.unreached(operation.name, where.url, error) from error
        return self._read(operation, where, received, member)

    def _read(self, operation: Operation, where: Endpoint, received: Received, member: str) -> dict[str, Any]:
        try:
            if not member:
                return operation.read(received)
            answer = operation.apart(received, member)
            found = answer.get(member)
            if isinstance(found, Unread):
                answer[member] = _telling(found, operation, where)
            return answer
        except NotAws as error:
            raise _not_aws(operation, where, str(error), received.status) from error
        except Damaged as error:
            raise damaged(operation.name, where.host, str(error)) from error
        except CallError as refusal:
            refusal.operation = operation.name
            refusal.skew = _skew(received)
            refusal.retry_after = retry_after(received.headers)
            raise

    def _sent(self, operation: Operation, place: Place, region: str, params: Mapping[str, Any]) -> Received:
        request = operation.prepare(params)
        return self._wire.lines.exchange(operation.name, place.url, *self._signed(operation, place, region, request))

    def _signed(
        self, operation: Operation, place: Place, region: str, request: Request
    ) -> tuple[str, str, list[tuple[str, str]], bytes]:
        """The method, the target, the headers and the body that are sent."""
        path = place.path + request.path
        headers = self._wire.signer.headers(
            request.unsigned,
            place.host_header,
            path,
            self._credentials(),
            operation.signing_name,
            place.endpoint.signing_region or region,
            datetime.now(UTC),
        )
        headers += [("User-Agent", "openvna"), ("Accept-Encoding", "gzip")]
        target = f"{path}?{request.query}" if request.query else path
        return request.method, target, headers, request.body


def _telling(unread: Unread, operation: Operation, where: Endpoint) -> Unread:
    """The same, raising `CallError`."""

    def told(read: Callable[..., Any]) -> Callable[..., Any]:
        def telling(*given: Any) -> Any:
            try:
                return read(*given)
            except NotAws as error:
                raise _not_aws(operation, where, str(error)) from error
            except Damaged as error:
                raise damaged(operation.name, where.host, str(error)) from error

        return telling

    return Unread(unread.inside, unread.cut, told(unread.read), lambda keeping: told(unread.reader(keeping)))


def _not_aws(operation: Operation, where: Endpoint, seen: str, status: int = 0) -> CallError:
    what = f"What answered {operation.name} at {where.host} is not AWS: {seen}."
    return CallError(operation.name, "", what, status=status if status >= 500 else 0, cause="N-INTERCEPT")


def _skew(received: Received) -> float | None:
    """By how many seconds our clock is ahead of the answering server's, to about the time that the answer took."""
    try:
        return time.time() - parsedate_to_datetime(received.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return None
