"""The support bundle: one file that says how an installation is, and that can be sent without being read twice."""

from openvna.support.bundle import Bundle, write_bundle

__all__ = ["Bundle", "write_bundle"]
