"""What a source is allowed is kept with it; a loss is noted, looked into once, and cleared when it is over."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openvna.collect import Gateway
from openvna.model import SourceUnusable
from openvna.plugin import Denied, PermissionState
from openvna.store import Store, load_vault, open_store
from support.toy_plugin import ACCOUNT, DENIED, GOOD_TOKEN, NORTH, SOUTH, ToyPlugin, network, toy_gateway

GATEWAYS = (NORTH.key, "toy.gateway")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def toys() -> ToyPlugin:
    made = ToyPlugin()
    made.world.preflight = True
    made.world.scopes = [NORTH, SOUTH]
    net = network("n-1")
    made.world.add(net, toy_gateway("g-1", net))
    return made


@pytest.fixture
def gateway(tmp_path: Path, toys: ToyPlugin, clock: Clock) -> Gateway:
    store = open_store(f"sqlite:///{tmp_path / 'memory.db'}", load_vault(tmp_path / "key", None), clock=clock)
    made = Gateway(store, load_plugin=toys.load, plugin_names=toys.names, clock=clock)
    made.add_source("lab", "toy", {"credential": {"kind": "token", "token": "toy-token-9f1c77e0a2"}})
    yield made  # type: ignore[misc]  # a fixture that tidies up
    made.close()


def test_the_matrix_is_kept_and_replaced_by_the_next_one(gateway: Gateway, toys: ToyPlugin) -> None:
    assert {cell.state for cell in gateway.permissions("lab").cells} == {PermissionState.ALLOWED}
    toys.world.problems[GATEWAYS] = DENIED
    list(gateway.verify_source("lab"))
    found = gateway.permissions("lab")
    assert [(cell.feature, cell.region) for cell in found.cells if cell.state == "denied"] == [("gateways", "north")]
    assert (found.accounts, found.regions) == ((ACCOUNT,), ("north", "south"))
    assert found.missing[0].actions == ("toy:ListGateways",)


def test_a_denied_collection_is_looked_into_once(gateway: Gateway, toys: ToyPlugin, clock: Clock) -> None:
    gateway.collect("lab")
    assert toys.world.verifications == 1, "nothing was lost"
    toys.world.problems[GATEWAYS] = DENIED
    gateway.collect("lab")
    assert toys.world.verifications == 2
    (lost,) = gateway.permissions("lab").lost
    assert (lost.types, lost.regions, lost.features, lost.cause) == (
        ("toy.gateway",), ("north",), ("gateways",), "TOY-DENIED",
    )  # fmt: skip
    assert lost.back_at is None
    assert "toy:ListGateways" in lost.remedy
    since = lost.since
    clock.now += timedelta(hours=1)
    gateway.collect("lab")
    assert toys.world.verifications == 2, "it is known already"
    assert gateway.permissions("lab").lost[0].since == since


def test_what_was_denied_is_tried_again(gateway: Gateway, toys: ToyPlugin) -> None:
    toys.world.problems[GATEWAYS] = DENIED
    gateway.collect("lab")
    list(gateway.verify_source("lab"))
    assert toys.world.again[-1] == (Denied(ACCOUNT, "north", "toy:ListGateways"),)


def test_what_is_back_is_noted_and_then_forgotten(gateway: Gateway, toys: ToyPlugin, clock: Clock) -> None:
    toys.world.problems[GATEWAYS] = DENIED
    gateway.collect("lab")
    toys.world.problems.clear()
    gateway.collect("lab")
    (lost,) = gateway.permissions("lab").lost
    assert lost.back_at is not None
    list(gateway.verify_source("lab"))
    list(gateway.verify_source("lab"))
    assert toys.world.again[-1] == ()
    clock.now += timedelta(days=8)
    assert gateway.permissions("lab").lost == ()


def test_what_is_lost_again_is_lost_since_then(gateway: Gateway, toys: ToyPlugin, clock: Clock) -> None:
    for _ in range(2):
        toys.world.problems[GATEWAYS] = DENIED
        clock.now += timedelta(hours=1)
        began = clock.now
        gateway.collect("lab")
        (lost,) = gateway.permissions("lab").lost
        assert lost.since > began
        toys.world.problems.clear()
        gateway.collect("lab")
    assert toys.world.verifications == 3


def test_losses_and_matrix_go_with_their_source(gateway: Gateway, toys: ToyPlugin) -> None:
    toys.world.problems[GATEWAYS] = DENIED
    gateway.collect("lab")
    id = gateway.store.sources.get("lab").id
    gateway.delete_source("lab", confirm="lab")
    assert gateway.store.permissions.of(id) == ()
    assert gateway.store.permissions.losses(id) == ()


def test_a_source_that_is_lost_is_verified_once_and_again_when_it_is_back(gateway: Gateway, toys: ToyPlugin) -> None:
    """What its badge says is how it stands, and not how it stood when somebody last asked."""
    store = gateway.store
    source = gateway.add_source("floor", "toy", {"credential": {"kind": "token", "token": GOOD_TOKEN}})
    assert verdict_of(store) == "ok"
    toys.world.accepts.clear()
    for _ in range(3):
        with suppress(SourceUnusable):
            gateway.collect(source.id)
    assert verdict_of(store) == "failed"
    lost_at = store.sources.get("floor").verified_at
    with suppress(SourceUnusable):
        gateway.collect(source.id)
    assert store.sources.get("floor").verified_at == lost_at
    toys.world.accepts.add(GOOD_TOKEN)
    gateway.collect(source.id)
    assert verdict_of(store) == "ok"


def verdict_of(store: Store) -> str:
    verdict = store.sources.get("floor").verdict
    assert verdict is not None
    return str(verdict["verdict"])
