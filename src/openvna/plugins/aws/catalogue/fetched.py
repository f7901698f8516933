"""Causes that lie with the services that hand credentials out: STS for web identities, containers, instances."""

from __future__ import annotations

from openvna.plugins.aws.catalogue.entry import INFERRED, PROVEN, REPORTED, Cause

WEB_IDENTITY = (
    Cause(
        "W-FILE",
        "There is no web identity token",
        "The token file does not exist, cannot be read, or does not hold a token. Nothing but a JWT is ever sent.",
        "the file system",
        PROVEN,
        "See what is in {file} on the machine that runs OpenVNA, as the user that runs it. In Amazon EKS the token is "
        "mounted when the pod is made: the service account needs the annotation eks.amazonaws.com/role-arn before "
        "that. Else correct the path (token_file, web_identity_token_file, AWS_WEB_IDENTITY_TOKEN_FILE).",
    ),
    Cause(
        "W-ROLE",
        "The role of the web identity is no role's ARN",
        "What is set as the role to enter does not have the form of an ARN of a role.",
        "its form",
        PROVEN,
        "Set it to arn:aws:iam::ACCOUNT:role/NAME (the annotation eks.amazonaws.com/role-arn of the service account).",
    ),
    Cause(
        "W-ENDPOINT",
        "The token was not sent to an address that is not AWS's",
        "A token opens whatever trusts its issuer. It is sent to AWS's STS only, or where the server's administrator "
        "says (AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS), but not to an address in the settings of a source.",
        "the endpoint in force",
        PROVEN,
        "Take endpoint_url out of the source's settings, or let the administrator set AWS_ENDPOINT_URL_STS where "
        "OpenVNA is started.",
    ),
    Cause(
        "W-NOPROVIDER",
        "The account has no such OIDC provider",
        "The account of the role has no identity provider for the token's issuer, or the role's account is wrong.",
        'InvalidIdentityToken "No OpenIDConnect provider found"',
        REPORTED,
        "Create it in account {account}: aws iam create-open-id-connect-provider --url {issuer} --client-id-list "
        "{audience}. If {account} is not the account you mean, correct the role's ARN.",
    ),
    Cause(
        "W-AUDIENCE",
        "The token is for another audience",
        "The token's audience is not among the client ids of the identity provider.",
        'InvalidIdentityToken "Incorrect token audience"',
        REPORTED,
        "Let the provider take it: aws iam add-client-id-to-open-id-connect-provider "
        "--open-id-connect-provider-arn {provider} --client-id {audience}. Or let the token be issued for "
        "sts.amazonaws.com.",
    ),
    Cause(
        "W-TOKEN-INVALID",
        "The web identity token cannot be validated",
        "AWS could not check the token with the issuer's keys: they cannot be read, they were replaced, or the "
        "token is not the issuer's.",
        "InvalidIdentityToken",
        REPORTED,
        "See that {issuer}/.well-known/openid-configuration and the keys that it names (jwks_uri) can be read from "
        "the internet, and hold the key that signs the tokens.",
    ),
    Cause(
        "W-TRUST",
        "The role does not trust this web identity",
        "The role's trust policy does not fit the token (subject, audience or provider differ), or there is no such "
        "role.",
        "AccessDenied for sts:AssumeRoleWithWebIdentity",
        REPORTED,
        "Let the trust policy of {role} fit the token. This one does:\n{trust}",
    ),
    Cause(
        "W-EXPIRED",
        "The web identity token is over",
        "The token in the file has ended and was not replaced.",
        "ExpiredTokenException for sts:AssumeRoleWithWebIdentity",
        REPORTED,
        "Let {file} be renewed: a projected service-account token is renewed by the kubelet, any other by whatever "
        "writes the file.",
    ),
    Cause(
        "W-IDP",
        "AWS could not reach the identity provider",
        "AWS asked the issuer for its keys and got no answer, three times.",
        "IDPCommunicationError",
        REPORTED,
        "Try again; if it stays, see whether {issuer} can be reached from the internet.",
    ),
)

MACHINE = (
    Cause(
        "E-IMDS-NOROLE",
        "The machine gives no credential",
        "The instance or container has no role, or its credential service does not answer (in a container on EC2 "
        "often for want of a second hop).",
        "the SDK found nothing",
        INFERRED,
        "Attach a role to the instance or task. In a container on EC2 set the hop limit to 2: aws ec2 "
        "modify-instance-metadata-options --instance-id ID --http-put-response-hop-limit 2.",
    ),
    Cause(
        "E-CONTAINER-URI",
        "The container's credential service fails",
        "The address in AWS_CONTAINER_CREDENTIALS_* is not allowed, does not answer or answers with an error.",
        "what the SDK said",
        REPORTED,
        "Check the task role, or the pod's identity association, and the variable's value.",
    ),
)
