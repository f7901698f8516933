"""Processes that read for another one: what is special about them. That nothing else differs is what the rest of this
folder tests, both ways."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from openvna.collect import Gateway, reading
from openvna.collect.readers import Readers
from openvna.collect.readers.messages import Discover, Open, Read
from openvna.collect.readers.reader import GONE
from openvna.collect.reading import Batch, PluginBroke, Wanted
from openvna.model import RunState, SourceUnusable
from openvna.store import Store
from support import reader_threads
from support.sky import HERE, HOME, watching
from support.toy_plugin import GOOD_TOKEN, SOUTH, ToyConfig, ToyPlugin, network

TOKEN = {"credential": {"kind": "token", "token": GOOD_TOKEN}}


@pytest.fixture
def gateway(store: Store, toys: ToyPlugin) -> Iterator[Gateway]:
    """Without readers: each test makes those that it looks at."""
    opened = Gateway(store, load_plugin=toys.load, plugin_names=toys.names, workers=4)
    yield opened
    if toys.world.gate is not None:
        toys.world.gate.set()
    opened.close()


@pytest.mark.parametrize("many", [5, 1_200])
def test_what_is_as_it_was_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    """Of a small scope the fingerprints are sent along, of a large one they are asked for."""
    read: list[str] = []
    seen = reading.seen
    monkeypatch.setattr(reading, "seen", lambda resource, *more: read.append(resource.id) or seen(resource, *more))
    with watching(tmp_path) as watch:
        reader_threads.start(watch.gateway)
        watch.sky.page = 1_000
        watch.sky.vpcs[HOME] = [f"vpc-{number:04}" for number in range(many)]
        assert watch.collect()[HERE].created == many + 4
        read.clear()
        assert watch.collect()[HERE].seen == many + 4
        assert [each for each in read if ":vpc/" in each] == []
        watch.sky.vpcs[HOME].append("vpc-new")
        run = watch.collect()[HERE]
        assert (run.seen, run.created, run.updated, run.deleted) == (many + 5, 1, 0, 0)
        assert [each.rpartition("/")[2] for each in read if ":vpc/" in each] == ["vpc-new"]


class TestAReader:
    @pytest.fixture
    def access(self, toys: ToyPlugin) -> Open:
        return Open("toy", ToyConfig.model_validate(TOKEN), {"source": "lab"})

    def test_gets_no_further_ahead_than_a_few_messages(self, gateway: Gateway, toys: ToyPlugin, access: Open) -> None:
        (reader,) = reader_threads.start(gateway, 1)
        toys.world.scopes = [SOUTH]
        toys.world.add(*(network(f"x-{number}", SOUTH) for number in range(5_000)))
        number = reader.open(access, lambda settings: None)
        stream = reader.stream(Read(number, Wanted(SOUTH, {"toy.network"}), b"", {}))
        first = next(stream)
        assert isinstance(first, Batch)
        (came,) = reader._streams.values()
        assert came.qsize() <= 3
        assert len(first.forms) + sum(len(e.forms) for e in stream if isinstance(e, Batch)) == 5_000
        assert came.qsize() == 0

    def test_that_ends_fails_what_it_was_reading(self, gateway: Gateway, toys: ToyPlugin, access: Open) -> None:
        (reader,) = reader_threads.start(gateway, 1)
        number = reader.open(access, lambda settings: None)
        toys.world.add(network("n-1", SOUTH))
        toys.world.gate = threading.Event()
        stream = reader.stream(Read(number, Wanted(SOUTH), b"", {}))
        threading.Thread(target=lambda: toys.world.waiting.acquire(timeout=30) and reader.close()).start()
        with pytest.raises(PluginBroke) as raised:
            list(stream)
        assert raised.value.failure == GONE
        assert reader.gone
        with pytest.raises(PluginBroke):
            list(reader.stream(Discover(number)))

    def test_says_why_it_cannot_open(self, gateway: Gateway, toys: ToyPlugin, access: Open) -> None:
        (reader,) = reader_threads.start(gateway, 1)
        toys.world.unusable = SourceUnusable("The porter is away.", "It is Sunday.", "Come on Monday.")
        with pytest.raises(SourceUnusable) as raised:
            reader.open(access, lambda settings: None)
        assert (raised.value.what, raised.value.why, raised.value.remedy) == (
            "The porter is away.",
            "It is Sunday.",
            "Come on Monday.",
        )


def test_an_account_is_always_read_by_the_same_one_and_by_another_once_that_is_gone(gateway: Gateway) -> None:
    first, second = reader_threads.start(gateway, 2)
    readers = gateway._readers
    accounts = [f"{number:012}" for number in range(50)]
    chosen = [readers.of(account) for account in accounts]
    assert set(chosen) == {first, second}
    assert [readers.of(account) for account in accounts] == chosen
    first.close()
    first.wait(10)
    assert {readers.of(account) for account in accounts} == {second}
    second.close()
    second.wait(10)
    assert not readers.there
    assert readers.of(accounts[0]) is None


def test_a_process_with_several_threads_is_not_copied(toys: ToyPlugin) -> None:
    over = threading.Event()
    other = threading.Thread(target=over.wait)
    other.start()
    try:
        readers = Readers(2, toys.load)
        readers.start()
        assert not readers.there
    finally:
        over.set()
        other.join()


def test_without_a_reader_left_this_process_reads(gateway: Gateway, toys: ToyPlugin) -> None:
    toys.world.add(network("n-1"))
    gateway.add_source("lab", "toy", TOKEN, interval=None)
    for reader in reader_threads.start(gateway, 2):
        reader.close()
        reader.wait(10)
    assert {run.state for run in gateway.collect("lab")} == {RunState.OK}
