"""What can be seen of a source's settings without asking anybody: partitions that are mixed, regions that are none."""

from __future__ import annotations

from openvna.plugins.aws.arn import parse_arn
from openvna.plugins.aws.config import AwsConfig, IdentityCenter, RolesAnywhere, WebIdentity
from openvna.plugins.aws.endpoints import partition_of_region, partitions
from openvna.plugins.aws.keys import Finding


def look(config: AwsConfig, home: str, emulated: bool) -> tuple[Finding, ...]:
    """What is wrong with regions and role. `home` is the region in force for questions of identity.

    A region that has a region's form but is on no list may be newer than the list: that is for AWS to say.
    """
    findings: list[Finding] = []
    known = partitions()
    for region in dict.fromkeys((*config.regions, home)):
        theirs = partition_of_region(region)
        if theirs is None:
            evidence = (f"{region!r} is not the name of an AWS region.",)
            findings.append(Finding("C-REGION", evidence, certain=True, subject=region))
        elif theirs != config.partition:
            evidence = (f"Region {region} belongs to partition {theirs}; the settings say {config.partition}.",)
            findings.append(Finding("C-PARTITION", evidence, certain=True))
        elif region not in known[theirs].regions:
            evidence = (f"Region {region!r} is not on the list of AWS's SDK: mistyped, or newer than the list.",)
            findings.append(Finding("C-REGION", evidence, subject=region, advisory=emulated))
    center = config.credential.region if isinstance(config.credential, IdentityCenter) else ""
    if center and (theirs := partition_of_region(center)) not in (None, config.partition):
        evidence = (
            f"Identity Center's region {center} belongs to partition {theirs}; the settings say {config.partition}.",
        )
        findings.append(Finding("C-PARTITION", evidence, certain=True))
    entered = config.credential.role_arn if isinstance(config.credential, WebIdentity | RolesAnywhere) else None
    on_the_way = [each.role_arn for each in (*config.via, config.assume_role) if each is not None]
    for arn in (entered or "", *on_the_way):
        role = parse_arn(arn)
        if role is not None and role.partition != config.partition:
            evidence = (f"The role {arn} is of partition {role.partition}; the settings say {config.partition}.",)
            findings.append(Finding("C-PARTITION", evidence, certain=True))
    return tuple(findings)
