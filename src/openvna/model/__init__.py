"""The nouns that all rooms speak: frozen, without I/O."""

from openvna.model.errors import (
    AnotherAccount,
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSignedIn,
    OpenVNAError,
    SourceUnusable,
    StoreUnusable,
    TooManyAttempts,
    VerificationFailed,
)
from openvna.model.reference import Reference, entered, meant, reference_in
from openvna.model.resource import JSON, Kind, Relation, Resource, Scope
from openvna.model.run import Calls, Change, ChangeKind, Failure, FieldChange, Outcome, RunState

__all__ = [
    "JSON",
    "AnotherAccount",
    "Calls",
    "Change",
    "ChangeKind",
    "Conflict",
    "Failure",
    "FieldChange",
    "InvalidInput",
    "Kind",
    "NotAllowed",
    "NotFound",
    "NotSignedIn",
    "OpenVNAError",
    "Outcome",
    "Reference",
    "Relation",
    "Resource",
    "RunState",
    "Scope",
    "SourceUnusable",
    "StoreUnusable",
    "TooManyAttempts",
    "VerificationFailed",
    "entered",
    "meant",
    "reference_in",
]
