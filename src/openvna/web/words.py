"""How states read and look: a word, an icon and a tone. Never colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from openvna.model import Kind
from openvna.plugin import TypeSpec
from openvna.store import Source

Tone = Literal["ok", "warn", "bad", "info", "muted"]


@dataclass(frozen=True, slots=True)
class Badge:
    word: str
    icon: str
    tone: Tone


OUTCOMES: Mapping[str, Badge] = {
    "ok": Badge("OK", "ok", "ok"),
    "denied": Badge("Denied", "denied", "bad"),
    "throttled": Badge("Throttled", "throttled", "warn"),
    "unsupported": Badge("Unsupported", "skipped", "muted"),
    "failed": Badge("Failed", "failed", "bad"),
    "unknown": Badge("Unknown", "unknown", "warn"),
}
STEPS: Mapping[str, Badge] = {
    "running": Badge("Running", "running", "info"),
    "ok": Badge("OK", "ok", "ok"),
    "repaired": Badge("Repaired", "repaired", "info"),
    "warning": Badge("Warning", "warning", "warn"),
    "failed": Badge("Failed", "failed", "bad"),
    "skipped": Badge("Skipped", "skipped", "muted"),
}
RUNS: Mapping[str, Badge] = {
    "running": Badge("Running", "running", "info"),
    "ok": Badge("Complete", "ok", "ok"),
    "partial": Badge("Partial", "warning", "warn"),
    "failed": Badge("Failed", "failed", "bad"),
    "interrupted": Badge("Interrupted", "skipped", "warn"),
}
VERDICTS: Mapping[str, Badge] = {
    "ok": Badge("Verified", "ok", "ok"),
    "degraded": Badge("Degraded", "warning", "warn"),
    "failed": Badge("Failed", "failed", "bad"),
}
CHANGES: Mapping[str, Badge] = {
    "created": Badge("Created", "created", "ok"),
    "updated": Badge("Updated", "updated", "info"),
    "deleted": Badge("Deleted", "deleted", "bad"),
}
PERMISSIONS: Mapping[str, Badge] = {
    "allowed": Badge("Allowed", "ok", "ok"),
    "denied": Badge("Denied", "denied", "bad"),
    "region-off": Badge("Region off", "skipped", "muted"),
    "not-conclusive": Badge("Not conclusive", "unknown", "warn"),
}
QUOTAS: Mapping[str, Badge] = {
    "near": Badge("Near its limit", "warning", "warn"),
    "full": Badge("Used up", "failed", "bad"),
    "none": Badge("None allowed", "denied", "muted"),
    "unknown": Badge("Not known", "unknown", "muted"),
}
FAMILIES = {
    "outcome": OUTCOMES,
    "step": STEPS,
    "run": RUNS,
    "verdict": VERDICTS,
    "change": CHANGES,
    "permission": PERMISSIONS,
    "quota": QUOTAS,
}
PAUSED = Badge("Paused", "paused", "muted")
UNVERIFIED = Badge("Not verified", "unknown", "muted")

CONFIDENCE = {
    "proven": "Proven: we showed it ourselves.",
    "reported": "Reported: the other side said so.",
    "inferred": "Inferred: concluded from signs.",
    "incomplete": "Incomplete: not everything could be tried.",
}

_GROUPS: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    (
        "Networks",
        (
            Kind.NETWORK,
            Kind.SEGMENT,
            Kind.SUBNET,
            Kind.INTERFACE,
            Kind.ADDRESS,
            Kind.ADDRESS_POOL,
            Kind.PREFIX_LIST,
            Kind.OPTIONS,
        ),
    ),
    ("Routing", (Kind.ROUTE_TABLE, Kind.ROUTE, Kind.GATEWAY, Kind.ROUTER, Kind.ATTACHMENT)),
    (
        "Connectivity",
        (
            Kind.PEERING,
            Kind.TUNNEL,
            Kind.CONNECTION,
            Kind.LINK,
            Kind.ENDPOINT,
            Kind.SERVICE,
            Kind.SHARE,
            Kind.API,
            Kind.DISTRIBUTION,
        ),
    ),
    ("Names", (Kind.DNS_ZONE, Kind.DNS_RECORD, Kind.RESOLVER, Kind.NAMESPACE)),
    ("Security", (Kind.ACCESS_LIST, Kind.FIREWALL, Kind.POLICY)),
    ("Load balancing", (Kind.LOAD_BALANCER, Kind.LISTENER, Kind.TARGET_GROUP, Kind.TARGET)),
    ("Compute", (Kind.COMPUTE,)),
    ("Telemetry", (Kind.FLOW_LOG, Kind.MIRROR, Kind.MONITOR, Kind.ANALYSIS)),
    ("Places", (Kind.ACCOUNT, Kind.REGION, Kind.ZONE, Kind.SITE, Kind.DEVICE, Kind.QUOTA)),
)
GROUPS = tuple(name for name, _ in _GROUPS)
_GROUP_OF = {kind: name for name, kinds in _GROUPS for kind in kinds}
OTHER = "Other"


def badge(family: str, value: str) -> Badge:
    """The badge of a state; a state we have no word for is shown as it is."""
    return FAMILIES[family].get(value) or Badge(value, "unknown", "muted")


def source_badge(source: Source) -> Badge:
    """How a source stands: paused, else what its last verification said."""
    if source.paused:
        return PAUSED
    if source.verdict is None:
        return UNVERIFIED
    return badge("verdict", str(source.verdict.get("verdict", "")))


def group_of(spec: TypeSpec | None, types: Mapping[str, TypeSpec]) -> str:
    """The heading under which a type stands in the inventory's tree: options of something stand beside it."""
    if spec is None:
        return OTHER
    if spec.kind is Kind.OPTIONS and spec.depends_on:
        return group_of(types.get(spec.depends_on[0]), types)
    return _GROUP_OF.get(spec.kind, OTHER)


def type_title(spec: TypeSpec | None, type_name: str) -> str:
    """What a person calls a type; its bare name when no installed plugin knows it."""
    return spec.title if spec is not None else type_name


def column_title(attribute: str) -> str:
    """`cidr_block` as "Cidr block", with the abbreviations of the field in capitals."""
    known = {"cidr", "id", "ip", "ipv4", "ipv6", "dns", "arn", "asn", "az", "mac", "vpc", "vpn", "bgp", "mtu", "acl"}
    words = attribute.replace(".", " ").replace("-", " ").replace("_", " ").split()
    shown = [word.upper() if word.lower() in known else word for word in words]
    text = " ".join(shown)
    return text[:1].upper() + text[1:]
