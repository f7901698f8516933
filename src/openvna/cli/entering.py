"""The credential of a source, however it is given: a profile, the machine, stdin, a prompt, a sign-in, a kind."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openvna.cli import credential as credentials
from openvna.cli import set_options
from openvna.model import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from openvna.model import JSON

ACCESS_KEY = "access-key"


@dataclass(frozen=True, slots=True)
class Given:
    """The options that say where a credential comes from, and what else is set."""

    profile: str | None = None
    ambient: bool = False
    stdin: bool = False
    prompt: bool = False
    sign_in: dict[str, JSON] | None = None
    kind: str | None = None
    sets: Sequence[str] | None = None

    @property
    def of_aws(self) -> tuple[str, ...]:
        """Those of these options that only AWS knows."""
        known = {
            "--profile": self.profile,
            "--ambient": self.ambient,
            "--prompt": self.prompt,
            "--sign-in": self.sign_in,
        }
        return tuple(name for name, on in known.items() if on)

    @property
    def nowhere(self) -> bool:
        """Whether none of them names a credential."""
        return not (self.profile or self.ambient or self.stdin or self.prompt or self.sign_in or self.kind)


def change(model: type[BaseModel], given: Given, before: Mapping[str, JSON] | None = None) -> dict[str, JSON]:
    """What the options change of the settings, as a merge patch: the credential, and what --set names.

    `before` are the settings that are changed. Raises `InvalidInput`.
    """
    sets = set_options.patch(model, given.kind, given.sets, before)
    kind = given.kind
    if kind is None or (kind == ACCESS_KEY and (given.stdin or not _set(sets))):
        if kind is not None and not given.stdin:
            credential: dict[str, JSON] | None = asked_for()
        else:
            credential = credentials.chosen(
                profile=given.profile,
                ambient=given.ambient,
                stdin=given.stdin,
                prompt=given.prompt and kind is None,
                sign_in=given.sign_in,
            )
        return set_options.over({set_options.CREDENTIAL: credential} if credential else {}, sets)
    _one_way(given)
    return set_options.over(sets, {set_options.CREDENTIAL: _of_kind(model, kind, given, sets, anew=False)})


def anew(model: type[BaseModel], given: Given, before: Mapping[str, JSON]) -> dict[str, JSON]:
    """The same for a credential that is entered again: where no way is named, one of the kind that is there."""
    kind = set_options.kind_of(before)
    there = kind if kind and set_options.has_secrets(model, kind) else None
    named = given.kind or (there if given.nowhere or given.stdin else None)
    if named is None or named == ACCESS_KEY:
        found = change(model, given, before)
        return found if set_options.CREDENTIAL in found else set_options.over(found, {"credential": asked_for()})
    sets = set_options.patch(model, given.kind, given.sets, before)
    credential = _of_kind(model, named, given, sets, anew=True)
    return set_options.over(sets, {set_options.CREDENTIAL: credential})


def asked_for() -> dict[str, JSON]:
    """With no credential chosen: ask a person for an access key, refuse a script."""
    if sys.stdin.isatty():
        return credentials.from_prompt()
    raise InvalidInput(
        "No credential was given.",
        "None of --profile, --ambient, --stdin, --prompt, --sign-in and --credential, and no terminal to ask on.",
        "Choose one of them.",
    )


def _of_kind(
    model: type[BaseModel], kind: str, given: Given, sets: Mapping[str, JSON], *, anew: bool
) -> dict[str, JSON]:
    """A credential of a kind, but for what --set names: from standard input, or asked for."""
    there = sets.get(set_options.CREDENTIAL)
    known: dict[str, JSON] = {"kind": kind, **(there if isinstance(there, dict) else {})}
    if given.stdin:
        known |= set_options.read_secrets(model, kind, credentials.standard_input())
    return known | set_options.ask_secrets(model, kind, known, anew=anew)


def _one_way(given: Given) -> None:
    others = [name for name in given.of_aws if name != "--prompt"]  # which says what is done anyway: ask
    if others:
        raise InvalidInput(
            "The credential can come from one place only.",
            f"Given: --credential, {', '.join(others)}.",
            "Keep one of these; a profile by --credential is --credential profile --set credential.profile=NAME.",
        )


def _set(sets: Mapping[str, JSON]) -> bool:
    """Whether --set names more of the credential than its kind."""
    there = sets.get(set_options.CREDENTIAL)
    return isinstance(there, dict) and bool(there.keys() - {"kind"})
