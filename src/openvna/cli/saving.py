"""What remains to be said where a source is not saved, and what is asked before it is."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

import typer

from openvna.model import AnotherAccount, VerificationFailed


@contextlib.contextmanager
def saving() -> Iterator[None]:
    """A verification that fails has been shown step by step; what remains to be said is how to go on."""
    try:
        yield
    except VerificationFailed as error:
        remedy = "Correct it and try again, or save it all the same with --save-anyway."
        raise VerificationFailed(error.what, "", remedy, error.verdict) from error
    except AnotherAccount as error:
        remedy = f"{error.remedy.rpartition(' If ')[0]} If {error.now} is meant: --another-account."
        raise AnotherAccount(error.what, error.why, remedy, error.before, error.now) from error


def ask_for_account() -> Callable[[str, str], bool] | bool:
    """Ask a person whether another account is meant; a script says so with an option."""
    if not sys.stdin.isatty():
        return False

    def ask(before: str, now: str) -> bool:
        return typer.confirm(f"The credential is of account {now}, the source of {before}. Is that meant?", err=True)

    return ask
