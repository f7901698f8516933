"""When and what: verifying, saving and collecting sources."""

from openvna.collect.gateway import Gateway, Phase, Progress, SettingUp, SetUp, SourceCollection, Verification

__all__ = ["Gateway", "Phase", "Progress", "SetUp", "SettingUp", "SourceCollection", "Verification"]
