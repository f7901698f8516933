"""The options that say which of AWS's endpoints are used, for `openvna verify aws` and `openvna source`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, cast

import typer

from openvna.model import InvalidInput

if TYPE_CHECKING:
    from openvna.model import JSON

EndpointUrls = Annotated[
    list[str] | None,
    typer.Option(
        "--service-endpoint",
        metavar="SERVICE=URL",
        help="The endpoint of one service, such as a VPC endpoint: ec2=https://...; again for more.",
    ),
]
Fips = Annotated[bool | None, typer.Option("--fips/--no-fips", help="Use AWS's FIPS 140 endpoints.")]
DualStack = Annotated[
    bool | None, typer.Option("--dual-stack/--no-dual-stack", help="Use AWS's endpoints for IPv6 and IPv4.")
]
OtherPartitions = Annotated[
    bool | None,
    typer.Option(
        "--other-partitions/--no-other-partitions",
        help="Where AWS does not know the key, show its id to the STS of up to two other partitions.",
    ),
]


def way(
    endpoint_urls: Sequence[str] | None, fips: bool | None, dual_stack: bool | None, other_partitions: bool | None
) -> dict[str, JSON]:
    """The settings of these options as far as they were given. Raises `InvalidInput` for what is no SERVICE=URL."""
    found: dict[str, JSON] = {}
    if endpoint_urls:
        pairs = [each.partition("=") for each in endpoint_urls]
        wrong = next((name for name, sign, url in pairs if not (name and sign and url)), None)
        if wrong is not None:
            why = f"{wrong!r} is not a service and its address."
            raise InvalidInput(
                "--service-endpoint cannot be used as it is.", why, "Write it like ec2=https://vpce-0abc.example.net."
            )
        found["endpoint_urls"] = cast("JSON", {name: url for name, _, url in pairs})
    given = {"fips": fips, "dual_stack": dual_stack, "other_partitions": other_partitions}
    return found | {name: value for name, value in given.items() if value is not None}
