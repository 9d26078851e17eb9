"""Where a request for approval stands: in its channel, else before each who may decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from toolkit.model.chat_messages import Outgoing
from toolkit.model.chat_people import Role, Standing

if TYPE_CHECKING:
    from bot.commands.scene import Scene
    from bot.views.blocks import Message
    from toolkit.model.chat_approvals import Approval

_MOST: Final = 20
_SHARED: Final = ("C", "G")
"""How ids of channels begin that others read as well (docs.slack.dev, read 2026-11)."""


def request_messages(scene: Scene, asked: Approval, shown: Message) -> list[Outgoing]:
    """The request as it is to be said now; the same names edit what was said before.

    What was asked for in a conversation with the bot, in a form or on the home tab has no
    channel in which anybody else would see it.
    """
    slot = f"approval:{asked.id}"
    if asked.channel.startswith(_SHARED):
        return [Outgoing(slot, asked.team, asked.channel, shown.payload())]
    return [
        Outgoing(f"{slot}:{user}", asked.team, user, shown.payload())
        for user in _deciders(scene, asked)
    ]


def _deciders(scene: Scene, asked: Approval) -> list[str]:
    people = scene.shelf.people.list_people(asked.team)
    return [
        each.user
        for each in people
        if each.is_linked
        and each.standing is Standing.MEMBER
        and each.role >= Role.APPROVER
        and each.user != asked.requester
    ][:_MOST]
