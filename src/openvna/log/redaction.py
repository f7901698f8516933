"""What may not be shown: secrets registered by value, and whatever has the shape of one."""

from __future__ import annotations

import base64
import json
import re
import threading
from urllib.parse import quote, quote_plus, unquote

MASK = "***"
_SHORTEST = 8
_lock = threading.Lock()
_hidden: dict[str, None] = {}
_pattern: re.Pattern[str] | None = None
_SHAPES = re.compile(
    r"(?P<key>\b(?:AKIA|ASIA)[A-Z0-9]{12})(?=[A-Z0-9]{4}\b)"
    r"|(?<=Signature=)[0-9a-f]{64}"
    r"|(?<=<SecretAccessKey>)[^<]+|(?<=<SessionToken>)[^<]+|(?<=<PreSharedKey>)[^<]+"
    r"|(?<=<pre_shared_key>)[^<]+"
)


def hide(*values: str | None) -> None:
    """Register secrets: from now on no log line shows them, nor their percent-encoded, base64,
    JSON or `repr` forms. Of an address with a password in it (`http://user:password@proxy:3128`), the password
    is hidden on its own too."""
    global _pattern
    forms: set[str] = set()
    for value in values:
        if value is not None:
            forms |= _forms(value)
            for part in _password(value):
                forms |= _forms(part)
    with _lock:
        fresh = [form for form in forms if len(form) >= _SHORTEST and form not in _hidden]
        if not fresh:
            return
        _hidden.update(dict.fromkeys(fresh))
        longest_first = sorted(_hidden, key=len, reverse=True)
        _pattern = re.compile("|".join(map(re.escape, longest_first)))


def _forms(value: str) -> set[str]:
    if len(value) < _SHORTEST:
        return set()
    raw = value.encode("utf-8", "surrogatepass")
    return {
        value,
        value.strip(),
        quote(raw, safe=""),
        quote_plus(raw),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        base64.b64encode(raw).decode(),
    }


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
    pattern = _pattern
    if pattern is not None:
        text = pattern.sub(MASK, text)
    return _SHAPES.sub(lambda found: f"{found['key'][:4]}{MASK}" if found["key"] else MASK, text)
