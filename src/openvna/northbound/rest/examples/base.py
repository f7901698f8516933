"""What examples are made of: one moment, one account, one region."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from openvna.northbound.rest.answers import encode


@dataclass(frozen=True, slots=True)
class Example:
    answer: Any = None
    request: Any = None


def as_json(row: object) -> Any:
    return orjson.loads(encode(row))


def page(*rows: object, total: int | None = None) -> Any:
    return {"items": [as_json(row) for row in rows], "next": None, "total": total}


def event(number: int, name: str, row: object) -> str:
    return f"event: {name}\nid: {number}\ndata: {encode(row).decode()}\n\n"


THEN = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
SOON = datetime(2026, 3, 2, 8, 30, 4, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 20, 30, tzinfo=UTC)
ACCOUNT, REGION = "111122223333", "eu-central-1"
