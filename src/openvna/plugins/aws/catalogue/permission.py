"""Causes that lie in policies: which of them denied (IAM user guide, "Troubleshoot access denied error messages")."""

from __future__ import annotations

from openvna.plugins.aws.catalogue.entry import INCOMPLETE, INFERRED, REPORTED, Cause

_SAYS = 'AWS\'s message: "{}"'
_IMPLICIT = "because no {} allows the action"
_EXPLICIT = "with an explicit deny in {} {}"


def _again(advice: str) -> str:
    """The advice, with what is easily forgotten: the next policy may deny as well, and shows only then."""
    text, separator, statement = advice.partition("\n{statement}")
    if text.endswith(":"):
        return f"{text[:-1]} (verify again afterwards: AWS names one policy at a time):{separator}{statement}"
    return f"{text} Verify again afterwards: AWS names one policy at a time.{separator}{statement}"


def _pair(layer: str, kind: str, owner: str, implicit: str, explicit: str) -> tuple[Cause, Cause]:
    """The two causes of one kind of policy: it does not allow, and it denies."""
    article = "an" if kind[0] in "aeiou" else "a"
    return (
        Cause(
            f"P-{layer}-IMPLICIT",
            f"The {kind} does not allow it",
            f"The action would need to be allowed by {article} {kind}{owner}, and none does.",
            _SAYS.format(_IMPLICIT.format(kind)),
            REPORTED,
            _again(implicit),
        ),
        Cause(
            f"P-{layer}-EXPLICIT",
            f"The {kind} denies it",
            f"A Deny in {article} {kind}{owner} forbids the action. No Allow elsewhere helps against it.",
            _SAYS.format(_EXPLICIT.format(article, kind)),
            REPORTED,
            _again(explicit),
        ),
    )


PERMISSIONS = (
    *_pair(
        "IDENTITY",
        "identity-based policy",
        " of the caller",
        'Add this statement to a policy of {identity}. Resource must be "*": EC2\'s Describe actions know no narrower '
        "one, and a narrower one grants nothing.\n{statement}",
        "Find the Deny that covers {action} in the policies of {identity} ({policy}) and except this identity or "
        "action from it. If the Deny is about MFA, use a role or a session with MFA.",
    ),
    *_pair(
        "BOUNDARY",
        "permissions boundary",
        " of the caller",
        "Let the owner of the permissions boundary of {identity} add this statement to it; to allow it in a policy of "
        "the identity alone does not help:\n{statement}",
        "Let the owner of the permissions boundary ({policy}) take {action} out of its Deny.",
    ),
    *_pair(
        "SESSION",
        "session policy",
        " of the session",
        "The session was narrowed when it was taken (sts:AssumeRole with a policy, or Identity Center). Take it "
        "without that policy, or with this statement in it:\n{statement}",
        "Take the session without the session policy, or take {action} out of its Deny.",
    ),
    *_pair(
        "SCP",
        "service control policy",
        " of the organization",
        "Let an administrator of the organization allow {action} for account {account} in its service control "
        "policies ({policy}).",
        "Let an administrator of the organization except {action} (in {region}) or this role from the service control "
        "policy ({policy}); if the policy keeps you to certain regions, leave {region} out of the source.",
    ),
    *_pair(
        "RCP",
        "resource control policy",
        " of the organization",
        "Let an administrator of the organization that owns the resource allow {action} in its resource control "
        "policies ({policy}).",
        "Let an administrator of the organization that owns the resource except {identity} from the resource control "
        "policy ({policy}).",
    ),
    *_pair(
        "RESOURCE",
        "resource-based policy",
        " of the resource",
        "Let the resource's owner allow {action} to {identity} in the resource's policy.",
        "Let the resource's owner take {identity} out of the Deny in the resource's policy ({policy}).",
    ),
    *_pair(
        "VPCE",
        "VPC endpoint policy",
        " on the way to AWS",
        "Add {action} for {identity} to the policy of the VPC endpoint that the requests go through:\n{statement}",
        "Take {action} for {identity} out of the Deny in the policy of the VPC endpoint ({policy}).",
    ),
    Cause(
        "P-VPCE-STS",
        "The VPC endpoint of STS does not let us ask who we are",
        "sts:GetCallerIdentity needs no permission, so a denial of it comes from what stands before STS: "
        "the policy of the VPC endpoint that the request went through.",
        "AccessDenied for sts:GetCallerIdentity",
        INFERRED,
        "Add this statement to the policy of the STS interface endpoint:\n{statement}",
    ),
    Cause(
        "P-REGION",
        "Allowed elsewhere, denied in this region",
        "The same action is allowed in another region and denied in this one: a policy keeps this identity, or the "
        "whole account, to certain regions (aws:RequestedRegion).",
        "the same call in both regions",
        INFERRED,
        "Leave {region} out of the source's regions, or let the owner of the policy ({policy}) allow it.",
    ),
    Cause(
        "P-ENCODED",
        "Denied, with the reason encoded",
        "AWS says that the action is denied, and gives the reason in an encoded form only.",
        '"Encoded authorization failure message"',
        INCOMPLETE,
        "First add this statement to a policy of {identity} (most often that is all):\n{statement}\n"
        "If it does not help, let an administrator of account {account} run: aws sts decode-authorization-message "
        "--encoded-message {encoded}",
    ),
    Cause(
        "P-EXPLICIT",
        "A Deny forbids it, in a policy that AWS does not name",
        "Some policy denies the action explicitly. No Allow helps against that, wherever it stands.",
        '"with an explicit deny" without a kind of policy',
        REPORTED,
        "Look for a Deny that covers {action} ({policy}), in this order: the policies of {identity}, its permissions "
        "boundary, the service control policies of the organization, the policy of the VPC endpoint that the request "
        "took.",
    ),
    Cause(
        "P-UNSTATED",
        "Denied, without a reason",
        "AWS says that the action is denied, and does not say by which policy.",
        "a denial without a reason in its message",
        INCOMPLETE,
        "First add this statement to a policy of {identity} (most often that is all); then see the organization's "
        "policies.\n{statement}",
    ),
)
