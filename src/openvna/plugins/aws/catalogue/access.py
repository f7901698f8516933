"""Causes that lie in regions, the account's state, the rate of calls, and roles."""

from __future__ import annotations

from openvna.plugins.aws.catalogue.entry import INCOMPLETE, INFERRED, PROVEN, REPORTED, Cause

REGIONS = (
    Cause(
        "R-NOT-OPTED-IN",
        "The region is not enabled in the account",
        "Newer regions are off until somebody enables them. In one that is off, EC2 says AuthFailure.",
        "AuthFailure in the region, and ec2:DescribeRegions says not-opted-in; or STS of the partition's first region "
        "knows a permanent key that STS of this region does not",
        PROVEN,
        "Leave {region} out of the source's regions, or enable it: aws account enable-region --region-name {region} "
        "(as an administrator of the account; it takes some minutes).",
    ),
    Cause(
        "R-NO-SERVICE",
        "AWS does not have this service here",
        "Newer services are in some regions only, or not in this partition. In the others their host does not exist.",
        "botocore's data do not have the service in the region; or they do not know it, its name does not exist, and "
        "that of the service in another region, or of EC2 in this one, does",
        INFERRED,
        "Nothing has to be done: what the service would list is not to be had in {region}. If AWS has it there, update "
        "OpenVNA (or botocore), and look at this machine's DNS.",
    ),
    Cause(
        "R-NO-OPERATION",
        "The installed botocore does not know this call",
        "botocore's data say which calls AWS's services have. An older one lacks what came later, and a newer one what "
        "AWS took back or renamed.",
        "the data of the installed botocore have no such operation; nothing was sent to AWS",
        PROVEN,
        "Nothing has to be done: what the call would list is not read, and everything else is. To have it read, update "
        "OpenVNA; where botocore is older than OpenVNA's release, botocore too: pip install --upgrade botocore",
    ),
    Cause(
        "R-V1-TOKEN",
        "A session that is not valid in this region",
        "Sessions of the global STS endpoint are valid only in regions that are on by default; and a session of a "
        "role needs the region enabled in the account that it was taken from as well.",
        "AuthFailure in an enabled opt-in region, with a session token; or STS of the partition's first region knows "
        "the session, and STS of this region does not",
        INFERRED,
        "Take the session from a regional STS endpoint (AWS_STS_REGIONAL_ENDPOINTS=regional), or enable {region} in "
        "the account of the caller too.",
    ),
    Cause(
        "R-AUTHFAILURE",
        "EC2 refuses the key here, without a reason that we know",
        "The key is good for STS, the region is on, the clock is right; still EC2 says AuthFailure.",
        "AuthFailure that nothing else explains",
        INCOMPLETE,
        "Try again in a minute (a new key takes time to reach every region); then ask AWS support with the request "
        "ids of the evidence.",
    ),
)

ACCOUNTS = (
    Cause(
        "A-NOT-SUBSCRIBED",
        "The account is not subscribed to the service",
        "The account has not signed up for this service.",
        "OptInRequired",
        REPORTED,
        "Let the owner of account {account} sign in to the AWS console and complete the registration.",
    ),
    Cause(
        "A-PENDINGVERIFICATION",
        "AWS is still verifying the account",
        "New accounts are checked by AWS before they may use a service or a region.",
        "PendingVerification",
        REPORTED,
        "Wait (up to some hours); then let the owner of account {account} ask AWS support.",
    ),
    Cause(
        "A-BLOCKED",
        "AWS has blocked the account",
        "The account is suspended.",
        "Blocked",
        REPORTED,
        "Let the owner of account {account} ask AWS support.",
    ),
)

RATE = (
    Cause(
        "T-THROTTLED",
        "AWS was asked too fast",
        "The account's limit of calls is used up, by us or by others in the same account. It has nothing to do with "
        "permissions.",
        "one of AWS's throttling codes, or status 429, also after waiting",
        REPORTED,
        "Try again in a minute. If it happens often, let the source use a smaller share of the limits (`rate_share`), "
        "make its interval longer, or find who else calls {action} so often in {region}.",
    ),
    Cause(
        "T-UNAVAILABLE",
        "AWS itself is in trouble",
        "AWS answered with a fault of its own, and kept doing so.",
        "a 5xx answer of AWS",
        REPORTED,
        "Try again in some minutes; https://health.aws.amazon.com shows the state of {region}.",
    ),
    Cause(
        "X-UNEXPECTED",
        "An answer of AWS that OpenVNA does not know",
        "AWS refused the call with a code that none of the known causes has.",
        "a code that is not in this list",
        INCOMPLETE,
        "Look up the code of the evidence in AWS's documentation of {action}; AWS support can trace the request id.",
    ),
)

ROLES = (
    Cause(
        "H-CALLER-DENIED",
        "The caller may not assume the role",
        "No policy of the identity that shall assume the role lets it do so.",
        "AWS's denial of sts:AssumeRole names the caller's identity-based policy, or a simulation of it says so",
        REPORTED,
        "Add this statement to a policy of {identity}:\n{statement}",
    ),
    Cause(
        "H-TRUST",
        "The role does not trust us",
        "The role's trust policy does not name our identity, asks for another external ID or a condition that we do "
        "not fulfil; or there is no such role (AWS does not say which).",
        "AWS's denial of sts:AssumeRole names the role and no policy, or its trust policy; surer where a simulation "
        "says that the caller may assume it",
        INFERRED,
        "Check that {role} exists, spelled just so (names are case-sensitive), and give it this trust policy:\n{trust}",
    ),
    Cause(
        "H-TRUST-EXPLICIT",
        "The role's trust policy denies us",
        "A Deny in the role's trust policy covers our identity. No Allow helps against it.",
        'AWS\'s message: "with an explicit deny in the role trust policy"',
        REPORTED,
        "Let the owner of {role} except {identity} from the Deny in its trust policy (often one on the organization, "
        "on addresses or on MFA).",
    ),
    Cause(
        "H-NO-ROLE",
        "There is no such role",
        "The account has no role of this name. To somebody who may not look into the account AWS says the same as of "
        "a role that does not trust them.",
        "iam:GetRole in the role's own account says NoSuchEntity",
        PROVEN,
        "Correct the role's ARN (names are case-sensitive, and a path like /net/ belongs to it), or make the role "
        "{role} with this trust policy:\n{trust}",
    ),
    Cause(
        "H-TAGSESSION",
        "The session may not be given tags",
        "Session tags need sts:TagSession besides sts:AssumeRole, in the caller's policy and in the role's trust "
        "policy. One of them lacks it.",
        "AWS's denial names sts:TagSession",
        REPORTED,
        "Give the role {role} this trust policy, allow the caller sts:TagSession on it as well, or take the session "
        "tags out of the source:\n{trust}",
    ),
    Cause(
        "H-POLICY-MALFORMED",
        "A policy of the session is no policy",
        "The session policy that goes along with the role is not valid JSON of IAM's policy language.",
        "MalformedPolicyDocument",
        REPORTED,
        "Correct what the evidence names in the session policy, or take it out.",
    ),
    Cause(
        "H-PACKED-TOO-LARGE",
        "Session policy and tags are too large together",
        "AWS packs the session policy and all session tags, also those that an earlier role handed on, into one "
        "limited space.",
        "PackedPolicyTooLarge, which says by how much",
        REPORTED,
        "Give fewer or shorter session tags, and mark fewer of them as transitive in the roles before.",
    ),
    Cause(
        "H-DURATION",
        "The session would be too long",
        "The role does not allow sessions as long as the settings ask for.",
        "AWS's ValidationError on DurationSeconds",
        REPORTED,
        "Set the session duration to 3600, or raise the role's maximum session duration.",
    ),
    Cause(
        "H-INVALID",
        "The role's settings have a wrong form",
        "AWS does not accept the role's ARN, the external ID or the session name.",
        "AWS's ValidationError",
        REPORTED,
        "Correct what the evidence names. An external ID has 2 to 1224 characters of A-Z a-z 0-9 _ + = , . @ : / -.",
    ),
    Cause(
        "H-NO-EXTID",
        "The role can be assumed without the external ID",
        "The role's trust policy does not ask for the external ID that is configured: it is open to the confused "
        "deputy.",
        "the role was assumed without it",
        PROVEN,
        "Add the condition to the role's trust policy:\n{trust}",
    ),
)
