"""Answers that are cut, damaged or do not fit together: tried again where that helps, and never read as "nothing"."""

from __future__ import annotations

import gzip
from http.server import BaseHTTPRequestHandler
from threading import Event

import pytest

from openvna.model import Outcome, RunState
from openvna.plugins.aws.callers import BOTOCORE, THIN
from support.fault_server import CUT, RESET, Answer, Request, ec2_error, json_answer
from support.sky import FIREWALL, HERE, HOME, SUBNET, VPC, Watch, vpc_page

WHOLE = vpc_page(["vpc-1", "vpc-2"], "2")
IN_XML = {"x-amzn-RequestId": "0b1c2d3e", "Content-Type": "text/xml"}
IN_JSON = {"x-amzn-RequestId": "0b1c2d3e", "Content-Type": "application/x-amz-json-1.1"}


def _half_a_gzip(handler: BaseHTTPRequestHandler, _closing: Event) -> None:
    """The length is that of what comes, as a proxy that lost the rest would say it."""
    packed = gzip.compress(WHOLE.body.encode())
    packed = packed[: len(packed) // 2]
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\nx-amzn-RequestId: 0b1c\r\n\r\n"
    )
    handler.wfile.write(head.encode() + packed)


XML = {
    "cut in the middle": CUT,
    "reset": RESET,
    "half a page": Answer(200, WHOLE.body[: len(WHOLE.body) // 2], IN_XML),
    "half a gzip": Answer(act=_half_a_gzip),
    "an empty body": Answer(200, "", IN_XML),
    "another document": Answer(200, "<html><body>Bienvenue</body></html>", IN_XML),
    "an item without its id": vpc_page([""]),
}
PASSING = {name: XML[name] for name in ("cut in the middle", "reset", "half a page", "half a gzip", "an empty body")}
JSON = {
    "cut in the middle": CUT,
    "half a document": Answer(200, '{"Firewalls": [{"FirewallName": "ed', IN_JSON),
    "an empty body": Answer(200, "", IN_JSON),
    "a list": Answer(200, "[]", IN_JSON),
    "an item without its id": json_answer({"Firewalls": [{"FirewallName": "edge"}]}),
    "a number for a list": json_answer({"Firewalls": 7}),
}


def with_both(odd: dict[str, Answer], *by_botocore: str) -> pytest.MarkDecorator:
    """Each by our own client, and those that botocore would read in a way of its own by botocore, which is slow."""
    cases = [(THIN, name) for name in odd] + [(BOTOCORE, name) for name in by_botocore]
    ids = [f"{client}-{name}" for client, name in cases]
    return pytest.mark.parametrize(
        ("client", "odd"), [(client, odd[name]) for client, name in cases], ids=ids, indirect=["client"]
    )


@with_both(XML, "cut in the middle", "half a page", "an empty body", "another document")
def test_an_odd_page_of_xml_is_a_problem_of_its_type_and_takes_nothing_away(
    watch: Watch, client: str, odd: Answer
) -> None:
    watch.sky.aws.on("DescribeVpcs", odd)
    assert_as_last_seen(watch, VPC)


@with_both(JSON, "half a document", "an empty body", "a list")
def test_an_odd_answer_of_json_is_a_problem_of_its_type_and_takes_nothing_away(
    watch: Watch, client: str, odd: Answer
) -> None:
    watch.sky.aws.on("ListFirewalls", odd)
    assert_as_last_seen(watch, FIREWALL)


def test_a_number_that_is_none_is_a_problem_of_its_type(watch: Watch) -> None:
    whole = watch.sky.describe_subnets

    def many(request: Request) -> Answer:
        body = whole(request).body.replace("<vpcId>", "<availableIpAddressCount>many</availableIpAddressCount><vpcId>")
        return Answer(200, body, IN_XML)

    watch.sky.aws.on("DescribeSubnets", many)
    assert_as_last_seen(watch, SUBNET)


@with_both(PASSING, "cut in the middle", "half a page")
def test_what_was_damaged_on_the_way_is_asked_for_again(watch: Watch, client: str, odd: Answer) -> None:
    sky = watch.sky
    sky.aws.on("DescribeVpcs", sky.describe_vpcs, odd, odd, sky.describe_vpcs)
    run = watch.collect()[HERE]
    assert run.state is RunState.OK
    assert run.calls.retries in (1, 2)  # the first reset may read as a kept connection that was closed meanwhile
    watch.shows_the_truth()


def test_a_page_token_that_repeats_ends_the_listing(watch: Watch) -> None:
    watch.sky.aws.on("DescribeVpcs", WHOLE)
    asked = watch.sky.aws.asked("DescribeVpcs")
    assert_as_last_seen(watch, VPC, "the same page token twice")
    assert watch.sky.aws.asked("DescribeVpcs") - asked == 2 + 2, "two pages of it, then two of the whole list"


def test_page_tokens_that_turn_in_a_circle_end_the_listing(watch: Watch) -> None:
    sky = watch.sky
    sky.aws.on("DescribeVpcs", *[vpc_page([f"vpc-{n}"], token) for n, token in enumerate("abcabc", 1)])
    assert_as_last_seen(watch, VPC, "the same page token twice")


def test_a_page_token_that_has_run_out(watch: Watch) -> None:
    refused = ec2_error("InvalidNextToken", "The token '2' is expired or invalid.", 400)
    watch.sky.aws.on("DescribeVpcs", watch.sky.describe_vpcs, refused)
    assert_as_last_seen(watch, VPC, "is expired or invalid")


def assert_as_last_seen(watch: Watch, type: str, words: str = "") -> None:
    """This collection could not list the type to its end; it says so, and the next one can."""
    before = set(watch.resources())
    run = watch.collect()[HERE]
    lines = watch.lines(run)
    assert (run.state, lines[type].outcome) == (RunState.PARTIAL, Outcome.FAILED)
    assert words in lines[type].failure.message
    assert lines[type].failure.remedy
    assert {line.outcome for name, line in lines.items() if name != type} == {Outcome.OK}
    held = watch.resources()
    assert before <= set(held)
    assert {row.stale for row in held.values() if row.type == type} == {True}
    watch.sky.vpcs[HOME].remove("vpc-3")  # what is gone by then goes
    watch.clears()
