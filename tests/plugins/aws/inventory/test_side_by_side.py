"""How many lists are read at once, and what a reader sees of them."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from openvna.plugins.aws.side_by_side import Shares, readings


def test_a_scope_alone_reads_eight_lists_and_of_many_each_reads_one() -> None:
    now = 0.0
    shares = Shares(at_once=16, in_a_scope=8, clock=lambda: now)
    opened = [shares.one() for _ in range(8)]
    assert [each.__enter__() for each in opened] == [8, 8, 5, 4, 3, 1, 1, 1]
    for each in opened:
        each.__exit__(None, None, None)
    # Where there were many a moment ago there are many still: the others are just being stored.
    with shares.one() as width:
        assert width == 1
    now = 10.0  # twice the time in which half is forgotten: of eight, two are left
    with shares.one() as width:
        assert width == 8


def test_one_alone_is_read_in_the_thread_of_its_reader_and_no_further_than_that_asks() -> None:
    ran: list[str] = []

    def stream(name: str) -> Generator[str, None, None]:
        for number in (1, 2):
            ran.append(threading.current_thread().name)
            yield f"{name}{number}"

    reading = readings(1, "crew")
    reading.add(stream("a"))
    reading.add(stream("b"))
    assert [reading.next() for _ in range(3)] == ["a1", "a2", "b1"]
    assert ran == [threading.current_thread().name] * 3
    reading.close()


def test_several_are_read_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=5)

    def stream(name: str) -> Generator[str, None, None]:
        both.wait()  # breaks unless the other is read meanwhile
        yield name

    reading = readings(2, "crew")
    reading.add(stream("a"))
    reading.add(stream("b"))
    assert {reading.next(), reading.next()} == {"a", "b"}
    reading.close()


@pytest.mark.parametrize("width", [1, 2])
def test_what_a_stream_raises_reaches_the_reader(width: int) -> None:
    def stream() -> Generator[str, None, None]:
        yield "a"
        raise SystemExit(3)

    reading = readings(width, "crew")
    reading.add(stream())
    assert reading.next() == "a"
    with pytest.raises(SystemExit):
        reading.next()
    reading.close()


@pytest.mark.parametrize("width", [1, 2])
def test_streams_are_closed_when_the_reader_has_enough(width: int) -> None:
    closed = threading.Event()

    def stream() -> Generator[int, None, None]:
        try:
            yield from range(1_000_000)
        finally:
            closed.set()

    reading = readings(width, "crew")
    reading.add(stream())
    assert reading.next() == 0
    reading.close()
    assert closed.wait(5)
