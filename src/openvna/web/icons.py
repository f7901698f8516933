"""Our icons: one 24 x 24 line drawing each, as the inside of an SVG element."""

from __future__ import annotations

from markupsafe import Markup

PATHS = {
    "overview": '<path d="M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z"/>',
    "sources": '<path d="M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4"/>',
    "inventory": '<path d="M4 6h16M4 12h16M4 18h16M9 6v12"/>',
    "quotas": '<path d="M4 17.5a8.5 8.5 0 1 1 16 0M12 15l4.2-5.2M8 20h8"/>',
    "runs": '<path d="M20 12a8 8 0 1 1-2.6-5.9M20 4v4.5h-4.5M12 8v4.4l3 1.8"/>',
    "changes": '<path d="M7 4v13M3.5 13.5 7 17l3.5-3.5M17 20V7M13.5 10.5 17 7l3.5 3.5"/>',
    "settings": (
        '<path d="M4 7h9M19 7h1M4 17h1M11 17h9"/><circle cx="16" cy="7" r="2.5"/><circle cx="8" cy="17" r="2.5"/>'
    ),
    "ok": '<circle cx="12" cy="12" r="8.5"/><path d="m8.3 12.3 2.6 2.6 4.9-5.4"/>',
    "warning": '<path d="M12 4 2.9 19.5h18.2zM12 10v4.5M12 17v.2"/>',
    "failed": '<circle cx="12" cy="12" r="8.5"/><path d="m9 9 6 6M15 9l-6 6"/>',
    "denied": '<rect x="5.5" y="10.5" width="13" height="9.5" rx="2"/><path d="M8.5 10.5V7.5a3.5 3.5 0 0 1 7 0v3"/>',
    "unknown": (
        '<circle cx="12" cy="12" r="8.5"/><path d="M9.6 9.6a2.5 2.5 0 1 1 3.5 2.5c-.8.4-1.1.8-1.1 1.7M12 16.8v.2"/>'
    ),
    "skipped": '<circle cx="12" cy="12" r="8.5"/><path d="M8.5 12h7"/>',
    "paused": '<circle cx="12" cy="12" r="8.5"/><path d="M10 9v6M14 9v6"/>',
    "running": '<path d="M12 3.5a8.5 8.5 0 1 1-8.5 8.5"/>',
    "repaired": '<path d="M14.6 6.6a4 4 0 0 0-5.3 5.1L4 17v3h3l5.3-5.3a4 4 0 0 0 5.1-5.3l-2.5 2.5-2.8-2.8z"/>',
    "created": '<circle cx="12" cy="12" r="8.5"/><path d="M12 8.5v7M8.5 12h7"/>',
    "updated": '<circle cx="12" cy="12" r="8.5"/><path d="m9 13.5 3-3.5 3 3.5"/>',
    "deleted": '<circle cx="12" cy="12" r="8.5"/><path d="M8.5 12h7"/>',
    "throttled": '<path d="M4 17a8.5 8.5 0 1 1 16 0M12 14l4-4"/>',
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "minus": '<path d="M5 12h14"/>',
    "close": '<path d="m6 6 12 12M18 6 6 18"/>',
    "copy": '<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M5 15H4V5a1 1 0 0 1 1-1h10v1"/>',
    "download": '<path d="M12 4v11M7.5 11 12 15.5 16.5 11M5 20h14"/>',
    "chevron": '<path d="m9 6 6 6-6 6"/>',
    "down": '<path d="m6 9 6 6 6-6"/>',
    "up": '<path d="m6 15 6-6 6 6"/>',
    "out": '<path d="M5 12h13M13 7l5 5-5 5"/>',
    "in": '<path d="M19 12H6M11 7l-5 5 5 5"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
    "sun": (
        '<circle cx="12" cy="12" r="4"/>'
        '<path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4"/>'
    ),
    "moon": '<path d="M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z"/>',
    "system": '<rect x="3.5" y="5" width="17" height="11" rx="1.5"/><path d="M9 20h6M12 16v4"/>',
    "signout": '<path d="M14 4H6v16h8M10.5 12H21M17.5 8.5 21 12l-3.5 3.5"/>',
    "user": '<circle cx="12" cy="8.5" r="3.8"/><path d="M4.5 20a7.5 7.5 0 0 1 15 0"/>',
    "key": '<circle cx="8" cy="15" r="4"/><path d="m11 12 8.5-8.5M16 7l3 3"/>',
    "eye": (
        '<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/><circle cx="12" cy="12" r="3"/>'
    ),
    "refresh": '<path d="M20 12a8 8 0 1 1-2.6-5.9M20 4v4.5h-4.5"/>',
    "play": '<path d="M7 4.5v15l12-7.5z"/>',
    "pause": '<path d="M8 5v14M16 5v14"/>',
    "edit": '<path d="M4 20h4L19 9l-4-4L4 16zM13 7l4 4"/>',
    "trash": '<path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5"/>',
    "verify": '<path d="M12 3 5 6v5c0 4.5 3 8 7 10 4-2 7-5.5 7-10V6zM8.8 12l2.3 2.3 4.2-4.6"/>',
    "filter": '<path d="M4 5h16l-6.2 7.5V19l-3.6-2v-4.5z"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>',
    "link": (
        '<path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1"/>'
    ),
    "book": '<path d="M5 4.5h10a3 3 0 0 1 3 3V20H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h10"/>',
    "network": (
        '<rect x="9" y="3" width="6" height="5" rx="1"/>'
        '<rect x="3" y="16" width="6" height="5" rx="1"/>'
        '<rect x="15" y="16" width="6" height="5" rx="1"/>'
        '<path d="M12 8v4M6 16v-4h12v4"/>'
    ),
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.5M12 7.6v.2"/>',
}


def icon(name: str, css: str = "") -> Markup:
    """The icon as an element that screen readers skip: the text beside it says the same."""
    return Markup(  # noqa: S704 - both arguments are ours, never a user's or a vendor's text
        f'<svg class="icon {css}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{PATHS[name]}</svg>'
    )
