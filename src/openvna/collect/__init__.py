"""When and what: verifying, saving and collecting sources."""

from openvna.collect.gateway import Gateway, Phase, Progress, SourceCollection, Verification

__all__ = ["Gateway", "Phase", "Progress", "SourceCollection", "Verification"]
