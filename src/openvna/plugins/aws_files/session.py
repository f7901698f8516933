"""An opened folder of saved answers: the fetch loop of the AWS plugin, with files for an API."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from openvna.model import Calls, Failure, NotFound, Outcome, Scope
from openvna.plugin import Before, Complete, Problem, Record, ScopeProblem
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.declaration import Call, ResourceType, TagCall
from openvna.plugins.aws.fetch import collect
from openvna.plugins.aws.paging import Paging
from openvna.plugins.aws.types import TYPES, needed_types
from openvna.plugins.aws_files.answers import KNOWN, Answer, Broken, command, cut_short, read, spoken
from openvna.plugins.aws_files.folder import Folder, Part

_OUTCOMES = {"F-MISSING": Outcome.UNKNOWN}
_REMEDIES = {
    "F-MISSING": "Save the answer of that command into the folder and import it again.",
    "F-TRUNCATED": "Save it again without --max-items or --no-paginate, so that the AWS CLI reads all pages.",
    "F-NO-ID": "Rename the file as said, and import again.",
}
_SAVE_AGAIN = "Save the answer of that command again, and import again."


class FileApi:
    """`Api` whose answers are the files of one account and region."""

    def __init__(self, folder: Folder, part: Part) -> None:
        self._folder = folder
        self._answers = {(answer.name, answer.id): answer for answer in part.answers}

    def has(self, call: Call) -> bool:
        name = command(call.service, call.operation)
        return any(name == known for known, _ in self._answers)

    def call(
        self,
        service: str,
        operation: str,
        region: str,  # noqa: ARG002 - `Api` names one; the files here are all of one region
        params: Mapping[str, Any],
    ) -> Mapping[str, Any]:
        """The saved answer. Raises `CallError` with a cause of this plugin's catalogue."""
        name = command(service, operation)
        known = KNOWN[name]
        if isinstance(known, Call) and any(token in params for token in known.paging.tokens):
            raise CallError(operation, "", f"{name}: not all pages were saved.", cause="F-TRUNCATED")
        if isinstance(known, TagCall):
            return self._tags(name, known.answer, params[known.parameter])
        wanted = known.answer_id(params)
        answer = self._answers.get((name, wanted)) or self._misplaced(name)
        if answer is None:
            what = f"no answer of `{spoken(name)}`" + (f" for {wanted}" if wanted else "")
            raise CallError(operation, "", f"The folder holds {what}.", cause="F-MISSING")
        return self._read(operation, answer)

    def _misplaced(self, name: str) -> Answer | None:
        """An answer of that call which is not where it should be: reading it says why."""
        return next((answer for (known, _), answer in self._answers.items() if known == name and not answer.id), None)

    def _tags(self, name: str, member: str, wanted: list[str]) -> Mapping[str, Any]:
        answers = [self._answers[key] for each in ("", *wanted) if (key := (name, each)) in self._answers]
        if not answers:
            raise CallError(name, "", f"The folder holds no answer of `{spoken(name)}`.", cause="F-MISSING")
        return {member: [tag for answer in answers for tag in self._read(name, answer)[member]]}

    def _read(self, operation: str, answer: Answer) -> Mapping[str, Any]:
        try:
            found = read(answer)
        except Broken as error:
            where = self._folder.relative(answer.path)
            raise CallError(operation, "", f"{where}: {error.why}.", cause=error.cause) from error
        if isinstance(answer.call, Call) and cut_short(answer, found):
            _marked_unfinished(answer.call.paging, found)
        return found


def _marked_unfinished(paging: Paging, found: dict[str, Any]) -> None:
    """Give an answer that is cut short a token that asks for the next page, which was not saved."""
    for path in paging.following:
        *way, last = path.split(".")
        place: Any = found
        for name in way:
            place = place.setdefault(name, {})
        place[last] = place.get(last) or "more"


def explain(error: CallError, action: str) -> Failure:  # noqa: ARG001 - a file needs no permission
    """What a missing or broken file means for its type."""
    return Failure(
        _OUTCOMES.get(error.cause, Outcome.FAILED),
        error.message,
        cause=error.cause,
        remedy=_REMEDIES.get(error.cause, _SAVE_AGAIN),
    )


class FilesSession:
    """An opened folder. Keeps no file open; safe to use from several threads."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._parts = {part.scope.key: part for part in folder.parts}
        self._apis = {key: FileApi(folder, part) for key, part in self._parts.items()}

    def discover(self) -> Iterator[Scope | ScopeProblem]:
        """One scope for each account and region in the folder."""
        for part in self._folder.parts:
            yield part.scope

    def collect(
        self,
        scope: Scope,
        types: Collection[str] | None = None,
        before: Before | None = None,  # noqa: ARG002 - files are read once
    ) -> Iterator[Record | Complete | Problem]:
        """What the files of a scope hold. A type without a file is a `Problem` with outcome unknown."""
        if scope.key not in self._parts:
            raise NotFound(f"The folder holds nothing of {scope.key}.", "It may have changed.", "Import it again.")
        declared, wanted = needed_types(types)
        # Of a type without a file nothing is known: that there is none of what it needs does not stand in for it.
        declared = [replace(each, needs="") for each in declared]
        elsewhere = {each.type for each in declared if each.once and self._keeper(scope, each) != scope.key}
        for name in sorted(elsewhere & wanted):
            yield Complete(name)
        found = collect(
            self._apis[scope.key],
            scope,
            [each for each in declared if each.type not in elsewhere],
            wanted - elsewhere,
            explain,
        )
        # Nobody was called: a file that was looked for is no call.
        yield from (
            event if isinstance(event, Record) else replace(event, calls=Calls(), by_call={}) for event in found
        )

    def _keeper(self, scope: Scope, declared: ResourceType) -> str:
        """The scope that what belongs to the account is read in: the first with a file of it, else the first."""
        keys = [key for key, part in self._parts.items() if part.account == scope.account]
        return next((key for key in keys if self._apis[key].has(declared.call)), keys[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        return None


def types_without_answer(part: Part) -> list[str]:
    """The types that a part of a folder says nothing about, in alphabetical order."""
    names = {answer.name for answer in part.answers}
    return [name for name, each in TYPES.items() if command(each.call.service, each.call.operation) not in names]
