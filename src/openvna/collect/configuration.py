"""The settings of a source: validated, split from their secrets, put together again, edited, compared.

Which settings are secret is said by the plugin's model alone: its `pydantic.SecretStr` fields.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets as random
import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from openvna.collect import references
from openvna.collect.references import Referred, Resolver
from openvna.log import hide, redact
from openvna.model import JSON, InvalidInput, entered, meant, reference_in
from openvna.model.misfit import misfit
from openvna.plugin import ENTERED_ANEW, Plugin, Spec

_PROCESS_KEY = random.token_bytes(32)


def validate(spec: Spec, config: Mapping[str, JSON], resolver: Resolver | None = None) -> BaseModel:
    """The settings as the plugin's model. Every secret among them is hidden from the log before anything else, and
    every reference to one is replaced by what it names: by `resolver`, without which there are no references.

    Raises `InvalidInput` with a (dotted path, message) pair for each wrong field; no message holds a secret. For a
    reference that leads nowhere it is a `ReferenceUnusable`.
    """
    names = _secret_names(spec.config)
    resolver = resolver or Resolver()
    hide(*(meant(each) for each in _values_at(config, names) if reference_in(each) is None))
    config, found = references.resolved(spec.config, config, resolver)
    hide(*(each for each in _values_at(config, names) if reference_in(each) is None))
    try:
        model = references.marked(spec.config.model_validate(config), found)
    except ValidationError as error:
        fields = tuple((path, redact(message)) for path, message in wrong_fields(spec.config, error))
        raise InvalidInput(
            f"The settings for {spec.title} cannot be used as they are.",
            " ".join(f"{path or 'settings'}: {message}" for path, message in fields),
            "Correct these fields.",
            fields,
        ) from None
    hide(*split(model)[1].values(), *(secret.get_secret_value() for _, secret in references.referred(model)))
    references.hold_back(model, resolver)
    return model


def repaired(plugin: Plugin, model: BaseModel) -> BaseModel:
    """The settings as the plugin repairs them, their secrets hidden from the log like those that were given. What
    was a reference is one still: it is repaired anew whenever it is read."""
    better = references.kept(model, plugin.repair(model))
    hide(*split(better)[1].values())
    return better


def split(model: BaseModel) -> tuple[dict[str, JSON], dict[str, str]]:
    """The settings without their secrets, and the secrets that are not empty, by dotted path. A reference to a secret
    is none: it stays among the settings."""
    found: dict[str, str] = {}
    plain = _without(model.model_dump(), "", found)
    config = cast("dict[str, JSON]", json.loads(json.dumps(plain, default=str)))
    return config, found


def merge(config: Mapping[str, JSON], secrets: Mapping[str, str]) -> dict[str, JSON]:
    """What `split` took apart, in one piece again: as it would be entered, so that a secret that looks like a
    reference is not taken for one."""
    whole = cast("dict[str, JSON]", json.loads(json.dumps(config, default=dict)))
    for path, value in secrets.items():
        place: JSON = whole
        *way, last = path.split(".")
        for part in way:
            if isinstance(place, list):
                place = place[int(part)]
            elif isinstance(place, dict):
                place = place.setdefault(part, {})
        if isinstance(place, list):
            place.insert(int(last), entered(value))
        elif isinstance(place, dict):
            place[last] = entered(value)
    return whole


def patched(spec: Spec, config: Mapping[str, JSON], patch: Mapping[str, JSON]) -> dict[str, JSON]:
    """The settings after a JSON merge patch (RFC 7396).

    Where the patch turns an object into one of another kind (another value of its discriminator), nothing of the
    old one is kept: its fields mean nothing there, and its secrets belong to something else.
    """
    return _patched(spec.config, config, patch)


def fingerprint(plugin: str, model: BaseModel) -> bytes:
    """A digest that tells settings apart, secrets included; keyed anew in every process, so of no use elsewhere."""
    config, secrets = split(model)
    text = json.dumps([plugin, config, sorted(secrets.items())], sort_keys=True)
    return hmac.digest(_PROCESS_KEY, text.encode(), hashlib.sha256)


def dotted(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    """Pydantic's location of an error as the path of the input: without the tags of unions."""
    members: list[type[BaseModel]] = [model]
    parts: list[str] = []
    tagged = False
    for part in location:
        if tagged and isinstance(part, str):
            members = [one for one in members if part in _tags(one)] or members
            tagged = False
            continue
        parts.append(str(part))
        field = next((one.model_fields[part] for one in members if part in one.model_fields), None)
        if field is not None:
            members = list(_models(field.annotation))
            tagged = len(members) > 1
    return ".".join(parts)


def wrong_fields(model: type[BaseModel], error: ValidationError) -> tuple[tuple[str, str], ...]:
    """What is wrong with each field, as (dotted path, sentence) pairs."""
    found = error.errors(include_url=False, include_input=False)
    return tuple((dotted(model, one["loc"]), f"{misfit(one).why}.") for one in found)


def secret_names(spec: Spec) -> frozenset[str]:
    """The names of the settings that hold secrets."""
    return frozenset(_secret_names(spec.config))


def open_names(spec: Spec) -> frozenset[str]:
    """Those of them that are a place, such as the address of a proxy, which is secret only for the password in it."""
    fields = _fields(spec.config, set())
    return frozenset(
        name for name, field in fields if _holds_secret(field.annotation) and references.is_destination(field)
    )


def is_tag(field: FieldInfo) -> bool:
    """Whether the setting tells one kind of a thing from another: `kind: Literal["profile"]`."""
    return get_origin(field.annotation) is Literal and len(get_args(field.annotation)) == 1


def _without(value: object, path: str, found: dict[str, str]) -> object:
    if isinstance(value, Mapping):
        kept: dict[object, object] = {}
        for key, item in value.items():
            inner = f"{path}.{key}" if path else str(key)
            if isinstance(item, Referred):
                kept[key] = item.reference
            elif isinstance(item, SecretStr):
                if item.get_secret_value():
                    found[inner] = item.get_secret_value()
            else:
                kept[key] = _without(item, inner, found)
        return kept
    if isinstance(value, list | tuple | set | frozenset):
        items: list[object] = [item.reference if isinstance(item, Referred) else item for item in value]
        for index, item in enumerate(items):
            if isinstance(item, SecretStr):
                found[f"{path}.{index}"] = item.get_secret_value()
        return [_without(item, f"{path}.{n}", found) for n, item in enumerate(items) if not isinstance(item, SecretStr)]
    return value


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """The models that an annotation can hold: `A | B | None`, `list[A]`, `Annotated[A | B, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    if get_origin(annotation) in (Union, types.UnionType, Annotated, list, tuple, dict):
        for part in get_args(annotation):
            yield from _models(part)


def _tags(model: type[BaseModel]) -> set[str]:
    """What pydantic can put into a location for a member of a union."""
    tags = {model.__name__}
    for field in model.model_fields.values():
        if get_origin(field.annotation) is Literal:
            tags.update(str(value) for value in get_args(field.annotation))
    return tags


def _fields(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[tuple[str, FieldInfo]]:
    if model in seen:
        return
    seen.add(model)
    for name, field in model.model_fields.items():
        yield name, field
        for inner in _models(field.annotation):
            yield from _fields(inner, seen)


def _holds_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(_holds_secret(part) for part in get_args(annotation))


def _secret_names(model: type[BaseModel]) -> set[str]:
    return {name for name, field in _fields(model, set()) if _holds_secret(field.annotation)}


def _values_at(value: object, names: set[str], inside: bool = False) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _values_at(item, names, inside or key in names)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _values_at(item, names, inside)
    elif inside and isinstance(value, str):
        yield value


def _patched(model: type[BaseModel] | None, old: Mapping[str, JSON], patch: Mapping[str, JSON]) -> dict[str, JSON]:
    result = dict(old)
    for key in _of_the_secrets(model, patch):
        result.pop(key, None)
    for key, change in patch.items():
        if change is None:
            result.pop(key, None)
            continue
        if not isinstance(change, dict):
            result[key] = change
            continue
        field = model.model_fields.get(key) if model else None
        members = list(_models(field.annotation)) if field else []
        before = result.get(key)
        kept = before if isinstance(before, dict) and not _another_kind(field, before, change) else {}
        chosen = [one for one in members if _fits(field, one, {**kept, **change})]
        result[key] = _patched(chosen[0] if chosen else None, kept, change)
    return result


def _of_the_secrets(model: type[BaseModel] | None, patch: Mapping[str, JSON]) -> Iterator[str]:
    """The settings that belong to secrets which the patch brings anew, and that it does not bring along."""
    fields = model.model_fields if model else {}
    if not any(patch.get(name) and _holds_secret(field.annotation) for name, field in fields.items()):
        return
    for name, field in fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get(ENTERED_ANEW) is True and name not in patch:
            yield name


def _another_kind(field: FieldInfo | None, before: Mapping[str, JSON], change: Mapping[str, JSON]) -> bool:
    tag = field.discriminator if field else None
    return isinstance(tag, str) and tag in change and change[tag] != before.get(tag)


def _fits(field: FieldInfo | None, member: type[BaseModel], value: Mapping[str, JSON]) -> bool:
    tag = field.discriminator if field else None
    if not isinstance(tag, str):
        return True
    return value.get(tag) in get_args(member.model_fields[tag].annotation)
