"""Signs a person in with the vendor on the terminal: the code, the wait, then account and role by number."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from openvna.cli.terminal import note, printable
from openvna.model import InvalidInput

if TYPE_CHECKING:
    from pydantic import BaseModel

    from openvna.collect import Gateway
    from openvna.model import JSON
    from openvna.plugin.sign_in import SignIn as Begun
    from openvna.store import Source

KIND = "identity-center"

SignIn = Annotated[
    str | None,
    typer.Option(
        metavar="START_URL", help="Sign in at IAM Identity Center (AWS SSO) with this address of its access portal."
    ),
]
SsoRegion = Annotated[str | None, typer.Option(metavar="REGION", help="The region in which Identity Center is.")]
SsoAccount = Annotated[
    str | None, typer.Option(metavar="ACCOUNT", help="With --sign-in: the account. [default: asked for]")
]
SsoRole = Annotated[
    str | None, typer.Option(metavar="NAME", help="With --sign-in: the permission set. [default: asked for]")
]


def wanted(sign_in: str | None, region: str | None, account: str | None, role: str | None) -> dict[str, JSON] | None:
    """The credential to sign in for, as far as it was given; None without --sign-in."""
    given = {"sso_region": region, "account_id": account, "role_name": role}
    if sign_in is None:
        names = {"sso_region": "--sso-region", "account_id": "--sso-account", "role_name": "--sso-role"}
        lost = [names[name] for name, value in given.items() if value is not None]
        if lost:
            raise InvalidInput(f"{', '.join(lost)} goes with --sign-in.", "It was given without it.", "Give both.")
        return None
    return {"kind": KIND, "start_url": sign_in, **{name: value for name, value in given.items() if value is not None}}


def completed(
    here: Gateway, plugin: str, settings: dict[str, JSON], source: Source | None = None, *, asked: bool
) -> dict[str, JSON]:
    """The settings, signed in where they name a portal and hold no sign-in; `source` is the one that is changed.

    Where nobody `asked` for it by an option, only if somebody sits at the terminal: a script would wait in vain.
    """
    credential = portal(settings, asked=asked)
    if credential is None:
        return settings
    from openvna.plugin.sign_in import signing_in

    if source is None or not signs_in(source):
        settings = with_region(settings)
    if source is None:
        loaded, model = here.sign_ins.prepared(plugin, settings)
    else:
        loaded, model = here.sign_ins.prepared(config=settings, source=source.id)
    signed = signed_in(signing_in(loaded).begin_sign_in(model), _credential(model))
    return {**settings, "credential": {**credential, **_credential(signed, secrets=True)}}


def portal(settings: dict[str, JSON], *, asked: bool) -> dict[str, JSON] | None:
    """The credential of settings for which somebody is to sign in now; None where nobody is."""
    credential = settings.get("credential")
    if not isinstance(credential, dict) or credential.get("kind") != KIND or credential.get("sign_in"):
        return None
    return credential if asked or sys.stdin.isatty() else None


def signs_in(source: Source) -> bool:
    """Whether the source has a credential that somebody signed in for."""
    credential = source.config.get("credential")
    return isinstance(credential, dict) and credential.get("kind") == KIND


def signed_in(begun: Begun, given: dict[str, JSON]) -> BaseModel:
    """Wait for the person, then let them choose what `given` leaves open. Ctrl-C ends it at any point."""
    try:
        _show(begun)
        wait: float | None = begun.interval
        while wait is not None:
            time.sleep(wait)
            wait = begun.ask()
        note("Signed in.")
        account, role = str(given.get("account_id") or ""), str(given.get("role_name") or "")
        if not account:
            account = _choose("Account", [(each.id, each.name) for each in begun.accounts()], "--sso-account")
        if not role:
            role = _choose("Permission set", [(each, "") for each in begun.roles(account)], "--sso-role")
        return begun.settings(account, role)
    except KeyboardInterrupt:
        note("\nStopped. Nothing was saved.")
        raise
    finally:
        begun.close()


def _show(begun: Begun) -> None:
    prompt = begun.prompt
    minutes = max(1, round((prompt.ends_at.timestamp() - time.time()) / 60))
    note(
        f"Open this page, sign in, and confirm that it shows the code {printable(prompt.code)}:\n\n"
        f"  {printable(prompt.complete_url)}\n\n"
        f"On another device: open {printable(prompt.url)} and enter the code. It is good for {minutes} min; "
        "Ctrl-C stops.\nWaiting…"
    )


def _choose(noun: str, options: Sequence[tuple[str, str]], option: str) -> str:
    """One of the options (value, name), by number, by value, or by a part of its name; the only one without asking."""
    if len(options) == 1:
        note(f"{noun}: {printable(' '.join(part for part in reversed(options[0]) if part))}")
        return options[0][0]
    if not options:
        raise InvalidInput(f"There is no {noun.lower()} to choose from.", "The portal shows none.", "Choose another.")
    shown = list(options)
    while True:
        width = max(len(value) for value, _ in shown)
        note(f"\n{noun}s")
        for number, (value, name) in enumerate(shown, 1):
            note(f"  {number:>3}  {printable(value):<{width}}  {printable(name)}".rstrip())
        answer = _answer(noun, option)
        if answer.isdecimal() and 1 <= int(answer) <= len(shown):
            return shown[int(answer) - 1][0]
        exact = [value for value, _ in options if value == answer]
        if exact:
            return exact[0]
        near = [each for each in options if answer.lower() in f"{each[0]} {each[1]}".lower()]
        if len(near) == 1:
            return near[0][0]
        note(f"{len(near)} of them are called so." if near else "None of them is called so.")
        shown = near or list(options)


def _answer(noun: str, option: str) -> str:
    try:
        answer: str = typer.prompt(f"{noun} (number, or a part of its name)", err=True)
    except typer.Abort:
        if sys.stdin.isatty():
            raise KeyboardInterrupt from None
        raise InvalidInput(
            f"The {noun.lower()} was not chosen.", "Standard input ended.", f"Choose it with {option}."
        ) from None
    return answer.strip()


def with_region(settings: dict[str, JSON]) -> dict[str, JSON]:
    """The settings with the region of Identity Center, asked for where it is needed and somebody is there."""
    credential = settings["credential"]
    assert isinstance(credential, dict)
    if credential.get("sso_region") or ".portal.amazonaws." in str(credential.get("start_url")):
        return settings
    if not sys.stdin.isatty():
        raise InvalidInput(
            "The region of Identity Center is not known.", "--sso-region was not given.", "Give --sso-region REGION."
        )
    region = typer.prompt("Region of Identity Center", err=True)
    return {**settings, "credential": {**credential, "sso_region": region}}


def _credential(model: BaseModel, *, secrets: bool = False) -> dict[str, JSON]:
    from pydantic import SecretStr

    found: dict[str, JSON] = {}
    for name, value in getattr(model, "credential"):  # noqa: B009 - a plugin's model: mypy knows no such member
        if not isinstance(value, SecretStr):
            found[name] = value
        elif secrets:
            found[name] = value.get_secret_value()
    return found
