"""`Api` on botocore. One client for each service and region, shared by all accounts of a source.

The other way to make the calls, and the one for what our own (`wire/`) does not speak.
"""

from __future__ import annotations

import contextvars
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson

from openvna.log import hide, redact
from openvna.model import SourceUnusable
from openvna.plugins.aws.api import CallError, Credentials, damaged
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.endpoints import endpoint, variant
from openvna.plugins.aws.reachability import no_such_name
from openvna.plugins.aws.retries import AT_ONCE, Turns, persistent, retry_after
from openvna.plugins.aws.transport import Timeouts
from openvna.plugins.aws.trust import chosen_bundle

_POOL = 16
_LARGE_PAGE_SECONDS = 60.0

_UNTITLED = "it is not the XML or JSON of the service"

_signing: contextvars.ContextVar[Callable[[], Credentials]] = contextvars.ContextVar("signing")
_from_aws: contextvars.ContextVar[bool] = contextvars.ContextVar("from_aws")
"""Whether the answer that is being read has a request id of AWS's in its head."""


class _Damaged(Exception):
    """A part of the answer was lost on the way. The text says how that shows."""


class Clients:
    """The botocore clients of a source. Safe to use from several threads."""

    def __init__(self, config: AwsConfig) -> None:
        import botocore.credentials
        import botocore.session

        for name in ("botocore", "urllib3"):
            # Their debug lines hold whole requests and answers, secrets and all.
            logging.getLogger(name).setLevel(logging.INFO)
        self.config = config
        self._proxy = _proxy(config)
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}
        # The AWS configuration files are read where the credential is resolved, and only there: a profile named in
        # the environment must not decide how another credential reaches AWS.
        variables: dict[str, Any] = {"profile": (None, [], None, None), "config_file": (None, [], os.devnull, None)}
        session = botocore.session.Session(session_vars=variables)
        # Times stay as AWS wrote them, text or a number: parsing them is a third of the cost of an answer.
        session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=lambda value: value)

        class Signing(botocore.credentials.Credentials):  # type: ignore[misc]  # botocore is untyped
            """Whoever makes the call, in whichever account."""

            def get_frozen_credentials(self) -> Any:
                now = _signing.get()()
                return botocore.credentials.ReadOnlyCredentials(
                    now.access_key_id, now.secret_access_key, now.token or None
                )

        class Provider:
            def load_credentials(self) -> Any:
                return Signing("unused", "unused")

        session.register_component("credential_provider", Provider())
        session.register("before-parse", _look_whole)
        self._session = session

    def client(self, service: str, region: str) -> Any:
        with self._lock:
            client = self._clients.get((service, region))
            if client is None:
                client = self._clients[service, region] = self._made(service, region)
            return client

    def _made(self, service: str, region: str) -> Any:
        from botocore.config import Config

        where = endpoint(self.config, service, region)
        timeouts = Timeouts.from_environment()
        chosen = chosen_bundle(self.config)
        # Told in full: what is left out the SDK takes from the environment, by rules of its own.
        fips, dual_stack = (not where.custom and bool(variant(self.config, name)) for name in ("fips", "dual_stack"))
        return self._session.create_client(
            service,
            region_name=region,
            endpoint_url=where.url if where.custom else None,
            verify=chosen[0] if chosen else None,
            config=Config(
                use_fips_endpoint=fips,
                use_dualstack_endpoint=dual_stack,
                connect_timeout=timeouts.connect,
                read_timeout=max(timeouts.read, _LARGE_PAGE_SECONDS),
                retries={"total_max_attempts": 1, "mode": "standard"},
                max_pool_connections=_POOL,
                parameter_validation=False,
                proxies=self._proxy,
                tcp_keepalive=True,
                user_agent_extra="openvna",
            ),
        )

    def api(self, credentials: Callable[[], Credentials], turns: Turns) -> BotocoreApi:
        """The calls of one account; `turns` as in `BotocoreApi`."""
        return BotocoreApi(self, credentials, turns)

    def hang_up(self) -> None:
        """botocore does not let go of a call; its thread is left behind."""

    def close(self) -> None:
        with self._lock:
            clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()


class BotocoreApi:
    """The calls of one account, signed with what `credentials` gives at that moment (renewed by whoever gives it)."""

    def __init__(
        self,
        clients: Clients,
        credentials: Callable[[], Credentials],
        turns: Turns = AT_ONCE,
    ) -> None:
        """`turns` says when a call may be made."""
        self._clients = clients
        self._credentials = credentials
        self._turns = turns

    def call(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """One answer, tried again as `retries.py` says."""
        return persistent(
            lambda: self._once(service, operation, region, params),
            self._turns(service, region, operation, params),
        )

    def _once(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> dict[str, Any]:
        from botocore import exceptions, xform_name
        from botocore.parsers import ResponseParserError

        token = _signing.set(self._credentials)
        try:
            method = getattr(self._clients.client(service, region), xform_name(operation), None)
            if method is None:
                raise _no_operation(service, operation)
            answer: dict[str, Any] = method(**params)
            if not answer.get("ResponseMetadata", {}).get("RequestId"):
                # botocore takes a well-formed page of a captive portal for an answer that lists nothing.
                raise self._not_aws(service, operation, region, "it has no request id")
            return answer
        except exceptions.ClientError as error:
            told = error.response.get("ResponseMetadata", {})
            if not told.get("RequestId"):
                seen, status = f"an error {_code(error)} without a request id", int(told.get("HTTPStatusCode") or 0)
                raise self._not_aws(service, operation, region, seen, status) from error
            raise call_error(operation, error.response) from error
        except exceptions.UnknownServiceError as error:
            raise _no_operation(service, operation) from error
        except exceptions.BotoCoreError as error:
            unreached = CallError(operation, "", redact(str(error)), cause=_network_cause(error))
            unreached.nameless = unreached.cause == "N-DNS" and no_such_name(error)
            raise unreached from error
        except SourceUnusable as error:  # the credential ended while we were at work
            raise CallError(operation, "", redact(str(error)), cause=error.cause or "C-SOURCE") from error
        except _Damaged as error:
            raise self._damaged(service, operation, region, str(error)) from error
        except (ResponseParserError, KeyError) as error:  # KeyError: a page of HTML that happens to be XML
            seen = _title(str(error))
            if isinstance(error, ResponseParserError) and _from_aws.get(False) and seen == _UNTITLED:
                raise self._damaged(service, operation, region, "it is no XML") from error
            raise self._not_aws(service, operation, region, seen) from error
        finally:
            _signing.reset(token)

    def _damaged(self, service: str, operation: str, region: str, why: str) -> CallError:
        return damaged(operation, endpoint(self._clients.config, service, region).host, why)

    def _not_aws(self, service: str, operation: str, region: str, seen: str, status: int = 0) -> CallError:
        where = endpoint(self._clients.config, service, region)
        what = f"What answered {operation} at {where.host} is not AWS: {seen}."
        return CallError(operation, "", what, status=status if status >= 500 else 0, cause="N-INTERCEPT")


def _proxy(config: AwsConfig) -> dict[str, str] | None:
    """The proxy of the settings; None leaves the choice to the environment."""
    if config.proxy_url is None or not config.proxy_url.get_secret_value():
        return None
    url = config.proxy_url.get_secret_value()
    url = url if "://" in url else f"http://{url}"
    password = urlsplit(url).password
    hide(password, unquote(password or ""))
    return {"https": url, "http": url}


def _code(error: Any) -> str:
    return str((error.response.get("Error") or {}).get("Code") or "of its own")


def _no_operation(service: str, operation: str) -> CallError:
    from botocore import __version__

    what = f"botocore {__version__} has no operation {operation} of {service}."
    return CallError(operation, "", what, cause="R-NO-OPERATION")


def call_error(operation: str, response: Mapping[str, Any]) -> CallError:
    """What AWS answered, as a `CallError`."""
    said, metadata = response.get("Error") or {}, response.get("ResponseMetadata") or {}
    return CallError(
        operation,
        str(said.get("Code") or ""),
        str(said.get("Message") or ""),
        status=int(metadata.get("HTTPStatusCode") or 0),
        request_id=str(metadata.get("RequestId") or ""),
        skew=_skew(metadata.get("HTTPHeaders") or {}),
        retry_after=retry_after(metadata.get("HTTPHeaders") or {}),
    )


def _title(text: str) -> str:
    """What a page says of itself, out of botocore's message about it."""
    found = re.search(r"<title>([^<]{1,120})", text)
    return f"a page titled {found[1]!r}" if found else _UNTITLED


def _look_whole(operation_model: Any, response_dict: Mapping[str, Any], **_: Any) -> None:
    """Before botocore reads an answer: it takes one of JSON that is cut, or empty, for one that lists nothing."""
    headers = {name.lower() for name in response_dict["headers"]}
    _from_aws.set("x-amzn-requestid" in headers or "x-amz-request-id" in headers)
    output = operation_model.output_shape
    if (
        response_dict["status_code"] // 100 != 2
        or "json" not in operation_model.service_model.resolved_protocol
        or output is None
        or operation_model.has_streaming_output
    ):
        return
    payload = output.serialization.get("payload")
    if payload and output.members[payload].type_name in ("blob", "string"):
        return
    if not any("location" not in member.serialization for member in output.members.values()):
        return
    try:
        orjson.loads(response_dict["body"])
    except ValueError:
        raise _Damaged("it is no JSON" if response_dict["body"] else "it is empty") from None


def _skew(headers: Mapping[str, str]) -> float | None:
    """By how many seconds our clock is ahead of the answering server's, to about the time that the answer took."""
    try:
        return time.time() - parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return None


def _beneath(error: BaseException) -> str:
    """What an exception and those that it stands for say: botocore's own text keeps nothing of them."""
    said: list[str] = []
    at: BaseException | None = error
    while at is not None and len(said) < 8:
        said.append(repr(at))
        at = at.__cause__ or at.__context__
    return " ".join(said)


def _network_cause(error: Exception) -> str:
    """The cause id of a call that got no answer, by botocore's own exceptions and what lies under them."""
    from botocore import exceptions

    if isinstance(error, exceptions.ProxyConnectionError):
        said = re.search(r"Tunnel connection failed: (\d{3})", _beneath(error))
        if said is None:
            return "N-PROXY-DOWN"
        return "N-PROXY-AUTH" if said[1] == "407" else "N-PROXY-DENY"
    if isinstance(error, exceptions.EndpointProviderError | exceptions.EndpointVariantError):
        return "C-ENDPOINT-KIND"
    if isinstance(error, exceptions.SSLError):
        if re.search(r"certificate has expired|not yet valid", _beneath(error)):
            return "N-TLS-DATE"
        return "N-TLS-NAME" if re.search(r"doesn't match|mismatch", _beneath(error)) else "N-TLS-CA"
    if isinstance(error, exceptions.ReadTimeoutError | exceptions.ConnectTimeoutError):
        return "N-TIMEOUT"
    if isinstance(error, exceptions.ConnectionClosedError):
        return "N-RESET"
    if isinstance(error, exceptions.EndpointConnectionError):
        return "N-DNS" if "NameResolution" in _beneath(error) else "N-REFUSED"
    return ""
