"""An AWS of a few lines: answers by operation, kept by the test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from openvna.model import Failure, Outcome, Scope
from openvna.plugins.aws.api import CallError

SCOPE = Scope("aws/111122223333/eu-west-1", "aws", "111122223333", "eu-west-1")

Answer: TypeAlias = "Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]]"


class FakeApi:
    """`Api` on a dict of answers; a function gets the request. An operation that is not in it answers empty."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self._lock = threading.Lock()

    def call(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        with self._lock:
            self.asked.append((operation, dict(params)))
        answer = self.answers.get(operation, {})
        return answer(params) if callable(answer) else answer

    def requests(self, operation: str) -> list[Mapping[str, Any]]:
        return [params for asked, params in self.asked if asked == operation]


def paged(member: str, items: list[Any], size: int, token: str = "NextToken") -> Callable[[Mapping[str, Any]], Any]:
    """`items` in pages of `size`; the token is the index of the next one."""

    def answer(request: Mapping[str, Any]) -> Mapping[str, Any]:
        start = int(request.get("NextToken") or request.get("Marker") or 0)
        page: dict[str, Any] = {member: items[start : start + size]}
        if start + size < len(items):
            page[token] = str(start + size)
        return page

    return answer


def refused(code: str, **more: Any) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    def answer(request: Mapping[str, Any]) -> Mapping[str, Any]:
        raise CallError("Operation", code, f"{code} it is", status=403, request_id="req-1", **more)

    return answer


OUTCOMES = {
    "UnauthorizedOperation": Outcome.DENIED,
    "RequestLimitExceeded": Outcome.THROTTLED,
    "InvalidAction": Outcome.UNSUPPORTED,
}


def explain(error: CallError, action: str) -> Failure:
    outcome = OUTCOMES.get(error.code, Outcome.FAILED)
    return Failure(outcome, error.message, code=error.code, action=action, request_id=error.request_id)
