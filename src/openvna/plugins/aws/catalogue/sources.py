"""Causes that lie where a credential comes from: files, programs, settings, and services that hand credentials out."""

from __future__ import annotations

from openvna.plugins.aws.catalogue.entry import INCOMPLETE, INFERRED, PROVEN, REPORTED, Cause

CONFIGURED = (
    Cause(
        "C-PROFILE-NOTFOUND",
        "There is no such profile",
        "The AWS configuration files on the machine that runs OpenVNA have no profile of this name.",
        "the files themselves",
        PROVEN,
        "Choose one of the profiles that are there, or make it: aws configure --profile NAME, as the user that runs "
        "OpenVNA. AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE say where the files are, if not in ~/.aws.",
    ),
    Cause(
        "C-PROFILE-LOOP",
        "Profiles that refer to each other in a circle",
        "Following source_profile from profile to profile comes back to where it began.",
        "the configuration file",
        PROVEN,
        "Let the last source_profile of the chain name a profile with a credential of its own.",
    ),
    Cause(
        "C-PROFILE-PARTIAL",
        "The profile is incomplete",
        "The profile, or its file, lacks something that it needs to give a credential.",
        "the configuration file",
        PROVEN,
        "Complete the profile as the evidence says.",
    ),
    Cause(
        "C-PROFILE-NOSOURCE",
        "A role profile without a source",
        "The profile names a role, but nobody who could assume it.",
        "the configuration file",
        PROVEN,
        "Add source_profile = NAME (an existing profile) or credential_source = Environment, EcsContainer or "
        "Ec2InstanceMetadata to the profile.",
    ),
    Cause(
        "C-PROCESS-FAIL",
        "The credential_process failed",
        "The program that should print the credential did not start, did not end in time, or ended with an error.",
        "its exit code and what it said on stderr",
        PROVEN,
        "Run the command of credential_process by hand, as the user that runs OpenVNA, and mend what it says.",
    ),
    Cause(
        "C-PROCESS-JSON",
        "The credential_process printed something else",
        "The program must print one JSON object with Version, AccessKeyId and SecretAccessKey, and nothing else.",
        "its output",
        PROVEN,
        "Let the program print only that JSON object on stdout; everything for people belongs on stderr.",
    ),
    Cause(
        "C-PROCESS-VERSION",
        "The credential_process speaks another version",
        'The output must hold "Version": 1.',
        "its output",
        PROVEN,
        'Let the program print "Version": 1.',
    ),
    Cause(
        "C-PROCESS-EXPIRED",
        "The credential_process printed an ended credential",
        "The Expiration in the program's output is past.",
        "its output and this machine's clock",
        PROVEN,
        "Log in again with the tool behind the program, or clear its cache.",
    ),
    Cause(
        "C-PROCESS-NOTALLOWED",
        "The server may not run this program",
        "A source's settings can only name programs in the directory that the server's administrator has named: "
        "whoever may edit sources must not thereby run what they like.",
        "OPENVNA_AWS_CREDENTIAL_PROGRAMS and what lies there",
        PROVEN,
        "Let the administrator put the program into a directory, executable, and start OpenVNA with "
        "OPENVNA_AWS_CREDENTIAL_PROGRAMS=DIRECTORY; or name a profile that has credential_process.",
    ),
    Cause(
        "C-MFA-PROMPT",
        "The profile asks for an MFA code",
        "A profile with mfa_serial asks a person for a code whenever its session ends. A gateway has nobody to ask.",
        "mfa_serial in the configuration file",
        PROVEN,
        "Use a role or an Identity Center profile without mfa_serial. Or enter a code now: at a terminal, openvna "
        "source add (edit, reenter) and openvna verify aws with --profile NAME ask for it, and take a session with it "
        "that lasts until its end.",
    ),
    Cause(
        "C-MFA-CODE",
        "AWS does not take the MFA code",
        "The code is mistyped, was used already, or is of another device than the profile's mfa_serial.",
        'AccessDenied "MultiFactorAuthentication failed with invalid MFA one time pass code"',
        REPORTED,
        "Wait for the next code (each is good once) and enter that one; see that mfa_serial is the device's ARN.",
    ),
    Cause(
        "C-ENDPOINT",
        "Another endpoint than AWS's is in force",
        "Requests go to an address that somebody set. If that was not meant, nothing that it says is AWS's word.",
        "endpoint_url, AWS_ENDPOINT_URL or the profile",
        INFERRED,
        "If you mean AWS itself, take the setting out (a variable: unset it): {endpoint}.",
    ),
    Cause(
        "C-ENDPOINT-KIND",
        "AWS has no such endpoint",
        "The settings ask for FIPS or dual-stack endpoints, or for a service that is not there, and AWS has none of "
        "that kind in this region or partition.",
        "the rules for endpoints of AWS's own SDK; or the host of such an endpoint has no address",
        INFERRED,
        "Take the setting out that the evidence names, or choose a region that has such endpoints: "
        "https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html lists them.",
    ),
    Cause(
        "C-CABUNDLE",
        "The CA bundle cannot be used",
        "The file with the trusted certificates is missing or holds none.",
        "the file",
        PROVEN,
        "Correct the path, or take the setting out (ca_bundle, AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE). "
        "The file must hold certificates in PEM form (-----BEGIN CERTIFICATE-----).",
    ),
    Cause(
        "C-LOGIN-NONE",
        "Nobody has signed in with aws login",
        "The profile is one of aws login, and the AWS CLI's cache holds no usable session for it; or OpenVNA runs as "
        "another user than the one who signed in.",
        "the AWS CLI's cache (~/.aws/login/cache)",
        PROVEN,
        "Run aws login --profile {login} as the user that runs OpenVNA. For a source that shall last, use a role.",
    ),
    Cause(
        "C-LOGIN-EXPIRED",
        "The aws login session is over",
        "The session cannot be renewed any more: it has lasted its 12 hours at most, or the person's password changed.",
        "TOKEN_EXPIRED or USER_CREDENTIALS_CHANGED of the sign-in service",
        REPORTED,
        "Run aws login --profile {login} as the user that runs OpenVNA. For a source that shall last, use a role.",
    ),
    Cause(
        "C-LOGIN-DENIED",
        "The person may not renew an aws login session",
        "The identity that signed in lacks the permission that renewals need.",
        "INSUFFICIENT_PERMISSIONS of the sign-in service",
        REPORTED,
        "Let an administrator attach the managed policy SignInLocalDevelopmentAccess to the identity (it allows "
        "signin:AuthorizeOAuth2Access and signin:CreateOAuth2Token), and run aws login --profile {login} again.",
    ),
    Cause(
        "C-LOGIN-ENDPOINT",
        "The session was not sent to an address that is not AWS's",
        "An aws login session of this machine is sent to AWS's sign-in service only, or where the server's "
        "administrator says, but not to an address in the settings of a source.",
        "the endpoint in force",
        PROVEN,
        "Take endpoint_url out of the source's settings, or let the administrator set AWS_ENDPOINT_URL_SIGNIN where "
        "OpenVNA is started.",
    ),
    Cause(
        "C-ENDPOINT-OWN",
        "A credential of the machine is not used at an address of the source's own",
        "Whoever changes a source could name a host there that passes signed requests on to AWS and keeps the answers, "
        "such as the session of a role. So what the machine has (profile, environment, container, instance, program) "
        "is used at AWS over TLS, on this machine, or where the server's administrator says.",
        "the endpoints and the proxy in force",
        PROVEN,
        "Take endpoint_url out of the source's settings (or proxy_url, where the endpoint is without TLS), let the "
        "administrator set AWS_ENDPOINT_URL where OpenVNA is started, or enter an access key for this source.",
    ),
    Cause(
        "C-SOURCE",
        "The credential could not be fetched",
        "What should hand the credential out did not, and its reason is none of those that are known.",
        "what it said",
        INCOMPLETE,
        "Try the same with the AWS CLI, as the user that runs OpenVNA: aws sts get-caller-identity --profile NAME.",
    ),
)
