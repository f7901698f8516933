"""The provider's side of PrivateLink: who may connect, who has, and who is told of it."""

from openvna.model import Kind
from openvna.plugins.aws.declaration import REGION, Each, Link, ResourceType, ec2, text, texts, time
from openvna.plugins.aws.resources import endpoints

FEATURE = endpoints.FEATURE

connection = ResourceType(
    "aws.ec2.vpc-endpoint-connection",
    Kind.ATTACHMENT,
    "VPC endpoint connection",
    "An endpoint, of any account, that connects to one of our endpoint services.",
    call=ec2("DescribeVpcEndpointConnections", "VpcEndpointConnections[]"),
    needs="aws.ec2.vpc-endpoint-service",
    id="vpc-endpoint-connection/{VpcEndpointConnectionId}",
    alias="VpcEndpointConnectionId",
    fields=(
        text("service", "ServiceId", "The endpoint service."),
        text("endpoint", "VpcEndpointId", "The endpoint."),
        text("endpoint_owner", "VpcEndpointOwner", "Whose endpoint that is."),
        text("endpoint_region", "VpcEndpointRegion", "Where it is."),
        text("state", "VpcEndpointState", "PendingAcceptance, Pending, Available, Rejected, Failed, ..."),
        text("ip_address_type", "IpAddressType", "ipv4, ipv6 or dualstack."),
        texts("load_balancers", "NetworkLoadBalancerArns[]", "Load balancers that it comes to."),
        time("created", "CreationTimestamp", "When it was created."),
    ),
    columns=("service", "endpoint", "endpoint_owner", "state"),
    relations=(Link("part-of", "ServiceId"), Link("associated-with", "VpcEndpointId")),
)

permission = ResourceType(
    "aws.ec2.vpc-endpoint-service-permission",
    Kind.POLICY,
    "VPC endpoint service permission",
    "A principal that may connect to one of our endpoint services.",
    call=ec2(
        "DescribeVpcEndpointServicePermissions",
        "AllowedPrincipals[]",
        per=Each("aws.ec2.vpc-endpoint-service", "ServiceId", "alias"),
    ),
    id="vpc-endpoint-service-permission/{ServicePermissionId}",
    alias="ServicePermissionId",
    fields=(
        text("service", "ServiceId", "The endpoint service."),
        text("principal", "Principal", "Who may: an ARN, or * for everybody."),
        text("principal_type", "PrincipalType", "All, Service, OrganizationUnit, Account, User or Role."),
    ),
    columns=("service", "principal", "principal_type"),
    relations=(Link("part-of", "ServiceId"),),
)

notification = ResourceType(
    "aws.ec2.vpc-endpoint-connection-notification",
    Kind.MONITOR,
    "VPC endpoint connection notification",
    "A topic that is told of connections. Its id is the region's with `/vpc-endpoint-connection-notification/ID`.",
    call=ec2("DescribeVpcEndpointConnectionNotifications", "ConnectionNotificationSet[]"),
    id=REGION + "/vpc-endpoint-connection-notification/{ConnectionNotificationId}",
    alias="ConnectionNotificationId",
    fields=(
        text("subject", "ServiceId|VpcEndpointId", "The endpoint service or endpoint that it is about."),
        text("topic", "ConnectionNotificationArn", "The SNS topic."),
        texts("events", "ConnectionEvents[]", "Accept, Connect, Delete, Reject."),
        text("state", "ConnectionNotificationState", "Enabled or Disabled."),
    ),
    columns=("subject", "events", "topic", "state"),
    relations=(Link("part-of", "ServiceId|VpcEndpointId"),),
)
