"""Verifications: run to their verdict whatever the plugin does, and remembered for a while."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta

from pydantic import BaseModel

from openvna.collect import configuration
from openvna.collect.feed import Feed
from openvna.collect.forgetting import forget_old, forget_surplus, under_way
from openvna.collect.keeping import Kept
from openvna.collect.redacted import redacted
from openvna.collect.references import ReferenceUnusable
from openvna.log import context, logger, redact
from openvna.model import Conflict, NotFound, OpenVNAError
from openvna.plugin import Confidence, Denied, Keep, Plugin, Step, StepOutcome, Verdict

KEPT = timedelta(minutes=15)
MOST = 50
"""Verifications that may run at once: each has a thread of its own, and may ask AWS for minutes."""
MOST_KEPT = 500
"""Those that are remembered; of more, the ones that ended first are forgotten."""


def steps(
    plugin: Plugin, config: BaseModel, keep: Keep, source: str = "", again: Collection[Denied] = ()
) -> Iterator[Step | Verdict]:
    """What the plugin's `verify` says, ending in exactly one verdict even where the plugin breaks its contract.
    No text of it holds a secret.

    The verdict is noted in the log, in one line. `source` is the name of what is tried, empty where it has none yet;
    `again` what was denied before.
    """
    for said in _ended(plugin, config, keep, again):
        event = redacted(said)
        if isinstance(event, Verdict):
            _note(plugin, source, event)
        yield event


def without_secret(plugin: Plugin, error: ReferenceUnusable, source: str) -> Iterator[Step | Verdict]:
    """What is said in the place of a verification for which a referenced secret cannot be had."""
    step = Step(
        "reference",
        "Read the secrets that the settings name",
        StepOutcome.FAILED,
        tuple(part for part in (error.what, error.why) if part),
        error.cause,
        error.remedy,
    )
    summary = f"{error.what} {error.why}".strip()
    verdict = Verdict("failed", error.cause, Confidence.PROVEN, summary, steps=(step,), remedy=error.remedy)
    for event in (redacted(step), redacted(verdict)):
        if isinstance(event, Verdict):
            _note(plugin, source, event)
        yield event


def _note(plugin: Plugin, source: str, verdict: Verdict) -> None:
    log = logger("openvna.collect").bind(plugin=plugin.spec().name, **({"source": source} if source else {}))
    if verdict.verdict == "ok":
        log.info("verified", reason=verdict.summary)
        return
    failed = [step for step in verdict.steps if step.cause == verdict.cause and step.cause]
    fields = {
        "cause": verdict.cause,
        "reason": verdict.summary,
        "evidence": [fact for step in failed for fact in step.evidence],
        "remedy": verdict.remedy,
    }
    log.warning(f"verification {verdict.verdict}", **{name: value for name, value in fields.items() if value})


def _ended(plugin: Plugin, config: BaseModel, keep: Keep, again: Collection[Denied]) -> Iterator[Step | Verdict]:
    seen: list[Step] = []
    try:
        for event in plugin.verify(config, keep, again):
            yield event
            if isinstance(event, Verdict):
                return
            seen.append(event)
    except OpenVNAError as error:
        yield _broken(seen, f"{error.what} {error.why}".strip(), error.remedy)
        return
    except Exception as error:  # noqa: BLE001 - a foreign plugin may raise anything; it must not take us with it
        told = redact(f"{type(error).__name__}: {error}")
        yield _broken(seen, f"The plugin broke while it verified: {told}", "Report this to the plugin's makers.")
        return
    yield _broken(seen, "The plugin ended its verification without a verdict.", "Report this to the plugin's makers.")


def _broken(seen: list[Step], summary: str, remedy: str) -> Verdict:
    return Verdict("failed", None, Confidence.INCOMPLETE, summary, steps=tuple(seen), remedy=remedy)


class Verification:
    """A verification that runs in the background. Kept for 15 minutes after its end, in this process only."""

    def __init__(
        self, plugin: str, source_id: str | None, fingerprint: bytes, started_at: datetime, kept: Kept
    ) -> None:
        self.id = secrets.token_urlsafe(12)
        self.plugin = plugin
        self.source_id = source_id
        self.kept = kept
        self._fingerprint = fingerprint
        self.started_at = started_at
        self.ended_at: datetime | None = None
        self._verdict: Verdict | None = None
        self._feed: Feed[Step | Verdict] = Feed()

    @property
    def verdict(self) -> Verdict | None:
        return self._verdict

    def is_of(self, fingerprint: bytes) -> bool:
        """Whether these settings are the ones that are tried, as they were given or as they were renewed since."""
        renewed = self.kept.renewed
        return fingerprint == self._fingerprint or (
            renewed is not None and fingerprint == configuration.fingerprint(self.plugin, renewed)
        )

    def events(self, timeout: float | None = None) -> Iterator[Step | Verdict | None]:
        """From the first step on, whoever asks and whenever; ends after the verdict.

        Yields None when `timeout` seconds passed without news (so that a stream can send a heartbeat).
        """
        return self._feed.read(timeout)

    def run(self, events: Iterator[Step | Verdict], clock: Callable[[], datetime]) -> None:
        """Read `events` to their end, and pass them on."""
        try:
            with context(plugin=self.plugin):
                self._read(events, clock)
        finally:
            self.ended_at = self.ended_at or clock()
            self._feed.close()

    def _read(self, events: Iterator[Step | Verdict], clock: Callable[[], datetime]) -> None:
        for event in events:
            if isinstance(event, Verdict):
                self._verdict = event
                self.ended_at = clock()
            self._feed.put(event)

    def hang_up(self) -> None:
        """Let the listeners go, verdict or not."""
        self._feed.close()


class Verifications:
    """Those that run, and those that ended not long ago."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, Verification] = {}

    def start(self, verification: Verification, events: Iterator[Step | Verdict]) -> Verification:
        """Raises `Conflict` where too many run."""
        with self._lock:
            self._forget()
            if under_way(self._known) >= MOST:
                raise Conflict(
                    "Too many verifications run.", f"At most {MOST} may.", "Wait until one has come to its verdict."
                )
            self._known[verification.id] = verification
        threading.Thread(
            target=verification.run,
            args=(events, self._clock),
            name=f"verification-{verification.id}",
            daemon=True,
        ).start()
        return verification

    def get(self, verification_id: str) -> Verification:
        with self._lock:
            self._forget()
            found = self._known.get(verification_id)
        if found is None:
            raise NotFound(
                f"There is no verification {verification_id!r}.",
                "It is unknown, or it ended more than 15 minutes ago.",
                "Start a new one.",
            )
        return found

    def finished(self, verification_id: str | None, fingerprint: bytes) -> Verification | None:
        """The finished verification of the very same settings; None when there is none."""
        if verification_id is None:
            return None
        with self._lock:
            self._forget()
            found = self._known.get(verification_id)
        return found if found is not None and found.verdict is not None and found.is_of(fingerprint) else None

    def hang_up(self) -> None:
        with self._lock:
            known = tuple(self._known.values())
        for verification in known:
            verification.hang_up()

    def _forget(self) -> None:
        forget_old(self._known, self._clock() - KEPT)
        forget_surplus(self._known, MOST_KEPT)
