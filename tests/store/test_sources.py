"""Sources are kept without their secrets; those are kept sealed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from openvna import log
from openvna.model import Conflict, InvalidInput, NotFound, StoreUnusable
from openvna.store import Source, Store, Vault, open_store, tables

from .conftest import HERE, THERE, Clock, collect, vpc

KEY_NAME = "credential.secret_access_key"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"  # the example of AWS's documentation


def test_a_source_comes_back_as_it_was_saved(store: Store, clock: Clock) -> None:
    config = {"partition": "aws", "regions": ["eu-west-1"], "credential": {"kind": "key", "access_key_id": "AKIA"}}
    saved = store.sources.add("Lab", "aws", config, {KEY_NAME: SECRET}, 3600, {"verdict": "ok"})
    assert saved == store.sources.get("Lab") == store.sources.get(saved.id) == store.sources.get(" lab ")
    assert saved.config == config
    assert saved.secrets == (KEY_NAME,)
    assert (saved.plugin, saved.interval, saved.paused, saved.last_run_at) == ("aws", 3600, False, None)
    assert (saved.verdict, saved.verified_at, saved.created_at) == ({"verdict": "ok"}, clock.now, clock.now)
    assert saved.id.startswith("src_")
    assert store.sources.secrets(saved.id) == {KEY_NAME: SECRET}


def test_a_name_is_given_once_whatever_its_case(store: Store, source: Source) -> None:
    with pytest.raises(Conflict, match="already a source named lab"):
        store.sources.add("LAB", "aws", {}, {}, None, None)
    other = store.sources.add("other", "aws", {}, {}, None, None)
    with pytest.raises(Conflict):
        store.sources.update(other.id, name="lab")
    assert store.sources.update(source.id, name="Lab").name == "Lab"


def test_of_many_that_add_one_name_at_once_one_wins(store: Store) -> None:
    start = threading.Barrier(6)
    outcomes: list[str] = []

    def add() -> None:
        start.wait()
        try:
            outcomes.append(store.sources.add("lab", "aws", {}, {}, None, None).name)
        except Conflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lab"] + ["refused"] * 5


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201, "a\x00"])
def test_a_name_that_cannot_be_shown_is_refused(store: Store, name: str) -> None:
    with pytest.raises(InvalidInput) as error:
        store.sources.add(name, "aws", {}, {}, None, None)
    assert error.value.fields[0][0] == "name"


def test_only_what_is_given_changes(store: Store, clock: Clock) -> None:
    saved = store.sources.add("lab", "aws", {"a": 1}, {KEY_NAME: SECRET, "other": "s3cret-value"}, 60, None)
    later = clock.forward(hours=1)
    paused = store.sources.update(saved.id, paused=True)
    assert (paused.paused, paused.config, paused.interval, paused.updated_at) == (True, {"a": 1}, 60, later)
    assert store.sources.secrets(saved.id) == {KEY_NAME: SECRET, "other": "s3cret-value"}
    changed = store.sources.update(
        saved.id, config={"a": 2}, secrets={KEY_NAME: "another-secret"}, interval="never", verdict={"verdict": "failed"}
    )
    assert (changed.config, changed.interval, changed.secrets) == ({"a": 2}, None, (KEY_NAME,))
    assert (changed.verdict, changed.verified_at) == ({"verdict": "failed"}, later)
    assert store.sources.secrets(saved.id) == {KEY_NAME: "another-secret"}
    assert store.sources.update(saved.id, secrets={}).secrets == ()


def test_sources_are_listed_by_name(store: Store) -> None:
    for name in ("b", "A", "c"):
        store.sources.add(name, "aws", {}, {}, None, None)
    assert [source.name for source in store.sources.list()] == ["A", "b", "c"]


def test_an_unknown_source_is_said_with_those_there_are(store: Store) -> None:
    with pytest.raises(NotFound, match="openvna source add"):
        store.sources.get("lab")
    store.sources.add("lab", "aws", {}, {}, None, None)
    for attempt in (
        lambda: store.sources.get("lav"),
        lambda: store.sources.secrets("lav"),
        lambda: store.sources.update("lav", paused=True),
        lambda: store.sources.delete("lav"),
    ):
        with pytest.raises(NotFound, match="There are: lab"):
            attempt()


def test_no_secret_lies_in_the_database_and_none_is_logged(store: Store, tmp_path: Path) -> None:
    secret = "a-secret-of-this-very-test-0451"
    saved = store.sources.add("lab", "aws", {}, {KEY_NAME: secret}, None, None)
    assert secret not in log.redact(f"key={secret}")
    with store._database.read() as connection:
        (sealed,) = connection.execute(sa.select(tables.secret.c.sealed)).scalars()
    assert secret.encode() not in sealed
    for file in tmp_path.rglob("openvna.db*"):
        assert secret.encode() not in file.read_bytes()
    assert store.sources.secrets(saved.id) == {KEY_NAME: secret}


def test_a_secret_moved_to_another_source_does_not_open(store: Store) -> None:
    one = store.sources.add("one", "aws", {}, {KEY_NAME: "secret-of-one"}, None, None)
    two = store.sources.add("two", "aws", {}, {}, None, None)
    with store._database.write() as connection:
        connection.execute(sa.update(tables.secret).values(source_id=two.id))
    with pytest.raises(StoreUnusable, match="there is no data key of it"):
        store.sources.secrets(two.id)
    with store._database.write() as connection:
        connection.execute(sa.update(tables.data_key).values(source_id=two.id))
    with pytest.raises(StoreUnusable, match="does not open"):
        store.sources.secrets(two.id)
    assert store.sources.secrets(one.id) == {}


def test_a_database_with_another_key_is_refused(url: str, opened: Callable[[], Store], clock: Clock) -> None:
    opened()
    with pytest.raises(StoreUnusable, match="Put the first key back"):
        open_store(url, Vault(bytes(32)), clock=clock)


def test_a_deleted_source_takes_all_its_data_and_nothing_else(store: Store, source: Source) -> None:
    other = store.sources.add("other", "aws", {}, {KEY_NAME: SECRET}, None, None)
    for kept in (source, other):
        collect(store, kept, vpc("vpc-1", n=1, relations=[("uses", "vpc-2")]), vpc("vpc-2"))
        collect(store, kept, vpc("vpc-1", n=2, relations=[("uses", "vpc-2")]))
        collect(store, kept, vpc("vpc-1", n=2, relations=[("uses", "vpc-2")]), scope=THERE)
    before = _rows(store)
    assert store.sources.delete(other.id) == {
        "resources": 2,
        "versions": 3,
        "relations": 1,
        "changes": 4,
        "runs": 3,
        "scopes": 2,
    }
    after = _rows(store)
    assert {name: count * 2 for name, count in after.items() if name not in ("secret", "data_key")} == {
        name: count for name, count in before.items() if name not in ("secret", "data_key")
    }
    assert (before["secret"], after["secret"]) == (before["data_key"], after["data_key"]) == (1, 0)
    assert [row.source for row in store.resources.list().items] == ["lab"]
    store.sources.add("other", "aws", {}, {}, None, None)


def test_the_last_source_goes_with_all_there_is(store: Store, source: Source) -> None:
    collect(store, source, vpc("vpc-1", n=1, relations=[("uses", "vpc-2")]), vpc("vpc-2"))
    collect(store, source, vpc("vpc-1", n=2, relations=[("uses", "vpc-2")]))
    assert store.sources.delete(source.id) == {
        "resources": 2,
        "versions": 3,
        "relations": 1,
        "changes": 4,
        "runs": 2,
        "scopes": 1,
    }
    assert set(_rows(store).values()) == {0}


def test_a_source_is_deleted_with_a_run_under_way(store: Store, source: Source) -> None:
    store.runs.begin(source.id, HERE)
    assert store.sources.delete(source.id)["runs"] == 1
    assert store.sources.list() == ()


def _rows(store: Store) -> dict[str, int]:
    counted = {}
    with store._database.read() as connection:
        for table in tables.metadata.sorted_tables:
            if not table.name.startswith("account_") and table.name not in ("meta", "counter"):
                counted[table.name] = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    return counted


def test_where_a_source_was_applied_from_is_kept(store: Store) -> None:
    source = store.sources.add("floor", "toy", {}, {}, 900, None)
    assert source.applied_from == ""
    assert store.sources.update(source.id, applied_from="sources.toml").applied_from == "sources.toml"
    assert store.sources.update(source.id, paused=True).applied_from == "sources.toml"
