"""The one tree of errors. Each says what happened, what it means and what to do next."""

from __future__ import annotations


class OpenVNAError(Exception):
    """An error meant for a person.

    `what` names the thing and what happened to it, `why` is the cause, `remedy` the next step.
    None of the three may ever hold a secret. `slug` is the stable name of the kind of error, used as the
    `type` of an RFC 9457 problem; `status` the HTTP status that says the same.
    """

    slug = "error"
    status = 500
    exit_code = 1

    def __init__(self, what: str, why: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.remedy = remedy

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.why, self.remedy) if part)


class InvalidInput(OpenVNAError):
    """What the user gave cannot be used as it is.

    `fields` names the single inputs that are wrong: (dotted path, message) pairs.
    """

    slug = "invalid-input"
    status = 422
    exit_code = 2

    def __init__(self, what: str, why: str = "", remedy: str = "", fields: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(what, why, remedy)
        self.fields = fields


class NotFound(OpenVNAError):
    """The named thing does not exist."""

    slug = "not-found"
    status = 404


class Conflict(OpenVNAError):
    """The thing exists already, or is busy."""

    slug = "conflict"
    status = 409


class AnotherAccount(OpenVNAError):
    """A credential would turn a source to another account than the one that its data is of; to be confirmed.

    `before` and `now` are the accounts.
    """

    slug = "another-account"
    status = 409

    def __init__(self, what: str, why: str, remedy: str, before: str, now: str) -> None:
        super().__init__(what, why, remedy)
        self.before = before
        self.now = now


class NotAllowed(OpenVNAError):
    """The caller is known, but may not do this."""

    slug = "not-allowed"
    status = 403


class NotSignedIn(OpenVNAError):
    """The caller has not proved who they are."""

    slug = "not-signed-in"
    status = 401


class TooManyAttempts(OpenVNAError):
    """Tried too often; `retry_after` is in seconds."""

    slug = "too-many-attempts"
    status = 429

    def __init__(self, what: str, why: str = "", remedy: str = "", retry_after: int = 60) -> None:
        super().__init__(what, why, remedy)
        self.retry_after = retry_after


class VerificationFailed(OpenVNAError):
    """A source was not saved because its verification failed; `verdict` is the whole verdict as JSON data."""

    slug = "verification-failed"
    status = 422

    def __init__(self, what: str, why: str, remedy: str, verdict: dict[str, object]) -> None:
        super().__init__(what, why, remedy)
        self.verdict = verdict


class StoreUnusable(OpenVNAError):
    """The data directory or its database cannot be used (read-only, newer version, in use, damaged)."""

    slug = "store-unusable"
    status = 503


class SourceUnusable(OpenVNAError):
    """A source cannot be opened at all: its credential or its folder is of no use right now."""

    slug = "source-unusable"
    status = 502
    cause: str = ""
    """An id of the plugin's catalogue of causes, where the plugin knows which one it is."""
