"""The role of a container: the task role of Amazon ECS, EKS Pod Identity. An agent beside the container hands it out.

Addresses and variables: AWS SDKs and tools reference guide, "Container credential provider".
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from openvna.log import hide
from openvna.plugins.aws.config import split_url
from openvna.plugins.aws.credential_kinds import Container
from openvna.plugins.aws.neighbour import Answer, Patience, Silent, ask, credential
from openvna.plugins.aws.profiles import CredentialUnusable
from openvna.plugins.aws.sts import Timed
from openvna.plugins.aws.transport import Timeouts
from openvna.plugins.aws.web_identity import claims, read_token

RELATIVE, FULL = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"
TOKEN_FILE, TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN"
AGENT = "http://169.254.170.2"
_NEIGHBOURS = ("169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost")
_POD_HOSTS = ("169.254.170.23", "fd00:ec2::23")
_CONNECT_SECONDS, _READ_SECONDS = 2.0, 5.0
_TRIES = 2
_LARGEST_TOKEN = 16 * 1024


def configured(environment: Mapping[str, str]) -> bool:
    """Whether the environment names an agent."""
    return bool(environment.get(RELATIVE) or environment.get(FULL))


def address(start: Container, environment: Mapping[str, str]) -> tuple[str, str]:
    """Where the agent is, and who said so. Raises `CredentialUnusable`."""
    for relative, full, said in (
        (start.relative_uri, start.full_uri, "the source's settings"),
        (environment.get(RELATIVE), environment.get(FULL), "the environment"),
    ):
        if relative:
            return f"{AGENT}{relative if relative.startswith('/') else f'/{relative}'}", said
        if full:
            return _allowed(full, said), said
    raise CredentialUnusable("E-CONTAINER-NONE", f"The environment has no {RELATIVE} and no {FULL}.")


def session(start: Container, environment: Mapping[str, str]) -> Timed:
    """What the agent hands out now. Raises `CredentialUnusable` with an E-* cause."""
    url, _ = address(start, environment)
    limits = Timeouts.from_environment(environment)
    patience = Patience(min(_CONNECT_SECONDS, limits.connect), min(_READ_SECONDS, limits.read))
    host = urlsplit(url).netloc
    for last in (*(False,) * (_TRIES - 1), True):
        token = _token(start, environment)  # read anew: it is renewed by others
        headers = {"Accept": "application/json"} | ({"Authorization": token} if token else {})
        try:
            answer = ask("GET", url, headers, patience)
        except Silent as silence:
            if last:
                raise CredentialUnusable("E-CONTAINER-DOWN", f"The agent at {host}: {silence.why}.") from silence
            continue
        if answer.status < 500 or last:
            return _credential(answer, url, token)
    raise AssertionError  # the last round returns or raises


def _allowed(url: str, said: str) -> str:
    """The address, if a credential may come from there: what it says is believed, and it may be sent a token."""
    parts = split_url(url)
    if parts is None or parts.scheme not in ("http", "https") or parts.username is not None:
        raise CredentialUnusable("E-CONTAINER-URI", f"The full URI of {said} is no http:// or https:// address.")
    host = parts.hostname or ""
    try:
        near = ipaddress.ip_address(host).is_loopback
    except ValueError:
        near = False
    # As in the SDKs, https may go elsewhere; but only the machine's administrator says so, not who edits a source.
    if near or host in _NEIGHBOURS or (parts.scheme == "https" and said == "the environment"):
        return url
    raise CredentialUnusable(
        "E-CONTAINER-URI", f"The full URI of {said} goes to {host}, which is none of {', '.join(_NEIGHBOURS)}."
    )


def _token(start: Container, environment: Mapping[str, str]) -> str:
    """What the agent asks for. A file that the settings of a source name is read only if it holds a JWT."""
    if start.token_file:
        try:
            return read_token(start.token_file)
        except CredentialUnusable as problem:
            raise CredentialUnusable("E-CONTAINER-TOKEN", *problem.evidence) from None
    path = environment.get(TOKEN_FILE, "").strip()
    if not path:
        found = environment.get(TOKEN, "")
    else:
        try:
            with Path(path).open("rb") as file:
                found = file.read(_LARGEST_TOKEN + 1).decode("utf-8", "replace")
        except OSError as error:
            why = "there is no such file" if isinstance(error, FileNotFoundError) else (error.strerror or "unreadable")
            raise CredentialUnusable("E-CONTAINER-TOKEN", f"{TOKEN_FILE} names {path}: {why}.") from None
    found = found.rstrip("\r\n")
    hide(found)
    if not re.fullmatch(r"[\x20-\x7e]*", found) or len(found) > _LARGEST_TOKEN:
        where = f"The file {path}" if path else TOKEN
        raise CredentialUnusable("E-CONTAINER-TOKEN", f"{where} holds what cannot be sent in a header.")
    return found


def _credential(answer: Answer, url: str, token: str) -> Timed:
    host = urlsplit(url).hostname or ""
    if answer.status == 200:
        body = answer.json()
        found = credential(body) if body is not None else None
        if found is not None:
            return found
        what = "JSON without AccessKeyId and SecretAccessKey" if body is not None else "no JSON"
        raise CredentialUnusable("E-CONTAINER-ANSWER", f"The agent at {host} answered with {what}.")
    evidence = [f"The agent at {host} answered {answer.status}: {answer.said or 'nothing'}"]
    cause = _refusal(answer, pod=host in _POD_HOSTS or "eks" in answer.said.lower())
    said = claims(token) if token.count(".") == 2 else None
    if said is not None and cause != "E-CONTAINER-ANSWER":
        evidence += said.facts()
    raise CredentialUnusable(cause, *evidence)


def _refusal(answer: Answer, pod: bool) -> str:
    """The cause behind an error of the agent. That of EKS passes on the code and text of EKS Auth."""
    said = answer.said
    if "Unauthorized Exception" in said or "AccessDeniedException" in said or "permissions to assume" in said:
        return "E-POD-TRUST"
    if "ResourceNotFoundException" in said:
        return "E-POD-NOASSOC"
    if re.search(r"ExpiredToken|InvalidToken|service account token|InvalidRequestException|JWT", said, re.IGNORECASE):
        return "E-POD-TOKEN"
    if pod and answer.status in (401, 403):
        return "E-POD-TOKEN"
    return "E-CONTAINER-ANSWER"
