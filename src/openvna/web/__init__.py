"""The admin UI: pages, templates and static files, served by the same application as the REST API."""

from openvna.web.mount import mount

__all__ = ["mount"]
