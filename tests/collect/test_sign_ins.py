"""Signing in through the gateway: it waits for the person, and what they got goes from there into the source."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openvna.collect import Gateway, RunningSignIn
from openvna.collect import sign_ins as module
from openvna.log import redact
from openvna.model import Conflict, InvalidInput, NotFound, SourceUnusable
from openvna.store import load_vault, open_store
from support.toy_plugin import ACCOUNT, PASS_CARD, ToyPlugin

HOUSE = {"credential": {"kind": "visitor", "house": "north wing"}}


def visitor(running: RunningSignIn, **more: str) -> dict[str, object]:
    chosen = {"account_id": ACCOUNT, "role_name": "guest", "pass_card": running.value, "house": "north wing"}
    return {"credential": {"kind": "visitor", **chosen, **more}}


@pytest.fixture
def signed(gateway: Gateway, toys: ToyPlugin) -> Callable[[], RunningSignIn]:
    """A sign-in whose person has signed in."""

    def finished() -> RunningSignIn:
        toys.world.door = "open"
        running = gateway.sign_ins.begin("toy", HOUSE)
        states = [state.state for state in running.events() if state is not None]
        assert states == ["waiting", "signed-in"]
        return running

    return finished


def test_it_waits_until_the_person_has_signed_in(gateway: Gateway, toys: ToyPlugin) -> None:
    running = gateway.sign_ins.begin("toy", HOUSE)
    for _ in range(3):
        assert toys.world.asked.acquire(timeout=30)
    assert gateway.sign_ins.get(running.id).state.state == "waiting"
    assert (running.prompt.code, running.prompt.complete_url) == ("KNOCK-3", "https://door.example/?code=KNOCK-3")
    with pytest.raises(Conflict, match="no accounts to choose from yet"):
        running.accounts()
    toys.world.door = "open"
    assert [state.state for state in running.events() if state is not None] == ["waiting", "signed-in"]
    assert [each.name for each in running.accounts()] == ["Hall", "Cellar"]
    assert running.roles(ACCOUNT) == ("guest", "keeper")


def test_a_source_that_names_it_gets_its_secret(gateway: Gateway, signed: Callable[[], RunningSignIn]) -> None:
    running = signed()
    verification = gateway.start_verification("toy", visitor(running))
    list(verification.events())
    source = gateway.add_source("lab", "toy", visitor(running), verification=verification.id)
    assert gateway.store.sources.secrets(source.id) == {"credential.pass_card": PASS_CARD}
    assert source.config["credential"] == {
        "kind": "visitor",
        "house": "north wing",
        "account_id": ACCOUNT,
        "role_name": "guest",
    }
    assert running.id not in repr(source)
    assert redact(PASS_CARD) == "***"


def test_it_is_used_for_one_source_only(gateway: Gateway, signed: Callable[[], RunningSignIn]) -> None:
    running = signed()
    gateway.add_source("lab", "toy", visitor(running))
    with pytest.raises(NotFound):
        gateway.sign_ins.get(running.id)
    with pytest.raises(InvalidInput) as refused:
        gateway.add_source("shop", "toy", visitor(running))
    assert refused.value.fields == (("credential.pass_card", "It is unknown or over. Sign in again."),)


def test_what_was_signed_in_for_one_place_goes_to_no_other(
    gateway: Gateway, toys: ToyPlugin, signed: Callable[[], RunningSignIn]
) -> None:
    running = signed()
    for elsewhere in (visitor(running, house="south wing"), {**visitor(running), "endpoint": "http://elsewhere:80"}):
        with pytest.raises(InvalidInput, match="begun for another place"):
            gateway.start_verification("toy", elsewhere)
    assert toys.world.verifications == 0


def test_re_entering_keeps_the_source_and_signs_in_for_where_it_is(gateway: Gateway, toys: ToyPlugin) -> None:
    toys.world.door = "open"
    proxy = {"proxy": "http://proxy:3128"}
    first = gateway.sign_ins.begin("toy", {**HOUSE, **proxy})
    list(first.events())
    source = gateway.add_source("lab", "toy", {**visitor(first), **proxy})
    again = gateway.sign_ins.begin(source="lab")
    list(again.events())
    assert again.source_id == source.id
    saved = gateway.edit_source("lab", config={"credential": {"pass_card": again.value}})
    assert saved.id == source.id
    assert gateway.store.sources.secrets(source.id) == {
        "credential.pass_card": PASS_CARD,
        "proxy": "http://proxy:3128",
    }
    elsewhere = gateway.sign_ins.begin(source="lab", config={"credential": {"house": "south wing"}})
    list(elsewhere.events())
    change = {"credential": {"house": "south wing", "pass_card": elsewhere.value}}
    assert gateway.edit_source("lab", config=change).config["credential"]["house"] == "south wing"  # type: ignore[index,call-overload]


def test_a_refusal_is_told_with_its_cause(gateway: Gateway, toys: ToyPlugin) -> None:
    toys.world.door = "refuses"
    running = gateway.sign_ins.begin("toy", HOUSE)
    *_, last = [state for state in running.events() if state is not None]
    assert (last.state, last.cause, last.remedy) == ("failed", "TOY-DENIED", "Ask the porter.")
    assert last.reason == "You were not let in. The porter said no."
    with pytest.raises(InvalidInput, match="It is failed"):
        gateway.add_source("lab", "toy", visitor(running))


def test_it_can_be_cancelled_and_then_gives_nothing(
    gateway: Gateway, toys: ToyPlugin, signed: Callable[[], RunningSignIn]
) -> None:
    waiting = gateway.sign_ins.begin("toy", HOUSE) if toys.world.door == "closed" else None
    assert waiting is not None
    waiting.cancel()
    assert [state.state for state in waiting.events() if state is not None] == ["waiting", "cancelled"]
    done = signed()
    done.cancel()
    with pytest.raises(InvalidInput, match="cannot be used"):
        gateway.add_source("lab", "toy", visitor(done))
    with pytest.raises(Conflict):
        done.accounts()


def test_settings_for_which_no_sign_in_can_begin_are_named(gateway: Gateway) -> None:
    with pytest.raises(InvalidInput) as refused:
        gateway.sign_ins.begin("toy", {"credential": {"kind": "visitor"}})
    assert refused.value.fields == (("credential.house", "Name it."),)
    with pytest.raises(SourceUnusable, match="no such house"):
        gateway.sign_ins.begin("toy", {"credential": {"kind": "visitor", "house": "none"}})
    with pytest.raises(InvalidInput, match="nothing to sign in for"):
        gateway.sign_ins.begin()


def test_it_is_forgotten_after_a_while_and_so_is_what_it_gave(tmp_path: Path, toys: ToyPlugin) -> None:
    now = [datetime(2026, 5, 1, tzinfo=UTC)]
    store = open_store(f"sqlite:///{tmp_path / 'other.db'}", load_vault(tmp_path / "key", None))
    gateway = Gateway(store, load_plugin=toys.load, plugin_names=toys.names, clock=lambda: now[0])
    toys.world.door = "open"
    running = gateway.sign_ins.begin("toy", HOUSE)
    list(running.events())
    now[0] += timedelta(minutes=14)
    assert gateway.sign_ins.get(running.id) is running
    list(gateway.start_verification("toy", visitor(running)).events())
    now[0] += timedelta(minutes=14)  # from its use on
    assert gateway.sign_ins.get(running.id) is running
    now[0] += timedelta(minutes=2)
    with pytest.raises(NotFound, match="no sign-in"):
        gateway.sign_ins.get(running.id)
    with pytest.raises(InvalidInput):
        gateway.start_verification("toy", visitor(running))
    gateway.close()


def test_not_endlessly_many_wait_at_once(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    running = [gateway.sign_ins.begin("toy", HOUSE) for _ in range(2)]
    with pytest.raises(Conflict, match="Too many sign-ins"):
        gateway.sign_ins.begin("toy", HOUSE)
    running[0].cancel()
    gateway.sign_ins.begin("toy", HOUSE)


def test_a_gateway_that_ends_lets_everybody_go(gateway: Gateway) -> None:
    running = gateway.sign_ins.begin("toy", HOUSE)
    gateway.hang_up()
    assert [state.state for state in running.events() if state is not None] == ["waiting"]
