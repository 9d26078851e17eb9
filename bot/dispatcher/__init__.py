"""The one way out: every message to Slack goes through one paced, durable queue."""

from bot.dispatcher.answers import Answer
from bot.dispatcher.sending import Dispatcher, Pace
from bot.dispatcher.wire import SlackWire, Wire

__all__ = ["Answer", "Dispatcher", "Pace", "SlackWire", "Wire"]
