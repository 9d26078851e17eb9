"""Ways back to somebody, tried one after the other, in time."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from slack_sdk.errors import SlackClientError

from bot.commands import Asked
from bot.listening.way import Way
from bot.views.blocks import Message
from toolkit.errors import CredentialsError

SAID = Message("Nothing was changed")


class Slack:
    """Takes what it is told to take."""

    def __init__(self, *refused: str, is_slow: bool = False) -> None:
        self.refused, self.is_slow, self.told = refused, is_slow, []

    async def chat_postEphemeral(self, **_call: Any) -> None:  # noqa: N802 — the library's
        await self._told("ephemeral")

    async def chat_postMessage(self, **_call: Any) -> None:  # noqa: N802 — the library's
        await self._told("direct")

    async def respond(self, **_answer: Any) -> Any:
        await self._told("address")
        return SimpleNamespace(status_code=404 if "gone" in self.refused else 200)

    async def _told(self, way: str) -> None:
        self.told.append(way)
        if self.is_slow:
            await asyncio.Event().wait()
        if way in self.refused:
            raise SlackClientError(way)


def way_to(slack: Slack, *, channel: str = "C1", has_address: bool = True) -> Way:
    async def client() -> Any:
        return slack

    asked = Asked("T1", "U1", channel, "help")
    return Way(client, asked, slack.respond if has_address else None)


@pytest.mark.parametrize(
    ("refused", "channel", "has_address", "tried", "is_told"),
    [
        ((), "C1", True, ["address"], True),
        (("address",), "C1", True, ["address", "ephemeral"], True),
        (("gone",), "C1", True, ["address", "ephemeral"], True),
        (("address", "ephemeral"), "C1", True, ["address", "ephemeral", "direct"], True),
        (
            ("address", "ephemeral", "direct"),
            "C1",
            True,
            ["address", "ephemeral", "direct"],
            False,
        ),
        ((), "C1", False, ["ephemeral"], True),
        ((), "D1", False, ["direct"], True),
        ((), "", False, ["direct"], True),
    ],
)
async def test_the_next_way_is_tried_where_slack_takes_nothing(
    refused: tuple[str, ...],
    channel: str,
    has_address: bool,
    tried: list[str],
    is_told: bool,
) -> None:
    slack = Slack(*refused)

    told = await way_to(slack, channel=channel, has_address=has_address).say(SAID)

    assert (told, slack.told) == (is_told, tried)


async def test_what_others_may_read_too_is_not_said_at_all() -> None:
    slack = Slack("ephemeral")

    told = await way_to(slack, has_address=False).say(SAID, is_direct=False)

    assert (told, slack.told) == (False, ["ephemeral"])


async def test_slack_that_does_not_answer_holds_no_acknowledgement_up() -> None:
    slack = Slack(is_slow=True)

    assert not await way_to(slack).say(SAID, within_s=0.01)


async def test_without_a_token_nobody_is_told() -> None:
    async def client() -> Any:
        raise CredentialsError("not installed", system="slack")

    assert not await Way(client, Asked("T1", "U1", "C1", "help")).say(SAID)
