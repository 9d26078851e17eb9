"""Where a request for approval stands: in its channel, else before each who may decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from bot.views import deciding
from toolkit.model.cards import DiffLine
from toolkit.model.chat_messages import Outgoing
from toolkit.model.chat_people import Role, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.commands.scene import Scene
    from bot.views.blocks import Message
    from bot.words import Voice
    from toolkit.app.slack_memory import SlackPeople
    from toolkit.model.chat_approvals import Approval

_MOST: Final = 20
_SHARED: Final = ("C", "G")
"""How ids of channels begin that others read as well (docs.slack.dev, read 2026-11)."""


_DIFF: Final = "diff"
_DIFFS: Final = TypeAdapter(list[DiffLine])


def keep_diff(people: SlackPeople, asked: Approval, diff: Sequence[DiffLine]) -> None:
    """Remember what was shown: who decides later is shown the same."""
    value = _DIFFS.dump_python([*diff], mode="json")
    people.put_setting(asked.team, asked.id, _DIFF, value=value)


def shown_request(voice: Voice, people: SlackPeople, asked: Approval) -> Message:
    """A request as it stands, with what it would do."""
    kept = people.get_setting(asked.team, asked.id, _DIFF) or []
    diff = _DIFFS.validate_python(kept)
    return deciding.approval(voice, asked, diff, total=asked.count)


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
