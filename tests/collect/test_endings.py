"""Credentials that end: how long they last, who is told before, and that another account's does not slip in."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from openvna.collect import Gateway
from openvna.collect.endings import Ending, EndingWatch, ending
from openvna.model import AnotherAccount, VerificationFailed
from openvna.store import Source, Store
from support.toy_plugin import ACCOUNT, GOOD_TOKEN, ToyPlugin, network

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SETTINGS = {"credential": {"kind": "token", "token": GOOD_TOKEN}}
OTHER = "444455556666"


@pytest.mark.parametrize(
    ("expires_at", "state", "words"),
    [
        ("2026-05-01T17:12:30Z", "later", "ends in 5 h 12 min"),
        ("2026-05-03T13:00:00+00:00", "later", "ends in 2 d 1 h"),
        ("2026-05-01T13:00:00Z", "soon", "ends in 1 h"),
        ("2026-05-01T12:00:30Z", "soon", "ends in less than a minute"),
        ("2026-05-01T11:57:00Z", "over", "ended 3 min ago"),
        ("2026-05-01T14:30:00+02:00", "soon", "ends in 30 min"),
    ],
)
def test_how_long_a_credential_lasts(expires_at: str, state: str, words: str) -> None:
    found = ending({"expires_at": expires_at}, NOON)
    assert found is not None
    assert (found.state, found.words(NOON)) == (state, words)


def test_a_credential_that_does_not_end_or_nobody_knows_when() -> None:
    assert ending(None, NOON) is ending({}, NOON) is ending({"expires_at": None, "end_unknown": False}, NOON) is None
    assert ending({"expires_at": "soon"}, NOON) is None
    unknown = ending({"end_unknown": True}, NOON)
    assert unknown == Ending("unknown")
    assert unknown.words(NOON) == "ends, nobody knows when"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The levels of what was said about credentials."""
    caplog.set_level(logging.INFO)
    return lambda: [record.levelname for record in caplog.records if "credential" in record.getMessage()]


def test_an_end_is_warned_about_once_before_and_once_when_it_has_come(
    lines: Callable[[], list[str]],
) -> None:
    verdict = {"verdict": "ok", "expires_at": "2026-05-01T13:30:00Z"}
    source = Source("s-1", "floor", "toy", {}, (), False, 900, NOON, NOON, verdict=verdict)
    watch = EndingWatch()
    for minutes, said in ((0, 0), (40, 1), (50, 1), (91, 2), (200, 2)):
        watch.look([source], NOON + timedelta(minutes=minutes))
        assert len(lines()) == said, minutes
    assert lines() == ["WARNING", "ERROR"]
    entered_anew = replace(source, verdict={"verdict": "ok", "expires_at": "2026-05-01T15:30:00Z"})
    watch.look([entered_anew], NOON + timedelta(minutes=170))
    assert lines() == ["WARNING", "ERROR", "WARNING"]
    watch.look([replace(source, id="s-2", paused=True)], NOON + timedelta(minutes=40))
    assert len(lines()) == 3


# Entered again


@pytest.fixture
def source(gateway: Gateway) -> Source:
    return gateway.add_source("floor", "toy", {**SETTINGS, "credential": {**SETTINGS["credential"], "ends": "today"}})


def test_new_secrets_drop_what_belonged_to_the_old_ones(gateway: Gateway, toys: ToyPlugin, source: Source) -> None:
    assert source.config["credential"]["ends"] == "today"
    assert gateway.edit_source(source.id, config={"retries": 4}).config["credential"]["ends"] == "today"
    toys.world.accepts.add("the-next-token-11")
    changed = gateway.edit_source(source.id, config={"credential": {"token": "the-next-token-11"}})
    assert changed.config["credential"]["ends"] is None
    toys.world.accepts.add("the-third-token-1")
    both = {"credential": {"token": "the-third-token-1", "ends": "tomorrow"}}
    assert gateway.edit_source(source.id, config=both).config["credential"]["ends"] == "tomorrow"


def again(toys: ToyPlugin, account: str) -> dict[str, dict[str, str]]:
    """A new token, of this account."""
    toys.world.account = account
    toys.world.accepts.add("another-token-22")
    return {"credential": {"token": "another-token-22"}}


def test_a_credential_of_another_account_is_refused_unless_confirmed(
    gateway: Gateway, store: Store, toys: ToyPlugin, source: Source
) -> None:
    patch = again(toys, OTHER)
    with pytest.raises(AnotherAccount, match="another account") as raised:
        gateway.edit_source(source.id, config=patch)
    assert (raised.value.before, raised.value.now) == (ACCOUNT, OTHER)
    assert store.sources.secrets(source.id)["credential.token"] == GOOD_TOKEN
    asked: list[tuple[str, str]] = []

    def no(before: str, now: str) -> bool:
        asked.append((before, now))
        return False

    with pytest.raises(AnotherAccount):
        gateway.edit_source(source.id, config=patch, another_account=no)
    assert asked == [(ACCOUNT, OTHER)]
    saved = gateway.edit_source(source.id, config=patch, another_account=True)
    assert saved.verdict is not None
    assert saved.verdict["identity"]["account"] == OTHER
    assert store.sources.secrets(source.id)["credential.token"] == "another-token-22"


def test_one_of_the_same_account_keeps_source_history_and_settings(
    gateway: Gateway, store: Store, toys: ToyPlugin, source: Source
) -> None:
    toys.world.add(network("n-1"))
    gateway.collect(source.id)
    saved = gateway.edit_source(source.id, config=again(toys, ACCOUNT))
    assert (saved.id, saved.name, saved.interval) == (source.id, source.name, source.interval)
    assert store.resources.counts() == {"toy.network": 1}


def test_after_a_session_that_ended_the_data_says_whose_account_it_is(
    gateway: Gateway, toys: ToyPlugin, source: Source
) -> None:
    """Its last verification came to no identity: what was collected stands in."""
    toys.world.add(network("n-1"))
    gateway.collect(source.id)
    toys.world.accepts.clear()
    list(gateway.verify_source(source.id))
    with pytest.raises(AnotherAccount) as raised:
        gateway.edit_source(source.id, config=again(toys, OTHER))
    assert (raised.value.before, raised.value.now) == (ACCOUNT, OTHER)
    gateway.edit_source(source.id, config=again(toys, ACCOUNT))


def test_what_proves_no_account_is_no_other_account(gateway: Gateway, source: Source) -> None:
    patch = {"credential": {"token": "not-a-good-token-1"}}
    with pytest.raises(VerificationFailed):
        gateway.edit_source(source.id, config=patch)
    assert gateway.edit_source(source.id, config=patch, save_anyway=True).verdict is not None
