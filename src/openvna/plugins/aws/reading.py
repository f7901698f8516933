"""From a page of an answer to records: its items, without those that are known to be as they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, TypeAlias

from openvna.model import Resource
from openvna.plugin import Record
from openvna.plugins.aws.api import CallError, Keeping, Unread
from openvna.plugins.aws.calls import Call
from openvna.plugins.aws.listing import REPORT, Listing, broken
from openvna.plugins.aws.normalise import Normaliser
from openvna.plugins.aws.paths import Malformed, Raw, getter
from openvna.plugins.aws.prints import Prints

Fingerprints: TypeAlias = Sequence[bytes | None] | None
"""One for each item, or None; None where none has one."""

_LONG_PAGE = 100_000
"""Bytes from which on a page is remembered as a whole, and not by its pieces alone."""
_CHUNK = 200
"""Pieces that are asked about at once, and resources handed on: an answer from a file may hold all of them."""
_CLOSE = 50
"""Pieces that are read at once where no more calls tell of them: what these few are made into is made while they are
still close to the processor, which is a twentieth of all work."""


def pieces(
    listing: Listing, answer: Mapping[str, Any], prints: Prints | None
) -> Iterator[tuple[list[Raw], Fingerprints]]:
    """The items of a page and their fingerprints, without those that are known to be as they were."""
    call = listing.declared.call
    found = answer.get(call.member) if call.member else None
    if isinstance(found, Unread):
        page = b""
        if prints is not None and not listing.every and len(found.inside) >= _LONG_PAGE:
            (page,) = prints.of([found.inside])
            if prints.whole_page(page):
                listing.seen = True
                return
        items = found.cut()
        if items is not None:
            listing.seen = listing.seen or bool(items)
            yield from _cut_pieces(listing, found, items, prints, page)
            return
        answer = {**answer, call.member: found.read()}
    whole = _items(call, getter(call.items)(answer)) if call.items else _whole(answer)
    listing.seen = listing.seen or bool(whole)
    yield from _read_pieces(listing, whole, prints)


def _read_pieces(
    listing: Listing, whole: Sequence[Raw], prints: Prints | None
) -> Iterator[tuple[list[Raw], Fingerprints]]:
    """The same for items that are read already."""
    for start in range(0, len(whole), _CHUNK):
        raws = list(whole[start : start + _CHUNK])
        marks = prints.of_values(raws) if prints is not None else None
        changed = _changed(listing, prints, marks, len(raws))
        yield [raws[number] for number in changed], None if marks is None else [marks[number] for number in changed]


def _cut_pieces(
    listing: Listing, found: Unread, items: Sequence[bytes], prints: Prints | None, page: bytes
) -> Iterator[tuple[list[Raw], Fingerprints]]:
    """The same for items that were cut out of the page of that print."""
    declared, call = listing.declared, listing.declared.call
    within = getter(call.items)
    alone = call.items == f"{call.member}[]" and declared.by_item
    at_once = _CLOSE if declared.by_item else _CHUNK
    read = found.reader(Keeping(declared.dropped, frozenset(declared.ordered)) if alone else None)
    all_marks: list[bytes] = []
    for start in range(0, len(items), _CHUNK):
        chunk = items[start : start + _CHUNK]
        marks = prints.of(chunk) if prints is not None else None
        changed = _changed(listing, prints, marks, len(chunk))
        for place in range(0, len(changed) or 1, at_once):  # once in any case: a long list can be left at each
            numbers = changed[place : place + at_once]
            try:
                read_items: list[Raw] = [*read([chunk[number] for number in numbers])]
            except CallError:
                # The answer is broken, which is said now, or it was not cut where its items end.
                rest = found.read()[start + numbers[0] :]
                yield from _read_pieces(listing, _items(call, within({call.member: rest})), prints)
                return
            told = None if marks is None else [marks[number] for number in numbers]
            if alone:
                yield read_items, told
            else:
                insides: list[list[Raw]] = [within({call.member: [item]}) for item in read_items]
                raws = [raw for inside in insides for raw in inside]
                yield raws, None if told is None else _of_insides(told, insides)
        all_marks += marks or ()
    if page and prints is not None:
        prints.page_read(page, all_marks)


def _of_insides(marks: Sequence[bytes], insides: Sequence[Sequence[Raw]]) -> list[bytes | None]:
    """The fingerprint of each resource of several pieces: of a piece with many it is known again only where all of
    them are."""
    found: list[bytes | None] = []
    for mark, count in zip(marks, map(len, insides), strict=True):
        told = mark if count < 2 else mark + count.to_bytes(2) if count < 1 << 16 else None
        found += [told] * count
    return found


def _changed(listing: Listing, prints: Prints | None, marks: Sequence[bytes] | None, count: int) -> list[int]:
    """The places of the pieces that have to be read."""
    if prints is None or marks is None or listing.every:
        return list(range(count))
    return [number for number, same in enumerate(prints.unchanged(marks)) if not same]


def records(
    listing: Listing, normaliser: Normaliser, raws: list[Raw], fingerprints: Fingerprints, parent: Resource | None
) -> list[Record]:
    """The items as resources. One that has not the form that AWS documents is left out and said so."""
    found: list[Record] = []
    unread: set[bytes | None] = set()
    for raw, fingerprint in zip(raws, fingerprints or repeat(None)):  # noqa: B905 - without end
        try:
            found.append(Record(normaliser.resource(raw), fingerprint))
        except (Malformed, KeyError, TypeError, ValueError, AttributeError) as error:
            call = listing.declared.call
            what = f"An item of {call.operation}'s answer cannot be read: {error!r}."
            listing.note(broken(call, what, REPORT), parent)
            unread.add(fingerprint)
    if unread:  # a piece that holds more than one item is read again as long as one of them cannot be
        return [Record(each.resource) if each.fingerprint in unread else each for each in found]
    return found


def _items(call: Call, found: Any) -> list[Raw]:
    """The items under the path of a call: without `[]` in it there is one (an object or a text), or none."""
    if found is None or isinstance(found, Mapping):
        return [found] if found else []
    if isinstance(found, str):
        found = [found] if found else []
    return [{"@item": each} for each in found] if call.of_texts else list(found)


def _whole(answer: Mapping[str, Any]) -> list[Raw]:
    """The answer itself as an item, without what is around it; none where it says nothing."""
    around = ("ResponseMetadata", "NextToken", "nextToken")
    found = {name: value for name, value in answer.items() if name not in around}
    return [found] if found else []
