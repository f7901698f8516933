"""What each operation of the REST interface answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openvna.collect import Forecast, Progress, SignInState
from openvna.collect.permissions import SourcePermissions
from openvna.northbound.rest import wire
from openvna.plugin import Cause, Identity, Step, Verdict
from openvna.plugin.policy import Policy
from openvna.plugin.sign_in import SignInAccount
from openvna.store import (
    CallRow,
    ChangeRow,
    Coverage,
    LedgerRow,
    Onboarding,
    QuotaUse,
    ResourceRow,
    RunRow,
    ScopeRow,
    Source,
    Token,
    VersionRow,
)


@dataclass(frozen=True, slots=True)
class Gives:
    """What an operation answers with: one `shape`, a page of them, a stream of events of these shapes, or a file of
    this media type."""

    shape: Any = None
    page: bool = False
    events: tuple[type, ...] = ()
    file: str = ""


ANSWERS: dict[str, Gives] = {
    "health": Gives(wire.Health),
    "session": Gives(wire.Session),
    "sign-in": Gives(wire.Session),
    "sign-out": Gives(),
    "list-plugins": Gives(wire.PluginSummary, page=True),
    "show-plugin": Gives(wire.PluginDescription),
    "show-policy": Gives(Policy),
    "list-causes": Gives(Cause, page=True),
    "show-cause": Gives(Cause),
    "show-onboarding-ways": Gives(wire.OnboardingWays),
    "find-identity": Gives(Identity),
    "list-onboardings": Gives(Onboarding, page=True),
    "begin-onboarding": Gives(wire.OnboardingState),
    "show-onboarding": Gives(wire.OnboardingState),
    "give-up-onboarding": Gives(),
    "settle-onboarding": Gives(wire.OnboardingSettings),
    "list-sources": Gives(Source, page=True),
    "add-source": Gives(Source),
    "show-source": Gives(Source),
    "show-permissions": Gives(SourcePermissions),
    "edit-source": Gives(Source),
    "delete-source": Gives(wire.Deleted),
    "pause-source": Gives(Source),
    "resume-source": Gives(Source),
    "start-verification": Gives(wire.VerificationState),
    "show-verification": Gives(wire.VerificationState),
    "follow-verification": Gives(events=(Step, Verdict)),
    "start-sign-in": Gives(wire.StartedSignIn),
    "show-sign-in": Gives(wire.StartedSignIn),
    "follow-sign-in": Gives(events=(SignInState,)),
    "list-sign-in-accounts": Gives(SignInAccount, page=True),
    "list-sign-in-roles": Gives(wire.SignInRole, page=True),
    "cancel-sign-in": Gives(),
    "start-collection": Gives(wire.CollectionState),
    "forecast-collection": Gives(Forecast),
    "forecast-discovered": Gives(Forecast),
    "list-collections": Gives(wire.CollectionState, page=True),
    "show-collection": Gives(wire.CollectionState),
    "follow-collection": Gives(events=(Progress,)),
    "follow-all": Gives(events=(Progress,)),
    "list-runs": Gives(RunRow, page=True),
    "show-run": Gives(RunRow),
    "show-ledger": Gives(LedgerRow, page=True),
    "show-run-calls": Gives(CallRow, page=True),
    "show-coverage": Gives(Coverage, page=True),
    "list-scopes": Gives(ScopeRow, page=True),
    "list-resources": Gives(ResourceRow, page=True),
    "list-versions": Gives(VersionRow, page=True),
    "show-resource": Gives(wire.WholeResource),
    "list-resource-types": Gives(wire.ResourceType, page=True),
    "list-facets": Gives(wire.Facets),
    "list-quotas": Gives(QuotaUse, page=True),
    "list-changes": Gives(ChangeRow, page=True),
    "list-tokens": Gives(Token, page=True),
    "add-token": Gives(wire.NewTokenValue),
    "revoke-token": Gives(),
    "support-bundle": Gives(file="application/gzip"),
}
