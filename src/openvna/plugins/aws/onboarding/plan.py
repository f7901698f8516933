"""What is to be done for one source, and the settings that come of it. Pure."""

from __future__ import annotations

import shlex

from openvna.model import JSON, InvalidInput
from openvna.plugin import Feature
from openvna.plugin.onboarding import OnboardingAnswer, OnboardingFile, OnboardingPlan, OnboardingStep
from openvna.plugins.aws.arn import ROLE_ARN, parse_arn
from openvna.plugins.aws.onboarding import cloudformation, commands, organization, parts, terraform
from openvna.plugins.aws.onboarding.options import WAYS, AwsOnboarding
from openvna.plugins.aws.onboarding.placement import placed
from openvna.plugins.aws.onboarding.trust import Place, principal, trust_policy
from openvna.plugins.aws.policy import Statement, document, filled


def plan(options: AwsOnboarding, external_id: str) -> OnboardingPlan:
    """What is to be done, in order. Raises `InvalidInput` for options that do not go together."""
    if options.way == "role":
        if not options.caller:
            raise InvalidInput(
                "The role cannot be described yet.",
                "It is not known who shall take it.",
                "Give the credential that OpenVNA begins with, or its ARN.",
                (("caller", "Who takes the role is missing."),),
            )
        made = organization.plan if options.scope == "organization" else _role
        return made(options, external_id)
    if options.way in ("machine", "roles-anywhere"):
        return _own_role(options, external_id)
    return _permissions_only(options)


def settings(options: AwsOnboarding, external_id: str, answer: str) -> dict[str, JSON]:
    """The settings that come of it, over those of the credential."""
    found: dict[str, JSON] = {"partition": options.partition, "left_out": parts.left_out(options)}
    if options.way != "role":
        (way,) = [each for each in WAYS if each.id == options.way]
        credential: dict[str, JSON] = {"kind": way.credential}
        if options.way == "roles-anywhere":
            arn = f"arn:{options.partition}:iam::{_anchor_account(options)}:role/{options.role_name}"
            credential |= {"trust_anchor_arn": options.trust_anchor_arn, "role_arn": arn}
        return found | {"credential": credential}
    if options.scope == "organization":
        return found | organization.settings(options, external_id)
    arn = _role_arn(answer, options.partition)
    return found | {"assume_role": {"role_arn": arn, "external_id": external_id}}


# --- a role that the source takes


def _role(options: AwsOnboarding, external_id: str) -> OnboardingPlan:
    files, steps = _created(options, external_id)
    role = f"arn:{options.partition}:iam::{options.account or '*'}:role/{options.role_name}"
    ours = parts.our_policy([Statement("OpenVNA", ("sts:AssumeRole",), (role,))])
    placeholder = f"arn:{options.partition}:iam::{options.account or '111122223333'}:role/{options.role_name}"
    return OnboardingPlan(
        f"A read-only role {options.role_name} that only {principal(options)} can take, and only for this source.",
        (*files, ours),
        (*steps, parts.allow_us(options, ours, "sts:AssumeRole on the role")),
        OnboardingAnswer(
            "Role ARN",
            "What “Read the role's ARN” above gives.",
            placeholder,
            placeholder if options.account else "",
        ),
        notes=_notes(options),
    )


def _notes(options: AwsOnboarding) -> tuple[str, ...]:
    arn = parse_arn(options.caller)
    if arn is not None and arn.resource.startswith("user/"):
        return ("The role is taken with the key of an IAM user: renew that key from time to time.",)
    return ()


# --- a role that OpenVNA has from where it runs


_AFTERWARDS = {
    "ec2": (
        "Give the instance its role",
        "aws ec2 associate-iam-instance-profile --instance-id INSTANCE-ID --iam-instance-profile Name={role}",
    ),
    "ecs": (
        "Give the task its role",
        "",
    ),
    "eks-pod-identity": (
        "Give the service account its role",
        "aws eks create-pod-identity-association --cluster-name CLUSTER --namespace {namespace} "
        '--service-account {account} --role-arn "$({arn})"',
    ),
    "eks-irsa": (
        "Give the service account its role",
        'kubectl annotate serviceaccount --namespace {namespace} {account} "eks.amazonaws.com/role-arn=$({arn})"',
    ),
}


def _own_role(options: AwsOnboarding, external_id: str) -> OnboardingPlan:
    files, steps = _created(options, external_id)
    arn = commands.role_arn_command(options)
    if options.way == "roles-anywhere":
        after = OnboardingStep(
            "Let the trust anchor's certificates have it",
            "A profile of IAM Roles Anywhere names the roles that a certificate may become. Its ARN is asked for next, "
            "with the trust anchor, the certificate and its private key.",
            commands.command(
                "aws rolesanywhere create-profile",
                f"--name {commands.stack_name(options)} --enabled",
                f'--role-arns "$({arn})"',
                f"--region {commands.region(options)}",
            ),
        )
        summary = f"A read-only role {options.role_name} for certificates of {options.trust_anchor_arn}."
        return OnboardingPlan(summary, files, (*steps, after))
    title, line = _AFTERWARDS[options.runs_on]
    namespace, _, account = options.service_account.partition(":")
    line = line.format(role=shlex.quote(options.role_name), namespace=namespace, account=account, arn=arn)
    text = {
        "ec2": "In containers on the instance, the metadata service needs a hop limit of 2.",
        "ecs": f"Set taskRoleArn of OpenVNA's task definition to the role's ARN ({arn}), and start its tasks anew.",
        "eks-pod-identity": "The EKS Pod Identity Agent runs in the cluster as an add-on. Start the pods anew.",
        "eks-irsa": "The cluster's issuer is an OIDC provider of the account. Start the pods anew.",
    }[options.runs_on]
    summary = f"A read-only role {options.role_name} that OpenVNA has from where it runs. Nothing has to be entered."
    return OnboardingPlan(summary, files, (*steps, OnboardingStep(title, text, line)))


# --- creating a role, in each form


def _created(options: AwsOnboarding, external_id: str) -> tuple[tuple[OnboardingFile, ...], tuple[OnboardingStep, ...]]:
    features = parts.features_of(options)
    if options.tool == "terraform":
        text = terraform.module(options, placed(features, terraform.ROLE_VARIABLE), external_id)
        written = OnboardingFile("openvna.tf", "The role, as Terraform", text)
        return (written,), (
            OnboardingStep(
                "Create the role", "In the account, in a directory with this file.", "terraform init\nterraform apply"
            ),
            OnboardingStep("Read the role's ARN", command="terraform output -raw role_arn"),
        )
    if options.tool == "json":
        return _plain(options, features, external_id)
    return _stack(options, features, external_id)


def _stack(
    options: AwsOnboarding, features: tuple[Feature, ...], external_id: str
) -> tuple[tuple[OnboardingFile, ...], tuple[OnboardingStep, ...]]:
    whole = cloudformation.template(options, placed(features, cloudformation.ROLE_PARAMETER), external_id)
    name = f"openvna-role.{options.template}"
    text = cloudformation.written(whole, options.template)
    values = cloudformation.parameter_values(options, external_id)
    create = commands.deploy(options, name, values, commands.is_large(text))
    written = OnboardingFile(name, "The role, as a CloudFormation template", text)
    link = commands.quick_create_link(options, options.template_url, values) if options.template_url else ""
    if link:
        text = f"Put {name} at {options.template_url}, then open the link as an administrator of the account, or run:"
    else:
        text = f"In the account, as its administrator: upload {name} in the console and leave the parameters, or run:"
    return (written,), (
        OnboardingStep("Create the stack", text, create, link or commands.upload_link(options)),
        OnboardingStep("Read the role's ARN", "It is an output of the stack.", commands.output_of_stack(options)),
    )


def _plain(
    options: AwsOnboarding, features: tuple[Feature, ...], external_id: str
) -> tuple[tuple[OnboardingFile, ...], tuple[OnboardingStep, ...]]:
    account = options.account or _anchor_account(options)
    place = Place(options.partition, account, principal(options), external_id)
    if options.way == "machine" and options.runs_on == "eks-irsa" and not account:
        raise InvalidInput(
            "The trust policy cannot be written yet.",
            "It names the cluster's OIDC provider by its ARN, which holds the account.",
            "Give the account.",
            (("account", "Give its 12 digits."),),
        )
    policies = placed(features, options.role_name, inline_first=True)
    names = parts.numbered(len(policies.all))
    files = [parts.file("trust-policy.json", "Who may take the role", trust_policy(options, place))]
    for name, policy in zip(names, policies.all, strict=True):
        files.append(
            parts.file(name, "What the role may do", document(filled(policy, options.partition, account or "*")))
        )
    managed = len(policies.managed)
    create = commands.role_commands(options, names[:managed], names[managed:])
    return tuple(files), (
        OnboardingStep("Create the role", "In the account, in a directory with these files.", create),
        OnboardingStep("Read the role's ARN", command=commands.role_arn_command(options)),
    )


def _anchor_account(options: AwsOnboarding) -> str:
    """The account of the trust anchor, where the role is made too."""
    arn = parse_arn(options.trust_anchor_arn or "")
    return arn.account if arn else ""


# --- the permissions alone


def _permissions_only(options: AwsOnboarding) -> OnboardingPlan:
    policies = placed(parts.features_of(options), "", inline_first=options.way != "access-key")
    names = parts.numbered(len(policies.all))
    files = tuple(
        parts.file(name, "What OpenVNA has to be allowed", document(filled(policy, options.partition, "*")))
        for name, policy in zip(names, policies.all, strict=True)
    )
    if options.way == "identity-center":
        how = f"{names[0]} as its inline policy"
        if len(names) > 1:
            how = f"{', '.join(names)} as customer managed policies, which have to be in every account by the same name"
        step = OnboardingStep(
            "Make a permission set",
            f"In IAM Identity Center: a permission set with {how}, assigned to whoever signs in, in the accounts to be "
            "read. For a first try any that allows reading will do.",
        )
        return OnboardingPlan("A sign-in that lasts as long as the portal's session allows.", files, (step,))
    if options.way == "profile":
        step = OnboardingStep(
            "Allow the profile's role or user to read",
            "Attach the policy to whatever the profile stands for, unless it may read all that already.",
        )
        return OnboardingPlan("A profile of the machine that runs OpenVNA, as it is.", files, (step,))
    lines = ["aws iam create-user --user-name OpenVNA"]
    lines += [commands.attached("aws iam attach-user-policy --user-name OpenVNA", "OpenVNA", name) for name in names]
    lines.append("aws iam create-access-key --user-name OpenVNA")
    step = OnboardingStep(
        "Create a user that may read, and its key",
        "The last command shows the secret this once: enter it on the next page and keep it nowhere else.",
        "\n".join(lines),
    )
    notes = ("A key works for whoever has it until somebody deletes it. A role does not have to be kept secret.",)
    return OnboardingPlan("An IAM user of OpenVNA's own, with a permanent key.", files, (step,), notes=notes)


def _role_arn(answer: str, partition: str) -> str:
    """The role's ARN in what was pasted, which may have quotes or the name of the output around it."""
    found = ROLE_ARN.search(answer)
    arn = parse_arn(found[0]) if found else None
    if arn is None:
        problem = "A role's ARN looks like arn:aws:iam::111122223333:role/OpenVNA."
    elif arn.partition != partition:
        problem = f"This role is in the partition {arn.partition}; it was set up for {partition}."
    else:
        return str(arn)
    raise InvalidInput("This is not the ARN of the role.", problem, "Paste it whole.", (("answer", problem),))
