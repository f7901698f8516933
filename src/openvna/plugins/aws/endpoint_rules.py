"""AWS's own host names: botocore's rule sets (`data/SERVICE/VERSION/endpoint-rule-set-1.json.gz`), read as data.

They say for every service where it is in a region, which host is its FIPS or dual-stack one, and which region the
calls of a global service are signed for. Evaluated here, because importing botocore takes longer than the question.
The language: Smithy, "Rules engine specification"; of its functions those that occur without a bucket or an ARN.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_LABEL = re.compile(r"(?!-)[A-Za-z\d-]{1,63}(?<!-)")
_WITHOUT_DUAL_STACK = frozenset({"aws-iso-e", "aws-iso-f"})
"""Partitions for which the rules would make up dual-stack hosts that the SDK itself does not know."""
_REFERENCE = re.compile(r"\{([A-Za-z]+)(?:#([A-Za-z]+))?\}")


class NoEndpoint(ValueError):
    """AWS has no such endpoint. The text is that of the rules."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a service is, and which region its calls are signed for (another one for services that are global)."""

    url: str
    signing_region: str


def botocore_directory() -> Path:
    """Where botocore is installed. Does not import it."""
    spec = find_spec("botocore")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("botocore is not installed", name="botocore")
    return Path(spec.submodule_search_locations[0])


def newest_data(service: str) -> Path | None:
    """The folder of botocore's newest description of a service (by botocore's name of it), None where it has none."""
    # A version is a date: the newest is the last of those that describe the service itself.
    versions = (botocore_directory() / "data" / service).glob("*/service-2.json*")
    return max((path.parent for path in versions), default=None)


@cache
def resolve(service: str, region: str, partition: str, fips: bool = False, dual_stack: bool = False) -> Resolved:
    """The endpoint of a service (by botocore's name of it). STS and Amazon S3 are always asked at their regional one.

    Raises `NoEndpoint`, also for a service that botocore does not know.
    """
    rules = _rules(service)
    if dual_stack and partition in _WITHOUT_DUAL_STACK:
        raise NoEndpoint(f"partition {partition} has no dual-stack endpoints")
    known: dict[str, Any] = {name: each.get("default") for name, each in rules["parameters"].items()}
    known |= {"Region": region, "UseFIPS": fips, "UseDualStack": dual_stack, "UseGlobalEndpoint": False}
    scope = _Scope(known, partition)
    found = scope.first(rules["rules"])
    if found is None:
        raise NoEndpoint(f"no rule fits {service} in {region}")
    schemes = found.get("properties", {}).get("authSchemes", ())
    signed_for = next((scope.value(each["signingRegion"]) for each in schemes if each.get("signingRegion")), region)
    return Resolved(str(scope.value(found["url"])), str(signed_for))


@cache
def _rules(service: str) -> Any:
    versions = sorted((botocore_directory() / "data" / service).glob("*/endpoint-rule-set-1.json.gz"))
    if not versions:
        raise NoEndpoint(f"botocore knows no service {service!r}")
    return json.loads(gzip.decompress(versions[-1].read_bytes()))


@cache
def partition_outputs() -> Mapping[str, Mapping[str, Any]]:
    """Of each partition what the rules may ask: `dnsSuffix`, `dualStackDnsSuffix`, `supportsFIPS`, `name`, ..."""
    raw = json.loads((botocore_directory() / "data" / "partitions.json").read_text())
    return {each["id"]: {**each["outputs"], "name": each["id"]} for each in raw["partitions"]}


class _Scope:
    """The evaluation of one rule set: its parameters, and what conditions have assigned so far."""

    def __init__(self, known: dict[str, Any], partition: str) -> None:
        self._known = known
        self._partition = partition

    def first(self, rules: list[Any]) -> Any:
        """The endpoint of the first rule that fits; None where none does. Raises `NoEndpoint` at an error rule."""
        for rule in rules:
            if not all(self._holds(condition) for condition in rule["conditions"]):
                continue
            if rule["type"] == "error":
                raise NoEndpoint(str(self.value(rule["error"])))
            found = self.first(rule["rules"]) if rule["type"] == "tree" else rule["endpoint"]
            if found is not None:
                return found
        return None

    def _holds(self, condition: Any) -> bool:
        result = self.value(condition)
        if "assign" in condition:
            self._known[condition["assign"]] = result
        return result is not None and result is not False

    def value(self, expression: Any) -> Any:
        """What an expression stands for: a function's result, a reference, a template, itself."""
        if isinstance(expression, str):
            return _REFERENCE.sub(lambda found: str(self._referred(found[1], found[2])), expression)
        if not isinstance(expression, dict):
            return expression
        if "ref" in expression:
            return self._known.get(expression["ref"])
        given = [self.value(each) for each in expression["argv"]]
        if expression["fn"] == "aws.partition":
            return partition_outputs()[self._partition]  # that of the settings: of a new region nobody knows it
        try:
            function = _FUNCTIONS[expression["fn"]]
        except KeyError:
            raise NoEndpoint(f"the rules ask for {expression['fn']}, which is not known here") from None
        return function(*given)

    def _referred(self, name: str, member: str | None) -> Any:
        found = self._known[name]
        return found[member] if member else found


def _is_label(text: str | None, with_dots: bool) -> bool:
    if text is None:
        return False
    parts = text.split(".") if with_dots else [text]
    return all(_LABEL.fullmatch(part) for part in parts)


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "isSet": lambda value: value is not None,
    "not": lambda value: not value,
    "booleanEquals": lambda one, other: one == other,
    "stringEquals": lambda one, other: one == other,
    "getAttr": lambda value, name: value[name],
    "isValidHostLabel": _is_label,
}
