"""Processes that read for another one: what is special about them. That nothing else differs is what the rest of this
folder tests, both ways."""

from __future__ import annotations

import gc
import os
import pickle
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr
from zstandard import ZstdCompressor

from openvna.collect import Gateway, reading
from openvna.collect.readers import OpenedElsewhere, Readers
from openvna.collect.readers.messages import Close, Discover, HangUp, Open, Read, line, raised, thin, whole
from openvna.collect.readers.process import ReaderProcess
from openvna.collect.readers.reader import GONE, Reader
from openvna.collect.reading import Batch, PluginBroke, Wanted
from openvna.collect.references import Referred
from openvna.log import hide, redact
from openvna.model import Calls, InvalidInput, Kind, Relation, Resource, RunState, Scope, SourceUnusable
from openvna.plugin import Before, Complete, Keep
from openvna.store import Entry, Form, Store, Writer, entries, seen
from support import reader_threads
from support.reader_threads import Threads
from support.sky import HERE, HOME, watching
from support.toy_plugin import GOOD_TOKEN, SOUTH, TokenCredential, ToyConfig, ToyPlugin, ToySession, network

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


def test_what_much_is_read_of_comes_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is the same as if the process that keeps it had packed it."""
    ids = [f"vpc-{number:04}" for number in range(2_600)]
    packed: list[str] = []
    record_all = Writer.record_all

    def recorded(writer: Writer, type: str, forms: Sequence[Form]) -> None:
        packed.extend(form.id.rpartition("/")[2] for form in forms if isinstance(form, Entry))
        record_all(writer, type, forms)

    monkeypatch.setattr(Writer, "record_all", recorded)
    documents = []
    for elsewhere in (False, True):
        folder = tmp_path / str(elsewhere)
        folder.mkdir()
        with watching(folder) as watch:
            if elsewhere:
                reader_threads.start(watch.gateway)
            watch.sky.page, watch.sky.vpcs[HOME] = 1_000, ids
            run = watch.collect()[HERE]
            assert (run.state, run.created) == (RunState.OK, len(ids) + 4)
            assert packed == ids[len(ids) - len(packed) :]
            assert len(packed) in (range(1_350, 1_600) if elsewhere else [0])  # batches may be small ones
            found = watch.gateway.store.resources
            documents.append([found.get(id).document for id in (ids[0], ids[1_250], ids[-1])])
            watch.sky.state = "pending"  # each of them is another one now, and compared with what it was
            run = watch.collect()[HERE]
            assert (run.created, run.updated) == (0, len(ids))
            (row,) = found.find(ids[-1])
            assert [each.path for each in found.versions(row.key)[0].fields if each.path.startswith("attr")] != []
    assert documents[0] == documents[1]


class Text(str):
    """A plugin's own kind of text."""

    __slots__ = ()


@pytest.mark.parametrize("alias", ["i-1", Text("i-1")])
def test_resources_arrive_as_they_were_sent(alias: str) -> None:
    links = (Relation("in-network", "vpc-1"), Relation("in-network", "vpc-2"))
    of = Resource("arn:1", "x.instance", Kind.COMPUTE, "1", "eu", alias, "wéb \ud800", {"a": "b"}, {"n": 1}, links)
    form = seen(of, b"12345678")
    for sent in (Batch("x.instance", [form, form]), Batch("x.instance", list(entries([form], 7, ZstdCompressor())))):
        arrived = whole(pickle.loads(pickle.dumps(thin(sent))))
        assert arrived == sent
        assert {type(each) for each in arrived.forms} == {type(sent.forms[0])}


class TestAReader:
    @pytest.fixture
    def access(self, toys: ToyPlugin) -> Open:
        return Open("toy", ToyConfig.model_validate(TOKEN), {"source": "lab"})

    def test_gets_no_further_ahead_than_a_few_messages(self, gateway: Gateway, toys: ToyPlugin, access: Open) -> None:
        reader = reader_threads.one(gateway)
        toys.world.scopes = [SOUTH]
        toys.world.add(*(network(f"x-{number}", SOUTH) for number in range(5_000)))
        number = reader.open(access, lambda settings: None)
        stream = reader.stream(Read(number, Wanted(SOUTH, {"toy.network"}), b"", {}))
        first = next(stream)
        assert isinstance(first, Batch)
        (came,) = reader._streams.values()
        assert came.qsize() <= 32
        assert len(first.forms) + sum(len(e.forms) for e in stream if isinstance(e, Batch)) == 5_000
        assert came.qsize() == 0

    def test_makes_room_again_when_nobody_listens_any_more(
        self, gateway: Gateway, toys: ToyPlugin, access: Open
    ) -> None:
        """What all streams have under way together is bounded: a stream that is left gives its part back."""
        reader = reader_threads.one(gateway)
        toys.world.scopes = [SOUTH]
        toys.world.add(*(network(f"x-{number}", SOUTH) for number in range(3_000)))
        number = reader.open(access, lambda settings: None)
        for _ in range(20):
            stream = reader.stream(Read(number, Wanted(SOUTH, {"toy.network"}), b"", {}))
            next(stream)
            stream.close()
        whole = reader.stream(Read(number, Wanted(SOUTH, {"toy.network"}), b"", {}))
        assert sum(len(each.forms) for each in whole if isinstance(each, Batch)) == 3_000

    def test_that_ends_fails_what_it_was_reading(self, gateway: Gateway, toys: ToyPlugin, access: Open) -> None:
        reader = reader_threads.one(gateway)
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

    def test_that_says_what_nobody_understands_is_over(self, access: Open) -> None:
        ours, theirs = line()
        reader, ended = Reader(ours), list[BaseException]()

        def opening() -> None:
            with pytest.raises(PluginBroke) as broke:
                reader.open(access, lambda settings: None)
            ended.append(broke.value)

        opens = threading.Thread(target=opening, daemon=True)
        opens.start()
        theirs._connection.send_bytes(b"?")
        opens.join(10)
        assert len(ended) == 1
        assert reader.gone

    def test_says_why_it_cannot_open(self, gateway: Gateway, toys: ToyPlugin, access: Open) -> None:
        reader = reader_threads.one(gateway)
        toys.world.unusable = SourceUnusable("The porter is away.", "It is Sunday.", "Come on Monday.")
        with pytest.raises(SourceUnusable) as raised:
            reader.open(access, lambda settings: None)
        assert (raised.value.what, raised.value.why, raised.value.remedy) == (
            "The porter is away.",
            "It is Sunday.",
            "Come on Monday.",
        )

    def test_tells_what_a_plugin_raises_that_looks_like_a_broken_line(
        self, gateway: Gateway, toys: ToyPlugin, access: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reader = reader_threads.one(gateway)
        monkeypatch.setattr(toys.world, "unusable", FileNotFoundError("There is no such form."))
        raised: list[str] = []

        def opening() -> None:
            with pytest.raises(PluginBroke) as broke:
                reader.open(access, lambda settings: None)
            raised.append(broke.value.failure.message)

        opens = threading.Thread(target=opening, daemon=True)
        opens.start()
        opens.join(10)
        assert raised == ["The plugin broke: FileNotFoundError: There is no such form."]

    def test_keeps_nothing_of_what_it_could_not_open(self, toys: ToyPlugin, access: Open) -> None:
        ours, theirs = line()
        process = ReaderProcess(theirs, toys.load)
        threading.Thread(target=process.serve, daemon=True).start()
        reader = Reader(ours)
        toys.world.unusable = SourceUnusable("The porter is away.", "It is Sunday.", "Come on Monday.")
        with pytest.raises(SourceUnusable):
            reader.open(access, lambda settings: None)
        process._threads.shutdown()
        assert process._streams == {}
        reader.close()
        reader.wait(10)

    def test_answers_whoever_asks_when_the_listing_is_over(
        self, gateway: Gateway, toys: ToyPlugin, access: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A plugin reads in threads of its own, and does not wait for them where it breaks."""
        reader = reader_threads.one(gateway)
        asked: list[Before] = []

        def collect(
            session: ToySession, scope: Scope, types: Collection[str] | None, before: Before
        ) -> Iterator[Complete]:
            asked.append(before)
            yield Complete("toy.network", Calls())

        monkeypatch.setattr(ToySession, "collect", collect)
        number = reader.open(access, lambda settings: None)
        list(reader.stream(Read(number, Wanted(SOUTH), b"", None)))
        list(reader.stream(Discover(number)))
        same: list[object] = []
        late = threading.Thread(
            target=lambda: same.extend(asked[0].unchanged("toy.network", [b"print-01"])), daemon=True
        )
        late.start()
        late.join(10)
        assert same == [False]

    def test_keeps_what_an_access_renews_while_it_is_closed(
        self, gateway: Gateway, toys: ToyPlugin, access: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reader = reader_threads.one(gateway)
        given: list[Keep] = []
        opened, kept = toys.open, list[BaseModel]()
        monkeypatch.setattr(toys, "open", lambda config, keep: given.append(keep) or opened(config))
        monkeypatch.setattr(ToySession, "__exit__", lambda *_: given[0](ToyConfig.model_validate(TOKEN)))
        number = reader.open(access, kept.append)
        closing = threading.Thread(target=lambda: list(reader.stream(Close(number))), daemon=True)
        closing.start()
        closing.join(10)
        assert not closing.is_alive()
        assert kept == [ToyConfig.model_validate(TOKEN)]
        assert given[0](ToyConfig.model_validate(TOKEN)) is None
        list(reader.stream(HangUp(number)))  # too late, and no error

    def test_goes_on_where_what_it_renews_cannot_be_kept(self, gateway: Gateway, toys: ToyPlugin, access: Open) -> None:
        reader = reader_threads.one(gateway)
        toys.world.renews = {GOOD_TOKEN: "second-token-71c0aa"}

        def keep(settings: BaseModel) -> BaseModel | None:
            raise ZeroDivisionError

        opens = threading.Thread(target=reader.open, args=(access, keep), daemon=True)
        opens.start()
        opens.join(10)
        assert not opens.is_alive()

    def test_hides_secrets_that_were_read_in_another_process(
        self, gateway: Gateway, toys: ToyPlugin, access: Open
    ) -> None:
        reader = reader_threads.one(gateway)
        token = "a-token-that-is-kept-elsewhere"
        toys.world.accepts |= {token}
        settings = ToyConfig(credential=TokenCredential(token=Referred("env:TOKEN", token)))
        assert token in redact(f"It said {token}.")
        reader.open(access._replace(config=settings), lambda settings: None)
        assert token not in redact(f"It said {token}.")


def test_an_error_crosses_without_the_secrets_that_one_side_alone_knows() -> None:
    hide("session-5f0c22e1d9")
    sent = raised(
        InvalidInput("It refused session-5f0c22e1d9.", "session-5f0c22e1d9?", "", (("a", "session-5f0c22e1d9"),))
    )
    assert sent == ("InvalidInput", ("It refused ***.", "***?", "", (("a", "***"),)), "")


def test_of_two_readers_each_is_told_what_the_other_one_renewed(
    gateway: Gateway, toys: ToyPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = gateway.add_source("lab", "toy", TOKEN, interval=None)
    reader_threads.start(gateway, 2)
    keeps: list[Keep] = []
    opened, writer = toys.open, gateway.store.runs.begin(source.id, SOUTH)
    monkeypatch.setattr(toys, "open", lambda config, keep: keeps.append(keep) or opened(config))
    with gateway._dispatch._opened(source) as access:
        for number in range(50):
            list(access.read(Wanted(replace(SOUTH, account=f"{number:012}")), writer, lambda: False))
        first, second = keeps
        began, renewed = ToyConfig.model_validate(TOKEN), "second-token-71c0aa"
        assert first(ToyConfig(credential=TokenCredential(token=SecretStr(renewed)))) is None
        there = second(began)
        assert isinstance(there, ToyConfig)
        assert isinstance(there.credential, TokenCredential)
        assert there.credential.token.get_secret_value() == renewed
        assert gateway.store.sources.secrets("lab") == {"credential.token": renewed}


def test_each_reader_closes_what_it_opened_whatever_another_one_raises(
    gateway: Gateway, toys: ToyPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = gateway.add_source("lab", "toy", TOKEN, interval=None)
    closed: list[str] = []

    def leave(*_: object) -> None:
        closed.append("closed")
        raise SourceUnusable("The door does not close.", "It rains.", "Wait.")

    monkeypatch.setattr(ToySession, "__exit__", leave)
    reader_threads.start(gateway, 2)
    access = gateway._dispatch._opened(source)
    assert isinstance(access, OpenedElsewhere)
    for number in range(50):
        access._access(f"{number:012}")
    with pytest.raises(SourceUnusable), access:
        pass
    assert closed == ["closed", "closed"]


def test_hanging_up_does_not_wait_for_what_is_being_opened(
    gateway: Gateway, toys: ToyPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = gateway.add_source("lab", "toy", TOKEN, interval=None)
    reader_threads.start(gateway, 2)
    access, opened = gateway._dispatch._opened(source), toys.open
    begun, go_on = threading.Event(), threading.Event()
    monkeypatch.setattr(toys, "open", lambda config, keep: (begun.set(), go_on.wait(30), opened(config))[-1])
    assert isinstance(access, OpenedElsewhere)
    others = threading.Thread(target=lambda: [access._access(f"{number:012}") for number in range(50)], daemon=True)
    others.start()
    assert begun.wait(10)
    hanging_up = threading.Thread(target=access.hang_up, daemon=True)
    hanging_up.start()
    hanging_up.join(10)
    done = not hanging_up.is_alive()
    go_on.set()
    others.join(10)
    assert done


def test_where_no_process_is_to_be_had_this_one_reads(toys: ToyPlugin, monkeypatch: pytest.MonkeyPatch) -> None:
    def fork() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", fork)
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    readers = Readers(2, toys.load)
    readers.start()
    assert not readers.there
    assert readers.of(HERE, "toy") is None


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


class TestWhenOneDies:
    ACCOUNTS = tuple(f"{number:012}" for number in range(50))

    @pytest.fixture
    def clock(self) -> list[float]:
        return [1_000.0]

    @pytest.fixture
    def nursery(self, toys: ToyPlugin) -> Threads:
        return Threads(toys.load)

    @pytest.fixture
    def readers(self, toys: ToyPlugin, nursery: Threads, clock: list[float]) -> Iterator[Readers]:
        readers = Readers(2, toys.load, clock=lambda: clock[0])
        readers._nursery = nursery
        yield readers
        readers.close(within=1)

    def chosen(self, readers: Readers) -> list[Reader | None]:
        return [readers.of(each, "toy") for each in self.ACCOUNTS]

    def dies(self, reader: Reader | None) -> None:
        assert reader is not None
        reader.close()
        reader.wait(10)

    def test_another_one_takes_its_place(self, readers: Readers, nursery: Threads) -> None:
        before = self.chosen(readers)
        first, second = nursery.made
        assert set(before) == {first, second}
        assert self.chosen(readers) == before
        self.dies(first)
        after = self.chosen(readers)
        (_, _, third) = nursery.made
        assert after == [third if each is first else second for each in before]

    def test_it_is_not_made_again_and_again(
        self, readers: Readers, nursery: Threads, clock: list[float], caplog: pytest.LogCaptureFixture
    ) -> None:
        """The second one that does not last leaves its place empty for 2 s, the third one for 4 s."""
        account = self.ACCOUNTS[0]
        self.dies(readers.of(account, "toy"))
        self.dies(readers.of(account, "toy"))
        other = readers.of(account, "toy")
        assert len(nursery.made) == 3
        clock[0] += 1.9
        assert readers.of(account, "toy") is other
        clock[0] += 0.2
        third = readers.of(account, "toy")
        assert third is not other
        self.dies(third)
        clock[0] += 3.9
        assert readers.of(account, "toy") is other
        assert "readers die" in caplog.text
        clock[0] += 4.1
        fourth = readers.of(account, "toy")
        assert len(nursery.made) == 5
        clock[0] += 61
        self.dies(fourth)
        assert readers.of(account, "toy") is nursery.made[5]

    def test_it_is_not_made_again_where_the_system_refuses_it(
        self, readers: Readers, nursery: Threads, clock: list[float], caplog: pytest.LogCaptureFixture
    ) -> None:
        first = readers.of("", "toy")
        self.dies(first)
        nursery.refuses = "Cannot allocate memory"
        assert set(self.chosen(readers)) == {None}
        assert caplog.text.count("Cannot allocate memory") == 1
        assert readers.there
        nursery.refuses = ""
        assert set(self.chosen(readers)) == {None}
        clock[0] += 2.1
        assert set(self.chosen(readers)) == set(nursery.made[1:])

    def test_and_what_makes_them_is_gone_the_others_read_and_then_this_process(
        self, readers: Readers, nursery: Threads
    ) -> None:
        self.chosen(readers)
        first, second = nursery.made
        nursery.gone = True
        self.dies(first)
        assert set(self.chosen(readers)) == {second}
        assert readers.there
        self.dies(second)
        assert set(self.chosen(readers)) == {None}
        assert not readers.there


def test_the_account_that_is_asked_for_the_others_is_read_by_the_reader_that_asks(
    gateway: Gateway, toys: ToyPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rates are counted in one place."""
    accounts = [f"{number:012}" for number in range(50)]
    monkeypatch.setattr(ToySession, "asked_account", lambda session: elsewhere, raising=False)
    source = gateway.add_source("lab", "toy", TOKEN, interval=None)
    reader_threads.start(gateway, 2)
    readers = gateway._readers
    asking, before = readers.of("", "toy"), {each: readers.of(each, "toy") for each in accounts}
    elsewhere = next(each for each in accounts if before[each] is not asking)
    with gateway._dispatch._opened(source) as access:
        assert list(access.discover()) == toys.world.scopes
    assert {each: readers.of(each, "toy") for each in accounts} == {**before, elsewhere: asking}


def test_without_a_reader_left_this_process_reads(gateway: Gateway, toys: ToyPlugin) -> None:
    toys.world.add(network("n-1"))
    gateway.add_source("lab", "toy", TOKEN, interval=None)
    nursery = reader_threads.start(gateway, 2)
    nursery.refuses = "Cannot allocate memory"
    assert {run.state for run in gateway.collect("lab")} == {RunState.OK}


def test_a_collection_goes_on_with_the_one_in_the_place_of_one_that_died(gateway: Gateway, toys: ToyPlugin) -> None:
    """And where that dies too, this process reads until the next one is due."""
    toys.world.add(network("n-1", SOUTH))
    source = gateway.add_source("lab", "toy", TOKEN, interval=None)
    nursery = reader_threads.start(gateway, 1)
    writer = gateway.store.runs.begin(source.id, SOUTH)
    with gateway._dispatch._opened(source) as access:
        for _ in range(2):
            nursery.made[-1].close()
            nursery.made[-1].wait(10)
            events = list(access.read(Wanted(SOUTH, {"toy.network"}), writer, lambda: False))
            assert [type(each) for each in events] == [Batch, Complete]
    assert len(nursery.made) == 2
