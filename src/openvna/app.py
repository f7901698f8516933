"""The only place where the rooms are joined: the data directory, the gateway, the server."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import gc
import os
import secrets
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from openvna import log
from openvna.model import InvalidInput, OpenVNAError, StoreUnusable
from openvna.settings import ServerSettings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from openvna.collect import Gateway
    from openvna.collect.secret_places import SecretPlaces
    from openvna.support import Bundle

ADMIN = "admin"
MOST_READERS = 8
"""More than these, and the one process that keeps the store would be what everybody waits for."""
STOP_WITHIN = 3
"""Seconds that open requests have to end when the server stops; `Gateway.close` may take the rest of five."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The server answers at `url`. `password` is that of the user `admin` when this start made it, else None."""

    url: str
    user: str
    password: str | None


def open_gateway(settings: ServerSettings, *, terminal: TextIO | None = None) -> Gateway:
    """The gateway over the data directory, which is made when missing (mode 0700).

    From then on the log goes to `openvna.log` in it, and to `terminal`. Raises `StoreUnusable`.
    """
    # A collection makes containers by the million and hardly a cycle: at Python's own thresholds a third of its time
    # goes into looking for some. A piece of a long listing has fewer than this, and they go with it.
    gc.set_threshold(200_000, 20, 100)
    # Late, all of them: the command line asks for help, or for `verify`, far more often than for the store.
    from openvna.collect import Gateway
    from openvna.plugin import load_plugin, plugin_names
    from openvna.store import load_vault, open_store

    home = prepare_home(settings)
    start_log(settings, home, terminal)
    store = open_store(database_url(settings), load_vault(*key_settings(settings)))
    return Gateway(
        store,
        load_plugin=load_plugin,
        plugin_names=plugin_names,
        workers=settings.workers,
        resolver=secret_places(settings),
        rest=timedelta(hours=settings.rest_hours),
        runs_kept=timedelta(days=settings.run_days),
        readers=_readers(settings),
    )


def _readers(settings: ServerSettings) -> int:
    """A process for each core but the one that keeps the store."""
    if settings.readers is not None:
        return settings.readers
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores - 1, MOST_READERS)


def secret_places(settings: ServerSettings) -> SecretPlaces:
    """What reads the secrets that sources name instead of holding them, as far as the settings allow."""
    from openvna.collect.secret_places import Allowed, SecretPlaces

    home, credentials = _home(settings), settings.credentials_directory
    usual = (home / "secrets", Path("/run/secrets"), *((credentials,) if credentials else ()))
    named = tuple(Path(each).expanduser().absolute() for each in _listed(settings.secret_dirs or ""))
    ours = (settings.key_file, settings.tls_key, credentials / "openvna-key" if credentials else None)
    return SecretPlaces(
        Allowed(
            env=_listed(settings.secret_env),
            directories=named or usual,
            never=(home, *(each for each in ours if each)),
            vault=_listed(settings.secret_vault),
            awssm=_listed(settings.secret_awssm),
            destinations=_listed(settings.secret_destinations),
        ),
        secrets_manager=_read_aws_secret,
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _read_aws_secret(name: str) -> str:
    from openvna.plugins.aws.secrets_manager import read_secret

    return read_secret(name)


def support_bundle(settings: ServerSettings, anonymise: bool = False) -> Bundle:
    """What somebody who is to help needs to know of this installation, without secrets. Never raises for a broken
    one."""
    from openvna.support import write_bundle

    return write_bundle(settings, database_url(settings), anonymise=anonymise)


def database_url(settings: ServerSettings) -> str:
    """Where the store is."""
    return settings.database_url or f"sqlite:///{_home(settings) / 'openvna.db'}"


def _home(settings: ServerSettings) -> Path:
    return settings.home.expanduser().absolute()


def key_settings(settings: ServerSettings) -> tuple[Path, str | None, Path | None, Path | None]:
    """Where the key for stored secrets may be, as `openvna.store.key_place` takes it."""
    return (
        _home(settings) / "key",
        settings.key.get_secret_value() if settings.key else None,
        settings.key_file,
        settings.credentials_directory,
    )


def create_app(gateway: Gateway, settings: ServerSettings) -> FastAPI:
    """The ASGI application: REST under `/api`, the admin UI everywhere else."""
    from openvna.northbound.rest import create_api
    from openvna.northbound.rest.edge import LOOPBACK, is_loopback
    from openvna.web import mount

    hosts = LOOPBACK | {settings.host} if is_loopback(settings.host) else None

    def bundle(anonymise: bool) -> tuple[str, bytes]:
        written = support_bundle(settings, anonymise)
        return written.name, written.content

    api = create_api(gateway, secure_cookies=settings.tls_certificate is not None, hosts=hosts, support_bundle=bundle)
    mount(api, gateway)
    return api


def serve(
    settings: ServerSettings,
    insecure: bool = False,
    on_ready: Callable[[Ready], None] | None = None,
    *,
    prepare: Callable[[Gateway], None] | None = None,
    terminal: TextIO | None = sys.stderr,
) -> None:
    """Collect by schedule and answer requests until SIGINT or SIGTERM.

    `prepare` is called with the gateway before the server listens, `on_ready` when it does; without it the address
    (and the first password) are printed. Raises `InvalidInput` for settings that would not be safe, `StoreUnusable`,
    and `OpenVNAError` for a port or a data directory that another process uses.
    """
    tls = _tls(settings)
    _refuse_unsafe(settings, tls, insecure)
    home = prepare_home(settings)
    with only_server(home), contextlib.closing(_listen(settings)) as listening:
        gateway = open_gateway(settings, terminal=terminal)
        try:
            password = _first_user(gateway)
            if prepare is not None:
                prepare(gateway)
            ready = Ready(_url(settings, listening, tls), ADMIN, password)
            gateway.start_readers()
            gateway.start_schedule()
            _run(gateway, settings, listening, lambda: (on_ready or announce)(ready))
        finally:
            gateway.close()


def announce(ready: Ready) -> None:
    """Print where the server is. The password goes to the terminal only, once, and never into the log."""
    lines = [f"OpenVNA answers at {ready.url}"]
    if ready.password is not None:
        lines += ["", f"  user      {ready.user}", f"  password  {ready.password}", "", "It is shown this once."]
    lines += ["Ctrl-C stops it."]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _run(gateway: Gateway, settings: ServerSettings, listening: socket.socket, ready: Callable[[], None]) -> None:
    import uvicorn

    from openvna.northbound.rest import end_streams

    app = create_app(gateway, settings)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

        def handle_exit(self, sig: int, frame: Any) -> None:  # noqa: ARG002 - uvicorn's signature
            # Unlike uvicorn's own, it does not raise the signal again in the end: what follows must still run.
            self.force_exit = self.should_exit
            self.should_exit = True
            end_streams(app)
            threading.Thread(target=gateway.hang_up, name="hang-up", daemon=True).start()

    server = Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            timeout_graceful_shutdown=STOP_WITHIN,
            ssl_certfile=settings.tls_certificate,
            ssl_keyfile=settings.tls_key,
        )
    )
    log.logger("openvna.server").info("server starts", host=settings.host, port=listening.getsockname()[1])
    server.run(sockets=[listening])
    log.logger("openvna.server").info("server stopped")


def _first_user(gateway: Gateway) -> str | None:
    """Make the user `admin` where there is no user yet; its password, else None."""
    if gateway.store.accounts.users():
        return None
    password = secrets.token_urlsafe(15)
    log.hide(password)
    gateway.store.accounts.add_user(ADMIN, password)
    log.logger("openvna.server").info("first user made", user=ADMIN)
    return password


# --- the data directory


def prepare_home(settings: ServerSettings) -> Path:
    """The data directory, made when missing (mode 0700)."""
    home = _home(settings)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if home.stat().st_uid == os.geteuid():
            home.chmod(0o700)
    except OSError as error:
        raise _unusable(home, error) from error
    return home


def start_log(settings: ServerSettings, home: Path, terminal: TextIO | None) -> None:
    """From now on the log goes to `openvna.log` in the data directory, and to `terminal`."""
    try:
        log.setup(settings.log_level, home / "openvna.log", terminal)
    except OSError as error:
        raise _unusable(home, error) from error


def _unusable(home: Path, error: OSError) -> StoreUnusable:
    return StoreUnusable(
        f"The data directory {home} cannot be used.",
        "There is a file in its place." if isinstance(error, FileExistsError) else f"{error.strerror or error}.",
        "Make it writable for this user, or set OPENVNA_HOME to another directory.",
    )


@contextlib.contextmanager
def only_server(home: Path) -> Iterator[None]:
    """Hold `server.lock`. Raises `StoreUnusable`, naming the process that holds it already."""
    try:
        lock = os.open(home / "server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unusable(home, error) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            pid = os.read(lock, 20).decode("ascii", "replace").strip() or "unknown"
            raise StoreUnusable(
                f"A server runs on the data directory {home} already.",
                f"It is process {pid}.",
                "Use that one, stop it first, or set OPENVNA_HOME to another directory.",
            ) from error
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(lock)  # which lets go of the lock; the file stays, so that nobody locks a name that is gone


# --- the socket


def _tls(settings: ServerSettings) -> bool:
    """Whether the server speaks TLS. Raises `InvalidInput` for a certificate and key that do not do."""
    if settings.tls_certificate is None and settings.tls_key is None:
        return False
    if settings.tls_certificate is None:
        raise InvalidInput("There is a TLS key without a certificate.", "", "Give --tls-certificate as well.")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            settings.tls_certificate, settings.tls_key, password=_no_password
        )
    except (OSError, ssl.SSLError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InvalidInput(
            f"The TLS certificate {settings.tls_certificate} cannot be used.",
            f"{reason}.",
            "Give the certificate chain with --tls-certificate and its unencrypted key with --tls-key, both in PEM.",
        ) from error
    return True


def _no_password() -> str:
    raise ValueError("The key is encrypted")


def _refuse_unsafe(settings: ServerSettings, tls: bool, insecure: bool) -> None:
    from openvna.northbound.rest.edge import is_loopback

    if tls or insecure or is_loopback(settings.host):
        return
    raise InvalidInput(
        f"OpenVNA does not listen on {settings.host} without TLS.",
        "Passwords, tokens and credentials would cross the network in clear.",
        "Give --tls-certificate and --tls-key, or --insecure where something in front of it speaks TLS.",
    )


def _listen(settings: ServerSettings) -> socket.socket:
    """A bound socket. Raises `OpenVNAError` naming the port when it is taken."""
    try:
        kind, *_, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise InvalidInput(
            f"{settings.host!r} is no address of this machine.", f"{error.strerror}.", "Give an address with --host."
        ) from error
    listening = socket.socket(kind, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # asyncio does so by itself only for sockets that name their protocol; without it an answer can wait 40 ms.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listening.bind(address)
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise _cannot_listen(settings, error) from error
    return listening


def _cannot_listen(settings: ServerSettings, error: OSError) -> OpenVNAError:
    if error.errno == errno.EADDRINUSE:
        return OpenVNAError(
            f"Port {settings.port} on {settings.host} is in use.",
            "Another program listens there, perhaps another OpenVNA.",
            f"Stop it, or choose another port: --port {_next_port(settings.port)} (--port 0 takes any free one).",
        )
    if error.errno == errno.EACCES:
        return OpenVNAError(
            f"Port {settings.port} on {settings.host} may not be used.",
            "Ports below 1024 are for the system.",
            "Choose another port: --port 8321.",
        )
    return OpenVNAError(
        f"OpenVNA cannot listen on {settings.host} port {settings.port}.",
        f"{error.strerror or error}.",
        "Give an address of this machine with --host.",
    )


def _next_port(port: int) -> int:
    return port + 1 if port < 65535 else port - 1


def _url(settings: ServerSettings, listening: socket.socket, tls: bool) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{'https' if tls else 'http'}://{host}:{listening.getsockname()[1]}"
