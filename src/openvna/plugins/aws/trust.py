"""Which certificates are trusted: the same choice as botocore's, which the collection uses."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path

from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.endpoints import profile_setting


def chosen_bundle(config: AwsConfig, environment: Mapping[str, str] = os.environ) -> tuple[str, str] | None:
    """The CA bundle that somebody chose, and who did; None: nobody."""
    if config.ca_bundle:
        return config.ca_bundle, "the source's setting ca_bundle"
    if environment.get("AWS_CA_BUNDLE"):
        return environment["AWS_CA_BUNDLE"], "the environment variable AWS_CA_BUNDLE"
    if path := profile_setting(config, "ca_bundle", environment):
        return path, "ca_bundle of the AWS profile"
    if environment.get("REQUESTS_CA_BUNDLE"):
        return environment["REQUESTS_CA_BUNDLE"], "the environment variable REQUESTS_CA_BUNDLE"
    return None


def ca_bundle(config: AwsConfig, environment: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """The certificates that are trusted, and who said so."""
    if (chosen := chosen_bundle(config, environment)) is not None:
        return chosen
    from importlib.util import find_spec

    from openvna.plugins.aws.endpoint_rules import botocore_directory

    certifi = find_spec("certifi")
    if certifi is not None and certifi.origin:
        return str(Path(certifi.origin).with_name("cacert.pem")), "certifi's"
    return str(botocore_directory() / "cacert.pem"), "botocore's"


def tls_context(config: AwsConfig, environment: Mapping[str, str] = os.environ) -> ssl.SSLContext:
    """TLS that trusts them. Raises `CallError` with C-CABUNDLE for a bundle of no use."""
    path, origin = ca_bundle(config, environment)
    try:
        folder = Path(path).is_dir()
        if not folder and Path(path).exists() and not Path(path).is_file():
            raise ssl.SSLError("a pipe or a device holds no certificate, and may keep whoever reads it waiting")
        return ssl.create_default_context(cafile=None if folder else path, capath=path if folder else None)
    except (OSError, ValueError) as error:  # SSLError is an OSError; ValueError: a NUL in the path
        why = "there is no such file" if isinstance(error, FileNotFoundError) else "it holds no PEM certificate"
        if isinstance(error, PermissionError):
            why = "it may not be read"
        what = f"The CA bundle {path} ({origin}) cannot be used: {why}."
        raise CallError("connect", "", what, cause="C-CABUNDLE") from error
