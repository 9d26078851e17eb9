"""A strict Block Kit validator: what Slack would refuse, and where. Needs no emulator."""

from toolkit.sandbox.slack.blockkit.check import check_blocks, check_message, check_view
from toolkit.sandbox.slack.blockkit.kinds import Surface
from toolkit.sandbox.slack.blockkit.shapes import Issue

__all__ = ["Issue", "Surface", "check_blocks", "check_message", "check_view"]
