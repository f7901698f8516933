"""Column types that mean the same on SQLite and on PostgreSQL, and the packing of documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa
import zstandard
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from openvna.model import JSON

LEVEL = 3
"""How hard documents are compressed: zstd's own default."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """A moment as whole microseconds since 1970 UTC; exact. A naive time is taken as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // _MICROSECOND


def moment_of(value: int) -> datetime:
    """The aware UTC time of whole microseconds since 1970."""
    return EPOCH + timedelta(microseconds=value)


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware UTC time kept as whole microseconds since 1970: exact and ordered alike on both databases."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the same
        return None if value is None else moment_of(value)


class Json(sa.types.TypeDecorator[Any]):
    """JSON as text on SQLite and as jsonb on PostgreSQL."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.JSONB(none_as_null=True))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return orjson.dumps(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return orjson.loads(value) if isinstance(value, str) and dialect.name != "postgresql" else value


# PostgreSQL orders text by the locale of the database; "C" orders by code point, as SQLite does.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def pack(document: JSON | bytes, compressor: zstandard.ZstdCompressor | None = None) -> bytes:
    """A document (or its JSON bytes) as compressed JSON. A compressor must not be shared between threads."""
    raw = document if isinstance(document, bytes) else orjson.dumps(document)
    return (compressor or zstandard.ZstdCompressor(level=LEVEL)).compress(raw)


def fitted(given: bytes) -> bytes:
    """The same in as much memory as it takes: zstandard and orjson give what keeps the room that they worked in, which
    is several times as much."""
    return memoryview(given).tobytes()


def unpack(packed: bytes) -> Any:
    """What was packed, as Python values."""
    return orjson.loads(zstandard.ZstdDecompressor().decompress(packed))
