"""Requests and answers against botocore's own, on every operation that reads, of every service that matters here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl
from xml.etree.ElementTree import canonicalize

import botocore.session
import pytest
from botocore import parsers, serialize
from botocore.awsrequest import HeadersDict
from botocore.model import OperationModel, ServiceModel

from openvna.plugins.aws.api import Keeping, Unread
from openvna.plugins.aws.paths import cleaned
from openvna.plugins.aws.types import OPERATIONS
from openvna.plugins.aws.wire.models import Model, load
from openvna.plugins.aws.wire.operations import Received, operation
from support.made_answers import Maker

SERVICES = sorted({*OPERATIONS, "account", "appmesh", "iam", "organizations"})
"""Every service that some resource type is read from, and those that are asked besides."""
READS = ("Describe", "Get", "List", "Search")


@cache
def ours(service: str) -> Model:
    return load(service)


@cache
def theirs(service: str) -> ServiceModel:
    loader = botocore.session.Session().get_component("data_loader")
    return ServiceModel(loader.load_service_model(service, "service-2"))


def reads(service: str) -> list[str]:
    """What lists and describes: no streams, and no host that depends on a parameter."""
    model = ours(service)
    return [
        name
        for name, declared in model.operations.items()
        if name.startswith(READS) and "{" not in (declared.get("endpoint") or {}).get("hostPrefix", "")
    ]


def parsed_by_botocore(model: Model, answered: Received, modelled: OperationModel) -> dict[str, Any]:
    factory = parsers.ResponseParserFactory()
    factory.set_parser_defaults(timestamp_parser=lambda value: value)
    parser = factory.create_parser(model.protocol)
    headers = HeadersDict(answered.headers)
    response = {"body": answered.body, "headers": headers, "status_code": answered.status, "context": {}}
    found: dict[str, Any] = parser.parse(response, modelled.output_shape)
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_every_answer_reads_as_botocore_reads_it(service: str) -> None:
    model, compared = ours(service), 0
    for name in reads(service):
        modelled = theirs(service).operation_model(name)
        if modelled.has_event_stream_output or modelled.has_streaming_output:
            continue
        written = Maker(model.shapes, model.operations, model.protocol).answer(name)
        answered = Received(200, {key.lower(): value for key, value in written.headers.items()}, written.body)
        expected = parsed_by_botocore(model, answered, modelled)
        found = operation(model, name).read(answered)
        del expected["ResponseMetadata"], found["ResponseMetadata"]
        for member, shape in (modelled.output_shape.members if modelled.output_shape else {}).items():
            if shape.serialization.get("location") in ("headers", "statusCode"):
                expected.pop(member, None)  # an HTTP status and a bag of headers: nobody declares them
        assert found == expected, name
        for member, items in found.items():
            apart = operation(model, name).apart(answered, member)[member]
            if isinstance(apart, Unread):  # the third time by what was compiled for their form
                keeping = Keeping(frozenset({"Tags", "Name"}), frozenset({"Rules"}))
                for _ in range(3):
                    assert apart.reader(None)(apart.cut() or ()) == items, (name, member)
                    kept = apart.reader(keeping)(apart.cut() or ())
                for item, found_item in zip(kept, items, strict=True):
                    document = item.pop("@document", cleaned(found_item, keeping.dropped, keeping.ordered))
                    assert item == found_item, (name, member)
                    assert document == cleaned(found_item, keeping.dropped, keeping.ordered), (name, member)
        compared += 1
    assert compared


@pytest.mark.parametrize("service", SERVICES)
def test_every_request_is_botocores(service: str) -> None:
    model = ours(service)
    serializer = serialize.create_serializer(model.protocol, False)
    for name in reads(service):
        params = sendable(model, name)
        modelled = theirs(service).operation_model(name)
        expected = serializer.serialize_to_request(params, modelled)
        request = operation(model, name).prepare(params)
        assert request.method == expected["method"], name
        assert request.path == expected["url_path"].partition("?")[0], name
        fixed = parse_qsl(expected["url_path"].partition("?")[2], keep_blank_values=True)
        wanted_query = sorted([*fixed, *pairs(expected["query_string"])])
        assert sorted(parse_qsl(request.query, keep_blank_values=True)) == wanted_query, name
        body = expected["body"]
        if isinstance(body, dict):
            form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
            assert form == {key: str(value) for key, value in body.items()}, name
        elif body and model.protocol == "rest-xml":
            assert canonicalize(request.body.decode()) == canonicalize(body.decode()), name
        elif body:
            assert json.loads(request.body) == json.loads(body), name
        else:
            assert request.body in (b"", b"{}"), name
        wanted = {key.lower(): value for key, value in expected["headers"].items()}
        assert {key.lower(): value for key, value in request.headers.items()} == wanted, name


def sendable(model: Model, name: str) -> dict[str, Any]:
    """Parameters as a read sends them: without those that go where only writes send something."""
    params = Maker(model.shapes, model.operations, model.protocol).params(name)
    shape = model.shapes.get(model.operations[name].get("input", {}).get("shape", ""), {})
    return {key: value for key, value in params.items() if shape["members"][key].get("location") != "headers"}


def pairs(query: Mapping[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in (query or {}).items():
        found += [(key, str(each)) for each in value] if isinstance(value, list) else [(key, str(value))]
    return found
