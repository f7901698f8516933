"""The demo's network: hub and spoke over two accounts and two regions of a made-up web shop.

The account Network owns the transit gateways, the hubs and the shared services; the account Workloads owns
the shop's VPCs. `hub.py` and `spokes.py` say what is in them.
"""

from __future__ import annotations

from openvna.demo.entries import Entry
from openvna.demo.hub import central, west
from openvna.demo.places import HUB_CENTRAL, HUB_WEST, SPOKE_CENTRAL, SPOKE_WEST
from openvna.demo.spokes import disaster_recovery, shop

NETWORK: tuple[Entry, ...] = (*central(), *west(), *shop(), *disaster_recovery())
"""Everything, in an order that can be created place by place, each place on its own."""

PLACES = (HUB_CENTRAL, HUB_WEST, SPOKE_CENTRAL, SPOKE_WEST)
ACCOUNTS = tuple(dict.fromkeys(place.account for place in PLACES))
REGIONS = tuple(dict.fromkeys(place.region for place in PLACES))
