"""The role of an EC2 instance, asked of its metadata service by IMDSv2: a token first, then the role, then its keys.

EC2 user guide, "Use IMDSv2" and "Retrieve security credentials from instance metadata".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from openvna.log import hide
from openvna.plugins.aws.config import split_url
from openvna.plugins.aws.credential_kinds import InstanceRole
from openvna.plugins.aws.neighbour import Answer, Patience, Silent, ask, credential
from openvna.plugins.aws.profiles import CredentialUnusable
from openvna.plugins.aws.sts import Timed

_IPV4, _IPV6 = "http://169.254.169.254", "http://[fd00:ec2::254]"
_CONNECT_SECONDS, _READ_SECONDS = 1.0, 2.0
_TRIES = 2
_TOKEN_SECONDS = 300
_ROLES = "/latest/meta-data/iam/security-credentials/"
_DMI = ("/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/board_vendor", "/sys/hypervisor/uuid")


def switched_off(environment: Mapping[str, str]) -> bool:
    """Whether the environment says that nobody shall ask."""
    return environment.get("AWS_EC2_METADATA_DISABLED", "").strip().lower() == "true"


def expected(environment: Mapping[str, str]) -> bool:
    """Whether there is a metadata service to be expected: on EC2, or where the environment names one."""
    return bool(environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT")) or on_ec2()


def on_ec2() -> bool:
    """Whether this machine is an EC2 instance, by what its firmware says (EC2 user guide, "Identify instances")."""
    for place in _DMI:
        try:
            said = Path(place).read_text(encoding="utf-8", errors="replace").strip().lower()
        except OSError:
            continue
        if "amazon" in said or (place.endswith("uuid") and said.startswith("ec2")):
            return True
    return False


def session(start: InstanceRole, environment: Mapping[str, str]) -> Timed:
    """The keys of the instance's role now. Raises `CredentialUnusable` with an E-IMDS-* cause."""
    if switched_off(environment):
        raise CredentialUnusable("E-IMDS-OFF", "AWS_EC2_METADATA_DISABLED is true where OpenVNA was started.")
    service = _Service(_address(start, environment), _patience(environment))
    token = service.token()
    listed = service.ask("GET", _ROLES, {"X-aws-ec2-metadata-token": token})
    roles = listed.body.decode("utf-8", "replace").split() if listed.status == 200 else []
    if listed.status not in (200, 404):
        raise service.odd(listed, "the list of roles")
    if not roles or not re.fullmatch(r"[\w+=,.@-]{1,128}", roles[0]):
        raise CredentialUnusable("E-IMDS-NOROLE", f"The metadata service at {service.host} lists no role.")
    answer = service.ask("GET", f"{_ROLES}{roles[0]}", {"X-aws-ec2-metadata-token": token})
    body = answer.json() if answer.status == 200 else None
    if body is None:
        raise service.odd(answer, f"the keys of role {roles[0]}")
    if body.get("Code", "Success") != "Success":
        evidence = f"For role {roles[0]} the metadata service says {body.get('Code')}: {str(body.get('Message'))[:300]}"
        trust = body.get("Code") == "AssumeRoleUnauthorizedAccess"
        raise CredentialUnusable("E-IMDS-TRUST" if trust else "E-IMDS-ANSWER", evidence, role=roles[0])
    found = credential(body)
    if found is None:
        raise service.odd(answer, f"the keys of role {roles[0]}")
    return found


class _Service:
    """The metadata service at an address."""

    def __init__(self, url: str, patience: Patience) -> None:
        self._url = url
        self._patience = patience
        self.host = urlsplit(url).netloc

    def token(self) -> str:
        """A session token, without which IMDSv2 answers nothing."""
        headers = {"X-aws-ec2-metadata-token-ttl-seconds": str(_TOKEN_SECONDS)}
        answer = self.ask("PUT", "/latest/api/token", headers)
        if answer.status == 403:
            raise CredentialUnusable("E-IMDS-OFF", f"The metadata service at {self.host} refuses (403): it is off.")
        token = answer.body.decode("ascii", "replace").strip()
        if answer.status != 200 or not re.fullmatch(r"[\x21-\x7e]{1,1024}", token):
            raise self.odd(answer, "a session token")
        hide(token)
        return token

    def ask(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        for last in (*(False,) * (_TRIES - 1), True):
            try:
                answer = ask(method, self._url + path, headers, self._patience)
            except Silent as silence:
                if not last:
                    continue
                if method == "PUT" and silence.connected:
                    # The answer to this one request has the hop limit for its time to live: one hop too many, and
                    # it is lost, though the connection stands.
                    raise CredentialUnusable(
                        "E-IMDS-HOPLIMIT",
                        f"The metadata service at {self.host} can be reached, but its token does not arrive: "
                        f"{silence.why}.",
                    ) from silence
                raise CredentialUnusable(
                    "E-IMDS-UNREACHED", f"The metadata service at {self.host}: {silence.why}."
                ) from silence
            if answer.status < 500 or last:
                return answer
        raise AssertionError  # the last round returns or raises

    def odd(self, answer: Answer, wanted: str) -> CredentialUnusable:
        said = f": {answer.said}" if answer.status != 200 and answer.said else ""
        return CredentialUnusable(
            "E-IMDS-ANSWER", f"Asked for {wanted}, the metadata service at {self.host} answered {answer.status}{said}."
        )


def _address(start: InstanceRole, environment: Mapping[str, str]) -> str:
    named = environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "").strip().rstrip("/")
    if named and not start.ipv6:
        parts = split_url(named)
        if parts is None or parts.scheme not in ("http", "https"):
            raise CredentialUnusable("E-IMDS-UNREACHED", "AWS_EC2_METADATA_SERVICE_ENDPOINT is no http:// address.")
        return named
    mode = environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "").strip().lower()
    return _IPV6 if start.ipv6 or mode == "ipv6" else _IPV4


def _patience(environment: Mapping[str, str]) -> Patience:
    """The SDKs' variable AWS_METADATA_SERVICE_TIMEOUT sets both; no more than ten seconds, so that nothing hangs."""
    try:
        named = float(environment.get("AWS_METADATA_SERVICE_TIMEOUT", ""))
    except ValueError:
        named = 0.0
    if not 0 < named <= 10:
        return Patience(_CONNECT_SECONDS, _READ_SECONDS)
    return Patience(named, named)
