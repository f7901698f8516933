"""Makes the sources what files say they are: a plan first, with everything that is wrong, then its verification, then
the change.

A source is known by its name. Settings that a file does not name are the plugin's defaults; interval and pause that
it does not name stay as they are, and so do stored secrets, because a file holds none: only where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from openvna.collect import configuration, references
from openvna.collect.declared import Declared, Problems
from openvna.log import redact
from openvna.model import JSON, InvalidInput, OpenVNAError, reference_in
from openvna.plugin import Spec, Step, Verdict
from openvna.store import Source

if TYPE_CHECKING:
    from openvna.collect.gateway import Gateway

WIDTH = 4
"""Sources that are verified side by side."""
STORED, NEW = "(stored, never shown)", "(new, never shown)"
_INSTEAD = (
    "a secret does not belong into a file. Say where it is: env:NAME, file:/PATH, vault:MOUNT/PATH#FIELD or "
    "awssm:SECRET-ID#KEY; or leave it out, and what is stored stays"
)

Action = Literal["create", "change", "delete", "none"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting that changes: its dotted path, and what stands there before and after; None: nothing."""

    path: str
    before: JSON
    after: JSON


@dataclass(slots=True)
class Planned:
    """What is to be done with one source. `patch` are its settings (of a new one) or the change to them."""

    name: str
    plugin: str
    action: Action
    differences: tuple[Difference, ...] = ()
    declared: Declared | None = None
    source: Source | None = None
    patch: Mapping[str, JSON] = field(default_factory=dict)
    verification: str = ""
    verdict: Verdict | None = None

    @property
    def tried(self) -> bool:
        """Whether its access changes, and so must be proven."""
        return self.action == "create" or bool(self.patch)


OnStep = Callable[[Planned, Step | Verdict], None]


class Applying:
    """One application of files. Used once."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._sources = gateway.store.sources

    def plan(
        self, declared: Sequence[Declared], problems: Problems, origins: Collection[str], *, prune: bool
    ) -> tuple[Planned, ...]:
        """What differs, sources to be deleted last. Changes nothing. `origins` are the files and folders that were
        named. Raises `InvalidInput` with all that is wrong in all of them, `problems` among it."""
        there = {one.name.casefold(): one for one in self._sources.list()}
        planned = [
            found
            for one in declared
            if (found := self._planned(one, there.get(one.name.casefold()), problems)) is not None
        ]
        problems.check()
        if prune:
            named = {one.name.casefold() for one in declared}
            gone = [one for key, one in there.items() if key not in named and one.applied_from in origins]
            planned += [Planned(one.name, one.plugin, "delete", source=one) for one in gone]
        return tuple(planned)

    def verify(self, plan: Sequence[Planned], on_step: OnStep | None = None) -> None:
        """Try what is new or changed, side by side; each planned source has its verdict afterwards. The steps of one
        source come together, when it is through."""
        tried = [one for one in plan if one.tried]
        if not tried:
            return
        with ThreadPoolExecutor(max_workers=WIDTH, thread_name_prefix="apply") as pool:
            for one, events in zip(tried, pool.map(self._tried, tried), strict=True):
                for event in events:
                    if on_step is not None:
                        on_step(one, event)

    def apply(self, plan: Sequence[Planned], *, save_anyway: bool = False) -> Iterator[Planned]:
        """Save, one source after the other, each given when it is done. Raises at the first that cannot be saved."""
        for one in plan:
            if one.action == "delete" and one.source is not None:
                self._gateway.delete_source(one.source.id, confirm=one.source.name)
            elif one.declared is not None:
                self._save(one, one.declared, save_anyway)
            yield one

    def _save(self, one: Planned, declared: Declared, save_anyway: bool) -> None:
        gateway, source = self._gateway, one.source
        if source is None:
            interval = 900 if declared.interval is None else declared.interval
            source = gateway.add_source(
                declared.name,
                declared.plugin,
                one.patch,
                interval=None if interval == "never" else interval,
                save_anyway=save_anyway,
                verification=one.verification,
            )
        elif one.action == "change":
            changed = {each.path for each in one.differences}
            if one.patch or changed & {"name", "interval"}:
                gateway.edit_source(
                    source.id,
                    name=declared.name if "name" in changed else None,
                    config=one.patch or None,
                    interval=declared.interval if "interval" in changed else None,
                    save_anyway=save_anyway,
                    verification=one.verification,
                )
        if declared.paused is not None and declared.paused != source.paused:
            gateway.pause_source(source.id, declared.paused)
        if source.applied_from != declared.origin:
            self._sources.update(source.id, applied_from=declared.origin)

    def _tried(self, one: Planned) -> list[Step | Verdict]:
        if one.source is None:
            running = self._gateway.start_verification(one.plugin, one.patch)
        else:
            running = self._gateway.start_verification(source=one.source.id, config=one.patch)
        events = [event for event in running.events() if event is not None]
        one.verification, one.verdict = running.id, running.verdict
        return events

    # --- what differs

    def _planned(self, declared: Declared, source: Source | None, problems: Problems) -> Planned | None:
        try:
            spec = self._gateway.spec(declared.plugin)
        except OpenVNAError as error:
            problems.add(f"{declared.place}: plugin", f"{error.what} {error.why} {error.remedy}".strip())
            return None
        if source is not None and source.plugin != declared.plugin:
            problems.add(
                f"{declared.place}: plugin",
                f"The source reads with the plugin {source.plugin}, which cannot be changed. Choose another name, or "
                "delete the source first.",
            )
            return None
        literal = _literals(spec, declared.config)
        for path in literal:
            problems.add(f"{declared.place}: config.{path}", f"{_INSTEAD[0].upper()}{_INSTEAD[1:]}.")
        if isinstance(declared.interval, int) and not spec.repeats:
            problems.add(f"{declared.place}: interval", f"{spec.title} is collected on demand only.")
        try:
            return self._changed(spec, declared, source) if source is not None else self._created(spec, declared)
        except InvalidInput as error:
            for path, message in error.fields or (("", f"{error.what} {error.why}"),):
                place = f"{declared.place}: config{f'.{path}' if path else ''}"
                problems.add(place, redact(message))
        except OpenVNAError as error:
            problems.add(declared.place, redact(f"{error.what} {error.why} {error.remedy}".strip()))
        return None

    def _created(self, spec: Spec, declared: Declared) -> Planned:
        model = self._gateway.checked(declared.plugin, declared.config)
        found = [Difference(path, None, after) for path, after in _leaves(telling(model))]
        interval = 900 if declared.interval is None else declared.interval
        found.append(Difference("interval", None, interval if spec.repeats else "never"))
        if declared.paused:
            found.append(Difference("paused", None, True))
        return Planned(declared.name, declared.plugin, "create", tuple(found), declared, None, dict(declared.config))

    def _changed(self, spec: Spec, declared: Declared, source: Source) -> Planned:
        secrets = configuration.secret_names(spec)
        patch = _patch(source.config, declared.config, secrets)
        model = self._gateway.checked(declared.plugin, patch, source=source.id)
        found: list[Difference] = []
        if self._gateway.same(source, model):
            patch = {}
        else:
            found += _compared(source, self._sources.secrets(source.id), model)
        if declared.name != source.name:
            found.append(Difference("name", source.name, declared.name))
        if declared.interval is not None and spec.repeats:
            now = "never" if source.interval is None else source.interval
            if declared.interval != now:
                found.append(Difference("interval", now, declared.interval))
        if declared.paused is not None and declared.paused != source.paused:
            found.append(Difference("paused", source.paused, declared.paused))
        action: Action = "change" if found or patch else "none"
        return Planned(source.name, source.plugin, action, tuple(found), declared, source, patch)


def telling(model: BaseModel) -> dict[str, JSON]:
    """The settings that are not the defaults, without secrets but with references to them. What tells one kind of
    a thing from another (`kind = "profile"`) is there in any case."""
    plain, _ = configuration.split(model)
    return _telling(model, plain)


def _telling(model: BaseModel, plain: Mapping[str, JSON]) -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    for name, info in type(model).model_fields.items():
        if name not in plain:
            continue
        value, inner = plain[name], getattr(model, name)
        if isinstance(inner, BaseModel) and isinstance(value, dict):
            if inner != info.get_default(call_default_factory=True):
                found[name] = _telling(inner, value)
        elif configuration.is_tag(info) or inner != info.get_default(call_default_factory=True):
            found[name] = value
    return found


def _leaves(config: JSON, path: str = "") -> Iterator[tuple[str, JSON]]:
    if isinstance(config, dict) and config:
        for key, item in config.items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    elif path:
        yield path, config


def _compared(source: Source, secrets: Mapping[str, str], model: BaseModel) -> list[Difference]:
    plain, kept = configuration.split(model)
    before, after = dict(_leaves(dict(source.config))), dict(_leaves(plain))
    before |= dict.fromkeys(source.secrets, STORED)
    after |= {path: STORED if secrets.get(path) == value else NEW for path, value in kept.items()}
    found = []
    for path in dict.fromkeys((*before, *after)):
        old, new = before.get(path), after.get(path)
        # An empty object or list on one side is no setting where the other has members below it.
        if old != new and not (old in (None, {}, []) and new in (None, {}, [])):
            found.append(Difference(path, old, new))
    return found


def _patch(old: Mapping[str, JSON], new: Mapping[str, JSON], secrets: Collection[str]) -> dict[str, JSON]:
    """The JSON merge patch that makes the new settings of the old ones. A secret that is not named stays."""
    found: dict[str, JSON] = {key: None for key in old if key not in new and key not in secrets}
    for key, value in new.items():
        before = old.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            found[key] = _patch(before, value, secrets)
        else:
            found[key] = value
    return found


def _literals(spec: Spec, config: Mapping[str, JSON]) -> list[str]:
    """Where a secret stands that is none but itself. The address of a proxy without a password is no secret."""
    open_ones = configuration.open_names(spec)
    found = []
    for path, text in references.secret_texts(spec.config, config):
        if reference_in(text) is not None or not text.strip():
            continue
        name = path.rpartition(".")[2]
        if name in open_ones and "@" not in text:
            continue
        found.append(path)
    return found
