"""What listeners get of the events of a collection."""

from __future__ import annotations

from openvna.collect.feed import Feed


def test_who_comes_late_gets_everything_from_the_first_on() -> None:
    feed: Feed[int] = Feed()
    feed.put(1)
    feed.put(2)
    feed.close()
    assert list(feed.read()) == [1, 2]
    assert list(feed.read()) == [1, 2]


def test_of_very_many_events_the_newest_are_kept() -> None:
    feed: Feed[int] = Feed(kept=3)
    for number in range(100):
        feed.put(number)
    feed.close()
    found = list(feed.read())
    assert 3 <= len(found) <= 5
    assert found == list(range(100 - len(found), 100))


def test_a_reader_that_falls_behind_goes_on_with_what_is_kept() -> None:
    feed: Feed[int] = Feed(kept=2)
    reading = feed.read()
    feed.put(0)
    assert next(reading) == 0
    for number in range(1, 10):
        feed.put(number)
    feed.close()
    assert list(reading) == [8, 9]
