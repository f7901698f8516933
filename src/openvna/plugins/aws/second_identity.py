"""What a second identity can tell of a permanent key that STS refuses: AWS does not say to a key what became of it.

Used only then. STS names the key's account (`sts:GetAccessKeyInfo`, which knows nothing of the key's state); where
that is the second identity's own, IAM names the key's user and its state. A handful of calls, none of which changes
anything.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from openvna.model import SourceUnusable
from openvna.plugin import Confidence, Identity, Step, StepOutcome
from openvna.plugins.aws.access import Access
from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.causes import CATALOGUE, remedy
from openvna.plugins.aws.config import Profile
from openvna.plugins.aws.faults import Explanation, explain
from openvna.plugins.aws.keys import masked
from openvna.plugins.aws.profiles import CredentialUnusable
from openvna.plugins.aws.query import Reply
from openvna.plugins.aws.sts import Who, caller_identity

if TYPE_CHECKING:
    from openvna.plugins.aws.diagnosis import Procedure

_PAGES = 5
"""Pages of ListAccessKeys that are read at most; a user may have two keys, but AWS may cut a page where it likes."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What came of a look-up: a cause of its own, or only facts (`cause` empty), and the sentence that sums it up."""

    said: str
    cause: str = ""
    confidence: Confidence | None = None
    account: str = ""
    user: str = ""


class _Refused(Exception):
    """The second identity got no further."""

    def __init__(self, told: Explanation) -> None:
        super().__init__(told.cause)
        self.told = told


def settle(procedure: Procedure, profile: str, told: Explanation) -> Generator[Step, None, Explanation]:
    """The explanation of an unknown key, settled where the second identity can; else with what it could not do."""
    step = procedure.begin("second identity", f"Ask with profile {profile!r} what became of the key")
    yield step
    lookup = _Lookup(procedure, profile)
    try:
        found = lookup.run()
    except _Refused as refused:
        why = f"{CATALOGUE[refused.told.cause].title} ({refused.told.cause})."
        yield procedure.end(step, StepOutcome.WARNING, lookup.facts, refused.told)
        said = f"The second profile {profile!r} could not look the key up: {why}"
        evidence = (*told.evidence, said, *refused.told.evidence)
        return replace(told, evidence=evidence, remedy=remedy(told.cause, second=said))
    if not found.cause:
        yield procedure.end(step, StepOutcome.OK, (*lookup.facts, found.said))
        evidence = (*told.evidence, *lookup.facts, found.said)
        return replace(told, evidence=evidence, remedy=remedy(told.cause, second=found.said))
    settled = Explanation(
        found.cause,
        found.confidence or CATALOGUE[found.cause].confidence,
        (*told.evidence, *lookup.facts, found.said),
        remedy(
            found.cause,
            key=procedure.key.access_key_id,
            user=f" --user-name {found.user}" if found.user else "",
            account=found.account,
        ),
    )
    yield procedure.end(step, StepOutcome.FAILED, (*lookup.facts, found.said), settled)
    return settled


class _Lookup:
    """The questions of one look-up. `facts` grows with each answer."""

    def __init__(self, procedure: Procedure, profile: str) -> None:
        self._procedure = procedure
        self._key = procedure.key.access_key_id
        self.facts: list[str] = []
        self._identity: Identity | None = None
        self._credentials = Credentials("", "")
        theirs = {"credential": Profile(profile=profile), "assume_role": None, "home_region": procedure.region}
        # At the endpoints of the source: it is their STS that does not know the key.
        self._access = Access(
            procedure.access.config.model_copy(update=theirs), procedure.environment, procedure.access.query
        )

    def run(self) -> _Found:
        """Raises `_Refused`."""
        who = self._who()
        self._identity = who.identity
        self.facts.append(f"The second identity is {who.identity.arn}.{_numbered(who.request_id)}")
        if who.identity.kind == "root":
            raise _Refused(Explanation("C-ROOT", Confidence.PROVEN, (), remedy("C-ROOT")))
        account = self._account()
        if not account:
            return _Found(
                f"No account of partition {who.identity.partition} has {masked(self._key)}: it was deleted, "
                "its id is mistyped, or it is of another partition. Inactive it is not."
            )
        if account != who.identity.account:
            return _Found(
                f"The key is of account {account}. The second identity is of account {who.identity.account} and "
                f"cannot look into it: take a profile of account {account}."
            )
        return self._state(account)

    def _who(self) -> Who:
        try:
            self._credentials = self._access.base()
            return self._procedure.patiently(
                lambda: caller_identity(self._access.query, self._procedure.region, self._credentials)
            )
        except CallError as error:
            raise self._refused("sts", error.operation, error) from error
        except CredentialUnusable as problem:
            advice = remedy(problem.cause)
            raise _Refused(
                Explanation(problem.cause, CATALOGUE[problem.cause].confidence, problem.evidence, advice)
            ) from problem
        except SourceUnusable as problem:
            told = Explanation("C-SOURCE", Confidence.INCOMPLETE, (str(problem),), remedy("C-SOURCE"))
            raise _Refused(told) from problem

    def _account(self) -> str:
        """The account that the key is of, empty where AWS knows of none."""
        try:
            reply = self._ask("sts", "GetAccessKeyInfo", {"AccessKeyId": self._key})
        except CallError as error:
            if error.code not in ("ValidationError", "NoSuchEntity") and "exist" not in error.message:
                raise self._refused("sts", "GetAccessKeyInfo", error) from error
            self.facts.append(_said(error))
            return ""
        account = reply.text(".//Account")
        self.facts.append(f"GetAccessKeyInfo: account {account}.{_numbered(reply.request_id)}")
        return account

    def _state(self, account: str) -> _Found:
        try:
            reply = self._ask("iam", "GetAccessKeyLastUsed", {"AccessKeyId": self._key})
        except CallError as error:
            if error.code != "NoSuchEntity":
                raise self._refused("iam", "GetAccessKeyLastUsed", error) from error
            self.facts.append(_said(error))
            said = (
                f"Account {account}, whose number is in the key id, has no such key: it was deleted, or never existed."
            )
            return _Found(said, "K-KEY-DELETED", Confidence.INFERRED, account)
        user = reply.text(".//UserName")
        self.facts.append(f"GetAccessKeyLastUsed: user {user or 'not named'}.{_numbered(reply.request_id)}")
        if not user:
            return _Found(f"The key is of account {account}; IAM does not say whose it is there.")
        states, complete = self._states(user)
        if states is None:
            return _Found(f"The user {user} is gone, and the key with it.", "K-KEY-DELETED", None, account, user)
        state = states.get(self._key, "")
        if state == "Active":
            return _Found(
                f"The key is Active and belongs to user {user} of account {account}: it may have been made or switched "
                "on a moment ago. Try again in a minute."
            )
        if state:
            return _Found(
                f"The key belongs to user {user} of account {account} and is {state}.",
                "K-KEY-INACTIVE",
                None,
                account,
                user,
            )
        if not complete:
            return _Found(f"The keys of user {user} of account {account} are too many to read them all.")
        said = f"The key was of user {user} of account {account}, who does not have it any more."
        return _Found(said, "K-KEY-DELETED", None, account, user)

    def _states(self, user: str) -> tuple[Mapping[str, str] | None, bool]:
        """The status of each key of the user (None: there is no such user), and whether these are all."""
        states: dict[str, str] = {}
        params = {"UserName": user}
        for _ in range(_PAGES):
            try:
                reply = self._ask("iam", "ListAccessKeys", params)
            except CallError as error:
                if error.code != "NoSuchEntity":
                    raise self._refused("iam", "ListAccessKeys", error) from error
                self.facts.append(_said(error))
                return None, True
            for member in reply.root.findall(".//AccessKeyMetadata/member"):
                states[member.findtext("AccessKeyId") or ""] = member.findtext("Status") or ""
            listed = f"{len(states)} key{'s' if len(states) != 1 else ''}"
            self.facts.append(f"ListAccessKeys: {listed} of user {user}.{_numbered(reply.request_id)}")
            marker = reply.text(".//Marker")
            if reply.text(".//IsTruncated") != "true" or not marker:
                return states, True
            params = {"UserName": user, "Marker": marker}
        return states, False

    def _ask(self, service: str, operation: str, params: Mapping[str, str]) -> Reply:
        region = self._procedure.region
        query = self._access.query
        return self._procedure.patiently(lambda: query.call(service, operation, region, params, self._credentials))

    def _refused(self, service: str, operation: str, error: CallError) -> _Refused:
        context = self._procedure.context(
            service, self._procedure.region, "" if error.cause else f"{service}:{operation}"
        )
        context = replace(
            context,
            account=self._identity.account if self._identity else "",
            identity=self._identity.arn if self._identity else "",
            key_kind=self._credentials.access_key_id[:4],
            token=bool(self._credentials.token),
        )
        return _Refused(explain(error, context))


def _said(error: CallError) -> str:
    return f"{error.operation}: {error.status} {error.code}: {error.message}{_numbered(error.request_id)}"


def _numbered(request_id: str) -> str:
    return f" Request id {request_id}." if request_id else ""
