"""Messages, modals and home tabs as a person sees them: as plain text, and as HTML."""

from toolkit.sandbox.slack.render.names import Names
from toolkit.sandbox.slack.render.plain import plain_blocks, plain_message

__all__ = ["Names", "plain_blocks", "plain_message"]
