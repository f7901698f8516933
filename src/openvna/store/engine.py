"""The connection to the database: transactions, and what goes wrong with them in words for a person."""

from __future__ import annotations

import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import URL, Connection, Engine

from openvna import log
from openvna.model import Failure, InvalidInput, StoreUnusable
from openvna.store import room

Clock = Callable[[], datetime]
_BUSY_MS = 60_000
_DURABLE = "openvna_durable"
"""Under this a connection to SQLite notes whether it waits for the disk at a commit, as it does from its opening on."""


def now() -> datetime:
    return datetime.now(UTC)


class Database:
    """One database, opened. `read` and `write` give a transaction; what fails inside for a reason that lies outside
    the program (disk full, read-only, lost connection) comes out as `StoreUnusable`."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.clock = clock
        self.dialect = engine.dialect.name
        self.place = _place(engine.url)
        self.unwritten: dict[str, Failure] = {}
        """How runs ended of which the database could not take even that, by their ids: written when it can."""
        self._closed = False
        self._driver = engine.dialect.loaded_dbapi
        # SQLite lets one writer in and makes the others poll; threads of this process queue here instead.
        self._turn: threading.RLock | None = threading.RLock() if self.dialect == "sqlite" else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one moment."""
        with self._mapped(), self._begun() as connection:
            if self.dialect == "sqlite":
                _driver(connection).execute("BEGIN")
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True, alone: str = "") -> Iterator[Connection]:
        """A transaction that writes. `durable`: it survives a power failure once it is through; `alone`: no other one
        with the same word runs beside it, so that what it read first still holds when it writes (on SQLite always).

        Without it SQLite does not wait for the disk: the database stays whole, but the last transactions may be
        missing. That is right for what the next collection finds again, wrong for what a person entered.
        """
        with self._mapped(), self._lined_up(), self._begun() as connection:
            if self.dialect == "sqlite":
                _begin_write(connection, durable)
            elif alone:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(zlib.crc32(alone.encode()))))
            yield connection

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        """A connection and its transaction. One that comes back after `close` belongs to a pool that nobody empties
        any more: it is closed on the spot."""
        with self.engine.connect() as connection:
            try:
                with connection.begin():
                    try:
                        yield connection
                    except self._driver.Error as error:
                        # Of what runs below SQLAlchemy it does not learn that the connection is lost.
                        if self.engine.dialect.is_disconnect(error, connection.connection.dbapi_connection, None):
                            connection.invalidate(error)
                        raise
            finally:
                if self._closed and not (connection.closed or connection.invalidated):
                    connection.detach()

    @contextmanager
    def _lined_up(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        with self._turn:
            yield

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except (exc.DatabaseError, exc.InterfaceError, exc.TimeoutError, self._driver.Error) as error:
            unusable = unusable_from(error, self.place)
            if unusable is not None:
                raise unusable from error
            if isinstance(error, exc.DataError | self._driver.DataError):
                raise _unfit() from error
            raise
        except (UnicodeEncodeError, OverflowError) as error:
            raise _unfit() from error
        except OSError as error:
            raise room.unwritable(
                f"The store at {self.place} cannot be written.", Path(self.place).parent, error
            ) from error

    def close(self) -> None:
        self._closed = True
        self.engine.dispose()


def _unfit() -> InvalidInput:
    return InvalidInput(
        "What was given cannot be looked up.",
        "It holds a character or a number that no database takes (NUL, half of a surrogate pair, beyond 64 bits).",
        "Correct it.",
    )


def connect(url: str, clock: Clock) -> Database:
    """An engine for the URL, with the directory and the file of a SQLite database made private to this user."""
    try:
        parsed = sa.make_url(url)
    except (exc.ArgumentError, ValueError):  # ValueError: a port that is no number
        raise _bad_url("It is not a database URL.") from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise _bad_url("A database in memory cannot be shared between threads and forgets everything.")
        _make_private(Path(str(parsed.database)))
        engine = sa.create_engine(
            parsed,
            hide_parameters=True,
            pool_size=8,
            max_overflow=24,
            pool_use_lifo=True,  # the pages that the last one wrote are in its cache, and stale in all others
            connect_args={"timeout": _BUSY_MS / 1000},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        return Database(engine, clock)
    if backend == "postgresql":
        log.hide(parsed.password)
        try:
            engine = sa.create_engine(
                parsed.set(drivername="postgresql+psycopg"),
                hide_parameters=True,
                pool_size=8,
                max_overflow=24,
                pool_pre_ping=True,
                json_serializer=lambda value: orjson.dumps(value).decode(),
                json_deserializer=orjson.loads,
            )
        except ModuleNotFoundError as error:
            raise StoreUnusable(
                "PostgreSQL cannot be used here.",
                f"The driver is not installed ({error.name}).",
                "Install it with `pip install 'openvna[postgres]'`.",
            ) from error
        return Database(engine, clock)
    raise _bad_url(f"{backend} is not known here.")


def _bad_url(why: str) -> StoreUnusable:
    return StoreUnusable(
        "The database URL cannot be used.",
        why,
        "Use sqlite:////path/to/openvna.db or postgresql+psycopg://user@host/database.",
    )


def _make_private(file: Path) -> None:
    """Directory 0700 when we make it, file 0600 always: SQLite gives its side files the mode of the database."""
    try:
        if not file.parent.exists():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.parent.chmod(0o700)
        if not file.exists():
            file.touch(mode=0o600)
        elif file.is_file() and file.stat().st_mode & 0o077:
            file.chmod(0o600)
    except OSError as error:
        raise StoreUnusable(
            f"The database {file} cannot be opened.",
            f"{error.strerror or error}.",
            f"Make {file.parent} a directory that this user can write to, or set OPENVNA_HOME to another one.",
        ) from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver would begin and commit on its own; transactions are ours alone (see `Database`).
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {_BUSY_MS}",
        "page_size = 8192",  # of a new file; half as many pages to write, and rows fill them better
        "foreign_keys = ON",
        "synchronous = FULL",
        "temp_store = MEMORY",
        "cache_size = -16384",
        # Pages that many transactions write one after the other go into the file once: 32 MiB of them together.
        "wal_autocheckpoint = 4096",
        "journal_size_limit = 67108864",
    ):
        connection.execute(f"PRAGMA {pragma}")
    _use_wal(connection)


def _use_wal(connection: Any) -> None:
    """Write-ahead logging, which the file remembers. While others open the same new file, SQLite answers the switch
    with "locked" at once, whatever the busy timeout: it is tried again until one of them has done it."""
    for pause in (*(0.01 * 2**n for n in range(8)), None):
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if pause is None or error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            time.sleep(pause)  # there is no event to wait for: the lock is another process's


def _begin_write(connection: Connection, durable: bool) -> None:
    driver = _driver(connection)
    if connection.info.get(_DURABLE, True) is not durable:
        driver.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        connection.info[_DURABLE] = durable
    # A deferred transaction that turns into a writer fails at once when another one wrote meanwhile; an immediate one
    # waits its turn.
    driver.execute("BEGIN IMMEDIATE")


def _driver(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection: what every transaction does costs a tenth of it there."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _place(url: URL) -> str:
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


_SQLITE = {
    "SQLITE_READONLY": (
        "The file or its directory is read-only for this user.",
        "Give this user the right to write, or set OPENVNA_HOME to another directory.",
    ),
    "SQLITE_PERM": ("This user may not open it.", "Give this user the right to read and write."),
    "SQLITE_CANTOPEN": (
        "The file cannot be opened.",
        "Check that its directory exists and that this user can write to it, or set OPENVNA_HOME to another one.",
    ),
    "SQLITE_BUSY": (
        "Another process kept it locked for a minute.",
        "Try again when that process is done; `fuser` on the file names it.",
    ),
    "SQLITE_LOCKED": ("It is locked.", "Try again."),
    "SQLITE_IOERR": ("Reading or writing it failed.", "Check the disk and the system's log."),
    "SQLITE_CORRUPT": ("The file is damaged.", "Restore it from a backup, or move it away and collect anew."),
    "SQLITE_NOTADB": (
        "The file is not a SQLite database.",
        "Move it away, or set OPENVNA_HOME to another directory.",
    ),
    "SQLITE_AUTH": ("Access was refused.", "Check the rights of the file."),
    "SQLITE_PROTOCOL": ("Its lock files do not work.", "Put it on a local disk; network disks are not enough."),
}
_POSTGRES = {
    "53100": ("The disk of the database server is full.", "Make room on it; nothing that was stored is lost."),
    "53300": ("The database server has no connection left.", "Raise max_connections, or stop other clients."),
    "25006": ("The database is read-only.", "Connect to the primary server."),
    "28": ("The database server refused the sign-in.", "Check user and password in OPENVNA_DATABASE_URL."),
    "3D": ("The database does not exist.", "Make it with `createdb`, or correct OPENVNA_DATABASE_URL."),
    "42501": ("The database user lacks a right.", "Give the user CREATE on the schema, or use its owner."),
    "57": ("The database server is shutting down or cancelled the work.", "Try again when it is up."),
    "08": ("The connection to the database was lost.", "Check the database server and the network to it."),
}


def unusable_from(error: Exception, place: str) -> StoreUnusable | None:
    """An error of SQLAlchemy or of the driver in words for a person, when its cause lies outside the program; None
    when it is our own fault."""
    if isinstance(error, exc.TimeoutError):
        return StoreUnusable(f"The store at {place} is too busy.", "All its connections are in use.", "Try again.")
    cause = getattr(error, "orig", error)
    name = getattr(cause, "sqlite_errorname", None)
    known: tuple[str, str] | None = None
    if name == "SQLITE_FULL":
        known = room.full(Path(place).parent)
    elif isinstance(name, str):
        known = next((_SQLITE[code] for code in _SQLITE if name == code or name.startswith(f"{code}_")), None)
    elif type(cause).__module__.startswith("psycopg"):
        state = getattr(cause, "sqlstate", None)
        if state is None and any(each.__name__ == "OperationalError" for each in type(cause).__mro__):
            # A connection that fails has no code, only the words of the client library and the server.
            words = " ".join(log.redact(str(cause)).split())
            known = (
                f"No connection could be had: {words or 'no reason was given'}.",
                "Check that the database server runs, and host, database, user and password in OPENVNA_DATABASE_URL.",
            )
        elif isinstance(state, str):
            known = next((_POSTGRES[code] for code in _POSTGRES if state.startswith(code)), None)
    if known is None:
        return None
    return StoreUnusable(f"The store at {place} cannot be used.", *known)
