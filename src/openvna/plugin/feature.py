"""What a source can be allowed or denied as a whole: the unit of its permissions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Feature:
    """A part of the network (or of the diagnosis) that permissions are given for, or left out, together.

    `types` are the resource types that it reads, `permissions` the rights they need, in the vendor's words. An
    `optional` one may be left out: the source then works without it. One without types serves the product itself.
    """

    id: str
    title: str
    description: str
    optional: bool = False
    types: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
