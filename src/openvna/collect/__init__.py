"""When and what: verifying, saving and collecting sources."""

from openvna.collect.gateway import (
    Gateway,
    Phase,
    Progress,
    RunningSignIn,
    SettingUp,
    SetUp,
    SourceCollection,
    Verification,
)
from openvna.collect.sign_ins import SignInState

__all__ = [
    "Gateway",
    "Phase",
    "Progress",
    "RunningSignIn",
    "SetUp",
    "SettingUp",
    "SignInState",
    "SourceCollection",
    "Verification",
]
