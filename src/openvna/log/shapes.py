"""What is shaped like a secret, whoever it belongs to: nobody may have registered it.

Each shape has words without which it cannot be there; looking for a word costs next to nothing, so that a line costs
its own length whatever the number of shapes. A shape keeps its group `kept` and masks what follows it, inside its
quotation marks where it has them, so that JSON stays JSON.
"""

from __future__ import annotations

import re

_NAMES = (
    r"(?:aws[_-]?)?(?:secret[_-]?access[_-]?key|session[_-]?token|security[_-]?token)|x-amz-security-token"
    r"|(?:access|refresh|id|bearer|client|web[_-]?identity|subject|portal|device)[_-]?token|client[_-]?secret"
    r"|device[_-]?code|code[_-]?verifier|saml[_-]?assertion|secret[_-]?string|secret[_-]?id"
    r"|password|passwd|passphrase|private[_-]?key|pre[_-]?shared[_-]?key|api[_-]?key"
    r"|x-vault-token|x-aws-ec2-metadata-token|x-amz-sso[_-]bearer[_-]token|x-amzn-sso-bearer-token"
)
_QUOTED = r'"(?:[^"\\]|\\.){4,}"|\'(?:[^\'\\]|\\.){4,}\''
_BARE = r"[A-Za-z0-9+/=_%.~-]{16,}"

_KEY_ID = re.compile(r"(?P<kept>\b(?:AKIA|ASIA))[A-Z0-9]{12}(?=[A-Z0-9]{4}\b)")
_XML = re.compile(
    r"(?P<kept><(?P<tag>SecretAccessKey|SessionToken|PreSharedKey|pre_shared_key|WebIdentityToken|SAMLAssertion"
    r"|SecretString)>)[^<]+",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"(?P<kept>(?<![a-z0-9])(?:{_NAMES})\\?[\"']?\s*(?:[:=]|%3d)>?\s*)"
    rf"(?:b?(?:{_QUOTED})|\\\"(?:[^\"\\]|\\[^\"]){{4,}}\\\"|{_BARE})",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"(?P<kept>signature\\?[\"']?\s*(?:[:=]|%3d)\s*(?:b?\\?[\"'])?)(?:[0-9a-f]{64}|[A-Za-z0-9+/%]{27,}={0,2})",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(?P<kept>(?:proxy-)?authorization\\?[\"']?\s*[:=]\s*(?:b?\\?[\"'])?(?:(?:basic|bearer|negotiate|ntlm|token)\s+)?)"
    r"(?!aws4-|[a-z_]*\.\.\.|(?:basic|bearer|negotiate|ntlm|token)\b)[^\s\"',;\\]{8,}",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(?P<kept>\bbearer\s+)[A-Za-z0-9+/=_.~-]{20,}", re.IGNORECASE)
_JWT = re.compile(r"(?P<kept>)\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*")
_PEM = re.compile(r"(?P<kept>-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----)[^\"'<>]*?(?=-----END |[\"'<>]|$)")
_VAULT = re.compile(r"(?P<kept>\bhv[sbr]\.)[A-Za-z0-9_-]{20,}")
_SESSION = re.compile(r"(?P<kept>(?<![A-Za-z0-9+/])(?:IQoJb3JpZ2lu|F[wQ]oGZXIvYXdz))[A-Za-z0-9+/=_%-]{20,}")
"""A session token of STS by its own beginning: the metadata service and container agents call theirs just Token."""
_IN_URL = re.compile(r"(?P<kept>://[^/\s:@\"'<>]+:)(?!password@|\*\*\*@|\.\.\.@)[^/\s@\"'<>]+(?=@)")

_SHAPES: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    (("akia", "asia"), _KEY_ID),
    (("key>", "token>", "assertion>", "string>"), _XML),
    (("token", "secret", "passw", "passphrase", "key", "code", "assertion"), _NAMED),
    (("signature",), _SIGNATURE),
    (("authorization",), _HEADER),
    (("bearer",), _BEARER),
    (("eyj",), _JWT),
    (("private key-----",), _PEM),
    (("hvs.", "hvb.", "hvr."), _VAULT),
    (("iqojb3jpz2lu", "ogzxivyxdz"), _SESSION),
    (("@",), _IN_URL),
)


def masked(text: str, mask: str) -> str:
    """The text with `mask` in the place of everything that is shaped like a secret."""
    lower = text.lower()
    for words, shape in _SHAPES:
        if any(word in lower for word in words):
            text = shape.sub(lambda found: found["kept"] + _in_its_quotes(found[0][len(found["kept"]) :], mask), text)
    return text


_OPENING = re.compile(r"b?(\\?[\"'])")


def _in_its_quotes(value: str, mask: str) -> str:
    opening = _OPENING.match(value)
    return f"{opening[0]}{mask}{opening[1]}" if opening else mask
