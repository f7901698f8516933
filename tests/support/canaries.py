"""Finding secrets where they must not be, in every form in which one can be written down.

Written without the product's own redaction, so that what it forgets is found here.
"""

from __future__ import annotations

import base64
import html
import json
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus


def canary(name: str, awkward: bool = True) -> str:
    """A secret of this run alone. `awkward`: with characters that encodings change, as real ones have."""
    return f"{name}{'/+=' if awkward else '-'}{secrets.token_hex(12)}"


def aws_secret() -> str:
    """One of the form of a secret access key: 40 characters."""
    return f"canary/{secrets.token_hex(16)}+"


def whole_forms(secret: str) -> set[bytes]:
    """How a secret may be written: plain, encoded for URLs, JSON, XML and Python."""
    raw = secret.encode()
    found = {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        re.sub("%..", lambda found: found[0].lower(), quote(secret, safe="")),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        repr(raw)[2:-1],
        html.escape(secret),
        secret.replace("/", "\\/"),
    }
    return {form.encode() for form in found}


def forms(secret: str) -> set[bytes]:
    """The same, and in base64 at any place of what is encoded."""
    raw, encoded = secret.encode(), whole_forms(secret)
    for before in (b"", b"x", b"xy"):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # Without what the neighbours have a part in: a group of four at each end.
            encoded.add(encode(before + raw + b"xyz")[4:-8])
    return encoded


def leaks(places: Iterable[tuple[str, bytes]], canaries: Iterable[str]) -> list[str]:
    """`place: secret in this form`, for every secret that stands somewhere. `places` are names with their content."""
    wanted = [(secret, form) for secret in canaries for form in forms(secret)]
    return [
        f"{name}: {secret} as {form.decode('ascii', 'replace')}"
        for name, content in places
        for secret, form in wanted
        if form in content
    ]


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """All files below a folder, with their raw content."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield file.relative_to(folder).as_posix(), file.read_bytes()
