"""The commands of the AWS CLI, and the pages of the console, by which the texts are put to use. Pure."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from openvna.plugins.aws.arn import parse_arn
from openvna.plugins.aws.endpoints import HOME_REGIONS
from openvna.plugins.aws.onboarding.options import AwsOnboarding

CONSOLES: Mapping[str, str] = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
    "aws-eusc": "console.amazonaws-eusc.eu",
}
"""The console's host in the partitions whose is published. For the others there are the commands."""

TEMPLATE_BODY = 51_200
"""Bytes of a template that AWS takes as part of a request (CloudFormation user guide, "CloudFormation quotas")."""
TEMPLATE_URL = "https://BUCKET.s3.REGION.amazonaws.com/NAME"

NAMED_IAM = "--capabilities CAPABILITY_NAMED_IAM"
"""The consent without which CloudFormation creates no role of a given name."""


def region(options: AwsOnboarding) -> str:
    """Where stacks are kept, and what the console opens with."""
    anchor = parse_arn(options.trust_anchor_arn or "") if options.way == "roles-anywhere" else None
    return options.region or (anchor.region if anchor else HOME_REGIONS[options.partition])


def stack_name(options: AwsOnboarding) -> str:
    """A stack's name holds letters, digits and hyphens, and begins with a letter."""
    name = re.sub(r"[^A-Za-z0-9-]+", "-", options.role_name).strip("-")
    return name if re.match(r"[A-Za-z]", name) else f"OpenVNA-{name}".rstrip("-")


def command(*parts: str) -> str:
    """One command, a part a line; the parts are quoted already."""
    return " \\\n  ".join(parts)


def is_large(template: str) -> bool:
    """Whether AWS takes the template from S3 only."""
    return len(template.encode()) > TEMPLATE_BODY


def deploy(options: AwsOnboarding, template: str, values: Mapping[str, str], large: bool = False) -> str:
    """Create the stack, or bring it up to date, from a file. A large one goes by way of a bucket."""
    overrides = "".join(f" \\\n    {shlex.quote(f'{name}={value}')}" for name, value in values.items())
    return command(
        "aws cloudformation deploy",
        f"--stack-name {stack_name(options)}",
        f"--template-file {template}",
        *(["--s3-bucket BUCKET"] if large else ()),
        *([f"--parameter-overrides{overrides}"] if overrides else ()),
        NAMED_IAM,
        f"--region {region(options)}",
    )


def output_of_stack(options: AwsOnboarding) -> str:
    """Print the role's ARN once the stack is there."""
    return command(
        "aws cloudformation describe-stacks",
        f"--stack-name {stack_name(options)}",
        f"--region {region(options)}",
        "--query \"Stacks[0].Outputs[?OutputKey=='RoleArn'].OutputValue\" --output text",
    )


def quick_create_link(options: AwsOnboarding, template_url: str, values: Mapping[str, str]) -> str:
    """The page of the console with everything filled in; empty where the partition's console is not known."""
    named = {f"param_{name}": value for name, value in values.items()}
    query = urlencode({"templateURL": template_url, "stackName": stack_name(options), **named}, quote_via=quote)
    return _console(options, f"cloudformation/home?region={region(options)}#/stacks/quickcreate?{query}")


def upload_link(options: AwsOnboarding) -> str:
    """The page of the console where a template is uploaded from a file."""
    return _console(options, f"cloudformation/home?region={region(options)}#/stacks/create")


def create_stack_set(options: AwsOnboarding, template: str, values: Mapping[str, str], large: bool = False) -> str:
    """Create the StackSet: AWS makes the roles it needs for that by itself, in every account there is or will be."""
    parameters = [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]
    return command(
        "aws cloudformation create-stack-set",
        f"--stack-set-name {stack_name(options)}",
        f"--template-url {options.template_url or TEMPLATE_URL}" if large else f"--template-body file://{template}",
        "--permission-model SERVICE_MANAGED",
        "--auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false",
        f"--parameters {shlex.quote(json.dumps(parameters))}",
        NAMED_IAM,
        f"--region {region(options)}",
    )


def create_stack_instances(options: AwsOnboarding) -> str:
    """Roll it out. One region: roles are the same in all of them, and a second stack would find the name taken."""
    units = ",".join(options.organizational_units) or (
        "$(aws organizations list-roots --query 'Roots[0].Id' --output text)"
    )
    return command(
        "aws cloudformation create-stack-instances",
        f"--stack-set-name {stack_name(options)}",
        f'--deployment-targets "OrganizationalUnitIds={units}"',
        f"--regions {region(options)}",
        "--operation-preferences MaxConcurrentPercentage=100,FailureTolerancePercentage=100",
        f"--region {region(options)}",
    )


def role_commands(options: AwsOnboarding, managed: Sequence[str], inline: Sequence[str]) -> str:
    """Create the role from its policies, given by the names of their files."""
    name = shlex.quote(options.role_name)
    lines = [
        command("aws iam create-role", f"--role-name {name}", "--assume-role-policy-document file://trust-policy.json")
    ]
    for file in managed:
        lines.append(attached(f"aws iam attach-role-policy --role-name {name}", options.role_name, file))
    for file in inline:
        policy = shlex.quote(f"{options.role_name}{_number(file)}")
        lines.append(
            command(
                "aws iam put-role-policy",
                f"--role-name {name}",
                f"--policy-name {policy}",
                f"--policy-document file://{file}",
            )
        )
    if options.way == "machine" and options.runs_on == "ec2":
        lines += [
            f"aws iam create-instance-profile --instance-profile-name {name}",
            f"aws iam add-role-to-instance-profile --instance-profile-name {name} --role-name {name}",
        ]
    return "\n".join(lines)


def attached(attach: str, policy: str, file: str) -> str:
    """Make a managed policy of a file and attach it in one go: `attach` lacks only the policy's ARN."""
    name = shlex.quote(f"{policy}{_number(file)}")
    made = f"aws iam create-policy --policy-name {name} --policy-document file://{file}"
    return command(attach, f'--policy-arn "$({made} --query Policy.Arn --output text)"')


def role_arn_command(options: AwsOnboarding) -> str:
    name = shlex.quote(options.role_name)
    return f"aws iam get-role --role-name {name} --query Role.Arn --output text"


def _number(file: str) -> str:
    return "".join(re.findall(r"-\d+", file))


def _console(options: AwsOnboarding, path: str) -> str:
    host = CONSOLES.get(options.partition)
    return f"https://{host}/{path}" if host else ""
