"""Causes that lie in the key itself: as it was entered, and as AWS sees it."""

from __future__ import annotations

from openvna.plugins.aws.catalogue.entry import INCOMPLETE, INFERRED, PROVEN, REPORTED, Cause

ENTERED = (
    Cause(
        "C-EMPTY",
        "No credential",
        "The access key ID or the secret access key is empty, or this machine has no AWS credential at all.",
        "a look at the fields, or at every place where the AWS SDKs look",
        PROVEN,
        "Fill in both the access key ID and the secret access key, or choose a profile or a role.",
    ),
    Cause(
        "C-SWAPPED",
        "Key ID and secret were swapped",
        "The secret stood in the field of the access key ID and the other way round.",
        "the forms of both",
        PROVEN,
        "Nothing: they were swapped back. Where you keep them, swap them as well.",
    ),
    Cause(
        "C-KEYID-WS",
        "Something stood around the access key ID",
        "Blanks, quotes, invisible characters or the value's name came along when the access key ID was copied.",
        "characters that no access key ID has",
        PROVEN,
        "Nothing: they were removed. Where you keep the key, remove them as well.",
    ),
    Cause(
        "C-KEYID-LEN",
        "The access key ID is cut or too long",
        "An access key ID has 20 characters. This one has another length, so a part is missing or something was added.",
        "its length",
        INFERRED,
        "Copy the whole access key ID again: 20 characters, from IAM → Users → Security credentials.",
    ),
    Cause(
        "C-KEYID-CHARSET",
        "The access key ID holds a wrong character",
        "After its first four letters an access key ID holds A to Z and 2 to 7 only. A mistyped one has others "
        "(0 for O, 1 for I, 8 for B).",
        "its characters",
        INFERRED,
        "Copy the access key ID again instead of typing it.",
    ),
    Cause(
        "C-KEYID-FORMAT",
        "This is not an access key ID",
        "The value in the field of the access key ID does not have the form of one.",
        "its first four characters",
        INFERRED,
        "Enter the access key ID: 20 capital letters and digits that begin with AKIA or ASIA, "
        "from IAM → Users → Security credentials.",
    ),
    Cause(
        "C-KEYID-CORRUPT",
        "The access key ID is damaged",
        "The account number inside the access key ID cannot exist, so at least one character is wrong.",
        "the account number that newer key ids hold (public research, not AWS documentation)",
        INFERRED,
        "Copy the access key ID again.",
    ),
    Cause(
        "C-KEYID-WRONGKIND",
        "A unique id, not an access key ID",
        "The value is the unique id of a user, role or group (AIDA..., AROA...), which signs nothing.",
        "its first four characters (IAM user guide, unique identifiers)",
        PROVEN,
        "Enter the access key ID (AKIA... or ASIA...): IAM → Users → the user → Security credentials → Access keys.",
    ),
    Cause(
        "C-PLACEHOLDER",
        "A placeholder in place of the key",
        "The value is the one that AWS prints in its documentation, a variable that nobody replaced, or the stars that "
        "a program shows instead of it.",
        "EXAMPLE, ${...}, <...>, stars or the like in the value",
        PROVEN,
        "Enter the value itself: IAM shows an access key ID at any time, its secret only when the key is made. If the "
        "secret is lost, create a new access key.",
    ),
    Cause(
        "C-ACCOUNT-MISMATCH",
        "The key of another account",
        "The credential works, but it belongs to another account than the source is meant for.",
        "sts:GetCallerIdentity and the accounts of the source",
        PROVEN,
        "Use a credential of account {wanted}, or change the source's accounts to {account}, "
        "or set a role to assume in each account (arn:aws:iam::{{account}}:role/NAME).",
    ),
    Cause(
        "C-SECRET-MANGLED",
        "The secret was encoded or padded",
        "The secret was percent-encoded, quoted, escaped, broken over lines or padded on its way here.",
        "exactly one way to undo it gives a secret of AWS's form",
        PROVEN,
        "Nothing: the repaired secret is used. Never encode or quote a secret by hand.",
    ),
    Cause(
        "C-SECRET-FORMAT",
        "The secret is cut or not one of AWS",
        "A secret access key has 40 characters of A-Z a-z 0-9 / +. This one has not, and nothing that could have "
        "happened to it on the way can be undone with certainty.",
        "its length and characters",
        INFERRED,
        "Copy the secret access key again. AWS shows it only once: if it is lost, create a new access key.",
    ),
    Cause(
        "C-TEMP-NO-TOKEN",
        "A temporary key without its session token",
        "Keys that begin with ASIA are temporary and come as three values. Without the third AWS refuses them "
        "(InvalidClientTokenId), whatever the other two are.",
        "the key's first four characters and the missing token",
        PROVEN,
        "Enter the session token too: the third value, aws_session_token (SessionToken, AWS_SESSION_TOKEN), of the "
        "same answer that the key came from. For a source that shall last, use a profile or a role instead: "
        "temporary keys end within hours.",
    ),
    Cause(
        "C-PERM-WITH-TOKEN",
        "A session token that does not belong to the key",
        "Keys that begin with AKIA are permanent and have no session token. One was given along, most often an old "
        "one left in AWS_SESSION_TOKEN; AWS would refuse the pair.",
        "the key's first four characters",
        PROVEN,
        "Nothing: the token was dropped. Remove AWS_SESSION_TOKEN (aws_session_token) where you keep the key.",
    ),
    Cause(
        "C-TOKEN-MANGLED",
        "The session token was encoded or broken",
        "The session token holds blanks, line breaks or percent signs, which no session token has.",
        "its characters",
        PROVEN,
        "If the token was not repaired: copy it again, whole and on one line.",
    ),
    Cause(
        "C-ROOT",
        "The credentials of the account's root user",
        "The key belongs to the root user, which may do everything and cannot be restricted. OpenVNA does not work "
        "with it.",
        "the ARN that sts:GetCallerIdentity gives ends in :root",
        PROVEN,
        "Make a role (or a user) with read permissions for OpenVNA, use that, and delete the root user's access key.",
    ),
    Cause(
        "C-PARTITION",
        "Partitions are mixed",
        "AWS, AWS China, AWS GovCloud and the others are separate worlds with separate keys and regions. "
        "The settings, or the settings and the key, name more than one.",
        "the region's name, the role's ARN, the setting and the ARN of the identity",
        PROVEN,
        "Choose one partition: set it to that of the credential, and name only regions and roles of it.",
    ),
    Cause(
        "C-REGION",
        "There is no such region",
        "A region is named that AWS does not have.",
        "the list of regions of AWS's own SDK, and of ec2:DescribeRegions",
        PROVEN,
        "Correct the region's name; they look like eu-west-1.{near} aws ec2 describe-regions --all-regions lists them.",
    ),
)

KEYS = (
    Cause(
        "K-KEY-UNKNOWN",
        "AWS does not accept this key",
        "The access key was deleted or switched off, was never one of this partition, or its id is mistyped. AWS does "
        "not tell which to the key itself.",
        "InvalidClientTokenId (or its other spellings) for a permanent key of right form",
        INCOMPLETE,
        "In IAM → Users → Security credentials look whether the key exists and is Active; if it is, compare it letter "
        "by letter. If it was made less than a minute ago, try again in a minute. If it is of AWS China or GovCloud, "
        "choose that partition, or let the source ask other partitions. Otherwise create a new access key. "
        "{second}",
    ),
    Cause(
        "K-KEY-INACTIVE",
        "The key is switched off",
        "The access key exists, but somebody has made it inactive. AWS refuses it as if it did not exist.",
        "InvalidClientTokenId, and iam:ListAccessKeys, asked with the second profile, says Inactive",
        PROVEN,
        "Ask who switched it off and why; then switch it on, as an administrator of account {account}: "
        "aws iam update-access-key --access-key-id {key} --status Active{user}\n"
        "Or create a new access key and use that.",
    ),
    Cause(
        "K-KEY-DELETED",
        "The key was deleted",
        "The access key does not exist any more (or never did). A deleted key cannot be brought back.",
        "InvalidClientTokenId, and IAM of the key's own account, asked with the second profile, does not have the key",
        PROVEN,
        "Create a new access key in account {account} and enter it here (aws iam create-access-key{user}). "
        "Better still, use a role or a profile that renews itself.",
    ),
    Cause(
        "K-KEY-NEW",
        "The key was just created",
        "AWS refused the key at first and accepted it seconds later: it had not reached every part of AWS yet.",
        "the same call succeeded when it was tried again",
        PROVEN,
        "Nothing.",
    ),
    Cause(
        "K-TOKEN-OR-TEMPKEY",
        "Key, secret and session token do not belong together, or the session is gone",
        "AWS does not accept this temporary key with this session token: they are of different sessions, the token is "
        "cut, or the session was revoked.",
        "InvalidClientTokenId for a temporary key that came with a token",
        INCOMPLETE,
        "Copy all three values again, from the same answer; if that does not help, get a new session.",
    ),
    Cause(
        "K-TEMPKEY-GONE",
        "AWS does not know this temporary key",
        "Neither STS nor Amazon S3 knows the temporary key: its id is mistyped, its session was revoked or ended long "
        "ago, or it is of another partition.",
        "InvalidClientTokenId of STS, and InvalidAccessKeyId of Amazon S3, for a key that came with its token",
        INFERRED,
        "Get a new session, and copy all three values from the same answer. If it is of AWS China or GovCloud, choose "
        "that partition.",
    ),
    Cause(
        "K-TOKEN-WRONG",
        "The session token is wrong",
        "AWS knows the temporary key, but the session token that came with it is cut, altered, of another session, or "
        "not valid in this region.",
        "STS does not accept the key with its token, and Amazon S3 says InvalidToken, where it would say "
        "InvalidAccessKeyId of a key that it does not know",
        INFERRED,
        "Copy all three values again from one and the same answer: the session token is several hundred characters "
        "long, stands on one line and often ends in = signs.",
    ),
    Cause(
        "K-SECRET-WRONG",
        "The secret does not belong to the key",
        "AWS knows the key and it is active, but the signature made with this secret is wrong: the secret is of "
        "another key, or a character of it is wrong.",
        "SignatureDoesNotMatch: AWS looks the key up before it compares signatures",
        REPORTED,
        "Enter the secret that belongs to this access key ID. AWS shows a secret only once: if it is lost, create a "
        "new access key and delete this one.",
    ),
    Cause(
        "K-SIGN-REGION",
        "Signed for another region than the endpoint's",
        "The region in the signature is not the one that the endpoint belongs to.",
        '"Credential should be scoped to a valid region"',
        REPORTED,
        "Set the home region to that of the endpoint, or take the endpoint URL out.",
    ),
    Cause(
        "K-SIGN-SERVICE",
        "Signed for another service than the endpoint's",
        "The endpoint that is set belongs to another AWS service.",
        '"Credential should be scoped to correct service"',
        REPORTED,
        "Correct the endpoint URL ({endpoint}), or take it out.",
    ),
    Cause(
        "K-CLOCK",
        "This machine's clock is wrong",
        "AWS accepts signatures that are at most 15 minutes old or ahead. This machine's clock is further off.",
        'the Date of AWS\'s answers, or "Signature expired" / "Signature not yet current"',
        PROVEN,
        "Set the clock right{offset} and keep it so by NTP, for example: timedatectl set-ntp true",
    ),
    Cause(
        "K-CLOCK-5MIN",
        "This machine's clock is some minutes off",
        "STS accepts a clock that is 15 minutes off, EC2 only 5: identity questions work, everything else is refused.",
        "STS answers, EC2 says AuthFailure, and the Date of AWS's answers differs by 5 to 15 minutes",
        INFERRED,
        "Set the clock right{offset} and keep it so by NTP, for example: timedatectl set-ntp true",
    ),
    Cause(
        "K-IAM-NO-MFA",
        "IAM does not take a session without MFA",
        "The session was made with sts:GetSessionToken and without an MFA code. It works with STS and EC2, but IAM "
        "refuses every such session as if its key did not exist.",
        "STS accepts the session, IAM alone says InvalidClientTokenId, and the identity is an IAM user with a "
        "temporary key (STS API reference, GetSessionToken)",
        PROVEN,
        "Only what IAM is asked for is missing. For that, get the session with an MFA code (aws sts get-session-token "
        "--serial-number MFA-ARN --token-code CODE), or use a role or the user's own key.",
    ),
    Cause(
        "K-EXPIRED",
        "The session is over",
        "The temporary credentials have ended.",
        "ExpiredToken (EC2: RequestExpired while the clock is right)",
        REPORTED,
        "Enter a new session in its place: Re-enter credential in the UI, openvna source reenter NAME --stdin, or "
        "PATCH of config.credential over REST. The source keeps its history and its settings. For a source that shall "
        "last, take a role, a profile or what the machine has: those are renewed.",
    ),
    Cause(
        "K-ENDING",
        "The session will be over soon",
        "The temporary credentials that were entered end within the hour, and nobody can renew them but the person who "
        "entered them.",
        "the Expiration that came with the key",
        PROVEN,
        "Enter a new session in its place before that: Re-enter credential in the UI, openvna source reenter NAME "
        "--stdin, or PATCH of config.credential over REST. For a source that shall last, take a role, a profile or "
        "what the machine has: those are renewed.",
    ),
    Cause(
        "K-STS-REGION-OFF",
        "STS is switched off in this region",
        "The account has deactivated STS in the region that was asked.",
        'RegionDisabledException, or "not allowed please check whether STS is enabled"',
        REPORTED,
        "Activate it: IAM → Account settings → Security Token Service → {region}; or set another home region.",
    ),
)
