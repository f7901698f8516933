"""What a plugin says of each resource type that it can collect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from openvna.model import JSON, Kind


@dataclass(frozen=True, slots=True)
class Attribute:
    """One normalised attribute. `type` is a JSON Schema type name, with `[]` behind it for a list of them."""

    name: str
    type: str = "string"
    description: str = ""


@dataclass(frozen=True, slots=True)
class TypeSpec:
    """One resource type as the rest of the product sees it.

    `calls` are the vendor operations that list it, `permissions` the rights they need, `columns` the
    attributes that a table shows, `relations` the names of the links it can have, `depends_on` the types whose
    listing it needs first. `given` says which resources of the type the vendor puts into every scope by itself, by
    the attributes (or `name`, `account`) that they have: empty: all; None: none. They alone make no network of
    anyone's, and a scope that holds nothing else may rest (see `Spec.look`).
    """

    type: str
    kind: Kind
    title: str
    description: str
    attributes: tuple[Attribute, ...]
    columns: tuple[str, ...]
    relations: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    given: Mapping[str, JSON] | None = field(default=None, hash=False)
