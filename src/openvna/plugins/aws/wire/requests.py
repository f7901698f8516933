"""From an operation's parameters to a request, by its shapes: one function an operation, compiled once.

The protocols are AWS's (Smithy specification, "AWS protocols"); botocore/serialize.py is what the result is held to.
Written for reads: their input goes into the path, the query string, a form, a JSON object or an XML document.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

import orjson

from openvna.plugins.aws.wire import xml_bodies
from openvna.plugins.aws.wire.models import Model, UnknownOperation
from openvna.plugins.aws.wire.signatures import Unsigned

Shape: TypeAlias = Mapping[str, Any]
Pairs: TypeAlias = Iterator[tuple[str, str]]

_LABEL = re.compile(r"\{([^{}]+)\}")
_KEPT = 4
"""Requests of an operation that are kept. Most are one and the same, in every account and region."""


@dataclass(frozen=True)
class Request:
    """A request that only lacks its host and its signature. `path` and `query` are encoded as they are sent; `query`
    is sorted, as the signature wants it."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def unsigned(self) -> Unsigned:
        """What is signed of it wherever it goes."""
        return Unsigned(self.method, self.query, self.headers, self.body)


Prepare: TypeAlias = Callable[[Mapping[str, Any]], Request]


def compiled(model: Model, operation: str) -> Prepare:
    """How the parameters of `operation` become a request. Raises `UnknownOperation`."""
    declared = model.operations.get(operation)
    if declared is None:
        raise UnknownOperation(f"botocore's data of {model.service} has no operation {operation}")
    shape = model.shapes[declared["input"]["shape"]] if "input" in declared else {"type": "structure", "members": {}}
    if model.protocol in ("ec2", "query"):
        return _kept(_form(model, operation, shape))
    if model.protocol == "json":
        return _kept(_json(model, operation, shape))
    return _kept(_rest(model, declared, shape))


def _kept(prepare: Prepare) -> Prepare:
    """The same, for parameters that came lately without the work."""
    known = lru_cache(_KEPT)(lambda *given: prepare(dict(given)))

    def prepared(params: Mapping[str, Any]) -> Request:
        # A key must tell apart what is sent differently: 1 and True are one key.
        plain = all(type(value) is str or type(value) is int for value in params.values())
        return known(*params.items()) if plain else prepare(params)

    return prepared


def _form(model: Model, operation: str, shape: Shape) -> Prepare:
    """The query protocols: everything in one form (`Filter.1.Name=...`)."""
    head = [("Action", operation), ("Version", str(model.metadata["apiVersion"]))]
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    flatten = _ec2_pairs if model.protocol == "ec2" else _query_pairs

    def prepare(params: Mapping[str, Any]) -> Request:
        body = urlencode([*head, *flatten(model, shape, params, "")])
        return Request("POST", "/", "", headers, body.encode())

    return prepare


def _ec2_pairs(model: Model, shape: Shape, value: Any, prefix: str) -> Pairs:
    kind = shape["type"]
    if kind == "structure":
        for name, member in _given(shape, value):
            declared = shape["members"][name]
            target = model.shapes[declared["shape"]]
            written = declared.get("queryName") or _capital(declared.get("locationName")) or name
            yield from _ec2_pairs(model, target, member, f"{prefix}.{written}" if prefix else written)
    elif kind == "list":
        target = model.shapes[shape["member"]["shape"]]
        for number, item in enumerate(value, 1):
            yield from _ec2_pairs(model, target, item, f"{prefix}.{number}")
    else:
        yield prefix, _text(shape, value)


def _query_pairs(model: Model, shape: Shape, value: Any, prefix: str) -> Pairs:
    kind = shape["type"]
    if kind == "structure":
        for name, member in _given(shape, value):
            declared = shape["members"][name]
            target = model.shapes[declared["shape"]]
            written = declared.get("locationName") or name
            yield from _query_pairs(model, target, member, f"{prefix}.{written}" if prefix else written)
    elif kind == "list":
        target = model.shapes[shape["member"]["shape"]]
        if not value:
            yield prefix, ""
        inner = prefix if shape.get("flattened") else f"{prefix}.{shape['member'].get('locationName', 'member')}"
        for number, item in enumerate(value, 1):
            yield from _query_pairs(model, target, item, f"{inner}.{number}")
    else:
        yield prefix, _text(shape, value)


def _json(model: Model, operation: str, shape: Shape) -> Prepare:
    """JSON in a POST, the operation in a header."""
    headers = {
        "Content-Type": f"application/x-amz-json-{model.metadata.get('jsonVersion', '1.0')}",
        "X-Amz-Target": f"{model.metadata['targetPrefix']}.{operation}",
    }
    if "awsQueryCompatible" in model.metadata:
        headers["X-Amzn-Query-Mode"] = "true"  # its errors keep the codes that they have in the query protocol

    def prepare(params: Mapping[str, Any]) -> Request:
        return Request("POST", "/", "", headers, orjson.dumps(_object(model, shape, params)))

    return prepare


def _rest(model: Model, declared: Mapping[str, Any], shape: Shape) -> Prepare:
    """Parameters in the path, the query string and headers; what is left is the body, in JSON or XML."""
    method, uri = declared["http"].get("method", "POST"), str(declared["http"]["requestUri"])
    uri, _, fixed = uri.partition("?")
    members = shape.get("members", {})
    bodied = any("location" not in member for member in members.values())
    in_xml = model.protocol == "rest-xml"
    if in_xml and shape.get("payload"):
        raise UnknownOperation(f"the body of {declared['name']} of {model.service} is one of its parameters")

    def prepare(params: Mapping[str, Any]) -> Request:
        labels: dict[str, str] = {}
        query = [tuple(part.partition("=")[::2]) for part in fixed.split("&") if part]
        headers: dict[str, str] = {}
        body: dict[str, Any] = {}
        for name, value in _given(shape, params):
            member = members[name]
            target = model.shapes[member["shape"]]
            written = member.get("locationName", name)
            match member.get("location"):
                case "uri":
                    labels[written] = _text(target, value)
                case "querystring" if target["type"] == "list":
                    inner = model.shapes[target["member"]["shape"]]
                    query += [(written, _text(inner, item)) for item in value]
                case "querystring" if target["type"] == "map":
                    query += [
                        (key, str(item))
                        for key, items in value.items()
                        for item in (items if isinstance(items, list) else [items])
                    ]
                case "querystring":
                    query.append((written, _text(target, value)))
                case "header":
                    headers[written] = _text(target, value)
                case None:
                    body[name if in_xml else written] = value if in_xml else _value(model, target, value)
                case _:
                    raise UnknownOperation(f"{name} of {model.service} goes where nothing is sent from here")
        path = _LABEL.sub(lambda found: _encoded(labels, found[1]), uri)
        if in_xml:
            content = xml_bodies.written(model, declared["input"], body, _text) if body else b""
        elif content := orjson.dumps(body) if body or bodied else b"":
            headers.setdefault("Content-Type", "application/json")
        return Request(method, path, _canonical(query), headers, content)

    return prepare


def _encoded(labels: Mapping[str, str], label: str) -> str:
    """A part of the path; one that ends with `+` may hold slashes."""
    greedy = label.endswith("+")
    return quote(labels[label.rstrip("+")], safe="/-_.~" if greedy else "-_.~")


def _canonical(query: list[Any]) -> str:
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query)
    return "&".join(f"{name}={value}" for name, value in pairs)


def _object(model: Model, shape: Shape, value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        shape["members"][name].get("locationName", name): _value(
            model, model.shapes[shape["members"][name]["shape"]], member
        )
        for name, member in _given(shape, value)
    }


def _value(model: Model, shape: Shape, value: Any) -> Any:
    match shape["type"]:
        case "structure":
            return value if shape.get("document") else _object(model, shape, value)
        case "list":
            inner = model.shapes[shape["member"]["shape"]]
            return [_value(model, inner, item) for item in value]
        case "map":
            inner = model.shapes[shape["value"]["shape"]]
            return {key: _value(model, inner, item) for key, item in value.items()}
        case "blob":
            return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()
        case "timestamp":
            moment = _moment(value)
            return _iso(moment) if shape.get("timestampFormat") == "iso8601" else moment.timestamp()
        case _:
            return value


def _given(shape: Shape, value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The members that were given. One that the shape does not have is a mistake of ours, and said so."""
    for name, member in value.items():
        if member is None:
            continue
        if name not in shape["members"]:
            raise UnknownOperation(f"there is no parameter {name!r}")
        yield name, member


def _text(shape: Shape, value: Any) -> str:
    match shape["type"]:
        case "boolean":
            return "true" if value else "false"
        case "timestamp":
            return _iso(_moment(value))
        case "blob":
            return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()
        case _:
            return str(value)


def _moment(value: Any) -> datetime:
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso(moment: datetime) -> str:
    form = "%Y-%m-%dT%H:%M:%S.%fZ" if moment.microsecond else "%Y-%m-%dT%H:%M:%SZ"
    return moment.astimezone(UTC).strftime(form)


def _capital(name: str | None) -> str:
    return name[:1].upper() + name[1:] if name else ""
