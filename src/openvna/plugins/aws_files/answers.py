"""Saved answers: which call a file belongs to, and reading one. The layout:

SERVICE-OPERATION.json              the answer of `aws SERVICE OPERATION`
SERVICE-OPERATION/ID[.json]         one for each id, percent-encoded, of calls that take one
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson

from openvna.plugins.aws.declaration import Call, Detail, TagCall
from openvna.plugins.aws.paging import Unfinished
from openvna.plugins.aws.types import TYPES

_JSON_NAMES = {list: "a list", str: "a text", int: "a number", float: "a number", bool: "true or false"} | {
    type(None): "null"
}
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z](?!s$)[a-z])")


def command(service: str, operation: str) -> str:
    """`ec2-describe-vpcs` for EC2's DescribeVpcs, `list-web-acls` for ListWebACLs, as the AWS CLI writes it."""
    return f"{service}-{_WORD_STARTS.sub('-', operation).lower()}"


def _known() -> Mapping[str, Call | TagCall | Detail]:
    return {command(call.service, call.operation): call for declared in TYPES.values() for call in declared.calls}


KNOWN: Mapping[str, Call | TagCall | Detail] = _known()
"""Every call that some resource type is read from, by the name of its file."""


def spoken(name: str) -> str:
    """The command of a file's name, as it is typed: `aws service-quotas list-service-quotas`."""
    service = KNOWN[name].service
    return f"aws {service} {name.removeprefix(f'{service}-')}"


class Broken(Exception):
    """A saved answer that cannot be used. `cause` is an id of the plugin's catalogue."""

    def __init__(self, cause: str, why: str) -> None:
        super().__init__(why)
        self.cause = cause
        self.why = why


@dataclass(frozen=True, slots=True)
class Answer:
    """A file that holds the answer of a known call, for the thing `id` where the call takes one."""

    path: Path
    name: str
    id: str = ""

    @property
    def call(self) -> Call | TagCall | Detail:
        return KNOWN[self.name]


def answer_of(path: Path) -> tuple[Answer, Path] | None:
    """The call that a file belongs to, by its name, and the folder of its scope; None for a file of something else."""
    stem = path.name.removesuffix(".json")
    if stem in KNOWN and path.suffix == ".json":
        return Answer(path, stem), path.parent
    if path.parent.name in KNOWN:
        return Answer(path, path.parent.name, unquote(stem)), path.parent.parent
    return None


def read(answer: Answer) -> dict[str, Any]:
    """The answer in a file. Raises `Broken`, also where AWS had more pages than were saved: after what it returns is
    used, `cut_short` says so."""
    try:
        content = answer.path.read_bytes()
    except OSError as error:
        raise Broken("F-UNREADABLE", f"it cannot be read: {error.strerror or error}") from error
    if not content.strip():
        raise Broken("F-NOT-JSON", "it is empty")
    try:
        found = orjson.loads(_utf8(content))
    except (orjson.JSONDecodeError, UnicodeDecodeError) as error:
        raise Broken("F-NOT-JSON", f"it is not JSON: {error}") from error
    _check_form(answer, found)
    return dict(found)


def cut_short(answer: Answer, found: Mapping[str, Any]) -> str:
    """The member that says that AWS had more than what was saved, else empty."""
    call = answer.call
    if not isinstance(call, Call):
        return ""
    names = ("NextToken", "NextMarker", "Marker")
    try:
        following = call.paging.next(found)
    except Unfinished:
        return call.paging.more
    return next((name for name in names if found.get(name)), "") or next(iter(following), "")


def _utf8(content: bytes) -> bytes:
    """PowerShell's `>` writes UTF-16, Notepad a mark of UTF-8."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16").encode()
    return content.removeprefix(b"\xef\xbb\xbf")


def _check_form(answer: Answer, found: Any) -> None:
    call = answer.call
    if not isinstance(found, dict):
        raise Broken("F-SHAPE", f"it holds {_JSON_NAMES[type(found)]} where the command answers an object")
    asked = f"`{spoken(answer.name)}`"
    if isinstance(call, TagCall):
        path = f"{call.answer}[]"
    elif isinstance(call, Detail):
        path = call.answer
    else:
        path = call.items or {"GetCallerIdentity": "Account"}.get(call.operation, "")
    member = path.partition("[]")[0]
    items: Any = found
    for name in filter(None, member.split(".")):
        if not isinstance(items, dict) or name not in items:
            raise Broken("F-SHAPE", f"it has no {member!r}, which {asked} answers with")
        items = items[name]
    if "[]" in path:
        if not isinstance(items, list):
            raise Broken("F-SHAPE", f"its {member!r} is not a list")
        kind = str if isinstance(call, Call) and call.of_texts else dict
        if not isinstance(call, Detail) and not all(isinstance(item, kind) for item in items):
            raise Broken("F-SHAPE", f"its {member!r} holds something else than objects")
    many = isinstance(call, Call) and bool(call.per or call.by)
    if not answer.id and (many or isinstance(call, Detail)):
        wanted = _parameter(call)
        raise Broken(
            "F-NO-ID",
            f"it does not say which {wanted or 'parent'} it is for; call it {answer.name}/ID.json instead",
        )
    if isinstance(call, Call) and not many and answer.id:
        raise Broken("F-NO-ID", f"that command lists all at once; save it as {answer.name}.json")


def _parameter(call: Call | TagCall | Detail) -> str:
    """The parameter that tells the answers of a call apart."""
    if isinstance(call, Call):
        return call.by or (call.per.parameter if call.per else "")
    return next(iter(getattr(call, "params", {})), "")
