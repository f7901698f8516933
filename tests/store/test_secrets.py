"""Secrets at rest open with their own key, in their own place, and nowhere else."""

from __future__ import annotations

import base64
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvna.model import StoreUnusable
from openvna.store import Vault, load_vault

KEY = bytes(range(32))


@given(st.text(), st.text(), st.text())
def test_what_was_sealed_opens(record: str, field: str, value: str) -> None:
    assert Vault(KEY).open(record, field, Vault(KEY).seal(record, field, value)) == value


def test_the_same_twice_is_not_the_same_ciphertext() -> None:
    vault = Vault(KEY)
    assert vault.seal("r", "f", "value") != vault.seal("r", "f", "value")


@pytest.mark.parametrize(("record", "field"), [("src_2", "a"), ("src_1", "b"), ("src_1|a", ""), ("", "src_1|a")])
def test_a_moved_ciphertext_does_not_open(record: str, field: str) -> None:
    vault = Vault(KEY)
    with pytest.raises(StoreUnusable, match="altered, or belongs to another"):
        vault.open(record, field, vault.seal("src_1", "a", "value"))


def test_every_altered_byte_is_found() -> None:
    vault = Vault(KEY)
    sealed = vault.seal("src_1", "a", "value")
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(StoreUnusable):
            vault.open("src_1", "a", bytes(altered))
        with pytest.raises(StoreUnusable):
            vault.open("src_1", "a", sealed[:place])


def test_another_key_is_named_and_not_shown() -> None:
    first, second = Vault(KEY), Vault(bytes(32))
    with pytest.raises(StoreUnusable) as error:
        second.open("src_1", "a", first.seal("src_1", "a", "value"))
    assert first.key_id in error.value.why
    assert second.key_id in error.value.why
    assert KEY.hex() not in str(error.value)


def test_what_is_derived_is_of_its_key_purpose_and_record_and_always_the_same() -> None:
    made = [
        Vault(key).derived(purpose, record)
        for key in (KEY, bytes(32))
        for purpose in ("prints", "others")
        for record in ("src_1", "src_2")
    ]
    assert len({*made, KEY}) == 9
    assert Vault(KEY, bytes(32)).derived("prints", "src_1") == made[0]
    assert {len(each) for each in made} == {32}


class TestTheKeyFile:
    def test_is_made_for_this_user_alone(self, tmp_path: Path) -> None:
        file = tmp_path / "home" / "key"
        vault = load_vault(file, None)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert load_vault(file, None).key_id == vault.key_id
        assert [each.name for each in file.parent.iterdir()] == ["key"]

    def test_is_another_one_each_time(self, tmp_path: Path) -> None:
        assert load_vault(tmp_path / "a", None).key_id != load_vault(tmp_path / "b", None).key_id

    @pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
    def test_that_others_can_read_is_refused(self, tmp_path: Path, mode: int) -> None:
        file = tmp_path / "key"
        load_vault(file, None)
        file.chmod(mode)
        with pytest.raises(StoreUnusable, match=rf"open to other users.*chmod 600 {file}"):
            load_vault(file, None)

    @pytest.mark.parametrize("content", ["", "abc", "!" * 44, base64.b64encode(bytes(31)).decode(), "é" * 44])
    def test_of_the_wrong_form_is_refused(self, tmp_path: Path, content: str) -> None:
        file = tmp_path / "key"
        file.touch(mode=0o600)
        file.write_text(content)
        with pytest.raises(StoreUnusable, match="does not hold a key") as error:
            load_vault(file, None)
        assert not content.strip() or content not in str(error.value)

    def test_that_is_a_directory_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(StoreUnusable, match="Is a directory"):
            load_vault(tmp_path, None)

    def test_under_a_file_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(StoreUnusable, match="cannot be made"):
            load_vault(tmp_path / "file" / "key", None)

    def test_is_one_for_all_who_start_at_once(self, tmp_path: Path) -> None:
        start = threading.Barrier(8)
        found: list[str] = []

        def load() -> None:
            start.wait()
            found.append(load_vault(tmp_path / "key", None).key_id)

        threads = [threading.Thread(target=load) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8
        assert len(set(found)) == 1


class TestAKeyFromTheEnvironment:
    def test_is_used_and_no_file_is_made(self, tmp_path: Path) -> None:
        vault = load_vault(tmp_path / "key", base64.b64encode(KEY).decode() + "\n")
        assert vault.key_id == Vault(KEY).key_id
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("key", ["", "abc", base64.b64encode(bytes(16)).decode(), KEY.hex()])
    def test_of_the_wrong_form_is_refused_and_not_shown(self, tmp_path: Path, key: str) -> None:
        with pytest.raises(StoreUnusable, match="OPENVNA_KEY") as error:
            load_vault(tmp_path / "key", key)
        assert not key or key not in str(error.value)
