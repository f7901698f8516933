"""Why an account or region that was collected before is not part of the source any more, where that is certain.

Organizations tells the state of an account (Organizations User Guide, "Monitor the state of your AWS accounts"). Of
those that are not ACTIVE only CLOSED says that the account is no more: in SUSPENDED its resources are all there, AWS
merely lets nobody in, and PENDING_CLOSURE ends in CLOSED or in ACTIVE again. An account that was closed disappears
from the list after 90 days. (Where Organizations still answers with `Status`, its SUSPENDED means either, so that
nothing is certain before the account disappears.)

That a region was switched off is no proof either: what is in it stays there, and is paid for.
"""

from __future__ import annotations

from openvna.model import Scope
from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.organization import Membership
from openvna.plugins.aws.organization_scope import organization_scope

CLOSED = "CLOSED"


def why_left(scope: Scope, config: AwsConfig, membership: Membership | None) -> str:
    """A sentence, or nothing where it is not certain. `membership` is what Organizations said in this collection, None
    where it was not asked or did not answer."""
    if scope == organization_scope(scope.partition) and config.organization is None:
        return "The settings name no organization."
    if scope.partition != config.partition:
        return f"The settings name the partition {config.partition}."
    if config.organization is not None:
        why = _of_organization(scope.account, bool(config.organization.include.ous), membership)
    elif config.accounts and scope.account not in config.accounts:
        why = f"The settings no longer name the account {scope.account}."
    else:
        why = ""
    if not why and config.regions and scope.region not in config.regions and scope.region:
        why = f"The settings no longer name the region {scope.region}."
    return why


def _of_organization(account: str, by_unit: bool, found: Membership | None) -> str:
    if found is None or not account or account in found.chosen:
        return ""
    known = {each.id: each for each in found.accounts}
    there = known.get(account)
    if there is not None and there.state != "ACTIVE":
        return f"AWS Organizations says that the account {account} is closed." if there.state == CLOSED else ""
    if not found.chosen:
        return ""  # an organization of which nothing is left is a filter that nobody meant
    if there is None:
        if by_unit:
            return f"The account {account} is in none of the organizational units that the settings name."
        return f"The account {account} is no longer in the organization."
    why = next((why for why, ids in found.left_out.items() if account in ids), "")
    return f"The settings leave the account {account} out: {why}." if why else ""
