"""The way to a host: straight, or through a proxy that a setting or the environment names.

The environment is read just as botocore reads it (`botocore.utils.get_environ_proxies`, which is
`urllib.request.getproxies`), because the collection must go the way that was verified.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote

from openvna.log import hide
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.config import AwsConfig, split_url
from openvna.plugins.aws.endpoints import without_user

_ENCODE = "In a user name or password the characters / ? # @ : are written as %2F %3F %23 %40 %3A."
OWN_PROXY = "the source's setting"
"""Who named the proxy, where the source did."""


@dataclass(frozen=True, slots=True)
class Route:
    """The way to a host. `remark` is what people should know of it when it does not work."""

    target: SplitResult
    proxy: SplitResult | None = None
    proxy_origin: str = ""
    remark: str = ""

    @property
    def secure(self) -> bool:
        return self.target.scheme == "https"

    @property
    def host(self) -> str:
        return self.target.hostname or ""

    @property
    def port(self) -> int:
        return self.target.port or (443 if self.secure else 80)

    @property
    def where(self) -> str:
        return place(self.host, self.port)

    @property
    def tunnelled(self) -> bool:
        return self.proxy is not None and self.secure

    @property
    def first_hop(self) -> tuple[str, int]:
        """Whom the TCP connection is made to."""
        if self.proxy is None:
            return self.host, self.port
        return self.proxy.hostname or "", self.proxy.port or (443 if self.proxy.scheme == "https" else 80)

    @property
    def proxy_place(self) -> str | None:
        """`host:port (where it was set)` of the proxy; None: there is none."""
        if self.proxy is None:
            return None
        scheme = "https://" if self.proxy.scheme == "https" else ""
        return f"{scheme}{place(*self.first_hop)} ({self.proxy_origin})"

    @property
    def key(self) -> str:
        """What connections of the same way share."""
        return f"{self.target.scheme}://{self.where}"

    @property
    def request_target(self) -> str:
        """The first line's address: a proxy that is not a tunnel wants the whole one."""
        path = f"{self.target.path or '/'}{f'?{self.target.query}' if self.target.query else ''}"
        return path if self.proxy is None or self.tunnelled else f"http://{self.target.netloc.rpartition('@')[2]}{path}"

    @property
    def proxy_headers(self) -> dict[str, str]:
        """What the proxy is told besides the request. As with botocore, a user without a password is not sent."""
        if self.proxy is None or not (self.proxy.username and self.proxy.password):
            return {}
        pair = f"{unquote(self.proxy.username)}:{unquote(self.proxy.password)}"
        return {"Proxy-Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    @property
    def request_headers(self) -> dict[str, str]:
        """What goes along with each request."""
        return {} if self.tunnelled else self.proxy_headers


def place(host: str, port: int) -> str:
    """`host:port`, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def route(config: AwsConfig, url: str, environment: Mapping[str, str]) -> Route:
    """The way that requests to `url` take. Raises `CallError` for an address that cannot be read."""
    target = split_url(url)
    if target is None or target.scheme not in ("http", "https"):
        shown = without_user(url)
        raise CallError(
            "connect", "", f"{shown!r} is not an http:// or https:// address of a host.", cause="C-ENDPOINT"
        )
    remark = ""
    if config.proxy_url:
        address, origin = config.proxy_url.get_secret_value(), OWN_PROXY
    else:
        # Not ALL_PROXY: the AWS SDKs do not know it.
        address, origin = _environmental(f"{target.scheme}_proxy", environment)
        exempt, named = _environmental("no_proxy", environment)
        if not address or is_exempt(target, exempt):
            return Route(target)
        remark = _idle(target.hostname or "", exempt, named)
    proxy = split_url(address if "://" in address else f"http://{address.removeprefix('//')}")
    if proxy is None:
        what = f"The proxy of {origin} has no host and port that can be read. {_ENCODE}"
        raise CallError("connect", "", what, cause="N-PROXY-DOWN")
    if proxy.scheme not in ("http", "https"):
        what = f"The proxy of {origin} is one of {proxy.scheme}://; it takes one of http:// or https://."
        raise CallError("connect", "", what, cause="N-PROXY-DOWN")
    if proxy.password:
        hide(proxy.password, unquote(proxy.password))
    if not f"{unquote(proxy.username or '')}{unquote(proxy.password or '')}".isascii():
        # RFC 7617 leaves open how other characters are written, and the SDK refuses them.
        what = f"The user name or password of the proxy of {origin} has characters outside ASCII, which cannot be sent."
        raise CallError("connect", "", what, cause="N-PROXY-AUTH")
    return Route(target, proxy, origin, remark)


def is_exempt(target: SplitResult, names: str) -> bool:
    """Whether NO_PROXY (`names`) keeps the proxy away from a URL: `urllib.request.proxy_bypass_environment`.

    It is `*` alone, or hosts and domains with everything below them; a port counts where one is named.
    """
    if names == "*":
        return True
    whole = target.netloc.rpartition("@")[2].lower()
    alone = whole.rpartition(":")[0] if whole.rpartition(":")[2].isdigit() and ":" in whole else whole
    for name in (each.strip().lstrip(".").lower() for each in names.split(",")):
        if name and (name in (whole, alone) or whole.endswith(f".{name}") or alone.endswith(f".{name}")):
            return True
    return False


def _environmental(name: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """The value of such a variable and how it is told: the one in small letters counts, even an empty one."""
    for each in (name, name.upper()):
        if each in environment:
            return environment[each], f"the environment variable {each}"
    return "", ""


def _idle(host: str, names: str, named: str) -> str:
    """What in NO_PROXY looks as if it would exempt the host, and does not."""
    for name in (each.strip() for each in names.split(",")):
        if name.startswith("*.") and host.lower().endswith(name[1:].lower()):
            return f"{name!r} in {named} has no effect: it is written {name[1:]!r}, without the asterisk."
    return ""
