"""Answers to what is chosen in a modal: they stand in it, since it covers the conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from bot.listening.whose import team_of
from bot.views.in_modal import NAME

if TYPE_CHECKING:
    from bot.listening.parts import Parts

Body = dict[str, Any]


def in_modal(body: Body) -> bool:
    """Whether a click was made in a modal."""
    return str((body.get("view") or {}).get("type", "")) == "modal"


async def put_on_top(parts: Parts, body: Body, view: dict[str, Any]) -> bool:
    """Show a view over the modal in which something was clicked; False where there is no room.

    An answer takes the place of an answer: Slack stacks three at most (docs, read 2026-11).
    A form is never taken away: somebody may be filling it in.

    Raises:
        SlackApiError: Slack shows none any more.
    """
    client = await parts.workspaces.client(team_of(body))
    below = body["view"]
    if below.get("callback_id") == NAME:
        await client.views_update(view_id=below["id"], view=view)
        return True
    try:
        await client.views_push(trigger_id=body["trigger_id"], view=view)
    except SlackApiError as error:
        if error.response.get("error") != "push_limit_reached":
            raise
        return False
    return True
