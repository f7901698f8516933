"""What a plugin says of itself, of its settings and of an access, before anything is collected."""

from __future__ import annotations

import json
from collections import Counter

from openvna.plugin.conformance.subject import SHAPES, Check, Subject, Violation, demand
from openvna.plugin.contract import Problem, ScopeProblem
from openvna.plugin.onboarding import Onboards
from openvna.plugin.verification import Step, StepOutcome, Verdict

_SECRET_NAMES = ("secret", "password", "passphrase", "token", "private_key", "proxy_url")


def the_spec_says_what_the_plugin_is(subject: Subject) -> None:
    """Name, title, description and version are there, and asking twice gives the same."""
    spec = subject.plugin.spec()
    demand(bool(spec.name and spec.title and spec.description and spec.version), f"{spec.name!r}: a word is missing")
    demand(subject.plugin.spec() == spec, "spec() gives something else the second time")
    demand(isinstance(subject.config, spec.config), "the settings are not of the model that the spec names")


def the_settings_draw_a_form(subject: Subject) -> None:
    """The settings have a JSON Schema, refuse unknown members, and every secret among them is a secret there."""
    schema = subject.plugin.spec().config.model_json_schema()
    json.dumps(schema)
    for model in [schema, *schema.get("$defs", {}).values()]:
        if "properties" not in model:
            continue
        demand(model.get("additionalProperties") is False, f"{model.get('title')} accepts unknown members")
        for name, shape in model["properties"].items():
            # The place of a file with a secret in it is none itself.
            if any(word in name for word in _SECRET_NAMES) and not name.endswith("_file"):
                demand('"writeOnly": true' in json.dumps(shape), f"{name} is not a SecretStr")


def the_types_are_declared_in_full(subject: Subject) -> None:
    """Types are unique, described to the last attribute, and name no column or parent that does not exist."""
    spec = subject.plugin.spec()
    demand(bool(spec.types), "there are no types")
    twice = [name for name, count in Counter(each.type for each in spec.types).items() if count > 1]
    demand(not twice, f"declared twice: {twice}")
    for feature in spec.features:
        listed = [each for each in spec.types if each.type in feature.types]
        demand(len(listed) == len(feature.types), f"feature {feature.id}: types that the spec does not have")
        needed = {action for each in listed for action in each.permissions}
        demand(needed <= set(feature.permissions), f"feature {feature.id}: a permission of its types is missing")
    demand(set(spec.look) <= set(subject.types), f"a look lists {spec.look}")
    for each in spec.types:
        attributes = {attribute.name for attribute in each.attributes}
        demand(bool(each.title and each.description), f"{each.type}: no title or no description")
        demand(len(attributes) == len(each.attributes), f"{each.type}: two attributes of one name")
        demand(bool(each.columns) and set(each.columns) <= attributes, f"{each.type}: columns {each.columns}")
        demand(set(each.depends_on) <= set(subject.types), f"{each.type} depends on {each.depends_on}")
        told_by = set(each.given or ()) - attributes - {"name", "account"}
        demand(not told_by, f"{each.type}: what is given is told by {sorted(told_by)}, which it does not have")
        for attribute in each.attributes:
            demand(bool(attribute.description), f"{each.type}.{attribute.name} is not described")
            demand(attribute.type.removesuffix("[]") in SHAPES, f"{each.type}.{attribute.name}: {attribute.type}")


def the_ways_to_connect_are_told_in_full(subject: Subject) -> None:
    """Where a plugin leads from nothing to an access: ways with words on them, and no option that does not exist."""
    if not isinstance(subject.plugin, Onboards):
        return
    ways, model = subject.plugin.onboarding_ways(), subject.plugin.onboarding_options()
    demand(bool(ways) and len({way.id for way in ways}) == len(ways), "no ways to connect, or two of one id")
    for way in ways:
        demand(bool(way.title and way.when), f"way {way.id}: no title, or no word on whom it is for")
        demand(set(way.options) <= set(model.model_fields), f"way {way.id}: options that do not exist")
    demand("way" in model.model_fields, "the options do not say which way")
    json.dumps(model.model_json_schema())
    for shape in (spec for spec in model.model_json_schema()["properties"].values() if "writeOnly" in json.dumps(spec)):
        raise Violation(f"the option {shape.get('title')} is a secret: options are kept in clear")


def a_verification_ends_in_one_verdict(subject: Subject) -> None:
    """Steps, each first running and then done, and exactly one verdict, last, which repeats the steps."""
    *steps, verdict = subject.verification
    demand(isinstance(verdict, Verdict), "the last of the stream is no verdict")
    assert isinstance(verdict, Verdict)
    done: dict[str, Step] = {}
    running: set[str] = set()
    for step in steps:
        if not isinstance(step, Step):
            raise Violation("there is a verdict before the end")
        demand(bool(step.title), f"step {step.id} has no title")
        if step.outcome is StepOutcome.RUNNING:
            running.add(step.id)
        else:
            demand(step.id in running, f"step {step.id} is done without having been running")
            demand(step.id not in done, f"step {step.id} is done twice")
            done[step.id] = step
    demand(running == set(done), f"steps that never end: {sorted(running - set(done))}")
    demand(list(verdict.steps) == list(done.values()), "the verdict does not repeat the steps")
    json.dumps(verdict.as_json())


def good_settings_are_not_refused(subject: Subject) -> None:
    """The verdict on good settings is not failed, and a second verification says the same."""
    verdict = subject.verification[-1]
    again = list(subject.plugin.verify(subject.config, subject.keep))[-1]
    assert isinstance(verdict, Verdict)
    assert isinstance(again, Verdict)
    demand(verdict.verdict != "failed", f"failed: {verdict.cause} {verdict.summary}")
    demand((verdict.verdict, verdict.cause) == (again.verdict, again.cause), f"then {again.verdict} {again.cause}")


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
        demand(subject.plugin.explain(str(cause)) is not None, f"{cause} is not explained")
    demand(subject.plugin.explain("X-INVENTED") is None, "an invented cause is explained")


def the_catalogue_of_causes_is_whole(subject: Subject) -> None:
    """Each entry says what it means, how it is known and what to do; ids are unique, and related ones are there."""
    catalogue = subject.plugin.causes()
    ids = Counter(each.id for each in catalogue)
    twice = [id for id, count in ids.items() if count > 1]
    demand(not twice, f"causes declared twice: {twice}")
    for each in catalogue:
        said = (each.title, each.meaning, each.known_by, each.remedy)
        demand(all(text.strip() for text in said), f"{each.id} does not say all that a cause says")
        demand(set(each.related) <= set(ids) - {each.id}, f"{each.id} is related to {each.related}")
        demand(subject.plugin.explain(each.id) == each, f"{each.id} is explained otherwise than listed")


def repairing_twice_changes_nothing_more(subject: Subject) -> None:
    repaired = subject.plugin.repair(subject.config)
    demand(subject.plugin.repair(repaired) == repaired, "the second repair changes something")


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
)
