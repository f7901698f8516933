"""The conformance suite itself: it passes a plugin that keeps the contract, and finds each way to break it."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr

from openvna.model import JSON, Calls, Failure, Kind, Outcome, Relation, Resource, Scope
from openvna.plugin import (
    Attribute,
    Before,
    Cause,
    Complete,
    Confidence,
    Denied,
    Identity,
    Keep,
    Problem,
    Record,
    Spec,
    Step,
    StepOutcome,
    Stub,
    TypeSpec,
    Verdict,
)
from openvna.plugin.conformance import CHECKS, Check, Subject, Violation, collected, declared
from openvna.plugin.forecast import Demand, Known
from openvna.plugin.onboarding import OnboardingPlan, Way

SECRET = "secret-of-the-box"
HERE = Scope("box/a/here", "box", "a", "here")
NET = TypeSpec("box.net", Kind.NETWORK, "Net", "A net.", (Attribute("cidr", "string", "Block."),), ("cidr",), ("in",))
PORT = TypeSpec(
    "box.port",
    Kind.INTERFACE,
    "Port",
    "A port.",
    (Attribute("up", "boolean", "Up?"),),
    ("up",),
    depends_on=("box.net",),
)
THING = Resource("net-1", "box.net", Kind.NETWORK, "a", "here", attributes={"cidr": "10.0.0.0/8"})


KNOWN = Cause("B-KNOWN", "Known", "It is known.", "a look", Confidence.PROVEN, "Nothing.")


class BoxConfig(BaseModel):
    model_config = ConfigDict(extra="forbid")

    api_token: SecretStr = SecretStr(SECRET)


class LaxConfig(BaseModel):
    api_token: str = SECRET


class Box:
    """A plugin that keeps the contract, but for what a test replaces."""

    def __init__(self, **instead: Any) -> None:
        self.instead = instead
        self.config = instead.get("config", BoxConfig)

    def spec(self) -> Spec:
        return self.instead.get("spec") or Spec("box", "Box", "1", "A box.", self.config, self.types)

    @property
    def types(self) -> tuple[TypeSpec, ...]:
        return self.instead.get("types", (NET, PORT))

    def verify(
        self, config: BaseModel, keep: Keep | None = None, again: Collection[Denied] = ()
    ) -> Iterator[Step | Verdict]:
        if "verify" in self.instead:
            yield from self.instead["verify"]()
            return
        step = Step("look", "Look", StepOutcome.RUNNING)
        yield step
        done = replace(step, outcome=StepOutcome.OK)
        yield done
        yield Verdict("ok", None, Confidence.PROVEN, "Fine.", steps=(done,))

    def open(self, config: BaseModel, keep: Keep | None = None) -> Box:
        if "keeps" in self.instead and keep is not None:
            keep(self.instead["keeps"])
        return self

    def causes(self) -> tuple[Cause, ...]:
        return self.instead.get("causes", (KNOWN,))

    def explain(self, cause: str) -> Cause | None:
        return self.instead.get("explain", {each.id: each for each in self.causes()}.get)(cause)

    def foretell(
        self, config: BaseModel, scopes: Iterable[tuple[Scope, Known]], types: Collection[str] | None = None
    ) -> Iterator[Demand]:
        yield from self.instead.get("foretell", [Demand("a", "here", "box:List", 2, 2)])

    def repair(self, config: BaseModel) -> BaseModel:
        return self.instead.get("repair", lambda given: given)(config)

    def discover(self) -> Iterator[Scope]:
        yield from self.instead.get("discover", lambda: [HERE])()

    def collect(
        self, scope: Scope, types: Collection[str] | None = None, before: Before | None = None
    ) -> Iterator[Record | Complete | Problem]:
        if "log" in self.instead:
            logging.getLogger("box").debug(self.instead["log"])
        for each in self.types:
            if types is None or each.type in types or self.instead.get("sends_all"):
                if each.type == "box.net":
                    yield from (Record(resource) for resource in self.instead.get("things", lambda: [THING])())
                yield from self.instead.get("ends", lambda name: [Complete(name)])(each.type)

    def collect_one(self, scope: Scope, type: str, id: str, alias: str) -> Iterator[Record | Complete | Problem] | None:
        return iter(self.instead.get("alone", [Record(THING), Complete(type)]))

    def named(self, name: str) -> Stub:
        return self.instead.get("named", Stub())

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def one(resource: Resource) -> Callable[[], list[Resource]]:
    return lambda: [resource]


def verdict(word: str = "ok", cause: str | None = None, *steps: Step) -> Verdict:
    return Verdict(word, cause, Confidence.PROVEN, "So.", steps=steps)  # type: ignore[arg-type]


def repairing_for_ever() -> Callable[[BaseModel], BaseModel]:
    numbers = itertools.count()
    return lambda given: BoxConfig(api_token=SecretStr(f"{SECRET}{next(numbers)}"))


def wandering() -> Callable[[], list[Scope]]:
    numbers = itertools.count()
    return lambda: [replace(HERE, key=f"box/a/{next(numbers)}")]


def changing() -> Callable[[], list[Resource]]:
    numbers = itertools.count()
    return lambda: [replace(THING, attributes={"cidr": f"10.{next(numbers)}.0.0/16"})]


def broken_types(**more: Any) -> tuple[TypeSpec, ...]:
    return (replace(NET, **more), PORT)


RUNNING = Step("look", "Look", StepOutcome.RUNNING)
DONE = replace(RUNNING, outcome=StepOutcome.OK)
FAILED = Problem("box.net", Failure(Outcome.FAILED, "No.", cause="B-UNHEARD-OF"))

BROKEN: dict[str, tuple[Callable[[Subject], None], dict[str, Any]]] = {
    "no title": (
        declared.the_spec_says_what_the_plugin_is,
        {"spec": Spec("box", "", "1", "A box.", BoxConfig, (NET, PORT))},
    ),
    "lax settings": (declared.the_settings_draw_a_form, {"config": LaxConfig}),
    "no types": (declared.the_types_are_declared_in_full, {"types": ()}),
    "a type twice": (declared.the_types_are_declared_in_full, {"types": (NET, NET)}),
    "undescribed": (declared.the_types_are_declared_in_full, {"types": broken_types(attributes=(Attribute("cidr"),))}),
    "odd column": (declared.the_types_are_declared_in_full, {"types": broken_types(columns=("colour",))}),
    "odd parent": (declared.the_types_are_declared_in_full, {"types": broken_types(depends_on=("box.lid",))}),
    "odd gift": (declared.the_types_are_declared_in_full, {"types": broken_types(given={"colour": "red"})}),
    "odd look": (
        declared.the_types_are_declared_in_full,
        {"spec": Spec("box", "Box", "1", "A box.", BoxConfig, (NET, PORT), look=("box.lid",))},
    ),
    "no verdict": (declared.a_verification_ends_in_one_verdict, {"verify": lambda: [RUNNING, DONE]}),
    "two verdicts": (declared.a_verification_ends_in_one_verdict, {"verify": lambda: [verdict(), verdict()]}),
    "never ends": (declared.a_verification_ends_in_one_verdict, {"verify": lambda: [RUNNING, verdict()]}),
    "never ran": (declared.a_verification_ends_in_one_verdict, {"verify": lambda: [DONE, verdict("ok", None, DONE)]}),
    "forgets": (declared.a_verification_ends_in_one_verdict, {"verify": lambda: [RUNNING, DONE, verdict()]}),
    "refuses": (declared.good_settings_are_not_refused, {"verify": lambda: [verdict("failed", "B-KNOWN")]}),
    "unexplained": (declared.every_cause_is_explained, {"verify": lambda: [verdict("degraded", "B-UNHEARD-OF")]}),
    "unexplained end": (declared.every_cause_is_explained, {"ends": lambda name: [replace(FAILED, type=name)]}),
    "explains all": (declared.every_cause_is_explained, {"explain": lambda cause: KNOWN}),
    "cause twice": (declared.the_catalogue_of_causes_is_whole, {"causes": (KNOWN, KNOWN)}),
    "no remedy": (declared.the_catalogue_of_causes_is_whole, {"causes": (replace(KNOWN, remedy=" "),)}),
    "related to nothing": (declared.the_catalogue_of_causes_is_whole, {"causes": (replace(KNOWN, related=("B-X",)),)}),
    "two explanations": (declared.the_catalogue_of_causes_is_whole, {"explain": lambda cause: None}),
    "repairs for ever": (declared.repairing_twice_changes_nothing_more, {"repair": repairing_for_ever()}),
    "no scopes": (collected.discovery_finds_the_same_scopes_again, {"discover": list}),
    "wanders": (collected.discovery_finds_the_same_scopes_again, {"discover": wandering()}),
    "one scope twice": (collected.discovery_finds_the_same_scopes_again, {"discover": lambda: [HERE, HERE]}),
    "never completes": (collected.every_type_ends_exactly_once, {"ends": lambda name: []}),
    "ends twice": (collected.every_type_ends_exactly_once, {"ends": lambda name: [Complete(name), Complete(name)]}),
    "undeclared": (collected.every_type_ends_exactly_once, {"things": one(replace(THING, type="box.lid"))}),
    "costs that do not add up": (
        collected.what_calls_cost_adds_up,
        {"ends": lambda name: [Complete(name, Calls(2), {"box:List": Calls(1)})]},
    ),
    "tells nothing": (collected.a_dry_run_tells_what_is_asked, {"foretell": []}),
    "tells of others": (collected.a_dry_run_tells_what_is_asked, {"foretell": [Demand("b", "here", "box:List", 1, 1)]}),
    "tells more than there is": (
        collected.a_dry_run_tells_what_is_asked,
        {"foretell": [Demand("a", "here", "box:List", 1, 2)]},
    ),
    "tells it twice": (
        collected.a_dry_run_tells_what_is_asked,
        {"foretell": [Demand("a", "here", "box:List", 1, 1)] * 2},
    ),
    "sends all": (collected.only_what_is_asked_for_is_sent, {"sends_all": True}),
    "odd attribute": (
        collected.resources_are_what_their_type_declares,
        {"things": one(replace(THING, attributes={"x": 1}))},
    ),
    "odd value": (
        collected.resources_are_what_their_type_declares,
        {"things": one(replace(THING, attributes={"cidr": 1}))},
    ),
    "odd kind": (collected.resources_are_what_their_type_declares, {"things": one(replace(THING, kind=Kind.ROUTE))}),
    "odd relation": (
        collected.resources_are_what_their_type_declares,
        {"things": one(replace(THING, relations=(Relation("under", "x"),)))},
    ),
    "no JSON": (collected.resources_are_what_their_type_declares, {"things": one(replace(THING, document={"x": {1}}))}),
    "nothing": (collected.resources_are_what_their_type_declares, {"things": list}),
    "an id twice": (collected.ids_are_unique, {"things": lambda: [THING, THING]}),
    "changes": (collected.collecting_again_gives_the_same, {"things": changing()}),
    "not there alone": (collected.one_alone_is_what_a_listing_says_of_it, {"alone": [Complete("box.net")]}),
    "another one alone": (
        collected.one_alone_is_what_a_listing_says_of_it,
        {"alone": [Record(replace(THING, id="net-2")), Complete("box.net")]},
    ),
    "no end alone": (collected.one_alone_is_what_a_listing_says_of_it, {"alone": [Record(THING)]}),
    "named what there is not": (collected.a_name_is_read_without_fault, {"named": Stub("box.lid")}),
    "keeps a part": (collected.what_is_kept_are_whole_settings, {"keeps": LaxConfig()}),
    "keeps what it would repair": (
        collected.what_is_kept_are_whole_settings,
        {"keeps": BoxConfig(api_token=SecretStr(f" {SECRET}")), "repair": lambda given: BoxConfig()},
    ),
    "shows a secret": (collected.nothing_shows_a_secret, {"things": one(replace(THING, name=f"x {SECRET}"))}),
    "logs a secret": (collected.nothing_shows_a_secret, {"log": f"token {SECRET}"}),
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_plugin_that_keeps_the_contract_passes(check: Check) -> None:
    check(Subject(Box(), BoxConfig()))


@pytest.mark.parametrize(("check", "instead"), BROKEN.values(), ids=BROKEN)
def test_a_plugin_that_breaks_it_is_found(check: Check, instead: dict[str, Any]) -> None:
    with pytest.raises(Violation):
        check(Subject(Box(**instead), instead.get("config", BoxConfig)()))


def test_an_abandoned_collection_that_leaves_a_mess_is_found() -> None:
    class Mess(Box):
        left = 1

        def collect(
            self, scope: Scope, types: Collection[str] | None = None, before: Before | None = None
        ) -> Iterator[Record | Complete | Problem]:
            self.left -= 1
            return super().collect(scope, types, before) if self.left >= 0 else iter(())

    with pytest.raises(Violation):
        collected.a_collection_may_be_abandoned(Subject(Mess(), BoxConfig()))


class Lead(BaseModel):
    way: str = "door"
    height: int = 2


class Leading(Box):
    """A plugin that leads to an access by these ways, with these options."""

    def __init__(self, ways: tuple[Way, ...], options: type[BaseModel] = Lead) -> None:
        super().__init__()
        self.ways, self.options = ways, options

    def onboarding_ways(self) -> tuple[Way, ...]:
        return self.ways

    def onboarding_options(self) -> type[BaseModel]:
        return self.options

    def onboarding_identity(self, config: BaseModel) -> Identity:
        raise NotImplementedError

    def onboarding_options_for(self, options: BaseModel, config: BaseModel) -> BaseModel:
        raise NotImplementedError

    def onboarding_plan(self, options: BaseModel, external_id: str) -> OnboardingPlan:
        raise NotImplementedError

    def onboarding_settings(self, options: BaseModel, external_id: str, answer: str) -> dict[str, JSON]:
        raise NotImplementedError


class Secretive(Lead):
    password: SecretStr = SecretStr("")


DOOR = Way("door", "The door", "For everyone.", ("height",))


def test_ways_to_connect_that_are_told_in_full_pass() -> None:
    declared.the_ways_to_connect_are_told_in_full(Subject(Leading((DOOR,)), BoxConfig()))


@pytest.mark.parametrize(
    "plugin",
    [
        Leading(()),
        Leading((DOOR, DOOR)),
        Leading((replace(DOOR, when=""),)),
        Leading((replace(DOOR, options=("width",)),)),
        Leading((DOOR,), Secretive),
        Leading((replace(DOOR, options=()),), LaxConfig),
    ],
    ids=["none", "twice", "no word", "no such option", "a secret", "no way"],
)
def test_ways_to_connect_that_are_not_are_found(plugin: Leading) -> None:
    with pytest.raises(Violation):
        declared.the_ways_to_connect_are_told_in_full(Subject(plugin, BoxConfig()))


def test_every_check_is_seen_to_fail() -> None:
    seen = {check for check, _ in BROKEN.values()}
    seen |= {collected.a_collection_may_be_abandoned, declared.the_ways_to_connect_are_told_in_full}
    assert seen == set(CHECKS)
