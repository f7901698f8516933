"""What vanishes while it is being listed: between two pages, or between the list and the question about one item."""

from __future__ import annotations

from openvna.model import Outcome, RunState
from support.fault_server import Answer, Request, done, ec2_error, json_error
from support.sky import FIREWALL, HERE, HOME, VPC, Watch

TABLE, ROUTE = "aws.ec2.transit-gateway-route-table", "aws.ec2.transit-gateway-route"


def test_an_item_of_a_page_that_was_read_goes_with_the_next_collection(watch: Watch) -> None:
    """vpc-1 was there when its page was read. Nothing says yet that it is gone."""
    sky = watch.sky

    def then_it_goes(request: Request) -> Answer:
        page = sky.describe_vpcs(request)
        sky.vpcs[HOME] = [each for each in sky.vpcs[HOME] if each != "vpc-1"]
        return page

    sky.aws.on("DescribeVpcs", then_it_goes, sky.describe_vpcs)
    run = watch.collect()[HERE]
    assert (run.state, watch.lines(run)[VPC].seen, run.deleted) == (RunState.OK, 5, 0)
    assert watch.clears()[HERE].deleted == 1


def test_an_item_of_a_page_to_come_goes_at_once_and_takes_no_other_with_it(watch: Watch) -> None:
    sky = watch.sky

    def then_it_goes(request: Request) -> Answer:
        page = sky.describe_vpcs(request)
        sky.vpcs[HOME] = [each for each in sky.vpcs[HOME] if each != "vpc-3"]
        return page

    sky.aws.on("DescribeVpcs", then_it_goes, sky.describe_vpcs)
    run = watch.collect()[HERE]
    assert (run.state, watch.lines(run)[VPC].seen, run.deleted) == (RunState.OK, 4, 1)
    watch.shows_the_truth()
    assert watch.clears()[HERE].deleted == 0


def test_an_item_that_moves_to_a_later_page_is_one(watch: Watch) -> None:
    sky = watch.sky

    def twice(request: Request) -> Answer:
        page = sky.describe_vpcs(request)
        item = "<item><vpcId>vpc-1</vpcId><state>available</state></item>"
        return Answer(200, page.body.replace("</vpcSet>", f"{item}</vpcSet>"), page.headers)

    sky.aws.on("DescribeVpcs", twice)
    run = watch.collect()[HERE]
    assert (run.state, run.created, run.updated, run.deleted) == (RunState.OK, 0, 0, 0)
    watch.shows_the_truth()


def test_an_item_that_is_gone_when_it_is_asked_about_is_gone(watch: Watch, client: str) -> None:
    """The list named it, and DescribeFirewall says that it does not exist: AWS has said so."""
    sky = watch.sky
    listed = sky.list_firewalls

    def then_it_goes(request: Request) -> Answer:
        page = listed(request)
        sky.firewalls[HOME] = ["core"]
        return page

    sky.aws.on("ListFirewalls", then_it_goes)
    run = watch.collect()[HERE]
    assert (run.state, run.deleted) == (RunState.OK, 1)
    watch.shows_the_truth()


def test_an_item_that_cannot_be_asked_about_just_now_stays(watch: Watch) -> None:
    refused = json_error("InternalServerError", "Something went wrong.", 500)
    watch.sky.aws.on("DescribeFirewall", refused)
    watch.sky.firewalls[HOME].append("new")
    run = watch.collect()[HERE]
    assert watch.lines(run)[FIREWALL].outcome is Outcome.FAILED
    assert {row.alias or row.name for row in watch.resources().values() if row.type == FIREWALL} >= {"edge", "core"}
    watch.clears()


def test_what_belonged_to_a_parent_that_vanished_is_gone_with_it(watch: Watch) -> None:
    """The route table was deleted between its listing and the search for its routes. The other's routes stay."""
    sky = watch.sky
    tables = ["tgw-rtb-1", "tgw-rtb-2"]

    def describe(_: Request) -> Answer:
        items = "".join(
            f"<item><transitGatewayRouteTableId>{each}</transitGatewayRouteTableId></item>" for each in tables
        )
        return done(
            "DescribeTransitGatewayRouteTables", f"<transitGatewayRouteTables>{items}</transitGatewayRouteTables>"
        )

    def search(request: Request) -> Answer:
        if request.params["TransitGatewayRouteTableId"] in gone:
            return ec2_error("InvalidRouteTableID.NotFound", "The routeTable ID does not exist.", 400)
        route = "<item><destinationCidrBlock>10.0.0.0/8</destinationCidrBlock><state>active</state></item>"
        return done(
            "SearchTransitGatewayRoutes",
            f"<routeSet>{route}</routeSet><additionalRoutesAvailable>false</additionalRoutesAvailable>",
        )

    gone: set[str] = set()
    sky.aws.on("DescribeTransitGatewayRouteTables", describe)
    sky.aws.on("SearchTransitGatewayRoutes", search)
    run = watch.collect((TABLE, ROUTE))[HERE]
    assert (run.state, run.created) == (RunState.OK, 4)
    gone.add("tgw-rtb-1")
    run = watch.collect((TABLE, ROUTE))[HERE]
    assert (run.state, watch.lines(run)[ROUTE].deleted, watch.lines(run)[TABLE].deleted) == (RunState.OK, 1, 0)
    tables.remove("tgw-rtb-1")
    assert watch.collect((TABLE, ROUTE))[HERE].deleted == 1
