"""The page: placeholder until it is drawn."""

from __future__ import annotations

from starlette.applications import Starlette

from toolkit.sandbox.slack.workspace import SlackWorkspace


def build_page(workspace: SlackWorkspace) -> Starlette:
    """The page's application."""
    del workspace
    return Starlette()
