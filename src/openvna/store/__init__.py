"""The memory: every version of everything, on SQLite or PostgreSQL."""

from openvna.store.rows import (
    ChangeRow,
    Coverage,
    LedgerRow,
    Page,
    Query,
    RelationRow,
    ResourceDetail,
    ResourceRow,
    RunRow,
    SignIn,
    Source,
    Token,
    User,
    VersionRow,
)
from openvna.store.secrets import Vault, load_vault
from openvna.store.store import Accounts, Changes, Resources, Runs, Sources, Store, Writer, open_store

__all__ = [
    "Accounts",
    "ChangeRow",
    "Changes",
    "Coverage",
    "LedgerRow",
    "Page",
    "Query",
    "RelationRow",
    "ResourceDetail",
    "ResourceRow",
    "Resources",
    "RunRow",
    "Runs",
    "SignIn",
    "Source",
    "Sources",
    "Store",
    "Token",
    "User",
    "Vault",
    "VersionRow",
    "Writer",
    "load_vault",
    "open_store",
]
