"""Opening a database: made when missing, brought up to date, and refused with its cause when it cannot be used."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import openvna
from openvna.model import StoreUnusable
from openvna.store import Source, Store, Vault, engine, open_store, schema, tables

from .conftest import HERE, KEY, VPC, PostgreSQL, collect, vpc


def test_the_migrations_lead_to_the_schema_of_the_code(place: Callable[..., str], vault: Vault) -> None:
    with open_store(place(empty=True), vault) as store, store._database.read() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": tables.VERSION_TABLE}
        )
        assert compare_metadata(context, tables.metadata) == []
        assert context.get_current_revision() == tables.SCHEMA


def test_the_newest_migration_is_the_one_that_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [tables.SCHEMA]


def test_a_second_opening_finds_what_the_first_one_left(url: str, vault: Vault) -> None:
    with open_store(url, vault) as store:
        source = store.sources.add("lab", "aws", {}, {"a": "a-secret-value"}, None, None)
        collect(store, source, vpc("vpc-1"))
    with open_store(url, vault) as store:
        assert store.sources.secrets("lab") == {"a": "a-secret-value"}
        assert store.resources.get("vpc-1").resource.version == 1


def test_many_open_a_new_database_at_once(place: Callable[..., str]) -> None:
    url = place(empty=True)
    start = threading.Barrier(6)
    outcomes: list[object] = []

    def open_and_close() -> None:
        start.wait()
        try:
            open_store(url, Vault(KEY)).close()
            outcomes.append("opened")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            outcomes.append(error)

    threads = [threading.Thread(target=open_and_close) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["opened"] * 6


def test_a_connection_that_outlives_the_store_is_closed_when_it_is_done(url: str, vault: Vault) -> None:
    store = open_store(url, vault)
    with store._database.read() as connection:
        driver = connection.connection.dbapi_connection
        store.close()
        assert connection.execute(sa.select(1)).scalar_one() == 1
    assert driver is not None
    with pytest.raises(Exception, match="closed"):
        driver.cursor().execute("SELECT 1")


def test_a_database_of_a_newer_version_is_refused_with_both_versions(place: Callable[..., str], vault: Vault) -> None:
    url = place(empty=True)
    with open_store(url, vault) as store, store._database.write() as connection:
        connection.execute(sa.text(f"UPDATE {tables.VERSION_TABLE} SET version_num = '0042'"))
        connection.execute(sa.update(tables.meta).where(tables.meta.c.key == "product").values(value=b"7.8.9"))
    with pytest.raises(StoreUnusable) as error:
        open_store(url, vault)
    assert "newer OpenVNA" in error.value.what
    assert "schema 0042 of OpenVNA 7.8.9" in error.value.why
    assert f"OpenVNA {openvna.__version__}" in error.value.why
    assert "Install that version" in error.value.remedy


def test_a_database_of_another_program_is_left_alone(place: Callable[..., str], vault: Vault) -> None:
    url = place(empty=True)
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir()
    other = sa.create_engine(url, poolclass=sa.NullPool)
    with other.begin() as connection:
        connection.execute(sa.text("CREATE TABLE invoices (id integer)"))
    with pytest.raises(StoreUnusable, match=r"not one of OpenVNA.*invoices"):
        open_store(url, vault)
    with other.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["invoices"]


def test_postgresql_listens_on_no_address(postgresql: PostgreSQL) -> None:
    assert postgresql.setting("listen_addresses") == ""


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "not a database URL"),
        ("nonsense", "not a database URL"),
        ("postgresql+psycopg://vna:word@127.0.0.1:port/vna", "not a database URL"),
        ("mysql://localhost/x", "mysql is not known"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("postgresql+psycopg://ann:hidden-password@127.0.0.1:1/x", "Connection refused"),
        ("postgresql+psycopg://postgres:@/missing?host={socket}", "does not exist"),
    ],
)
def test_a_url_that_leads_nowhere_is_refused(postgresql: PostgreSQL, url: str, why: str, vault: Vault) -> None:
    socket = postgresql.url("x").partition("host=")[2]
    with pytest.raises(StoreUnusable, match=why) as error:
        open_store(url.format(socket=socket), vault)
    assert "hidden-password" not in str(error.value)
    assert error.value.remedy


class TestAFile:
    def test_and_its_directory_are_this_users_alone(self, tmp_path: Path, vault: Vault) -> None:
        old = os.umask(0)
        try:
            with open_store(f"sqlite:///{tmp_path}/a/b/openvna.db", vault) as store:
                store.sources.add("lab", "aws", {}, {}, None, None)
                modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in (tmp_path / "a" / "b").iterdir()}
        finally:
            os.umask(old)
        assert modes == {"openvna.db": 0o600, "openvna.db-wal": 0o600, "openvna.db-shm": 0o600}
        assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700

    def test_that_others_can_read_is_closed_to_them(self, tmp_path: Path, vault: Vault) -> None:
        file = tmp_path / "openvna.db"
        open_store(f"sqlite:///{file}", vault).close()
        file.chmod(0o644)
        open_store(f"sqlite:///{file}", vault).close()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_that_is_no_database_is_refused_and_left_alone(self, tmp_path: Path, vault: Vault) -> None:
        file = tmp_path / "openvna.db"
        file.write_text("This is a letter to my aunt. " * 50)
        with pytest.raises(StoreUnusable, match="not a SQLite database"):
            open_store(f"sqlite:///{file}", vault)
        assert file.read_text().startswith("This is a letter")

    def test_that_was_cut_is_refused(self, tmp_path: Path, vault: Vault) -> None:
        file = tmp_path / "openvna.db"
        open_store(f"sqlite:///{file}", vault).close()
        content = bytearray(file.read_bytes())
        content[4096:] = os.urandom(len(content) - 4096)
        file.write_bytes(content)
        with pytest.raises(StoreUnusable, match="damaged"):
            open_store(f"sqlite:///{file}", vault)

    def test_that_is_a_directory_is_refused(self, tmp_path: Path, vault: Vault) -> None:
        with pytest.raises(StoreUnusable, match="cannot be opened"):
            open_store(f"sqlite:///{tmp_path}", vault)

    def test_under_a_file_is_refused(self, tmp_path: Path, vault: Vault) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(StoreUnusable, match="cannot be opened") as error:
            open_store(f"sqlite:///{tmp_path}/file/openvna.db", vault)
        assert "OPENVNA_HOME" in error.value.remedy

    def test_is_kept_with_write_ahead_log_and_foreign_keys(self, tmp_path: Path, vault: Vault) -> None:
        with open_store(f"sqlite:///{tmp_path}/openvna.db", vault) as store:
            with store._database.write() as connection:
                pragmas = {
                    name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                    for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
                }
            with store._database.write(durable=False) as connection:
                relaxed = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
        # 2 is FULL, 1 is NORMAL (https://sqlite.org/pragma.html#pragma_synchronous).
        assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 60_000}
        assert relaxed == 1

    def test_that_another_process_keeps_locked_is_said_so(
        self, tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine, "_BUSY_MS", 50)
        with open_store(f"sqlite:///{tmp_path}/openvna.db", vault) as store:
            other = sqlite3.connect(tmp_path / "openvna.db", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnusable, match="locked"):
                store.sources.add("lab", "aws", {}, {}, None, None)
            assert store.sources.list() == ()
            other.close()
            store.sources.add("lab", "aws", {}, {}, None, None)


class TestAFullDisk:
    @pytest.fixture
    def full(self, tmp_path: Path, vault: Vault) -> Iterator[tuple[Store, Source]]:
        with open_store(f"sqlite:///{tmp_path}/openvna.db", vault) as store:
            source = store.sources.add("lab", "aws", {}, {}, None, None)
            collect(store, source, vpc("vpc-1"))
            with store._database.read() as connection:
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

            def limit(connection: Any, _record: Any) -> None:
                connection.execute(f"PRAGMA max_page_count = {pages + 4}")

            store._database.engine.dispose()
            sa.event.listen(store._database.engine, "connect", limit)
            yield store, source

    def test_is_said_and_leaves_the_last_state(self, full: tuple[Store, Source]) -> None:
        store, source = full
        writer = store.runs.begin(source.id, HERE)
        for number in range(300):
            writer.record(vpc(f"vpc-{number}", text=os.urandom(500).hex()))
        with pytest.raises(StoreUnusable, match=r"disk that holds .* is full") as error:
            writer.complete(VPC)
        assert "Make room" in error.value.remedy
        assert [row.alias for row in store.resources.list().items] == ["vpc-1"]
        assert store.runs.ledger(writer.run_id) == ()


def _as_nobody(work: Callable[[], None]) -> str:
    """What the work raises as a user without rights; root may write anywhere, so it is done in a child."""
    read, write = os.pipe()
    with warnings.catch_warnings():
        # Python 3.12 warns of forks beside threads; the child runs nothing but this.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            work()
            os.write(write, b"nothing")
        except BaseException as error:  # noqa: BLE001 - all of it goes to the parent, which judges it
            os.write(write, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


class TestAReadOnlyPlace:
    @pytest.fixture
    def home(self) -> Iterator[Path]:
        """A directory that every user can reach, unlike those of pytest."""
        directory = Path(tempfile.mkdtemp(prefix="ovna-read-only-"))
        directory.chmod(0o755)
        yield directory
        for each in (directory, *directory.rglob("*")):
            each.chmod(0o755)
        shutil.rmtree(directory)

    def test_without_a_database_is_refused(self, home: Path) -> None:
        home.chmod(0o555)
        said = _as_nobody(lambda: open_store(f"sqlite:///{home}/openvna.db", Vault(KEY)).close())
        assert said.startswith(f"StoreUnusable: The database {home}/openvna.db cannot be opened. Permission denied.")
        assert "OPENVNA_HOME" in said

    def test_in_which_a_directory_is_missing_is_refused(self, home: Path) -> None:
        home.chmod(0o555)
        said = _as_nobody(lambda: open_store(f"sqlite:///{home}/sub/openvna.db", Vault(KEY)).close())
        assert said.startswith("StoreUnusable: The database")
        assert "Permission denied" in said

    def test_with_a_database_is_refused(self, home: Path) -> None:
        open_store(f"sqlite:///{home}/openvna.db", Vault(KEY)).close()
        file = home / "openvna.db"
        if os.geteuid() == 0:
            os.chown(file, 65534, 65534)
        file.chmod(0o400)
        home.chmod(0o555)
        said = _as_nobody(lambda: open_store(f"sqlite:///{file}", Vault(KEY)).close())
        assert said.startswith(f"StoreUnusable: The store at {file} cannot be used.")
        assert "read-only" in said or "cannot be opened" in said

    def test_for_the_key_is_refused(self, home: Path) -> None:
        from openvna.store import load_vault

        home.chmod(0o555)

        def load() -> None:
            load_vault(home / "key", None)

        said = _as_nobody(load)
        assert said.startswith(f"StoreUnusable: The key file {home}/key cannot be made. Permission denied.")
