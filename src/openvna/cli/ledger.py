"""Shows what collections did: the sum by type, and every problem with what to do about it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from openvna.cli.output import Format, clean, listing, plain, say, table
from openvna.collect.remedies import merged
from openvna.model import Calls, Failure, Outcome, RunState
from openvna.store import LedgerRow, RunRow, Store

ARROW = "\u2192"
_MOST_NAMED = 12
_WORST = (Outcome.FAILED, Outcome.THROTTLED, Outcome.DENIED, Outcome.UNSUPPORTED, Outcome.UNKNOWN, Outcome.OK)


COSTS = ("calls", "retries", "throttles", "seconds", "waited")
"""The columns of what calls cost."""


def costs(calls: Calls) -> tuple[str, ...]:
    """What calls cost, as the columns of `COSTS`."""
    counts = (calls.calls, calls.retries, calls.throttles)
    return (*(str(count) for count in counts), f"{calls.seconds:.1f}", f"{calls.waited:.1f}")


def cost_of(runs: Sequence[RunRow]) -> str:
    """What runs cost together, in words: what did not happen is left out."""
    whole = sum((run.calls for run in runs), Calls())
    parts = [f"{whole.calls} call{'' if whole.calls == 1 else 's'}"]
    if whole.retries:
        parts.append(f"{whole.retries} of them tried again")
    if whole.throttles:
        parts.append(f"{whole.throttles} throttled")
    if whole.waited >= 0.1:
        parts.append(f"{whole.waited:.1f} s waited for the rate budget and between tries")
    return ", ".join(parts)


def by_call(store: Store, runs: Sequence[RunRow], format: Format) -> None:
    """What each kind of call cost in all these runs together."""
    listing(
        store.runs.by_call([run.id for run in runs]),
        (
            ("call", lambda row: row.name),
            ("calls", lambda row: row.calls.calls),
            ("retries", lambda row: row.calls.retries),
            ("throttles", lambda row: row.calls.throttles),
            ("seconds", lambda row: f"{row.calls.seconds:.1f}"),
            ("waited", lambda row: f"{row.calls.waited:.1f}"),
        ),
        format,
        empty="No run that has ended tells its calls.",
    )


def failed(runs: Sequence[RunRow]) -> bool:
    """Whether a scope could not be read."""
    return any(run.state in (RunState.FAILED, RunState.INTERRUPTED) for run in runs)


def summary(store: Store, runs: Sequence[RunRow]) -> None:
    """A table by type over all scopes, then the problems. Many types of which there is none are told together."""
    rows = [(run, row) for run in runs for row in store.runs.ledger(run.id)]
    by_type: dict[str, list[LedgerRow]] = defaultdict(list)
    for _, row in rows:
        by_type[row.type].append(row)
    known = {type: of for type, of in by_type.items() if any(not _no_word(row) for row in of)}
    none = {type for type, of in known.items() if all(_none(row) for row in of)}
    shown = [type for type in sorted(known) if type not in none or len(none) <= _MOST_NAMED]
    if known:
        table(
            [_line(type, known[type]) for type in shown],
            ("type", "outcome", "seen", "created", "updated", "deleted"),
        )
        if len(shown) < len(known):
            say(
                f"and {len(none)} types that were listed to their end: there is none of them (--format json names each)"
            )
        say()
    seen = sum(run.seen for run in runs)
    say(
        f"{len(runs)} scope{'' if len(runs) == 1 else 's'}: {seen} resource{'' if seen == 1 else 's'} seen, "
        f"{sum(run.created for run in runs)} created, {sum(run.updated for run in runs)} updated, "
        f"{sum(run.deleted for run in runs)} deleted; {cost_of(runs)}"
    )
    problems(runs, rows)


def problems(runs: Sequence[RunRow], rows: Sequence[tuple[RunRow, LedgerRow]]) -> None:
    """What was not read completely. Problems with the same cause are told together, and their remedies in one."""
    told: dict[tuple[str, ...], list[tuple[str, Failure]]] = defaultdict(list)
    for run in runs:
        if run.failure is not None:
            told[_kin(run.failure)].append((_where(run), run.failure))
    whole = {run.id: run.failure for run in runs}
    unknown: dict[str, None] = {}
    unsupported: dict[str, None] = {}
    for run, row in rows:
        if row.failure is None or row.failure == whole[run.id]:
            continue
        if _no_word(row):
            unknown.setdefault(row.type)
            continue
        if row.outcome.settled:
            unsupported.setdefault(row.type)
            continue
        action = f" ({row.failure.action})" if row.failure.action else ""
        told[_kin(row.failure)].append((f"{row.type}{action} in {_where(run)}", row.failure))
    if unknown:
        say(f"\nUnknown, because the source has no word on them: {_types(unknown)}")
        if len(unknown) > _MOST_NAMED:
            say(f"  (openvna runs {runs[0].id} names each)")
    if unsupported:
        say(f"\nNot to be had there, or left out by the settings: {_types(unsupported)}")
    if not told:
        return
    say()
    say("Not read completely (what was known of it is kept):")
    for (outcome, cause, *_), cases in told.items():
        more = f" and {len(cases) - 3} more" if len(cases) > 3 else ""
        say(f"  {outcome}: {clean(', '.join(place for place, _ in cases[:3]))}{more}")
        reasons = list(dict.fromkeys(f"{failure.code} {failure.message}".strip() for _, failure in cases))
        rest = f" (and {len(reasons) - 1} more like it)" if len(reasons) > 1 else ""
        say(f"    {clean(reasons[0])}{rest}{f' [{cause}]' if cause else ''}")
        for remedy in merged(failure.remedy for _, failure in cases):
            for number, line in enumerate(remedy.splitlines()):
                say(f"    {clean(line) if number else f'{ARROW} {clean(line)}'}")


def _kin(failure: Failure) -> tuple[str, ...]:
    """What two failures have in common to be told together; without a cause only equal ones are."""
    same = () if failure.cause else (failure.code, failure.message, failure.remedy)
    return (failure.outcome.value, failure.cause, *same)


def _no_word(row: LedgerRow) -> bool:
    """The source says nothing at all of the type: what it says a part of was not read completely."""
    return row.outcome is Outcome.UNKNOWN and not row.seen


def _none(row: LedgerRow) -> bool:
    """The type was listed to its end, and nothing of it is there or went."""
    return row.outcome is Outcome.OK and not (row.seen or row.deleted)


def as_json(store: Store, source: str, runs: Sequence[RunRow]) -> object:
    return {
        "source": source,
        "runs": [{**plain(run), "ledger": plain(store.runs.ledger(run.id))} for run in runs],
    }


def _line(type: str, rows: Sequence[LedgerRow]) -> tuple[str, ...]:
    worst = min((row.outcome for row in rows), key=_WORST.index)
    bad = sum(row.outcome is not Outcome.OK for row in rows)
    share = f" in {bad} of {len(rows)}" if bad and len(rows) > 1 else ""
    return (
        type,
        f"{worst.value}{share}",
        str(sum(row.seen for row in rows)),
        str(sum(row.created for row in rows)),
        str(sum(row.updated for row in rows)),
        str(sum(row.deleted for row in rows)),
    )


def _types(names: Collection[str]) -> str:
    """Types by name; of many, how many there are of each service."""
    if len(names) <= _MOST_NAMED:
        return ", ".join(names)
    services = Counter(name.rpartition(".")[0] or name for name in names)
    return f"{len(names)} types, of " + ", ".join(f"{name} {count}" for name, count in sorted(services.items()))


def _where(run: RunRow) -> str:
    return f"{run.account} {run.region}".strip() or run.source
