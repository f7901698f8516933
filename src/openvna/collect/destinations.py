"""Where secrets are sent, and which of them an edit must bring along when that changes.

Whoever may edit a source may not thereby learn its secrets: a stored secret is only ever sent where it was entered
for. A plugin says which of its settings name the place: `Field(..., json_schema_extra={DESTINATION: True})`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from openvna.collect import configuration
from openvna.model import JSON, InvalidInput
from openvna.plugin import DESTINATION


def hold(name: str, before: BaseModel | None, after: BaseModel, patch: Mapping[str, JSON]) -> None:
    """Raises `InvalidInput` when `patch` would have secrets of the source `name` sent to another place than before
    without entering them again. `before` is None where what was stored is no longer what the plugin takes."""
    old = dict(_destinations(before)) if before is not None else {}
    new = dict(_destinations(after))
    # One that is cleared leaves the choice to the plugin and to the machine, neither of which the editor commands.
    changed = [path for path, place in new.items() if place and old.get(path) != place]
    # What is itself a place, such as the address of a proxy with its password, goes nowhere but there.
    kept = [path for path in configuration.split(after)[1] if path not in new and not _given(patch, path)]
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
    old = dict(_destinations(before))
    return tuple(path for path, place in _destinations(after) if old.get(path) != place)


def _destinations(model: BaseModel, path: str = "") -> Iterator[tuple[str, object]]:
    for name, field in type(model).model_fields.items():
        yield from _within(getattr(model, name), f"{path}{name}", marked=_marked(field))


def _within(value: object, path: str, *, marked: bool) -> Iterator[tuple[str, object]]:
    if marked:
        yield path, value.get_secret_value() if isinstance(value, SecretStr) else value
    elif isinstance(value, BaseModel):
        yield from _destinations(value, f"{path}.")
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _within(item, f"{path}.{number}", marked=False)


def _marked(field: FieldInfo) -> bool:
    return isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get(DESTINATION) is True


def _given(patch: object, path: str) -> bool:
    """Whether the patch sets what stands at the dotted path."""
    for part in path.split("."):
        if not isinstance(patch, Mapping):
            return True  # a list or a value replaces everything below it
        if part not in patch:
            return False
        patch = patch[part]
    return True
