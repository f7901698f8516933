"""When a source is due, and what is said of one that fails again and again."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openvna import log
from openvna.collect import Gateway, Phase
from openvna.collect.schedule import Schedule
from openvna.model import SourceUnusable
from openvna.store import Source
from support.toy_plugin import DENIED, GOOD_TOKEN, NORTH, ToyPlugin, network

TOKEN = {"credential": {"kind": "token", "token": GOOD_TOKEN}}
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def source(name: str, *, interval: int | None = 900, paused: bool = False, last: datetime | None = None) -> Source:
    return Source(name, name, "toy", {}, (), paused, interval, NOON, NOON, last_run_at=last)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def due(sources: list[Source], clock: Clock, *, chance: float = 0.0, repeats: bool = True) -> list[str]:
    schedule = Schedule(
        lambda: tuple(sources), lambda _: None, repeats=lambda _: repeats, clock=clock, chance=lambda: chance
    )
    return [one.name for one in schedule.due()]


def test_a_source_is_due_when_its_interval_has_passed() -> None:
    clock = Clock()
    sources = [
        source("never-collected"),
        source("long-ago", last=NOON - timedelta(seconds=900)),
        source("just-now", last=NOON - timedelta(seconds=899)),
        source("paused", paused=True),
        source("on-demand", interval=None),
    ]
    assert due(sources, clock) == ["never-collected", "long-ago"]
    assert due(sources, clock, repeats=False) == []


def test_a_source_that_was_tried_waits_for_its_interval_and_a_little_chance() -> None:
    clock = Clock()
    started: list[str] = []
    schedule = Schedule(
        lambda: (source("lab", interval=60),),
        lambda one: started.append(one.name),
        repeats=lambda _: True,
        clock=clock,
        chance=lambda: 0.5,
    )
    schedule.tick()
    # A tenth of the interval is 6 s; half of that by chance: due again after 63 s.
    for seconds, count in ((62, 1), (1, 2), (1, 2)):
        clock.now += timedelta(seconds=seconds)
        schedule.tick()
        assert len(started) == count


def test_a_clock_that_is_set_back_makes_nobody_wait_for_it() -> None:
    """It was a day ahead when the source was last collected, and for an interval after that it was tried in vain."""
    clock = Clock()
    clock.now += timedelta(days=1)
    started: list[str] = []
    schedule = Schedule(
        lambda: (source("lab", interval=60, last=NOON + timedelta(days=1)),),
        lambda one: started.append(one.name),
        repeats=lambda _: True,
        clock=clock,
        chance=lambda: 0.0,
    )
    schedule.tick()
    assert started == []
    clock.now = NOON
    for seconds, count in ((0, 1), (59, 1), (1, 2)):
        clock.now += timedelta(seconds=seconds)
        schedule.tick()
        assert len(started) == count


def test_one_source_that_cannot_start_does_not_stop_the_others() -> None:
    started = []

    def start(one: Source) -> None:
        if one.name == "bad":
            raise SourceUnusable("It cannot be opened.", "", "")
        started.append(one.name)

    schedule = Schedule(lambda: (source("bad"), source("good")), start, repeats=lambda _: True, clock=Clock())
    schedule.tick()
    assert started == ["good"]


def test_the_schedule_collects_a_new_source_by_itself(gateway: Gateway, toys: ToyPlugin) -> None:
    toys.world.add(network("n-1"))
    events = gateway.progress(timeout=30)
    gateway.start_schedule()
    gateway.add_source("lab", "toy", TOKEN)
    for event in events:
        assert event is not None, "nothing was collected"
        if event.phase is Phase.FINISHED:
            break
    assert gateway.store.resources.counts() == {"toy.network": 1}


def test_a_paused_source_is_left_alone(gateway: Gateway, toys: ToyPlugin) -> None:
    gateway.add_source("paused", "toy", TOKEN)
    assert gateway.pause_source("paused", True).paused
    gateway.add_source("lab", "toy", TOKEN)
    events = gateway.progress(timeout=30)
    gateway.start_schedule()
    for event in events:
        assert event is not None
        if event.phase is Phase.FINISHED:
            break
    assert gateway.store.sources.get("paused").last_run_at is None
    assert not gateway.pause_source("paused", False).paused


# --- what is said


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Path]:
    log.setup("info", tmp_path / "openvna.log", None)
    yield tmp_path / "openvna.log"
    log.setup("warning", None, None)


def said(lines: Path, *events: str) -> list[dict[str, object]]:
    return [line for line in map(json.loads, lines.read_text().splitlines()) if line["event"] in events]


def test_a_lost_source_is_said_once_when_lost_and_once_when_back(
    gateway: Gateway, toys: ToyPlugin, lines: Path
) -> None:
    gateway.add_source("lab", "toy", TOKEN)
    for accepts in (set(), set(), set(), {GOOD_TOKEN}, {GOOD_TOKEN}):
        toys.world.accepts = accepts
        gateway.start_collection("lab").wait(30)
    told = said(lines, "source lost", "source back")
    assert [(line["event"], line["source"], line["plugin"]) for line in told] == [
        ("source lost", "lab", "toy"),
        ("source back", "lab", "toy"),
    ]
    assert told[0]["remedy"] == "Copy the token again."


def test_a_denied_call_is_one_line_that_says_what_to_do(gateway: Gateway, toys: ToyPlugin, lines: Path) -> None:
    gateway.add_source("lab", "toy", TOKEN)
    toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    gateway.collect("lab")
    gateway.collect("lab")
    toys.world.problems.clear()
    gateway.collect("lab")
    lost, back = said(lines, "listing failed", "listing works again")
    assert {name: value for name, value in lost.items() if name not in ("timestamp", "logger")} == {
        "event": "listing failed",
        "level": "warning",
        "plugin": "toy",
        "source": "lab",
        "account": "111122223333",
        "region": "north",
        "type": "toy.gateway",
        "outcome": "denied",
        "cause": "TOY-DENIED",
        "code": "NotAllowed",
        "action": "toy:ListGateways",
        "request_id": "req-0001",
        "reason": "You are not allowed to list gateways.",
        "remedy": "Allow toy:ListGateways.",
    }
    assert back["level"] == "info"


def test_a_plugin_that_raises_leaves_its_traceback_in_the_log_without_secrets(
    gateway: Gateway, toys: ToyPlugin, lines: Path
) -> None:
    gateway.add_source("lab", "toy", TOKEN)
    toys.world.broken[NORTH.key] = ValueError(f"lost: {GOOD_TOKEN}")
    gateway.collect("lab")
    (line,) = said(lines, "plugin raised")
    assert "Traceback" in str(line["exception"])
    assert GOOD_TOKEN not in lines.read_text()


def test_a_verification_that_fails_is_one_line_that_says_what_to_do(
    gateway: Gateway, toys: ToyPlugin, lines: Path
) -> None:
    gateway.add_source("lab", "toy", TOKEN)
    toys.world.accepts = set()
    list(gateway.verify_source("lab"))
    (line,) = said(lines, "verification failed")
    assert {name: line[name] for name in ("plugin", "source", "cause", "reason", "evidence", "remedy")} == {
        "plugin": "toy",
        "source": "lab",
        "cause": "TOY-WRONG-TOKEN",
        "reason": "The vendor refused the token.",
        "evidence": ["code WrongToken", "request req-0002"],
        "remedy": "Copy the token again.",
    }


def test_what_a_library_writes_says_what_it_is_about(gateway: Gateway, toys: ToyPlugin, lines: Path) -> None:
    original = toys.open

    def open_talking(config: object, keep: object = None) -> object:
        session = original(config)  # type: ignore[arg-type]
        listed = session.collect

        def collect(scope: object, types: object = None, before: object = None) -> object:
            logging.getLogger("urllib3.connectionpool").warning("Connection pool is full")
            yield from listed(scope, types)  # type: ignore[arg-type]

        session.collect = collect  # type: ignore[method-assign,assignment]
        return session

    gateway.add_source("lab", "toy", TOKEN)
    toys.open = open_talking  # type: ignore[method-assign,assignment]
    gateway.collect("lab")
    (line,) = said(lines, "Connection pool is full")
    assert (line["plugin"], line["source"], line["account"], line["region"]) == ("toy", "lab", "111122223333", "north")


def test_the_schedule_survives_a_store_that_fails() -> None:
    looked = threading.Event()
    calls = []

    def sources() -> tuple[Source, ...]:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("the disk is away")
        looked.set()
        return ()

    schedule = Schedule(sources, lambda _: None, repeats=lambda _: True, clock=Clock())
    schedule.begin()
    while not looked.is_set():
        schedule.wake()
        looked.wait(0.05)
    schedule.end()
    assert len(calls) > 1
