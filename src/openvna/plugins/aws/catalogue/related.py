"""Which causes are confused with each other, or come one after the other: each of a group refers to the rest of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

GROUPS: tuple[tuple[str, ...], ...] = (
    ("C-KEYID-LEN", "C-KEYID-CHARSET", "C-KEYID-FORMAT", "C-KEYID-CORRUPT", "C-KEYID-WS", "C-KEYID-WRONGKIND"),
    ("C-SECRET-MANGLED", "C-SECRET-FORMAT", "K-SECRET-WRONG"),
    ("C-SWAPPED", "C-KEYID-FORMAT"),
    ("C-EMPTY", "C-PLACEHOLDER"),
    (
        "C-TEMP-NO-TOKEN",
        "C-PERM-WITH-TOKEN",
        "C-TOKEN-MANGLED",
        "K-TOKEN-OR-TEMPKEY",
        "K-TOKEN-WRONG",
        "K-TEMPKEY-GONE",
    ),
    ("C-PARTITION", "C-REGION", "K-KEY-UNKNOWN"),
    ("C-ACCOUNT-MISMATCH", "C-ROOT"),
    ("C-ENDPOINT", "C-ENDPOINT-KIND", "N-INTERCEPT", "N-DNS"),
    ("C-CABUNDLE", "N-TLS-CA", "N-PROXY-TLS"),
    ("C-PROFILE-NOTFOUND", "C-PROFILE-LOOP", "C-PROFILE-PARTIAL", "C-PROFILE-NOSOURCE"),
    ("C-MFA-PROMPT", "C-MFA-CODE"),
    ("K-EXPIRED", "K-ENDING"),
    ("C-PROCESS-FAIL", "C-PROCESS-JSON", "C-PROCESS-VERSION", "C-PROCESS-EXPIRED", "C-PROCESS-NOTALLOWED"),
    ("N-DNS", "N-REFUSED", "N-TIMEOUT", "N-RESET"),
    ("N-PROXY-AUTH", "N-PROXY-DENY", "N-PROXY-DOWN", "N-PROXY-TIMEOUT", "N-PROXY-TLS"),
    ("N-TLS-CA", "N-TLS-NAME", "N-TLS-PLAIN", "N-TLS-DATE"),
    ("N-HEADERS-STRIPPED", "N-HEADERS-MANGLED", "N-REQUEST-ALTERED", "K-SECRET-WRONG"),
    ("K-KEY-UNKNOWN", "K-KEY-INACTIVE", "K-KEY-DELETED", "K-KEY-NEW"),
    ("K-TOKEN-OR-TEMPKEY", "K-EXPIRED", "R-V1-TOKEN"),
    ("K-SIGN-REGION", "K-SIGN-SERVICE", "C-ENDPOINT"),
    ("K-CLOCK", "K-CLOCK-5MIN", "K-EXPIRED", "N-TLS-DATE"),
    ("R-NO-SERVICE", "N-DNS", "R-NOT-OPTED-IN"),
    ("R-NO-OPERATION", "R-NO-SERVICE"),
    ("K-STS-REGION-OFF", "R-NOT-OPTED-IN", "R-V1-TOKEN", "R-AUTHFAILURE"),
    ("A-NOT-SUBSCRIBED", "A-PENDINGVERIFICATION", "A-BLOCKED"),
    ("P-IDENTITY-IMPLICIT", "P-BOUNDARY-IMPLICIT", "P-SCP-IMPLICIT", "P-SESSION-IMPLICIT"),
    ("P-IDENTITY-EXPLICIT", "P-BOUNDARY-EXPLICIT", "P-SCP-EXPLICIT", "P-SESSION-EXPLICIT", "P-EXPLICIT"),
    ("P-REGION", "P-SCP-EXPLICIT", "R-NOT-OPTED-IN"),
    ("P-VPCE-STS", "P-VPCE-IMPLICIT", "P-VPCE-EXPLICIT"),
    ("P-RCP-IMPLICIT", "P-RESOURCE-IMPLICIT"),
    ("P-RCP-EXPLICIT", "P-RESOURCE-EXPLICIT"),
    ("P-ENCODED", "P-UNSTATED", "P-EXPLICIT"),
    ("T-THROTTLED", "T-UNAVAILABLE", "X-UNEXPECTED"),
    ("H-CALLER-DENIED", "H-TRUST", "H-TRUST-EXPLICIT", "H-NO-ROLE", "H-TAGSESSION"),
    ("H-DURATION", "H-INVALID", "H-POLICY-MALFORMED", "H-PACKED-TOO-LARGE"),
    ("H-NO-EXTID", "H-TRUST"),
    ("O-NOT-IN-USE", "O-NOT-ADMIN"),
    ("O-NOT-IN-ORG", "O-NOT-ACTIVE", "O-OU-UNKNOWN", "O-OU-AMBIGUOUS", "O-NO-MATCH", "O-EMPTY"),
    ("W-NOPROVIDER", "W-AUDIENCE", "W-TOKEN-INVALID", "W-TRUST", "W-EXPIRED", "W-IDP", "W-FILE"),
    ("S-NOLOGIN", "S-EXPIRED", "S-REVOKED", "S-NOACCESS"),
    ("W-FILE", "W-ROLE", "W-ENDPOINT"),
    ("E-CONTAINER-NONE", "E-CONTAINER-URI", "E-CONTAINER-TOKEN", "E-CONTAINER-DOWN", "E-CONTAINER-ANSWER"),
    ("E-POD-TRUST", "E-POD-NOASSOC", "E-POD-TOKEN", "W-TRUST"),
    ("E-IMDS-UNREACHED", "E-IMDS-HOPLIMIT", "E-IMDS-OFF", "E-IMDS-NOROLE", "E-IMDS-TRUST", "E-IMDS-ANSWER"),
    ("RA-CERT", "RA-KEY", "RA-CERT-EXPIRED", "RA-CERT-UNFIT", "RA-UNTRUSTED"),
    ("RA-UNTRUSTED", "RA-DISABLED", "RA-NOTFOUND", "RA-ROLE", "RA-MAPPING", "RA-REFUSED"),
    ("C-LOGIN-NONE", "C-LOGIN-EXPIRED", "C-LOGIN-DENIED", "C-LOGIN-ENDPOINT", "S-NOLOGIN"),
    ("W-ENDPOINT", "C-LOGIN-ENDPOINT", "S-ENDPOINT", "C-ENDPOINT-OWN"),
)


def related(ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """The related causes of each id, in the order of `ids`."""
    known = tuple(ids)
    found: dict[str, set[str]] = {id: set() for id in known}
    for group in GROUPS:
        for id in group:
            if id in found:
                found[id] |= set(group) - {id}
    for id in known:
        twin = id.replace("IMPLICIT", "EXPLICIT") if "IMPLICIT" in id else id.replace("EXPLICIT", "IMPLICIT")
        if twin != id and twin in found:
            found[id].add(twin)
    return {id: tuple(each for each in known if each in found[id]) for id in known}
