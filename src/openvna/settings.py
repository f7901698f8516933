"""Settings of the process: from the environment (`OPENVNA_...`), with defaults that need nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServerSettings(BaseSettings):
    """Every setting, its environment variable is `OPENVNA_` and its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="OPENVNA_", extra="ignore", env_ignore_empty=True, populate_by_name=True
    )

    home: Path = Field(
        default_factory=lambda: user_data_path("openvna"), description="The data directory: database, key, log."
    )
    database_url: str | None = Field(
        None, description="postgresql+psycopg://... ; empty: SQLite in the data directory."
    )
    key: SecretStr | None = Field(
        None, description="The key for stored secrets (32 bytes, base64); empty: see [security](security.md#the-key)."
    )
    key_file: Path | None = Field(
        None, description="A mounted file with that key, instead of OPENVNA_KEY. Others may not be able to read it."
    )
    credentials_directory: Path | None = Field(
        None,
        validation_alias="CREDENTIALS_DIRECTORY",
        description="Set by systemd: where `LoadCredential=openvna-key:...` put the key.",
    )
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8321, ge=0, le=65535, description="The port to listen on; 0: any free one.")
    tls_certificate: Path | None = Field(None, description="A PEM file with the server's certificate chain.")
    tls_key: Path | None = Field(None, description="A PEM file with the certificate's key.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="debug, info, warning or error."
    )
    workers: int = Field(64, ge=1, le=256, description="Scopes that are collected side by side.")
    readers: int | None = Field(
        None,
        ge=0,
        le=64,
        description="Processes that read for the one that keeps the store; empty: one for each core but one, 8 at "
        "most. 0: it reads by itself.",
    )
    rest_hours: float = Field(
        24,
        ge=0,
        le=168,
        description="How long a scope with nothing of yours in it rests at most: meanwhile it is only looked at, and "
        "read whole when that shows anything. 0: none rests.",
    )
    run_days: float = Field(
        90,
        ge=0,
        le=36500,
        description="How many days runs and their ledgers are kept. The newest run of each scope stays, and whatever "
        "changed. 0: all stay.",
    )
    secret_env: str = Field(
        "OPENVNA_CREDENTIAL_*",
        description="Variables that `env:` may name: names and patterns with `*`, with commas between.",
    )
    secret_dirs: str | None = Field(
        None,
        description="Directories whose files `file:` may name, with commas between; empty: `secrets` in the data "
        "directory, `/run/secrets`, and `CREDENTIALS_DIRECTORY`.",
    )
    secret_vault: str = Field(
        "",
        description="Secrets that `vault:` may name: patterns of mount/path such as `kv/openvna/*`, with commas "
        "between; empty: none.",
    )
    secret_awssm: str = Field(
        "",
        description="Secrets that `awssm:` may name: patterns of names or ARNs such as `openvna/*`, with commas "
        "between; empty: none.",
    )
    secret_destinations: str = Field(
        "",
        description="Places of their own (endpoint, proxy, CA bundle) that sources may send referenced secrets to, "
        "with commas between; empty: none.",
    )
