"""The memory, behind one door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

from openvna.model import JSON, Calls, Failure, Resource, RunState, Scope
from openvna.store.rows import (
    ChangeRow,
    Coverage,
    LedgerRow,
    Page,
    Query,
    ResourceDetail,
    ResourceRow,
    RunRow,
    SignIn,
    Source,
    Token,
    User,
    VersionRow,
)
from openvna.store.secrets import Vault


class Writer:
    """Writes what one run of one scope sees. One writer a run; its types may be interleaved."""

    run_id: str

    def record(self, resource: Resource) -> None:
        """Take one seen resource. Nothing is visible to readers before its type is complete (or has failed)."""
        raise NotImplementedError

    def complete(self, type: str, calls: Calls = Calls()) -> LedgerRow:
        """In one transaction: write what is new or changed, retire what was not seen, note the ledger line."""
        raise NotImplementedError

    def problem(self, type: str, failure: Failure, calls: Calls = Calls()) -> LedgerRow:
        """In one transaction: write what was seen all the same, retire nothing, note the ledger line."""
        raise NotImplementedError

    def finish(self, failure: Failure | None = None) -> RunRow:
        """End the run: `ok`, `partial` when a type had a problem, `failed` with a failure or when every type had."""
        raise NotImplementedError


class Sources:
    """The configured sources and their secrets (encrypted; see `Vault`)."""

    def add(
        self,
        name: str,
        plugin: str,
        config: Mapping[str, JSON],
        secrets: Mapping[str, str],
        interval: int | None,
        verdict: Mapping[str, JSON] | None,
    ) -> Source:
        """Save a source in one transaction. `secrets` by dotted path. Raises `Conflict` for a name used twice."""
        raise NotImplementedError

    def list(self) -> tuple[Source, ...]:
        raise NotImplementedError

    def get(self, id_or_name: str) -> Source:
        """Raises `NotFound`, naming the sources there are."""
        raise NotImplementedError

    def secrets(self, source_id: str) -> dict[str, str]:
        """The secrets of a source in clear, by dotted path. Every value is registered with `openvna.log.hide`."""
        raise NotImplementedError

    def update(
        self,
        source_id: str,
        *,
        name: str | None = None,
        config: Mapping[str, JSON] | None = None,
        secrets: Mapping[str, str] | None = None,
        interval: int | Literal["never"] | None = None,
        paused: bool | None = None,
        verdict: Mapping[str, JSON] | None = None,
    ) -> Source:
        """Change what is given, in one transaction. `secrets`, when given, replaces all of them."""
        raise NotImplementedError

    def delete(self, source_id: str) -> dict[str, int]:
        """Delete a source with all its data; counts of what went, by table noun (resources, versions, runs, ...)."""
        raise NotImplementedError


class Runs:
    def begin(self, source_id: str, scope: Scope) -> Writer:
        """Start a run of a scope. Raises `Conflict` while another live process or thread collects that scope; a
        run left behind by a dead process is marked `interrupted` and does not stand in the way."""
        raise NotImplementedError

    def list(
        self,
        *,
        source_id: str | None = None,
        state: RunState | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[RunRow]:
        """Newest first."""
        raise NotImplementedError

    def get(self, run_id: str) -> RunRow:
        raise NotImplementedError

    def ledger(self, run_id: str) -> tuple[LedgerRow, ...]:
        """Ordered with problems first, then by type."""
        raise NotImplementedError

    def coverage(self, source_id: str | None = None) -> tuple[Coverage, ...]:
        raise NotImplementedError


class Resources:
    def list(
        self,
        query: Query = Query(),
        *,
        sort: str = "type",
        descending: bool = False,
        cursor: str | None = None,
        limit: int = 100,
        count: bool = False,
    ) -> Page[ResourceRow]:
        """Keyset-paginated; `sort` is one of type, name, id, account, region, changed_at. At most 1,000 a page.

        Raises `InvalidInput` for a cursor that is not ours or a sort that is not in the list."""
        raise NotImplementedError

    def each(self, query: Query = Query()) -> Iterator[ResourceRow]:
        """All that match, in the order of type and id, without holding them in memory."""
        raise NotImplementedError

    def counts(self, query: Query = Query()) -> dict[str, int]:
        """Resources by type."""
        raise NotImplementedError

    def facets(self) -> dict[str, tuple[str, ...]]:
        """The distinct values of `account`, `region` and `type`, sorted, for filters."""
        raise NotImplementedError

    def find(self, id_or_alias: str, *, source_id: str | None = None) -> tuple[ResourceRow, ...]:
        """All resources with this id or alias (there can be one a source)."""
        raise NotImplementedError

    def get(self, id_or_alias: str, *, source_id: str | None = None, at: datetime | None = None) -> ResourceDetail:
        """One resource. Raises `NotFound` (with near matches by name or prefix) or `Conflict` when several match."""
        raise NotImplementedError

    def versions(self, key: int) -> tuple[VersionRow, ...]:
        """All versions of the resource with this row key, newest first, each with its difference to the one before."""
        raise NotImplementedError


class Changes:
    def list(
        self,
        *,
        source_id: str | None = None,
        resource_id: str | None = None,
        type: str | None = None,
        kind: str | None = None,
        account: str | None = None,
        region: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        run_id: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[ChangeRow]:
        """Newest first."""
        raise NotImplementedError


class Accounts:
    """Who may sign in: users, browser sessions, API tokens. Only hashes of passwords, sessions and tokens are kept."""

    def users(self) -> tuple[User, ...]:
        raise NotImplementedError

    def add_user(self, name: str, password: str) -> User:
        """Raises `InvalidInput` for a password under 12 characters, `Conflict` for a name used twice."""
        raise NotImplementedError

    def set_password(self, name: str, password: str) -> None:
        """Also ends all sessions of that user."""
        raise NotImplementedError

    def sign_in(self, name: str, password: str, *, client: str) -> tuple[str, SignIn]:
        """The session's secret value for the cookie, and the session.

        Raises `NotSignedIn` (the same words for an unknown name and a wrong password, after the same work) or
        `TooManyAttempts` after 5 failures within 5 minutes for a name or 20 for a client address."""
        raise NotImplementedError

    def session(self, value: str) -> SignIn | None:
        """The session behind a cookie value, None when unknown or over (12 h, or 2 h without use)."""
        raise NotImplementedError

    def sign_out(self, value: str) -> None:
        raise NotImplementedError

    def add_token(self, name: str, scopes: tuple[str, ...], expires_at: datetime | None) -> tuple[str, Token]:
        """The token's value (`ovna_...`, shown once) and its row."""
        raise NotImplementedError

    def tokens(self) -> tuple[Token, ...]:
        raise NotImplementedError

    def token(self, value: str) -> Token | None:
        """The token with this value, None when unknown or over."""
        raise NotImplementedError

    def revoke_token(self, token_id: str) -> None:
        raise NotImplementedError


class Store:
    """The memory. Safe to use from several threads; several processes may open the same one."""

    sources: Sources
    runs: Runs
    resources: Resources
    changes: Changes
    accounts: Accounts

    def close(self) -> None:
        raise NotImplementedError


def open_store(url: str, vault: Vault) -> Store:
    """Open the database at `url` (`sqlite:///...` or `postgresql+psycopg://...`), creating or migrating its schema.

    Raises `StoreUnusable` for a read-only place, a database of a newer version, or one that is not ours.
    """
    raise NotImplementedError
