"""Managed prefix lists, their entries, and the address ranges of AWS services behind gateway endpoints."""

from openvna.model import Kind
from openvna.plugin import Feature
from openvna.plugins.aws.declaration import Each, Link, ResourceType, ec2, number, text, texts

FEATURE = Feature(
    "prefix-lists", "Prefix lists", "What the prefix lists in routes and access lists hold.", optional=True
)

prefix_list = ResourceType(
    "aws.ec2.managed-prefix-list",
    Kind.PREFIX_LIST,
    "Managed prefix list",
    "A named set of CIDR blocks for routes and rules; AWS keeps some for its own services (account `aws`).",
    call=ec2("DescribeManagedPrefixLists", "PrefixLists[]", page=100),
    id="{PrefixListArn}",
    alias="PrefixListId",
    name="PrefixListName",
    fields=(
        text("list_name", "PrefixListName", "The list's own name."),
        text("family", "AddressFamily", "IPv4 or IPv6."),
        text("state", "State", "create-complete, modify-in-progress, ..."),
        number("version", "Version", "Raised by every change of the entries."),
        number("max_entries", "MaxEntries", "What a route or rule that uses the list counts as."),
    ),
    columns=("list_name", "family", "max_entries", "version"),
    given={"account": "AWS"},
)

prefix_list_entry = ResourceType(
    "aws.ec2.managed-prefix-list-entry",
    Kind.PREFIX_LIST,
    "Entry of a managed prefix list",
    "One CIDR block of a managed prefix list. Its id is the list's ARN with `/entry/CIDR`.",
    call=ec2(
        "GetManagedPrefixListEntries",
        "Entries[]",
        page=100,
        per=Each("aws.ec2.managed-prefix-list", "PrefixListId", "alias"),
    ),
    id="{@parent.id}/entry/{Cidr}",
    name="Cidr",
    fields=(
        text("cidr", "Cidr", "The block."),
        text("prefix_list", "@parent.alias", "The list that it belongs to."),
        text("description", "Description", "What its author says of it."),
    ),
    columns=("cidr", "prefix_list", "description"),
    relations=(Link("part-of", "@parent.id"),),
    given={},
)

service_prefix_list = ResourceType(
    "aws.ec2.service-prefix-list",
    Kind.PREFIX_LIST,
    "Prefix list of an AWS service",
    "The address blocks of a service that gateway endpoints lead to. Its id is the prefix list's ARN with `/service`.",
    call=ec2("DescribePrefixLists", "PrefixLists[]"),
    id="arn:{@scope.partition}:ec2:{@scope.region}:aws:prefix-list/{PrefixListId}/service",
    name="PrefixListName",
    fields=(
        text("list_name", "PrefixListName", "The service's name (com.amazonaws.eu-west-1.s3)."),
        text("prefix_list", "PrefixListId", "The id that routes and rules use."),
        texts("cidrs", "Cidrs[]", "The service's IPv4 blocks in the region."),
    ),
    columns=("list_name", "prefix_list", "cidrs"),
    relations=(Link("part-of", "PrefixListId"),),
    given={},
)
