"""What an operator can do with sources, the same for CLI, REST and the admin UI."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from openvna.model import JSON, Failure, Outcome
from openvna.plugin import Plugin, Spec, Step, Verdict
from openvna.store import RunRow, Source, Store


class Phase(StrEnum):
    DISCOVERED = "discovered"
    SCOPE_STARTED = "scope-started"
    LISTING = "listing"
    LISTED = "listed"
    SCOPE_FINISHED = "scope-finished"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Progress:
    """One thing that happened in a collection.

    `listing` comes at most a few times a second while a type is being read (`seen` so far), `listed` once a type
    (`outcome`, `failure`). `done` and `total` count scopes in `discovered`, `scope-*` and `finished`, and types of
    the scope in `listing` and `listed`.
    """

    collection: str
    source_id: str
    source: str
    phase: Phase
    at: datetime
    scope: str = ""
    account: str = ""
    region: str = ""
    run_id: str = ""
    type: str = ""
    outcome: Outcome | None = None
    seen: int = 0
    done: int = 0
    total: int = 0
    failure: Failure | None = None


class Verification:
    """A verification that runs in the background. Kept for 15 minutes after its end, in this process only."""

    id: str
    plugin: str
    source_id: str | None
    started_at: datetime

    @property
    def verdict(self) -> Verdict | None:
        raise NotImplementedError

    def events(self, timeout: float | None = None) -> Iterator[Step | Verdict | None]:
        """From the first step on, whoever asks and whenever; ends after the verdict.

        Yields None when `timeout` seconds passed without news (so that a stream can send a heartbeat).
        """
        raise NotImplementedError


class SourceCollection:
    """A collection of a source that runs in the background."""

    id: str
    source_id: str

    def events(self, timeout: float | None = None) -> Iterator[Progress | None]:
        """From its first event on; ends after `finished`. None as in `Verification.events`."""
        raise NotImplementedError

    def wait(self, timeout: float | None = None) -> bool:
        """True when it has ended."""
        raise NotImplementedError


class Gateway:
    """Joins the plugins and the store. Safe to use from several threads."""

    store: Store

    def __init__(
        self,
        store: Store,
        *,
        load_plugin: Callable[[str], Plugin],
        plugin_names: Callable[[], tuple[str, ...]],
        workers: int = 8,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        raise NotImplementedError

    # --- plugins

    def specs(self) -> tuple[Spec, ...]:
        """The installed plugins."""
        raise NotImplementedError

    def spec(self, plugin: str) -> Spec:
        raise NotImplementedError

    def explain(self, plugin: str, cause: str) -> str | None:
        """What a cause id means."""
        raise NotImplementedError

    # --- verification

    def verify(self, plugin: str, config: Mapping[str, JSON]) -> Iterator[Step | Verdict]:
        """Validate the settings (secrets in clear among them), then try them. Raises `InvalidInput` with fields."""
        raise NotImplementedError

    def verify_source(self, source: str) -> Iterator[Step | Verdict]:
        """Try a stored source; its verdict is stored with it."""
        raise NotImplementedError

    def start_verification(
        self, plugin: str | None = None, config: Mapping[str, JSON] | None = None, *, source: str | None = None
    ) -> Verification:
        """The same in the background: new settings (`plugin`, `config`), a stored source (`source`), or a change to
        one (`source` and `config`, merged as in `edit_source`). Raises `InvalidInput` with fields."""
        raise NotImplementedError

    def verification(self, verification_id: str) -> Verification:
        """Raises `NotFound` when it is unknown or forgotten."""
        raise NotImplementedError

    # --- sources

    def add_source(
        self,
        name: str,
        plugin: str,
        config: Mapping[str, JSON],
        *,
        interval: int | None = 900,
        save_anyway: bool = False,
        verification: str | None = None,
        on_step: Callable[[Step | Verdict], None] | None = None,
    ) -> Source:
        """Verify, then save. `verification` names a finished one of these same settings, which is then not repeated.

        Raises `InvalidInput`, `Conflict` for a name used twice (before anything is tried), or `VerificationFailed`
        unless `save_anyway`. A `degraded` verdict saves; a `failed` one does not. Repairs are saved repaired.
        """
        raise NotImplementedError

    def edit_source(
        self,
        source: str,
        *,
        name: str | None = None,
        config: Mapping[str, JSON] | None = None,
        interval: int | Literal["never"] | None = None,
        save_anyway: bool = False,
        verification: str | None = None,
        on_step: Callable[[Step | Verdict], None] | None = None,
    ) -> Source:
        """Change what is given. `config` is merged as a JSON merge patch (RFC 7396): a secret that is left out stays,
        unless its credential changes kind. Changed settings are verified first, as in `add_source`; re-entering a
        credential is an edit of `credential`."""
        raise NotImplementedError

    def pause_source(self, source: str, paused: bool) -> Source:
        raise NotImplementedError

    def delete_source(self, source: str, *, confirm: str) -> dict[str, int]:
        """Delete with all its data. `confirm` must be the source's name. Raises `Conflict` while it is collected."""
        raise NotImplementedError

    # --- collection

    def collect(
        self,
        source: str,
        *,
        types: Collection[str] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> tuple[RunRow, ...]:
        """Collect every scope of a source, several side by side, and return their runs. Never raises for a scope or
        a type that fails: that is in the runs. Raises `NotFound`, or `SourceUnusable` when it cannot be opened."""
        raise NotImplementedError

    def start_collection(self, source: str, *, types: Collection[str] | None = None) -> SourceCollection:
        """The same in the background. Raises `Conflict` while this source is collected already."""
        raise NotImplementedError

    def collections(self) -> tuple[SourceCollection, ...]:
        """Those that run now, and those that ended within the last 15 minutes."""
        raise NotImplementedError

    def progress(self, timeout: float | None = None) -> Iterator[Progress | None]:
        """Everything that happens in any collection from now on, until the consumer closes it."""
        raise NotImplementedError

    # --- life

    def start_schedule(self) -> None:
        """From now on, collect every source that is not paused when its interval has passed."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop the schedule, let running listings end at their next record, close the store. Takes at most 5 s."""
        raise NotImplementedError
