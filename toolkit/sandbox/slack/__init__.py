"""Slack, emulated: Web API, Socket Mode, signed delivery, modals, and people who use it."""

from toolkit.sandbox.slack.blockkit import check_blocks, check_message, check_view
from toolkit.sandbox.slack.manifest import SlackApp
from toolkit.sandbox.slack.seeding import SlackCredentials
from toolkit.sandbox.slack.serve import SlackSandbox
from toolkit.sandbox.slack.workspace import SlackOptions, SlackWorkspace

__all__ = [
    "SlackApp",
    "SlackCredentials",
    "SlackOptions",
    "SlackSandbox",
    "SlackWorkspace",
    "check_blocks",
    "check_message",
    "check_view",
]
