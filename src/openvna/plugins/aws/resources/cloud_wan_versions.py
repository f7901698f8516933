"""Core networks of Cloud WAN, the parts that change: versions of the policy, what they would change, BGP routes."""

from collections.abc import Iterator
from typing import Any

from openvna.model import Kind, Resource
from openvna.plugins.aws.declaration import Each, Link, ResourceType, number, text, texts, time
from openvna.plugins.aws.paths import Raw
from openvna.plugins.aws.resources import network_manager

FEATURE = network_manager.FEATURE

_CORE = "aws.networkmanager.core-network"

version = ResourceType(
    "aws.networkmanager.core-network-policy-version",
    Kind.POLICY,
    "Core network policy version",
    "A policy that a core network had, has, or may have. Its id is the core network's with `/policy-version/NUMBER`.",
    call=network_manager.call(
        "ListCoreNetworkPolicyVersions", "CoreNetworkPolicyVersions[]", Each(_CORE, "CoreNetworkId", "alias")
    ),
    id="{@parent.id}/policy-version/{PolicyVersionId}",
    once=True,
    region="@none",
    fields=(
        text("core_network", "CoreNetworkId", "The core network."),
        number("version", "PolicyVersionId", "Its number."),
        text("alias", "Alias", "LIVE or LATEST, where it is one of them."),
        text("state", "ChangeSetState", "READY_TO_EXECUTE, EXECUTING, EXECUTION_SUCCEEDED, OUT_OF_DATE, ..."),
        text("description", "Description", "What its author said of it."),
        time("created", "CreatedAt", "When it was made."),
    ),
    columns=("core_network", "version", "alias", "state"),
    relations=(Link("part-of", "@parent.id"),),
)


def _pending(found: Resource) -> list[dict[str, Any]]:
    """What a version would change is told, and of interest, until it is carried out or overtaken."""
    said = found.attributes
    waits = said.get("state") == "READY_TO_EXECUTE"
    return [{"CoreNetworkId": said.get("core_network"), "PolicyVersionId": said.get("version")}] if waits else []


change = ResourceType(
    "aws.networkmanager.core-network-change",
    Kind.POLICY,
    "Pending change of a core network",
    "What a policy that waits to be carried out would change. Its id is the version's with `/change/TYPE/ACTION/ID`.",
    call=network_manager.call(
        "GetCoreNetworkChangeSet", "CoreNetworkChanges[]", Each(f"{_CORE}-policy-version", requests=_pending)
    ),
    id=lambda raw: "/".join(
        str(part)
        for part in (
            raw["@parent"]["id"],
            "change",
            raw["Type"],
            raw["Action"],
            raw.get("IdentifierPath") or raw["Identifier"],
        )
    ),
    once=True,
    name="Identifier",
    region="@none",
    fields=(
        text("core_network", "@asked.CoreNetworkId", "The core network."),
        number("version", "@asked.PolicyVersionId", "The policy version."),
        text("change_type", "Type", "CORE_NETWORK_SEGMENT, CORE_NETWORK_EDGE, ATTACHMENT_MAPPING, ..."),
        text("action", "Action", "ADD, MODIFY or REMOVE."),
        text("subject", "Identifier", "What is changed."),
        text("place", "IdentifierPath", "Where that is."),
    ),
    columns=("core_network", "version", "change_type", "action", "subject"),
    relations=(Link("part-of", "@parent.id"),),
)


def _segments_at_edges(core: Resource) -> Iterator[dict[str, Any]]:
    segments: Any = core.attributes.get("segments") or ()
    for segment in segments:
        for edge in segment["edges"]:
            yield {"CoreNetworkId": core.alias, "SegmentName": segment["name"], "EdgeLocation": edge}


bgp_route = ResourceType(
    "aws.networkmanager.core-network-bgp-route",
    Kind.ROUTE,
    "Core network BGP route",
    "A prefix that a segment knows at an edge, with how it was learned: also such as were not chosen. Its id is the "
    "core network's with `/bgp-route/SEGMENT/EDGE/PREFIX/NEXT-HOP`.",
    call=network_manager.call(
        "ListCoreNetworkRoutingInformation",
        "CoreNetworkRoutingInformation[]",
        Each(_CORE, requests=_segments_at_edges),
    ),
    id=lambda raw: "/".join((raw["@parent"]["id"], "bgp-route", *_place(raw), raw["Prefix"], _hop(raw))),
    once=True,
    name="Prefix",
    region="@asked.EdgeLocation",
    ordered=("AsPath",),
    fields=(
        text("segment", "@asked.SegmentName", "The segment."),
        text("edge", "@asked.EdgeLocation", "Region of the edge."),
        text("prefix", "Prefix", "The prefix."),
        text("attachment", "NextHop.CoreNetworkAttachmentId", "The attachment that it leads to."),
        text("next_hop", "NextHop.IpAddress", "The address of the next router."),
        text("next_edge", "NextHop.EdgeLocation", "Region of the edge that it leads to."),
        text("next_segment", "NextHop.SegmentName", "The segment that it leads to."),
        texts("as_path", "AsPath[]", "The autonomous systems on its way.", ordered=True),
        text("local_preference", "LocalPreference", "The higher, the better."),
        text("med", "Med", "The lower, the better (multi-exit discriminator)."),
        texts("communities", "Communities[]", "Its BGP communities."),
    ),
    columns=("segment", "edge", "prefix", "attachment", "as_path"),
    relations=(Link("part-of", "@parent.id"), Link("routes-to", "NextHop.CoreNetworkAttachmentId")),
)

resource_policy = ResourceType(
    "aws.networkmanager.resource-policy",
    Kind.SHARE,
    "Core network resource policy",
    "Which accounts may use a core network. Its id is the core network's with `/resource-policy`.",
    call=network_manager.call(
        "GetResourcePolicy", "PolicyDocument", Each(_CORE, "ResourceArn", own=True), page=0, of_texts=True
    ),
    id="{@parent.id}/resource-policy",
    once=True,
    region="@none",
    fields=(
        text("core_network", "@parent.alias", "The core network."),
        text("policy", "@item", "The policy, as JSON text."),
    ),
    columns=("core_network",),
    relations=(Link("part-of", "@parent.id"),),
)


def _place(raw: Raw) -> tuple[str, str]:
    return raw["@asked"]["SegmentName"], raw["@asked"]["EdgeLocation"]


def _hop(raw: Raw) -> str:
    hop = raw.get("NextHop") or {}
    named = (hop.get("CoreNetworkAttachmentId"), hop.get("IpAddress"), hop.get("ResourceId"), hop.get("EdgeLocation"))
    return ",".join(str(part) for part in named if part)
