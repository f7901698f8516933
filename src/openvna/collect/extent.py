"""How much of a source one collection is about: everything, or only some scopes, some types, one resource."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from openvna.collect import naming
from openvna.model import InvalidInput, NotFound, Scope
from openvna.plugin import Spec
from openvna.store import ResourceRow, Source, Store


@dataclass(frozen=True, slots=True)
class Extent:
    """`types` None: all. `scopes` None: those that are found, of which only those that fit one of `asked`, where
    there is any. `one`: only this resource, in the scopes that see it."""

    types: frozenset[str] | None = None
    asked: tuple[str, ...] = ()
    scopes: tuple[Scope, ...] | None = None
    one: ResourceRow | None = None

    @property
    def whole(self) -> bool:
        """Whether it is all that there is."""
        return self.types is None and self.scopes is None and not self.asked

    @property
    def said(self) -> str:
        """What of each scope is read, in a few words; empty where it is all of the source."""
        if self.one is not None:
            return self.one.alias or self.one.id
        if self.types is not None:
            return ", ".join(sorted(self.types))
        return "" if self.whole else "this scope"

    def fits(self, scope: Scope) -> bool:
        """Whether a scope is among those that were asked for."""
        return not self.asked or any(_within(each, scope.key) for each in self.asked)


WHOLE = Extent()


def extent(
    store: Store,
    source: Source,
    spec: Spec,
    types: Collection[str] | None = None,
    scopes: Collection[str] | None = None,
    resource: str | None = None,
) -> Extent:
    """What a person asked for. A scope is named by its key or by parts of it that follow each other: an account, a
    region, or both (`111122223333/eu-west-1`). Scopes that are known need not be found again.

    Raises `InvalidInput`, and `NotFound` or `Conflict` for a resource that is not one of the source.
    """
    if resource is not None:
        return _one(store, source, spec, resource, types, scopes)
    if types is not None:
        naming.types(types, [one.type for one in spec.types], spec.title)
    wanted = None if types is None else frozenset(types)
    asked = tuple(dict.fromkeys(each.strip("/ ") for each in scopes or ()))
    if scopes is not None and not all(asked or ("",)):
        raise InvalidInput("No scope is named.", "The name of a scope is empty.", "Name one, or leave it out.")
    if not asked:
        return Extent(wanted)
    held = store.runs.known(source.id)
    known = [scope for scope in store.runs.scopes(source.id) if scope.key in held]
    if all(any(_within(each, scope.key) for scope in known) for each in asked):
        every = Extent(wanted, asked)
        return Extent(wanted, asked, tuple(scope for scope in known if every.fits(scope)))
    return Extent(wanted, asked)


def _one(
    store: Store,
    source: Source,
    spec: Spec,
    resource: str,
    types: Collection[str] | None,
    scopes: Collection[str] | None,
) -> Extent:
    if types is not None or scopes is not None:
        raise InvalidInput(
            "Types or scopes and a resource are named.",
            "A resource is read where it is, and is of its own type.",
            "Name the resource alone.",
            (("resource", "Leave out the types and the scopes."),),
        )
    try:
        row = store.resources.get(resource, source_id=source.id, most_incoming=0).resource
    except NotFound as error:
        remedy = "What was not collected yet is found by collecting its type or its scope."
        raise NotFound(error.what, error.why, remedy) from None
    naming.types([row.type], [one.type for one in spec.types], spec.title)
    places = store.resources.scopes(row.key)
    if not places:
        raise InvalidInput(
            f"{row.alias or row.id} cannot be asked for.",
            "No scope of its source sees it any more.",
            f"Collect the source {source.name!r} instead.",
        )
    return Extent(frozenset({row.type}), (), places, row)


def no_such_scope(source: Source, asked: Iterable[str], known: Iterable[Scope]) -> InvalidInput:
    """What was asked for is none of the scopes of the source; with up to three of their names that look like it."""
    wanted = ", ".join(asked)
    names = {name for scope in known for name in (scope.account, scope.region, scope.key)}
    near = difflib.get_close_matches(wanted, sorted(names), 3, 0.6)
    return InvalidInput(
        f"The source {source.name!r} has no scope {wanted}.",
        "None was found that is called so.",
        f"Did you mean {' or '.join(near)}?" if near else "Name an account, a region, or both: ACCOUNT/REGION.",
        (("scopes", f"There is no scope {wanted}."),),
    )


def _within(asked: str, key: str) -> bool:
    return f"/{asked}/" in f"/{key}/"
