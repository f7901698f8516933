"""The REST interface: the product's nouns as JSON under `/api/v1`."""

from openvna.northbound.rest.api import create_api
from openvna.northbound.rest.streams import end_streams

__all__ = ["create_api", "end_streams"]
