"""AWS by its own names: a server with a certificate for them, to which every tunnel of a proxy leads."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from support.fault_server import FaultServer, certificate, fault_server, server_context


class Behind:
    """AWS with a certificate for all its names, reached only through a proxy."""

    def __init__(self, aws: FaultServer, proxy: FaultServer, bundle: Path) -> None:
        self.aws, self.proxy, self.bundle = aws, proxy, bundle

    @property
    def hosts(self) -> set[str]:
        """The hosts that the proxy was asked for, without their ports."""
        return {each.target.rpartition(":")[0] for each in self.proxy.tunnels}


NAMES = (
    *(f"*.{region}.amazonaws.com" for region in ("us-east-1", "eu-west-1", "us-gov-west-1")),
    *("*.cn-north-1.amazonaws.com.cn", "*.us-east-1.api.aws", "*.eusc-de-east-1.amazonaws.eu", "iam.amazonaws.com"),
    "127.0.0.1",
)


@contextmanager
def behind(tmp_path: Path, *, secure: bool = False) -> Generator[Behind, None, None]:
    pem = certificate(tmp_path, NAMES)
    with fault_server(server_context(pem)) as aws, fault_server(server_context(pem) if secure else None) as proxy:
        proxy.tunnel_port = aws.port
        yield Behind(aws.good(), proxy, pem)
