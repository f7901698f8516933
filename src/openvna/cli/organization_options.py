"""The options that make a source of a whole AWS organization, for `openvna verify aws` and `openvna source`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, cast

import typer

from openvna.model import InvalidInput

if TYPE_CHECKING:
    from openvna.model import JSON

OrganizationRole = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Every account of the organization, each entered with the role of this name."),
]
OrganizationExternalId = Annotated[
    str | None, typer.Option(metavar="ID", help="The external ID that the role of the accounts asks for.")
]
Include = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FILTER",
        help="Only these accounts of the organization: account:ID, ou:NAME (or path or id), tag:KEY=VALUE or "
        "tag:KEY; again for more.",
    ),
]
Exclude = Annotated[list[str] | None, typer.Option(metavar="FILTER", help="But not these; written like --include.")]

_LISTS = {"account": "accounts", "ou": "ous", "tag": "tags"}


def organization(
    role: str | None, external_id: str | None, include: Sequence[str] | None, exclude: Sequence[str] | None
) -> dict[str, JSON]:
    """The setting `organization` as far as it was given. Raises `InvalidInput` for a filter that is none."""
    found: dict[str, JSON] = {}
    if role is not None:
        found["role_name"] = role
    if external_id is not None:
        found["external_id"] = external_id
    for name, values in (("include", include), ("exclude", exclude)):
        if values:
            found[name] = cast("JSON", _filters(f"--{name}", values))
    return found


def _filters(option: str, values: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for value in values:
        kind, sign, text = value.partition(":")
        if kind not in _LISTS or not sign or not text.strip():
            why = f"{value!r} is none of account:ID, ou:NAME and tag:KEY=VALUE."
            raise InvalidInput(
                f"{option} cannot be used as it is.",
                why,
                f"Write it like {option} ou:Workloads/Prod, or {option} tag:stage=prod.",
                ((option.lstrip("-"), why),),
            )
        found.setdefault(_LISTS[kind], []).append(text.strip())
    return found
