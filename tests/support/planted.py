"""Settings of a plugin with a canary in every secret field, found in the JSON Schema alone: what a new kind of
credential brings along is planted without another word here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from support.canaries import aws_secret, canary

_ANYWHERE = "arn:aws:rolesanywhere:eu-west-1:111122223333"
SAMPLES = {
    "access_key_id": "ASIAQX4LLWN5TEST6KEY",
    "role_arn": "arn:aws:iam::111122223333:role/reader",
    "role_name": "reader",
    "trust_anchor_arn": f"{_ANYWHERE}:trust-anchor/0b1c2d3e-0000-4000-8000-000000000000",
    "profile_arn": f"{_ANYWHERE}:profile/0b1c2d3e-0000-4000-8000-000000000000",
    "start_url": "https://d-1234567890.awsapps.com/start",
    "region": "eu-west-1",
}
"""What settings that are no secrets need to get beyond their form."""


@dataclass
class Planted:
    """Settings of one kind, and the canaries in them by dotted path."""

    kind: str
    config: dict[str, Any]
    canaries: dict[str, str] = field(default_factory=dict)


def planted(schema: Mapping[str, Any]) -> list[Planted]:
    """Settings for each kind of credential (each variant of each union), every secret of which is a canary."""
    unions = [
        (name, option["$ref"])
        for name, part in schema["properties"].items()
        for option in part.get("oneOf", ())
        if "discriminator" in part
    ]
    return [_planted(schema, name, reference) for name, reference in unions]


def _planted(schema: Mapping[str, Any], name: str, reference: str) -> Planted:
    definitions = schema.get("$defs", {})
    variant = definitions[reference.rsplit("/", 1)[-1]]
    found = Planted(str(variant["properties"]["kind"]["const"]), {})
    for each, part in schema["properties"].items():
        if each == name:
            inner = {"kind": found.kind, **dict(_filled(variant, definitions, f"{name}.", found.canaries))}
            found.config[name] = inner
        elif _secret(part):
            found.config[each] = _value(each, part, each, found.canaries)
    return found


def _filled(
    model: Mapping[str, Any], definitions: Mapping[str, Any], path: str, canaries: dict[str, str]
) -> Iterator[tuple[str, Any]]:
    required = model.get("required", ())
    for name, part in model["properties"].items():
        if _secret(part):
            yield name, _value(name, part, f"{path}{name}", canaries)
        elif name in SAMPLES or name in required:
            yield name, SAMPLES.get(name, "given")


def _secret(part: Mapping[str, Any]) -> bool:
    return bool(part.get("writeOnly")) or any(_secret(option) for option in part.get("anyOf", ()))


def _value(name: str, part: Mapping[str, Any], path: str, canaries: dict[str, str]) -> str:
    """A canary of the form that gets furthest: whatever is refused for its form never meets the later failures."""
    if name == "secret_access_key":
        canaries[path] = aws_secret()
        return canaries[path]
    canaries[path] = canary(f"canary{name.replace('_', '')}")
    if part.get("x-openvna-destination"):
        return f"http://robot:{quote(canaries[path], safe='')}@127.0.0.1:9"
    if name == "private_key":
        return f"-----BEGIN PRIVATE KEY-----\n{canaries[path]}\n-----END PRIVATE KEY-----\n"
    return canaries[path]
