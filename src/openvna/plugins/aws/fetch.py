"""The one fetch loop: every type of every plugin that speaks AWS's shapes is listed here, page by page."""

from __future__ import annotations

import contextvars
import dataclasses
import logging
import re
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

from openvna.model import Failure, Outcome, Resource, Scope
from openvna.plugin import Before, Complete, Problem, Record
from openvna.plugins.aws.api import Api, CallError, apart
from openvna.plugins.aws.calls import Call, Detail, TagCall
from openvna.plugins.aws.declaration import ResourceType
from openvna.plugins.aws.listing import REPORT, Listing, broken
from openvna.plugins.aws.normalise import Normaliser
from openvna.plugins.aws.paging import Unfinished
from openvna.plugins.aws.paths import Malformed, Raw
from openvna.plugins.aws.prints import Prints
from openvna.plugins.aws.reading import pieces, records
from openvna.plugins.aws.sent_early import SentEarly
from openvna.plugins.aws.side_by_side import readings

Explain: TypeAlias = Callable[[CallError, str], Failure]
"""Turns a refused call and the action it needs into a `Failure` with cause and remedy."""

_log = logging.getLogger(__name__)
_LASTING = (Outcome.DENIED, Outcome.UNSUPPORTED, Outcome.UNKNOWN)


class _Incomplete(Exception):
    """The answers do not add up to a whole list."""


def collect(
    api: Api,
    scope: Scope,
    types: Collection[ResourceType],
    wanted: Collection[str],
    explain: Explain,
    width: int = 1,
    before: Before | None = None,
) -> Iterator[Record | Complete | Problem]:
    """List `wanted` in a scope, `width` types side by side, a few pages ahead of the reader.

    `types` holds the declarations of all that is wanted and of what that depends on. Each wanted type ends in
    exactly one `Complete` or `Problem`; one that needs a type of which there is none is complete unasked. What it cost
    to list a type that nobody wants is told with the first wanted one that needs it. What `before` knows is not read
    again, unless other types are listed by it. Stops soon after the iterator is closed.
    """
    every = {declared.type: declared for declared in types}
    waiting = dict(every)
    needed = {declared.parent for declared in types if declared.parent}
    whole = {each.parent for each in types if each.call.per is not None and each.call.per.requests is not None}
    ended: dict[str, Listing] = {}
    unpaid: dict[str, Listing] = {}  # of types that nobody wanted, but others need
    underway: set[str] = set()
    width = min(width, max(1, len(waiting)))  # one list alone is read in the thread of its reader
    ahead = ThreadPoolExecutor(width, thread_name_prefix=f"ahead-{scope.key}")
    over = threading.Event()

    early = SentEarly(api, scope) if width == 1 else None

    def opened(declared: ResourceType) -> Listing:
        listing = Listing(declared, ahead, before if declared.type in wanted else None, declared.type in needed)
        if early is not None:
            early.add(listing)
        return listing

    def read(listing: Listing, parent: Listing | None) -> Generator[tuple[str, list[Record] | Listing]]:
        declared = listing.declared
        try:
            for page in listed(api, scope, listing, parent, explain):
                if declared.type in needed:
                    found = [record.resource for record in page]
                    kept = found if declared.type in whole else [_kept(resource) for resource in found]
                    listing.found.extend(dataclasses.replace(each, document={}) for each in kept)
                yield declared.type, page
        except Exception as error:  # noqa: BLE001 - a defect of ours must not take the other types with it
            if over.is_set():
                return  # it was left half-way: neither the pages ahead nor what was recorded are there any more
            listing.settle()
            _log.exception("Listing %s in %s failed by a defect of OpenVNA.", declared.type, scope.key)
            what = f"{declared.call.operation}: a defect of OpenVNA ({type(error).__name__})."
            listing.failure = broken(declared.call, what, "Report it with the log of this run.")
        yield declared.type, listing

    def free(declared: ResourceType) -> bool:
        """Whether all has ended that has to be listed before: the type it is listed by, and the one it needs, if that
        is listed at all."""
        return all(name in ended or name not in every for name in (declared.parent, declared.needs) if name)

    def paying(listing: Listing) -> Listing:
        """A wanted listing with what it cost to list the types that it needs, where nobody wanted them."""
        line = [listing.declared]
        for declared in line:
            for name in filter(None, (declared.parent, declared.needs)):
                if name in every:
                    line.append(every[name])
                if name in unpaid:
                    listing.add(unpaid.pop(name).by_call)
        return listing

    reading = readings(width, f"collect-{scope.key}")
    stirred = True  # whether something ended since it was last looked who waits for that
    try:
        while waiting or underway:
            for declared in [each for each in waiting.values() if free(each)] if stirred else ():
                del waiting[declared.type]
                if declared.needs in ended and ended[declared.needs].none:
                    ended[declared.type] = Listing(declared)
                    if declared.type in wanted:
                        yield _end(paying(ended[declared.type]))
                    continue
                underway.add(declared.type)
                reading.add(read(opened(declared), ended[declared.parent] if declared.parent else None))
            if not underway:
                continue  # what needs something of what just ended unasked
            name, what = reading.next()
            stirred = isinstance(what, Listing)
            if isinstance(what, Listing):
                ended[name] = what
                underway.discard(name)
                if name in wanted:
                    yield _end(paying(what))
                else:
                    unpaid[name] = what
            elif name in wanted:
                yield from what
    finally:
        over.set()
        reading.close()
        if early is not None:
            early.close()
        ahead.shutdown(wait=False, cancel_futures=True)


def _end(listing: Listing) -> Complete | Problem:
    if listing.failure is not None:
        return Problem(listing.declared.type, listing.failure, listing.calls, listing.by_call)
    return Complete(listing.declared.type, listing.calls, listing.by_call)


def _kept(resource: Resource) -> Resource:
    """What most children need of their parent: who it is."""
    return dataclasses.replace(resource, attributes={}, document={}, relations=(), tags={})


def listed(
    api: Api, scope: Scope, listing: Listing, parent: Listing | None, explain: Explain
) -> Iterator[list[Record]]:
    """The resources of one type, page by page; cost and failure are left in `listing`.

    A type that is listed once per parent goes on with the next parent when a call for one of them fails.
    """
    call = listing.declared.call
    if call.per is None:
        for params in call.lists():
            yield from _one_list(api, scope, listing, params, None, explain)
            if _refused(listing):
                break
        return
    assert parent is not None
    for resource in parent.found:
        if not re.search(call.per.only, resource.id) or (call.per.own and resource.account != scope.account):
            continue
        for asked in call.per.asked(resource):
            yield from _one_list(api, scope, listing, {**call.params, **asked}, resource, explain)
        if _refused(listing):
            break
    if parent.failure is not None and listing.failure is None:
        listing.failure = dataclasses.replace(
            parent.failure,
            message=f"{parent.declared.title}: not listed completely, so neither is what belongs to them. "
            + parent.failure.message,
        )


def _refused(listing: Listing) -> bool:
    """Whether the answer will be the same for the lists that are still to come."""
    return listing.failure is not None and listing.failure.outcome in (Outcome.DENIED, Outcome.UNSUPPORTED)


def _one_list(
    api: Api,
    scope: Scope,
    listing: Listing,
    params: Mapping[str, Any],
    parent: Resource | None,
    explain: Explain,
) -> Iterator[list[Record]]:
    declared, call = listing.declared, listing.declared.call
    known = listing.before if declared.by_item else None
    prints = None if known is None else Prints(known, declared.type, parent, params)
    normaliser: Normaliser | None = None  # most lists of most scopes are empty
    try:
        for answer in _answers(api, scope, listing, params):
            for raws, fingerprints in pieces(listing, answer, prints):
                chunk = raws
                if declared.tag_call is not None:
                    chunk = _tagged(api, scope, listing, chunk, explain)
                if declared.details and parent is not None:
                    chunk = [{**raw, "@asked": params} for raw in chunk]
                for detail in declared.details:
                    chunk = _detailed(api, scope, listing, detail, chunk, explain)
                normaliser = normaliser or Normaliser(declared, scope, parent, params)
                yield records(listing, normaliser, chunk, fingerprints, parent)
    except CallError as error:
        if (parent is not None or call.absent) and gone(error):
            return  # the parent was deleted since it was listed, and all that belonged to it with it
        if call.absent_where and re.search(call.absent_where, error.message):
            return
        listing.note(explain(error, call.action or ""), parent)
    except _Incomplete as error:
        listing.note(broken(call, str(error), "Collect again; if it stays, report it with the run's log."), parent)
    except Malformed as error:
        listing.note(broken(call, f"{call.operation}'s answer has another form: {error}.", REPORT), parent)
    listing.settle()


def _answers(api: Api, scope: Scope, listing: Listing, params: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All pages of one list, each asked for before the one ahead of it is read. Never asks for the same page twice."""
    call = listing.declared.call
    paging = call.paging
    request = call.request(params)
    seen: set[str] = set()
    early, listing.sent_early = listing.sent_early, None
    answer = timed(api, scope, listing, call, request, call.member, early)
    while True:
        try:
            following = paging.next(answer)
        except Unfinished as error:
            yield answer
            raise _Incomplete(f"{call.operation} {error}.") from error
        if not following:
            yield answer
            return
        token = repr(sorted(following.items()))
        if token in seen:
            yield answer
            raise _Incomplete(f"{call.operation} gave the same page token twice: the list would never end.")
        seen.add(token)
        request = {name: value for name, value in request.items() if name not in paging.tokens} | following
        if listing.ahead is None:
            yield answer
            answer = timed(api, scope, listing, call, request, call.member)
        else:
            context = contextvars.copy_context()
            listing.coming = listing.ahead.submit(context.run, timed, api, scope, listing, call, request, call.member)
            yield answer
            answer = listing.coming.result()


def timed(
    api: Api,
    scope: Scope,
    listing: Listing,
    call: Call | TagCall | Detail,
    request: Mapping[str, Any],
    member: str = "",
    early: SentEarly | None = None,
) -> Mapping[str, Any]:
    """One call, entered into the listing's cost whether it succeeds or not. The items of the list `member` may be left
    unread. It may have been sent `early`."""
    name = f"{call.service}:{call.operation}"
    sent = early.take(listing) if early is not None else None
    began = time.monotonic()

    def seconds() -> float:
        passed = time.monotonic() - began
        return passed if early is None else early.seconds(passed, sent)

    try:
        region = scope.region if isinstance(call, TagCall) else call.place(scope.partition, scope.region)
        if sent is not None:
            answer = sent.begun.answer()
        elif member and (able := apart(api)) is not None:
            answer = able.call_apart(call.service, call.operation, region, request, member)
        else:
            answer = api.call(call.service, call.operation, region, request)
    except CallError as error:
        listing.count(name, seconds(), error.retries, error.throttles, error.waited)
        raise
    told = (answer.get("ResponseMetadata") or {}).get
    listing.count(name, seconds(), told("RetryAttempts", 0), told("Throttles", 0), told("Waited", 0.0))
    return answer


def _tagged(api: Api, scope: Scope, listing: Listing, raws: list[Raw], explain: Explain) -> list[Raw]:
    """The items with the tags that need a call of their own.

    Where AWS will not tell the tags at all, the items go on without. Where the call failed in passing they are left
    out of this listing, which is a problem then: sent without tags they would look as if someone had removed them.
    """
    tag_call = listing.declared.tag_call
    assert tag_call is not None
    done: list[Raw] = []
    for start in range(0, len(raws), tag_call.batch):
        batch = raws[start : start + tag_call.batch]
        request = {tag_call.parameter: [tag_call.id(raw) for raw in batch], **tag_call.fixed}
        try:
            answer = timed(api, scope, listing, tag_call, request)
        except CallError as error:
            failure = explain(error, tag_call.action or "")
            if failure.outcome is not Outcome.UNKNOWN:
                listing.note(dataclasses.replace(failure, message=f"Tags are missing. {failure.message}"), None)
            if failure.outcome in _LASTING:
                done.extend(batch)
            continue
        tags = {each.get(tag_call.answer_key): each.get("Tags", []) for each in answer.get(tag_call.answer, ())}
        done.extend({**raw, "Tags": tags.get(tag_call.id(raw), [])} for raw in batch)
    return done


def _detailed(api: Api, scope: Scope, listing: Listing, detail: Detail, raws: list[Raw], explain: Explain) -> list[Raw]:
    """The items with what a call for each of them tells. As with tags: what AWS refuses to tell is left out and said
    so, what failed in passing keeps the item out of this listing, which is a problem then."""
    done: list[Raw] = []
    refused = False
    for raw in raws:
        if refused or (detail.when is not None and not detail.when(raw)):
            done.append(raw)
            continue
        try:
            done.append(detail.merged(raw, timed(api, scope, listing, detail, detail.request(raw))))
        except CallError as error:
            if gone(error):
                continue
            failure = explain(error, detail.action or "")
            if failure.outcome is not Outcome.UNKNOWN:
                listing.note(dataclasses.replace(failure, message=f"Details are missing. {failure.message}"), None)
            if failure.outcome in _LASTING:
                done.append(raw)
                refused = failure.outcome in (Outcome.DENIED, Outcome.UNSUPPORTED)  # as it will be for the others
    return done


def gone(error: CallError) -> bool:
    """Whether AWS says that the thing asked for is not there (any more), in the words of its services."""
    code = error.code
    return code.endswith(("NotFound", "NotFoundException", "NonexistentItemException")) or code.startswith("NoSuch")
