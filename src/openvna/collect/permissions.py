"""What a source is allowed: its matrix, what collections were denied, and when to try again.

A source that worked and of which nothing at all can be read any more is verified at once, and again when it is back:
what it shows is how it stands. A collection that is denied something which it was not denied before has the source
verified once more, so that the source shows what is lost, by whom, and what brings it back. That is done once for a
loss, and not more often than every `RETRY_AFTER` for a source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from openvna.model import OpenVNAError, SourceUnusable
from openvna.plugin import Denied, Feature, Missing, PermissionResult, Spec, denied_before
from openvna.plugin.permissions import missing_of, results_of
from openvna.store import Loss, RunRow, Source, Store

RETRY_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Lost:
    """What collections of a source are denied by one cause: which types where, since when, and what brings them back.

    `back_at` is set where it could be read again; it is then shown for a week.
    """

    cause: str
    since: datetime
    back_at: datetime | None
    actions: tuple[str, ...]
    types: tuple[str, ...]
    features: tuple[str, ...]
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    remedy: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourcePermissions:
    """The matrix of a source as it was last tried (`tried_at` None: never), all that is missing in it by cause, and
    what collections lost."""

    source_id: str
    source: str
    tried_at: datetime | None
    features: tuple[Feature, ...]
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    cells: tuple[PermissionResult, ...]
    missing: tuple[Missing, ...]
    lost: tuple[Lost, ...]


def of(source: Source, spec: Spec, store: Store, account: str | None = None) -> SourcePermissions:
    """What is known of a source's permissions; the cells of one account alone where one is named."""
    kept = store.permissions.of(source.id)
    accounts = tuple(each.account for each in kept)
    cells = tuple(cell for each in kept if account in (None, each.account) for cell in results_of(each.cells))
    missing = missing_of((source.verdict or {}).get("missing") or ())  # type: ignore[arg-type]  # JSON of a verdict
    there = {cell.feature for cell in cells}
    return SourcePermissions(
        source_id=source.id,
        source=source.name,
        tried_at=min((each.tried_at for each in kept), default=None),
        features=tuple(feature for feature in spec.features if feature.id in there),
        accounts=accounts,
        regions=tuple(dict.fromkeys(cell.region for cell in cells if cell.region)),
        cells=cells,
        missing=missing if kept else (),
        lost=lost(source, spec, store),
    )


def lost(source: Source, spec: Spec, store: Store) -> tuple[Lost, ...]:
    """What collections lost, by cause; what is back comes last, each return on its own."""
    feature_of = {name: feature.id for feature in spec.features for name in feature.types}
    missing = {each.cause: each for each in missing_of((source.verdict or {}).get("missing") or ())}  # type: ignore[arg-type]  # the same
    groups: dict[tuple[str, datetime | None], list[Loss]] = {}
    for each in store.permissions.losses(source.id):
        groups.setdefault((each.failure.cause, each.back_at), []).append(each)
    found = []
    for (cause, back_at), same in groups.items():
        known = missing.get(cause)
        first = same[0].failure
        actions = tuple(sorted({each.failure.action for each in same if each.failure.action}))
        whole = known is not None and set(actions) <= set(known.actions)
        found.append(
            Lost(
                cause=cause,
                since=min(each.since for each in same),
                back_at=back_at,
                actions=actions,
                types=tuple(sorted({each.type for each in same if each.type})),
                features=tuple(dict.fromkeys(feature_of[each.type] for each in same if each.type in feature_of)),
                accounts=tuple(sorted({each.account for each in same})),
                regions=tuple(sorted({each.region for each in same if each.region})),
                remedy=known.remedy if known is not None and whole else first.remedy,
                evidence=tuple(text for text in (first.message, _request(first.request_id)) if text),
            )
        )
    return tuple(sorted(found, key=lambda each: (each.back_at is not None, each.since)))


def tried_again(source: Source, store: Store) -> tuple[Denied, ...]:
    """What the next verification of a source has to try: what the last one was denied, and what collections were."""
    cells = (cell for each in store.permissions.of(source.id) for cell in results_of(each.cells))
    losses = (
        Denied(each.account, each.region, each.failure.action)
        for each in store.permissions.losses(source.id)
        if each.back_at is None and each.failure.action
    )
    return tuple(sorted({*denied_before(cells), *losses}))


def access_lost(runs: Sequence[RunRow], error: OpenVNAError | None) -> bool:
    """Whether a collection was not let in anywhere, for a reason that the plugin knows: the credential has ended, the
    role is gone, the way there is closed."""
    if error is not None:
        return isinstance(error, SourceUnusable)
    return bool(runs) and all(run.failure is not None and run.failure.cause for run in runs)


def is_due(source: Source, store: Store, last: datetime | None, now: datetime) -> bool:
    """Whether something was lost that no verification has looked at since. `last`: when a loss last led to one."""
    if last is not None and now - last < RETRY_AFTER:
        return False
    seen = source.verified_at
    lost = store.permissions.losses(source.id)
    return any(each.back_at is None and (seen is None or each.since > seen) for each in lost)


def _request(id: str) -> str:
    return f"request id {id}" if id else ""
