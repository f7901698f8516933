"""Where a secret that lies on this machine may be sent: to AWS, to this machine, or where its administrator says.

The settings of a source are no administrator's word: whoever may edit a source must not thereby learn what lies in
the server's files, by having it sent to an address of their own.
"""

from __future__ import annotations

import re

from openvna.plugins.aws.endpoints import Endpoint, partition_of_region, partitions
from openvna.plugins.aws.transport import Transport

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def may_receive(where: Endpoint, service: str, transport: Transport) -> bool:
    """Whether the endpoint in force for `service` may be sent such a secret, on the way that `transport` takes."""
    if transport.shown_to_own_proxy(where.url):
        return False
    if not where.custom or not where.origin.startswith("the source's setting"):
        return True
    if where.host in _LOOPBACK:
        return True
    suffixes = "|".join(re.escape(suffix) for each in partitions().values() for suffix in each.suffixes)
    named = rf"(?:vpce-[a-z0-9-]+\.)?{re.escape(service)}(?:-fips)?(?:\.([a-z0-9-]+))?(?:\.vpce)?\.(?:{suffixes})"
    found = re.fullmatch(named, where.host)
    if found is None or not where.url.startswith("https://"):
        return False
    # What stands in the region's place must be one: sts.s3.amazonaws.com is somebody's bucket.
    return found[1] is None or partition_of_region(found[1]) is not None
