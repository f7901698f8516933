"""What every plugin has to keep, as checks that any plugin's tests run in five lines:

    @pytest.fixture(scope="module")
    def subject() -> Subject:
        return Subject(plugin, config)

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    def test_the_plugin_keeps_the_contract(check: Check, subject: Subject) -> None:
        check(subject)

The settings have to be good ones, for an access that has something to show. A check raises `Violation`.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import cached_property
from itertools import groupby
from typing import Any, TypeAlias

from pydantic import BaseModel, SecretStr

from openvna.model import JSON, Calls, Resource, Scope
from openvna.plugin.contract import Complete, Plugin, Problem, Record, ScopeProblem
from openvna.plugin.declaration import TypeSpec
from openvna.plugin.forecast import Foretells, Known
from openvna.plugin.naming import KnowsNames
from openvna.plugin.onboarding import Onboards
from openvna.plugin.refreshing import AsksForOne
from openvna.plugin.verification import Step, StepOutcome, Verdict

_SHAPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
}
_SECRET_NAMES = ("secret", "password", "passphrase", "token", "private_key", "proxy_url")


class Violation(AssertionError):
    """A plugin breaks an obligation of the contract."""


class _Lines(logging.Handler):
    """Keeps every line that is logged, at any level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class Subject:
    """A plugin with good settings, asked once for what the checks look at."""

    def __init__(self, plugin: Plugin, config: BaseModel, secrets: tuple[str, ...] = ()) -> None:
        """`secrets` are values that nothing may show besides the secrets of the settings."""
        self.plugin = plugin
        self.config = config
        self.secrets = (*secrets, *_secrets_in(config))
        self.kept: list[BaseModel] = []
        self.lines: list[str] = []

    def keep(self, settings: BaseModel) -> None:
        """As the gateway does: what was renewed is what is used from then on."""
        self.kept.append(settings)
        self.config = settings
        self.secrets = (*self.secrets, *_secrets_in(settings))

    @cached_property
    def types(self) -> dict[str, TypeSpec]:
        return {each.type: each for each in self.plugin.spec().types}

    @cached_property
    def verification(self) -> list[Step | Verdict]:
        with self._overheard():
            return list(self.plugin.verify(self.config, self.keep))

    @cached_property
    def discovered(self) -> list[Scope | ScopeProblem]:
        return self.discover()

    @property
    def scopes(self) -> list[Scope]:
        return [each for each in self.discovered if isinstance(each, Scope)]

    @cached_property
    def collected(self) -> dict[str, list[Record | Complete | Problem]]:
        """What each scope gave, by the scope's key."""
        return {scope.key: self.collect(scope) for scope in self.scopes}

    @property
    def resources(self) -> Iterator[tuple[str, Resource]]:
        for key, seen in self.collected.items():
            yield from ((key, each.resource) for each in seen if isinstance(each, Record))

    def discover(self) -> list[Scope | ScopeProblem]:
        with self._overheard(), self.plugin.open(self.config, self.keep) as session:
            return list(session.discover())

    def collect(self, scope: Scope, types: list[str] | None = None) -> list[Record | Complete | Problem]:
        with self._overheard(), self.plugin.open(self.config, self.keep) as session:
            return list(session.collect(scope, types))

    @contextmanager
    def _overheard(self) -> Iterator[None]:
        root, handler = logging.getLogger(), _Lines()
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            root.removeHandler(handler)
            root.setLevel(level)
            self.lines += handler.lines


Check: TypeAlias = Callable[[Subject], None]


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Violation(otherwise)


def the_spec_says_what_the_plugin_is(subject: Subject) -> None:
    """Name, title, description and version are there, and asking twice gives the same."""
    spec = subject.plugin.spec()
    _demand(bool(spec.name and spec.title and spec.description and spec.version), f"{spec.name!r}: a word is missing")
    _demand(subject.plugin.spec() == spec, "spec() gives something else the second time")
    _demand(isinstance(subject.config, spec.config), "the settings are not of the model that the spec names")


def the_settings_draw_a_form(subject: Subject) -> None:
    """The settings have a JSON Schema, refuse unknown members, and every secret among them is a secret there."""
    schema = subject.plugin.spec().config.model_json_schema()
    json.dumps(schema)
    for model in [schema, *schema.get("$defs", {}).values()]:
        if "properties" not in model:
            continue
        _demand(model.get("additionalProperties") is False, f"{model.get('title')} accepts unknown members")
        for name, shape in model["properties"].items():
            # The place of a file with a secret in it is none itself.
            if any(word in name for word in _SECRET_NAMES) and not name.endswith("_file"):
                _demand('"writeOnly": true' in json.dumps(shape), f"{name} is not a SecretStr")


def the_types_are_declared_in_full(subject: Subject) -> None:
    """Types are unique, described to the last attribute, and name no column or parent that does not exist."""
    spec = subject.plugin.spec()
    _demand(bool(spec.types), "there are no types")
    twice = [name for name, count in Counter(each.type for each in spec.types).items() if count > 1]
    _demand(not twice, f"declared twice: {twice}")
    for feature in spec.features:
        listed = [each for each in spec.types if each.type in feature.types]
        _demand(len(listed) == len(feature.types), f"feature {feature.id}: types that the spec does not have")
        needed = {action for each in listed for action in each.permissions}
        _demand(needed <= set(feature.permissions), f"feature {feature.id}: a permission of its types is missing")
    _demand(set(spec.look) <= set(subject.types), f"a look lists {spec.look}")
    for each in spec.types:
        attributes = {attribute.name for attribute in each.attributes}
        _demand(bool(each.title and each.description), f"{each.type}: no title or no description")
        _demand(len(attributes) == len(each.attributes), f"{each.type}: two attributes of one name")
        _demand(bool(each.columns) and set(each.columns) <= attributes, f"{each.type}: columns {each.columns}")
        _demand(set(each.depends_on) <= set(subject.types), f"{each.type} depends on {each.depends_on}")
        told_by = set(each.given or ()) - attributes - {"name", "account"}
        _demand(not told_by, f"{each.type}: what is given is told by {sorted(told_by)}, which it does not have")
        for attribute in each.attributes:
            _demand(bool(attribute.description), f"{each.type}.{attribute.name} is not described")
            _demand(attribute.type.removesuffix("[]") in _SHAPES, f"{each.type}.{attribute.name}: {attribute.type}")


def the_ways_to_connect_are_told_in_full(subject: Subject) -> None:
    """Where a plugin leads from nothing to an access: ways with words on them, and no option that does not exist."""
    if not isinstance(subject.plugin, Onboards):
        return
    ways, model = subject.plugin.onboarding_ways(), subject.plugin.onboarding_options()
    _demand(bool(ways) and len({way.id for way in ways}) == len(ways), "no ways to connect, or two of one id")
    for way in ways:
        _demand(bool(way.title and way.when), f"way {way.id}: no title, or no word on whom it is for")
        _demand(set(way.options) <= set(model.model_fields), f"way {way.id}: options that do not exist")
    _demand("way" in model.model_fields, "the options do not say which way")
    json.dumps(model.model_json_schema())
    for shape in (spec for spec in model.model_json_schema()["properties"].values() if "writeOnly" in json.dumps(spec)):
        raise Violation(f"the option {shape.get('title')} is a secret: options are kept in clear")


def a_verification_ends_in_one_verdict(subject: Subject) -> None:
    """Steps, each first running and then done, and exactly one verdict, last, which repeats the steps."""
    *steps, verdict = subject.verification
    _demand(isinstance(verdict, Verdict), "the last of the stream is no verdict")
    assert isinstance(verdict, Verdict)
    done: dict[str, Step] = {}
    running: set[str] = set()
    for step in steps:
        if not isinstance(step, Step):
            raise Violation("there is a verdict before the end")
        _demand(bool(step.title), f"step {step.id} has no title")
        if step.outcome is StepOutcome.RUNNING:
            running.add(step.id)
        else:
            _demand(step.id in running, f"step {step.id} is done without having been running")
            _demand(step.id not in done, f"step {step.id} is done twice")
            done[step.id] = step
    _demand(running == set(done), f"steps that never end: {sorted(running - set(done))}")
    _demand(list(verdict.steps) == list(done.values()), "the verdict does not repeat the steps")
    json.dumps(verdict.as_json())


def good_settings_are_not_refused(subject: Subject) -> None:
    """The verdict on good settings is not failed, and a second verification says the same."""
    verdict = subject.verification[-1]
    again = list(subject.plugin.verify(subject.config, subject.keep))[-1]
    assert isinstance(verdict, Verdict)
    assert isinstance(again, Verdict)
    _demand(verdict.verdict != "failed", f"failed: {verdict.cause} {verdict.summary}")
    _demand((verdict.verdict, verdict.cause) == (again.verdict, again.cause), f"then {again.verdict} {again.cause}")


def every_cause_is_explained(subject: Subject) -> None:
    """Each cause that shows up anywhere is in the plugin's catalogue; an invented one is not."""
    found: set[str | None] = set()
    for each in subject.verification:
        found.add(each.cause)
        if isinstance(each, Verdict):
            found |= {region.cause for region in each.regions}
    for seen in subject.collected.values():
        found |= {each.failure.cause for each in seen if isinstance(each, Problem)}
    found |= {each.failure.cause for each in subject.discovered if isinstance(each, ScopeProblem)}
    for cause in found - {None, ""}:
        _demand(subject.plugin.explain(str(cause)) is not None, f"{cause} is not explained")
    _demand(subject.plugin.explain("X-INVENTED") is None, "an invented cause is explained")


def the_catalogue_of_causes_is_whole(subject: Subject) -> None:
    """Each entry says what it means, how it is known and what to do; ids are unique, and related ones are there."""
    catalogue = subject.plugin.causes()
    ids = Counter(each.id for each in catalogue)
    twice = [id for id, count in ids.items() if count > 1]
    _demand(not twice, f"causes declared twice: {twice}")
    for each in catalogue:
        said = (each.title, each.meaning, each.known_by, each.remedy)
        _demand(all(text.strip() for text in said), f"{each.id} does not say all that a cause says")
        _demand(set(each.related) <= set(ids) - {each.id}, f"{each.id} is related to {each.related}")
        _demand(subject.plugin.explain(each.id) == each, f"{each.id} is explained otherwise than listed")


def repairing_twice_changes_nothing_more(subject: Subject) -> None:
    repaired = subject.plugin.repair(subject.config)
    _demand(subject.plugin.repair(repaired) == repaired, "the second repair changes something")


def discovery_finds_the_same_scopes_again(subject: Subject) -> None:
    keys = [each.key for each in subject.scopes]
    _demand(bool(keys), "no scopes were found")
    _demand(len(set(keys)) == len(keys), f"two scopes of one key: {keys}")
    again = [each.key for each in subject.discover() if isinstance(each, Scope)]
    _demand(sorted(again) == sorted(keys), f"the second time {again}, the first time {keys}")


def every_type_ends_exactly_once(subject: Subject) -> None:
    """In each scope each type ends in one Complete or Problem, and no record of it comes after that."""
    for key, seen in subject.collected.items():
        ended: set[str] = set()
        for each in seen:
            name = each.resource.type if isinstance(each, Record) else each.type
            _demand(name in subject.types, f"{key}: {name} is not declared")
            _demand(name not in ended, f"{key}: {name} goes on after its end")
            if not isinstance(each, Record):
                ended.add(name)
        _demand(ended == set(subject.types), f"{key}: without an end: {sorted(set(subject.types) - ended)}")


def what_calls_cost_adds_up(subject: Subject) -> None:
    """Where the calls of a listing are told by their names, they are those of the listing."""
    for key, seen in subject.collected.items():
        for each in seen:
            if not isinstance(each, Record) and each.by_call:
                whole = sum(each.by_call.values(), Calls())
                counts = (whole.calls, whole.retries, whole.throttles)
                told = (each.calls.calls, each.calls.retries, each.calls.throttles)
                _demand(counts == told, f"{key}: {each.type} tells {told} calls, and by their names {counts}")


def a_dry_run_tells_what_is_asked(subject: Subject) -> None:
    """A plugin that can tell does so of each account together, and of no more than the scopes."""
    plugin = subject.plugin
    if not isinstance(plugin, Foretells):
        return
    scopes = sorted(subject.scopes, key=lambda scope: scope.account)
    demands = list(plugin.foretell(subject.config, [(scope, Known()) for scope in scopes]))
    _demand(bool(demands), "it can tell what is asked, and tells nothing")
    accounts = [account for account, _ in groupby(each.account for each in demands)]
    _demand(accounts == sorted({scope.account for scope in scopes}), f"it tells of the accounts {accounts}")
    for each in demands:
        _demand(0 <= each.fixed <= each.calls, f"{each.api}: {each.fixed} of {each.calls} calls are made in any case")
    places = [(each.account, each.region, each.api) for each in demands]
    _demand(len(set(places)) == len(places), "it tells of one API of one place twice")


def only_what_is_asked_for_is_sent(subject: Subject) -> None:
    """One type alone, also one that is listed by way of another; and nothing at all."""
    scope = subject.scopes[0]
    by_way = [each.type for each in subject.types.values() if each.depends_on]
    for name in [next(iter(subject.types)), *by_way[:1]]:
        seen = subject.collect(scope, [name])
        names = {each.resource.type if isinstance(each, Record) else each.type for each in seen}
        _demand(names == {name}, f"asked for {name}, got {sorted(names)}")
    _demand(subject.collect(scope, []) == [], "asked for nothing, got something")


def resources_are_what_their_type_declares(subject: Subject) -> None:
    """Kind, attributes with their types, relations and volatile attributes are declared; all of it is JSON."""
    _demand(any(True for _ in subject.resources), "nothing was collected")
    for _, resource in subject.resources:
        spec = subject.types[resource.type]
        attributes = {attribute.name: attribute.type for attribute in spec.attributes}
        _demand(bool(resource.id), f"a {resource.type} without an id")
        _demand(resource.kind == spec.kind, f"{resource.id}: kind {resource.kind}")
        for name, value in resource.attributes.items():
            _demand(name in attributes, f"{resource.id}: attribute {name} is not declared")
            _demand(_fits(value, attributes[name]), f"{resource.id}: {name} is no {attributes[name]}: {value!r}")
        names = {relation.name for relation in resource.relations}
        _demand(names <= set(spec.relations), f"{resource.id}: relations {names - set(spec.relations)}")
        _demand(all(relation.to for relation in resource.relations), f"{resource.id}: a relation to nothing")
        _demand(set(resource.volatile) <= set(attributes), f"{resource.id}: volatile {resource.volatile}")
        _json(resource)


def ids_are_unique(subject: Subject) -> None:
    for key in subject.collected:
        ids = Counter((resource.type, resource.id) for scope, resource in subject.resources if scope == key)
        twice = [pair for pair, count in ids.items() if count > 1]
        _demand(not twice, f"{key}: twice {twice[:5]}")


def collecting_again_gives_the_same(subject: Subject) -> None:
    """Nothing differs but volatile attributes, so that an unchanged network makes no new versions."""
    for scope in subject.scopes:
        first = sorted(_lasting(resource) for key, resource in subject.resources if key == scope.key)
        second = sorted(_lasting(each.resource) for each in subject.collect(scope) if isinstance(each, Record))
        for before, after in zip(first, second, strict=False):
            _demand(before == after, f"{scope.key}: first {before}\nthen {after}")
        _demand(len(first) == len(second), f"{scope.key}: {len(first)} resources, then {len(second)}")


def one_alone_is_what_a_listing_says_of_it(subject: Subject) -> None:
    """Asked for by its id, a resource comes as it came among the others, and nothing else comes; then one end."""
    firsts: dict[str, tuple[str, Resource]] = {}
    for key, resource in subject.resources:
        firsts.setdefault(resource.type, (key, resource))
    scopes = {scope.key: scope for scope in subject.scopes}
    with subject.plugin.open(subject.config, subject.keep) as session:
        if not isinstance(session, AsksForOne):
            return
        for key, resource in firsts.values():
            stream = session.collect_one(scopes[key], resource.type, resource.id, resource.alias)
            if stream is None:
                continue
            *records, end = [*stream]
            told = [_lasting(each.resource) for each in records if isinstance(each, Record)]
            _demand(not isinstance(end, Record) and end.type == resource.type, f"{resource.id}: no end of its type")
            _demand(isinstance(end, Problem) or told == [_lasting(resource)], f"{resource.id}: alone it is {told}")


def a_name_is_read_without_fault(subject: Subject) -> None:
    """A name says a type that there is, or none; and no text is too odd to be asked about."""
    plugin = subject.plugin
    if not isinstance(plugin, KnowsNames):
        return
    names = {name for _, resource in subject.resources for name in (resource.id, resource.alias)}
    for name in (*sorted(names), "", "\x00", "no such thing", "a:b:c:d:e:f", "/" * 300):
        type = plugin.named(name).type
        _demand(not type or type in subject.types, f"{name!r} is called a {type}, which is not declared")


def a_collection_may_be_abandoned(subject: Subject) -> None:
    """Half-way through, without an error and without harm to the next one."""
    scope = subject.scopes[0]
    with subject.plugin.open(subject.config, subject.keep) as session:
        stream = session.collect(scope)
        next(iter(stream))
        del stream
        _demand(any(True for _ in session.collect(scope)), "after an abandoned collection nothing comes any more")


def what_is_kept_are_whole_settings(subject: Subject) -> None:
    """What the plugin gives to `keep` is of its model, and needs no repair."""
    _demand(bool(subject.verification) and bool(subject.collected), "there was nothing to see")
    model = subject.plugin.spec().config
    for kept in subject.kept:
        _demand(isinstance(kept, model), f"it keeps a {type(kept).__name__}, not its settings")
        _demand(subject.plugin.repair(kept) == kept, "it keeps settings that it would repair")


def nothing_shows_a_secret(subject: Subject) -> None:
    """Neither steps, verdict, scopes, records and problems nor a log line at any level."""
    shown = [repr(subject.plugin.spec()), repr(subject.verification), repr(subject.discovered)]
    shown += [repr(subject.collected), *subject.lines, repr(subject.config)]
    for secret in subject.secrets:
        _demand(not any(secret in text for text in shown), "a secret is shown")


CHECKS: tuple[Check, ...] = (
    the_spec_says_what_the_plugin_is,
    the_settings_draw_a_form,
    the_types_are_declared_in_full,
    the_ways_to_connect_are_told_in_full,
    a_verification_ends_in_one_verdict,
    good_settings_are_not_refused,
    every_cause_is_explained,
    the_catalogue_of_causes_is_whole,
    repairing_twice_changes_nothing_more,
    discovery_finds_the_same_scopes_again,
    every_type_ends_exactly_once,
    what_calls_cost_adds_up,
    a_dry_run_tells_what_is_asked,
    only_what_is_asked_for_is_sent,
    resources_are_what_their_type_declares,
    ids_are_unique,
    collecting_again_gives_the_same,
    one_alone_is_what_a_listing_says_of_it,
    a_name_is_read_without_fault,
    a_collection_may_be_abandoned,
    what_is_kept_are_whole_settings,
    nothing_shows_a_secret,
)


def _fits(value: JSON, shape: str) -> bool:
    if shape.endswith("[]"):
        return isinstance(value, list) and all(_fits(item, shape[:-2]) for item in value)
    if isinstance(value, bool):
        return shape == "boolean"
    return isinstance(value, _SHAPES[shape])


def _json(resource: Resource) -> str:
    """The resource as JSON text. Raises `Violation` where it is not JSON."""
    try:
        return json.dumps(asdict(resource), sort_keys=True)
    except (TypeError, ValueError) as error:
        raise Violation(f"{resource.id}: {error}") from error


def _lasting(resource: Resource) -> str:
    attributes = {name: value for name, value in resource.attributes.items() if name not in resource.volatile}
    return _json(replace(resource, attributes=attributes))


def _secrets_in(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        if len(value.get_secret_value()) >= 8:
            yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets_in(getattr(value, name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets_in(item)
