"""Causes that lie with IAM Identity Center (AWS SSO): signing in, staying signed in, and being let into an account."""

from __future__ import annotations

from openvna.plugins.aws.catalogue.entry import INFERRED, PROVEN, REPORTED, Cause

_SIGN_IN = "{sign_in}"

CENTER = (
    Cause(
        "S-NOLOGIN",
        "Nobody has signed in to Identity Center",
        "There is no sign-in to use: the source has none yet, or for a profile the AWS CLI's cache holds none (it may "
        "be another user's than the one that runs OpenVNA).",
        "the source's settings, or the files in ~/.aws/sso/cache",
        PROVEN,
        _SIGN_IN,
    ),
    Cause(
        "S-EXPIRED",
        "The Identity Center session is over",
        "The session at the access portal has ended and could not be renewed. Identity Center's administrator sets how "
        "long one lasts (8 hours unless changed, up to 90 days).",
        "the sign-in's own end, ExpiredTokenException, or InvalidGrantException when it was to be renewed",
        REPORTED,
        _SIGN_IN,
    ),
    Cause(
        "S-REVOKED",
        "The Identity Center session was revoked",
        "AWS no longer accepts the sign-in though it has not ended: somebody signed out, an administrator ended the "
        "session, or the person was removed or disabled.",
        'UnauthorizedException "Session token not found or invalid" before the end of the sign-in',
        REPORTED,
        _SIGN_IN + " If that fails too, ask Identity Center's administrator whether the person is still active.",
    ),
    Cause(
        "S-NOACCESS",
        "No such permission set in this account",
        "Identity Center does not give the person who signed in this permission set in this account. The name of an "
        "IAM role in its place gives the same.",
        'ForbiddenException "No access", or ResourceNotFoundException',
        REPORTED,
        "{choices}Choose one that the access portal shows (sign in again in the UI to pick from the list), or let "
        "Identity Center's administrator assign this one.",
    ),
    Cause(
        "S-NOTHING",
        "No account is assigned to this person",
        "The sign-in worked, but Identity Center shows the person who signed in no AWS account at all.",
        "an empty answer of ListAccounts",
        REPORTED,
        "Let Identity Center's administrator assign a permission set in the account to this person or to a group that "
        "they are in, then sign in again.",
    ),
    Cause(
        "S-REGION",
        "Identity Center is in another region",
        "The region that is set is not the one in which Identity Center was enabled (or replicated to).",
        "InvalidRequestRegionException, a cached sign-in of another region, or a region that has no Identity Center",
        REPORTED,
        "Set the region of Identity Center (sso_region) to {center_region}; AWS shows it in the Identity Center "
        "console under Settings. Then sign in again.",
    ),
    Cause(
        "S-STARTURL",
        "The start URL is not known there",
        "Identity Center in this region knows no access portal of this address: the address is mistyped, or Identity "
        "Center is in another region. AWS gives the same answer for both.",
        "InvalidRequestException when the sign-in was begun",
        REPORTED,
        "Copy the AWS access portal URL from the Identity Center console under Settings, with the region that stands "
        "beside it. A portal address of your own may need a while until AWS knows it; the one that begins with d- "
        "always works.",
    ),
    Cause(
        "S-CLIENT",
        "The registration with Identity Center is over",
        "A program registers itself with Identity Center before it signs anybody in; that registration lasts 90 days. "
        "This one is over or not accepted, so the sign-in cannot be renewed with it.",
        "InvalidClientException, UnauthorizedClientException, or the registration's own end",
        REPORTED,
        _SIGN_IN + " OpenVNA registers itself anew when it does.",
    ),
    Cause(
        "S-CODE-EXPIRED",
        "Nobody signed in before the code was over",
        "The code was not confirmed in time. Where the page refused it (invalid code, invalid grant), the region is "
        "most often not the one of Identity Center: AWS gives out a code in any region.",
        "ExpiredTokenException, or InvalidGrantException, when asked whether the person has signed in",
        REPORTED,
        "Begin the sign-in again and confirm the code within some minutes. If the page refused it, set the region of "
        "Identity Center first: AWS shows it in the Identity Center console under Settings.",
    ),
    Cause(
        "S-DENIED",
        "The sign-in was refused",
        "The person chose Deny on the page, or their organization does not let this person confirm a device's code.",
        "AccessDeniedException when asked whether the person has signed in",
        REPORTED,
        "Begin the sign-in again and choose Allow. If the page itself refuses, ask Identity Center's administrator.",
    ),
    Cause(
        "S-KMS",
        "Identity Center cannot use its encryption key",
        "The organization encrypts Identity Center with a key of its own, and that key is off, gone or not allowed.",
        "a reason that begins with KMS_ in the answer",
        REPORTED,
        "Let Identity Center's administrator look at the KMS key that it is encrypted with: its state and its policy.",
    ),
    Cause(
        "S-OTHER",
        "The sign-in is of another portal",
        "The sign-in that the source holds was made at another start URL or region than its settings now say.",
        "the sign-in itself",
        PROVEN,
        _SIGN_IN,
    ),
    Cause(
        "S-ENDPOINT",
        "The machine's sign-in was not sent to an address that is not AWS's",
        "A sign-in of the AWS CLI on this machine is sent to AWS's portal only, or where the server's administrator "
        "says, but not to an address in the settings of a source.",
        "the endpoint in force",
        PROVEN,
        "Take endpoint_url (or endpoint_urls of sso and sso-oidc) out of the source's settings, or let the "
        "administrator set AWS_ENDPOINT_URL_SSO and AWS_ENDPOINT_URL_SSO_OIDC where OpenVNA is started.",
    ),
    Cause(
        "S-UNKNOWN",
        "Identity Center gave an answer that is not understood",
        "It refused in words that OpenVNA does not know.",
        "what it said",
        INFERRED,
        "Try the same with the AWS CLI: aws sso login. If that works, report this with the evidence.",
    ),
)
