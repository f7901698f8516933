"""The accounts of the organization that a source reads, as AWS Organizations tells of them: that one joins or leaves is
a change, whether or not anybody may enter it."""

from openvna.model import Kind
from openvna.plugins.aws.declaration import Call, Link, ResourceType, text, time
from openvna.plugins.aws.features import ORGANIZATION

FEATURE = ORGANIZATION

account = ResourceType(
    "aws.organizations.account",
    Kind.ACCOUNT,
    "Account of the organization",
    "An account of the organization that the source reads, with its name and state. What is in it is read with the "
    "role there; the account itself is here even where that role refuses us.",
    call=Call("organizations", "ListAccounts", "Accounts[]", 20, region="us-east-1"),
    id="{Arn}",
    name="Name",
    owner="Id",
    region="@none",
    organization=True,
    drops=("Email",),  # of the person that owns the account: no part of the network
    fields=(
        text("account", "Id", "The 12-digit account id."),
        text("state", "State|Status", "ACTIVE, SUSPENDED, PENDING_CLOSURE, CLOSED or PENDING_ACTIVATION."),
        text("joined_by", "JoinedMethod", "INVITED or CREATED."),
        time("joined", "JoinedTimestamp", "Since when it is in the organization."),
    ),
    columns=("account", "state", "joined"),
    relations=(Link("same-as", "Id", "arn:{@scope.partition}:account::{@value}:account"),),
)
