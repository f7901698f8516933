"""One reason why an access may not work, as a plugin knows it."""

from __future__ import annotations

from dataclasses import dataclass

from openvna.plugin.confidence import Confidence


@dataclass(frozen=True, slots=True)
class Cause:
    """An entry of a plugin's catalogue of causes. What it says holds for every case of it.

    `meaning`: what is the case, in a sentence or two. `known_by`: the signs. `confidence`: how sure those make it.
    `remedy`: what to do; a case of it comes with its own, in which names are filled in. `group`: what the cause is
    about, for people. `related`: ids of causes with which it is confused.
    """

    id: str
    title: str
    meaning: str
    known_by: str
    confidence: Confidence
    remedy: str
    group: str = ""
    related: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """Title and meaning in a line."""
        return f"{self.title}. {self.meaning}"
