"""An operation of AWS, compiled: how its request is made, and how its answer is read.

An answer counts as AWS's only if it has the form of the protocol and a request id; whatever else came is something
between us and AWS (`N-INTERCEPT`), and must never read as an answer that lists nothing.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
from lxml import etree

from openvna.plugins.aws.api import CallError, ReadItems, Unread
from openvna.plugins.aws.wire import json_answers, xml_answers
from openvna.plugins.aws.wire.models import Model, UnknownOperation, load
from openvna.plugins.aws.wire.pieces import ItemReader, opened
from openvna.plugins.aws.wire.requests import Prepare, compiled

Answer: TypeAlias = dict[str, Any]
_NAMESPACE = re.compile(rb'\sxmlns(?::\w+)?="[^"]*"')
_HEAD = 1024
_REQUEST_ID = re.compile(rb"<[rR]equestId>([\w-]{1,128})</[rR]equestId>")
_SMALL = 1024
_KEPT = 4
"""Bytes of an answer that is remembered, and how many are of one operation."""


@dataclass(frozen=True, slots=True)
class Received:
    """An HTTP answer, unpacked. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotAws(ValueError):
    """What answered is not AWS. The text says what is odd about it."""


class Damaged(ValueError):
    """AWS answered, as its request id says, and a part of the answer was lost on the way. It may be asked again."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `read` gives the answer in botocore's shape, `ResponseMetadata` included; it raises `NotAws`,
    and `CallError` for a refusal in AWS's words. `apart` does the same, but leaves the items of the list that is
    named unread (`Unread`) where it can."""

    service: str
    name: str
    signing_name: str
    host_prefix: str
    prepare: Prepare
    read: Callable[[Received], Answer]
    apart: Callable[[Received, str], Answer]


_COMPILED: dict[tuple[str, str], Operation] = {}
"""What was compiled, by service and name: the same for every source, as botocore's data are."""
_COMPILING = threading.Lock()


class Operations:
    """Every operation by service and name, compiled when first wanted. Safe to use from several threads.

    A model is large and is let go after its operations are compiled: `wanted` names those that will be.
    """

    def __init__(self, wanted: Mapping[str, frozenset[str]] | None = None) -> None:
        self._wanted = wanted or {}

    def get(self, service: str, name: str) -> Operation:
        """Raises `UnknownOperation`."""
        found = _COMPILED.get((service, name))
        if found is not None:
            return found
        with _COMPILING:
            if (service, name) not in _COMPILED:
                model = load(service)
                for each in {name, *self._wanted.get(service, ())}:
                    if each in model.operations:
                        _COMPILED[service, each] = operation(model, each)
            if (service, name) not in _COMPILED:
                raise UnknownOperation(f"botocore's data of {service} has no operation {name}")
            return _COMPILED[service, name]


def operation(model: Model, name: str) -> Operation:
    """One operation of a model, compiled. Raises `UnknownOperation`."""
    declared = model.operations.get(name)
    if declared is None:
        raise UnknownOperation(f"botocore's data of {model.service} has no operation {name}")
    model = model.of(name)  # what is compiled keeps it
    prefix = str((declared.get("endpoint") or {}).get("hostPrefix", ""))
    if "{" in prefix:
        raise UnknownOperation(f"the host of {name} of {model.service} depends on its parameters")
    if "json" in model.protocol:
        read = _read_json(model, declared)
        apart = _whole(read)
    else:
        read = _read_xml(model, name, declared)
        apart = _apart(model, declared, read)
    return Operation(model.service, name, model.signing_name, prefix, compiled(model, name), read, apart)


def _whole(read: Callable[[Received], Answer]) -> Callable[[Received, str], Answer]:
    return lambda received, _member: read(received)


def _apart(
    model: Model, declared: Mapping[str, Any], read: Callable[[Received], Answer]
) -> Callable[[Received, str], Answer]:
    """Reads all but the items of a list at the top of the answer."""
    output = model.shapes[declared["output"]["shape"]] if "output" in declared else {}
    lists: dict[str, tuple[str, str, ItemReader]] = {}
    for name, member in ({} if output.get("payload") else output.get("members", {})).items():
        shape = model.shapes[member["shape"]]
        if shape["type"] == "list" and not (shape.get("flattened") or member.get("flattened")):
            inner = shape["member"]
            if model.shapes[inner["shape"]]["type"] == "structure":
                written = member.get("locationName", name), inner.get("locationName", "member")
                lists[name] = (*written, ItemReader(model, inner["shape"]))

    def read_apart(received: Received, member: str) -> Answer:
        known = lists.get(member)
        found = opened(received.body, known[0]) if known and received.status // 100 == 2 else None
        if known is None or found is None:
            return read(received)
        try:
            answer = read(Received(received.status, received.headers, found.rest))
        except (NotAws, Damaged):
            return read(received)  # it is broken, or what was taken out was of two lists of that name
        if answer.get(member) != []:
            return read(received)  # it was another list of that name
        if found.empty:
            return answer
        answer[member] = Unread(
            found.inside,
            lambda: found.cut(known[1]),
            lambda: list(read(received)[member]),
            lambda keeping: _strictly(known[2].keeping(keeping)),
        )
        return answer

    return read_apart


def _strictly(read: ItemReader) -> ReadItems:
    def strictly(items: Iterable[bytes]) -> list[Answer]:
        try:
            return read(items)
        except (etree.XMLSyntaxError, UnicodeDecodeError) as error:
            raise Damaged("the XML of an item is broken") from error

    return strictly


def _read_json(model: Model, declared: Mapping[str, Any]) -> Callable[[Received], Answer]:
    output = model.shapes[declared["output"]["shape"]] if "output" in declared else {}
    payload, from_headers = output.get("payload"), _from_headers(output)
    readers = json_answers.Readers(model)
    inner = output["members"][payload]["shape"] if payload else declared.get("output", {}).get("shape")
    raw = bool(payload) and model.shapes[inner]["type"] in ("blob", "string")
    # A list that is empty is written `{}` at least: without a body it is not the whole answer.
    says_something = any(not member.get("location") for member in output.get("members", {}).values())
    read = readers.of(inner) if inner and not raw else json_answers.plain

    def read_json(received: Received) -> Answer:
        request_id = _header_id(received)
        if received.status // 100 != 2:
            raise _json_refusal(received, request_id)
        if raw:
            found: Answer = {str(payload): received.body.decode("utf-8", "replace")}
        else:
            content = _json(received) if received.body or says_something else {}
            if not isinstance(content, dict) and not payload:
                raise NotAws("it is JSON, but not an object")
            value = read(content)
            found = {payload: value} if payload else value
        if not request_id:
            raise NotAws("it has no request id")
        for header, (member, kind) in from_headers.items():
            if header in received.headers:
                found[member] = _of_header(received.headers[header], kind)
        return found | {"ResponseMetadata": _metadata(received, request_id)}

    return read_json


def _read_xml(model: Model, name: str, declared: Mapping[str, Any]) -> Callable[[Received], Answer]:
    output = model.shapes[declared["output"]["shape"]] if "output" in declared else {}
    wrapper = declared.get("output", {}).get("resultWrapper")
    payload, from_headers = output.get("payload"), _from_headers(output)
    shape = output["members"][payload]["shape"] if payload else declared.get("output", {}).get("shape")
    read = xml_answers.Readers(model).of(shape) if shape else (lambda _node: {})
    envelope = "" if model.protocol == "rest-xml" else f"{name}Response"

    def read_xml(received: Received) -> Answer:
        root = _xml(received)
        request_id = _header_id(received) or _request_id(root)
        if received.status // 100 != 2 or root.tag in ("ErrorResponse", "Error", "Response"):
            raise _xml_refusal(received, root, request_id)
        if not request_id:
            raise NotAws("it has no request id")
        if envelope and root.tag != envelope:
            raise NotAws(f"its root is {root.tag}, not {envelope}")
        start = root if wrapper is None else root.find(wrapper)
        if start is None:
            raise NotAws(f"it holds no {wrapper}")
        value = read(start)
        found: Answer = {payload: value} if payload else value
        for header, (member, kind) in from_headers.items():
            if header in received.headers:
                found[member] = _of_header(received.headers[header], kind)
        return found | {"ResponseMetadata": _metadata(received, request_id)}

    return read_xml if from_headers else _remembering(read_xml)


def _remembering(read: Callable[[Received], Answer]) -> Callable[[Received], Answer]:
    """The same, without the work for an answer that says nothing and came before but for its request id: of a large
    organisation nearly all are such."""
    known: dict[tuple[bytes, bytes], tuple[str, ...]] = {}

    def remembering(received: Received) -> Answer:
        body = received.body
        found = _REQUEST_ID.search(body) if len(body) <= _SMALL and received.status == 200 else None
        if found is None:
            return read(received)
        around = body[: found.start(1)], body[found.end(1) :]
        lists = known.get(around)
        if lists is not None:
            request_id = _header_id(received) or found[1].decode()
            return {name: [] for name in lists} | {"ResponseMetadata": _metadata(received, request_id)}
        answer = read(received)
        said = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
        if len(known) < _KEPT and all(value == [] for value in said.values()):
            known[around] = tuple(said)
        return answer

    return remembering


def _from_headers(output: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Members that stand in a header, by the header's name in lower case."""
    return {
        member.get("locationName", name).lower(): (name, member["shape"])
        for name, member in output.get("members", {}).items()
        if member.get("location") == "header"
    }


def _of_header(value: str, kind: str) -> Any:
    return int(value) if kind.lower() in ("integer", "long") and value.lstrip("-").isdigit() else value


def _metadata(received: Received, request_id: str) -> dict[str, Any]:
    return {"RequestId": request_id, "HTTPStatusCode": received.status, "HTTPHeaders": received.headers}


def _json(received: Received) -> Any:
    try:
        return orjson.loads(received.body)
    except ValueError as error:
        raise _unreadable(received, "it is not JSON") from error


def _xml(received: Received) -> Any:
    body = received.body
    head = body[:_HEAD]
    if not head.lstrip().startswith(b"<") or b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise _unreadable(received, "it is not XML")
    try:
        return etree.fromstring(_NAMESPACE.sub(b"", head) + body[_HEAD:], xml_answers.parser())
    except etree.XMLSyntaxError as error:
        raise _unreadable(received, f"its XML is broken: {error.msg}") from error


def _unreadable(received: Received, why: str) -> NotAws | Damaged:
    title = _titled(received.body)
    if title or not _header_id(received):
        return NotAws(title or why)
    return Damaged(why if received.body else "it is empty")


def _titled(body: bytes) -> str:
    found = re.search(rb"<title[^>]*>([^<]{1,120})", body[:8192], re.IGNORECASE)
    return f"a page titled {' '.join(found[1].decode('utf-8', 'replace').split())!r}" if found else ""


def _header_id(received: Received) -> str:
    return received.headers.get("x-amzn-requestid") or received.headers.get("x-amz-request-id") or ""


def _request_id(root: Any) -> str:
    for path in ("requestId", "ResponseMetadata/RequestId", "RequestId", "RequestID"):
        found = root.findtext(path)
        if found:
            return str(found).strip()
    return ""


def _xml_refusal(received: Received, root: Any, request_id: str) -> CallError:
    error = root if root.tag == "Error" else next(root.iter("Error"), None)
    code = (error.findtext("Code") or "").strip() if error is not None else ""
    if error is None or not code or not request_id:
        raise NotAws(f"HTTP {received.status} without an error of AWS in it")
    message = " ".join((error.findtext("Message") or "").split())
    return CallError("", code, message, status=received.status, request_id=request_id)


def _json_refusal(received: Received, request_id: str) -> CallError:
    try:
        content = orjson.loads(received.body) if received.body else {}
    except ValueError:
        content = None
    said = content if isinstance(content, dict) else {}
    queried = received.headers.get("x-amzn-query-error", "").partition(";")[0]  # the code in the query protocol
    names = (queried, received.headers.get("x-amzn-errortype"), said.get("__type"), said.get("code"), said.get("Code"))
    code = next((str(name) for name in names if name), "")
    code = code.split(":", 1)[0].rsplit("#", 1)[-1]
    if content is None or not request_id or not code:
        raise NotAws(_titled(received.body) or f"HTTP {received.status} without an error of AWS in it")
    message = str(said.get("message") or said.get("Message") or said.get("errorMessage") or "")
    return CallError("", code, " ".join(message.split()), status=received.status, request_id=request_id)
