"""When and what: verifying, saving and collecting sources."""

from openvna.collect.forecast import ApiForecast, Forecast, PlaceForecast, ScheduleForecast
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
    "ApiForecast",
    "Forecast",
    "Gateway",
    "Phase",
    "PlaceForecast",
    "Progress",
    "RunningSignIn",
    "ScheduleForecast",
    "SetUp",
    "SettingUp",
    "SignInState",
    "SourceCollection",
    "Verification",
]
