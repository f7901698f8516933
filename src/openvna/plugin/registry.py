"""Finds the installed plugins by their entry points (group `openvna.plugins`)."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import cast

from openvna.model import InvalidInput, NotFound
from openvna.plugin.contract import Plugin

GROUP = "openvna.plugins"


def plugin_names() -> tuple[str, ...]:
    """The names of the installed plugins, in alphabetical order. Loads none of them."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


@cache
def load_plugin(name: str) -> Plugin:
    """The plugin of this name. Raises `NotFound` when it is not installed, `InvalidInput` when it does not load."""
    for point in entry_points(group=GROUP):
        if point.name == name:
            try:
                return cast(Plugin, point.load())
            except ImportError as error:
                raise InvalidInput(
                    f"The plugin {name!r} is installed but does not load.",
                    f"Importing it failed: {error}.",
                    "Install what it needs, or remove the plugin.",
                ) from error
    known = ", ".join(plugin_names()) or "none"
    raise NotFound(f"There is no plugin {name!r}.", f"Installed: {known}.", "Choose one of these.")
