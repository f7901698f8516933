"""What a plugin finds: scopes, resources, and how each listing ends; and that nothing of it shows a secret."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, replace
from itertools import groupby

from openvna.model import JSON, Calls, Resource, Scope
from openvna.plugin.conformance.subject import SHAPES, Check, Subject, Violation, demand
from openvna.plugin.contract import Problem, Record
from openvna.plugin.forecast import Foretells, Known
from openvna.plugin.naming import KnowsNames
from openvna.plugin.refreshing import AsksForOne


def discovery_finds_the_same_scopes_again(subject: Subject) -> None:
    keys = [each.key for each in subject.scopes]
    demand(bool(keys), "no scopes were found")
    demand(len(set(keys)) == len(keys), f"two scopes of one key: {keys}")
    again = [each.key for each in subject.discover() if isinstance(each, Scope)]
    demand(sorted(again) == sorted(keys), f"the second time {again}, the first time {keys}")


def every_type_ends_exactly_once(subject: Subject) -> None:
    """In each scope each type ends in one Complete or Problem, and no record of it comes after that."""
    for key, seen in subject.collected.items():
        ended: set[str] = set()
        for each in seen:
            name = each.resource.type if isinstance(each, Record) else each.type
            demand(name in subject.types, f"{key}: {name} is not declared")
            demand(name not in ended, f"{key}: {name} goes on after its end")
            if not isinstance(each, Record):
                ended.add(name)
        demand(ended == set(subject.types), f"{key}: without an end: {sorted(set(subject.types) - ended)}")


def what_calls_cost_adds_up(subject: Subject) -> None:
    """Where the calls of a listing are told by their names, they are those of the listing."""
    for key, seen in subject.collected.items():
        for each in seen:
            if not isinstance(each, Record) and each.by_call:
                whole = sum(each.by_call.values(), Calls())
                counts = (whole.calls, whole.retries, whole.throttles)
                told = (each.calls.calls, each.calls.retries, each.calls.throttles)
                demand(counts == told, f"{key}: {each.type} tells {told} calls, and by their names {counts}")


def a_dry_run_tells_what_is_asked(subject: Subject) -> None:
    """A plugin that can tell does so of each account together, and of no more than the scopes."""
    plugin = subject.plugin
    if not isinstance(plugin, Foretells):
        return
    scopes = sorted(subject.scopes, key=lambda scope: scope.account)
    demands = list(plugin.foretell(subject.config, [(scope, Known()) for scope in scopes]))
    demand(bool(demands), "it can tell what is asked, and tells nothing")
    accounts = [account for account, _ in groupby(each.account for each in demands)]
    demand(accounts == sorted({scope.account for scope in scopes}), f"it tells of the accounts {accounts}")
    for each in demands:
        demand(0 <= each.fixed <= each.calls, f"{each.api}: {each.fixed} of {each.calls} calls are made in any case")
    places = [(each.account, each.region, each.api) for each in demands]
    demand(len(set(places)) == len(places), "it tells of one API of one place twice")


def only_what_is_asked_for_is_sent(subject: Subject) -> None:
    """One type alone, also one that is listed by way of another; and nothing at all."""
    scope = subject.scopes[0]
    by_way = [each.type for each in subject.types.values() if each.depends_on]
    for name in [next(iter(subject.types)), *by_way[:1]]:
        seen = subject.collect(scope, [name])
        names = {each.resource.type if isinstance(each, Record) else each.type for each in seen}
        demand(names == {name}, f"asked for {name}, got {sorted(names)}")
    demand(subject.collect(scope, []) == [], "asked for nothing, got something")


def resources_are_what_their_type_declares(subject: Subject) -> None:
    """Kind, attributes with their types, relations and volatile attributes are declared; all of it is JSON."""
    demand(any(True for _ in subject.resources), "nothing was collected")
    for _, resource in subject.resources:
        spec = subject.types[resource.type]
        attributes = {attribute.name: attribute.type for attribute in spec.attributes}
        demand(bool(resource.id), f"a {resource.type} without an id")
        demand(resource.kind == spec.kind, f"{resource.id}: kind {resource.kind}")
        for name, value in resource.attributes.items():
            demand(name in attributes, f"{resource.id}: attribute {name} is not declared")
            demand(_fits(value, attributes[name]), f"{resource.id}: {name} is no {attributes[name]}: {value!r}")
        names = {relation.name for relation in resource.relations}
        demand(names <= set(spec.relations), f"{resource.id}: relations {names - set(spec.relations)}")
        demand(all(relation.to for relation in resource.relations), f"{resource.id}: a relation to nothing")
        demand(set(resource.volatile) <= set(attributes), f"{resource.id}: volatile {resource.volatile}")
        _json(resource)


def ids_are_unique(subject: Subject) -> None:
    for key in subject.collected:
        ids = Counter((resource.type, resource.id) for scope, resource in subject.resources if scope == key)
        twice = [pair for pair, count in ids.items() if count > 1]
        demand(not twice, f"{key}: twice {twice[:5]}")


def collecting_again_gives_the_same(subject: Subject) -> None:
    """Nothing differs but volatile attributes, so that an unchanged network makes no new versions."""
    for scope in subject.scopes:
        first = sorted(_lasting(resource) for key, resource in subject.resources if key == scope.key)
        second = sorted(_lasting(each.resource) for each in subject.collect(scope) if isinstance(each, Record))
        for before, after in zip(first, second, strict=False):
            demand(before == after, f"{scope.key}: first {before}\nthen {after}")
        demand(len(first) == len(second), f"{scope.key}: {len(first)} resources, then {len(second)}")


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
            demand(not isinstance(end, Record) and end.type == resource.type, f"{resource.id}: no end of its type")
            demand(isinstance(end, Problem) or told == [_lasting(resource)], f"{resource.id}: alone it is {told}")


def a_name_is_read_without_fault(subject: Subject) -> None:
    """A name says a type that there is, or none; and no text is too odd to be asked about."""
    plugin = subject.plugin
    if not isinstance(plugin, KnowsNames):
        return
    names = {name for _, resource in subject.resources for name in (resource.id, resource.alias)}
    for name in (*sorted(names), "", "\x00", "no such thing", "a:b:c:d:e:f", "/" * 300):
        type = plugin.named(name).type
        demand(not type or type in subject.types, f"{name!r} is called a {type}, which is not declared")


def a_collection_may_be_abandoned(subject: Subject) -> None:
    """Half-way through, without an error and without harm to the next one."""
    scope = subject.scopes[0]
    with subject.plugin.open(subject.config, subject.keep) as session:
        stream = session.collect(scope)
        next(iter(stream))
        del stream
        demand(any(True for _ in session.collect(scope)), "after an abandoned collection nothing comes any more")


def what_is_kept_are_whole_settings(subject: Subject) -> None:
    """What the plugin gives to `keep` is of its model, and needs no repair."""
    demand(bool(subject.verification) and bool(subject.collected), "there was nothing to see")
    model = subject.plugin.spec().config
    for kept in subject.kept:
        demand(isinstance(kept, model), f"it keeps a {type(kept).__name__}, not its settings")
        demand(subject.plugin.repair(kept) == kept, "it keeps settings that it would repair")


def nothing_shows_a_secret(subject: Subject) -> None:
    """Neither steps, verdict, scopes, records and problems nor a log line at any level."""
    shown = [repr(subject.plugin.spec()), repr(subject.verification), repr(subject.discovered)]
    shown += [repr(subject.collected), *subject.lines, repr(subject.config)]
    for secret in subject.secrets:
        demand(not any(secret in text for text in shown), "a secret is shown")


CHECKS: tuple[Check, ...] = (
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
    return isinstance(value, SHAPES[shape])


def _json(resource: Resource) -> str:
    """The resource as JSON text. Raises `Violation` where it is not JSON."""
    try:
        return json.dumps(asdict(resource), sort_keys=True)
    except (TypeError, ValueError) as error:
        raise Violation(f"{resource.id}: {error}") from error


def _lasting(resource: Resource) -> str:
    attributes = {name: value for name, value in resource.attributes.items() if name not in resource.volatile}
    return _json(replace(resource, attributes=attributes))
