"""Who may sign in, for how long, and how often one may try."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from openvna.model import Conflict, InvalidInput, NotFound, NotSignedIn, TooManyAttempts
from openvna.store import Store, accounts, tables

from .conftest import Clock

PASSWORD = "correct horse battery"
CLIENT = "192.0.2.7"


@pytest.fixture(autouse=True)
def _cheap_hashes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Argon2 as it is, but with the least memory: what is tested here is around it."""
    if "full_strength" not in request.node.name:
        cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
        monkeypatch.setattr(accounts, "_hasher", lambda: cheap)
    accounts._nobody.cache_clear()
    yield
    accounts._nobody.cache_clear()


@pytest.fixture
def ann(store: Store) -> None:
    store.accounts.add_user("Ann", PASSWORD)


def fail(store: Store, name: str = "Ann", client: str = CLIENT) -> None:
    with pytest.raises(NotSignedIn):
        store.accounts.sign_in(name, "wrong password", client=client)


def test_a_user_signs_in_and_out(store: Store, ann: None, clock: Clock) -> None:
    value, signed_in = store.accounts.sign_in("ann", PASSWORD, client=CLIENT)
    assert signed_in.user == store.accounts.users()[0]
    assert (signed_in.user.name, signed_in.expires_at) == ("Ann", clock.now + timedelta(hours=12))
    assert store.accounts.session(value) == signed_in
    assert len(value) >= 43
    assert len(signed_in.csrf) == 64
    store.accounts.sign_out(value)
    assert store.accounts.session(value) is None
    store.accounts.sign_out(value)


def test_each_session_has_its_own_csrf_token(store: Store, ann: None) -> None:
    first, second = (store.accounts.sign_in("Ann", PASSWORD, client=CLIENT)[1].csrf for _ in range(2))
    assert first != second


def test_an_unknown_name_and_a_wrong_password_sound_alike(
    store: Store, ann: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    verify = PasswordHash.verify_and_update

    def watched(self: PasswordHash, password: bytes, hash: str) -> tuple[bool, str | None]:
        checked.append(hash)
        return verify(self, password, hash)

    monkeypatch.setattr(PasswordHash, "verify_and_update", watched)
    words = []
    for name in ("Ann", "Bob"):
        with pytest.raises(NotSignedIn) as error:
            store.accounts.sign_in(name, "wrong password", client=CLIENT)
        words.append(str(error.value))
    assert words[0] == words[1]
    parameters = [each.rpartition("$")[0].rpartition("$")[0] for each in checked]
    assert len(parameters) == 2
    assert parameters[0] == parameters[1]


@pytest.mark.parametrize("value", ["", "x", "é", "\ud800", "a" * 10_000])
def test_a_value_that_is_no_session_and_no_token_is_none(store: Store, value: str) -> None:
    assert store.accounts.session(value) is None
    assert store.accounts.token(value) is None
    assert store.accounts.token(f"ovna_{value}") is None


def test_a_session_ends_after_twelve_hours(store: Store, ann: None, clock: Clock) -> None:
    value, _ = store.accounts.sign_in("Ann", PASSWORD, client=CLIENT)
    for _ in range(11):
        clock.forward(hours=1)
        assert store.accounts.session(value) is not None
    clock.forward(minutes=59, seconds=59)
    assert store.accounts.session(value) is not None
    clock.forward(seconds=1)
    assert store.accounts.session(value) is None


def test_a_session_ends_after_two_hours_without_use(store: Store, ann: None, clock: Clock) -> None:
    value, _ = store.accounts.sign_in("Ann", PASSWORD, client=CLIENT)
    clock.forward(hours=1, minutes=59)
    assert store.accounts.session(value) is not None
    clock.forward(hours=2)
    assert store.accounts.session(value) is None


def test_a_new_password_ends_all_sessions(store: Store, ann: None) -> None:
    value, _ = store.accounts.sign_in("Ann", PASSWORD, client=CLIENT)
    store.accounts.set_password("ann", "another password")
    assert store.accounts.session(value) is None
    with pytest.raises(NotSignedIn):
        store.accounts.sign_in("Ann", PASSWORD, client=CLIENT)
    store.accounts.sign_in("Ann", "another password", client=CLIENT)


def test_what_cannot_be_an_account_is_refused(store: Store, ann: None) -> None:
    with pytest.raises(InvalidInput, match="11 characters; 12 to"):
        store.accounts.add_user("Bob", "x" * 11)
    with pytest.raises(InvalidInput):
        store.accounts.set_password("Ann", "short")
    with pytest.raises(InvalidInput):
        store.accounts.add_user(" ", PASSWORD)
    with pytest.raises(Conflict):
        store.accounts.add_user("ANN", PASSWORD)
    with pytest.raises(NotFound):
        store.accounts.set_password("Bob", PASSWORD)


class TestTheNumberOfTries:
    def test_is_five_within_five_minutes_for_a_name(self, store: Store, ann: None, clock: Clock) -> None:
        for second in range(5):
            fail(store, client=f"192.0.2.{second}")
            clock.forward(seconds=30)
        with pytest.raises(TooManyAttempts) as error:
            store.accounts.sign_in("Ann", PASSWORD, client="198.51.100.1")
        # The first try was 150 seconds ago and counts for 300.
        assert error.value.retry_after == 150
        clock.forward(seconds=149)
        with pytest.raises(TooManyAttempts):
            store.accounts.sign_in("Ann", PASSWORD, client="198.51.100.1")
        clock.forward(seconds=1)
        store.accounts.sign_in("Ann", PASSWORD, client="198.51.100.1")

    def test_is_the_same_for_a_name_that_is_not_there(self, store: Store) -> None:
        for _ in range(5):
            fail(store, "Bob")
        with pytest.raises(TooManyAttempts):
            store.accounts.sign_in("bob ", PASSWORD, client=CLIENT)

    def test_is_twenty_for_an_address(self, store: Store, ann: None) -> None:
        for number in range(20):
            fail(store, f"name-{number}")
        with pytest.raises(TooManyAttempts):
            store.accounts.sign_in("Ann", PASSWORD, client=CLIENT)
        store.accounts.sign_in("Ann", PASSWORD, client="192.0.2.8")

    def test_starts_anew_after_a_success(self, store: Store, ann: None) -> None:
        for _ in range(3):
            for _ in range(4):
                fail(store)
            store.accounts.sign_in("Ann", PASSWORD, client=CLIENT)

    def test_outlives_the_process(self, store: Store, ann: None, opened: Callable[[], Store]) -> None:
        for _ in range(5):
            fail(store)
        with pytest.raises(TooManyAttempts):
            opened().accounts.sign_in("Ann", PASSWORD, client=CLIENT)

    def test_holds_for_tries_side_by_side(self, store: Store, ann: None) -> None:
        start = threading.Barrier(10)
        outcomes: list[str] = []

        def guess() -> None:
            start.wait()
            try:
                store.accounts.sign_in("Ann", "wrong password", client=CLIENT)
            except (NotSignedIn, TooManyAttempts) as error:
                outcomes.append(error.slug)

        threads = [threading.Thread(target=guess) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["not-signed-in"] * 5 + ["too-many-attempts"] * 5


class TestTokens:
    def test_open_what_they_were_made_for_until_they_expire(self, store: Store, clock: Clock) -> None:
        expires = clock.now + timedelta(days=1)
        value, made = store.accounts.add_token("grafana", ("write", "read"), expires)
        assert value.startswith("ovna_")
        assert (made.name, made.scopes, made.expires_at, made.last_used_at) == (
            "grafana",
            ("read", "write"),
            expires,
            None,
        )
        found = store.accounts.token(value)
        assert found is not None
        assert (found.id, found.scopes) == (made.id, ("read", "write"))
        clock.forward(days=1)
        assert store.accounts.token(value) is None
        assert [token.id for token in store.accounts.tokens()] == [made.id]

    def test_note_their_last_use_once_a_minute(self, store: Store, clock: Clock) -> None:
        value, _ = store.accounts.add_token("ci", ("read",), None)
        first = clock.now
        store.accounts.token(value)
        clock.forward(seconds=59)
        store.accounts.token(value)
        assert store.accounts.tokens()[0].last_used_at == first
        later = clock.forward(seconds=1)
        store.accounts.token(value)
        assert store.accounts.tokens()[0].last_used_at == later

    def test_can_be_revoked(self, store: Store) -> None:
        value, made = store.accounts.add_token("ci", ("admin",), None)
        store.accounts.revoke_token(made.id)
        assert store.accounts.token(value) is None
        with pytest.raises(NotFound):
            store.accounts.revoke_token(made.id)

    @pytest.mark.parametrize("scopes", [(), ("root",), ("read", "Write")])
    def test_have_scopes_from_a_closed_list(self, store: Store, scopes: tuple[str, ...]) -> None:
        with pytest.raises(InvalidInput, match="read, write, admin"):
            store.accounts.add_token("ci", scopes, None)

    def test_do_not_expire_in_the_past(self, store: Store, clock: Clock) -> None:
        with pytest.raises(InvalidInput):
            store.accounts.add_token("ci", ("read",), clock.now)


def test_only_hashes_are_kept(store: Store, ann: None) -> None:
    session, _ = store.accounts.sign_in("Ann", PASSWORD, client=CLIENT)
    token, _ = store.accounts.add_token("ci", ("read",), None)
    with store._database.read() as connection:
        kept = repr(
            [
                connection.execute(sa.select(table)).all()
                for table in (tables.user, tables.session, tables.token, tables.attempt)
            ]
        )
    assert "$argon2id$" in kept
    for value in (PASSWORD, session, token, token.removeprefix("ovna_")):
        assert value not in kept


def test_a_password_is_hashed_at_full_strength(store: Store, ann: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with store._database.read() as connection:
        (kept,) = connection.execute(sa.select(tables.user.c.password)).scalars()
    # RFC 9106, the second recommended option: 64 MiB, 3 passes, 4 lanes.
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
