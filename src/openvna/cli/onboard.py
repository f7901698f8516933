"""`openvna onboard`: lead from nothing to a source, with the texts to set up the other side."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from openvna.cli import set_options
from openvna.cli import sign_in as sign_ins
from openvna.cli.lean import LeanGroup
from openvna.cli.source_options import Prompt, Stdin
from openvna.cli.terminal import note

if TYPE_CHECKING:
    from openvna.cli.entering import Given
    from openvna.collect import Gateway, SettingUp
    from openvna.model import JSON

app = typer.Typer(
    cls=LeanGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Lead from nothing to a source: what to set up in AWS, as text to run there.",
)

_SHORT: dict[str, dict[str, JSON]] = {
    "stackset": {"way": "role", "scope": "organization"},
    "cloudformation": {"way": "role", "tool": "cloudformation"},
    "terraform": {"way": "role", "tool": "terraform"},
    "json": {"way": "role", "tool": "json"},
    "ec2": {"way": "machine", "runs_on": "ec2"},
    "ecs": {"way": "machine", "runs_on": "ecs"},
    "pod-identity": {"way": "machine", "runs_on": "eks-pod-identity"},
    "irsa": {"way": "machine", "runs_on": "eks-irsa"},
}
"""What else `--way` takes: a way together with the option that is mostly meant with it."""

_Way = Literal[
    "role", "stackset", "cloudformation", "terraform", "json", "machine", "ec2", "ecs", "pod-identity", "irsa",
    "identity-center", "profile", "roles-anywhere", "access-key",
]  # fmt: skip


@app.callback()
def onboard() -> None:
    """Lead from nothing to a source: what to set up in AWS, as text to run there."""


@app.command(
    "aws",
    epilog="The external ID of a source stays the same until it is saved: come back whenever the other side is done. "
    "Exit code: 0 the texts are written or the source is saved, 1 the access does not work yet, 2 wrong usage.",
)
def aws(
    context: typer.Context,
    name: Annotated[str | None, typer.Option(help="What to call the source.  [default: aws]")] = None,
    way: Annotated[
        _Way | None,
        typer.Option(help="How to connect: a role (also in every account, by a StackSet), or another way."),
    ] = None,
    tool: Annotated[
        Literal["cloudformation", "terraform", "json"] | None,
        typer.Option(help="What creates the role.  [default: cloudformation]"),
    ] = None,
    feature: Annotated[
        list[str] | None, typer.Option(help="Only this feature besides those always needed; may be repeated.")
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help="Leave out this feature; may be repeated.")] = None,
    role_name: Annotated[str | None, typer.Option(help="Name of the role.  [default: OpenVNA]")] = None,
    account: Annotated[str | None, typer.Option(help="The account of the role, where it is known.")] = None,
    region: Annotated[str | None, typer.Option(help="Where the stack is kept.")] = None,
    template_url: Annotated[
        str | None, typer.Option(help="The template in an S3 bucket of yours, for a quick-create link.")
    ] = None,
    template: Annotated[Literal["yaml", "json"] | None, typer.Option(help="Form of the template.")] = None,
    ou: Annotated[
        list[str] | None, typer.Option(metavar="OU", help="Only this unit of the organization; may be repeated.")
    ] = None,
    organization_account: Annotated[
        str | None, typer.Option(help="The account that may list the others, where we are not in it.")
    ] = None,
    oidc_provider: Annotated[str | None, typer.Option(help="The issuer of the EKS cluster.")] = None,
    service_account: Annotated[str | None, typer.Option(help="NAMESPACE:NAME in the EKS cluster.")] = None,
    trust_anchor: Annotated[str | None, typer.Option(help="The ARN of the trust anchor of IAM Roles Anywhere.")] = None,
    trusted_principal: Annotated[
        str | None, typer.Option(help="Who takes the role, an ARN. Default: who the credential is.")
    ] = None,
    profile: Annotated[str | None, typer.Option(help="Take the role with this profile.")] = None,
    ambient: Annotated[
        bool, typer.Option("--ambient", help="Take the role with what this machine has. This is the default.")
    ] = False,
    stdin: Stdin = False,
    prompt: Prompt = False,
    sign_in: sign_ins.SignIn = None,
    sso_region: sign_ins.SsoRegion = None,
    sso_account: sign_ins.SsoAccount = None,
    sso_role: sign_ins.SsoRole = None,
    credential: set_options.Kind = None,
    set_: set_options.Set = None,
    partition: Annotated[str | None, typer.Option(help="aws, aws-cn, aws-us-gov, ...  [default: aws]")] = None,
    endpoint_url: Annotated[str | None, typer.Option(help="Another endpoint, for emulators and private ones.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Write the files here instead of printing them."),
    ] = None,
    format: Annotated[Literal["text", "json"], typer.Option(help="text, or json: one object.")] = "text",
    config: Annotated[Path | None, typer.Option(help="A JSON file with the settings of the source.")] = None,
    finish: Annotated[
        str | None,
        typer.Option(metavar="ROLE_ARN", help="The other side is set up: verify with this role, and add the source."),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="The same where no ARN has to be given: a machine's role, an organization.")
    ] = False,
    give_up: Annotated[bool, typer.Option("--give-up", help="Forget what was begun under this name.")] = False,
    interval: Annotated[str, typer.Option(help="How often to collect: 15m, 1h30m, 2d, or never.")] = "15m",
    save_anyway: Annotated[bool, typer.Option("--save-anyway", help="Save even if the verification fails.")] = False,
) -> None:
    """Lead from nothing to a verified AWS source.

    First it writes what to set up in AWS: a role that only this source can take, with the least permissions. Run that
    there; then --finish ROLE_ARN verifies it and adds the source. On a terminal it asks for what is not given.
    """
    from openvna.cli.entering import Given
    from openvna.cli.joins import gateway
    from openvna.cli.source_config import from_file

    options = _options(
        tool=tool,
        role_name=role_name,
        account=account,
        region=region,
        template_url=template_url,
        template=template,
        organizational_units=ou or None,
        organization_account=organization_account,
        oidc_provider=oidc_provider,
        service_account=service_account,
        trust_anchor_arn=trust_anchor,
        caller=trusted_principal,
    )
    with gateway(context) as here:
        asking = format == "text" and sys.stdin.isatty() and sys.stdout.isatty()
        done = finish is not None or verify
        if name is None:
            name = typer.prompt("What to call the source", default="aws", err=True) if asking and not done else "aws"
        if give_up:
            here.set_up.give_up(name)
            note(f"Nothing is kept of {name!r} any more. What was set up in AWS is still there.")
            return
        signing = sign_ins.wanted(sign_in, sso_region, sso_account, sso_role)
        given = Given(profile, ambient, stdin, prompt, signing, credential, set_)
        settings: dict[str, JSON] = from_file(config) if config is not None else {}
        settings |= {
            key: value for key, value in (("partition", partition), ("endpoint_url", endpoint_url)) if value is not None
        }
        if done:
            _finish(here, name, finish or "", _come_back(here, name, given, settings), interval, save_anyway)
            return
        chosen = (_asked_way(here) if asking else "role") if way is None else way
        options = {**_SHORT.get(chosen, {"way": chosen}), **options}
        if feature or without:
            options["features"] = _features(feature, without or [])
        settings = _come(here, given, settings, trusted=options["way"] == "role" and trusted_principal is None)
        begun = _begun(here, name, options, settings, asking)
        if format == "json":
            _print_json(begun[0])
            return
        _show(begun[0], output)
        plan = begun[0].plan
        if asking and plan.answer is not None:
            answer = typer.prompt(f"{plan.answer.title} (Enter: later)", default="", show_default=False, err=True)
            if answer.strip():
                _finish(here, name, answer, begun[1], interval, save_anyway)


def _come(here: Gateway, given: Given, settings: dict[str, JSON], *, trusted: bool) -> dict[str, JSON]:
    """The settings that say who we are: with what the options name, else with what this machine has."""
    from openvna.cli import entering, mfa

    entered = entering.change(here.spec("aws").config, given)
    whole = set_options.over(settings, entered)
    if set_options.CREDENTIAL not in whole:
        whole[set_options.CREDENTIAL] = {"kind": "ambient"}
    if not trusted:
        return whole
    return sign_ins.completed(here, "aws", mfa.settled(whole), asked=given.sign_in is not None)


def _come_back(here: Gateway, name: str, given: Given, settings: dict[str, JSON]) -> dict[str, JSON]:
    """The same for one that was begun: secrets of its credential were not kept, and are asked for again."""
    from openvna.cli import entering, mfa

    before = here.set_up.get(name).row.config
    model = here.spec("aws").config
    kind = set_options.kind_of(before)
    again = given.nowhere and kind is not None and set_options.has_secrets(model, kind)
    again = again and here.set_up.get(name).way.trusts_us
    entered = entering.anew(model, given, before) if again else entering.change(model, given)
    settled = mfa.settled(set_options.over(settings, entered), before)
    return sign_ins.completed(here, "aws", settled, asked=given.sign_in is not None)


def _begun(
    here: Gateway, name: str, options: dict[str, JSON], settings: dict[str, JSON], asking: bool
) -> tuple[SettingUp, dict[str, JSON]]:
    """What is begun, and the settings that it was begun with: where the machine has no credential, and somebody sits
    there, with a key that is asked for."""
    from openvna.cli.credential import from_prompt
    from openvna.model import VerificationFailed

    try:
        return here.set_up.begin(name, "aws", options, settings), settings
    except VerificationFailed as error:
        if not asking or error.verdict.get("cause") != "C-EMPTY" or set_options.kind_of(settings) != "ambient":
            raise
        note("This machine has no AWS credential. Enter a key (or stop with Ctrl-C and use --profile or --sign-in).")
    settings = {**settings, set_options.CREDENTIAL: from_prompt()}
    return here.set_up.begin(name, "aws", options, settings), settings


def _options(**given: JSON | list[str] | None) -> dict[str, JSON]:
    return {
        name: value if not isinstance(value, list) else [*value] for name, value in given.items() if value is not None
    }


def _features(wanted: list[str] | None, without: list[str]) -> JSON:
    """Those wanted, else all that are usual; without those left out. The plugin refuses what there is not."""
    from openvna.plugin import load_plugin
    from openvna.plugin.policy import giving_policy

    return list(giving_policy(load_plugin("aws")).policy(wanted, without).features)


def _asked_way(here: Gateway) -> str:
    """Ask how to connect, in the order of the offers."""
    ways = here.set_up.ways("aws")
    for number, each in enumerate(ways, 1):
        note(f"  {number}  {each.title}: {each.when}")
    while True:
        chosen: int = typer.prompt("How to connect", type=int, default=1, err=True)
        if 1 <= chosen <= len(ways):
            return ways[chosen - 1].id
        note(f"Give a number from 1 to {len(ways)}.")


def _finish(here: Gateway, name: str, answer: str, settings: dict[str, JSON], interval: str, save_anyway: bool) -> None:
    from openvna.cli.output import quoted
    from openvna.cli.parsing import seconds
    from openvna.cli.steps import show
    from openvna.model import VerificationFailed

    found = here.set_up.get(name)
    config = set_options.over(here.set_up.settings(found.row.id, answer), settings)
    try:
        source = here.add_source(
            found.row.name,
            found.row.plugin,
            config,
            interval=None if interval.strip().lower() == "never" else seconds(interval, "--interval"),
            save_anyway=save_anyway,
            on_step=show,
        )
    except VerificationFailed as error:
        remedy = f"Put it right in AWS and run this again; {found.row.name!r} keeps its external ID. Or --save-anyway."
        raise VerificationFailed(error.what, "", remedy, error.verdict) from error
    note(f"Added the source {source.name!r}. Collect it now: openvna collect {quoted(source.name)}")


def _show(begun: SettingUp, output: Path | None) -> None:
    from openvna.cli.output import clean, quoted, say

    plan = begun.plan
    say(clean(plan.summary))
    written = _written(begun, output) if output is not None else None
    for each in plan.files:
        say()
        if written is not None:
            say(f"Wrote {written / each.name}: {clean(each.title)}.")
        else:
            say(f"--- {each.name}: {clean(each.title)}\n\n{each.text.rstrip()}")
    for number, step in enumerate(plan.steps, 1):
        say(f"\n{number}. {clean(step.title)}")
        for line in (step.text, step.link):
            if line:
                say(f"   {clean(line)}")
        if step.command:
            say("\n" + "\n".join(f"      {line}" for line in step.command.splitlines()))
    for remark in plan.notes:
        say(f"\n{clean(remark)}")
    mine = f"openvna onboard aws --name {quoted(begun.row.name)}"
    say("\nThen")
    if plan.answer is not None:
        say(f"\n      {mine} --finish ROLE_ARN")
    elif begun.way.id in ("role", "machine"):
        say(f"\n      {mine} --verify")
    else:
        say(f"\n      openvna source add aws {quoted(begun.row.name)} {_ADDING.get(begun.way.id, '')}".rstrip())


_ADDING = {
    "identity-center": "--sign-in START_URL",
    "profile": "--profile PROFILE",
    "roles-anywhere": "--credential roles-anywhere",
    "access-key": "--prompt",
}
"""How `source add` is told the credential of a way."""


def _written(begun: SettingUp, output: Path) -> Path:
    from openvna.model import InvalidInput

    try:
        output.mkdir(parents=True, exist_ok=True)
        for each in begun.plan.files:
            (output / each.name).write_text(each.text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(
            f"The files cannot be written to {output}.",
            f"{error.strerror or error}.",
            "Name another directory with --output.",
        ) from error
    return output


def _print_json(begun: SettingUp) -> None:
    from openvna.cli.output import json_document, plain

    json_document({**plain(begun.row), "way": plain(begun.way), "plan": plain(begun.plan)})
