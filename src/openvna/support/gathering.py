"""What goes into the bundle, part by part. Each part may fail without the others."""

from __future__ import annotations

import fcntl
import importlib.metadata
import os
import platform
import resource
import shutil
import sqlite3
import ssl
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import SecretStr

import openvna
from openvna.settings import ServerSettings
from openvna.store import Coverage, CoverageQuery, RegionCoverage, Store

LINES = 20_000
"""Lines of the coverage of a source that are told one by one."""
_NAMES = ("AWS_", "OPENVNA_", "VAULT_", "CREDENTIALS_DIRECTORY", "SSL_CERT_", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})
_SHOWN = frozenset(
    {
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_STS_REGIONAL_ENDPOINTS",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_RETRY_MODE",
        "AWS_MAX_ATTEMPTS",
        "OPENVNA_LOG_LEVEL",
        "OPENVNA_HOST",
        "OPENVNA_PORT",
        "OPENVNA_WORKERS",
    }
)
"""Variables whose values say nothing of anyone."""
_PACKAGES = (
    "alembic",
    "botocore",
    "cryptography",
    "fastapi",
    "orjson",
    "psycopg",
    "pydantic",
    "sqlalchemy",
    "starlette",
    "structlog",
    "typer",
    "uvicorn",
)
RUNS = 100
"""Runs that are looked at, the newest first."""
LOG_BYTES = 2_000_000
_NOT_KEPT = "external_id"


def versions() -> dict[str, Any]:
    """Of ourselves, of Python, of what we stand on, and of the system."""
    return {
        "openvna": openvna.__version__,
        "python": sys.version,
        "platform": platform.platform(),
        "libc": " ".join(platform.libc_ver()),
        "openssl": ssl.OPENSSL_VERSION,
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: _version(name) for name in _PACKAGES},
        "container": Path("/.dockerenv").exists() or "KUBERNETES_SERVICE_HOST" in os.environ,
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def settings_shown(settings: ServerSettings) -> dict[str, Any]:
    """The settings of the server; of a secret only whether it is set."""
    return {name: _shown(name, getattr(settings, name)) for name in ServerSettings.model_fields}


def _shown(name: str, value: object) -> object:
    if isinstance(value, SecretStr):
        return "(set)"
    if name == "database_url" and isinstance(value, str):
        return f"{value.partition(':')[0]}: (set)"
    return value if value is None or isinstance(value, bool | int) else str(value)


def environment_shown(environment: Mapping[str, str]) -> dict[str, str]:
    """The names of the variables that concern us; values only where they say nothing of anyone."""
    ours = [name for name in environment if name.startswith(_NAMES) or name.lower() in _PROXIES]
    return {name: environment[name] if name in _SHOWN else "(set, not shown)" for name in sorted(ours)}


def system(home: Path) -> dict[str, Any]:
    """The machine: clock, memory, limits, room on the disk, and the files of the data directory by size and mode."""
    usage = shutil.disk_usage(home if home.exists() else home.parent)
    return {
        "now": datetime.now(UTC).isoformat(),
        "time zone": time.strftime("%Z %z"),
        "clock set by systemd-timesyncd": Path("/run/systemd/timesync/synchronized").exists(),
        "processors": os.cpu_count(),
        "load": os.getloadavg(),
        "memory": dict(_memory()),
        "limits": {
            name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in ("NOFILE", "AS", "NPROC", "FSIZE")
        },
        "disk": {"total": usage.total, "free": usage.free},
        "server": _server(home),
        "files": [_file(home, each) for each in sorted(home.rglob("*"))[:200] if each.is_file()],
    }


def _memory() -> Iterator[tuple[str, str]]:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        name, _, value = line.partition(":")
        if name in ("MemTotal", "MemAvailable", "SwapFree"):
            yield name, value.strip()


def _file(home: Path, file: Path) -> dict[str, Any]:
    found = file.stat()
    return {
        "name": file.relative_to(home).as_posix(),
        "bytes": found.st_size,
        "mode": stat.filemode(found.st_mode),
        "changed": datetime.fromtimestamp(found.st_mtime, UTC).isoformat(),
        "of this user": found.st_uid == os.geteuid(),
    }


def _server(home: Path) -> str:
    try:
        lock = os.open(home / "server.lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return "none has run on this data directory"
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return "runs"
    finally:
        os.close(lock)
    return "does not run"


def database(store: Store) -> dict[str, Any]:
    """Schema, rows by table, and what is under which key."""
    return {**store.facts(), "keys": _plain_or_why(lambda: store.keys.status())}


def sources(store: Store) -> list[Any]:
    """Every source: settings without secrets, verdict, and what is known of each type where."""
    found = []
    for source in store.sources.list():
        listed = plain(source)
        coverage = _plain_or_why(lambda source=source: _coverage(store, source.id))
        found.append({**listed, "config": _without(listed["config"]), "coverage": coverage})
    return found


def _coverage(store: Store, source_id: str) -> tuple[Coverage, ...] | tuple[RegionCoverage, ...]:
    """Line by line, or with the accounts added up where there are very many."""
    lines = store.runs.coverage_page(CoverageQuery(source_id), limit=1).total or 0
    return store.runs.coverage(source_id) if lines <= LINES else store.runs.coverage_by_region(source_id)


def runs(store: Store) -> list[Any]:
    """The newest runs; of those with problems, the lines that are not ok."""
    listed = []
    for run in store.runs.list(limit=RUNS).items:
        lines = [line for line in store.runs.ledger(run.id) if line.outcome.value != "ok"] if run.problems else []
        listed.append({**plain(run), "ledger": plain(lines)})
    return listed


def log_tail(file: Path) -> str:
    """The end of the log, from a whole line on; of the file before, where this one is short."""
    text = b""
    for each in (file, file.with_name(f"{file.name}.1")):
        if each.exists() and len(text) < LOG_BYTES:
            with each.open("rb") as opened:
                wanted = LOG_BYTES - len(text)
                opened.seek(max(0, each.stat().st_size - wanted))
                end = opened.read(wanted)
                text = (end if opened.tell() <= wanted else end.partition(b"\n")[2]) + text
    return text.decode("utf-8", "replace")


def plain(value: Any) -> Any:
    """Rows, enums, times and mappings as JSON data."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _without(config: Any) -> Any:
    """An external ID is no secret, but it is nobody else's business."""
    if isinstance(config, dict):
        return {
            key: "(set, not shown)" if key == _NOT_KEPT and item else _without(item) for key, item in config.items()
        }
    return [_without(item) for item in config] if isinstance(config, list) else config


def _plain_or_why(read: Any) -> Any:
    try:
        return plain(read())
    except Exception as error:  # noqa: BLE001 - a part that cannot be had must not take the others with it
        return f"could not be read: {type(error).__name__}: {error}"
