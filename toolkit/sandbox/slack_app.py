"""The emulated workspace with the app that our own manifest makes."""

from __future__ import annotations

from toolkit.app.slack_features import FEATURES
from toolkit.app.slack_manifest import slack_manifest
from toolkit.sandbox.slack import SlackApp, SlackOptions


def sandbox_slack(*, rate_limit: bool = True) -> SlackOptions:
    """A workspace with every feature of the app, reached by Socket Mode."""
    app = SlackApp.from_manifest(slack_manifest(FEATURES))
    return SlackOptions(app=app, rate_limit=rate_limit)
