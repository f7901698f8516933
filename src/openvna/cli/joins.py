"""What the command line needs from the place where the rooms are joined; the entry point hands it in."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, cast

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from openvna.collect import Gateway
    from openvna.keychange import KeyChanged, KeyStatus
    from openvna.settings import ServerSettings
    from openvna.support import Bundle


class Joins(Protocol):
    def settings(self, **given: object) -> ServerSettings:
        """The settings of the environment, with those that were given on the command line over them."""
        ...

    def open_gateway(self, settings: ServerSettings) -> Gateway: ...

    def serve(self, settings: ServerSettings, insecure: bool) -> None: ...

    def support_bundle(self, settings: ServerSettings, anonymise: bool) -> Bundle: ...

    def key_status(self, settings: ServerSettings) -> KeyStatus: ...

    def change_key(
        self, settings: ServerSettings, *, from_file: Path | None, to_file: Path | None, forget_old: bool
    ) -> KeyChanged: ...

    def demo(self, port: int | None) -> None: ...


def joins(context: typer.Context) -> Joins:
    return cast(Joins, context.obj)


@contextlib.contextmanager
def gateway(context: typer.Context) -> Iterator[Gateway]:
    """The gateway over the data directory, closed again afterwards."""
    here = joins(context)
    opened = here.open_gateway(here.settings())
    try:
        yield opened
    finally:
        opened.close()
