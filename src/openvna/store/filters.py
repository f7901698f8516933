"""A query, turned into SQL: which rows, of which moment, in which order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from openvna.model import InvalidInput
from openvna.store import tables
from openvna.store.columns import Moment, microseconds
from openvna.store.rows import Query

_resource, _past = tables.resource.c, tables.past.c
_IDENTITY = ("key", "id", "source_id", "first_seen")

_DEEPEST, _MOST_FILTERS = 16, 32

SORTS: Mapping[str, tuple[str, ...]] = {
    "type": ("type", "key"),
    "name": ("name", "key"),
    "id": ("id", "key"),
    "account": ("account", "key"),
    "region": ("region", "key"),
    "changed_at": ("valid_from", "key"),
}
SORT_TYPES: Mapping[str, type] = {"key": int, "valid_from": int}


def faces(query: Query) -> tuple[sa.FromClause, sa.Select[Any]]:
    """The rows that a query may list before its filters: the table or view they come from, and its selection."""
    if query.at is not None:
        view = _as_of(query.at, query.deleted).subquery("moment")
        return view, sa.select(view)
    columns = [_resource[name] for name in (*_IDENTITY, *tables.FACE, "confirmed_at", "deleted_at")]
    selection = sa.select(*columns)
    return tables.resource, selection if query.deleted else selection.where(_resource.deleted_at.is_(None))


def select(query: Query, dialect: str) -> tuple[sa.FromClause, sa.Select[Any]]:
    """The rows that a query lists, in no order. Raises `InvalidInput` for an attribute path that cannot be."""
    if len(query.where) + len(query.tags) > _MOST_FILTERS:
        why = f"There are at most {_MOST_FILTERS}."
        raise InvalidInput("So many filters cannot be used.", why, "Leave some out.", (("where", why),))
    view, selection = faces(query)
    for name in ("type", "kind", "source_id", "account", "region"):
        wanted = getattr(query, name)
        if wanted is not None:
            selection = selection.where(view.c[name] == wanted)
    for path, value in query.where.items():
        selection = selection.where(_attribute(view.c.attributes, path, value, dialect))
    for key, tag in query.tags.items():
        selection = selection.where(_tag(view.c.tags, key, tag, dialect))
    text = query.text.strip().casefold()
    if text:
        # Not LIKE: nothing in the text is a wildcard, and a plain substring is found several times faster.
        if dialect == "postgresql":
            selection = selection.where(sa.func.strpos(view.c.search, text) > 0)
        elif query.at is not None:
            selection = selection.where(sa.func.instr(view.c.search, text) > 0)
        else:
            # Looked for first and in the order of the table: in the order of the listing, row by row, takes longer.
            searched = tables.resource.alias("searched")
            found = sa.select(searched.c.key).where(sa.func.instr(searched.c.search, text) > 0)
            selection = selection.where(view.c.key.in_(found))
    return view, selection


def fingerprint(query: Query) -> list[Any]:
    """What makes two queries the same listing."""
    at = None if query.at is None else microseconds(query.at)
    filters = [sorted(query.where.items()), sorted(query.tags.items(), key=str)]
    return [
        query.type, query.kind, query.source_id, query.account, query.region, filters, query.text, query.deleted, at,
    ]  # fmt: skip


def order(view: sa.FromClause, sort: str, descending: bool) -> list[sa.ColumnElement[Any]]:
    """The columns of an order, down to the key that makes it complete. Raises `InvalidInput` for an unknown one."""
    if sort not in SORTS:
        why = f"It is one of {', '.join(SORTS)}."
        raise InvalidInput(f"Resources cannot be sorted by {sort}.", why, "", (("sort", why),))
    columns = [view.c[name] for name in SORTS[sort]]
    return [column.desc() for column in columns] if descending else [column.asc() for column in columns]


def after(view: sa.FromClause, sort: str, descending: bool, values: tuple[Any, ...]) -> sa.ColumnElement[bool]:
    """Behind the row with these values, in this order."""
    columns = [view.c[name] for name in SORTS[sort]]
    bound = [
        sa.literal(value, sa.BigInteger) if SORT_TYPES.get(name) is int else sa.literal(value)
        for name, value in zip(SORTS[sort], values, strict=True)
    ]
    here = sa.tuple_(*[sa.type_coerce(column, sa.BigInteger) if SORT_TYPES.get(name) is int else column
                       for name, column in zip(SORTS[sort], columns, strict=True)])  # fmt: skip
    return here < sa.tuple_(*bound) if descending else here > sa.tuple_(*bound)


def behind(
    view: sa.FromClause, sort: str, descending: bool, values: tuple[Any, ...]
) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """The same in two parts that follow each other: those that have this first value too, then the others.

    SQLite finds both by the index of the order. Of two columns that are compared together it uses the first one alone
    where the second is the number of the row, and looks through all that have the value for each page.
    """
    name, key = (view.c[each] for each in SORTS[sort])
    column: sa.ColumnElement[Any] = name
    first, place = values
    if SORT_TYPES.get(SORTS[sort][0]) is int:
        column, first = sa.type_coerce(name, sa.BigInteger), sa.literal(first, sa.BigInteger)
    if descending:
        return (column == first) & (key < place), column < first
    return (column == first) & (key > place), column > first


def _as_of(at: datetime, deleted: bool) -> sa.CompoundSelect[Any]:
    """What stood at a moment: newest versions that began before it, and earlier ones that it falls into."""
    identity = [_resource[name] for name in _IDENTITY]
    never = sa.literal(None, Moment)
    gone_by_then = sa.case((_resource.deleted_at <= at, _resource.deleted_at), else_=None)
    newest = sa.select(
        *identity,
        *(_resource[name] for name in tables.FACE),
        never.label("confirmed_at"),
        sa.type_coerce(gone_by_then, Moment).label("deleted_at"),
    ).where(_resource.valid_from <= at)
    earlier = (
        sa.select(*identity, *(_past[name] for name in tables.FACE), never.label("confirmed_at"))
        .join(tables.resource, _resource.key == _past.resource_key)
        .where(_past.valid_from <= at)
    )
    standing = earlier.add_columns(never.label("deleted_at")).where(_past.valid_to > at)
    if not deleted:
        newest = newest.where(_resource.deleted_at.is_(None) | (_resource.deleted_at > at))
        return sa.union_all(newest, standing)
    # In the gap between a deletion and the version that came after it.
    following = tables.version.alias("following")
    gap = earlier.add_columns(_past.valid_to.label("deleted_at")).where(
        _past.valid_to <= at,
        sa.exists().where(
            following.c.resource_key == _past.resource_key,
            following.c.number == _past.version + 1,
            following.c.valid_from > at,
        ),
    )
    return sa.union_all(newest, standing, gap)


def _attribute(attributes: Any, path: str, value: str, dialect: str) -> sa.ColumnElement[bool]:
    """An attribute is this text, or is a list that holds it; numbers and booleans by their JSON text.

    A path goes through lists: `routes.destination` is any route's.
    """
    steps = path.split(".")
    if len(steps) > _DEEPEST:
        why = f"A path has at most {_DEEPEST} steps."
        raise InvalidInput("The filter by attribute cannot be used.", why, "Name fewer of them.", (("where", why),))
    if not all(steps) or '"' in path or "\\" in path or not path.isprintable():
        why = f"{path!r} is not an attribute name, nor several joined by dots."
        remedy = "Write it like this: routes.destination=10.0.0.0/16."
        raise InvalidInput("The filter by attribute cannot be used.", why, remedy, (("where", why),))
    if dialect == "postgresql":
        item = sa.func.jsonb_path_query(attributes, sa.cast(sa.literal(_json_path(steps) + "[*]"), postgresql.JSONPATH))
        found = item.table_valued("value", name="found").render_derived()
        return sa.exists(
            sa.select(sa.literal(1))
            .select_from(found)
            .where(
                sa.func.jsonb_typeof(found.c.value).notin_(("object", "array")),
                found.c.value.op("#>>")(sa.literal_column("'{}'")) == value,
            )
        )
    ways = [_one_list(attributes, steps, value)]
    # A list of objects on the way: into its items, then on.
    for place in range(1, len(steps)):
        way = _json_path(steps[:place])
        items = sa.func.json_each(attributes, way).table_valued("value", "type", name=f"at_{place}")
        ways.append(
            sa.exists(
                sa.select(sa.literal(1))
                .select_from(items)
                .where(
                    sa.func.json_type(attributes, way) == "array",
                    items.c.type == "object",
                    _one_list(items.c.value, steps[place:], value),
                )
            )
        )
    return sa.or_(*ways)


def _one_list(value_of: Any, steps: list[str], value: str) -> sa.ColumnElement[bool]:
    path = _json_path(steps)
    found = sa.func.json_each(value_of, path).table_valued("value", "type", name=f"found_{len(steps)}")
    text = sa.case((found.c.type.in_(("true", "false")), found.c.type), else_=sa.cast(found.c.value, sa.Text))
    return sa.exists(
        sa.select(sa.literal(1))
        .select_from(found)
        .where(
            sa.func.coalesce(sa.func.json_type(value_of, path), "") != "object",
            found.c.type.notin_(("object", "array", "null")),
            text == value,
        )
    )


def _json_path(steps: list[str]) -> str:
    return "$" + "".join(f".{orjson.dumps(step).decode()}" for step in steps)


def _tag(tags: Any, key: str, value: str | None, dialect: str) -> sa.ColumnElement[bool]:
    if dialect == "postgresql":
        if value is None:
            return sa.func.jsonb_exists(tags, key)
        return sa.func.jsonb_extract_path_text(tags, key) == value
    each = sa.func.json_each(tags).table_valued("key", "value", name="tag")
    wanted = each.c.key == key
    return sa.exists(
        sa.select(sa.literal(1)).select_from(each).where(wanted if value is None else wanted & (each.c.value == value))
    )
