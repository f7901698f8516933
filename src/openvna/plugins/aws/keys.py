"""What can be seen of a key without asking anybody, and what can be undone with certainty.

Forms: IAM user guide, "IAM identifiers" (unique id prefixes); a secret that AWS issues is 40 characters of
A-Z a-z 0-9 / +. The account inside newer key ids is public knowledge, not documentation: what rests on it is inferred.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from pydantic import SecretStr

from openvna.log import hide
from openvna.plugins.aws.api import Credentials
from openvna.plugins.aws.config import AccessKey, AwsConfig

KEY_KINDS = ("AKIA", "ASIA", "ABIA", "ACCA")
WRONG_KINDS = {
    "AIDA": "an IAM user",
    "AROA": "a role",
    "AGPA": "a user group",
    "AIPA": "an instance profile",
    "ANPA": "a managed policy",
    "ANVA": "a version of a managed policy",
    "APKA": "a public key",
    "ASCA": "a certificate",
}
_KEY_FORM = re.compile(r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}")
_SECRET_FORM = re.compile(r"[A-Za-z0-9/+]{40}")
_TOKEN_FORM = re.compile(r"[A-Za-z0-9/+=_.-]+")
_UNSEEN = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0e-\x1f\x7f]")
_QUOTES = "\"'`‘’“”«»,;"
_LABEL = re.compile(
    r"^\W*(?:export\s+|set\s+|env:)?(?:aws[_ -]?)?(?:secret|session|security|access)?[_ -]?(?:access)?"
    r"[_ -]?(?:key|token)(?:[_ -]?id)?\W*?[=:]\s*",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"(?-i:EXAMPLE(?:KEY)?$)|^<.*>$|^\$\w+$|^\$\{.*\}$|^x+$|^[*.•]+[\w/+]{0,4}$|YOUR[_-]?(?:AWS|ACCESS|SECRET|KEY)",
    re.IGNORECASE,
)
"""What stands in manuals and scripts for a value, and what programs show in its place (stars, the last letters)."""
_SENDABLE = re.compile(r"[\x21-\x7e]+")
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_LARGEST_ACCOUNT = 999_999_999_999


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing seen. `repaired`: it is undone in the result. `certain`: no call to AWS could succeed with it.

    `advisory` findings rest on the form of ids and secrets that AWS issues: an emulator may issue others.
    `subject` is the region that a finding about a region's name is about.
    """

    cause: str
    evidence: tuple[str, ...]
    repaired: bool = False
    certain: bool = False
    advisory: bool = False
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Inspection:
    """The credentials with all repairs, and what was found."""

    credentials: Credentials
    findings: tuple[Finding, ...] = ()


def inspect(given: Credentials) -> Inspection:
    """Look at a credential: pure, no call. Every form of it is registered as secret with the log."""
    hide(given.secret_access_key, given.token)
    findings: list[Finding] = []
    if not given.access_key_id.strip() or not given.secret_access_key.strip():
        absent = [
            name
            for name, value in (("access key ID", given.access_key_id), ("secret access key", given.secret_access_key))
            if not value.strip()
        ]
        said = f"The {' and the '.join(absent)} {'are' if len(absent) > 1 else 'is'} empty."
        return Inspection(given, (Finding("C-EMPTY", (said,), certain=True),))
    key, secret = _clean_id(given.access_key_id), given.secret_access_key
    if key != given.access_key_id:
        evidence = ("What stood around the access key ID (blanks, quotes or its name) was removed.",)
        findings.append(Finding("C-KEYID-WS", evidence, repaired=True))
    if not _KEY_FORM.fullmatch(key) and _KEY_FORM.fullmatch(_clean_id(secret)) and _secret_of(key)[0]:
        key, secret = _clean_id(secret), key
        findings = [
            Finding(
                "C-SWAPPED", ("The access key ID stood in the secret's field and the other way round.",), repaired=True
            )
        ]
    secret = _checked_secret(secret, findings)
    token = _checked_token(given.token, findings)
    _check_id(key, findings)
    if key.startswith("ASIA") and not token:
        evidence = (f"{masked(key)} is a temporary key (ASIA...), and there is no session token with it.",)
        findings.append(Finding("C-TEMP-NO-TOKEN", evidence, certain=True))
    if key.startswith("AKIA") and token:
        evidence = (f"{masked(key)} is a permanent key (AKIA...): it has no session token. The token was dropped.",)
        findings.append(Finding("C-PERM-WITH-TOKEN", evidence, repaired=True))
        token = ""
    hide(secret, token)
    return Inspection(Credentials(key, secret, token), tuple(findings))


def repaired(config: AwsConfig) -> AwsConfig:
    """The settings with what can be undone with certainty undone. No network."""
    if not isinstance(config.credential, AccessKey):
        return config
    key = config.credential
    token = key.session_token.get_secret_value() if key.session_token else ""
    given = Credentials(key.access_key_id, key.secret_access_key.get_secret_value(), token)
    done = inspect(given).credentials
    if done == given:
        return config
    credential = key.model_copy(
        update={
            "access_key_id": done.access_key_id,
            "secret_access_key": SecretStr(done.secret_access_key),
            "session_token": SecretStr(done.token) if done.token else None,
        }
    )
    return config.model_copy(update={"credential": credential})


def account_of(access_key_id: str) -> str | None:
    """The account inside a key id of the newer form; None for the older form, which holds none.

    May exceed any account there is, which betrays a damaged id. (Public research, not AWS documentation.)
    """
    body = access_key_id[4:]
    if len(access_key_id) != 20 or any(letter not in _BASE32 for letter in body) or body[0] in _BASE32[:16]:
        return None
    bits = int.from_bytes(base64.b32decode(body)[:6], "big")  # 48 bits: one unused, forty of the account, seven more
    return f"{(bits >> 7) & ((1 << 40) - 1):012d}"


def masked(access_key_id: str) -> str:
    """A key id as it may be shown: its kind and its last four characters."""
    return f"{access_key_id[:4]}…{access_key_id[-4:]}" if len(access_key_id) >= 12 else "…"


def _clean_id(text: str) -> str:
    """The id without what surrounds it; the name that was pasted along goes only where a whole key id is left."""
    clean = _UNSEEN.sub("", text.replace("\u00a0", " ")).strip().strip(_QUOTES).strip()
    bare = _LABEL.sub("", clean, count=1).strip().strip(_QUOTES).strip()
    return bare if _KEY_FORM.fullmatch(bare) else clean


def _check_id(key: str, findings: list[Finding]) -> None:
    if _PLACEHOLDER.search(key):
        findings.append(
            Finding(
                "C-PLACEHOLDER", (f"The access key ID {masked(key)} is a placeholder.",), certain=True, advisory=True
            )
        )
        return
    if key[:4] in WRONG_KINDS and len(key) >= 16:
        evidence = (f"{key[:4]}... is the unique id of {WRONG_KINDS[key[:4]]}, not an access key ID.",)
        findings.append(Finding("C-KEYID-WRONGKIND", evidence, certain=True))
        return
    if not _SENDABLE.fullmatch(key):
        evidence = (f"The access key ID has {len(key)} characters, some of which no key id can have.",)
        findings.append(Finding("C-KEYID-CHARSET", evidence, certain=True))
        return
    if key[:4] not in KEY_KINDS:
        evidence = (f"An access key ID begins with {' or '.join(KEY_KINDS[:2])}; this one begins with {key[:4]!r}.",)
        if _secret_of(key)[0] and len(key) == 40:
            evidence = ("The access key ID has the form of a secret access key.",)
        elif key.upper()[:4] in KEY_KINDS:
            evidence = ("An access key ID is written in capitals.",)
        findings.append(Finding("C-KEYID-FORMAT", evidence, certain=True, advisory=True))
    elif len(key) != 20:
        evidence = (f"The access key ID {masked(key)} has {len(key)} characters; AWS's have 20.",)
        findings.append(Finding("C-KEYID-LEN", evidence, certain=True, advisory=True))
    elif wrong := sorted(set(key[4:]) - set(_BASE32)):
        evidence = (f"The access key ID {masked(key)} holds {' '.join(map(repr, wrong))}; AWS uses A-Z and 2-7 only.",)
        findings.append(Finding("C-KEYID-CHARSET", evidence, certain=True, advisory=True))
    elif (account := account_of(key)) is not None and int(account) > _LARGEST_ACCOUNT:
        evidence = (f"The account inside the access key ID {masked(key)} would have more than 12 digits.",)
        findings.append(Finding("C-KEYID-CORRUPT", evidence, advisory=True))


def _checked_secret(secret: str, findings: list[Finding]) -> str:
    if _PLACEHOLDER.search(secret.strip()):
        findings.append(
            Finding("C-PLACEHOLDER", ("The secret access key is a placeholder.",), certain=True, advisory=True)
        )
        return secret
    found, steps = _secret_of(secret)
    if found and steps:
        evidence = (
            f"The secret had {len(secret)} characters; with {' and '.join(steps)} undone it has AWS's form (40 of "
            "A-Z a-z 0-9 / +).",
        )
        findings.append(Finding("C-SECRET-MANGLED", evidence, repaired=True))
        return found
    if not found:
        strange = sorted({_named(letter) for letter in secret if not re.fullmatch(r"[A-Za-z0-9/+]", letter)})
        holds = f" and holds {', '.join(strange[:4])}" if strange else ""
        evidence = (f"The secret has {len(secret)} characters{holds}; AWS's have 40 of A-Z a-z 0-9 / +.",)
        findings.append(Finding("C-SECRET-FORMAT", evidence, certain=True, advisory=True))
    return secret


def _named(letter: str) -> str:
    """What kind of character it is: never the character itself, which is a part of a secret."""
    if letter.isspace():
        return "a blank"
    if letter == "%":
        return "a percent sign"
    return "a punctuation mark" if letter.isascii() else "a character outside ASCII"


_UNDO: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("the name pasted along", lambda text: _LABEL.sub("", text, count=1)),
    ("invisible characters", lambda text: _UNSEEN.sub("", text).replace("\u00a0", " ")),
    ("blanks around it", str.strip),
    ("quotes around it", lambda text: text.strip().strip(_QUOTES)),
    ("HTML entities", html.unescape),
    ("JSON escapes", lambda text: re.sub(r"\\u00(2b|2f)", _unicode, text.replace("\\/", "/"), flags=re.IGNORECASE)),
    ("percent-encoding", unquote),
    ("'+' turned to a blank", lambda text: text.replace(" ", "+")),
    ("line breaks", lambda text: re.sub(r"[\r\n\t]+ *", "", text)),
)


def _unicode(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def _secret_of(text: str) -> tuple[str, tuple[str, ...]]:
    """The one secret of AWS's form that `text` can be turned back into, and what had to be undone for it.

    Empty when there is none, or more than one.
    """
    if _SECRET_FORM.fullmatch(text):
        return text, ()
    reached: dict[str, tuple[str, ...]] = {text: ()}
    level = [text]
    found: dict[str, tuple[str, ...]] = {}
    for _ in range(5):
        following: list[str] = []
        for each in level:
            for name, undo in _UNDO:
                changed = undo(each)
                if changed in reached or not changed:
                    continue
                reached[changed] = tuple(dict.fromkeys((*reached[each], name)))
                if _SECRET_FORM.fullmatch(changed):
                    found[changed] = reached[changed]
                else:
                    following.append(changed)
        if found or not following or len(text) > 4096:
            break
        level = following
    if len(found) != 1:
        return "", ()
    return next(iter(found.items()))


def _checked_token(token: str, findings: list[Finding]) -> str:
    if not token.strip():
        return ""
    if _TOKEN_FORM.fullmatch(token) and not _LABEL.match(token):
        return token
    done = _UNSEEN.sub("", _LABEL.sub("", token, count=1).replace("\u00a0", " ")).strip().strip(_QUOTES)
    done = re.sub(r"[\r\n\t]+ *", "", html.unescape(done).replace("\\/", "/"))
    done = unquote(done).replace(" ", "+") if "%" in done else done.replace(" ", "+")
    if not _TOKEN_FORM.fullmatch(done):
        findings.append(
            Finding("C-TOKEN-MANGLED", ("The session token holds characters that no token has.",), certain=True)
        )
        return ""
    findings.append(
        Finding(
            "C-TOKEN-MANGLED", ("Blanks, line breaks or encoding in the session token were undone.",), repaired=True
        )
    )
    return done
