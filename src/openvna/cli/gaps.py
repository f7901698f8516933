"""What a table does not show, because it could not be listed completely, or was not listed at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from openvna.cli.output import clean
from openvna.cli.terminal import note

if TYPE_CHECKING:
    from openvna.collect import Gateway
    from openvna.store import Query, Trouble

_LINES, _PLACES = 5, 3


def told(here: Gateway, types: Iterable[str], asked: Query) -> None:
    """A line on each way in which these types could not be listed completely where a query looks, the widest first.
    Of a moment in the past nobody says so."""
    if asked.at is not None:
        return
    found = [
        trouble
        for type in types
        for trouble in here.store.runs.troubles(asked.source_id, type=type, account=asked.account, region=asked.region)
    ]
    found.sort(key=lambda each: (-len(each.places), each.source, each.type))
    for trouble in found[:_LINES]:
        note(_line(trouble))
    if len(found) > _LINES:
        note(f"and {len(found) - _LINES} more ways in which they are not complete: openvna runs tells each.")


def not_listed(here: Gateway, asked: Query) -> str:
    """Why nothing may be there of a type that nobody listed; empty where it was."""
    if asked.type is None or asked.at is not None:
        return ""
    place = {"account": asked.account, "region": asked.region}
    if asked.type in here.store.runs.listed_types(source_id=asked.source_id, **place, now=True):
        return ""
    if here.store.runs.troubles(asked.source_id, type=asked.type, **place):
        return ""  # which is told
    return " It was not listed: the settings of the sources leave it out, or the vendor does not have it there."


def _line(trouble: Trouble) -> str:
    places = sorted(" ".join(place).strip() for place in trouble.places)
    some = ", ".join(places[:_PLACES]) + (", ..." if len(places) > _PLACES else "")
    where = f"{len(places)} place{'' if len(places) == 1 else 's'} of {trouble.source} ({some})"
    failure = trouble.failure
    why = f" {failure.message}{f' [{failure.cause}]' if failure.cause else ''}" if failure else ""
    return clean(f"Not complete: {trouble.type}, {trouble.outcome} in {where}.{why}")
