"""Where the demo's network is, and who pays for it."""

from __future__ import annotations

from openvna.demo.entries import Place

NETWORK_ACCOUNT = "111122223333"
WORKLOADS_ACCOUNT = "444455556666"
CENTRAL = "eu-central-1"
WEST = "eu-west-1"

HUB_CENTRAL = Place(NETWORK_ACCOUNT, CENTRAL)
HUB_WEST = Place(NETWORK_ACCOUNT, WEST)
SPOKE_CENTRAL = Place(WORKLOADS_ACCOUNT, CENTRAL)
SPOKE_WEST = Place(WORKLOADS_ACCOUNT, WEST)

HUB = {"Environment": "hub", "Team": "network", "CostCentre": "4100"}
SHARED = {"Environment": "shared", "Team": "platform", "CostCentre": "4110"}
PROD = {"Environment": "prod", "Team": "shop", "CostCentre": "5200"}
DEV = {"Environment": "dev", "Team": "shop", "CostCentre": "5210"}
