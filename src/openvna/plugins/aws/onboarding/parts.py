"""What the plans of the ways have in common. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from openvna.model import JSON
from openvna.plugin import Feature
from openvna.plugin.onboarding import OnboardingFile, OnboardingStep
from openvna.plugins.aws.arn import parse_arn
from openvna.plugins.aws.onboarding import commands
from openvna.plugins.aws.onboarding.options import AwsOnboarding
from openvna.plugins.aws.policy import Statement, chosen, document


def features_of(options: AwsOnboarding) -> tuple[Feature, ...]:
    """The features that the options ask for. What is always needed is among them."""
    if options.features is None:
        return chosen()
    always = [each.id for each in chosen() if not each.optional]
    return chosen({*options.features, *always})


def left_out(options: AwsOnboarding) -> list[JSON]:
    """The features that nobody shall miss: those that are usual and were not asked for."""
    wanted = {each.id for each in features_of(options)}
    return [each.id for each in chosen() if each.id not in wanted]


def file(name: str, title: str, content: Mapping[str, Any]) -> OnboardingFile:
    """A document of JSON to save."""
    return OnboardingFile(name, title, json.dumps(content, indent=2) + "\n")


def numbered(count: int) -> list[str]:
    """The names of the files that hold the policies."""
    return [f"permissions{f'-{number}' if number > 1 else ''}.json" for number in range(1, count + 1)]


def our_policy(statements: Sequence[Statement]) -> OnboardingFile:
    return file("our-policy.json", "What our own identity has to be allowed", document(statements))


def allow_us(options: AwsOnboarding, policy: OnboardingFile, what: str) -> OnboardingStep:
    """What our own side needs: a role lets nobody in who is not allowed to ask for it."""
    arn = parse_arn(options.caller)
    kind, _, rest = (arn.resource if arn else "").partition("/")
    text = f"{options.caller} needs {what}, unless it has that already."
    title = "Let us ask for the role"
    if rest.startswith("AWSReservedSSO_"):
        return OnboardingStep(title, f"{text} Put {policy.name} into its permission set, as its inline policy.")
    name = shlex.quote(rest.split("/")[0] if kind == "assumed-role" else rest.rsplit("/", 1)[-1])
    of = "user" if kind == "user" else "role"
    line = f"aws iam put-{of}-policy --{of}-name {name}"
    document_of = f"--policy-name OpenVNA-roles --policy-document file://{policy.name}"
    return OnboardingStep(title, text, commands.command(line, document_of))
