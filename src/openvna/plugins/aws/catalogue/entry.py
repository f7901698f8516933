"""One cause of failed access."""

from __future__ import annotations

from dataclasses import dataclass

from openvna.plugin import Confidence

PROVEN, REPORTED, INFERRED, INCOMPLETE = Confidence


@dataclass(frozen=True, slots=True)
class Cause:
    """`meaning`: what is the case, in a sentence or two. `known_by`: the signs. `confidence`: how sure those make it.

    `remedy` is a template: `{region}` and the like are filled with the facts of the case.
    """

    id: str
    title: str
    meaning: str
    known_by: str
    confidence: Confidence
    remedy: str
