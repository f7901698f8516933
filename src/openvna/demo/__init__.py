"""A demonstration without an AWS account: a simulated AWS with a whole network in it, collected and shown."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from openvna.model import OpenVNAError

if TYPE_CHECKING:
    from openvna.app import Ready


def run(port: int | None = None, open_ready: Callable[[Ready], None] | None = None) -> None:
    """Show the demo until Ctrl-C or SIGTERM, then remove all of it.

    Without a `port` the server's usual one is taken, with 0 any free one; `open_ready` is called when the page can
    be opened. Raises `OpenVNAError` where the demo's libraries are not installed, or the port is in use.
    """
    missing = [name for name in ("moto", "flask", "flask_cors") if find_spec(name) is None]
    if missing:
        raise OpenVNAError(
            "The demo is not installed.",
            f"Its simulated AWS needs {', '.join(missing)}.",
            "Install OpenVNA with it: pip install 'openvna[demo]'. In a checkout: make demo.",
        )
    from openvna.demo.stage import perform

    perform(port, open_ready, sys.stdout)
