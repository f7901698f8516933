"""Who may sign in: users, browser sessions, API tokens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from pwdlib import PasswordHash
from sqlalchemy.engine import Connection

from openvna import log
from openvna.model import Conflict, InvalidInput, NotFound, NotSignedIn, TooManyAttempts
from openvna.store import tables
from openvna.store.engine import Database
from openvna.store.ids import new_id
from openvna.store.rows import SignIn, Token, User

SCOPES = ("read", "write", "admin")
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1_000
SESSION = timedelta(hours=12)
IDLE = timedelta(hours=2)
WINDOW = timedelta(minutes=5)
MOST_FOR_NAME, MOST_FOR_CLIENT = 5, 20
_NOTED_EVERY = timedelta(minutes=1)
_TOKEN_PREFIX = "ovna_"  # noqa: S105 - what every token begins with, no secret
# A hash takes 64 MiB: more than two at a time would let a flood of sign-ins eat the memory.
_hashing = threading.BoundedSemaphore(2)

_user, _session, _token, _attempt = tables.user.c, tables.session.c, tables.token.c, tables.attempt.c


class Accounts:
    """Who may sign in: users, browser sessions, API tokens. Only hashes of passwords, sessions and tokens are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def users(self) -> tuple[User, ...]:
        """By name."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(tables.user).order_by(_user.name_key)).all()
        return tuple(User(row.id, row.name, row.created_at) for row in rows)

    def add_user(self, name: str, password: str) -> User:
        """Raises `InvalidInput` for a password under 12 characters, `Conflict` for a name used twice."""
        name = _named(name, "user")
        hashed = _hash(_checked(password))
        now = self._database.clock()
        user = User(new_id("usr", now), name, now)
        with self._database.write(alone="accounts") as connection:
            if _row(connection, name) is not None:
                raise Conflict(f"There is already a user {name}.", "", "Choose another name.")
            connection.execute(
                sa.insert(tables.user).values(
                    id=user.id, name=name, name_key=name.casefold(), password=hashed, created_at=now
                )
            )
        return user

    def set_password(self, name: str, password: str) -> None:
        """Also ends all sessions of that user. Raises `NotFound`, and `InvalidInput` as `add_user` does."""
        hashed = _hash(_checked(password))
        with self._database.write(alone="accounts") as connection:
            user = _row(connection, name)
            if user is None:
                raise NotFound(f"There is no user {name}.", "", "`openvna user list` lists the users.")
            connection.execute(sa.update(tables.user).where(_user.id == user.id).values(password=hashed))
            connection.execute(sa.delete(tables.session).where(_session.user_id == user.id))
            connection.execute(sa.delete(tables.attempt).where(_attempt.name_key == user.name_key))

    def sign_in(self, name: str, password: str, *, client: str) -> tuple[str, SignIn]:
        """The session's secret value for the cookie, and the session.

        Raises `NotSignedIn` (the same words for an unknown name and a wrong password, after the same work) or
        `TooManyAttempts` after 5 failures within 5 minutes for a name or 20 for a client address."""
        name_key = _folded(name)
        attempt = self._take_attempt(name_key, client)
        with self._database.read() as connection:
            user = _row(connection, name)
        good, renewed = _verify(password, None if user is None else user.password)
        if user is None or not good:
            raise NotSignedIn(
                "The sign-in failed.", "The name or the password is wrong.", "Try again, mind upper and lower case."
            )
        now = self._database.clock()
        value = secrets.token_urlsafe(32)
        log.hide(value)
        with self._database.write(alone="accounts") as connection:
            # The password may have been changed while the old one was being checked.
            current = _row(connection, name)
            if current is None or current.password != user.password:
                raise NotSignedIn("The sign-in failed.", "The password was changed just now.", "Try again.")
            connection.execute(
                sa.delete(tables.attempt).where((_attempt.name_key == name_key) | (_attempt.id == attempt))
            )
            connection.execute(
                sa.delete(tables.session).where((_session.expires_at <= now) | (_session.used_at <= now - IDLE))
            )
            if renewed is not None:
                connection.execute(sa.update(tables.user).where(_user.id == user.id).values(password=renewed))
            connection.execute(
                sa.insert(tables.session).values(
                    hash=_digest(value), user_id=user.id, created_at=now, expires_at=now + SESSION, used_at=now
                )
            )
        return value, SignIn(User(user.id, user.name, user.created_at), _csrf(value), now + SESSION)

    def session(self, value: str) -> SignIn | None:
        """The session behind a cookie value, None when unknown or over (12 h, or 2 h without use)."""
        now = self._database.clock()
        digest = _digest(value)
        with self._database.read() as connection:
            row = connection.execute(
                sa.select(tables.session, _user.name, _user.created_at.label("user_since"))
                .join(tables.user, _user.id == _session.user_id)
                .where(_session.hash == digest, _session.expires_at > now, _session.used_at > now - IDLE)
            ).one_or_none()
        if row is None:
            return None
        if now - row.used_at >= _NOTED_EVERY:
            with self._database.write(durable=False) as connection:
                connection.execute(sa.update(tables.session).where(_session.hash == digest).values(used_at=now))
        return SignIn(User(row.user_id, row.name, row.user_since), _csrf(value), row.expires_at)

    def sign_out(self, value: str) -> None:
        """End a session; nothing happens when it is over already."""
        with self._database.write(alone="accounts") as connection:
            connection.execute(sa.delete(tables.session).where(_session.hash == _digest(value)))

    def add_token(self, name: str, scopes: tuple[str, ...], expires_at: datetime | None) -> tuple[str, Token]:
        """The token's value (`ovna_...`, shown once) and its row. Raises `InvalidInput` for an unknown scope."""
        name = _named(name, "token")
        unknown = [scope for scope in scopes if scope not in SCOPES]
        if unknown or not scopes:
            why = f"{', '.join(unknown)}: not known." if unknown else "A token needs at least one."
            raise InvalidInput(
                "The scopes of the token cannot be used.", why, f"Choose from {', '.join(SCOPES)}.", (("scopes", why),)
            )
        now = self._database.clock()
        if expires_at is not None and expires_at <= now:
            why = "It lies in the past."
            raise InvalidInput("The expiry of the token cannot be used.", why, "", (("expires_at", why),))
        value = _TOKEN_PREFIX + secrets.token_urlsafe(32)
        log.hide(value)
        ordered = tuple(scope for scope in SCOPES if scope in scopes)
        token = Token(new_id("tok", now), name, ordered, now, expires_at, None)
        with self._database.write(alone="accounts") as connection:
            connection.execute(
                sa.insert(tables.token).values(
                    id=token.id,
                    name=name,
                    hash=_digest(value),
                    scopes=list(ordered),
                    created_at=now,
                    expires_at=expires_at,
                )
            )
        return value, token

    def tokens(self) -> tuple[Token, ...]:
        """Newest first, those that are over too."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(tables.token).order_by(_token.created_at.desc(), _token.id.desc()))
            return tuple(_token_row(row) for row in rows)

    def token(self, value: str) -> Token | None:
        """The token with this value, None when unknown or over. Its last use is noted at most once a minute."""
        if not value.startswith(_TOKEN_PREFIX):
            return None
        now = self._database.clock()
        with self._database.read() as connection:
            row = connection.execute(
                sa.select(tables.token).where(
                    _token.hash == _digest(value), _token.expires_at.is_(None) | (_token.expires_at > now)
                )
            ).one_or_none()
        if row is None:
            return None
        if row.last_used_at is None or now - row.last_used_at >= _NOTED_EVERY:
            with self._database.write(durable=False) as connection:
                connection.execute(sa.update(tables.token).where(_token.id == row.id).values(last_used_at=now))
        return _token_row(row)

    def revoke_token(self, token_id: str) -> None:
        """Raises `NotFound`."""
        with self._database.write(alone="accounts") as connection:
            if connection.execute(sa.delete(tables.token).where(_token.id == token_id)).rowcount == 0:
                raise NotFound(f"There is no token {token_id}.", "", "`openvna token list` lists them with their ids.")

    def _take_attempt(self, name_key: str, client: str) -> str:
        """Count a try before it is known how it ends: tries side by side cannot slip past the limit."""
        now = self._database.clock()
        id = new_id("try", now)
        with self._database.write(alone="accounts") as connection:
            connection.execute(sa.delete(tables.attempt).where(_attempt.at <= now - WINDOW))
            waits = [
                _wait(connection, _attempt.name_key == name_key, MOST_FOR_NAME, now),
                _wait(connection, _attempt.client == client, MOST_FOR_CLIENT, now),
            ]
            if not any(waits):
                connection.execute(
                    sa.insert(tables.attempt).values(id=id, name_key=name_key, client=client[:200], at=now)
                )
                return id
        raise TooManyAttempts(
            "Too many sign-ins failed.",
            f"{MOST_FOR_NAME} for a name or {MOST_FOR_CLIENT} from an address within 5 minutes are allowed.",
            f"Wait {max(waits)} seconds.",
            retry_after=max(waits),
        )


def _wait(connection: Connection, condition: sa.ColumnElement[bool], most: int, now: datetime) -> int:
    """The seconds until another try is allowed, 0 when one is now."""
    times = connection.execute(
        sa.select(_attempt.at).where(condition).order_by(_attempt.at.desc()).limit(most)
    ).scalars()
    recent = list(times)
    return 0 if len(recent) < most else max(1, -int((now - recent[-1] - WINDOW).total_seconds() // 1))


def _row(connection: Connection, name: str) -> Any:
    return connection.execute(sa.select(tables.user).where(_user.name_key == _folded(name))).one_or_none()


def _folded(name: str) -> str:
    return name.strip().replace("\x00", "").casefold()[:200]


def _named(name: str, noun: str) -> str:
    name = name.strip()
    if not name or len(name) > 100 or not name.isprintable():
        why = "A name has 1 to 100 printable characters."
        raise InvalidInput(f"The name of the {noun} cannot be used.", why, "", (("name", why),))
    return name


def _checked(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        why = f"It has {len(password)} characters; {SHORTEST_PASSWORD} to {LONGEST_PASSWORD:,} are needed."
        raise InvalidInput("The password cannot be used.", why, "Choose a longer one.", (("password", why),))
    log.hide(password)
    return password


@lru_cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@lru_cache
def _nobody() -> str:
    """A hash that no password fits: checked for unknown names, so that they cost the same time."""
    return _hash(secrets.token_urlsafe(32))


def _hash(password: str) -> str:
    with _hashing:
        return _hasher().hash(password.encode("utf-8", "surrogatepass"))


def _verify(password: str, hashed: str | None) -> tuple[bool, str | None]:
    """Whether the password fits, and its hash anew when that was made with weaker parameters than today's."""
    target = hashed if hashed is not None else _nobody()
    raw = password[: LONGEST_PASSWORD + 1].encode("utf-8", "surrogatepass")
    with _hashing:
        return _hasher().verify_and_update(raw, target)


def _digest(value: str) -> bytes:
    # The values are 256 random bits: a plain hash is enough, nobody can guess one.
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()


def _csrf(value: str) -> str:
    """Follows from the session's secret, so that it need not be kept, and says nothing about it."""
    return hmac.new(value.encode("utf-8", "surrogatepass"), b"openvna csrf", "sha256").hexdigest()


def _token_row(row: Any) -> Token:
    return Token(row.id, row.name, tuple(row.scopes), row.created_at, row.expires_at, row.last_used_at)
