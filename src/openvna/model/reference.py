"""References to secrets: where a secret is, in the place of the secret. A reference is no secret itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

SCHEMES: Final = ("env", "file", "vault", "awssm")
LITERAL: Final = "literal:"
"""Before a secret that looks like a reference and is none: what follows is the secret itself."""

_REFERENCE = re.compile(rf"(?P<scheme>{'|'.join(SCHEMES)}):(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reference:
    """`env:NAME`, `file:/path`, `vault:mount/path#field`, `awssm:secret-id#json-key`."""

    scheme: str
    rest: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.rest}"


def reference_in(text: str) -> Reference | None:
    """The reference that was entered in the place of a secret; None for a secret itself. Blanks around it, which
    come with pasting, are no part of it."""
    found = _REFERENCE.fullmatch(text.strip())
    return Reference(found["scheme"], found["rest"].strip()) if found else None


def entered(secret: str) -> str:
    """A secret as it is entered, so that it is not taken for a reference."""
    return f"{LITERAL}{secret}" if reference_in(secret) or secret.startswith(LITERAL) else secret


def meant(text: str) -> str:
    """The secret that was entered, which is no reference."""
    return text.removeprefix(LITERAL)
