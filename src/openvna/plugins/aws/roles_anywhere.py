"""IAM Roles Anywhere: a session of a role for the holder of a certificate, by the service's CreateSession.

The request is signed with the certificate's key (IAM Roles Anywhere user guide, "Signing process"). botocore does not
know the call: it is not in its model of the service.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from openvna.log import hide, redact
from openvna.plugins.aws import certificates, json_protocol, policies
from openvna.plugins.aws.api import CallError, Credentials
from openvna.plugins.aws.arn import parse_arn
from openvna.plugins.aws.certificates import Signer
from openvna.plugins.aws.credential_kinds import RolesAnywhere
from openvna.plugins.aws.profiles import CredentialUnusable
from openvna.plugins.aws.query import Query
from openvna.plugins.aws.signing import authorization, canonical_request, host_header, string_to_sign
from openvna.plugins.aws.sts import Timed

OPERATION = "CreateSession"
_SERVICE = "rolesanywhere"
_HOUR = 3600


def looked_at(start: RolesAnywhere) -> Signer:
    """The certificate and key, if nothing about them and the ARNs is wrong already. Raises `CredentialUnusable`."""
    anchor, profile, role = (parse_arn(each) for each in (start.trust_anchor_arn, start.profile_arn, start.role_arn))
    if anchor is None or profile is None or role is None:
        raise AssertionError("the settings have checked their form")
    for other, name in ((profile, "profile"),):
        if (other.region, other.account, other.partition) != (anchor.region, anchor.account, anchor.partition):
            raise CredentialUnusable(
                "RA-NOTFOUND",
                f"The trust anchor is in {anchor.region} of account {anchor.account}, the {name} in {other.region} of "
                f"account {other.account}: they must be in one place.",
            )
    if role.account != profile.account:
        raise CredentialUnusable(
            "RA-ROLE",
            f"The role is of account {role.account}, the profile of account {profile.account}.",
            role=start.role_arn,
            trust=policies.roles_anywhere_trust(start.trust_anchor_arn),
        )
    return certificates.signer(start)


def session(start: RolesAnywhere, query: Query, now: datetime | None = None) -> Timed:
    """A session of the role. Raises `CredentialUnusable` with an RA-* cause where the service or we refuse,
    `CallError` for all else."""
    signer = looked_at(start)
    anchor = parse_arn(start.trust_anchor_arn)
    region = anchor.region if anchor else ""
    try:
        return _created(start, query, region, signer, start.duration, now)
    except CallError as error:
        if "DurationSeconds exceeds" in error.message and start.duration > _HOUR:
            try:
                return _created(start, query, region, signer, _HOUR, now)
            except CallError as again:
                raise _refused(again, start, signer) from again
        raise _refused(error, start, signer) from error


def signed_headers(url: str, body: bytes, signer: Signer, region: str, now: datetime) -> dict[str, str]:
    """The headers of a request to Roles Anywhere, with its signature. Host is signed, but not among them."""
    from cryptography.hazmat.primitives.serialization import Encoding

    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    encoded = [
        base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in (signer.certificate, *signer.chain)
    ]
    sent = {"Content-Type": "application/json", "X-Amz-Date": stamp, "X-Amz-X509": encoded[0]}
    if signer.chain:
        sent["X-Amz-X509-Chain"] = ",".join(encoded[1:])
    canonical = canonical_request("POST", url, sent, body)
    scope = f"{stamp[:8]}/{region}/{_SERVICE}/aws4_request"
    signature = signer.sign(string_to_sign(signer.algorithm, stamp, scope, canonical))
    names = canonical.split("\n")[-2]
    serial = str(signer.certificate.serial_number)
    sent["Authorization"] = authorization(signer.algorithm, serial, scope, names, signature)
    return sent


def _created(
    start: RolesAnywhere, query: Query, region: str, signer: Signer, duration: int, now: datetime | None
) -> Timed:
    where = query.endpoint(_SERVICE, region)
    proxy = query.transport.proxy_in_force(where.url)
    url = f"{where.url.rstrip('/')}/sessions"
    wanted: dict[str, object] = {
        "durationSeconds": duration,
        "profileArn": start.profile_arn,
        "roleArn": start.role_arn,
        "trustAnchorArn": start.trust_anchor_arn,
    }
    if start.session_name:
        wanted["roleSessionName"] = start.session_name
    body = json.dumps(wanted, separators=(",", ":")).encode()
    headers = signed_headers(url, body, signer, region, now or datetime.now(UTC))
    headers |= {"Host": host_header(url), "User-Agent": "openvna", "Accept-Encoding": "identity"}
    answer = query.transport.send(OPERATION, "POST", url, headers, body)
    reply = json_protocol.parsed(answer, OPERATION, where, proxy)
    sets = reply.members.get("credentialSet")
    given = sets[0].get("credentials") if isinstance(sets, list) and sets and isinstance(sets[0], dict) else None
    return _timed(given if isinstance(given, dict) else {}, reply.request_id)


def _timed(given: Mapping[str, object], request_id: str) -> Timed:
    key, secret, token = (str(given.get(name) or "") for name in ("accessKeyId", "secretAccessKey", "sessionToken"))
    hide(secret, token)
    if not (key and secret and token):
        raise CallError(OPERATION, "", "The answer holds no session.", 201, request_id, cause="N-INTERCEPT")
    try:
        until = datetime.fromisoformat(str(given.get("expiration"))).timestamp()
    except ValueError:
        until = None
    return Timed(Credentials(key, secret, token), until)


def _refused(error: CallError, start: RolesAnywhere, signer: Signer) -> Exception:
    """The refusal as a cause. The texts are those that people have shown of the service; it documents none."""
    if error.cause or not error.code or error.status >= 500 or error.status == 429:
        return error
    said, lower = redact(error.message), error.message.lower()
    evidence = [f"{OPERATION} for {start.role_arn}: {error.status} {error.code}: {said}", *signer.facts()]
    if error.request_id:
        evidence.append(f"request id {error.request_id}")
    if error.code == "ResourceNotFoundException":
        cause = "RA-NOTFOUND"
    elif "disabled" in lower or "not enabled" in lower:
        cause = "RA-DISABLED"
    elif "untrusted" in lower or "insufficient certificate" in lower:
        unfit = signer.unfit()
        evidence += unfit
        cause = "RA-CERT-UNFIT" if unfit else "RA-UNTRUSTED"
    elif "expired" in lower and "certificate" in lower:
        cause = "RA-CERT-EXPIRED"
    elif "mapped into session tags" in lower:
        cause = "RA-MAPPING"
    elif "assume role" in lower:
        cause = "RA-ROLE"
    elif "signature" in lower or error.code in ("IncompleteSignature", "SignatureDoesNotMatch"):
        return error  # clock or proxy, as with any other signature
    else:
        cause = "RA-REFUSED"
    return CredentialUnusable(
        cause,
        *evidence,
        role=start.role_arn,
        anchor=start.trust_anchor_arn.rpartition("/")[2],
        profile=start.profile_arn.rpartition("/")[2],
        trust=policies.roles_anywhere_trust(start.trust_anchor_arn),
    )
