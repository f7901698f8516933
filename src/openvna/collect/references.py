"""Settings that name a secret instead of holding it.

A referenced secret is read when its source is verified or opened, and again the next time. In the settings the plugin
finds the secret, as if it had been entered; what is stored and shown is the reference. Whoever may edit sources may
name references, but learns no secret by that: which ones may be named is the administrator's choice, and so is where
they may be sent.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, TypeAlias, TypeVar, Union, cast, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from openvna.model import JSON, InvalidInput, Reference, meant, reference_in
from openvna.plugin import DESTINATION

M = TypeVar("M", bound=BaseModel)


class ReferenceUnusable(InvalidInput):
    """A referenced secret cannot be had right now. `cause` is one of `reference_causes.CAUSES`."""

    def __init__(self, what: str, why: str, remedy: str, cause: str) -> None:
        super().__init__(what, why, remedy)
        self.cause = cause

    def at(self, path: str) -> ReferenceUnusable:
        """The same, naming the setting."""
        self.fields = ((path, " ".join(part for part in (self.what, self.why, self.remedy) if part)),)
        return self


class Referred(SecretStr):
    """A secret that is stored as a reference."""

    def __init__(self, reference: str, value: str) -> None:
        super().__init__(value)
        self.reference = reference


class Resolver:
    """What a reference names, and where that may be sent. This one knows none; safe to use from several threads."""

    def value(self, reference: Reference) -> str:
        """The secret. Raises `ReferenceUnusable`. Bounded in time."""
        raise ReferenceUnusable(
            f"The reference {reference} cannot be used here.",
            "Nothing reads references here.",
            "Enter the secret itself.",
            "REF-OFF",
        )

    def permits(self, place: str) -> bool:
        """Whether referenced secrets may be sent to a place that a source names."""
        return not place


class Remembering(Resolver):
    """Gives again what settings hold already, and asks only for the rest: where one cannot wait."""

    def __init__(self, resolver: Resolver, settings: BaseModel) -> None:
        self._resolver = resolver
        self._known = {secret.reference: secret.get_secret_value() for _, secret in referred(settings)}

    def value(self, reference: Reference) -> str:
        known = self._known.get(str(reference))
        return known if known is not None else self._resolver.value(reference)

    def permits(self, place: str) -> bool:
        return self._resolver.permits(place)


Found: TypeAlias = dict[str, str]
"""References by the dotted path of their setting."""


def resolved(model: type[BaseModel], config: Mapping[str, JSON], resolver: Resolver) -> tuple[dict[str, JSON], Found]:
    """Settings as they were entered, with every reference at a secret setting replaced by what it names, and these
    references. Raises `ReferenceUnusable`."""
    found: Found = {}

    def replace(path: str, text: str) -> str:
        reference = reference_in(text)
        if reference is None:
            return meant(text)
        try:
            value = resolver.value(reference)
        except ReferenceUnusable as error:
            raise error.at(path) from None
        found[path] = str(reference)
        return value

    return cast("dict[str, JSON]", _replaced([model], config, "", replace)), found


def secret_texts(model: type[BaseModel], config: Mapping[str, JSON]) -> tuple[tuple[str, str], ...]:
    """What stands at the secret settings of `config`, by dotted path: secrets as they were entered, and references."""
    found: dict[str, str] = {}
    _replaced([model], config, "", lambda path, text: found.setdefault(path, text))
    return tuple(found.items())


def marked(model: M, found: Mapping[str, str]) -> M:
    """The settings, knowing which of their secrets are references."""
    return cast("M", _marked(model, "", found)) if found else model


def kept(before: BaseModel, after: M) -> M:
    """The same settings after a plugin changed some: what was a reference there is one still."""
    return marked(after, {path: secret.reference for path, secret in referred(before)})


def referred(model: BaseModel) -> Iterator[tuple[str, Referred]]:
    """The referenced secrets among the settings, by dotted path."""
    for path, value in _leaves(model, ""):
        if isinstance(value, Referred):
            yield path, value


def hold_back(model: BaseModel, resolver: Resolver) -> None:
    """Raises `ReferenceUnusable` where the settings would have a referenced secret sent to a place of their own that
    the administrator did not allow, or take for an address what is none."""
    places = [(path, place) for path, field, place in destinations(model) if place not in _usual(field)]
    for path, secret in referred(model):
        here = next((place for place_path, place in places if place_path == path), None)
        if here is not None and not urlsplit(secret.get_secret_value()).netloc:
            raise ReferenceUnusable(
                f"What {secret.reference} names is no address.",
                "It would be shown to whoever looks up names.",
                "Put a whole URL there, with http:// or https:// before it.",
                "REF-FORM",
            ).at(path)
    for path, place in places:
        if isinstance(place, Referred):
            continue
        others = [secret.reference for other, secret in referred(model) if other != path]
        for each in _texts(place):
            if others and not resolver.permits(each):
                raise ReferenceUnusable(
                    f"{others[0]} is not used together with this {path}.",
                    "What it names would be sent to a place that the administrator of the server has not allowed.",
                    "Leave that setting empty, enter the secret itself, or have the place added to "
                    "OPENVNA_SECRET_DESTINATIONS.",
                    "REF-NOT-ALLOWED",
                ).at(path)


def destinations(model: BaseModel, path: str = "") -> Iterator[tuple[str, FieldInfo, object]]:
    """The settings that say where secrets are sent: dotted path, field, value."""
    for name, field in type(model).model_fields.items():
        yield from _within(getattr(model, name), f"{path}{name}", field, marked=is_destination(field))


def _within(value: object, path: str, field: FieldInfo, *, marked: bool) -> Iterator[tuple[str, FieldInfo, object]]:
    if marked:
        yield path, field, value
    elif isinstance(value, BaseModel):
        yield from destinations(value, f"{path}.")
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _within(item, f"{path}.{number}", field, marked=False)


def is_destination(field: FieldInfo) -> bool:
    return isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get(DESTINATION) is True


def _usual(field: FieldInfo) -> tuple[object, ...]:
    """What leaves the choice to the plugin and to the machine."""
    return (None, "", (), {}, [], None if field.is_required() else field.get_default(call_default_factory=True))


def _texts(place: object) -> Iterator[str]:
    if isinstance(place, Mapping):
        for item in place.values():
            yield from _texts(item)
    elif isinstance(place, list | tuple):
        for item in place:
            yield from _texts(item)
    elif isinstance(place, SecretStr):
        yield place.get_secret_value()
    elif place is not None:
        yield str(place)


def _leaves(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _leaves(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _leaves(item, f"{path}.{number}")
    else:
        yield path, value


def _marked(value: Any, path: str, found: Mapping[str, str]) -> Any:
    if isinstance(value, SecretStr):
        return Referred(found[path], value.get_secret_value()) if path in found else value
    if isinstance(value, BaseModel):
        parts = {name: getattr(value, name) for name in type(value).model_fields}
        changed = {
            name: new
            for name, part in parts.items()
            if (new := _marked(part, f"{path}.{name}" if path else name, found)) is not part
        }
        return value.model_copy(update=changed) if changed else value
    if isinstance(value, list | tuple) and value:
        items = [_marked(item, f"{path}.{number}", found) for number, item in enumerate(value)]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else type(value)(items)
    if isinstance(value, dict) and value:
        pairs = {key: _marked(item, f"{path}.{key}" if path else str(key), found) for key, item in value.items()}
        return value if all(pairs[key] is value[key] for key in pairs) else pairs
    return value


def _replaced(models: list[type[BaseModel]], value: object, path: str, replace: Callable[[str, str], str]) -> object:
    """`value` as one of `models` takes it, with `replace` applied to every text that is a secret there."""
    if not isinstance(value, Mapping):
        return value
    result = {}
    for key, item in value.items():
        inner = f"{path}.{key}" if path else str(key)
        annotations = [one.model_fields[key].annotation for one in fitting(models, value) if key in one.model_fields]
        result[key] = _replaced_at(annotations, item, inner, replace)
    return result


def _replaced_at(annotations: list[Any], value: object, path: str, replace: Callable[[str, str], str]) -> object:
    if isinstance(value, str):
        return replace(path, value) if any(_may_be_secret(one) for one in annotations) else value
    if isinstance(value, list | tuple):
        inner = [part for one in annotations for part in _items_of(one)]
        return [_replaced_at(inner, item, f"{path}.{number}", replace) for number, item in enumerate(value)]
    if isinstance(value, Mapping):
        models = [one for annotation in annotations for one in _models_at(annotation)]
        if models:
            return _replaced(models, value, path, replace)
        inner = [part for one in annotations for part in _items_of(one)]
        return {key: _replaced_at(inner, item, f"{path}.{key}", replace) for key, item in value.items()}
    return value


def fitting(models: list[type[BaseModel]], value: Mapping[str, Any]) -> list[type[BaseModel]]:
    """Of the members of a union, those that a value can be of by its constants (such as `kind`)."""
    if len(models) < 2:
        return models
    return [one for one in models if all(_agrees(field, name, value) for name, field in one.model_fields.items())]


def _agrees(field: FieldInfo, name: str, value: Mapping[str, Any]) -> bool:
    constants = get_args(field.annotation) if str(get_origin(field.annotation)) == "typing.Literal" else ()
    if len(constants) != 1:
        return True
    return bool(value.get(name, field.default) == constants[0])


def _unfolded(annotation: Any) -> Iterator[Any]:
    """The members of `A | B | None` and `Annotated[A | B, ...]`."""
    if get_origin(annotation) in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _unfolded(part)
    elif get_origin(annotation) is Annotated:
        yield from _unfolded(get_args(annotation)[0])
    else:
        yield annotation


def _may_be_secret(annotation: Any) -> bool:
    return any(one is SecretStr for one in _unfolded(annotation))


def _models_at(annotation: Any) -> list[type[BaseModel]]:
    return [one for one in _unfolded(annotation) if isinstance(one, type) and issubclass(one, BaseModel)]


def _items_of(annotation: Any) -> list[Any]:
    """What the items of a list, a tuple or a mapping are."""
    found: list[Any] = []
    for one in _unfolded(annotation):
        arguments = [part for part in get_args(one) if part is not Ellipsis]
        if get_origin(one) in (list, tuple, set, frozenset):
            found += arguments
        elif get_origin(one) in (dict, Mapping):
            found += arguments[1:]
    return found
