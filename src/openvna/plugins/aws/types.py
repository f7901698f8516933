"""All resource types and features, found by looking through the modules of `resources`. There is no list to keep."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import ModuleType

from openvna.model import InvalidInput
from openvna.plugin import Feature
from openvna.plugins.aws import features, resources
from openvna.plugins.aws.declaration import ResourceType


def _modules() -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(resources.__path__, f"{resources.__name__}."):
        yield importlib.import_module(module.name)


def _types_of(module: ModuleType) -> Iterator[ResourceType]:
    return (value for value in vars(module).values() if isinstance(value, ResourceType))


def _declared() -> Mapping[str, ResourceType]:
    found: dict[str, ResourceType] = {}
    for module in _modules():
        for value in _types_of(module):
            if found.setdefault(value.type, value) is not value:
                raise ValueError(f"{value.type} is declared twice, the second time in {module.__name__}")
    for declared in found.values():
        if declared.parent and declared.parent not in found:
            raise ValueError(f"{declared.type} is listed per {declared.parent}, which nobody declares")
        if declared.needs and declared.needs not in found:
            raise ValueError(f"{declared.type} needs {declared.needs}, which nobody declares")
    return dict(sorted(found.items()))


TYPES: Mapping[str, ResourceType] = _declared()
"""Every resource type by its name, in alphabetical order."""


def _features() -> Mapping[str, Feature]:
    """Each feature with the types of its modules, and all that they need."""
    found: dict[str, Feature] = {}
    types: dict[str, set[str]] = {}
    owner: dict[str, str] = {}
    for module in _modules():
        names = {each.type for each in _types_of(module)}
        feature = getattr(module, "FEATURE", None)
        if not isinstance(feature, Feature):
            if names:
                raise ValueError(f"{module.__name__} names no FEATURE for its types")
            continue
        if found.setdefault(feature.id, feature) != feature:
            raise ValueError(f"the feature {feature.id!r} is declared twice, the second time in {module.__name__}")
        if feature in features.WITHOUT_TYPES:
            continue  # what it needs is said there, and is tried in few accounts
        for name in names:
            if owner.setdefault(name, feature.id) != feature.id:
                raise ValueError(f"{name} is in modules of two features: {owner[name]} and {feature.id}")
        types.setdefault(feature.id, set()).update(names)
    filled = []
    for feature in (*found.values(), *features.WITHOUT_TYPES):
        listed = sorted(types.get(feature.id, ()))
        needed = {action for name in listed for action in TYPES[name].permissions}
        filled.append(
            replace(feature, types=tuple(listed), permissions=tuple(sorted(needed.union(feature.permissions))))
        )
    filled.sort(key=lambda each: (each.optional, not each.types, each.id))
    return {each.id: each for each in filled}


FEATURES: Mapping[str, Feature] = _features()
"""Every feature by its id: first those that are always needed, last those without types."""


OPERATIONS: Mapping[str, frozenset[str]] = {
    service: frozenset(
        call.operation for declared in TYPES.values() for call in declared.calls if call.service == service
    )
    for service in sorted({call.service for declared in TYPES.values() for call in declared.calls})
}
"""The operations that list the types, by service."""


def needed_types(wanted: Iterable[str] | None) -> tuple[list[ResourceType], set[str]]:
    """The declarations of the wanted types (all when None) and of those they are listed by, and the wanted names.

    Raises `InvalidInput` for a type that nobody declares.
    """
    names = set(TYPES) if wanted is None else set(wanted)
    unknown = sorted(names - set(TYPES))
    if unknown:
        raise InvalidInput(
            f"There is no AWS resource type {unknown[0]!r}.",
            "It is not among the declared types.",
            "Choose types of docs/resource-types.md.",
        )
    needed = set(names)
    for name in names:
        parent = TYPES[name].parent
        while parent is not None:
            needed.add(parent)
            parent = TYPES[parent].parent
    return [TYPES[name] for name in sorted(needed)], names
