"""The last gate before what a plugin says is shown and stored: whatever it repeats, no secret passes."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar, cast

from openvna.log import redact

T = TypeVar("T")


def redacted(said: T) -> T:
    """The same step, verdict or failure, with every secret in its texts masked."""
    return cast("T", _masked(said))


def _masked(value: Any) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, tuple):
        return tuple(_masked(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _masked(getattr(value, field.name)) for field in fields(value)})
    return value
