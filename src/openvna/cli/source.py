"""`openvna source`: what OpenVNA looks at, and with which credential."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from openvna.cli import entering, mfa, parsing, set_options
from openvna.cli import sign_in as sign_ins
from openvna.cli.joins import gateway
from openvna.cli.lean import LeanGroup
from openvna.cli.organization_options import (
    Exclude,
    Include,
    OrganizationExternalId,
    OrganizationRole,
    organization,
)
from openvna.cli.output import ShortFormat, json_document, quoted
from openvna.cli.saving import ask_for_account, saving
from openvna.cli.scopes import scopes
from openvna.cli.source_config import AWS, aws_settings, together
from openvna.cli.source_options import (
    Account,
    AccountMeant,
    Ambient,
    Anyway,
    Config,
    Endpoint,
    ExternalId,
    Name,
    Partition,
    Printed,
    Profile,
    Prompt,
    Region,
    RoleArn,
    Stdin,
)
from openvna.cli.source_shown import export, list_sources, permissions, show
from openvna.cli.steps import show as show_step
from openvna.cli.terminal import note
from openvna.cli.way_options import DualStack, EndpointUrls, Fips, OtherPartitions, way
from openvna.model import InvalidInput
from openvna.plugin import Verdict

app = typer.Typer(cls=LeanGroup, help="Add, show, change, verify, pause and delete sources.", rich_markup_mode=None)
app.command()(scopes)


@app.command()
def add(
    context: typer.Context,
    plugin: Annotated[str, typer.Argument(help="The plugin: aws, or another of `openvna plugin list`.")],
    name: Annotated[str, typer.Argument(help="What to call the source.")],
    profile: Profile = None,
    ambient: Ambient = False,
    stdin: Stdin = False,
    prompt: Prompt = False,
    sign_in: sign_ins.SignIn = None,
    sso_region: sign_ins.SsoRegion = None,
    sso_account: sign_ins.SsoAccount = None,
    sso_role: sign_ins.SsoRole = None,
    credential: set_options.Kind = None,
    set_: set_options.Set = None,
    role_arn: RoleArn = None,
    external_id: ExternalId = None,
    organization_role: OrganizationRole = None,
    organization_external_id: OrganizationExternalId = None,
    include: Include = None,
    exclude: Exclude = None,
    region: Region = None,
    account: Account = None,
    partition: Partition = None,
    endpoint_url: Endpoint = None,
    service_endpoint: EndpointUrls = None,
    fips: Fips = None,
    dual_stack: DualStack = None,
    other_partitions: OtherPartitions = None,
    config: Config = None,
    interval: Annotated[str, typer.Option(help="How often to collect: 15m, 1h30m, 2d, or never.")] = "15m",
    save_anyway: Anyway = False,
) -> None:
    """Add a source. It is verified first, step by step, and saved when that does not fail.

    No secret is ever an option: an access key is asked for (--prompt) or read (--stdin, as AWS printed it).
    """
    with gateway(context) as here:
        spec = here.spec(plugin)  # an unknown one is told before anything is asked for
        given = entering.Given(
            profile,
            ambient,
            stdin,
            prompt,
            sign_ins.wanted(sign_in, sso_region, sso_account, sso_role),
            credential,
            set_,
        )
        entered = entering.change(spec.config, given)
        if plugin == AWS and given.nowhere and config is None:
            entered = set_options.over({"credential": entering.asked_for()}, entered)
        options = aws_settings(
            role_arn=role_arn,
            external_id=external_id,
            region=region,
            account=account,
            partition=partition,
            endpoint_url=endpoint_url,
            organization=organization(organization_role, organization_external_id, include, exclude),
        ) | way(service_endpoint, fips, dual_stack, other_partitions)
        whole = mfa.settled(set_options.over(together(plugin, config, options), entered))
        settings = sign_ins.completed(here, plugin, whole, asked=sign_in is not None)
        with saving():
            source = here.add_source(
                name,
                plugin,
                settings,
                interval=_interval(interval),
                save_anyway=save_anyway,
                on_step=show_step,
            )
    note(f"Added the source {source.name!r}. Collect it now: openvna collect {quoted(source.name)}")


app.command("list")(list_sources)
app.command()(show)
app.command()(permissions)
app.command()(export)


@app.command()
def edit(
    context: typer.Context,
    source: Name,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    profile: Profile = None,
    ambient: Ambient = False,
    stdin: Stdin = False,
    prompt: Prompt = False,
    sign_in: sign_ins.SignIn = None,
    sso_region: sign_ins.SsoRegion = None,
    sso_account: sign_ins.SsoAccount = None,
    sso_role: sign_ins.SsoRole = None,
    credential: set_options.Kind = None,
    set_: set_options.Set = None,
    role_arn: RoleArn = None,
    external_id: ExternalId = None,
    organization_role: OrganizationRole = None,
    organization_external_id: OrganizationExternalId = None,
    include: Include = None,
    exclude: Exclude = None,
    region: Region = None,
    account: Account = None,
    partition: Partition = None,
    endpoint_url: Endpoint = None,
    service_endpoint: EndpointUrls = None,
    fips: Fips = None,
    dual_stack: DualStack = None,
    other_partitions: OtherPartitions = None,
    config: Annotated[
        Path | None, typer.Option(help="A JSON file that is merged into the settings (null removes).")
    ] = None,
    interval: Annotated[str | None, typer.Option(help="How often to collect: 15m, 1h30m, 2d, or never.")] = None,
    save_anyway: Anyway = False,
    another_account: AccountMeant = False,
) -> None:
    """Change a source. Changed settings are verified first.

    The credential stays, unless one is given too. A stored secret is not sent to another endpoint: give it again.
    """
    with gateway(context) as here:
        found = here.store.sources.get(source)
        given = entering.Given(
            profile,
            ambient,
            stdin,
            prompt,
            sign_ins.wanted(sign_in, sso_region, sso_account, sso_role),
            credential,
            set_,
        )
        entered = entering.change(here.spec(found.plugin).config, given, found.config)
        options = aws_settings(
            role_arn=role_arn,
            external_id=external_id,
            region=region,
            account=account,
            partition=partition,
            endpoint_url=endpoint_url,
            organization=organization(organization_role, organization_external_id, include, exclude),
        ) | way(service_endpoint, fips, dual_stack, other_partitions)
        whole = mfa.settled(set_options.over(together(found.plugin, config, options), entered), found.config)
        settings = sign_ins.completed(here, found.plugin, whole, found, asked=sign_in is not None)
        if name is None and interval is None and not settings:
            raise InvalidInput("There is nothing to change.", "No option was given.", "See: openvna source edit --help")
        parsed = _interval(interval) if interval is not None else None
        with saving():
            saved = here.edit_source(
                found.id,
                name=name,
                config=settings or None,
                interval="never" if interval is not None and parsed is None else parsed,
                save_anyway=save_anyway,
                another_account=another_account or ask_for_account(),
                on_step=show_step,
            )
    note(f"Changed the source {saved.name!r}.")


@app.command()
def reenter(
    context: typer.Context,
    source: Name,
    profile: Profile = None,
    ambient: Ambient = False,
    stdin: Stdin = False,
    prompt: Prompt = False,
    sign_in: sign_ins.SignIn = None,
    sso_region: sign_ins.SsoRegion = None,
    sso_account: sign_ins.SsoAccount = None,
    sso_role: sign_ins.SsoRole = None,
    credential: set_options.Kind = None,
    set_: set_options.Set = None,
    save_anyway: Anyway = False,
    another_account: AccountMeant = False,
) -> None:
    """Give a source a new credential. Everything else of it stays, and so does what it collected.

    One of another account is refused, unless that is confirmed.
    """
    with gateway(context) as here:
        found = here.store.sources.get(source)
        if not isinstance(found.config.get("credential"), dict):
            raise InvalidInput(
                f"The source {found.name!r} has no credential.",
                f"It reads with the plugin {found.plugin}.",
                f"Change its settings: openvna source edit {quoted(found.name)} --config FILE.json",
            )
        given = entering.Given(
            profile,
            ambient,
            stdin,
            prompt,
            sign_ins.wanted(sign_in, sso_region, sso_account, sso_role),
            credential,
            set_,
        )
        if found.plugin != AWS and given.of_aws:
            raise InvalidInput(
                f"{given.of_aws[0]} is of AWS, and the source {found.name!r} is not.",
                f"It reads with the plugin {found.plugin}.",
                f"Give --credential KIND, or change it: openvna source edit {quoted(found.name)} --config FILE.json",
            )
        if given.nowhere and sign_ins.signs_in(found):
            given = replace(given, sign_in={"kind": sign_ins.KIND})
        entered = entering.anew(here.spec(found.plugin).config, given, found.config)
        settings = sign_ins.completed(here, found.plugin, mfa.settled(entered, found.config), found, asked=True)
        with saving():
            here.edit_source(
                found.id,
                config=settings,
                save_anyway=save_anyway,
                another_account=another_account or ask_for_account(),
                on_step=show_step,
            )
    note(f"The source {found.name!r} has its new credential.")


@app.command()
def verify(context: typer.Context, source: Name, format: Printed = ShortFormat.TABLE) -> None:
    """Try a source step by step, and say what is wrong and what to do. Exit code 1 unless all is well."""
    with gateway(context) as here:
        verdict: Verdict | None = None
        for event in here.verify_source(source):
            if isinstance(event, Verdict):
                verdict = event
            if format is ShortFormat.TABLE:
                show_step(event)
    if format is ShortFormat.JSON and verdict is not None:
        json_document(verdict.as_json())
    if verdict is None or verdict.verdict != "ok":
        raise typer.Exit(1)


@app.command()
def pause(context: typer.Context, source: Name) -> None:
    """Stop collecting a source by schedule. On demand it still is collected."""
    with gateway(context) as here:
        found = here.pause_source(source, True)
    note(f"The source {found.name!r} is paused. Go on with: openvna source resume {quoted(found.name)}")


@app.command()
def resume(context: typer.Context, source: Name) -> None:
    """Collect a paused source by schedule again."""
    with gateway(context) as here:
        found = here.pause_source(source, False)
    note(f"The source {found.name!r} is collected by schedule again.")


@app.command()
def delete(
    context: typer.Context,
    source: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a source with everything that was collected from it. Asks for its name first."""
    with gateway(context) as here:
        found = here.store.sources.get(source)
        confirm = found.name
        if not yes:
            note(f"This deletes the source {found.name!r} with its resources, versions, changes and runs, for good.")
            confirm = typer.prompt("Type its name to confirm", err=True)
        gone = here.delete_source(found.id, confirm=confirm)
    counts = ", ".join(f"{count} {noun}" for noun, count in gone.items() if count)
    note(f"Deleted the source {found.name!r}{f': {counts}' if counts else ''}.")


def _interval(text: str) -> int | None:
    return None if text.strip().lower() == "never" else parsing.seconds(text, "--interval")
