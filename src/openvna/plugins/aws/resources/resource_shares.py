"""AWS Resource Access Manager: what is shared with whom, from both sides."""

from openvna.model import Kind, Resource
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Call, Each, Link, ResourceType, flag, text
from openvna.plugins.aws.paging import LOWER

FEATURE = Feature(
    "resource-shares", "Resource shares", "What is shared with other accounts, and what they share.", optional=True
)

_STATES = "ASSOCIATING, ASSOCIATED, FAILED, DISASSOCIATING, DISASSOCIATED, SUSPENDED, ..."

share = ResourceType(
    "aws.ram.resource-share",
    Kind.SHARE,
    "Resource share",
    "Resources of the account that others may use.",
    call=Call("ram", "GetResourceShares", "resourceShares[]", 500, params={"resourceOwner": "SELF"}),
    id="{resourceShareArn}",
    name="name",
    owner="owningAccountId",
    tags="tags",
    drops=("lastUpdatedTime",),
    fields=(
        text("state", "status", "PENDING, ACTIVE, FAILED, DELETING or DELETED."),
        flag("external", "allowExternalPrincipals", "Whether accounts outside of the organization may be in it."),
        text("message", "statusMessage", "Why it is in that state."),
        text("feature_set", "featureSet", "CREATED_FROM_POLICY, PROMOTING_TO_STANDARD or STANDARD."),
    ),
    columns=("state", "external"),
)

resource = ResourceType(
    "aws.ram.share-resource",
    Kind.SHARE,
    "Shared resource",
    "A resource in a share of the account. Its id is the share's with `/resource/ARN`.",
    call=Call(
        "ram",
        "GetResourceShareAssociations",
        "resourceShareAssociations[]",
        500,
        params={"associationType": "RESOURCE"},
    ),
    id="{resourceShareArn}/resource/{associatedEntity}",
    drops=("lastUpdatedTime",),
    fields=(
        text("share", "resourceShareName", "The share."),
        text("resource", "associatedEntity", "The resource."),
        text("state", "status", _STATES),
        text("message", "statusMessage", "Why it is in that state."),
    ),
    columns=("share", "resource", "state"),
    relations=(Link("part-of", "resourceShareArn"), Link("shares", "associatedEntity")),
)

principal = ResourceType(
    "aws.ram.share-principal",
    Kind.SHARE,
    "Share principal",
    "Whom a share of the account is for. Its id is the share's with `/principal/ID`.",
    call=Call("ram", "ListPrincipals", "principals[]", 500, params={"resourceOwner": "SELF"}),
    id="{resourceShareArn}/principal/{id}",
    name="id",
    drops=("lastUpdatedTime",),
    fields=(
        text("share", "resourceShareArn", "The share."),
        text("principal", "id", "An account, an organizational unit or the organization."),
        flag("external", "external", "Whether it is outside of the organization."),
    ),
    columns=("share", "principal", "external"),
    relations=(Link("part-of", "resourceShareArn"),),
)

received = ResourceType(
    "aws.ram.received-resource",
    Kind.SHARE,
    "Received resource",
    "A resource of another account that it shares with this one. Its id is the account's with `/received/ARN`.",
    call=Call("ram", "ListResources", "resources[]", 500, params={"resourceOwner": "OTHER-ACCOUNTS"}),
    id="arn:{@scope.partition}:account::{@scope.account}:account/region/{@scope.region}/received/{arn}",
    drops=("lastUpdatedTime",),
    fields=(
        text("resource", "arn", "The resource."),
        text("resource_type", "type", "What it is, like ec2:Subnet."),
        text("share", "resourceShareArn", "The share that it comes by."),
        text("state", "status", "AVAILABLE, ZONAL_RESOURCE_INACCESSIBLE, LIMIT_EXCEEDED, UNAVAILABLE or PENDING."),
        text("message", "statusMessage", "Why it is in that state."),
    ),
    columns=("resource_type", "resource", "state"),
    relations=(Link("shares", "arn"), Link("part-of", "resourceShareArn")),
)

invitation = ResourceType(
    "aws.ram.invitation",
    Kind.SHARE,
    "Share invitation",
    "An offer of another account to share with this one.",
    call=Call("ram", "GetResourceShareInvitations", "resourceShareInvitations[]", 500),
    id="{resourceShareInvitationArn}",
    name="resourceShareName",
    owner="senderAccountId",
    fields=(
        text("share", "resourceShareArn", "The share."),
        text("sender", "senderAccountId", "Who offers."),
        text("receiver", "receiverAccountId", "Whom it is offered to."),
        text("state", "status", "PENDING, ACCEPTED, REJECTED or EXPIRED."),
    ),
    columns=("share", "sender", "state"),
    relations=(Link("part-of", "resourceShareArn"),),
)

offered = ResourceType(
    "aws.ram.offered-resource",
    Kind.SHARE,
    "Offered resource",
    "A resource that an invitation, which nobody answered yet, is about. Its id is the invitation's with "
    "`/resource/ARN`.",
    call=Call(
        "ram",
        "ListPendingInvitationResources",
        "resources[]",
        500,
        per=Each("aws.ram.invitation", requests=lambda invitation: _unanswered(invitation)),
        pages=LOWER,
    ),
    id="{@parent.id}/resource/{arn}",
    owner="@scope.account",
    drops=("lastUpdatedTime",),
    fields=(
        text("invitation", "@parent.id", "The invitation."),
        text("resource", "arn", "The resource."),
        text("resource_type", "type", "What it is, like ec2:Subnet."),
        text("share", "resourceShareArn", "The share."),
    ),
    columns=("resource_type", "resource", "share"),
    relations=(Link("part-of", "@parent.id"), Link("shares", "arn")),
)

share_permission = ResourceType(
    "aws.ram.share-permission",
    Kind.POLICY,
    "Share permission",
    "What those may do whom a share is for. Its id is the share's with `/permission/ARN`.",
    call=Call(
        "ram",
        "ListResourceSharePermissions",
        "permissions[]",
        500,
        per=Each("aws.ram.resource-share", "resourceShareArn"),
        pages=LOWER,
    ),
    id="{@parent.id}/permission/{arn}",
    name="name",
    drops=("lastUpdatedTime",),
    fields=(
        text("share", "@parent.id", "The share."),
        text("permission", "arn", "The permission."),
        text("version", "version", "Its version."),
        flag("current", "defaultVersion", "Whether there is none that is newer."),
        text("resource_type", "resourceType", "What it is about, like ec2:Subnet."),
        text("permission_type", "permissionType", "CUSTOMER_MANAGED or AWS_MANAGED."),
    ),
    columns=("share", "permission", "resource_type", "version"),
    relations=(Link("part-of", "@parent.id"),),
)


def _unanswered(invitation: Resource) -> list[dict[str, object]]:
    waits = invitation.attributes.get("state") == "PENDING"
    return [{"resourceShareInvitationArn": invitation.id}] if waits else []
