"""The memory: every version of everything, on SQLite or PostgreSQL."""

from openvna.store.keys import KeyPlace, key_place, load_vault, make_key, read_key
from openvna.store.rotation import Keys, KeyUse, next_key
from openvna.store.rows import (
    ChangeRow,
    Coverage,
    LedgerRow,
    Onboarding,
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
from openvna.store.secrets import Vault
from openvna.store.store import Accounts, Changes, Onboardings, Resources, Runs, Sources, Store, Writer, open_store

__all__ = [
    "Accounts",
    "ChangeRow",
    "Changes",
    "Coverage",
    "KeyPlace",
    "KeyUse",
    "Keys",
    "LedgerRow",
    "Onboarding",
    "Onboardings",
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
    "key_place",
    "load_vault",
    "make_key",
    "next_key",
    "open_store",
    "read_key",
]
