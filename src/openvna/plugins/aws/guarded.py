"""Where a secret that lies on this machine may be sent: to AWS, to this machine, or where its administrator says.

The settings of a source are no administrator's word: whoever may edit a source must not thereby learn what lies in
the server's files, by having it sent to an address of their own.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from openvna.plugins.aws.config import AwsConfig
from openvna.plugins.aws.endpoints import Endpoint, partition_of_region, partitions
from openvna.plugins.aws.transport import Transport

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_OF_THE_SOURCE = ("access-key", "identity-center", "roles-anywhere")
"""Kinds of credential whose secret was entered, or signed in for: that one goes where it was entered for."""


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


def reader(config: AwsConfig, transport: Transport) -> str | None:
    """The host in a source's settings that would read what is done with a credential of the machine; None: there is
    none. It could pass a signed request on to AWS, and keep the answer: the session of a role, what the collection
    drops (pre-shared keys, user data)."""
    if config.credential.kind in _OF_THE_SOURCE:
        return None
    for url in (config.endpoint_url, *config.endpoint_urls.values()):
        host = (urlsplit(url).hostname or "") if url else ""
        if url and (transport.shown_to_own_proxy(url) or not (host in _LOOPBACK or _is_of_aws(url, host))):
            return host
    return None


def _is_of_aws(url: str, host: str) -> bool:
    """Whether it is an endpoint of one of AWS's services, or a VPC endpoint for one: nothing that customers name."""
    suffixes = "|".join(re.escape(suffix) for each in partitions().values() for suffix in each.suffixes)
    form = rf"(?:vpce-[a-z0-9-]+\.)?(?!vpce-svc-)(?:portal\.)?[a-z0-9-]+(?:\.([a-z0-9-]+))?(?:\.vpce)?\.(?:{suffixes})"
    found = re.fullmatch(form, host)
    if found is None or not url.startswith("https://"):
        return False
    return found[1] is None or partition_of_region(found[1]) is not None
