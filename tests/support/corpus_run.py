"""Runs a case of the corpus: the whole verification against our own server, or one answer as a collection reads it."""

from __future__ import annotations

import base64
import json
import socket
import tempfile
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from openvna.plugin import Step, StepOutcome, Verdict
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.buckets import Bucket
from openvna.plugins.aws.causes import CATALOGUE
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.diagnosis import verify
from openvna.plugins.aws.faults import Context, explain
from openvna.plugins.aws.transport import Timeouts
from openvna.plugins.aws.wire.models import load
from openvna.plugins.aws.wire.operations import NotAws, Operation, Received, operation
from support import corpus_certificates
from support import fault_server as faults
from support.agent_server import agent_server
from support.behind import behind
from support.corpus import AnswerOf, Case
from support.emulators import Emulator
from support.fault_server import (
    AKIA,
    ASIA,
    SECRET,
    TOKEN,
    Answer,
    FaultServer,
    certificate,
    fault_server,
    server_context,
)
from support.loopback import refusing_port

_BROKEN = {
    "reset": faults.RESET,
    "hang": faults.HANG,
    "drip": faults.DRIP,
    "cut": faults.CUT,
    "gibberish": faults.GIBBERISH,
}
_STS = ("GetCallerIdentity", "GetAccessKeyInfo", "DecodeAuthorizationMessage", "unsigned")
_IAM = ("GetAccessKeyLastUsed", "ListAccessKeys", "SimulatePrincipalPolicy", "GetRole")
_ORGANIZATIONS = ("DescribeOrganization", "ListAccounts", "ListRoots", "ListAccountsForParent", "ListTagsForResource")


@dataclass(frozen=True)
class Found:
    """What the product said of a case. `told` is every text of it; `matrix`: it got as far as trying permissions."""

    cause: str
    confidence: str
    verdict: str = ""
    calls: int | None = None
    matrix: bool = False
    told: str = field(default="", repr=False)


def run(case: Case, emulator: Emulator | None = None) -> Found:
    """The product's word on a case. An emulated one needs the running `emulator`."""
    if case.kind == "explain":
        return _explained(case)
    if case.kind == "emulated":
        from support.corpus_emulated import emulated

        assert emulator is not None, "an emulated case needs the emulator"
        credential, settings = emulated(case, emulator)
        return verified(case, credential, settings, {})
    if case.center is not None:
        from support.corpus_center import centered

        with centered(case, case.center) as (credential, settings, environment):
            return verified(case, credential, settings, environment)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="corpus-")))
        context = None
        if case.server.tls:
            context = server_context(certificate(folder, names=(case.server.tls,), issuer=case.server.issuer))
        world = stack.enter_context(behind(folder)) if case.by_name else None
        server = world.aws if world else stack.enter_context(fault_server(context)).good()
        server.connect_status = case.server.connect
        server.otherwise = faults.nothing
        if case.verdict != "ok":  # few identities that lack something may simulate policies
            server.on("SimulatePrincipalPolicy", faults.sts_error("AccessDenied", "Access Denied"))
        _script(server, case)
        places = {
            "@SERVER@": server.url,
            "@PORT@": str(server.port),
            "@FOLDER@": str(folder),
            "@FREE@": str(refusing_port()),
        }
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))  # takes connections, never says a word
        places |= {"@JWT@": _web_token(), "@SILENT@": str(silent.getsockname()[1])}
        if case.credential is not None and case.credential["kind"] == "roles-anywhere":
            places |= corpus_certificates.places()
        if case.agent:
            agent = stack.enter_context(agent_server())
            places["@AGENT@"] = agent.url
            for name, answers in case.agent.items():
                method, _, path = name.partition(" ")
                agent.on(method, path, *(_beside(each) for each in answers))
        for name, content in case.files.items():
            (folder / name).write_text(_placed(content, places), encoding="utf-8")
        settings = _settings(case, server.url)
        if world is not None:
            settings = {**case.settings, "proxy_url": world.proxy.url, "ca_bundle": str(world.bundle)}
        credential = _placed(_credential(case), places)
        environment = dict(case.environment)
        if credential["kind"] == "profile" and settings.get("proxy_url") == server.url:
            # What the machine has is used at such a place only where its environment says so.
            environment |= {"AWS_ENDPOINT_URL": settings.pop("endpoint_url"), "http_proxy": settings.pop("proxy_url")}
        return verified(case, credential, _placed(settings, places), _placed(environment, places))


def wrong(case: Case, found: Found) -> list[str]:
    """What of the case's label the product got wrong; nothing when it is right."""
    problems = []
    if found.cause not in (case.cause, *case.alternates):
        problems.append(f"the cause is {found.cause or 'none'}, not {case.cause or 'none'}")
    elif case.cause and found.confidence not in case.confidence:
        problems.append(f"the confidence is {found.confidence}, not {' or '.join(case.confidence)}")
    if case.kind != "explain" and case.verdict is not None and found.verdict != case.verdict:
        problems.append(f"the verdict is {found.verdict}, not {case.verdict}")
    if case.kind == "static" and case.verdict == "failed" and found.calls:
        problems.append(f"{found.calls} calls were made where none was needed")
    problems += [f"nobody says {words!r}" for words in case.says if words not in found.told]
    problems += [f"{words!r} is shown" for words in case.hides if words in found.told]
    return problems


def verified(case: Case, credential: Any, settings: Mapping[str, Any], environment: Mapping[str, str]) -> Found:
    """A verification to its end. Pauses cost no time."""
    config = AwsConfig.model_validate({"credential": credential, **settings})
    timeouts = Timeouts(connect=case.patience, read=case.patience)
    surroundings = {"AWS_EC2_METADATA_DISABLED": "true", **environment}
    with mock.patch.object(Bucket, "due", lambda *_: 0.0):  # every call is due at once, and no pause takes time
        events = list(verify(config, surroundings, timeouts, pause=lambda _: None))
    verdict = events[-1]
    assert isinstance(verdict, Verdict)
    steps = [each for each in events if isinstance(each, Step) and each.outcome != StepOutcome.RUNNING]
    # The form of an emulator's ids is remarked upon, which is no cause.
    told_of = [each for each in steps if not (case.emulator and each.id == "static" and each.outcome == "warning")]
    cause = verdict.cause or next((step.cause for step in told_of if step.cause), None) or ""
    confidence = verdict.confidence if verdict.cause or not cause else CATALOGUE[cause].confidence
    told = "\n".join(text for step in steps for text in (*step.evidence, step.remedy or ""))
    told += f"\n{verdict.summary}\n{verdict.remedy or ''}\n{verdict.endpoint or ''}"
    return Found(cause, str(confidence), verdict.verdict, verdict.calls, bool(verdict.permissions), told)


# The verification of our own server


def _credential(case: Case) -> Any:
    if case.credential is not None:
        return case.credential
    temporary = case.key == "temporary"
    token = case.token if case.token is not None else (TOKEN if temporary else None)
    return {
        "kind": "access-key",
        "access_key_id": case.id if case.id is not None else (ASIA if temporary else AKIA),
        "secret_access_key": case.secret if case.secret is not None else SECRET,
        "session_token": token,
    }


def _settings(case: Case, url: str) -> dict[str, Any]:
    """The settings; unless they say where AWS is, it is at its own address, through a proxy that is the server."""
    settings = dict(case.settings)
    if case.emulator:
        settings.setdefault("endpoint_url", url)
    elif not {"endpoint_url", "proxy_url"} & set(settings) and "AWS_ENDPOINT_URL" not in case.environment:
        settings |= {"endpoint_url": "http://sts.us-east-1.amazonaws.com", "proxy_url": url}
    return settings


def _script(server: FaultServer, case: Case) -> None:
    for name, answers in case.answers.items():
        action, _, region = name.partition(" ")
        made = [_answer(action, each) for each in answers]
        if action == "unsigned":
            server.unsigned = made[0]
        else:
            server.on(action, *made, region=region)


def _answer(action: str, given: AnswerOf) -> Answer:
    if given.broken:
        return _BROKEN[given.broken]
    if given.body or given.location:
        headers = {"Content-Type": given.content} | ({"Location": given.location} if given.location else {})
        if given.request_id:
            headers["x-amzn-RequestId"] = str(uuid.uuid4())
        return Answer(given.status or 200, given.body, headers, given.ahead)
    if given.identity:
        return faults.identity(given.identity, given.ahead)
    if given.session:
        made = faults.role_session(given.session)
        return Answer(200, made.body.replace("AssumeRole", action) if "Web" in action else made.body, made.headers)
    if given.regions:
        return faults.regions(**given.regions)
    if given.members is not None:
        return faults.json_answer(given.members)
    if action in _ORGANIZATIONS:
        return faults.json_error(given.code, given.message, given.status or 400)
    if given.inside is not None:
        return (faults.result if action in (*_STS, *_IAM) else faults.done)(action, given.inside)
    message = _escaped(given.message)
    if action == "GET":
        headers = {"x-amz-request-id": "4442587FB7D0A2F9", "Content-Type": "application/xml"}
        body = f"<Error><Code>{given.code}</Code><Message>{message}</Message></Error>"
        return Answer(given.status or 403, body, headers, given.ahead)
    if action in (*_STS, *_IAM) or action.startswith("AssumeRole"):
        return faults.sts_error(given.code, message, given.status or 403, given.ahead)
    return faults.ec2_error(
        given.code, message, given.status or (401 if given.code == "AuthFailure" else 403), given.ahead
    )


def _beside(given: AnswerOf) -> Answer:
    """An answer of what stands beside the workload: JSON, or a body as it is."""
    if given.broken:
        return _BROKEN[given.broken]
    if given.members is not None:
        headers = {"Content-Type": "application/json", "x-amzn-RequestId": "r-1"}
        headers |= {"x-amzn-ErrorType": given.code} if given.code else {}
        return Answer(given.status or 200, json.dumps(given.members), headers)
    return Answer(given.status or 200, given.body, {"Content-Type": given.content})


def _web_token() -> str:
    """A JWT as a Kubernetes cluster gives its pods; nobody checks its signature here."""
    claims = {
        "iss": "https://oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D",
        "aud": ["sts.amazonaws.com"],
        "sub": "system:serviceaccount:net:openvna",
        "exp": 4102444800,
    }
    parts = (json.dumps({"alg": "RS256", "typ": "JWT"}), json.dumps(claims), "not-a-signature")
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _placed(value: Any, places: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for name, place in places.items():
            value = value.replace(name, place)
        return value
    if isinstance(value, Mapping):
        return {key: _placed(item, places) for key, item in value.items()}
    return [_placed(item, places) for item in value] if isinstance(value, (list, tuple)) else value


# One answer, as a collection reads it


def _explained(case: Case) -> Found:
    assert case.answer is not None
    compiled = _operation(case.service, case.operation)
    try:
        compiled.read(_received(case.service, case.answer))
    except CallError as error:
        refusal = error
    except NotAws as odd:
        refusal = CallError(case.operation, "", str(odd), status=case.answer.status or 0, cause="N-INTERCEPT")
    else:
        return Found("", "proven")
    refusal.operation = case.operation
    refusal.skew = -case.answer.ahead
    action = f"{compiled.signing_name if case.service != 'elbv2' else 'elasticloadbalancing'}:{case.operation}"
    known = {"action": action, "service": case.service, "region": case.region, "key_kind": "AKIA"} | case.known
    told = explain(refusal, Context(**known))
    return Found(told.cause, str(told.confidence), told="\n".join((*told.evidence, told.remedy)))


@cache
def _operation(service: str, name: str) -> Operation:
    return operation(_model(service), name)


@cache
def _model(service: str) -> Any:
    return load(service)


def _received(service: str, given: AnswerOf) -> Received:
    """The answer on the wire, in the protocol of the service."""
    if given.body:
        headers = {"content-type": given.content} | ({"x-amzn-requestid": "0-1"} if given.request_id else {})
        return Received(given.status or 200, headers, given.body.encode())
    protocol = _model(service).protocol
    request_id = str(uuid.uuid4())
    if "json" in protocol:
        code = f"{given.type}#{given.code}" if given.type else given.code
        key = "message" if service != "organizations" else "Message"
        body = json.dumps({"__type": code, key: given.message}).encode()
        return Received(given.status or 400, {"x-amzn-requestid": request_id}, body)
    message, status = _escaped(given.message), given.status or (401 if given.code == "AuthFailure" else 403)
    error = f"<Error><Code>{given.code}</Code><Message>{message}</Message></Error>"
    if protocol == "ec2":
        text = f"<Response><Errors>{error}</Errors><RequestID>{request_id}</RequestID></Response>"
    elif service == "s3":
        text = error.replace("</Error>", f"<RequestId>{request_id}</RequestId></Error>")
    else:
        text = f"<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>"
    return Received(status, {"x-amzn-requestid": request_id}, f'<?xml version="1.0"?>\n{text}'.encode())
