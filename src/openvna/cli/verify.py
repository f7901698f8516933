"""`openvna verify`: try an access without any server or set-up, step by step, and name what is wrong."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from openvna.cli import set_options
from openvna.cli import sign_in as sign_ins
from openvna.cli.lean import LeanGroup
from openvna.cli.organization_options import (
    Exclude,
    Include,
    OrganizationExternalId,
    OrganizationRole,
    organization,
)
from openvna.cli.terminal import printable
from openvna.cli.way_options import DualStack, EndpointUrls, Fips, OtherPartitions, way

if TYPE_CHECKING:
    from openvna.model import JSON
    from openvna.plugin import Step, Verdict
    from openvna.plugins.aws.config import AwsConfig

app = typer.Typer(
    cls=LeanGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Try an access step by step, without any set-up.",
)

_MARKS = {
    "ok": ("ok", typer.colors.GREEN),
    "repaired": ("repaired", typer.colors.YELLOW),
    "warning": ("warning", typer.colors.YELLOW),
    "failed": ("failed", typer.colors.RED),
    "skipped": ("skipped", typer.colors.BRIGHT_BLACK),
    "degraded": ("degraded", typer.colors.YELLOW),
}
_INDENT = " " * 12


@app.callback()
def verify() -> None:
    """Try an access step by step, without any set-up, and name what is wrong."""


@app.command(
    "aws",
    epilog="No secret is ever taken from the command line. A proxy with a password: HTTPS_PROXY. "
    "Exit code: 0 the access works, 1 it does not or only in part, 2 wrong usage.",
)
def aws(
    profile: Annotated[str | None, typer.Option(help="A profile of ~/.aws/config or ~/.aws/credentials.")] = None,
    ambient: Annotated[
        bool, typer.Option("--ambient", "--env", help="What this machine has: environment, default profile, role.")
    ] = False,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read the key from standard input: NAME=value lines, JSON, or bare lines.")
    ] = False,
    prompt: Annotated[bool, typer.Option("--prompt", help="Ask for the key; the secret is not shown.")] = False,
    sign_in: sign_ins.SignIn = None,
    sso_region: sign_ins.SsoRegion = None,
    sso_account: sign_ins.SsoAccount = None,
    sso_role: sign_ins.SsoRole = None,
    role_arn: Annotated[
        str | None, typer.Option(help="A role to assume; {account} in it stands for each --account.")
    ] = None,
    external_id: Annotated[str | None, typer.Option(help="The external ID that the role's trust asks for.")] = None,
    organization_role: OrganizationRole = None,
    organization_external_id: OrganizationExternalId = None,
    include: Include = None,
    exclude: Exclude = None,
    region: Annotated[
        list[str] | None, typer.Option(help="A region to try; may be repeated. Default: all that are enabled.")
    ] = None,
    home_region: Annotated[str | None, typer.Option(help="The region whose STS is asked who we are.")] = None,
    partition: Annotated[
        str | None, typer.Option(help="aws, aws-cn, aws-us-gov, aws-eusc, ... Default: that of the regions.")
    ] = None,
    account: Annotated[
        list[str] | None, typer.Option(help="The account that is meant; may be repeated, with a role.")
    ] = None,
    endpoint_url: Annotated[
        str | None, typer.Option(help="An emulator or a private endpoint. Default: AWS_ENDPOINT_URL, else AWS.")
    ] = None,
    service_endpoint: EndpointUrls = None,
    fips: Fips = None,
    dual_stack: DualStack = None,
    other_partitions: OtherPartitions = None,
    ca_bundle: Annotated[str | None, typer.Option(help="A PEM file, for networks that inspect TLS.")] = None,
    second_profile: Annotated[
        str | None,
        typer.Option(help="Another profile of the account, asked only what became of a key that AWS does not know."),
    ] = None,
    credential: set_options.Kind = None,
    set_: set_options.Set = None,
    config_file: Annotated[
        Path | None, typer.Option("--config", help="A JSON file with settings; options go over it.")
    ] = None,
    format: Annotated[Literal["text", "json"], typer.Option(help="text, or json: one object.")] = "text",
) -> None:
    """Try an AWS access: key, way, identity, roles, EC2 in every wanted region.

    Without --profile, --stdin, --prompt or --credential it is what this machine has that is tried; where it has
    nothing, and somebody sits at the terminal, the key is asked for.
    """
    from openvna.cli import entering, mfa
    from openvna.cli.source_config import from_file
    from openvna.plugins.aws.config import AwsConfig

    center = sign_ins.wanted(sign_in, sso_region, sso_account, sso_role)
    given = entering.Given(profile, ambient, stdin, prompt, center, credential, set_)
    named: dict[str, JSON] = {
        "assume_role": _role(role_arn, external_id),
        "organization": organization(organization_role, organization_external_id, include, exclude),
        "regions": _split(region),
        "home_region": home_region,
        "accounts": _split(account),
        "partition": partition,
        "endpoint_url": endpoint_url,
        "ca_bundle": ca_bundle,
        "second_profile": second_profile,
        **way(service_endpoint, fips, dual_stack, other_partitions),
    }
    settings = from_file(config_file) if config_file is not None else {}
    settings = set_options.over(settings, {name: value for name, value in named.items() if value not in (None, [], {})})
    settings = set_options.over(settings, entering.change(AwsConfig, given, settings))
    settings = mfa.settled(settings)
    machine = set_options.CREDENTIAL not in settings
    settings.setdefault(set_options.CREDENTIAL, {"kind": "ambient"})
    settings.setdefault("partition", _partition(settings))
    portal = sign_ins.portal(settings, asked=center is not None)
    config = _config(sign_ins.with_region(settings) if portal else settings)
    if portal is not None:
        from openvna.plugins.aws import plugin

        config = cast("AwsConfig", sign_ins.signed_in(plugin.begin_sign_in(config), portal))
    if machine and format == "text" and sys.stdin.isatty():
        config = _asked_for(settings, config)
    raise typer.Exit(_run(config, format))


def _run(config: AwsConfig, format: str) -> int:
    from openvna.plugin import Verdict
    from openvna.plugins.aws.diagnosis import verify as steps

    code = 1
    for event in steps(config):
        if isinstance(event, Verdict):
            code = 0 if event.verdict == "ok" else 1
            if format == "json":
                import json

                sys.stdout.write(json.dumps(event.as_json(), indent=2) + "\n")
            else:
                _show_verdict(event)
        elif format == "text":
            _show_step(event)
    return code


def _asked_for(settings: dict[str, JSON], config: AwsConfig) -> AwsConfig:
    """The settings with a key from the terminal where this machine has no credential."""
    from openvna.cli.credential import from_prompt
    from openvna.plugins.aws.ambient import locate
    from openvna.plugins.aws.profiles import CredentialUnusable

    try:
        locate(config)
    except CredentialUnusable as problem:
        if problem.cause != "C-EMPTY":
            return config
        typer.echo(f"{problem.what} Enter one (or stop with Ctrl-C and use --profile).", err=True)
        return _config({**settings, "credential": from_prompt()})
    return config


def _config(settings: dict[str, JSON]) -> AwsConfig:
    from pydantic import ValidationError

    from openvna.model import InvalidInput
    from openvna.plugins.aws.config import AwsConfig

    try:
        return AwsConfig.model_validate(_read_where_named(settings))
    except ValidationError as error:
        from openvna.collect.configuration import wrong_fields

        fields = wrong_fields(AwsConfig, error)
        raise InvalidInput(
            "These settings cannot be used.",
            " ".join(f"{name + ': ' if name else ''}{message}" for name, message in fields),
            "Correct them; openvna verify aws --help names the options.",
            fields,
        ) from None


def _read_where_named(settings: dict[str, JSON]) -> dict[str, JSON]:
    """The settings with what they name by reference (env:NAME, file:/path) in its place: whoever runs this command
    reads with rights of their own."""
    from openvna.model import reference_in
    from openvna.plugins.aws.config import AwsConfig

    def names(value: object) -> bool:
        if isinstance(value, dict):
            return any(map(names, value.values()))
        return isinstance(value, str) and reference_in(value) is not None

    if not names(settings):
        return settings
    from openvna.collect.references import resolved
    from openvna.collect.secret_places import Allowed, SecretPlaces

    everything = Allowed(env=("*",), directories=(Path("/"),), vault=("*",))
    return resolved(AwsConfig, settings, SecretPlaces(everything))[0]


def _role(role_arn: str | None, external_id: str | None) -> JSON:
    from openvna.model import InvalidInput

    if role_arn is None:
        if external_id is not None:
            raise InvalidInput(
                "An external ID goes with a role.",
                "--external-id was given without --role-arn.",
                "Give --role-arn too; that of the accounts of an organization is --organization-external-id.",
            )
        return None
    return {"role_arn": role_arn, "external_id": external_id}


def _split(values: list[str] | None) -> JSON:
    return [part.strip() for value in values or () for part in value.split(",") if part.strip()]


def _partition(settings: Mapping[str, JSON]) -> str:
    """That of the home region, else of the first region, else of Identity Center's."""
    from openvna.plugins.aws.endpoints import partition_of_region

    regions, home = settings.get("regions"), settings.get("home_region")
    credential = settings.get("credential")
    center = credential.get("sso_region") if isinstance(credential, Mapping) else None
    first = home or next(iter(regions if isinstance(regions, list) else ()), center)
    return (partition_of_region(first) if isinstance(first, str) and first else None) or "aws"


def _show_step(step: Step) -> None:
    live = sys.stdout.isatty()
    if step.outcome == "running":
        if live:
            sys.stdout.write(f"\r\x1b[K{'…':>9}  {printable(step.title)}")
            sys.stdout.flush()
        return
    if live:
        sys.stdout.write("\r\x1b[K")
    word, color = _MARKS[step.outcome]
    _say(f"{_styled(f'{word:>9}', color)}  {printable(step.title)}")
    for fact in step.evidence:
        _say(f"{_INDENT} {printable(fact)}")
    if step.cause:
        _say(f"{_INDENT} cause: {step.cause}")
    sys.stdout.flush()


def _show_verdict(verdict: Verdict) -> None:
    word, color = _MARKS[verdict.verdict]
    _say()
    _say(f"Verdict:    {_styled(word, color)}. {printable(verdict.summary)}")
    if verdict.identity:
        _say(f"Identity:   {verdict.identity.arn}")
    _say(f"Endpoint:   {verdict.endpoint}")
    _say(f"Calls:      {verdict.calls}")
    _show_permissions(verdict)
    if not verdict.cause:
        return
    _say(f"Cause:      {verdict.cause} ({verdict.confidence.value})")
    evidence = [fact for step in verdict.steps if step.cause == verdict.cause for fact in step.evidence]
    for number, fact in enumerate(dict.fromkeys(evidence)):
        _say(f"{'Evidence:' if not number else '':<12}{printable(fact)}")
    _say(f"More:       openvna plugin explain {verdict.cause}")
    if verdict.remedy:
        first, *rest = verdict.remedy.splitlines()
        _say(f"Remedy:     {printable(first)}")
        for line in rest:
            _say(printable(line))


def _show_permissions(verdict: Verdict) -> None:
    """The matrix: what is allowed everywhere in a line, the rest by feature, state and regions."""
    if not verdict.permissions:
        return
    from openvna.cli.permission_rows import rows
    from openvna.plugins.aws.types import FEATURES

    found = rows(verdict.permissions, tuple(FEATURES.values()))
    allowed = [row for row in found if row.state == "allowed" and len(row.regions) == row.of]
    names = ", ".join(dict.fromkeys(row.feature for row in allowed))
    _say(f"Allowed:    {names or 'nothing everywhere'}")
    accounts = len({row.account for row in found}) > 1
    alike: dict[tuple[str, str], list[str]] = {}
    for row in found:
        if row not in allowed:
            where = f"{row.where}{f' of {row.account}' if accounts else ''}{f': {row.why}' if row.why else ''}"
            alike.setdefault((row.state.replace("-", " ").capitalize(), where), []).append(row.feature)
    for (word, where), features in alike.items():
        head = f"{word}:"
        _say(f"{head:<12}{' ' if len(head) > 11 else ''}{printable(', '.join(features))} in {printable(where)}")


def _styled(text: str, color: str) -> str:
    return typer.style(text, fg=color) if sys.stdout.isatty() else text


def _say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
