"""The scored corpus of failed (and healthy) accesses: what a case is. `tests/corpus/README.md` says how to add one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

FOLDER = Path(__file__).parents[1] / "corpus"
CERTAIN = ("proven", "reported")
NOT_CERTAIN = ("inferred", "incomplete")

Kind = Literal["static", "answer", "explain", "emulated"]
Verdict = Literal["ok", "degraded", "failed"]
Confidence = Literal["proven", "reported", "inferred", "incomplete"]


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, (str, dict)) else value


def _confidences(value: Any) -> Any:
    return {"certain": CERTAIN, "not certain": NOT_CERTAIN}.get(value, value) if isinstance(value, str) else value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AnswerOf(_Strict):
    """What comes back for a call: an error in AWS's words, a good answer, or what is not AWS at all."""

    code: str = ""
    message: str = ""
    status: int | None = Field(
        None, description="By default that of the code's protocol: 403, for EC2's AuthFailure 401"
    )
    ahead: float = Field(0.0, description="Seconds by which the answer's Date is ahead of this machine's clock")
    type: str = Field("", description="In JSON answers: what stands before the code (com.amazon.coral.service)")
    body: str = Field("", description="Sent as it is, without a request id unless `request_id`")
    content: str = Field("text/html", description="The content type of `body`")
    request_id: bool = Field(False, description="Whether `body` comes with AWS's request id")
    location: str = ""
    broken: Literal["", "reset", "hang", "drip", "cut", "gibberish"] = ""
    identity: str = Field("", description="GetCallerIdentity: this ARN")
    session: str = Field("", description="AssumeRole: a session of this ARN")
    regions: dict[str, str] = Field({}, description="DescribeRegions: each region's OptInStatus")
    inside: str | None = Field(None, description="A good answer with this XML in it")
    members: dict[str, Any] | None = Field(None, description="A good answer with this JSON")


class Server(_Strict):
    """How the server of the case speaks."""

    connect: int = Field(200, description="The status that it answers CONNECT with, as a proxy")
    tls: str = Field("", description="TLS with a fresh self-signed certificate for this name")
    issuer: str = "Example Inspection CA"
    files: dict[str, str] = {}


class Center(_Strict):
    """An Identity Center with the permission set NetworkReader in account 111122223333, where somebody signed in."""

    role: str = "NetworkReader"
    account: str = "111122223333"
    signed_in: bool = True
    seconds: float = Field(3600.0, description="What is left of the sign-in")
    refreshes: bool = True
    session_over: bool = Field(False, description="The session at the access portal has ended")
    revoked: bool = Field(False, description="An administrator ended the session")
    busy: bool = Field(False, description="The portal is asked too fast once")
    nobody: bool = Field(False, description="No account is assigned to the person")
    says: dict[str, AnswerOf] = Field({}, description="By operation: what it refuses with")


class User(_Strict):
    """An IAM user of the emulator, and what became of its access key."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    resource: str = "*"
    only_region: str = ""
    key: Literal["good", "inactive", "deleted", "other secret", "no token", "other token", "session"] = "good"


class Role(_Strict):
    """A role of the emulator that the user is to assume."""

    trusts: Literal["user", "other", "nobody"] = "user"
    external_id: str = Field("", description="What its trust policy asks for")
    given: str = Field("", description="What we send")
    absent: bool = False


class Case(_Strict):
    """One case: what goes in, and what must come out. `cause` is empty for an access with nothing wrong."""

    file: str
    name: str
    kind: Kind
    source: str = Field(min_length=8)
    note: str = ""
    cause: str
    alternates: tuple[str, ...] = ()
    confidence: Annotated[tuple[Confidence, ...], BeforeValidator(_several), BeforeValidator(_confidences)] = ()
    verdict: Verdict | None = None
    says: Annotated[tuple[str, ...], BeforeValidator(_several)] = ()
    hides: Annotated[tuple[str, ...], BeforeValidator(_several)] = ()

    id: str | None = None
    secret: str | None = None
    token: str | None = None
    key: Literal["permanent", "temporary"] = "permanent"
    credential: dict[str, Any] | None = None
    settings: dict[str, Any] = {}
    environment: dict[str, str] = {}
    files: dict[str, str] = {}
    by_name: bool = Field(False, description="AWS is at its own names over TLS, behind a proxy; else at one address")
    emulator: bool = Field(False, description="The server is an emulator's address, not AWS's")
    server: Server = Server()
    answers: dict[str, Annotated[tuple[AnswerOf, ...], BeforeValidator(_several)]] = {}
    agent: dict[str, Annotated[tuple[AnswerOf, ...], BeforeValidator(_several)]] = Field(
        {}, description="What stands beside the workload: its answers by method and path (GET /v1/credentials)"
    )
    center: Center | None = None
    patience: float = Field(10.0, description="Seconds until the verification gives a connection or an answer up")

    service: str = ""
    operation: str = ""
    region: str = "eu-west-1"
    answer: AnswerOf | None = None
    known: dict[str, Any] = {}

    user: User | None = None
    role: Role | None = None

    @property
    def healthy(self) -> bool:
        return not self.cause

    @property
    def unknowable(self) -> bool:
        """Whether nobody could be certain from this evidence: the product must not be either."""
        return bool(self.confidence) and not set(self.confidence) & set(CERTAIN)

    @model_validator(mode="after")
    def _whole(self) -> Case:
        if self.cause and not self.confidence:
            raise ValueError(f"{self.name}: a cause needs the confidence that is allowed for it")
        if self.kind == "explain" and (self.answer is None or not self.service or not self.operation):
            raise ValueError(f"{self.name}: an explained answer needs service, operation and answer")
        if self.kind == "emulated" and self.user is None:
            raise ValueError(f"{self.name}: an emulated case needs a user")
        return self


def cases(folder: Path = FOLDER) -> tuple[Case, ...]:
    """Every case, in the order of the files. Raises `ValueError` with the case's name where one is malformed."""
    return tuple(case for path in sorted(folder.glob("*.toml")) for case in _of_file(path))


def _of_file(path: Path) -> list[Case]:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    shared: Mapping[str, Any] = content.get("defaults", {})
    return [Case.model_validate({"file": path.name, **_over(shared, each)}) for each in content["case"]]


def _over(shared: Mapping[str, Any], case: Mapping[str, Any]) -> dict[str, Any]:
    """The case with what its file shares: answers and environment add up, everything else is the case's own."""
    together = {name: {**shared.get(name, {}), **case.get(name, {})} for name in ("answers", "environment")}
    return {**shared, **case, **together}
