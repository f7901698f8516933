"""What a declaration can say of its calls: details of each item, several parameters for a parent, lists of texts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pytest

from openvna.model import Kind, Outcome, Resource, Scope
from openvna.plugin import Complete, Problem, Record
from openvna.plugins.aws.api import CallError
from openvna.plugins.aws.calls import Call, Detail, Each, iam_action
from openvna.plugins.aws.declaration import ResourceType, text
from openvna.plugins.aws.fetch import collect
from openvna.plugins.aws.paging import LOWER, Paging, Unfinished, paging
from support.fake_aws import SCOPE, FakeApi, explain, refused


def declared(name: str, call: Call, **more: Any) -> ResourceType:
    given: dict[str, Any] = {
        "id": "arn:aws:toy:::{Id}",
        "alias": "Id",
        "fields": (text("state", "State", "How it is."), text("size", "Size.Wide", "How wide it is.")),
        "columns": ("state",),
    } | more
    return ResourceType(name, Kind.NETWORK, "Toy", "A thing.", call, **given)


def seen(api: FakeApi, *types: ResourceType, scope: Scope = SCOPE) -> list[Record | Complete | Problem]:
    return list(collect(api, scope, types, {each.type for each in types}, explain))


def resources(found: Collection[Record | Complete | Problem], type_name: str = "toy.thing") -> list[Resource]:
    return [each.resource for each in found if isinstance(each, Record) and each.resource.type == type_name]


THINGS = {"Things": [{"Id": "a"}, {"Id": "b"}]}
DETAIL = Detail("toy", "DescribeThing", {"ThingId": "Id"}, answer="Thing")
THING = declared("toy.thing", Call("toy", "ListThings", "Things[]"), details=(DETAIL,))


def describe(request: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"Thing": {"State": f"fine {request['ThingId']}", "Size": {"Wide": "3"}}}


def test_a_detail_is_asked_for_each_item_and_becomes_part_of_it() -> None:
    api = FakeApi(ListThings=THINGS, DescribeThing=describe)
    found = seen(api, THING)
    assert [dict(each.attributes) for each in resources(found)] == [
        {"state": "fine a", "size": "3"},
        {"state": "fine b", "size": "3"},
    ]
    assert resources(found)[0].document == {"Id": "a", "State": "fine a", "Size": {"Wide": "3"}}
    assert isinstance(found[-1], Complete)
    assert found[-1].calls.calls == 3


def test_a_detail_may_stand_under_a_member_of_its_own_and_be_asked_of_some_items_only() -> None:
    detail = Detail("toy", "GetPolicy", {"Id": "Id"}, under="Rules", when=lambda raw: raw["Id"] == "b")
    api = FakeApi(ListThings=THINGS, GetPolicy={"Policy": "text", "ResponseMetadata": {"RequestId": "r"}})
    found = seen(api, declared("toy.thing", THING.call, details=(detail,)))
    assert [dict(each.document) for each in resources(found)] == [{"Id": "a"}, {"Id": "b", "Rules": {"Policy": "text"}}]


def test_details_that_are_denied_leave_the_items_and_are_said_to_be_missing() -> None:
    api = FakeApi(ListThings=THINGS, DescribeThing=refused("UnauthorizedOperation"))
    found = seen(api, THING)
    assert [each.alias for each in resources(found)] == ["a", "b"]
    end = found[-1]
    assert isinstance(end, Problem)
    assert end.failure.outcome is Outcome.DENIED
    assert end.failure.message.startswith("Details are missing.")
    assert end.failure.action == "toy:DescribeThing"
    assert len(api.requests("DescribeThing")) == 1, "the answer would be the same for the second"


def test_an_item_whose_details_failed_in_passing_is_not_shown_without_them() -> None:
    """It would look as if somebody had taken away what it is made of."""

    def once_broken(request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["ThingId"] == "a":
            raise CallError("DescribeThing", "InternalError", "try again", status=500)
        return describe(request)

    found = seen(FakeApi(ListThings=THINGS, DescribeThing=once_broken), THING)
    assert [each.alias for each in resources(found)] == ["b"]
    assert isinstance(found[-1], Problem)


@pytest.mark.parametrize(
    "code", ["ThingNotFound", "ResourceNotFoundException", "NoSuchThing", "WAFNonexistentItemException"]
)
def test_an_item_that_went_away_before_its_details_were_asked_for_is_gone(code: str) -> None:
    def gone(request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["ThingId"] == "a":
            raise CallError("DescribeThing", code, "it is gone", status=404)
        return describe(request)

    found = seen(FakeApi(ListThings=THINGS, DescribeThing=gone), THING)
    assert [each.alias for each in resources(found)] == ["b"]
    assert isinstance(found[-1], Complete)


def test_a_parent_may_take_several_calls_with_several_parameters() -> None:
    def requests(parent: Resource) -> list[dict[str, Any]]:
        return [{"ThingId": parent.alias, "Edge": {"Zone": zone}} for zone in str(parent.attributes["state"]).split()]

    route = declared(
        "toy.route",
        Call("toy", "GetRoutes", "Routes[]", per=Each("toy.thing", requests=requests)),
        id="{@parent.id}/route/{Id}",
    )
    api = FakeApi(
        ListThings={"Things": [{"Id": "a", "State": "z1 z2"}]},
        GetRoutes=lambda request: {"Routes": [{"Id": f"{request['ThingId']}-{request['Edge']['Zone']}"}]},
    )
    found = seen(api, declared("toy.thing", THING.call), route)
    assert [each.alias for each in resources(found, "toy.route")] == ["a-z1", "a-z2"]
    assert route.call.answer_id({"ThingId": "a", "Edge": {"Zone": "z1"}, "MaxResults": 5}) == "a,z1"


def test_a_list_may_have_to_be_asked_for_in_parts() -> None:
    """One that fails does not take the others with it; one that is denied is denied for all."""
    call = Call("toy", "ListQuotas", "Quotas[]", by="Service", values=("a", "b", "c"))
    quota = declared("toy.quota", call, id="arn:aws:toy:::{@asked.Service}/{Id}")

    def lists(request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["Service"] == "a":
            raise CallError("ListQuotas", "InternalError", "try again", status=500)
        return {"Quotas": [{"Id": "q"}]}

    found = seen(FakeApi(ListQuotas=lists), quota)
    assert [each.id for each in resources(found, "toy.quota")] == ["arn:aws:toy:::b/q", "arn:aws:toy:::c/q"]
    assert isinstance(found[-1], Problem)
    assert call.answer_id({"Service": "b", "MaxResults": 100}) == "b"
    denied = FakeApi(ListQuotas=refused("UnauthorizedOperation"))
    seen(denied, quota)
    assert denied.requests("ListQuotas") == [{"Service": "a"}]


def test_what_an_account_has_not_subscribed_to_is_not_there() -> None:
    def unknown(request: Mapping[str, Any]) -> Mapping[str, Any]:
        raise CallError("ListProtections", "ResourceNotFoundException", "no subscription", status=400)

    call = Call("toy", "ListProtections", "Protections[]", absent=True)
    assert isinstance(seen(FakeApi(ListProtections=unknown), declared("toy.thing", call))[-1], Complete)
    plain = declared("toy.thing", Call("toy", "ListProtections", "Protections[]"))
    assert isinstance(seen(FakeApi(ListProtections=unknown), plain)[-1], Problem)


def test_what_aws_says_under_a_code_that_means_something_else_is_known_by_its_words() -> None:
    def refuse(said: str) -> FakeApi:
        def nobody(request: Mapping[str, Any]) -> Mapping[str, Any]:
            raise CallError("ListPolicies", "AccessDeniedException", said, status=400)

        return FakeApi(ListPolicies=nobody)

    call = Call("toy", "ListPolicies", "Policies[]", absent_where="No default admin")
    policy = declared("toy.thing", call)
    assert isinstance(seen(refuse("No default admin could be found for account 1"), policy)[-1], Complete)
    assert isinstance(seen(refuse("You are not authorized to perform: toy:ListPolicies"), policy)[-1], Problem)


def test_what_others_share_is_not_asked_for_where_only_its_owner_is_told() -> None:
    child = declared(
        "toy.child",
        Call("toy", "ListParts", "Parts[]", per=Each("toy.thing", "ThingId", "alias", own=True)),
        id="{@parent.id}/{Id}",
    )
    parent = declared("toy.thing", THING.call, owner="Owner")
    api = FakeApi(ListThings={"Things": [{"Id": "a"}, {"Id": "b", "Owner": "999999999999"}]}, ListParts={"Parts": []})
    seen(api, parent, child)
    assert api.requests("ListParts") == [{"ThingId": "a"}]


def test_a_text_is_one_item_and_an_empty_one_none() -> None:
    call = Call("toy", "GetPolicy", "policy", per=Each("toy.thing", "ThingId", "alias"), of_texts=True)
    policy = declared("toy.policy", call, id="{@parent.id}/{@item}", alias="@item")
    api = FakeApi(ListThings=THINGS, GetPolicy=lambda request: {"policy": "p"} if request["ThingId"] == "a" else {})
    found = seen(api, declared("toy.thing", THING.call), policy)
    assert [each.alias for each in resources(found, "toy.policy")] == ["p"]


def test_a_detail_knows_what_the_list_was_asked() -> None:
    rule = declared(
        "toy.rule",
        Call("toy", "ListRules", "Rules[]", per=Each("toy.thing", "ThingId", "alias")),
        details=(Detail("toy", "GetRule", {"Thing": "@asked.ThingId", "Rule": "Id"}),),
        id="{@parent.id}/{Id}",
    )
    api = FakeApi(ListThings=THINGS, ListRules={"Rules": [{"Id": "r"}]}, GetRule={})
    seen(api, declared("toy.thing", THING.call), rule)
    assert api.requests("GetRule") == [{"Thing": "a", "Rule": "r"}, {"Thing": "b", "Rule": "r"}]


def test_a_list_of_texts_is_a_list_of_items() -> None:
    call = Call("toy", "ListNames", "Names[]", of_texts=True)
    found = seen(
        FakeApi(ListNames={"Names": ["a", "b"]}), declared("toy.thing", call, id="arn:aws:toy:::{@item}", alias="@item")
    )
    assert [(each.alias, dict(each.document)) for each in resources(found)] == [("a", {}), ("b", {})]


@pytest.mark.parametrize(
    "tags",
    [
        [{"Key": "Name", "Value": "hub"}, {"Key": "team", "Value": "net"}],
        [{"key": "team", "value": "net"}, {"key": "Name", "value": "hub"}],
        {"team": "net", "Name": "hub"},
    ],
)
def test_tags_are_read_in_every_form_that_aws_writes_them_in(tags: Any) -> None:
    resource = declared("toy.thing", THING.call).resource({"Id": "a", "Tags": tags}, SCOPE)
    assert (resource.name, list(resource.tags.items())) == ("hub", [("Name", "hub"), ("team", "net")])


class Places(FakeApi):
    """Keeps the regions that were asked."""

    def __init__(self, **answers: Any) -> None:
        super().__init__(**answers)
        self.regions: list[str] = []

    def call(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        self.regions.append(region)
        return super().call(service, operation, region, params)


def test_a_global_service_is_asked_in_the_region_where_it_is() -> None:
    detail = Detail("toy", "DescribeThing", {"ThingId": "Id"}, answer="Thing", region="us-west-2")
    there = declared("toy.thing", Call("toy", "ListThings", "Things[]", region="us-west-2"), details=(detail,))
    api = Places(ListThings=THINGS, DescribeThing=describe)
    seen(api, there)
    assert api.regions == ["us-west-2"] * 3
    china = Places(ListThings=THINGS, DescribeThing=describe)
    seen(china, there, scope=Scope("aws-cn/1/cn-north-1", "aws-cn", "1", "cn-north-1"))
    assert china.regions == ["cn-north-1"] * 3


# Paging, as botocore's paginators say it (data/SERVICE/VERSION/paginators-1.json)


def test_paging_is_what_botocore_says() -> None:
    assert paging("ec2", "DescribeVpcs") == Paging("MaxResults", ("NextToken",), ("NextToken",))
    assert paging("elbv2", "DescribeLoadBalancers") == Paging("PageSize", ("Marker",), ("NextMarker",))
    assert paging("vpc-lattice", "ListServices") == LOWER
    records = paging("route53", "ListResourceRecordSets")
    assert records == Paging(
        "MaxItems",
        ("StartRecordName", "StartRecordType", "StartRecordIdentifier"),
        ("NextRecordName", "NextRecordType", "NextRecordIdentifier"),
        "IsTruncated",
    )
    cut = {"IsTruncated": True, "NextRecordName": "b.example.", "NextRecordType": "A"}
    assert records.next(cut) == {"StartRecordName": "b.example.", "StartRecordType": "A"}
    assert records.next({**cut, "IsTruncated": False}) == {}
    with pytest.raises(Unfinished, match="IsTruncated"):
        records.next({"IsTruncated": True})
    distributions = paging("cloudfront", "ListDistributions")
    whole = {"DistributionList": {"IsTruncated": True, "NextMarker": "E2"}}
    assert distributions.next(whole) == {"Marker": "E2"}


def test_a_list_that_promises_more_and_gives_no_token_is_not_whole() -> None:
    call = Call("toy", "ListThings", "Things[]", pages=Paging("", ("Marker",), ("NextMarker",), "IsTruncated"))
    found = seen(FakeApi(ListThings={**THINGS, "IsTruncated": True}), declared("toy.thing", call))
    assert isinstance(found[-1], Problem)
    assert "IsTruncated" in found[-1].failure.message


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("elbv2", "DescribeRules", "elasticloadbalancing:DescribeRules"),
        ("apigatewayv2", "GetVpcLinks", "apigateway:GET"),
        ("service-quotas", "ListServiceQuotas", "servicequotas:ListServiceQuotas"),
        ("sts", "GetCallerIdentity", None),
    ],
)
def test_the_permission_of_a_call(service: str, operation: str, action: str | None) -> None:
    assert iam_action(service, operation) == action


def test_what_a_type_costs_that_nobody_wants_is_told_with_the_first_wanted_one_that_needs_it() -> None:
    """Two things, listed once for both of their kinds of parts, in two calls for each kind: 1 + 2 and 2."""
    per = Each("toy.thing", "ThingId", "alias")
    thing = declared("toy.thing", Call("toy", "ListThings", "Things[]"))
    parts = declared("toy.part", Call("toy", "ListParts", "Parts[]", per=per))
    rules = declared("toy.rule", Call("toy", "ListRules", "Rules[]", per=per))
    api = FakeApi(ListThings=THINGS, ListParts={"Parts": []}, ListRules={"Rules": []})
    found = list(collect(api, SCOPE, [thing, parts, rules], {"toy.part", "toy.rule"}, explain))
    ends = [each for each in found if isinstance(each, Complete)]
    costs = [{name: cost.calls for name, cost in each.by_call.items()} for each in ends]
    assert sorted(costs, key=len) in (
        [{"toy:ListRules": 2}, {"toy:ListParts": 2, "toy:ListThings": 1}],
        [{"toy:ListParts": 2}, {"toy:ListRules": 2, "toy:ListThings": 1}],
    )
    assert sum(each.calls.calls for each in ends) == 5 == len(api.asked)


def test_so_it_is_where_there_is_none_of_them_or_where_they_are_refused() -> None:
    per = Each("toy.thing", "ThingId", "alias")
    thing = declared("toy.thing", Call("toy", "ListThings", "Things[]"))
    parts = declared("toy.part", Call("toy", "ListParts", "Parts[]", per=per))
    for answer in ({"Things": []}, refused("UnauthorizedOperation")):
        (end,) = collect(FakeApi(ListThings=answer), SCOPE, [thing, parts], {"toy.part"}, explain)
        assert not isinstance(end, Record)
        assert {name: cost.calls for name, cost in end.by_call.items()} == {"toy:ListThings": 1}
