"""What may not be shown: secrets registered by value, and whatever has the shape of one."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Collection, Iterator
from urllib.parse import quote, quote_plus, unquote

from openvna.log import records, shapes

MASK = "***"
_SHORTEST = 8
_SHORTEST_LINE = 16
_MOST = 200_000
"""Forms kept. A process that renews sessions for days would hold ever more of them: the oldest ones go, which are of
sessions long over, since a secret in use is registered again whenever it is loaded."""
_lock = threading.Lock()
_hidden: dict[str, None] = {}
_by_start: dict[str, tuple[str, ...]] = {}
"""The forms by their first `_SHORTEST` characters, the longest first: a line costs its own length to search,
however many secrets there are."""


def hide(*values: str | None) -> None:
    """Register secrets: from now on no log line shows them, nor their percent-encoded, base64 (at any place of what
    is encoded), JSON, XML or `repr` forms. Of an address with a password in it
    (`http://user:password@proxy:3128`), the password is hidden on its own too, and so are the lines of a key."""
    forms: set[str] = set()
    for value in values:
        if value is not None:
            forms |= _forms(value)
            for part in (*_password(value), *_lines(value)):
                forms |= _forms(part)
    records.guard()
    with _lock:
        for form in forms:
            if len(form) < _SHORTEST:
                continue
            if form in _hidden:
                del _hidden[form]  # and in again at the end: it is in use
            else:
                same = (*_by_start.get(form[:_SHORTEST], ()), form)
                _by_start[form[:_SHORTEST]] = tuple(sorted(same, key=len, reverse=True))
            _hidden[form] = None
        while len(_hidden) > _MOST:
            _forget(next(iter(_hidden)))


def forget_all_but(kept: Collection[str]) -> None:
    """Drop every registered form that is not among `kept` (forms as `registered` gives them)."""
    with _lock:
        for form in [form for form in _hidden if form not in kept]:
            _forget(form)


def registered() -> frozenset[str]:
    """Every form that is hidden now."""
    with _lock:
        return frozenset(_hidden)


def _forget(form: str) -> None:
    del _hidden[form]
    start = form[:_SHORTEST]
    left = tuple(other for other in _by_start[start] if other != form)
    if left:
        _by_start[start] = left
    else:
        del _by_start[start]


def _forms(value: str) -> set[str]:
    if len(value) < _SHORTEST:
        return set()
    raw = value.encode("utf-8", "surrogatepass")
    percent = quote(raw, safe="")
    return {
        value,
        value.strip(),
        percent,
        _ESCAPE.sub(lambda found: found[0].lower(), percent),
        quote(raw),
        quote_plus(raw),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        value.replace("/", "\\/"),
        *(value.replace("+", f"\\u002{letter}") for letter in "bB"),  # as .NET writes JSON
        repr(value)[1:-1],
        repr(raw)[2:-1],
        _xml(value),
        _xml(value).replace('"', "&quot;").replace("'", "&#x27;"),
        *_base64(raw),
    }


_ESCAPE = re.compile("%[0-9A-F]{2}")


def _xml(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _base64(raw: bytes) -> Iterator[str]:
    """The encoded forms, in both alphabets: of the secret alone, and of the part that depends on nothing but the
    secret where it begins at the first, second or third byte of a group of three (RFC 4648, 4)."""
    yield base64.b64encode(raw).decode()
    yield base64.urlsafe_b64encode(raw).decode()
    for before in range(3):
        size = before + len(raw)
        encoded = base64.b64encode(bytes(before) + raw).decode().rstrip("=")
        inner = encoded[(0, 2, 3)[before] : len(encoded) - bool(size % 3)]
        yield inner
        yield inner.translate(_URL_SAFE)


_URL_SAFE = str.maketrans("+/", "-_")


def _lines(value: str) -> Iterator[str]:
    """The lines of a text of several, such as a private key in PEM, without its frame."""
    lines = value.splitlines()
    if len(lines) > 1:
        yield from (line for line in lines if len(line) >= _SHORTEST_LINE and not line.startswith("-----"))


def _password(address: str) -> set[str]:
    """The password in an address, and `user:password` as a header has it. Where it holds what an address may not
    hold in clear (/ ? # :), parsers take it apart and complain about a piece: the pieces too."""
    login, at, _ = (address.partition("://")[2] or address).rpartition("@")
    _, colon, password = login.partition(":")
    if not at or not colon:
        return set()
    return {login, unquote(login), password, unquote(password), *re.split(r"[/?#:@\[\]]", password)}


def redact(text: str) -> str:
    """The text with every registered secret, and everything shaped like one, masked."""
    return shapes.masked(_masked(text), MASK)


def _masked(text: str) -> str:
    """The text with the registered secrets masked: at each place the longest that stands there."""
    starts = _by_start
    if not starts:
        return text
    done: list[str] = []
    kept_from = place = 0
    last = len(text) - _SHORTEST
    while place <= last:
        for form in starts.get(text[place : place + _SHORTEST], ()):
            if text.startswith(form, place):
                done += (text[kept_from:place], MASK)
                place += len(form)
                kept_from = place
                break
        else:
            place += 1
    return text if not kept_from else "".join((*done, text[kept_from:]))
