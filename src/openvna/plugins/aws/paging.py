"""How an operation is read page by page: botocore's paginators (`data/SERVICE/VERSION/paginators-1.json`), as data."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from openvna.plugins.aws.endpoint_rules import newest_data


class Unfinished(ValueError):
    """An answer says that there is more, and does not say how to ask for it."""


@dataclass(frozen=True, slots=True)
class Paging:
    """The names of the page size and of the tokens in the request, and the paths of the tokens in the answer.

    `more` is the path of a flag that says whether there is another page, where the tokens alone do not say it.
    """

    size: str
    tokens: tuple[str, ...]
    following: tuple[str, ...]
    more: str = ""

    def next(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The members that ask for the page after this one; empty where this one is the last. Raises `Unfinished`."""
        if self.more and not _at(answer, self.more):
            return {}
        found = {name: _at(answer, path) for name, path in zip(self.tokens, self.following, strict=True)}
        members = {name: value for name, value in found.items() if value}
        if self.more and not members:
            raise Unfinished(f"said that there is more ({self.more}), but gave no token for it")
        return members


USUAL = Paging("MaxResults", ("NextToken",), ("NextToken",))
"""What most of AWS does, and every operation that botocore has no paginator for."""

LOWER = Paging("maxResults", ("nextToken",), ("nextToken",))
"""The same in the services that write their members small."""


@cache
def paging(service: str, operation: str) -> Paging:
    """The paging of an operation, `USUAL` where botocore does not say."""
    said = _paginators(service).get(operation)
    if said is None:
        return USUAL
    tokens, following = _several(said["input_token"]), _several(said["output_token"])
    # "NextMarker || Marker": the second is for answers of old.
    paths = tuple(path.split("||")[0].strip() for path in following)
    return Paging(said.get("limit_key", ""), tokens, paths, said.get("more_results", ""))


@cache
def _paginators(service: str) -> Mapping[str, Any]:
    folder = newest_data(service)
    if folder is None:
        return {}
    for name in ("paginators-1.json", "paginators-1.json.gz"):
        path = folder / name
        if path.exists():
            content = path.read_bytes()
            found: Mapping[str, Any] = json.loads(gzip.decompress(content) if name.endswith("gz") else content)
            return dict(found["pagination"])
    return {}


def _several(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _at(answer: Any, path: str) -> Any:
    for name in path.split("."):
        answer = answer.get(name) if isinstance(answer, Mapping) else None
    return answer
