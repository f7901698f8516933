"""What AWS tells of a denial beyond its text, when it is asked. The better evidence first:

1. by the denial's authorization id (`GetRequestAuthorizationDetails`: which policy, which statement),
2. by its encoded message (`DecodeAuthorizationMessage`: denied explicitly or not, which statement),
3. by simulation (`SimulatePrincipalPolicy`: which kind of policy would deny it now).

Nothing is asked without a denial, and little for each. What these questions answer goes to the denial (`Learned`);
that they were refused is told as such, and is never taken for the cause of anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from openvna.log import redact
from openvna.plugin import Confidence
from openvna.plugins.aws import denials
from openvna.plugins.aws.api import Api, CallError, Learned
from openvna.plugins.aws.denials import Denial
from openvna.plugins.aws.simulation import BLIND, Decision, principal_of, simulated

ENOUGH = 3
"""Kinds of denials that are looked into in one verification: a few calls each, and most have one reason."""
_PAGES = 3
_SHOWN = 3
_OUTCOMES = {"EXPLICIT_DENY": "denied explicitly", "IMPLICIT_DENY": "allowed by no policy", "ALLOW": "allowed"}


def learn(error: CallError, action: str, region: str, api: Api, caller: str = "") -> None:
    """Ask about a denial and keep the answer with it. `action` is the permission that was denied in `region`; `api`
    makes calls as whoever was denied, which is `caller` (an ARN; empty: nobody to simulate)."""
    if error.learned is not None or error.code not in denials.CODES:
        return
    denial = denials.read(error.message)
    asked = _Asked(denial.action or action, region, denial, api)
    if denial.authorization_id:
        asked.by_authorization_id()
    if not asked.settled and denial.encoded not in ("", "?"):
        asked.by_encoded_message()
    if not asked.settled and not denial.layer and caller:
        asked.by_simulation(caller)
    if asked.facts:
        error.learned = Learned(tuple(asked.facts), asked.cause, asked.confidence, asked.policy)


class Inquiries:
    """The inquiries of one verification: one for each kind of denial, and few in all."""

    def __init__(self) -> None:
        self._learned: dict[tuple[str, str, str], tuple[str, Learned | None]] = {}

    def about(
        self, error: CallError, account: str, action: str, region: str, caller: str, api: Callable[[], Api]
    ) -> None:
        """Learn about a denial, or take over what was learned of one that differs in its region only."""
        if error.learned is not None or error.code not in denials.CODES:
            return
        kind = (account, action, denials.lasting(error.message))
        if kind in self._learned:
            elsewhere, known = self._learned[kind]
            if known is not None:
                facts = tuple(f"Of the same denial in {elsewhere}: {fact}" for fact in known.facts)
                error.learned = replace(known, facts=facts, confidence=Confidence.INFERRED if known.cause else None)
        elif len(self._learned) < ENOUGH:
            learn(error, action, region, api(), caller)
            self._learned[kind] = (region, error.learned)


class _Asked:
    """The questions about one denial, and what they came to. `settled`: no weaker evidence is needed."""

    def __init__(self, action: str, region: str, denial: Denial, api: Api) -> None:
        self._action = action
        self._region = region
        self._denial = denial
        self._api = api
        self.facts: list[str] = []
        self.cause = ""
        self.confidence: Confidence | None = None
        self.policy = ""
        self.settled = False

    def by_authorization_id(self) -> None:
        evaluations: list[Mapping[str, Any]] = []
        policies: list[Mapping[str, Any]] = []
        request = {"authorizationId": self._denial.authorization_id}
        for _ in range(_PAGES):
            answer = self._call("iam-toolbox", "GetRequestAuthorizationDetails", request)
            if answer is None:
                return
            evaluations += _mappings(answer.get("evaluations"))
            policies += _mappings(answer.get("policies"))
            if not answer.get("nextToken"):
                break
            request["nextToken"] = str(answer["nextToken"])
        denied = [each for each in evaluations if each.get("evaluatedEffect") != "ALLOW"]
        mine = [each for each in denied if each.get("action") == self._action] or denied
        if not mine:
            self.facts.append("iam:GetRequestAuthorizationDetails names nothing that is denied.")
            return
        self._by_evaluation(mine[0], {str(each.get("uri")): each for each in policies})

    def _by_evaluation(self, evaluation: Mapping[str, Any], policies: Mapping[str, Mapping[str, Any]]) -> None:
        effect = str(evaluation.get("evaluatedEffect"))
        of = f"{evaluation.get('action')} on {evaluation.get('resource') or '*'}"
        self.facts.append(f"iam:GetRequestAuthorizationDetails: {of} is {_OUTCOMES.get(effect, effect)}.")
        self.settled = bool(self._denial.layer) or effect == "EXPLICIT_DENY"
        for matched in _mappings(evaluation.get("matchedPolicies")):
            for statement in _mappings(matched.get("matchedStatements")):
                if statement.get("evaluatedEffect") == "DENY":
                    self._by_statement(str(matched.get("uri")), str(statement.get("sid") or "without a Sid"), policies)
        if effect == "IMPLICIT_DENY":
            looked_at = [_named(each) for each in policies.values()]
            more = f" and {len(looked_at) - _SHOWN} more" if len(looked_at) > _SHOWN else ""
            if looked_at:
                self.facts.append(f"None of these allows it: {'; '.join(looked_at[:_SHOWN])}{more}.")

    def _by_statement(self, uri: str, sid: str, policies: Mapping[str, Mapping[str, Any]]) -> None:
        policy = policies.get(uri, {})
        self.facts.append(f"Denied by statement {sid!r} of {_named(policy) if policy else uri}.")
        if self.policy:
            return
        self.policy = f"{uri if uri.startswith('arn:') else 'an inline policy'}, statement {sid!r}"
        layer = denials.layer_of(str(policy.get("type") or ""))
        if layer and layer != self._denial.layer:
            of_role = layer == "RESOURCE" and self._action == "sts:AssumeRole"
            self.cause = "H-TRUST-EXPLICIT" if of_role else f"P-{layer}-EXPLICIT"
            self.confidence = Confidence.REPORTED

    def by_encoded_message(self) -> None:
        answer = self._call("sts", "DecodeAuthorizationMessage", {"EncodedMessage": self._denial.encoded})
        if answer is None:
            return
        try:
            said = json.loads(str(answer.get("DecodedMessage")))
        except ValueError:
            said = None
        if not isinstance(said, Mapping):
            self.facts.append("What sts:DecodeAuthorizationMessage answered cannot be read.")
            return
        explicit = said.get("explicitDeny") is True
        word = "denied explicitly" if explicit else "allowed by no policy"
        self.facts.append(f"sts:DecodeAuthorizationMessage: {self._action} is {word}.")
        statements = [str(each.get("statementId") or "without a Sid") for each in _items(said.get("matchedStatements"))]
        if statements:
            named = ", ".join(repr(each) for each in dict.fromkeys(statements))
            self.facts.append(f"The statement that decided: {named}.")
            self.policy = f"{self._denial.policy or 'the policy'}, statement {named}"
        if not self._denial.layer:
            self.cause = "P-EXPLICIT" if explicit else "P-UNSTATED"
        self.settled = bool(self._denial.layer)

    def by_simulation(self, caller: str) -> None:
        found = simulate(self._api, caller, self._action, self._region)
        if isinstance(found, str):
            self.facts += [found] if found else []
            return
        self.facts.append(found.evidence)
        if found.allowed:
            self.facts.append(f"So something else denies it. {BLIND}")
        elif found.settled and found.cause and self.cause in ("", "P-UNSTATED", "P-EXPLICIT"):
            self.cause, self.confidence = found.cause, Confidence.INFERRED
            self.policy = self.policy or ", ".join(found.policies)

    def _call(self, service: str, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The answer; None where the question was refused, which becomes a fact of its own."""
        try:
            return self._api.call(service, operation, self._region, params)
        except CallError as refusal:
            self.facts.append(refused(f"{'iam' if service == 'iam-toolbox' else service}:{operation}", refusal))
            return None


def simulate(api: Api, caller: str, action: str, region: str, resource: str = "") -> Decision | str:
    """Whether the policies of `caller` (an ARN) allow the action, by simulation; why that is not known, as a fact
    (empty: there is nobody to simulate)."""
    principal = principal_of(api, region, caller)
    if not principal.arn:
        return ""
    try:
        found = simulated(api, region, principal.arn, [action], region, resource).get(action)
    except CallError as refusal:
        return refused("iam:SimulatePrincipalPolicy", refusal)
    return found or "iam:SimulatePrincipalPolicy names no decision."


def refused(action: str, refusal: CallError) -> str:
    """That a question about a denial was itself not answered."""
    if refusal.code in denials.CODES:
        return f"Why, AWS could not be asked: {action} is not allowed either."
    why = f"{refusal.code}: {redact(refusal.message)}" if refusal.code else redact(refusal.message)
    return f"Why, AWS did not say when asked by {action} ({why[:200]})."


def _named(policy: Mapping[str, Any]) -> str:
    """A policy for people: its kind, its ARN, what it is attached to."""
    kind = str(policy.get("type") or "policy").replace("_", " ").lower().replace("vpc", "VPC")
    uri = str(policy.get("uri") or "")
    which = f" {uri}" if uri.startswith("arn:") else " (inline)"
    places = [str(each.get("arn")) for each in _mappings(policy.get("attachedTo"))]
    return f"{kind}{which}{f' of {places[0]}' if places else ''}"


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, Sequence) else []


def _items(value: object) -> list[Mapping[str, Any]]:
    return _mappings(value.get("items")) if isinstance(value, Mapping) else []
