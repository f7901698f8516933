"""Live streams: what happens is seen while it happens, by any number of listeners, and nobody waits for them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from openvna.model import Failure, Outcome
from openvna.northbound.rest import streams
from openvna.plugin import Confidence, Step, StepOutcome, Verdict
from rest.served import GOOD, Served, serving
from support.toy_plugin import NORTH, network


class Events:
    """Reads server-sent events one by one."""

    def __init__(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        self._lines = answer.iter_lines()
        self.comments: list[str] = []

    def __iter__(self) -> Iterator[dict[str, Any]]:
        event: dict[str, Any] = {}
        for line in self._lines:
            if line.startswith(":"):
                self.comments.append(line[1:].strip())
            elif line:
                name, _, value = line.partition(": ")
                event[name] = json.loads(value) if name == "data" else value
            else:
                if "data" in event:
                    yield event
                event = {}


def start(api: httpx.Client) -> str:
    answer = api.post("/api/v1/verifications", json={"plugin": "toy", "config": GOOD})
    assert answer.status_code == 202
    return str(answer.headers["location"])


def close_gate(served: Served) -> threading.Event:
    served.toys.world.gate = threading.Event()
    return served.toys.world.gate


def test_steps_come_as_they_happen_and_the_verdict_last(served: Served, api: httpx.Client) -> None:
    gate = close_gate(served)
    place = start(api)
    with api.stream("GET", f"{place}/events") as answer:
        events = iter(Events(answer))
        early = [next(events) for _ in range(3)]
        # The vendor still waits: these three can only have come live.
        assert not gate.is_set()
        assert [(one["event"], one["data"]["id"], one["data"]["outcome"]) for one in early] == [
            ("step", "form", "running"),
            ("step", "form", "ok"),
            ("step", "identity", "running"),
        ]
        so_far = api.get(place).json()
        assert (so_far["state"], so_far["verdict"]) == ("running", None)
        assert [step["outcome"] for step in so_far["steps"]] == ["ok", "running"]
        gate.set()
        late = list(events)
    assert [one["event"] for one in late] == ["step", "verdict"]
    assert late[0]["data"]["outcome"] == "ok"
    assert late[1]["data"]["verdict"] == "ok"
    assert [one["id"] for one in early + late] == ["1", "2", "3", "4", "5"]
    done = api.get(place).json()
    assert done["state"] == "finished"
    assert done["verdict"] == late[1]["data"]


def test_who_comes_late_sees_all_and_who_comes_back_sees_the_rest(served: Served, api: httpx.Client) -> None:
    place = start(api)
    with api.stream("GET", f"{place}/events") as answer:
        first = list(Events(answer))
    with api.stream("GET", f"{place}/events") as answer:
        assert list(Events(answer)) == first
    with api.stream("GET", f"{place}/events", headers={"Last-Event-ID": first[2]["id"]}) as answer:
        assert list(Events(answer)) == first[3:]
    # A browser's EventSource comes back after the end, until it is told that there is nothing more.
    assert api.get(f"{place}/events", headers={"Last-Event-ID": first[-1]["id"]}).status_code == 204
    with api.stream("GET", f"{place}/events", headers={"Last-Event-ID": "nonsense"}) as answer:
        assert list(Events(answer)) == first


def test_a_silent_stream_shows_that_it_lives(
    served: Served, api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.2)
    gate = close_gate(served)
    with api.stream("GET", f"{start(api)}/events") as answer:
        lines = answer.iter_lines()
        beats = (line for line in lines if line == ": still here")
        assert [next(beats), next(beats)] == [": still here"] * 2
        gate.set()
        assert any(line == "event: verdict" for line in lines)


def test_a_collection_is_followed_from_its_first_event(served: Served, api: httpx.Client) -> None:
    served.toys.world.add(network("n-1"), network("n-2"))
    api.post("/api/v1/sources", json={"name": "toys", "plugin": "toy", "config": GOOD, "interval": None})
    gate = close_gate(served)
    with api.stream("GET", "/api/v1/events") as everything:
        begun = api.post("/api/v1/sources/toys/collections")
        assert begun.status_code == 202
        assert (begun.json()["source"], begun.json()["started_at"] is None) == ("toys", False)
        place = begun.headers["location"]
        assert served.toys.world.waiting.acquire(timeout=30)
        assert api.get(place).json()["state"] == "running"
        assert api.post("/api/v1/sources/toys/collections").status_code == 409
        assert api.delete("/api/v1/sources/toys?confirm=toys").status_code == 409
        with api.stream("GET", f"{place}/events") as answer:
            events = iter(Events(answer))
            assert next(events)["data"]["phase"] == "discovered"
            gate.set()
            rest = list(events)
        phases = [one["data"]["phase"] for one in rest]
        assert phases[-1] == "finished"
        assert phases.count("listed") == 3
        assert {one["event"] for one in rest} == {"progress"}
        overheard = iter(Events(everything))
        seen = []
        while not seen or seen[-1]["data"]["phase"] != "finished":
            seen.append(next(overheard))
        assert {one["data"]["collection"] for one in seen} == {begun.json()["id"]}
    done = api.get(place).json()
    assert (done["state"], done["seen"], done["problems"]) == ("finished", 2, 0)
    assert (done["scopes"], done["scopes_finished"], done["source"]) == (1, 1, "toys")
    assert done["failure"] is None
    assert [one["id"] for one in api.get("/api/v1/collections").json()["items"]] == [begun.json()["id"]]


def ended(api: httpx.Client, place: str) -> dict[str, Any]:
    """What is said of a collection once it has ended."""
    with api.stream("GET", f"{place}/events") as answer:
        *_, last = Events(answer)
    assert last["data"]["phase"] == "finished"
    found: dict[str, Any] = api.get(place).json()
    return found


def test_a_collection_counts_also_what_was_as_it_was_and_says_why_nothing_came_of_it(
    served: Served, api: httpx.Client
) -> None:
    """Known pieces are not read, and yet seen."""
    served.toys.world.add(network("n-1"), network("n-2"))
    served.toys.world.knows = True
    served.toys.world.problems[(NORTH.key, "toy.gateway")] = Failure(Outcome.UNSUPPORTED, "There are none here.")
    api.post("/api/v1/sources", json={"name": "toys", "plugin": "toy", "config": GOOD, "interval": None})
    for _ in range(2):
        place = api.post("/api/v1/sources/toys/collections").headers["location"]
        said = ended(api, place)
        assert (said["seen"], said["problems"]) == (2, 0), "what is not to be had is no problem"
    place = api.post("/api/v1/sources/toys/collections", json={"scopes": ["nowhere"]}).headers["location"]
    said = ended(api, place)
    assert (said["scopes"], said["seen"]) == (0, 0)
    assert said["failure"]["message"] == "The source 'toys' has no scope nowhere. None was found that is called so."
    assert said["failure"]["remedy"] == "Name an account, a region, or both: ACCOUNT/REGION."


def test_sixty_open_tabs_keep_nobody_waiting(served: Served, api: httpx.Client) -> None:
    gate = close_gate(served)
    place = start(api)
    with ExitStack() as tabs:
        many = tabs.enter_context(served.client(limits=httpx.Limits(max_connections=100)))
        open_tabs = [
            iter(Events(tabs.enter_context(many.stream("GET", f"{place}/events" if n % 2 else "/api/v1/events"))))
            for n in range(60)
        ]
        # Every second one has shown that it is being served.
        for tab in open_tabs[1::2]:
            assert next(tab)["event"] == "step"
        threads = threading.active_count()
        assert api.get("/api/v1/sources").status_code == 200
        assert api.get("/api/v1/resources").status_code == 200
        assert threads < 60
        gate.set()
        assert [list(tab)[-1]["event"] for tab in open_tabs[1::2]] == ["verdict"] * 30


def test_a_listener_that_leaves_is_forgotten(
    served: Served, api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = threading.Event()
    progress = served.gateway.progress

    def watched(timeout: float | None = None) -> Iterator[Any]:
        try:
            yield from progress(timeout)
        finally:
            closed.set()

    monkeypatch.setattr(served.gateway, "progress", watched)
    with served.client() as leaving, leaving.stream("GET", "/api/v1/events") as answer:
        lines = answer.iter_lines()
        assert next(lines) == ": open"
        assert not closed.is_set()
    assert closed.wait(10)


def test_a_server_that_stops_ends_its_streams(served: Served) -> None:
    with ExitStack() as leaving:
        with serving(served.app) as url:
            client = leaving.enter_context(
                httpx.Client(base_url=url, headers={"Authorization": f"Bearer {served.token}"})
            )
            lines = leaving.enter_context(client.stream("GET", "/api/v1/events", timeout=60)).iter_lines()
            assert next(lines) == ": open"
        # The block above has ended: the server is down. What is left of the stream is its end.
        assert [line for line in lines if line.startswith("event")] == []


def test_a_long_past_is_sent_whole_and_in_order(
    served: Served, api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Past:
        def events(self, timeout: float | None = None) -> Iterator[Step | Verdict | None]:
            for number in range(1700):
                yield Step(str(number), "A step", StepOutcome.OK)
            yield None
            yield Verdict("ok", None, Confidence.PROVEN, "Done.")

    monkeypatch.setattr(served.gateway, "verification", lambda _: Past())
    with api.stream("GET", "/api/v1/verifications/x/events", headers={"Last-Event-ID": "1200"}) as answer:
        events = list(Events(answer))
    assert [event["data"].get("id") for event in events] == [str(number) for number in range(1200, 1700)] + [None]
    assert [event["id"] for event in events] == [str(number) for number in range(1201, 1702)]


def test_streams_need_to_exist(api: httpx.Client) -> None:
    assert api.get("/api/v1/verifications/none/events").status_code == 404
    assert api.get("/api/v1/collections/none/events").status_code == 404
