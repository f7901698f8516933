"""Adding, changing and deleting sources through the gateway."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openvna.collect import Gateway, verification
from openvna.model import Conflict, InvalidInput, NotFound, VerificationFailed
from openvna.plugin import Confidence, RegionResult, Step, StepOutcome, Verdict
from openvna.store import Store, load_vault, open_store
from support.toy_plugin import GOOD_TOKEN, ToyPlugin, network

TOKEN = {"credential": {"kind": "token", "token": GOOD_TOKEN}}
BAD = {"credential": {"kind": "token", "token": "not-the-token-at-all"}}


def test_a_source_is_verified_and_then_saved(gateway: Gateway, toys: ToyPlugin) -> None:
    events: list[object] = []
    source = gateway.add_source("lab", "toy", TOKEN, on_step=events.append)
    assert source.verdict is not None
    assert source.verdict["verdict"] == "ok"
    assert isinstance(events[-1], Verdict)
    assert toys.world.verifications == 1
    assert gateway.store.sources.get("lab") == source


def test_secrets_are_kept_apart_from_the_settings(gateway: Gateway) -> None:
    source = gateway.add_source("lab", "toy", {**TOKEN, "proxy": "http://user:pass-word-1@proxy:3128"})
    assert source.secrets == ("credential.token", "proxy")
    assert GOOD_TOKEN not in repr(source)
    assert "pass-word-1" not in repr(source)
    assert gateway.store.sources.secrets(source.id) == {
        "credential.token": GOOD_TOKEN,
        "proxy": "http://user:pass-word-1@proxy:3128",
    }


def test_a_repaired_secret_is_saved_repaired_and_said_so(gateway: Gateway) -> None:
    padded = {"credential": {"kind": "token", "token": f"  {GOOD_TOKEN}\n"}}
    outcomes: list[StepOutcome] = []
    source = gateway.add_source(
        "lab",
        "toy",
        padded,
        on_step=lambda event: None if isinstance(event, Verdict) else outcomes.append(event.outcome),
    )
    assert StepOutcome.REPAIRED in outcomes
    assert gateway.store.sources.secrets(source.id) == {"credential.token": GOOD_TOKEN}


def test_a_failing_source_is_not_saved_unless_asked_to(gateway: Gateway) -> None:
    with pytest.raises(VerificationFailed) as refused:
        gateway.add_source("lab", "toy", BAD)
    assert refused.value.verdict["cause"] == "TOY-WRONG-TOKEN"
    assert refused.value.remedy == "Copy the token again."
    assert gateway.store.sources.list() == ()
    saved = gateway.add_source("lab", "toy", BAD, save_anyway=True)
    assert saved.verdict is not None
    assert saved.verdict["verdict"] == "failed"


def test_a_degraded_source_is_saved(gateway: Gateway, toys: ToyPlugin) -> None:
    toys.world.degraded = True
    saved = gateway.add_source("lab", "toy", TOKEN)
    assert saved.verdict is not None
    assert saved.verdict["verdict"] == "degraded"


def test_a_name_used_twice_is_refused_before_anything_is_tried(gateway: Gateway, toys: ToyPlugin) -> None:
    gateway.add_source("lab", "toy", TOKEN)
    with pytest.raises(Conflict, match="There is a source 'lab' already"):
        gateway.add_source("lab", "toy", BAD)
    assert toys.world.verifications == 1


@pytest.mark.parametrize("name", ["", "  ", "a/b", "-x", "x" * 101, "a\nb"])
def test_a_name_that_is_none_is_refused(gateway: Gateway, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        gateway.add_source(name, "toy", TOKEN)
    assert [path for path, _ in refused.value.fields] == ["name"]


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"retries": 11}, "retries"),
        ({"retries": "many"}, "retries"),
        ({"colour": "red"}, "colour"),
        ({"credential": {"kind": "token", "token": 7}}, "credential.token"),
        ({"credential": {"kind": "badge", "token": "x"}}, "credential.token"),
        ({"credential": {"kind": "key"}}, "credential"),
        ({"areas": ["north", 3]}, "areas.1"),
    ],
)
def test_a_wrong_field_is_named_by_its_path(gateway: Gateway, config: dict[str, object], path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        gateway.verify("toy", config)  # type: ignore[arg-type]
    assert [where for where, _ in refused.value.fields] == [path]


def test_a_refused_secret_is_in_no_message(gateway: Gateway) -> None:
    with pytest.raises(InvalidInput) as refused:
        gateway.verify("toy", {"credential": {"kind": "token", "token": ["hush-hush-hush"]}, "retries": "x"})
    assert "hush-hush-hush" not in f"{refused.value} {refused.value.fields}"


def test_an_unknown_plugin_is_named(gateway: Gateway) -> None:
    with pytest.raises(NotFound, match="no plugin 'ios'"):
        gateway.add_source("lab", "ios", {})


def test_an_interval_without_rest_is_refused(gateway: Gateway) -> None:
    with pytest.raises(InvalidInput, match="shortest interval is 60"):
        gateway.add_source("lab", "toy", TOKEN, interval=5)


# --- edits


def test_an_edit_merges_and_keeps_the_secret(gateway: Gateway) -> None:
    gateway.add_source("lab", "toy", {**TOKEN, "areas": ["north"]})
    edited = gateway.edit_source("lab", config={"areas": ["south"], "credential": {"user": "alice"}})
    assert edited.config["areas"] == ["south"]
    assert edited.config["credential"]["user"] == "alice"  # type: ignore[index,call-overload]
    assert gateway.store.sources.secrets(edited.id) == {"credential.token": GOOD_TOKEN}


def test_null_removes_a_setting(gateway: Gateway) -> None:
    gateway.add_source("lab", "toy", {**TOKEN, "proxy": "http://proxy:3128", "retries": 5})
    edited = gateway.edit_source("lab", config={"proxy": None, "retries": None})
    assert edited.config["retries"] == 3
    assert edited.secrets == ("credential.token",)


def test_a_credential_of_another_kind_replaces_the_old_one_with_its_secret(gateway: Gateway) -> None:
    gateway.add_source("lab", "toy", TOKEN)
    edited = gateway.edit_source("lab", config={"credential": {"kind": "badge", "badge": "guard"}})
    assert edited.config["credential"] == {"kind": "badge", "badge": "guard"}
    assert edited.secrets == ()


def test_a_changed_setting_is_verified_first(gateway: Gateway, toys: ToyPlugin) -> None:
    gateway.add_source("lab", "toy", TOKEN)
    with pytest.raises(VerificationFailed):
        gateway.edit_source("lab", config={"credential": {"token": "a-wrong-one-this-time"}})
    assert gateway.store.sources.secrets(gateway.store.sources.get("lab").id) == {"credential.token": GOOD_TOKEN}
    assert toys.world.verifications == 2


def test_what_does_not_touch_the_access_is_not_verified(gateway: Gateway, toys: ToyPlugin) -> None:
    source = gateway.add_source("lab", "toy", TOKEN)
    renamed = gateway.edit_source("lab", name="workshop", interval=3600)
    same = gateway.edit_source("workshop", config={"credential": {"token": GOOD_TOKEN}})
    never = gateway.edit_source("workshop", interval="never")
    assert (renamed.id, renamed.name, renamed.interval) == (source.id, "workshop", 3600)
    assert (same.name, never.interval) == ("workshop", None)
    assert toys.world.verifications == 1


@pytest.mark.parametrize("place", [{"endpoint": "http://elsewhere:80"}, {"proxy": "http://elsewhere:3128"}])
def test_a_stored_secret_is_not_sent_to_another_place(gateway: Gateway, toys: ToyPlugin, place: dict[str, str]) -> None:
    gateway.add_source("lab", "toy", {**TOKEN, "endpoint": "http://here:80"})
    before = gateway.store.sources.get("lab")
    with pytest.raises(InvalidInput) as refused:
        gateway.edit_source("lab", config=place, save_anyway=True)
    with pytest.raises(InvalidInput):
        gateway.start_verification(source="lab", config=place)
    assert [path for path, _ in refused.value.fields] == ["credential.token"]
    assert "credential.token" in refused.value.remedy
    assert toys.world.verifications == 1
    assert gateway.store.sources.get("lab") == before
    changed = gateway.edit_source("lab", config={**place, **TOKEN})
    assert changed.secrets == (("credential.token", "proxy") if "proxy" in place else ("credential.token",))


def test_a_secret_that_is_entered_during_an_edit_is_not_taken_to_the_place_of_before(gateway: Gateway) -> None:
    """Whoever edits a source of theirs slowly must not get what a colleague enters meanwhile for another place."""
    mine = {"credential": {"kind": "token", "token": "one-of-my-own-tokens"}, "endpoint": "http://mine:80"}
    theirs = {**TOKEN, "endpoint": "http://theirs:80"}
    gateway.add_source("lab", "toy", mine, save_anyway=True)
    done: list[str] = []

    def meanwhile(_event: object) -> None:
        if not done:
            done.append(gateway.edit_source("lab", config=theirs).name)

    with pytest.raises(Conflict, match="was not changed"):
        gateway.edit_source("lab", config={"retries": 9}, save_anyway=True, on_step=meanwhile)
    now, secrets = gateway.store.sources.opened("lab")
    assert (now.config["endpoint"], now.config["retries"]) == ("http://theirs:80", 3)
    assert secrets == {"credential.token": GOOD_TOKEN}


def test_what_is_opened_is_of_one_moment(gateway: Gateway) -> None:
    """Settings that were read before an edit are not used with the secrets of after it."""
    mine = {"credential": {"kind": "token", "token": "one-of-my-own-tokens"}, "endpoint": "http://mine:80"}
    read_before = gateway.add_source("lab", "toy", mine, save_anyway=True)
    gateway.edit_source("lab", config={**TOKEN, "endpoint": "http://theirs:80"})
    settings = gateway.stored(read_before)
    assert settings is not None
    assert settings.model_dump()["endpoint"] == "http://theirs:80"


def test_where_no_secret_goes_to_another_place_none_is_asked_for(gateway: Gateway) -> None:
    proxy = "http://user:pass-word-1@proxy:3128"
    gateway.add_source("lab", "toy", {**TOKEN, "endpoint": "http://here:80", "proxy": proxy})
    same = gateway.edit_source("lab", config={"endpoint": "http://here:80", "proxy": proxy, "retries": 9})
    assert same.config["retries"] == 9
    badge = gateway.edit_source("lab", config={"endpoint": "http://there:80", "credential": {"kind": "badge"}})
    assert (badge.config["endpoint"], badge.secrets) == ("http://there:80", ("proxy",))
    assert gateway.edit_source("lab", config={"endpoint": None, "proxy": None}).config["endpoint"] is None


def test_an_edit_may_not_take_the_name_of_another(gateway: Gateway) -> None:
    gateway.add_source("lab", "toy", TOKEN)
    gateway.add_source("shop", "toy", TOKEN)
    with pytest.raises(Conflict):
        gateway.edit_source("shop", name="lab")
    assert gateway.edit_source("shop", name="shop").name == "shop"


def test_reentering_a_credential_keeps_what_was_collected(gateway: Gateway, toys: ToyPlugin) -> None:
    toys.world.add(network("n-1"))
    source = gateway.add_source("lab", "toy", TOKEN)
    gateway.collect("lab")
    toys.world.accepts = {"another-good-token"}
    gateway.edit_source("lab", config={"credential": {"kind": "token", "token": "another-good-token"}})
    assert gateway.collect("lab")[0].created == 0
    assert gateway.store.resources.get("n-1").resource.source_id == source.id


# --- deleting


def test_deleting_needs_the_name(gateway: Gateway, toys: ToyPlugin) -> None:
    toys.world.add(network("n-1"))
    gateway.add_source("lab", "toy", TOKEN)
    gateway.collect("lab")
    with pytest.raises(InvalidInput, match="was not deleted"):
        gateway.delete_source("lab", confirm="yes")
    assert gateway.delete_source("lab", confirm="lab")["resources"] == 1
    assert gateway.store.sources.list() == ()


# --- verifications in the background


def test_a_finished_verification_of_the_same_settings_is_not_repeated(gateway: Gateway, toys: ToyPlugin) -> None:
    running = gateway.start_verification("toy", TOKEN)
    events = [event for event in running.events() if event is not None]
    assert isinstance(events[-1], Verdict)
    assert events == [event for event in gateway.verification(running.id).events() if event is not None]
    gateway.add_source("lab", "toy", TOKEN, verification=running.id)
    assert toys.world.verifications == 1


def test_a_verification_of_other_settings_does_not_count(gateway: Gateway, toys: ToyPlugin) -> None:
    running = gateway.start_verification("toy", TOKEN)
    list(running.events())
    with pytest.raises(VerificationFailed):
        gateway.add_source("lab", "toy", BAD, verification=running.id)
    gateway.add_source("lab", "toy", {**TOKEN, "retries": 4}, verification=running.id)
    assert toys.world.verifications == 3


def test_the_verdict_of_a_stored_source_is_stored(gateway: Gateway, toys: ToyPlugin) -> None:
    gateway.add_source("lab", "toy", TOKEN)
    toys.world.accepts = set()
    list(gateway.start_verification(source="lab").events())
    verdict = gateway.store.sources.get("lab").verdict
    assert verdict is not None
    assert verdict["verdict"] == "failed"


def test_a_change_to_a_source_is_tried_with_its_stored_secret(gateway: Gateway, toys: ToyPlugin) -> None:
    gateway.add_source("lab", "toy", TOKEN)
    running = gateway.start_verification(source="lab", config={"retries": 9})
    list(running.events())
    assert running.verdict is not None
    assert running.verdict.verdict == "ok"
    assert gateway.store.sources.get("lab").config["retries"] == 3
    gateway.edit_source("lab", config={"retries": 9}, verification=running.id)
    assert toys.world.verifications == 2


def test_a_plugin_that_breaks_while_it_verifies_gives_a_verdict(gateway: Gateway, toys: ToyPlugin) -> None:
    def verify(config: object, keep: object, again: object) -> None:
        raise RuntimeError(f"lost with {GOOD_TOKEN}")

    toys.verify = verify  # type: ignore[method-assign,assignment]
    (verdict,) = gateway.verify("toy", TOKEN)
    assert isinstance(verdict, Verdict)
    assert verdict.verdict == "failed"
    assert "RuntimeError: lost with ***" in verdict.summary


def test_a_verification_is_forgotten_after_a_while(tmp_path: Path, toys: ToyPlugin) -> None:
    now = [datetime(2026, 5, 1, tzinfo=UTC)]
    store: Store = open_store(f"sqlite:///{tmp_path / 'other.db'}", load_vault(tmp_path / "key", None))
    gateway = Gateway(store, load_plugin=toys.load, plugin_names=toys.names, clock=lambda: now[0])
    running = gateway.start_verification("toy", TOKEN)
    list(running.events())
    now[0] += timedelta(minutes=14)
    assert gateway.verification(running.id) is running
    now[0] += timedelta(minutes=2)
    with pytest.raises(NotFound):
        gateway.verification(running.id)
    gateway.close()


def test_verifications_are_bounded(gateway: Gateway, toys: ToyPlugin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "MOST", 1)
    monkeypatch.setattr(verification, "MOST_KEPT", 2)
    started = []
    for _ in range(4):
        started.append(gateway.start_verification("toy", TOKEN))
        assert any(isinstance(event, Verdict) for event in started[-1].events())
    with pytest.raises(NotFound):
        gateway.verification(started[0].id)
    assert gateway.verification(started[-1].id) is started[-1]
    monkeypatch.setattr(verification, "MOST", 0)
    with pytest.raises(Conflict, match="Too many verifications"):
        gateway.start_verification("toy", TOKEN)


def test_no_plugin_gets_a_secret_into_a_verdict(gateway: Gateway, toys: ToyPlugin) -> None:
    says = f"sent {GOOD_TOKEN}"
    step = Step("ask", says, StepOutcome.FAILED, (says,), "TOY-WRONG-TOKEN", says)
    region = RegionResult("1", "north", StepOutcome.FAILED, None, (says,), says)
    end = Verdict("failed", "TOY-WRONG-TOKEN", Confidence.PROVEN, says, None, (step,), (region,), 1, says, says)

    toys.verify = lambda config, keep, again: iter((step, end))  # type: ignore[method-assign,assignment]
    events = list(gateway.verify("toy", TOKEN))
    assert GOOD_TOKEN not in repr(events)
    assert events[0] == Step("ask", "sent ***", StepOutcome.FAILED, ("sent ***",), "TOY-WRONG-TOKEN", "sent ***")
    gateway.add_source("lab", "toy", TOKEN, save_anyway=True)
    assert GOOD_TOKEN not in repr(gateway.store.sources.get("lab").verdict)
