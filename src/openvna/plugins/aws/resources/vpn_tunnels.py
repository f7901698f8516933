"""Tunnels of site-to-site VPN connections: what they negotiated, and when AWS will replace them."""

from openvna.model import Kind, Resource
from openvna.plugins.aws.declaration import Each, Link, ResourceType, ec2, number, text, time
from openvna.plugins.aws.resources import vpn

FEATURE = vpn.FEATURE


def _tunnels(connection: Resource, up_only: bool = False) -> list[dict[str, object]]:
    tunnels = connection.attributes.get("tunnels")
    return [
        {"VpnConnectionId": connection.alias, "VpnTunnelOutsideIpAddress": each["outside_ip"]}
        for each in (tunnels if isinstance(tunnels, list) else [])
        if isinstance(each, dict) and each.get("outside_ip") and (not up_only or each.get("status") == "UP")
    ]


def _tunnels_up(connection: Resource) -> list[dict[str, object]]:
    """A tunnel that is down has negotiated nothing."""
    return _tunnels(connection, up_only=True)


maintenance = ResourceType(
    "aws.ec2.vpn-tunnel-maintenance",
    Kind.TUNNEL,
    "VPN tunnel maintenance",
    "Whether AWS has to replace its end of a tunnel. Its id is the connection's with `/tunnel/ADDRESS/maintenance`.",
    call=ec2(
        "GetVpnTunnelReplacementStatus",
        "MaintenanceDetails",
        page=0,
        per=Each("aws.ec2.vpn-connection", requests=_tunnels),
    ),
    id="{@parent.id}/tunnel/{@asked.VpnTunnelOutsideIpAddress}/maintenance",
    name="@asked.VpnTunnelOutsideIpAddress",
    fields=(
        text("connection", "@asked.VpnConnectionId", "The VPN connection."),
        text("outside_ip", "@asked.VpnTunnelOutsideIpAddress", "AWS's end of the tunnel."),
        text("pending", "PendingMaintenance", "Whether there is something to be done."),
        time("forced_after", "MaintenanceAutoAppliedAfter", "When AWS does it by itself."),
        time("last", "LastMaintenanceApplied", "When it was last done."),
    ),
    columns=("connection", "outside_ip", "pending", "forced_after"),
    relations=(Link("part-of", "@parent.id"),),
)

security = ResourceType(
    "aws.ec2.vpn-tunnel-security",
    Kind.TUNNEL,
    "Security of a VPN tunnel",
    "What both ends of a tunnel that is up agreed on. Its id is the connection's with `/tunnel/ADDRESS/security`.",
    call=ec2(
        "GetActiveVpnTunnelStatus",
        "ActiveVpnTunnelStatus",
        page=0,
        per=Each("aws.ec2.vpn-connection", requests=_tunnels_up),
    ),
    id="{@parent.id}/tunnel/{@asked.VpnTunnelOutsideIpAddress}/security",
    name="@asked.VpnTunnelOutsideIpAddress",
    fields=(
        text("connection", "@asked.VpnConnectionId", "The VPN connection."),
        text("outside_ip", "@asked.VpnTunnelOutsideIpAddress", "AWS's end of the tunnel."),
        text("ike_version", "IkeVersion", "ikev1 or ikev2."),
        text("phase1_encryption", "Phase1EncryptionAlgorithm", "How the exchange of keys is encrypted."),
        text("phase1_integrity", "Phase1IntegrityAlgorithm", "How it is signed."),
        number("phase1_group", "Phase1DHGroup", "Its Diffie-Hellman group."),
        text("phase2_encryption", "Phase2EncryptionAlgorithm", "How the traffic is encrypted."),
        text("phase2_integrity", "Phase2IntegrityAlgorithm", "How it is signed."),
        number("phase2_group", "Phase2DHGroup", "Its Diffie-Hellman group."),
        text("state", "ProvisioningStatus", "available, pending or failed."),
        text("message", "ProvisioningStatusReason", "Why it is in that state."),
    ),
    columns=("connection", "outside_ip", "ike_version", "phase1_encryption", "phase2_encryption"),
    relations=(Link("part-of", "@parent.id"),),
)
