"""The AWS plugin. Everything heavy is imported when it is first needed."""

from __future__ import annotations

from openvna.plugins.aws.plugin import AwsPlugin

plugin = AwsPlugin()
"""The entry point `aws` of the group `openvna.plugins`."""

__all__ = ["plugin"]
