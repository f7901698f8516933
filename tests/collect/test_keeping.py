"""A credential that is renewed while a source is used is kept with the source, and overwrites nobody's edit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from openvna.collect import Gateway
from openvna.collect.keeping import Kept
from openvna.plugin import Verdict
from openvna.store import Store, load_vault, open_store
from support.toy_plugin import GOOD_TOKEN, TokenCredential, ToyConfig, ToyPlugin, network

TOKEN = {"credential": {"kind": "token", "token": GOOD_TOKEN}}
SECOND, THIRD = "second-token-71c0aa", "third-token-0b44fd"


def stored(gateway: Gateway, source: str = "lab") -> dict[str, str]:
    return gateway.store.sources.secrets(source)


def settings(token: str, **more: Any) -> ToyConfig:
    return ToyConfig(credential=TokenCredential(token=SecretStr(token)), **more)


def test_a_collection_keeps_what_it_renewed(gateway: Gateway, toys: ToyPlugin, tmp_path: Path) -> None:
    toys.world.add(network("n-1"))
    before = gateway.add_source("lab", "toy", TOKEN)
    toys.world.renews = {GOOD_TOKEN: SECOND}
    assert gateway.collect("lab")[0].created == 1
    assert stored(gateway) == {"credential.token": SECOND}
    assert gateway.store.sources.get("lab").updated_at == before.updated_at
    gateway.close()
    again = open_store(f"sqlite:///{tmp_path / 'openvna.db'}", load_vault(tmp_path / "key", None))
    assert again.sources.secrets("lab") == {"credential.token": SECOND}
    again.close()


def test_the_verification_of_a_source_keeps_what_it_renewed(gateway: Gateway, toys: ToyPlugin) -> None:
    gateway.add_source("lab", "toy", TOKEN)
    toys.world.renews = {GOOD_TOKEN: SECOND, SECOND: THIRD}
    list(gateway.verify_source("lab"))
    assert stored(gateway) == {"credential.token": SECOND}
    list(gateway.start_verification(source="lab").events())
    assert stored(gateway) == {"credential.token": THIRD}


def test_a_new_source_is_saved_with_what_its_verification_renewed(gateway: Gateway, toys: ToyPlugin) -> None:
    toys.world.renews = {GOOD_TOKEN: SECOND}
    gateway.add_source("lab", "toy", TOKEN)
    assert stored(gateway) == {"credential.token": SECOND}


def test_and_so_is_one_that_was_verified_before(gateway: Gateway, toys: ToyPlugin) -> None:
    toys.world.renews = {GOOD_TOKEN: SECOND}
    running = gateway.start_verification("toy", TOKEN)
    list(running.events())
    gateway.add_source("lab", "toy", TOKEN, verification=running.id)
    assert stored(gateway) == {"credential.token": SECOND}
    assert toys.world.verifications == 1


def test_trying_a_change_keeps_the_source_usable_though_the_change_is_dropped(
    gateway: Gateway, toys: ToyPlugin
) -> None:
    gateway.add_source("lab", "toy", TOKEN)
    toys.world.renews = {GOOD_TOKEN: SECOND}
    running = gateway.start_verification(source="lab", config={"retries": 9})
    list(running.events())
    assert stored(gateway) == {"credential.token": SECOND}
    assert gateway.store.sources.get("lab").config["retries"] == 3
    gateway.edit_source("lab", config={"retries": 9}, verification=running.id)
    assert (stored(gateway), toys.world.verifications) == ({"credential.token": SECOND}, 2)
    assert gateway.store.sources.get("lab").config["retries"] == 9


def test_trying_another_credential_leaves_that_of_the_source(gateway: Gateway, toys: ToyPlugin) -> None:
    gateway.add_source("lab", "toy", TOKEN)
    toys.world.accepts |= {SECOND}
    toys.world.renews = {SECOND: THIRD}
    change = {"credential": {"token": SECOND}}
    running = gateway.start_verification(source="lab", config=change)
    list(running.events())
    assert stored(gateway) == {"credential.token": GOOD_TOKEN}
    gateway.edit_source("lab", config=change, verification=running.id)
    assert stored(gateway) == {"credential.token": THIRD}


def test_an_edit_wins_over_a_renewal(gateway: Gateway, store: Store, toys: ToyPlugin) -> None:
    source = gateway.add_source("lab", "toy", TOKEN)
    keep = Kept(toys.spec(), settings(GOOD_TOKEN), store, source)
    toys.world.accepts |= {SECOND}
    gateway.edit_source("lab", config={"credential": {"token": SECOND}})
    assert keep(settings(THIRD)) == settings(SECOND)
    assert stored(gateway) == {"credential.token": SECOND}


def test_an_edit_of_something_else_goes_together_with_a_renewal(
    gateway: Gateway, store: Store, toys: ToyPlugin
) -> None:
    source = gateway.add_source("lab", "toy", {**TOKEN, "proxy": "http://proxy:3128"})
    used = settings(GOOD_TOKEN, proxy=SecretStr("http://proxy:3128"))
    keep = Kept(toys.spec(), used, store, source)
    gateway.edit_source("lab", config={"areas": ["south"], "proxy": None})
    assert keep(used.model_copy(update={"credential": settings(SECOND).credential})) is None
    assert stored(gateway) == {"credential.token": SECOND}
    assert gateway.store.sources.get("lab").config["areas"] == ["south"]


def test_of_two_that_renew_at_once_the_first_wins_and_the_other_goes_on_with_it(
    gateway: Gateway, store: Store, toys: ToyPlugin
) -> None:
    source = gateway.add_source("lab", "toy", TOKEN)
    one = Kept(toys.spec(), settings(GOOD_TOKEN), store, source)
    other = Kept(toys.spec(), settings(GOOD_TOKEN), store, source)
    assert one(settings(SECOND)) is None
    assert other(settings(GOOD_TOKEN)) == settings(SECOND)
    assert other(settings(THIRD)) is None
    assert one(settings("fourth-token-222")) == settings(THIRD)
    assert stored(gateway) == {"credential.token": THIRD}


def test_an_edit_that_began_before_a_renewal_does_not_bring_the_old_secret_back(
    gateway: Gateway, toys: ToyPlugin
) -> None:
    gateway.add_source("lab", "toy", TOKEN)

    def meanwhile(event: object) -> None:
        if isinstance(event, Verdict):
            toys.world.renews = {GOOD_TOKEN: SECOND}
            gateway.collect("lab")

    gateway.edit_source("lab", config={"retries": 9}, on_step=meanwhile)
    assert stored(gateway) == {"credential.token": SECOND}
    assert gateway.store.sources.get("lab").config["retries"] == 9


def test_a_source_that_is_gone_takes_nothing_and_stops_nobody(
    gateway: Gateway, store: Store, toys: ToyPlugin, caplog: pytest.LogCaptureFixture
) -> None:
    source = gateway.add_source("lab", "toy", TOKEN)
    keep = Kept(toys.spec(), settings(GOOD_TOKEN), store, source)
    gateway.delete_source("lab", confirm="lab")
    assert keep(settings(SECOND)) is None
    assert keep.renewed == settings(SECOND)
