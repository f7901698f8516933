"""A role in every account of an organization, by a StackSet. Pure.

Source: CloudFormation user guide, "Create StackSets with service-managed permissions": it is created in the management
account or by a delegated administrator, and deploys into every account but the management account.
"""

from __future__ import annotations

from dataclasses import replace

from openvna.model import JSON
from openvna.plugin.onboarding import OnboardingFile, OnboardingPlan, OnboardingStep
from openvna.plugins.aws.arn import parse_arn
from openvna.plugins.aws.features import ORGANIZATION
from openvna.plugins.aws.onboarding import cloudformation, commands, parts
from openvna.plugins.aws.onboarding.options import AwsOnboarding
from openvna.plugins.aws.onboarding.placement import into_members, placed
from openvna.plugins.aws.onboarding.trust import principal
from openvna.plugins.aws.policy import chosen, filled, statements


def plan(options: AwsOnboarding, external_id: str) -> OnboardingPlan:
    """What is to be done, in order: first in the account that may list the others, then in all of them."""
    wanted = {each.id for each in parts.features_of(options)}
    features = chosen({*wanted, ORGANIZATION.id})
    members = into_members(options.role_name)
    within = placed(features, cloudformation.ROLE_PARAMETER, members=members)
    whole = cloudformation.template(options, within, external_id, without=(ORGANIZATION.id,))
    text = cloudformation.written(whole, options.template)
    name = f"openvna-role.{options.template}"
    template = OnboardingFile(name, "The role, as a CloudFormation template", text)
    values = cloudformation.parameter_values(options, external_id)
    large = commands.is_large(text)
    lister = _lister(options)
    first: tuple[OnboardingStep, ...] = ()
    if lister is None:
        own = filled((*statements(features, ""), members), options.partition, "*")
        ours = parts.our_policy(own)
        what = "to list the accounts, to take the role in each, and to read its own account"
        last = parts.allow_us(options, ours, what)
    else:
        there = options.model_copy(update={"role_name": _lister_name(options)})
        ours = parts.our_policy([replace(into_members(_lister_name(options)), sid="OpenVNA", resources=(lister,))])
        more = {"RoleName": _lister_name(options), f"Feature{ORGANIZATION.id.capitalize()}": "yes"}
        first = (
            OnboardingStep(
                f"Create the role in account {options.organization_account}",
                "That is the management account, or one that it delegates to. The role lists the accounts, and takes "
                "the role in each of them.",
                commands.deploy(there, name, values | more, large),
            ),
        )
        values |= {"TrustedPrincipal": lister}
        last = parts.allow_us(options, ours, "sts:AssumeRole on that role")
    steps = (
        OnboardingStep(
            "Let StackSets work in the organization",
            "Once, in the management account.",
            f"aws cloudformation activate-organizations-access --region {commands.region(options)}",
        ),
        *first,
        OnboardingStep(
            "Create the StackSet",
            "In the management account. A delegated administrator of StackSets adds --call-as DELEGATED_ADMIN, here "
            "and in the next command.",
            commands.create_stack_set(options, name, values, large),
        ),
        OnboardingStep(
            "Roll it out",
            "Into one region: a role is there in all of them. Accounts that join later get it by themselves.",
            commands.create_stack_instances(options),
        ),
        last,
    )
    taker = lister or principal(options)
    return OnboardingPlan(
        f"A read-only role {options.role_name} in every account of the organization, that only {taker} can take.",
        (template, ours),
        steps,
        notes=(
            "A StackSet does not deploy into the management account. That one is read with "
            + ("the role that lists the accounts." if lister else "our own identity, if it is the one we are in."),
        ),
    )


def settings(options: AwsOnboarding, external_id: str) -> dict[str, JSON]:
    """The source that the whole organization becomes."""
    units = [each for each in options.organizational_units if each.startswith("ou-")]
    found: dict[str, JSON] = {
        "organization": {
            "role_name": options.role_name,
            "external_id": external_id,
            **({"include": {"ous": list(units)}} if units else {}),
        },
    }
    if lister := _lister(options):
        found["assume_role"] = {"role_arn": lister, "external_id": external_id}
    return found


def _lister(options: AwsOnboarding) -> str | None:
    """The role that lists the accounts, where that is not we ourselves."""
    caller = parse_arn(options.caller)
    account = options.organization_account
    if account is None or (caller is not None and caller.account == account):
        return None
    return f"arn:{options.partition}:iam::{account}:role/{_lister_name(options)}"


def _lister_name(options: AwsOnboarding) -> str:
    """Another name than the members' role: in the account of a delegated administrator there will be both."""
    return f"{options.role_name[:51]}-Organization"
