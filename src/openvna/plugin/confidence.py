"""How sure a conclusion is."""

from __future__ import annotations

from enum import StrEnum


class Confidence(StrEnum):
    """How sure the cause is: shown by us, said by the vendor, concluded from signs, or not settled."""

    PROVEN = "proven"
    REPORTED = "reported"
    INFERRED = "inferred"
    INCOMPLETE = "incomplete"
