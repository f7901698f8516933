"""What else can be found out about a key that STS does not know: STS says the same for a dozen reasons.

Asked are, each only where it can settle something: STS of the partition's first region (a region that is off, or a
token that is not valid there, looks like an unknown key), Amazon S3 (which tells an unknown key from a wrong token),
and, with the source's consent alone, the STS of up to two other partitions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from openvna.plugin import Confidence
from openvna.plugins.aws import rewriting
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.causes import remedy
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.endpoints import HOME_REGIONS
from openvna.plugins.aws.faults import UNKNOWN_KEY, WRONG_SIGNATURE, Explanation
from openvna.plugins.aws.query import Query
from openvna.plugins.aws.sts import caller_identity

if TYPE_CHECKING:
    from openvna.plugins.aws.diagnosis import Procedure

CAUSES = ("K-KEY-UNKNOWN", "K-TOKEN-OR-TEMPKEY")
"""What is looked into."""
_OTHERS: dict[str, tuple[str, ...]] = {
    "aws": ("aws-cn", "aws-us-gov"),
    "aws-cn": ("aws", "aws-us-gov"),
    "aws-us-gov": ("aws", "aws-cn"),
    "aws-eusc": ("aws", "aws-us-gov"),
}
"""The partitions that are asked instead, the likelier one first. The isolated ones reach no other, nor others them."""
_GONE = "Amazon S3 does not know the key either"


def settled(procedure: Procedure, told: Explanation) -> Explanation:
    """The explanation, settled as far as it goes; with what was asked and did not settle it."""
    query, key, region = procedure.access.query, procedure.key, procedure.region
    if query.endpoint("sts", region).custom:
        return told  # every question would go to the same place
    facts: list[str] = []
    home = HOME_REGIONS[procedure.access.config.partition]
    if region != home:
        try:
            who = caller_identity(query, home, key)
        except CallError as error:
            facts.append(_said(f"STS in {home}", error))
        else:
            return _off_here(told, region, home, who.identity.arn, temporary=bool(key.token))
    if key.token and (by_s3 := _by_s3(procedure, told, facts)) is not None:
        return by_s3
    if procedure.access.config.other_partitions:
        for partition in _OTHERS.get(procedure.access.config.partition, ()):
            if (elsewhere := _in_partition(procedure, told, partition, facts)) is not None:
                return elsewhere
    if told.cause == "K-TOKEN-OR-TEMPKEY" and any(each.startswith(_GONE) for each in facts):
        evidence = (*told.evidence, *facts)
        return Explanation("K-TEMPKEY-GONE", Confidence.INFERRED, evidence, remedy("K-TEMPKEY-GONE"))
    return replace(told, evidence=(*told.evidence, *facts))


def _off_here(told: Explanation, region: str, home: str, arn: str, *, temporary: bool) -> Explanation:
    """The key is good, only not in its region."""
    cause = "R-V1-TOKEN" if temporary else "R-NOT-OPTED-IN"
    fact = f"STS in {home} knows the same key: it is {arn}."
    return Explanation(cause, Confidence.INFERRED, (*told.evidence, fact), remedy(cause, region=region))


def _by_s3(procedure: Procedure, told: Explanation, facts: list[str]) -> Explanation | None:
    """What Amazon S3 says of a temporary key and its token."""
    word = rewriting.ask_s3(procedure.access.query, procedure.region, procedure.key)
    if word is None:
        return None
    if word.code == "InvalidToken":
        said = "Amazon S3 says InvalidToken: the key is known to it, the token is not accepted."
        return Explanation("K-TOKEN-WRONG", Confidence.INFERRED, (*told.evidence, said), remedy("K-TOKEN-WRONG"))
    if word.code in ("ExpiredToken", "ExpiredTokenException"):
        said = f"Amazon S3 says {word.code}."
        return Explanation("K-EXPIRED", Confidence.REPORTED, (*told.evidence, said), remedy("K-EXPIRED"))
    if word.code == "InvalidAccessKeyId":
        facts.append(f"{_GONE} (InvalidAccessKeyId).")
    elif word.accepted:
        facts.append("Amazon S3 accepts the key and its token.")
    return None


def _in_partition(procedure: Procedure, told: Explanation, partition: str, facts: list[str]) -> Explanation | None:
    """Whether the key is one of another partition."""
    access = procedure.access
    there: AwsConfig = access.config.model_copy(update={"partition": partition, "home_region": None, "regions": ()})
    query = Query(there, access.query.transport, procedure.environment)
    region = HOME_REGIONS[partition]
    place = f"STS of partition {partition} ({region})"
    if query.endpoint("sts", region).custom:
        return None
    try:
        known = f"{place} knows the key: it is {caller_identity(query, region, procedure.key).identity.arn}."
    except CallError as error:
        if error.code not in WRONG_SIGNATURE:
            facts.append(_said(place, error))
            return None
        known = f"{place} knows the key, but not with this secret ({error.code})."
    evidence = (*told.evidence, *facts, known, f"The settings say partition {access.config.partition}.")
    advice = f"Set the partition to {partition}. {remedy('C-PARTITION')}"
    return Explanation("C-PARTITION", Confidence.PROVEN, evidence, advice)


def _said(place: str, error: CallError) -> str:
    if error.code in UNKNOWN_KEY:
        return f"{place} does not know the key either."
    return f"{place}: {error.code or error.cause}: {error.message}"
