"""Puts the bundle together: every part in bounded time, without secrets, and with pseudonyms where that is wished."""

from __future__ import annotations

import io
import json
import os
import platform
import re
import secrets
import tarfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from openvna.log import hide, redact
from openvna.model import OpenVNAError, reference_in
from openvna.settings import ServerSettings
from openvna.store import Store, Vault, key_place, open_for_reading
from openvna.support import gathering
from openvna.support.pseudonyms import Pseudonyms

T = TypeVar("T")

_SECONDS = 20.0
_SECRET_VARIABLE = re.compile(
    r"(?!.*(?:_FILE|_DIR|_DIRS|_DIRECTORY|_PATH)$).*(?:SECRET|TOKEN|PASS|KEY|CREDENTIAL|PROXY|DATABASE_URL)",
    re.IGNORECASE,
)
_LEFT_OUT = (
    "Secrets: passwords, keys, tokens. Every text in here was searched for those that this installation knows, in "
    "every form, and for whatever is shaped like one.",
    "What was collected from your network: resources, their history and their tags.",
    "Users, their sessions, API tokens, and external IDs.",
    "The values of environment variables, but for a few that say nothing of anyone.",
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle: the name of its file, its content (a gzipped tar archive), its parts, and what went wrong."""

    name: str
    content: bytes
    parts: tuple[str, ...]
    problems: tuple[str, ...]


def write_bundle(
    settings: ServerSettings,
    database_url: str,
    *,
    anonymise: bool = False,
    environment: Mapping[str, str] = os.environ,
    seconds: float = _SECONDS,
) -> Bundle:
    """The bundle of the installation. It never raises for one that is broken: that is what it is for. Nothing is made
    or changed, but for the key of the pseudonyms in the data directory. A part takes at most `seconds`."""
    home = settings.home.expanduser().absolute()
    work = _Work(settings, database_url, home, environment, seconds)
    texts = dict(work.parts())
    if anonymise:
        pseudonyms = Pseudonyms(_key(home), work.names())
        texts = {name: pseudonyms.replaced(text) for name, text in texts.items()}
        work.problems = [pseudonyms.replaced(problem) for problem in work.problems]
    now = datetime.now(UTC)
    name = f"openvna-support-{now:%Y%m%d-%H%M%S}"
    problems = tuple(redact(problem) for problem in work.problems)
    texts = {"MANIFEST.txt": _manifest(texts, problems, now, anonymise), **texts}
    return Bundle(f"{name}.tar.gz", _archived(name, texts, now), tuple(texts), problems)


class _Work:
    def __init__(
        self, settings: ServerSettings, url: str, home: Path, environment: Mapping[str, str], seconds: float
    ) -> None:
        self.problems: list[str] = []
        self._settings = settings
        self._url = url
        self._home = home
        self._environment = environment
        self._seconds = seconds
        self._sources: list[Any] = []

    def parts(self) -> Iterator[tuple[str, str]]:
        """Every part as text, without secrets."""
        self._hide_environment()
        store = self._tried("database", self._store)
        if store is not None and self._tried("secrets", partial(self._hide_stored, store)) is None:
            store = None  # nothing of it can be read
        if store is None:
            self.problems.append("openvna.log: searched for the shapes of secrets only, not for those in the database")
        of_database: dict[str, Callable[[], Any]] = {}
        if store is not None:
            self._sources = self._tried("sources", lambda: gathering.sources(store)) or []
            of_database = {
                "database.json": lambda: gathering.database(store),
                "sources.json": lambda: self._sources,
                "runs.json": lambda: gathering.runs(store),
            }
        read: dict[str, Callable[[], Any]] = {
            "versions.json": gathering.versions,
            "settings.json": lambda: gathering.settings_shown(self._settings),
            "environment.json": lambda: gathering.environment_shown(self._environment),
            "system.json": lambda: gathering.system(self._home),
            **of_database,
        }
        for name, part in read.items():
            found = self._tried(name, part)
            if found is not None:
                yield name, json.dumps(_redacted(found), indent=2, ensure_ascii=False, default=str) + "\n"
        log = self._tried("openvna.log", lambda: gathering.log_tail(self._home / "openvna.log"))
        if log is not None:
            yield "openvna.log", "".join(redact(line) for line in log.splitlines(keepends=True))
        if store is not None:
            store.close()

    def names(self) -> Iterator[str]:
        """What people here call things: in the settings of sources, and on this machine."""
        for source in self._sources:
            yield source["name"]
            yield from _names_in(source["config"])
        yield from (platform.node(), str(Path.home()), Path.home().name, str(self._home))

    def _hide_environment(self) -> None:
        hide(*(value for name, value in self._environment.items() if _SECRET_VARIABLE.match(name)))
        if self._settings.key is not None:
            hide(self._settings.key.get_secret_value())
        if self._settings.database_url:
            hide(urlsplit(self._settings.database_url).password)

    def _store(self) -> Store:
        return open_for_reading(self._url, self._vault())

    def _vault(self) -> Vault:
        """With the key at hand; one that opens nothing where there is none. Never makes one."""
        settings = self._settings
        given = settings.key.get_secret_value() if settings.key else None
        place = key_place(self._home / "key", given, settings.key_file, settings.credentials_directory)
        if place.ours and not (self._home / "key").exists():
            self.problems.append(f"key: there is none in {self._home}")
            return Vault(secrets.token_bytes(32))
        try:
            return Vault(*place.read())
        except OpenVNAError as error:
            self.problems.append(f"key: {error}")
            return Vault(secrets.token_bytes(32))

    def _hide_stored(self, store: Store) -> bool:
        """Every secret that the store holds is known to the redaction from here on."""
        for source in store.sources.list():
            try:
                store.sources.secrets(source.id)
            except OpenVNAError as error:
                self.problems.append(f"secrets of {source.name}: {error.what} {error.why}")
        return True

    def _tried(self, name: str, work: Callable[[], T]) -> T | None:
        """What `work` gives within the time; None and a problem otherwise."""
        found: list[T] = []
        failed: list[str] = []

        def run() -> None:
            try:
                found.append(work())
            except OpenVNAError as error:
                failed.append(f"{name}: {error}")
            except Exception as error:  # noqa: BLE001 - whatever is broken here is what somebody wants to know
                failed.append(f"{name}: {type(error).__name__}: {error}")

        thread = threading.Thread(target=run, name=f"support-{name}", daemon=True)
        thread.start()
        thread.join(self._seconds)
        if not found:
            self.problems += failed or [f"{name}: no answer within {self._seconds:g} s"]
            return None
        return found[0]


def _names_in(config: Any) -> Iterator[str]:
    """Texts that somebody made up: not those of a closed list, as far as their keys tell."""
    if isinstance(config, dict):
        for key, value in config.items():
            if isinstance(value, str) and re.search(r"name|profile|url|host|endpoint|path|file|bundle|tag", key):
                yield from _parts_of(value)
            elif isinstance(value, list) and re.search(r"tag", key):
                yield from (part for item in value if isinstance(item, str) for part in item.split("="))
            else:
                yield from _names_in(value)
    elif isinstance(config, list):
        for item in config:
            yield from _names_in(item)


def _parts_of(value: str) -> Iterator[str]:
    if value in ("default", "openvna") or reference_in(value):
        return
    host = urlsplit(value).hostname if "://" in value else None
    yield host or value


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {redact(str(key)): _redacted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(item) for item in value]
    return value


def _key(home: Path) -> bytes:
    """The key of the pseudonyms, made at first use; one for this bundle alone where the directory is not writable."""
    file = home / "support.key"
    try:
        if not file.exists():
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
                opened.write(secrets.token_bytes(32))
        return file.read_bytes() or secrets.token_bytes(32)
    except OSError:
        return secrets.token_bytes(32)


def _manifest(texts: Mapping[str, str], problems: tuple[str, ...], now: datetime, anonymise: bool) -> str:
    lines = [
        f"OpenVNA support bundle, {now.isoformat(timespec='seconds')}",
        "",
        "Inside:",
        *(f"  {name}  ({len(text.encode()):,} bytes)  {_ABOUT.get(name, '')}" for name, text in texts.items()),
        "",
        "Left out:",
        *(f"  - {line}" for line in _LEFT_OUT),
        "",
        "Account ids, ARNs, resource ids, IP addresses and names are pseudonyms: the same thing has the same one in "
        "every bundle of this installation."
        if anonymise
        else "Account ids, ARNs, IP addresses and the names of sources are as they are. With --anonymise they become "
        "pseudonyms.",
        "",
        "What could not be had:",
        *(f"  - {problem}" for problem in problems or ("nothing: all is here.",)),
    ]
    return "\n".join(lines) + "\n"


_ABOUT = {
    "versions.json": "of OpenVNA, Python, the libraries and the system",
    "settings.json": "of the server; of secrets, only whether they are set",
    "environment.json": "the names of the variables that concern OpenVNA",
    "system.json": "clock, memory, limits, disk, files of the data directory by size and mode",
    "database.json": "schema, rows by table, sources by key",
    "sources.json": "settings without secrets, verdicts with their steps, coverage",
    "runs.json": f"the newest {gathering.RUNS}, with what was not ok",
    "openvna.log": "its end",
}


def _archived(folder: str, texts: Mapping[str, str], now: datetime) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name, text in texts.items():
            content = text.encode("utf-8", "replace")
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size, entry.mtime, entry.mode = len(content), int(time.mktime(now.timetuple())), 0o600
            archive.addfile(entry, io.BytesIO(content))
    return written.getvalue()
