"""How values read in a page: times, numbers, lists of records, JSON. Pure; escaping is the template's work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote, urlencode

import orjson
from markupsafe import Markup, escape

from openvna.store import ResourceRow

Shape = Literal["empty", "scalar", "scalars", "records", "mapping", "mixed"]
_STEPS = ((60, 1, "s"), (3600, 60, "min"), (86400, 3600, "h"), (86400 * 14, 86400, "d"))


def code_marks(text: object) -> Markup:
    """Escaped text in which what stands between backticks is code."""
    parts = str(text).split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part) for index, part in enumerate(parts)
    )


def iso(at: datetime | None) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


def exact(at: datetime | None) -> str:
    """RFC 3339 in UTC with all digits that it has: a version can be asked for at the very moment it began."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else ""


def moment(at: datetime | None) -> str:
    """A time as a person writes it, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at else "never"


def ago(at: datetime | None, now: datetime | None = None) -> str:
    """`3 min ago`, `in 12 min`, or the date when it is more than two weeks away."""
    if at is None:
        return "never"
    distance = ((now or datetime.now(UTC)) - at).total_seconds()
    size = abs(distance)
    if size < 5:
        return "just now"
    for limit, unit, word in _STEPS:
        if size < limit:
            text = f"{int(size // unit)} {word}"
            return f"{text} ago" if distance > 0 else f"in {text}"
    return at.astimezone(UTC).strftime("%Y-%m-%d")


def number(value: float) -> str:
    """`12,345`."""
    return f"{value:,}"


def seconds(value: float | None) -> str:
    """A duration: `0.42 s`, `12.3 s`, `4 min 5 s`."""
    if value is None:
        return "–"
    if value < 10:
        return f"{value:.2f} s"
    if value < 60:
        return f"{value:.1f} s"
    if value < 3600:
        return f"{int(value // 60)} min {int(value % 60)} s"
    return f"{int(value // 3600)} h {int(value % 3600 // 60)} min"


def pretty(value: Any) -> str:
    """JSON with two spaces of indentation."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()


def scalar(value: Any) -> str:
    """A single value in one line."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping | list | tuple):
        return orjson.dumps(value).decode()
    return str(value)


def _plain(value: Any) -> bool:
    return not isinstance(value, Mapping | list | tuple)


def shape(value: Any) -> Shape:
    """What a value is, and so how it is drawn: a list of records is a table, a list of scalars a row of chips."""
    if value is None or value == "" or (not _plain(value) and not value):
        return "empty"
    if _plain(value):
        return "scalar"
    if isinstance(value, Mapping):
        return "mapping"
    if all(_plain(item) for item in value):
        return "scalars"
    if all(isinstance(item, Mapping) for item in value):
        return "records"
    return "mixed"


def columns(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """The keys of a list of records, in the order of their first appearance, without those that are empty in all."""
    seen: dict[str, bool] = {}
    for record in records:
        for key, value in record.items():
            seen[key] = seen.get(key, False) or shape(value) != "empty"
    return [key for key, used in seen.items() if used]


def tree(value: Any) -> tuple[str, list[tuple[str, Any]], str]:
    """A node of a JSON document: (its kind, its children with their labels, what it reads when folded)."""
    if isinstance(value, Mapping):
        return "object", [(str(key), item) for key, item in value.items()], f"{{{len(value)}}}"
    if isinstance(value, list | tuple):
        return "array", [(str(index), item) for index, item in enumerate(value)], f"[{len(value)}]"
    if isinstance(value, str):
        return "string", [], orjson.dumps(value).decode()
    kind = "null" if value is None else "boolean" if isinstance(value, bool) else "number"
    return kind, [], orjson.dumps(value).decode()


def cause_url(plugin: str, cause: str) -> str:
    """The page of a cause; of the first plugin that knows it where none is named."""
    whose = "?plugin=" + quote(plugin, safe="") if plugin else ""
    return f"/causes/{quote(cause, safe='')}{whose}"


def resource_url(resource_id: str, source_id: str | None = None, at: datetime | None = None) -> str:
    """The page of a resource. Its id is percent-encoded as one path segment."""
    wanted = {"source": source_id, "at": exact(at)}
    query = urlencode({key: value for key, value in wanted.items() if value})
    return f"/resources/{quote(resource_id, safe='')}" + (f"?{query}" if query else "")


def tail(id: str, account: str) -> str:
    """What tells an id from others of its account: of an ARN, all that stands behind the account."""
    return (id.partition(f":{account}:")[2] if account else "") or id


def look_up(row: ResourceRow, path: str) -> Any:
    """The attribute at a dotted path, None where it is absent."""
    value: Any = row.attributes
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value
