"""Turns what was given on the command line into what the store is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openvna.cli import parsing
from openvna.cli.output import quoted
from openvna.model import InvalidInput

if TYPE_CHECKING:
    from openvna.collect import Gateway
    from openvna.plugin import TypeSpec
    from openvna.store import Query


def query(
    here: Gateway,
    *,
    type: str | None,
    where: list[str] | None,
    account: str | None,
    region: str | None,
    tag: list[str] | None,
    source: str | None,
    text: str,
    at: str | None,
    deleted: bool,
) -> Query:
    from openvna.store import Query

    return Query(
        type=known_type(here, type),
        source_id=here.store.sources.get(source).id if source else None,
        account=account,
        region=region,
        where=parsing.pairs(where or (), "--where"),
        tags=parsing.tags(tag or ()),
        text=text,
        deleted=deleted,
        at=parsing.moment(at, "--at") if at else None,
    )


def known_type(here: Gateway, type: str | None) -> str | None:
    """The type as the plugins name it; its last part is enough where it says which one is meant
    (one that there are resources of comes first).

    Raises `InvalidInput` with near matches.
    """
    if type is None:
        return None
    from openvna.collect.naming import near_matches

    held = set(here.store.resources.facets().get("type", ()))
    known = type_specs(here).keys() | held
    if type in known:
        return type
    ends = [one for one in known if one.rpartition(".")[2] == type]
    ends = [one for one in ends if one in held] or ends
    if len(ends) == 1:
        return ends[0]
    near = ends or near_matches(type, known)
    remedy = f"Did you mean {' or '.join(near)}?" if near else "See them all: openvna plugin types"
    raise InvalidInput(f"There is no resource type {type!r}.", "", remedy, (("type", remedy),))


def type_specs(here: Gateway) -> dict[str, TypeSpec]:
    return {one.type: one for spec in here.specs() for one in spec.types}


def nothing(here: Gateway, otherwise: str) -> str:
    """What to say where a list is empty: the next step for someone who has just begun."""
    sources = here.store.sources.list()
    if not sources:
        return "No source yet. Add one: openvna source add aws NAME --prompt   (or look around: openvna demo)"
    if all(source.last_run_at is None for source in sources):
        return f"Nothing has been collected yet. Collect: openvna collect {quoted(sources[0].name)}"
    return otherwise
