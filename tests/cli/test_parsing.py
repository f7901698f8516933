"""Durations, moments and pairs as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from openvna.cli import parsing
from openvna.cli.output import ago
from openvna.model import InvalidInput

NOON = datetime(2026, 5, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("15m", 900), ("1h30m", 5400), ("2d", 172800), (" 1W ", 604800)]
)
def test_durations(text: str, seconds: int) -> None:
    assert parsing.seconds(text, "--interval") == seconds


@pytest.mark.parametrize("text", ["", "m", "15x", "1.5h", "-3m", "h1"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(InvalidInput):
        parsing.seconds(text, "--interval")


@pytest.mark.parametrize("text", ["366001d", "999999999999999999d", "9" * 5000, "9" * 5000 + "w", "1w" * 60_000])
def test_more_than_any_date_can_hold(text: str) -> None:
    for parse in (parsing.seconds, parsing.moment):
        with pytest.raises(InvalidInput) as refused:
            parse(text, "--since")
        assert len(str(refused.value)) < 250


@pytest.mark.parametrize("text", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00"])
def test_a_moment_outside_of_the_calendar(text: str) -> None:
    with pytest.raises(InvalidInput, match="1 to 9999"):
        parsing.moment(text, "--at")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("24h", NOON - timedelta(days=1)),
        ("2026-05-30", datetime(2026, 5, 30, tzinfo=UTC)),
        ("2026-05-30T08:15Z", datetime(2026, 5, 30, 8, 15, tzinfo=UTC)),
        ("2026-05-30T08:15+02:00", datetime(2026, 5, 30, 8, 15, tzinfo=timezone(timedelta(hours=2)))),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    assert parsing.moment(text, "--at", NOON) == moment


def test_pairs() -> None:
    assert parsing.pairs(["a=1", "b=x=y", "c="], "--where") == {"a": "1", "b": "x=y", "c": ""}
    assert parsing.tags(["env=prod", "owner"]) == {"env": "prod", "owner": None}
    with pytest.raises(InvalidInput, match="has no name before its '='"):
        parsing.pairs(["=x"], "--where")
    with pytest.raises(InvalidInput, match="has no '='"):
        parsing.pairs(["x"], "--where")


@pytest.mark.parametrize(
    ("passed", "said"), [(5, "just now"), (61, "1m ago"), (7200, "2h ago"), (200000, "2d ago"), (-5, "just now")]
)
def test_how_long_ago(passed: int, said: str) -> None:
    assert ago(NOON - timedelta(seconds=passed), NOON) == said
    assert ago(None) == "never"
