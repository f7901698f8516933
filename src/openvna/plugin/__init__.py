"""The contract between a plugin and the rest of the product."""

from openvna.plugin.contract import (
    DESTINATION,
    Complete,
    Keep,
    Plugin,
    Problem,
    Record,
    ScopeProblem,
    Session,
    Spec,
)
from openvna.plugin.declaration import Attribute, TypeSpec
from openvna.plugin.feature import Feature
from openvna.plugin.registry import load_plugin, plugin_names
from openvna.plugin.verification import (
    Confidence,
    Identity,
    RegionResult,
    Step,
    StepOutcome,
    Verdict,
)

__all__ = [
    "DESTINATION",
    "Attribute",
    "Complete",
    "Confidence",
    "Feature",
    "Identity",
    "Keep",
    "Plugin",
    "Problem",
    "Record",
    "RegionResult",
    "ScopeProblem",
    "Session",
    "Spec",
    "Step",
    "StepOutcome",
    "TypeSpec",
    "Verdict",
    "load_plugin",
    "plugin_names",
]
