"""Causes that lie with the services that hand credentials out: STS for web identities, containers, instances."""

from __future__ import annotations

from openvna.plugins.aws.catalogue.entry import INCOMPLETE, INFERRED, PROVEN, REPORTED, Cause

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

CONTAINERS = (
    Cause(
        "E-CONTAINER-NONE",
        "This is no container with a role",
        "The source takes the container's role, but the environment names no agent that hands it out.",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set",
        PROVEN,
        "In Amazon ECS give the task definition a task role (taskRoleArn); in Amazon EKS make a Pod Identity "
        "association for the pod's service account and start the pod again: the variables are set when it is made.",
    ),
    Cause(
        "E-CONTAINER-URI",
        "The address of the container's agent is not allowed",
        "A credential is taken from an agent beside the container only: what answers elsewhere is not to be believed.",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI or the source's setting",
        PROVEN,
        "Take the setting out. Amazon ECS and EKS set the variables themselves; an agent of your own must listen on "
        "this machine, or be named by the environment with https://.",
    ),
    Cause(
        "E-CONTAINER-TOKEN",
        "The token for the container's agent cannot be read",
        "The file with the token that the agent asks for is missing, or holds what cannot be sent.",
        "the file system (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, or the source's token_file)",
        PROVEN,
        "See whether the pod mounts the token (volume eks-pod-identity-token), and whether the user that runs OpenVNA "
        "may read it. A pod that was made before the Pod Identity association has none: start it again.",
    ),
    Cause(
        "E-CONTAINER-DOWN",
        "The container's agent does not answer",
        "Nobody answers at the address of the agent within its few seconds.",
        "no connection, or no answer",
        PROVEN,
        "In Amazon EKS see that the add-on eks-pod-identity-agent runs on the node (kubectl get daemonset "
        "eks-pod-identity-agent -n kube-system) and that no network policy stops 169.254.170.23 port 80; in Amazon "
        "ECS see that the ECS agent runs.",
    ),
    Cause(
        "E-CONTAINER-ANSWER",
        "The container's agent refuses",
        "The agent answered, but with no credential.",
        "its status and its words",
        REPORTED,
        "In Amazon ECS check the task role and that ecs-tasks.amazonaws.com may assume it; a task that was stopped "
        "has no role any more. In Amazon EKS look into the log of eks-pod-identity-agent.",
    ),
    Cause(
        "E-POD-TRUST",
        "The role does not let EKS Pod Identity in",
        "There is a Pod Identity association, but the trust policy of its role does not let pods.eks.amazonaws.com "
        "assume and tag it. This also shows where IRSA was meant and an old association still is there.",
        'AccessDeniedException "Unauthorized Exception! EKS does not have permissions to assume the associated role"',
        REPORTED,
        "Let the trust policy of the role hold this statement, or delete the association if IRSA is meant:\n"
        '{{\n  "Effect": "Allow",\n  "Principal": {{"Service": "pods.eks.amazonaws.com"}},\n'
        '  "Action": ["sts:AssumeRole", "sts:TagSession"]\n}}',
    ),
    Cause(
        "E-POD-NOASSOC",
        "There is no Pod Identity association",
        "EKS knows no role for the pod's service account: the association was deleted, or is of another namespace, "
        "service account or cluster.",
        "ResourceNotFoundException of EKS Auth",
        REPORTED,
        "Make it: aws eks create-pod-identity-association --cluster-name CLUSTER --namespace NAMESPACE "
        "--service-account NAME --role-arn ARN. The token's subject in the evidence names namespace and account.",
    ),
    Cause(
        "E-POD-TOKEN",
        "EKS does not accept the pod's token",
        "The service account's token is over, is for another audience, or is of another cluster.",
        "InvalidTokenException or ExpiredTokenException of EKS Auth",
        REPORTED,
        "The kubelet renews the token that it mounts (audience pods.eks.amazonaws.com): read that file, and not a "
        "copy. A token of a pod that is gone is not accepted.",
    ),
)

INSTANCES = (
    Cause(
        "E-IMDS-UNREACHED",
        "There is no instance metadata service here",
        "Nothing answers at the address of the EC2 instance metadata service.",
        "no connection",
        PROVEN,
        "OpenVNA must run on an EC2 instance for this. If it does, let host firewall and network policies pass "
        "169.254.169.254 port 80. Elsewhere take another kind of credential.",
    ),
    Cause(
        "E-IMDS-HOPLIMIT",
        "The answer of the metadata service does not arrive",
        "The service can be reached, but the answer with its token is lost: it may make one hop by default, and a "
        "container's network is one more.",
        "the connection stands, and the token does not come",
        INFERRED,
        "Let it make two: aws ec2 modify-instance-metadata-options --instance-id ID --http-put-response-hop-limit 2 "
        "--http-endpoint enabled. Or give the container a role of its own (task role, Pod Identity).",
    ),
    Cause(
        "E-IMDS-OFF",
        "The instance metadata service is switched off",
        "The instance's options, or the environment of OpenVNA, switch the metadata service off.",
        "403, or AWS_EC2_METADATA_DISABLED",
        REPORTED,
        "Switch it on: aws ec2 modify-instance-metadata-options --instance-id ID --http-endpoint enabled "
        "--http-tokens required. Or take AWS_EC2_METADATA_DISABLED out of the environment of OpenVNA.",
    ),
    Cause(
        "E-IMDS-NOROLE",
        "The instance has no role",
        "The metadata service answers, but there is no instance profile with a role on this instance.",
        "an empty list of roles, or 404",
        PROVEN,
        "Attach one: aws ec2 associate-iam-instance-profile --instance-id ID --iam-instance-profile Name=PROFILE.",
    ),
    Cause(
        "E-IMDS-TRUST",
        "The instance's role does not let EC2 in",
        "The role of the instance profile cannot be assumed by EC2: its trust policy does not name "
        "ec2.amazonaws.com, or the role was deleted and made anew.",
        "AssumeRoleUnauthorizedAccess of the metadata service",
        REPORTED,
        "Let the trust policy of {role} allow sts:AssumeRole to the service ec2.amazonaws.com. If the role was made "
        "anew, take it out of the instance profile and put it in again.",
    ),
    Cause(
        "E-IMDS-ANSWER",
        "The metadata service answers oddly",
        "What answers at the address of the metadata service gives no credential, and no reason that is known.",
        "its status and its words",
        INCOMPLETE,
        "Ask it by hand on the instance (EC2 user guide, Retrieve security credentials). Something else may answer at "
        "that address: see AWS_EC2_METADATA_SERVICE_ENDPOINT.",
    ),
)

ROLES_ANYWHERE = (
    Cause(
        "RA-CERT",
        "The certificate cannot be read",
        "What is given as certificate or chain is not a certificate in PEM form, and not the path of such a file.",
        "the setting, or the file",
        PROVEN,
        "Paste the whole text from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, or give the path of the "
        "PEM file as the user that runs OpenVNA can read it.",
    ),
    Cause(
        "RA-KEY",
        "The private key does not fit the certificate",
        "The key is not in PEM form, its passphrase is missing or wrong, or it belongs to another certificate.",
        "the key and the certificate themselves",
        PROVEN,
        "Paste the private key that the certificate was made for, from -----BEGIN to -----END. The two fit if these "
        "print the same: openssl x509 -in cert.pem -noout -pubkey and openssl pkey -in key.pem -pubout.",
    ),
    Cause(
        "RA-CERT-EXPIRED",
        "The certificate is over",
        "The time for which the certificate was issued has passed, or has not come yet.",
        "the certificate and this machine's clock",
        PROVEN,
        "Let your authority issue a new certificate for the same subject, and enter it with its key.",
    ),
    Cause(
        "RA-CERT-UNFIT",
        "The certificate is not one that may sign",
        "Roles Anywhere refuses the certificate, and it lacks what AWS asks for: version 3, CA:FALSE, the key usage "
        "digitalSignature, a signature with SHA-256 or stronger.",
        'AccessDeniedException "Untrusted certificate", and the certificate\'s own extensions',
        INFERRED,
        "Let your authority issue it anew with basicConstraints=CA:FALSE, keyUsage=critical,digitalSignature and "
        "extendedKeyUsage=clientAuth.",
    ),
    Cause(
        "RA-UNTRUSTED",
        "The trust anchor does not vouch for the certificate",
        "No chain leads from the certificate to the authority of the trust anchor: it was issued by another one, the "
        "certificates between are missing, or it was revoked.",
        'AccessDeniedException "Untrusted certificate" or "Untrusted signing certificate"',
        REPORTED,
        "Compare the issuer in the evidence with the authority of the trust anchor: aws rolesanywhere "
        "get-trust-anchor --trust-anchor-id {anchor}. Where an authority in between issued it, enter that one's "
        "certificate as the chain.",
    ),
    Cause(
        "RA-DISABLED",
        "The trust anchor or the profile is disabled",
        "Both must be enabled for sessions to be given.",
        "AccessDeniedException that names something disabled",
        INFERRED,
        "Enable them: aws rolesanywhere enable-trust-anchor --trust-anchor-id {anchor} and aws rolesanywhere "
        "enable-profile --profile-id {profile}.",
    ),
    Cause(
        "RA-NOTFOUND",
        "There is no such trust anchor or profile",
        "The ARN of the trust anchor or the profile names nothing, or the two are not of one account and region.",
        "ResourceNotFoundException, or the ARNs themselves",
        REPORTED,
        "List them: aws rolesanywhere list-trust-anchors and aws rolesanywhere list-profiles, in the account and "
        "region of the role.",
    ),
    Cause(
        "RA-ROLE",
        "Roles Anywhere may not assume the role",
        "The certificate is trusted, but the role's trust policy does not let the service in (it needs three actions, "
        "sts:SetSourceIdentity among them), a condition there does not fit the certificate, or the profile does not "
        "list the role.",
        'AccessDeniedException "Unable to assume role"',
        REPORTED,
        "See that profile {profile} lists {role}, and let the role's trust policy be:\n{trust}",
    ),
    Cause(
        "RA-MAPPING",
        "The certificate's names cannot become session tags",
        "Roles Anywhere makes tags of the certificate's subject, issuer and alternative names; one of them has "
        "characters that no tag may have (such as parentheses).",
        'AccessDeniedException "failed to be mapped into session tags"',
        REPORTED,
        "Take that field out of the profile's mapping: aws rolesanywhere delete-attribute-mapping --profile-id "
        "{profile} --certificate-field x509Subject --specifiers NAME. Or let the certificate be issued without such "
        "characters.",
    ),
    Cause(
        "RA-REFUSED",
        "Roles Anywhere refuses the session",
        "The service gives a reason that is not among those that are known.",
        "its words",
        INCOMPLETE,
        "Look into CloudTrail for the event CreateSession, which says more: in the account of the trust anchor, in its "
        "region.",
    ),
)
