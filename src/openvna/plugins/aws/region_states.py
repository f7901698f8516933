"""Which regions an account has enabled, from AWS Account Management: for those who may not ask EC2."""

from __future__ import annotations

from collections.abc import Mapping

from openvna.plugins.aws.api import Api

ACTION = "account:ListRegions"
_PAGES = 10
_STATES: Mapping[str, str] = {"ENABLED": "opted-in", "ENABLED_BY_DEFAULT": "opt-in-not-required"}
"""AWS Account Management's words in those of ec2:DescribeRegions. A region that is on its way in or out is off."""


def listed(api: Api, region: str) -> dict[str, str]:
    """The OptInStatus of every region, by its name, in EC2's words. Raises `CallError`."""
    states: dict[str, str] = {}
    request: dict[str, object] = {"MaxResults": 50}
    for _ in range(_PAGES):
        answer = api.call("account", "ListRegions", region, request)
        for each in answer.get("Regions") or ():
            states[str(each["RegionName"])] = _STATES.get(str(each.get("RegionOptStatus")), "not-opted-in")
        if not answer.get("NextToken"):
            break
        request["NextToken"] = answer["NextToken"]
    return states
