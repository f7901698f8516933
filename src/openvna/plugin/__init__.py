"""The contract between a plugin and the rest of the product."""

from openvna.plugin.cause import Cause
from openvna.plugin.confidence import Confidence
from openvna.plugin.contract import (
    DESTINATION,
    ENTERED_ANEW,
    SIGN_IN,
    Before,
    Complete,
    HangsUp,
    Keep,
    Plugin,
    Problem,
    Record,
    ScopeProblem,
    Session,
    Spec,
)
from openvna.plugin.declaration import Attribute, TypeSpec
from openvna.plugin.discovering import AsksAnAccount
from openvna.plugin.feature import Feature
from openvna.plugin.leaving import KnowsLeft
from openvna.plugin.naming import KnowsNames, Stub
from openvna.plugin.permissions import ActionResult, Denied, Missing, PermissionResult, PermissionState, denied_before
from openvna.plugin.refreshing import AsksForOne
from openvna.plugin.registry import load_plugin, plugin_names
from openvna.plugin.verification import (
    Identity,
    RegionResult,
    Step,
    StepOutcome,
    Verdict,
)

__all__ = [
    "DESTINATION",
    "ENTERED_ANEW",
    "SIGN_IN",
    "ActionResult",
    "AsksAnAccount",
    "AsksForOne",
    "Attribute",
    "Before",
    "Cause",
    "Complete",
    "Confidence",
    "Denied",
    "Feature",
    "HangsUp",
    "Identity",
    "Keep",
    "KnowsLeft",
    "KnowsNames",
    "Missing",
    "PermissionResult",
    "PermissionState",
    "Plugin",
    "Problem",
    "Record",
    "RegionResult",
    "ScopeProblem",
    "Session",
    "Spec",
    "Step",
    "StepOutcome",
    "Stub",
    "TypeSpec",
    "Verdict",
    "denied_before",
    "load_plugin",
    "plugin_names",
]
