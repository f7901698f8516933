"""OpenVNA: an open Virtual Network Assurance gateway."""

__version__ = "0.1.0"
