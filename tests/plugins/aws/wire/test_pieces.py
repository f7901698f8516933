"""Items cut out of an answer and read one by one give what the whole answer gives."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvna.plugins.aws.api import CallError, Keeping, ReadItems, Unread
from openvna.plugins.aws.listing import Listing
from openvna.plugins.aws.paths import cleaned
from openvna.plugins.aws.reading import pieces
from openvna.plugins.aws.types import TYPES
from openvna.plugins.aws.wire.models import load
from openvna.plugins.aws.wire.operations import Damaged, Received, operation
from openvna.plugins.aws.wire.pieces import ItemReader, cut, opened

EC2 = load("ec2")
MEMBERS = {name for shape in EC2.shapes.values() for name in shape.get("members", ())}
INTERFACES = operation(EC2, "DescribeNetworkInterfaces")
MEMBER = "NetworkInterfaces"


def answer(*items: str, indent: str = "\n    ", after: str = "") -> Received:
    inside = "".join(f"{indent}<item>{each}</item>" for each in items)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<DescribeNetworkInterfacesResponse '
        'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-1</requestId>'
        f"<networkInterfaceSet>{inside}\n</networkInterfaceSet>{after}</DescribeNetworkInterfacesResponse>"
    )
    return Received(200, {"x-amzn-requestid": "r-1"}, body.encode())


TIMES = 5
"""The parser reads an item the first time, then a form that is compiled, and at last one that is expected."""


@pytest.fixture(autouse=True, scope="module")
def soon_expected() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("openvna.plugins.aws.wire.pieces._OFTEN", 2)
        yield


def apart(received: Received) -> list[dict[str, object]]:
    """The items cut and read."""
    found = INTERFACES.apart(received, MEMBER)
    if found[MEMBER] == []:
        return []  # there is nothing to leave unread
    assert isinstance(found[MEMBER], Unread)
    read = found[MEMBER].reader(None)
    first, *others = [read(items_of(found[MEMBER])) for _ in range(TIMES)]
    assert all(each == first for each in others)
    return first


def alone(read: ReadItems) -> Callable[[bytes], dict[str, Any]]:
    """What reads one item."""
    return lambda item: read([item])[0]


def items_of(unread: Unread) -> Sequence[bytes]:
    items = unread.cut()
    assert items is not None
    return items


def whole(received: Received) -> list[dict[str, object]]:
    found: list[dict[str, object]] = INTERFACES.read(received)[MEMBER]
    return found


ITEMS = (
    "<networkInterfaceId>eni-1</networkInterfaceId><sourceDestCheck>true</sourceDestCheck>",
    "<networkInterfaceId>eni-2</networkInterfaceId><sourceDestCheck>false</sourceDestCheck>",
    # Lists inside, of the same tag, and one that is empty in two ways.
    "<groupSet><item><groupId>sg-1</groupId></item><item><groupId>sg-2</groupId></item></groupSet><ipv6AddressesSet/>"
    "<tagSet></tagSet><attachment><deviceIndex>3</deviceIndex><instanceId/></attachment>",
    # What has to be read by a parser: an entity, a > that nobody escaped, CDATA is not among AWS's forms.
    "<description>a &amp; b</description>",
    "<description>a>b</description>",
    "<description>a]b</description>",
    "<description>x>/description>y>description>z</description>",
    # Members that botocore does not know, and no members at all.
    "<novelty><item><x>1</x></item></novelty><vpcId>vpc-1</vpcId>",
    "",
)


@pytest.mark.parametrize("indent", ["", "\n    ", "  "])
def test_items_apart_are_the_items_of_the_whole(indent: str) -> None:
    received = answer(*ITEMS, indent=indent)
    assert apart(received) == whole(received)
    assert len(whole(received)) == len(ITEMS)


def test_what_is_around_the_list_is_read_as_ever() -> None:
    received = answer(*ITEMS, after="<nextToken>t</nextToken>")
    found, expected = INTERFACES.apart(received, MEMBER), INTERFACES.read(received)
    assert {name: found[name] for name in found if name != MEMBER} == {
        name: expected[name] for name in expected if name != MEMBER
    }
    assert found["NextToken"] == "t"


def test_an_empty_list_has_no_items() -> None:
    assert apart(answer()) == []


@pytest.mark.parametrize(
    "body",
    [
        "<r><list><item><!-- </item><item> --></item></list></r>",
        "<r><list><item><![CDATA[</item><item>]]></item></list></r>",
        "<r><list/></r>",
        "<r></r>",
        "<?xml version='1.0' encoding='iso-8859-1'?><r><list><item>1</item></list></r>",
    ],
)
def test_what_is_not_certain_is_not_cut(body: str) -> None:
    assert opened(body.encode(), "list") is None


@pytest.mark.parametrize(
    "inside",
    [
        "<item>1</item>2<item>3</item>",  # a text between items
        "<other>1</other>",
        "<item>1</item></item>",
        "<item>1</item><other/><item>2</item>",
        "<item/>",
    ],
)
def test_items_that_cannot_be_told_apart_are_not_cut(inside: str) -> None:
    assert cut(inside.encode(), "item") is None


def through(received: Received) -> list[dict[str, object]]:
    """The items as the fetch loop has them."""
    answer = INTERFACES.apart(received, MEMBER)
    unread = answer[MEMBER]
    answer[MEMBER] = replace(unread, reader=lambda keeping: _refusing(unread.reader(keeping)))
    found = pieces(Listing(TYPES["aws.ec2.network-interface"]), answer, None)
    return [{name: raw[name] for name in raw if name != "@document"} for raws, _ in found for raw in raws]


def _refusing(read: ReadItems) -> ReadItems:
    """As `WireApi` does it."""

    def refusing(items: Iterable[bytes]) -> list[dict[str, Any]]:
        try:
            return read(items)
        except Damaged as error:
            raise CallError("DescribeNetworkInterfaces", "", str(error)) from error

    return refusing


@pytest.mark.parametrize(
    ("inside", "ids"),
    [
        ("\n <item><vpcId>1</vpcId></item>\n <item/>\n <item><vpcId>2</vpcId></item>\n", ["1", None, "2"]),
        # Every tag at the beginning of a line, those of lists in lists too.
        (
            "\n<item>\n<vpcId>1</vpcId>\n<groupSet>\n<item>\n<groupId>a</groupId>\n</item>\n<item>\n<groupId>b</groupId>"
            "\n</item>\n</groupSet>\n</item>\n<item>\n<vpcId>2</vpcId>\n</item>\n",
            ["1", "2"],
        ),
    ],
)
def test_a_list_that_is_indented_in_another_way_is_read_whole(inside: str, ids: list[str | None]) -> None:
    received = answer()
    received = replace(
        received, body=received.body.replace(b"<networkInterfaceSet>", b"<networkInterfaceSet>" + inside.encode())
    )
    assert [each.get("VpcId") for each in through(received)] == ids
    assert through(received) == whole(received)


INDENTS = st.sampled_from(["", "\n", "\n ", "\n  "])
INDENTED = st.tuples(INDENTS, st.lists(st.tuples(INDENTS, st.lists(INDENTS, max_size=3)), max_size=1))


@given(st.lists(INDENTED, min_size=1, max_size=5), INDENTS)
def test_items_are_told_apart_however_they_are_indented(items: list[Any], last: str) -> None:
    """Items with lists of groups in them, and the white space before each."""
    number = 0
    inside = ""
    for before, lists in items:
        inside += f"{before}<item>"
        for outer, groups in lists:
            inside += f"{outer}<groupSet>"
            for each in groups:
                number += 1
                inside += f"{each}<item><groupId>{number}</groupId></item>"
            inside += "</groupSet>"
        inside += "</item>"
    body = answer().body.replace(b"<networkInterfaceSet>", f"<networkInterfaceSet>{inside}{last}".encode())
    received = Received(200, {"x-amzn-requestid": "r-1"}, body)
    assert through(received) == whole(received)


def test_a_list_of_the_same_name_elsewhere_is_not_taken_for_it() -> None:
    """`groupSet` inside of an element before the list itself."""
    described = operation(load("ec2"), "DescribeInstanceAttribute")
    body = (
        "<DescribeInstanceAttributeResponse><requestId>r</requestId><odd><groupSet><item><groupId>sg-9</groupId></item>"
        "</groupSet></odd><groupSet><item><groupId>sg-1</groupId></item></groupSet></DescribeInstanceAttributeResponse>"
    )
    received = Received(200, {"x-amzn-requestid": "r"}, body.encode())
    expected = described.read(received)
    assert expected["Groups"] == [{"GroupId": "sg-1"}]
    found = described.apart(received, "Groups")
    groups = found["Groups"]
    if isinstance(groups, Unread):
        groups = groups.reader(None)(items_of(groups))
    assert groups == expected["Groups"]


def test_broken_xml_in_an_item_is_said() -> None:
    found = INTERFACES.apart(answer("<vpcId>vpc-1</vpcId>", "<vpcId>vpc-2</subnetId>"), MEMBER)[MEMBER]
    read = alone(found.reader(None))
    assert read(items_of(found)[0]) == {"VpcId": "vpc-1"}
    with pytest.raises(Damaged):
        read(items_of(found)[1])


def test_the_end_of_a_cdata_section_in_a_text_is_broken_xml_however_often_its_form_came() -> None:
    read = alone(INTERFACES.apart(answer("<description>a>b</description>"), MEMBER)[MEMBER].reader(None))
    for _ in range(TIMES):
        assert read(b"<description>ab</description>") == {"Description": "ab"}
    assert read(b"<description>a>b]</description>") == {"Description": "a>b]"}
    with pytest.raises(Damaged):
        read(b"<description>a]]>b</description>")


@pytest.mark.parametrize("odd", ["\x00", "\x01", "\x08", "\x0b", "\x0c", "\x0e", "\x1f", "\ufffe", "\uffff"])
def test_a_character_that_xml_forbids_breaks_the_answer_however_often_its_form_came(odd: str) -> None:
    """As it does for the parser, and for botocore's."""
    plain, broken = (answer(*(f"<description>a{text}b</description>" for text in ("", "", each))) for each in ("", odd))
    for _ in range(TIMES):
        assert through(plain) == whole(plain)
    for read in (through, whole):
        with pytest.raises(Damaged):
            read(broken)


@pytest.mark.parametrize("odd", ["\t", "\n", "\x7f", "\x85", "\xef", "\ufffd", "\ufeff", "\U0010ffff"])
def test_a_character_that_is_only_rare_is_read(odd: str) -> None:
    received = answer(*(f"<description>a{text}b</description>" for text in ("", "", odd)))
    assert cut(received.body.partition(b"Set>")[2].rpartition(b"</networkInterfaceSet>")[0], "item") is not None
    assert through(received) == whole(received)
    assert through(received)[2] == {"Description": f"a{odd}b"}


def test_forms_of_as_many_tags_are_told_apart() -> None:
    read = alone(ItemReader(EC2, "NetworkInterface"))
    for _ in range(TIMES):
        assert read(b"<vpcId>1</vpcId><subnetId/>") == {"VpcId": "1", "SubnetId": ""}
        assert read(b"<subnetId>1</subnetId><vpcId/>") == {"VpcId": "", "SubnetId": "1"}
        assert read(b"<vpcId>2</vpcId><description/>") == {"VpcId": "2", "Description": ""}


def test_forms_that_come_in_runs_are_told_apart() -> None:
    """The form of the items before is tried first."""
    read = ItemReader(EC2, "NetworkInterface")
    items = [
        b"<vpcId>1</vpcId>",
        b"<subnetId>2</subnetId>",
        b"<vpcId>3</vpcId><subnetId/>",
        b"<vpcId>a &amp; b</vpcId>",
    ]
    expected = [{"VpcId": "1"}, {"SubnetId": "2"}, {"VpcId": "3", "SubnetId": ""}, {"VpcId": "a & b"}]
    for runs in product(range(3), repeat=len(items)):
        assert read(each for each, times in zip(items, runs, strict=True) for _ in range(times)) == [
            each for each, times in zip(expected, runs, strict=True) for _ in range(times)
        ]


def test_a_member_that_comes_twice_counts_as_it_does_to_the_parser() -> None:
    items = (
        "<vpcId>1</vpcId><vpcId>2</vpcId>",
        "<groupSet><item><groupId>1</groupId><groupId>2</groupId></item></groupSet>",
    )
    assert apart(answer(*items)) == whole(answer(*items))


def test_a_list_that_is_not_cut_is_read_whole() -> None:
    received = Received(
        200, {"x-amzn-requestid": "r"}, answer("<vpcId>vpc-1</vpcId>").body.replace(b"</item>", b"</item>odd")
    )
    found = INTERFACES.apart(received, MEMBER)[MEMBER]
    assert found.cut() is None
    assert found.read() == [{"VpcId": "vpc-1"}]


def test_a_refusal_is_raised_as_ever() -> None:
    refused = (
        b"<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>No.</Message></Error></Errors></Response>"
    )
    with pytest.raises(Exception, match="UnauthorizedOperation"):
        INTERFACES.apart(Received(403, {"x-amzn-requestid": "r"}, refused), MEMBER)


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8)
LEAVES = st.tuples(
    st.sampled_from(["networkInterfaceId", "description", "vpcId", "sourceDestCheck", "unknown"]), TEXTS
).map(lambda pair: f"<{pair[0]}>{escape(pair[1])}</{pair[0]}>")
GROUPS = st.lists(TEXTS.map(lambda each: f"<item><groupId>{escape(each)}</groupId></item>"), max_size=3).map(
    lambda each: f"<groupSet>{''.join(each)}</groupSet>"
)
ITEM = st.lists(
    LEAVES | GROUPS | st.sampled_from(["<tagSet/>", "<attachment><deviceIndex>7</deviceIndex></attachment>"])
).map("".join)


@given(st.lists(ITEM, max_size=4))
def test_any_items_read_apart_as_they_read_together(items: list[str]) -> None:
    received = answer(*items)
    assert apart(received) == whole(received)


KEEPING = Keeping(frozenset({"Description", "InstanceId"}), frozenset({"Ipv6Addresses"}))


@given(st.lists(ITEM, min_size=1, max_size=3))
def test_the_document_is_what_a_cleaned_item_is(items: list[str]) -> None:
    received = answer(*items)
    found = INTERFACES.apart(received, MEMBER)[MEMBER]
    read = found.reader(KEEPING)
    kept = [read(items_of(found)) for _ in range(TIMES)][-1]
    for item, expected in zip(kept, whole(received), strict=True):
        clean = cleaned(expected, KEEPING.dropped, KEEPING.ordered)
        assert item.pop("@document", clean) == clean
        assert item == expected


def test_a_list_whose_order_counts_keeps_it_in_the_document() -> None:
    read = alone(ItemReader(load("ec2"), "NetworkInterface").keeping(KEEPING))
    text = (
        b"<description>gone</description><groupSet><item><groupId>b</groupId></item><item><groupId>a</groupId></item>"
        b"</groupSet><ipv6AddressesSet><item><ipv6Address>b</ipv6Address></item><item><ipv6Address>a</ipv6Address>"
        b"</item></ipv6AddressesSet>"
    )
    documents = [read(text).get("@document") for _ in range(TIMES)]
    assert documents[:1] == [None]  # the first of its form is read by the parser
    assert (
        documents[1]
        == documents[-1]
        == {
            "Groups": [{"GroupId": "a"}, {"GroupId": "b"}],
            "Ipv6Addresses": [{"Ipv6Address": "b"}, {"Ipv6Address": "a"}],
        }
    )


def test_only_so_many_forms_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    one = len("groupSet</groupSet") + len("<item<groupId</groupId</item")
    monkeypatch.setattr("openvna.plugins.aws.wire.pieces._ALL_FORMS", one + len("groupSet</groupSet"))
    reader = ItemReader(load("ec2"), "NetworkInterface")
    for _ in range(TIMES):
        for count in range(5):
            groups = "<item><groupId>sg</groupId></item>" * count
            assert reader([f"<groupSet>{groups}</groupSet>".encode()]) == [{"Groups": [{"GroupId": "sg"}] * count}]
    assert len(reader._built) == 2


def test_a_long_form_is_left_to_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A route table of a thousand routes would take longer to compile than it is ever worth."""
    monkeypatch.setattr("openvna.plugins.aws.wire.item_forms.eval", _never, raising=False)
    read = alone(ItemReader(load("ec2"), "NetworkInterface"))
    groups = "<item><groupId>sg</groupId></item>" * 1000
    for _ in range(TIMES):
        assert len(read(f"<groupSet>{groups}</groupSet>".encode())["Groups"]) == 1000


def _never(*_: object) -> None:
    raise AssertionError("nothing is to be compiled")


NAMES = st.sampled_from(["tagSet", "item", "key", "description", "__import__", "t", "eval", "a.b-c", "größe", "_", "x"])
TREES = st.recursive(
    TEXTS.map(escape) | st.just(""),
    lambda inner: st.lists(st.tuples(NAMES, inner), max_size=3).map(
        lambda each: "".join(f"<{name}>{text}</{name}>" if text else f"<{name}/>" for name, text in each)
    ),
    max_leaves=12,
)


@given(TREES)
def test_what_is_compiled_holds_names_of_the_model_and_numbers_and_nothing_of_the_answer(item: str) -> None:
    sources: list[str] = []

    def seen(source: str, known: dict[str, object]) -> object:
        sources.append(source)
        assert known["__builtins__"] == {}
        return eval(source, known)

    read = alone(ItemReader(EC2, "NetworkInterface").keeping(KEEPING))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("openvna.plugins.aws.wire.item_forms.eval", seen, raising=False)
        for _ in range(TIMES):
            read(item.encode())
    for node in [each for source in sources for each in ast.walk(ast.parse(source, mode="eval"))]:
        assert isinstance(node, _PLAIN), ast.dump(node)
        if isinstance(node, ast.Name):
            assert node.id in ("int", "float", "sorted", "json") or re.fullmatch(r"[tv]\d+", node.id)
        elif isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            assert node.func.id in ("int", "float", "sorted")
        elif isinstance(node, ast.Constant):
            assert isinstance(node.value, int) or node.value in MEMBERS | {"", "true", "@document"}


_PLAIN = (
    *(ast.Expression, ast.Lambda, ast.arguments, ast.arg, ast.Dict, ast.List, ast.Subscript, ast.Compare, ast.Eq),
    *(ast.IfExp, ast.Call, ast.Name, ast.Load, ast.Constant, ast.NamedExpr, ast.Store, ast.keyword),
)


@pytest.mark.parametrize("indent", ["", "\n  "])
def test_only_what_is_in_the_list_is_cut(indent: str) -> None:
    """Another list before it and one behind it are written as it is."""
    items = "".join(f"{indent}<item>{each}</item>" for each in ("<a>1</a>", "<a>2</a>", "<a/>"))
    body = f"<r><first>{items}\n</first><list>{items}\n</list><last>{items}\n</last></r>".encode()
    found = opened(body, "list")
    assert found is not None
    assert bytes(found.inside) == f"{items}\n".encode()
    assert found.cut("item") == [b"<a>1</a>", b"<a>2</a>", b"<a/>"]
