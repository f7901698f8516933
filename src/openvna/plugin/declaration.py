"""What a plugin says of each resource type that it can collect."""

from __future__ import annotations

from dataclasses import dataclass

from openvna.model import Kind


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
    listing it needs first.
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
