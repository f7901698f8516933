"""A small vendor with a complete plugin: everything that a plugin may do, on command and without a network.

    toys = ToyPlugin()
    toys.world.add(network("n-1", cidr="10.0.0.0/16"))
    gateway = Gateway(store, load_plugin=toys.load, plugin_names=toys.names)

What the vendor has stands in `ToyWorld`, which a test changes between (or during) collections.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from openvna.model import (
    JSON,
    Calls,
    Failure,
    InvalidInput,
    Kind,
    NotFound,
    Outcome,
    Relation,
    Resource,
    Scope,
    SourceUnusable,
)
from openvna.plugin import (
    DESTINATION,
    ENTERED_ANEW,
    SIGN_IN,
    Attribute,
    Before,
    Cause,
    Complete,
    Confidence,
    Denied,
    Feature,
    Identity,
    Keep,
    Plugin,
    Problem,
    Record,
    RegionResult,
    ScopeProblem,
    Spec,
    Step,
    StepOutcome,
    Stub,
    TypeSpec,
    Verdict,
)
from openvna.plugin.forecast import Demand, Known
from openvna.plugin.policy import Policy, PolicyText
from openvna.plugin.sign_in import CHOICE, Prompt, SignInAccount
from support import toy_permissions

ACCOUNT = "111122223333"
GOOD_TOKEN = "toy-token-9f1c77e0a2"
"""The token that the vendor accepts unless a test says otherwise."""

PASS_CARD = "pass-card-5b1d0c93ae"
"""What a sign-in gives."""

NORTH = Scope(f"toy/{ACCOUNT}/north", "toy", ACCOUNT, "north")
SOUTH = Scope(f"toy/{ACCOUNT}/south", "toy", ACCOUNT, "south")


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TokenCredential(_Settings):
    kind: Literal["token"] = "token"
    user: str = Field("robot", title="User")
    token: SecretStr = Field(SecretStr(""), title="Token")
    second_token: SecretStr | None = Field(None, title="Second token", description="Only where the vendor asks for it.")
    ends: str | None = Field(
        None, title="Ends", json_schema_extra={ENTERED_ANEW: True, "x-aliases": ["TOY_EXPIRATION"]}
    )


class BadgeCredential(_Settings):
    """A credential without a secret."""

    kind: Literal["badge"] = "badge"
    badge: str = Field("visitor", title="Badge")


class VisitorCredential(_Settings):
    """A credential that a person signs in for."""

    kind: Literal["visitor"] = "visitor"
    house: str = Field("", title="House", json_schema_extra={DESTINATION: True})
    pass_card: SecretStr = Field(SecretStr(""), title="Pass card", json_schema_extra={SIGN_IN: True})
    account_id: str = Field("", title="Account", json_schema_extra={CHOICE: "account"})
    role_name: str = Field("", title="Role", json_schema_extra={CHOICE: "role"})


class ToyConfig(_Settings):
    """The settings of a toy source."""

    credential: Annotated[TokenCredential | BadgeCredential | VisitorCredential, Field(discriminator="kind")] = Field(
        default_factory=TokenCredential, title="Credential"
    )
    areas: tuple[str, ...] = Field((), title="Areas", description="As `areas` says. Empty: all.")
    retries: int = Field(3, title="Retries", ge=0, le=10)
    endpoint: str | None = Field(None, title="Endpoint", json_schema_extra={DESTINATION: True})
    proxy: SecretStr | None = Field(None, title="Proxy", json_schema_extra={DESTINATION: True})


TYPES = (
    TypeSpec(
        type="toy.network",
        kind=Kind.NETWORK,
        title="Network",
        description="A toy network.",
        attributes=(Attribute("cidr", "string", "Its address range."), Attribute("state")),
        columns=("cidr", "state"),
        calls=("toy:ListNetworks",),
        permissions=("toy:ListNetworks",),
        given={"state": "given"},
    ),
    TypeSpec(
        type="toy.subnet",
        kind=Kind.SUBNET,
        title="Subnet",
        description="A part of a toy network.",
        attributes=(Attribute("cidr", "string", "Its address range."), Attribute("network_id")),
        columns=("cidr", "network_id"),
        relations=("member-of",),
        calls=("toy:ListSubnets",),
        permissions=("toy:ListSubnets",),
    ),
    TypeSpec(
        type="toy.gateway",
        kind=Kind.GATEWAY,
        title="Gateway",
        description="A way out of a toy network.",
        attributes=(Attribute("state"),),
        columns=("state",),
        relations=("attached-to",),
        calls=("toy:ListGateways",),
        permissions=("toy:ListGateways",),
    ),
)

FEATURES = (
    Feature(
        "networks",
        "Networks",
        "Networks and their subnets.",
        types=("toy.network", "toy.subnet"),
        permissions=("toy:ListNetworks", "toy:ListSubnets"),
    ),
    Feature("gateways", "Gateways", "The ways out.", True, types=("toy.gateway",), permissions=("toy:ListGateways",)),
)

DENIED = Failure(
    Outcome.DENIED,
    "You are not allowed to list gateways.",
    code="NotAllowed",
    cause="TOY-DENIED",
    action="toy:ListGateways",
    request_id="req-0001",
    remedy="Allow toy:ListGateways.",
)

CAUSES = {
    each.id: each
    for each in (
        Cause(
            "TOY-WRONG-TOKEN",
            "The token is wrong",
            "The vendor knows the user, but not this token.",
            "the vendor's answer WrongToken",
            Confidence.PROVEN,
            "Copy the token again.",
            "The token",
            ("TOY-DENIED",),
        ),
        Cause(
            "TOY-DENIED",
            "The user may not do this",
            "The user is known, but may not do this.",
            "the vendor's answer Denied",
            Confidence.REPORTED,
            "Allow it in the vendor's console.",
            "Permissions",
            ("TOY-WRONG-TOKEN",),
        ),
    )
}


def network(alias: str, scope: Scope = NORTH, *, cidr: str = "10.0.0.0/16", name: str = "", **tags: str) -> Resource:
    return _resource("toy.network", Kind.NETWORK, alias, scope, name, tags, {"cidr": cidr, "state": "up"})


def subnet(
    alias: str, of: Resource, scope: Scope = NORTH, *, cidr: str = "10.0.1.0/24", name: str = "", **tags: str
) -> Resource:
    attributes: dict[str, JSON] = {"cidr": cidr, "network_id": of.alias}
    return _resource("toy.subnet", Kind.SUBNET, alias, scope, name, tags, attributes, (Relation("member-of", of.id),))


def toy_gateway(alias: str, of: Resource, scope: Scope = NORTH, *, state: str = "up") -> Resource:
    return _resource(
        "toy.gateway", Kind.GATEWAY, alias, scope, "", {}, {"state": state}, (Relation("attached-to", of.id),)
    )


def _resource(
    type: str,
    kind: Kind,
    alias: str,
    scope: Scope,
    name: str,
    tags: dict[str, str],
    attributes: dict[str, JSON],
    relations: tuple[Relation, ...] = (),
) -> Resource:
    return Resource(
        id=f"{scope.key}/{type.removeprefix('toy.')}/{alias}",
        type=type,
        kind=kind,
        account=scope.account,
        region=scope.region,
        alias=alias,
        name=name,
        tags=tags,
        attributes=attributes,
        relations=relations,
        document={"Id": alias, **attributes},
    )


@dataclass
class ToyWorld:
    """What the vendor has, and how it behaves."""

    scopes: list[Scope] = field(default_factory=lambda: [NORTH])
    resources: list[Resource] = field(default_factory=list)
    problems: dict[tuple[str, str], Failure] = field(default_factory=dict)
    """(scope key, type): the listing of this type fails, after half of its records."""
    closed: list[ScopeProblem] = field(default_factory=list)
    """Scopes that cannot be entered."""
    left: dict[str, str] = field(default_factory=dict)
    """scope key: why it has surely left, where `scopes` has it no more."""
    lets_rest: bool = False
    """Scopes rest in which there are only networks of the vendor's own (state: given)."""
    by_id: bool = False
    """The vendor can be asked for one resource by its id."""
    answers_with: tuple[str, ...] = ()
    """Aliases that it answers with then, whatever was asked for."""
    knows: bool = False
    """Whether what is as it was is not sent again."""
    unusable: SourceUnusable | None = None
    """Opening the access fails with this."""
    broken: dict[str, Exception] = field(default_factory=dict)
    """scope key: `collect` breaks its contract and raises this after the first type."""
    silent: set[tuple[str, str]] = field(default_factory=set)
    """(scope key, type): `collect` breaks its contract and never says how this type ended."""
    accepts: set[str] = field(default_factory=lambda: {GOOD_TOKEN})
    renews: dict[str, str] = field(default_factory=dict)
    """token: it is good once more, and then this one takes its place (as a refresh token's successor does)."""
    account: str = ACCOUNT
    """Whose account every token is of."""
    preflight: bool = False
    """A verification tries every permission; what `problems` deny is denied."""
    again: list[tuple[Denied, ...]] = field(default_factory=list)
    """What each verification was told to try again."""
    expires_at: str | None = None
    """When the token ends, by what a verification says; `unknown`: at some time."""
    degraded: bool = False
    """Verification finds that one area does not answer."""
    gate: threading.Event | None = None
    """When set, every listing waits for it before each record, and every verification before its verdict."""
    waiting: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    """Released each time something begins to wait for the gate."""
    verifications: int = 0
    openings: int = 0
    door: Literal["closed", "open", "refuses"] = "closed"
    """What somebody who signs in meets: nothing yet, a pass card, or a refusal."""
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    """Released each time a sign-in asks whether the door is open."""
    used: list[ToyConfig] = field(default_factory=list)
    """The settings of every verification and opening, in their order."""

    def add(self, *resources: Resource) -> None:
        self.resources.extend(resources)

    def remove(self, *aliases: str) -> None:
        self.resources = [resource for resource in self.resources if resource.alias not in aliases]

    def wait(self) -> None:
        if self.gate is not None:
            self.waiting.release()
            self.gate.wait(60)


class ToySession:
    def __init__(self, world: ToyWorld) -> None:
        self._world = world

    def discover(self) -> Iterator[Scope | ScopeProblem]:
        yield from self._world.scopes
        yield from self._world.closed

    def left(self, scope: Scope) -> str:
        return self._world.left.get(scope.key, "")

    def collect(
        self, scope: Scope, types: Collection[str] | None = None, before: Before | None = None
    ) -> Iterator[Record | Complete | Problem]:
        for spec in TYPES:
            if types is not None and spec.type not in types:
                continue
            held = [r for r in self._world.resources if r.type == spec.type and r.id.startswith(f"{scope.key}/")]
            failure = self._world.problems.get((scope.key, spec.type))
            for resource in held[: len(held) // 2] if failure else held:
                self._world.wait()
                if before is None or not self._world.knows:
                    yield Record(resource)
                    continue
                piece = hashlib.blake2b(repr(resource).encode(), digest_size=8, key=before.key).digest()
                if not all(before.unchanged(spec.type, [piece])):
                    yield Record(resource, piece)
            if (scope.key, spec.type) in self._world.silent:
                continue
            cost = Calls(calls=1, seconds=0.01)
            by_call = dict.fromkeys(spec.calls, cost)
            if failure:
                yield Problem(spec.type, failure, cost, by_call)
            else:
                yield Complete(spec.type, cost, by_call)
            if scope.key in self._world.broken:
                raise self._world.broken[scope.key]

    def collect_one(self, scope: Scope, type: str, id: str, alias: str) -> Iterator[Record | Complete | Problem] | None:
        return self._asked(scope, type, self._world.answers_with or (alias,)) if self._world.by_id else None

    def _asked(self, scope: Scope, type: str, aliases: Collection[str]) -> Iterator[Record | Complete | Problem]:
        failure = self._world.problems.get((scope.key, type))
        if failure:
            yield Problem(type, failure, Calls(calls=1))
            return
        for each in self._world.resources:
            if each.alias in aliases and each.type == type and each.id.startswith(f"{scope.key}/"):
                yield Record(each)
        yield Complete(type, Calls(calls=1))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class ToySignIn:
    """A sign-in at the vendor's door."""

    interval = 0.01

    def __init__(self, world: ToyWorld, config: ToyConfig) -> None:
        self._world = world
        self._config = config
        ends_at = datetime.now(UTC) + timedelta(minutes=10)
        self.prompt = Prompt("https://door.example/", "https://door.example/?code=KNOCK-3", "KNOCK-3", ends_at)
        self.closed = False

    def ask(self) -> float | None:
        self._world.asked.release()
        if self._world.door == "refuses":
            error = SourceUnusable("You were not let in.", "The porter said no.", "Ask the porter.")
            error.cause = "TOY-DENIED"
            raise error
        return None if self._world.door == "open" else self.interval

    def accounts(self) -> tuple[SignInAccount, ...]:
        return (SignInAccount(ACCOUNT, "Hall"), SignInAccount("444455556666", "Cellar", "cellar@example.com"))

    def roles(self, account: str) -> tuple[str, ...]:
        return ("guest", "keeper") if account == ACCOUNT else ("guest",)

    def settings(self, account: str | None = None, role: str | None = None) -> ToyConfig:
        credential = self._config.credential
        assert isinstance(credential, VisitorCredential)
        update = {
            "pass_card": SecretStr(PASS_CARD),
            "account_id": credential.account_id if account is None else account,
            "role_name": credential.role_name if role is None else role,
        }
        return self._config.model_copy(update={"credential": credential.model_copy(update=update)})

    def close(self) -> None:
        self.closed = True


class ToyPlugin:
    """The plugin `toy`. `load` and `names` are what a `Gateway` takes."""

    def __init__(self, world: ToyWorld | None = None) -> None:
        self.world = world or ToyWorld()

    def names(self) -> tuple[str, ...]:
        return ("toy",)

    def load(self, name: str) -> Plugin:
        if name != "toy":
            raise NotFound(f"There is no plugin {name!r}.", "Installed: toy.", "Choose this one.")
        return self

    def spec(self) -> Spec:
        return Spec(
            "toy",
            "Toy vendor",
            "1.0",
            "Networks of a vendor that does not exist.",
            ToyConfig,
            TYPES,
            features=FEATURES,
            look=("toy.network",) if self.world.lets_rest else (),
        )

    def policy_formats(self) -> tuple[str, ...]:
        return ("list",)

    def policy(
        self,
        features: Collection[str] | None = None,
        without: Collection[str] = (),
        format: str = "list",
        short: bool = False,
        identity: str = "",
        partition: str = "",
    ) -> Policy:
        chosen = [one for one in FEATURES if (features is None or one.id in features) and one.id not in without]
        text = "".join(f"{right}\n" for one in chosen for right in one.permissions)
        names = tuple(one.id for one in chosen)
        return Policy(format, names, (PolicyText("toy.txt", text, len(text), 1000),), ("Paste it into the toy box.",))

    def verify(
        self, config: BaseModel, keep: Keep | None = None, again: Collection[Denied] = ()
    ) -> Iterator[Step | Verdict]:
        settings = self._renewed(self._enter(config), keep)
        self.world.verifications += 1
        self.world.again.append(tuple(again))
        matrix = toy_permissions.cells(self.world.scopes, self.world.problems, FEATURES, TYPES)
        matrix = matrix if self.world.preflight else ()
        yield Step("form", "Look at the settings", StepOutcome.RUNNING)
        steps = [Step("form", "Look at the settings", StepOutcome.OK, ("nothing to repair",))]
        if settings != self.repair(settings):
            steps = [Step("form", "Look at the settings", StepOutcome.REPAIRED, ("blanks around the token",))]
        yield steps[0]
        yield Step("identity", "Ask who we are", StepOutcome.RUNNING)
        self.world.wait()
        if self._refuses(settings):
            steps.append(
                Step(
                    "identity",
                    "Ask who we are",
                    StepOutcome.FAILED,
                    ("code WrongToken", "request req-0002"),
                    "TOY-WRONG-TOKEN",
                    "Copy the token again.",
                )
            )
            yield steps[-1]
            yield Verdict(
                "failed",
                "TOY-WRONG-TOKEN",
                Confidence.PROVEN,
                "The vendor refused the token.",
                steps=tuple(steps),
                calls=1,
                remedy="Copy the token again.",
            )
            return
        steps.append(Step("identity", "Ask who we are", StepOutcome.OK, ("robot",)))
        yield steps[-1]
        account, ends = self.world.account, self.world.expires_at
        identity = Identity(account, f"toy:{account}:robot", "robot", "toy")
        north = RegionResult(account, "north", StepOutcome.OK)
        if self.world.degraded:
            south = RegionResult(ACCOUNT, "south", StepOutcome.FAILED, "TOY-DENIED", (), "Allow it in the south.")
            yield Verdict(
                "degraded",
                "TOY-DENIED",
                Confidence.REPORTED,
                "The south does not answer.",
                identity,
                tuple(steps),
                (north, south),
                2,
                "Allow it in the south.",
            )
            return
        yield Verdict(
            "ok",
            None,
            Confidence.PROVEN,
            "The access works.",
            identity,
            tuple(steps),
            (north,),
            2,
            expires_at=ends if ends != "unknown" else None,
            end_unknown=ends == "unknown",
            permissions=matrix,
            missing=toy_permissions.missing(matrix),
        )

    def open(self, config: BaseModel, keep: Keep | None = None) -> ToySession:
        settings = self._renewed(self._enter(config), keep)
        self.world.openings += 1
        if self.world.unusable:
            raise self.world.unusable
        if self._refuses(settings):
            raise SourceUnusable(
                "The vendor refused the token.", "It is not one that it issued.", "Copy the token again."
            )
        return ToySession(self.world)

    def begin_sign_in(self, config: BaseModel) -> ToySignIn:
        assert isinstance(config, ToyConfig)
        if not isinstance(config.credential, VisitorCredential) or not config.credential.house:
            raise InvalidInput("No sign-in can begin.", "", "Name the house.", (("credential.house", "Name it."),))
        if config.credential.house == "none":
            raise SourceUnusable("There is no such house.", "", "Name another one.")
        return ToySignIn(self.world, config)

    def foretell(
        self, config: BaseModel, scopes: Iterable[tuple[Scope, Known]], types: Collection[str] | None = None
    ) -> Iterator[Demand]:
        """A call for each list, and one for each network that was there before: two at once, one a second."""
        for scope, known in scopes:
            for spec in TYPES:
                if types is None or spec.type in types:
                    more = known.resources.get("toy.network", 0) if spec.type == "toy.network" else 0
                    yield Demand(
                        scope.account, scope.region, spec.calls[0], 1 + more, 1, 2.0, 1.0, "the makers of toys"
                    )

    def causes(self) -> tuple[Cause, ...]:
        return tuple(CAUSES.values())

    def explain(self, cause: str) -> Cause | None:
        return CAUSES.get(cause)

    def named(self, name: str) -> Stub:
        """`account/999` names an account, `n-7` a network."""
        if name.startswith("account/"):
            return Stub("", name.removeprefix("account/"))
        return Stub("toy.network") if name.startswith("n-") else Stub()

    def repair(self, config: BaseModel) -> BaseModel:
        """Blanks around a token are no part of it."""
        assert isinstance(config, ToyConfig)
        if not isinstance(config.credential, TokenCredential):
            return config
        token = config.credential.token.get_secret_value()
        repaired = config.credential.model_copy(update={"token": SecretStr(token.strip())})
        return config.model_copy(update={"credential": repaired})

    def _enter(self, config: BaseModel) -> ToyConfig:
        assert isinstance(config, ToyConfig)
        self.world.used.append(config)
        return config

    def _renewed(self, settings: ToyConfig, keep: Keep | None) -> ToyConfig:
        """The settings with the successor of their token, where it has one; as the source has them by now, where it
        has others."""
        if not isinstance(settings.credential, TokenCredential):
            return settings
        token = settings.credential.token.get_secret_value().strip()
        if token not in self.world.renews:
            return settings
        successor = self.world.renews[token]
        self.world.accepts = self.world.accepts - {token} | {successor}
        credential = settings.credential.model_copy(update={"token": SecretStr(successor)})
        renewed = settings.model_copy(update={"credential": credential})
        others = keep(renewed) if keep is not None else None
        return others if isinstance(others, ToyConfig) else renewed

    def _refuses(self, settings: ToyConfig) -> bool:
        if isinstance(settings.credential, VisitorCredential):
            return settings.credential.pass_card.get_secret_value() != PASS_CARD
        if not isinstance(settings.credential, TokenCredential):
            return False
        return settings.credential.token.get_secret_value().strip() not in self.world.accepts
