"""What may not be shown: secrets registered by value, and whatever has the shape of one."""

from __future__ import annotations

import base64
import json
import re
import threading
from urllib.parse import quote, quote_plus

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
    JSON or `repr` forms."""
    global _pattern
    forms: set[str] = set()
    for value in values:
        if value is None or len(value) < _SHORTEST:
            continue
        forms |= {value, quote(value, safe=""), quote_plus(value), value.strip()}
        forms |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]}
        forms.add(base64.b64encode(value.encode()).decode())
    with _lock:
        fresh = [form for form in forms if len(form) >= _SHORTEST and form not in _hidden]
        if not fresh:
            return
        _hidden.update(dict.fromkeys(fresh))
        longest_first = sorted(_hidden, key=len, reverse=True)
        _pattern = re.compile("|".join(map(re.escape, longest_first)))


def redact(text: str) -> str:
    """The text with every registered secret, and everything shaped like one, masked."""
    pattern = _pattern
    if pattern is not None:
        text = pattern.sub(MASK, text)
    return _SHAPES.sub(lambda found: f"{found['key'][:4]}{MASK}" if found["key"] else MASK, text)
