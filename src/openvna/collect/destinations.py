"""Where secrets are sent, and which of them an edit must bring along when that changes.

Whoever may edit a source may not thereby learn its secrets: a stored secret is only ever sent where it was entered
for. A plugin says which of its settings name the place: `Field(..., json_schema_extra={DESTINATION: True})`.
References could be entered again by anyone who reads them: `references.hold_back` guards those besides.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, SecretStr

from openvna.collect import configuration, references
from openvna.model import JSON, InvalidInput


def hold(name: str, before: BaseModel | None, after: BaseModel, patch: Mapping[str, JSON]) -> None:
    """Raises `InvalidInput` when `patch` would have secrets of the source `name` sent to another place than before
    without entering them again. `before` is None where what was stored is no longer what the plugin takes."""
    old = _places(before) if before is not None else {}
    new = _places(after)
    # One that is cleared leaves the choice to the plugin and to the machine, neither of which the editor commands.
    changed = [path for path, place in new.items() if place and old.get(path) != place]
    # What is itself a place, such as the address of a proxy with its password, goes nowhere but there.
    secrets = [*configuration.split(after)[1], *(path for path, _ in references.referred(after))]
    kept = [path for path in secrets if path not in new and not _given(patch, path)]
    if not changed or not kept:
        return
    raise InvalidInput(
        f"The secrets of {name!r} must be entered again.",
        f"They were entered for another place: this changes {', '.join(changed)}.",
        f"Send {', '.join(kept)} together with the change.",
        tuple((path, f"Enter it again, because {', '.join(changed)} changes.") for path in kept),
    )


def changed(before: BaseModel, after: BaseModel) -> tuple[str, ...]:
    """The settings of `after` that name another place than those of `before` do."""
    old = _places(before)
    return tuple(path for path, place in _places(after).items() if old.get(path) != place)


def _places(model: BaseModel) -> dict[str, object]:
    return {
        path: place.get_secret_value() if isinstance(place, SecretStr) else place
        for path, _, place in references.destinations(model)
    }


def _given(patch: object, path: str) -> bool:
    """Whether the patch sets what stands at the dotted path."""
    for part in path.split("."):
        if not isinstance(patch, Mapping):
            return True  # a list or a value replaces everything below it
        if part not in patch:
            return False
        patch = patch[part]
    return True
