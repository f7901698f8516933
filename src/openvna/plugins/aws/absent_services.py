"""Services that AWS does not have everywhere: whether a call got no answer because there is nobody to give one.

A newer service is in some regions only, and its name in the others does not exist. That must not read as a network
that is broken, nor as a list that is empty. botocore's data (`data/endpoints.json`) say of most services in which
regions they were when it was released. Of the others the name service is asked: where it knows the service in another
region of the partition, or EC2 in this one, and not the service here, there is none here. A service that the data have
in the region is never called absent: there the name service is what is wrong.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from openvna.model import Failure, Outcome
from openvna.plugin import Confidence
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.causes import CATALOGUE, remedy
from openvna.plugins.aws.endpoint_rules import NoEndpoint, botocore_directory, resolve
from openvna.plugins.aws.endpoints import HOME_REGIONS, partitions
from openvna.plugins.aws.faults import Explanation

_UNREACHED = frozenset({"N-DNS", "N-PROXY-DENY"})
"""How it shows that a name does not exist: a proxy, which looks names up itself, refuses in words of its own."""
_PREFIX = {"cloudwatch": "monitoring", "tag": "tagging"}
"""What botocore's data call a service, where it is not the prefix of its permissions."""
_ELSEWHERE = 3
"""In how many other regions a service is looked for by its name."""


@dataclass(frozen=True, slots=True)
class Place:
    """A service, by the prefix of its permissions, in a region."""

    service: str
    partition: str
    region: str


def listed(place: Place) -> bool | None:
    """Whether botocore's data have the service in the region; None where they do not tell."""
    services = _services()
    prefix = _PREFIX.get(place.service, place.service)
    if not any(prefix in known for known in services.values()):
        return None
    facts = partitions().get(place.partition)
    if facts is None or place.region not in facts.regions:
        return None  # the region is newer than the data
    found = services.get(place.partition, {}).get(prefix)
    if found is None:
        return False  # it is in other partitions
    return place.region in found or any(each.endswith("-global") for each in found)


def absent(place: Place, nameless: bool, exists: Callable[[str], bool]) -> str:
    """Why AWS has no such service there, as far as can be told; empty: it may have. `nameless`: that the name service
    does not know the host. `exists` says whether it knows another."""
    if not place.service:
        return ""
    told = listed(place)
    if told is not None:
        return "" if told else f"botocore's data of AWS have no {place.service} in {place.region}"
    if not nameless:
        return ""
    for region in _others(place):
        host = _host(place.service, region, place.partition)
        if host and exists(host):
            return f"the name service knows {host}, and not the same in {place.region}"
    beside = _host("ec2", place.region, place.partition)
    if beside and exists(beside):
        return f"the name service knows {beside}, and {place.service} neither there nor in other regions"
    return ""


def explained(error: CallError, told: Explanation, place: Place) -> Explanation:
    """What a call without an answer means, told as above."""
    why = absent(place, error.nameless, resolves) if error.cause in _UNREACHED else ""
    if not why:
        return told
    evidence = (*told.evidence, f"{why[0].upper()}{why[1:]}.")
    return Explanation("R-NO-SERVICE", Confidence.INFERRED, evidence, remedy("R-NO-SERVICE", region=place.region))


def judged(error: CallError, failure: Failure, place: Place, exists: Callable[[str], bool] | None = None) -> Failure:
    """The failure of a call, told as what cannot be had here where that is why it got no answer."""
    if error.cause not in _UNREACHED:
        return failure
    why = absent(place, error.nameless, exists or resolves)
    if not why:
        return failure
    title = CATALOGUE["R-NO-SERVICE"].title
    return replace(
        failure,
        outcome=Outcome.UNSUPPORTED,
        cause="R-NO-SERVICE",
        message=f"{title}: {why}. {failure.message}",
        remedy=remedy("R-NO-SERVICE", region=place.region),
    )


def resolves(host: str) -> bool:
    """Whether this machine's name service knows a host."""
    try:
        return bool(socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM))
    except OSError:
        return False


def _others(place: Place) -> list[str]:
    """Regions in which a service is most likely: the partition's first, then those that were known longest."""
    facts = partitions().get(place.partition)
    known = facts.regions if facts else ()
    first = [region for region in (HOME_REGIONS.get(place.partition, ""), "us-west-2", "eu-west-1") if region in known]
    return [region for region in dict.fromkeys([*first, *known]) if region != place.region][:_ELSEWHERE]


def _host(service: str, region: str, partition: str) -> str:
    try:
        return resolve(service, region, partition).url.partition("://")[2]
    except NoEndpoint:
        return ""


@cache
def _services() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Of each partition the services with their regions (`aws-global` for all), by the prefix of their hosts."""
    raw = json.loads((botocore_directory() / "data" / "endpoints.json").read_text())
    return {
        each["partition"]: {name: frozenset(service["endpoints"]) for name, service in each["services"].items()}
        for each in raw["partitions"]
    }
