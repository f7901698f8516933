"""Remedies that ask for the same are told once."""

from __future__ import annotations

import json

from openvna.collect.remedies import merged

ADD = "Add this statement to the role OpenVNA."


def statement(*actions: str, effect: str = "Allow") -> str:
    return f"{ADD}\n{json.dumps({'Effect': effect, 'Action': list(actions), 'Resource': '*'}, indent=2)}"


def test_statements_that_differ_in_their_actions_become_one() -> None:
    vpcs, routes = statement("ec2:DescribeVpcs"), statement("ec2:DescribeRouteTables", "ec2:DescribeVpcs")
    assert merged([vpcs, routes, vpcs]) == (statement("ec2:DescribeRouteTables", "ec2:DescribeVpcs"),)


def test_what_differs_in_anything_else_stays_apart() -> None:
    allow, deny = statement("ec2:DescribeVpcs"), statement("ec2:DescribeSubnets", effect="Deny")
    assert merged([allow, deny]) == (allow, deny)
    other = statement("ec2:DescribeSubnets").replace(ADD, "Ask the owner of the organization's policy.")
    assert merged([allow, other]) == (allow, other)


def test_words_alone_are_told_once_and_broken_json_is_left_as_it_is() -> None:
    assert merged(["Wait.", "Wait.", "Do this:\n{broken", "Do this:\n{broken"]) == ("Wait.", "Do this:\n{broken")
