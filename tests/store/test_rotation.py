"""The key for stored secrets can be changed at any time, killed at any moment, and nothing is ever lost."""

from __future__ import annotations

import base64
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from openvna.model import Conflict, StoreUnusable
from openvna.store import Store, Vault, key_place, load_vault, next_key, open_store, read_key, tables
from openvna.store.secrets import DataKey, is_direct

CHILD = Path(__file__).with_name("rotating.py")
OLD, NEW = bytes(range(32)), bytes(range(1, 33))
SECRETS = {name: {"a": f"secret-a-of-{name}", "b": f"secret-b-of-{name}"} for name in ("one", "two", "three")}
MOMENTS = [f"{when} {number}" for when in ("inside", "after") for number in range(1, 6)] + ["link", "replace"]
"""One transaction names the next key, one brings each of three sources under it, one puts it in force."""


def fill(store: Store) -> None:
    for name, secrets in SECRETS.items():
        store.sources.add(name, "aws", {}, secrets, None, None)


def stored(store: Store) -> dict[str, dict[str, str]]:
    return {source.name: store.sources.secrets(source.id) for source in store.sources.list()}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_moment_all_secrets_open_and_the_next_run_ends_it(
    moment: str, place: Callable[..., str], tmp_path: Path
) -> None:
    url, file = place(empty=True), tmp_path / "home" / "key"
    with open_store(url, load_vault(file)) as store:
        fill(store)
    first = read_key(file)
    done = subprocess.run([sys.executable, str(CHILD), url, str(file), *moment.split()], capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    with open_store(url, load_vault(file)) as store:
        assert stored(store) == SECRETS
        store.sources.add("four", "aws", {}, {"a": "secret-a-of-four"}, None, None)
    done = subprocess.run([sys.executable, str(CHILD), url, str(file), "never"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    vault = load_vault(file)
    with open_store(url, vault) as store:
        assert stored(store) == {**SECRETS, "four": {"a": "secret-a-of-four"}}
        (use,) = store.keys.status()
    assert (use.key_id, use.sources, use.in_force, use.at_hand) == (vault.key_id, 4, True, True)
    assert read_key(file) != first
    assert not file.with_name("key.next").exists()
    assert read_key(file.with_name(f"key.{Vault(first).key_id}")) == first
    with pytest.raises(StoreUnusable, match="does not open the credentials"):
        open_store(url, Vault(first))


def test_a_process_that_runs_meanwhile_goes_on_with_the_next_key(place: Callable[..., str], tmp_path: Path) -> None:
    url, file = place(empty=True), tmp_path / "key"
    with open_store(url, load_vault(file)) as server, open_store(url, load_vault(file)) as other:
        fill(server)
        halfway: list[dict[str, dict[str, str]]] = []

        def meanwhile(done: int, of: int) -> None:
            halfway.append(stored(server))
            server.sources.update("one", secrets={"a": f"changed-{done}-of-{of}"})

        with next_key(file, keep_old=False) as following:
            assert other.keys.change(following.key_id, meanwhile) == 3
        assert halfway[0] == SECRETS
        assert len(halfway) == 3
        assert stored(server)["one"] == {"a": "changed-3-of-3"}
        server.sources.add("late", "aws", {}, {"a": "a-late-secret"}, None, None)
        (use,) = other.keys.status()
        assert (use.key_id, use.sources) == (following.key_id, 4)
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith("key")] == ["key"]


def test_a_process_without_the_next_key_stores_nothing_under_the_old_one(place: Callable[..., str]) -> None:
    url = place(empty=True)
    with open_store(url, Vault(OLD)) as server, open_store(url, Vault(OLD, NEW)) as other:
        fill(server)
        other.keys.change(Vault(NEW).key_id)
        with pytest.raises(StoreUnusable, match="Secrets cannot be stored now") as error:
            server.sources.add("late", "aws", {}, {"a": "a-late-secret"}, None, None)
        assert Vault(NEW).key_id in error.value.why
        with pytest.raises(StoreUnusable, match="sealed with another key"):
            server.sources.secrets("one")
    with open_store(url, Vault(NEW)) as store:
        assert stored(store) == SECRETS


def test_a_change_that_has_begun_is_gone_on_with_and_not_begun_anew(place: Callable[..., str]) -> None:
    url = place(empty=True)
    third = Vault(bytes(32)).key_id

    class Stop(Exception):
        pass

    def stop(_done: int, _of: int) -> None:
        raise Stop

    with open_store(url, Vault(OLD, NEW, bytes(32))) as store:
        fill(store)
        with pytest.raises(Stop):
            store.keys.change(Vault(NEW).key_id, stop)
        states = {use.key_id: (use.sources, use.in_force, use.following) for use in store.keys.status()}
        assert states == {Vault(OLD).key_id: (2, True, False), Vault(NEW).key_id: (1, False, True)}
        with pytest.raises(StoreUnusable, match="has not come to its end"):
            store.keys.change(third)
    with pytest.raises(StoreUnusable, match="run the same `openvna secrets rotate` again"):
        open_store(url, Vault(OLD))
    with open_store(url, Vault(OLD, NEW)) as store:
        assert store.keys.change(Vault(NEW).key_id) == 2
        assert store.keys.change(Vault(NEW).key_id) == 0


def test_secrets_sealed_before_there_were_data_keys_open_and_are_brought_along(place: Callable[..., str]) -> None:
    url = place(empty=True)
    vault = Vault(OLD, NEW)
    with open_store(url, vault) as store:
        fill(store)
        one, two = store.sources.get("one"), store.sources.get("two")
        with store._database.write() as connection:
            connection.execute(sa.delete(tables.data_key).where(tables.data_key.c.source_id.in_((one.id, two.id))))
            for source in (one, two):
                for field, value in SECRETS[source.name].items():
                    connection.execute(
                        sa.update(tables.secret)
                        .where(tables.secret.c.source_id == source.id, tables.secret.c.field == field)
                        .values(sealed=vault.seal(source.id, field, value))
                    )
        assert stored(store) == SECRETS
        assert [use.sources for use in store.keys.status()] == [3]
        store.sources.update(two.id, secrets=SECRETS["two"])  # written anew, it gets a data key
        assert direct(store) == {one.id}
        assert store.keys.change(Vault(NEW).key_id) == 3
        assert direct(store) == set()
        assert stored(store) == SECRETS


def direct(store: Store) -> set[str]:
    with store._database.read() as connection:
        return {row.source_id for row in connection.execute(sa.select(tables.secret)) if is_direct(row.sealed)}


def test_a_data_key_serves_its_own_source_alone() -> None:
    vault = Vault(OLD)
    wrapped = vault.wrap(DataKey.new("src_1"), vault.key_id)
    with pytest.raises(StoreUnusable, match="belongs to another record"):
        vault.unwrap("src_2", wrapped)
    with pytest.raises(StoreUnusable, match="does not open"):
        DataKey.new("src_1").open("a", DataKey.new("src_1").seal("a", "value"))
    assert "key=" not in repr(DataKey.new("src_1"))


def test_two_changes_at_once_are_one_too_many(tmp_path: Path) -> None:
    file = tmp_path / "key"
    load_vault(file)
    with next_key(file, keep_old=False), pytest.raises(Conflict), next_key(file, keep_old=False):
        pass


class TestThePlaceOfTheKey:
    """The first that has a key is the one in force."""

    @pytest.fixture
    def places(self, tmp_path: Path) -> dict[str, Path]:
        files = {"mounted": tmp_path / "mounted", "credentials": tmp_path / "credentials" / "openvna-key"}
        for number, file in enumerate(files.values()):
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(base64.b64encode(bytes([number]) * 32))
            file.chmod(0o400)
        return {"mounted": files["mounted"], "credentials": tmp_path / "credentials"}

    def test_the_environment_comes_first(self, places: dict[str, Path], tmp_path: Path) -> None:
        given = base64.b64encode(OLD).decode()
        place = key_place(tmp_path / "key", given, places["mounted"], places["credentials"])
        assert (place.name, place.ours, place.read()) == ("OPENVNA_KEY", False, (OLD,))

    def test_then_the_mounted_file(self, places: dict[str, Path], tmp_path: Path) -> None:
        place = key_place(tmp_path / "key", None, places["mounted"], places["credentials"])
        assert place.name == f"{places['mounted']} (OPENVNA_KEY_FILE)"
        assert (place.ours, place.read()) == (False, (bytes([0]) * 32,))

    def test_then_the_systemd_credential(self, places: dict[str, Path], tmp_path: Path) -> None:
        place = key_place(tmp_path / "key", None, None, places["credentials"])
        assert (place.name, place.ours) == ("the systemd credential openvna-key", False)
        assert place.read() == (bytes([1]) * 32,)
        assert not (tmp_path / "key").exists()

    def test_then_the_data_directory(self, places: dict[str, Path], tmp_path: Path) -> None:
        place = key_place(tmp_path / "key", None, None, tmp_path / "nothing-here")
        assert (place.name, place.ours) == (str(tmp_path / "key"), True)
        assert place.read() == (read_key(tmp_path / "key"),)

    @pytest.mark.parametrize(("mode", "good"), [(0o400, True), (0o440, True), (0o444, False), (0o460, False)])
    def test_a_mounted_file_may_be_read_by_its_group_and_by_nobody_else(
        self, mode: int, good: bool, places: dict[str, Path], tmp_path: Path
    ) -> None:
        places["mounted"].chmod(mode)
        if good:
            assert load_vault(tmp_path / "key", None, places["mounted"]).key_id == Vault(bytes([0]) * 32).key_id
        else:
            with pytest.raises(StoreUnusable, match="open to other users"):
                load_vault(tmp_path / "key", None, places["mounted"])

    def test_a_mounted_file_that_is_missing_is_no_reason_to_take_another_key(self, tmp_path: Path) -> None:
        with pytest.raises(StoreUnusable, match="No such file"):
            load_vault(tmp_path / "key", None, tmp_path / "missing")
        assert not (tmp_path / "key").exists()

    def test_the_next_key_is_as_private_as_the_first(self, tmp_path: Path) -> None:
        load_vault(tmp_path / "key")
        with next_key(tmp_path / "key", keep_old=True):
            assert stat.S_IMODE((tmp_path / "key.next").stat().st_mode) == 0o600
        assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()} == {0o600}
