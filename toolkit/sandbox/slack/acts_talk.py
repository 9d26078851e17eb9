"""A person types: commands, messages, links; and what happens to channels."""

from __future__ import annotations

import re
from typing import Final

from toolkit.errors import UseError
from toolkit.sandbox.slack.calls import SlackRefusalError
from toolkit.sandbox.slack.mentions import escape_typed
from toolkit.sandbox.slack.outgoing import Ending, Kind, Outgoing, Reply
from toolkit.sandbox.slack.payloads import Payloads
from toolkit.sandbox.slack.people import Person
from toolkit.sandbox.slack.responding import respond
from toolkit.sandbox.slack.state import ResponseUrl, SlackState
from toolkit.sandbox.slack.telling import Teller
from toolkit.sandbox.slack.values import Channel, ChannelKind, Json, Message

_URL: Final = re.compile(r"<(https?://([^/|>\s]+)[^|>\s]*)(?:\|[^>]*)?>")
_ENDINGS: Final = {
    Ending.REFUSED: "dispatch_failed",
    Ending.LATE: "operation_timeout",
    Ending.UNREACHABLE: "app_unreachable",
}
# What an app is told although it is no longer there.
_FAREWELLS: Final = frozenset({"app_uninstalled", "tokens_revoked"})


class Talk:
    """Typing, and the events that come of it.

    Args:
        state: The workspace.
        teller: Tells the app.
        payloads: Words what it is told.
    """

    def __init__(self, state: SlackState, teller: Teller, payloads: Payloads) -> None:
        self._state = state
        self._teller = teller
        self._payloads = payloads

    async def command(self, person: Person, channel: Channel, line: str) -> Reply | None:
        """Type a slash command; None when Slack does not even tell the app."""
        command, _, text = line.partition(" ")
        if command not in self._state.app.commands or not self._state.is_installed:
            self._state.notify(person.id, f"{command} is not a valid command.")
            return None
        text = text.strip()
        if self._state.app.escapes_commands:
            text = escape_typed(text, self._state, with_names=True)
        payload = self._payloads.command(person, channel, command=command, text=text)
        reply = await self._teller.tell(Outgoing(Kind.COMMAND, payload))
        if reply.is_accepted:
            self._answer(person, channel, reply)
        else:
            error = _ENDINGS[reply.ending]
            self._state.notify(person.id, f'{command} failed with the error "{error}"')
        return reply

    def _answer(self, person: Person, channel: Channel, reply: Reply) -> None:
        """Show what the acknowledgement of a command carried."""
        body = dict(reply.body)
        if not any(body.get(name) for name in ("text", "blocks", "attachments")):
            return
        address = ResponseUrl(person.id, channel.id, self._state.clock.monotonic())
        try:
            respond(self._state, address, body)
        except SlackRefusalError as refusal:
            self._state.notify(person.id, f"The app answered badly: {refusal.error}")

    async def message(
        self, person: Person, channel: Channel, text: str, *, thread_ts: str = ""
    ) -> Message:
        """Write a message; the app hears of it as far as it subscribed and is a member."""
        if person.id not in channel.members:
            raise UseError(f"{person.name} is not in #{channel.name}")
        content: Json = {"text": escape_typed(text, self._state, with_names=False)}
        message = self._state.add(
            Message(channel.id, self._state.new_ts(), person.id, content, thread_ts=thread_ts)
        )
        await self._tell_message(channel, message)
        return message

    async def _tell_message(self, channel: Channel, message: Message) -> None:
        text = str(message.content["text"])
        event: Json = {
            "type": "message",
            "channel": channel.id,
            "user": message.user,
            "text": text,
            "ts": message.ts,
            "event_ts": message.ts,
            "channel_type": channel.event_type,
            "team": self._state.people[message.user].team_id,
        }
        if message.thread_ts:
            event["thread_ts"] = message.thread_ts
        if self._state.team.bot_user in channel.members:
            names = {ChannelKind.PUBLIC: "channels", ChannelKind.PRIVATE: "groups"}
            subscription = names.get(channel.kind, channel.kind.value)
            await self.tell_event(event, heard_as=f"message.{subscription}")
            if f"<@{self._state.team.bot_user}>" in text and not channel.is_direct:
                await self.tell_event({**event, "type": "app_mention"})
        await self._tell_links(channel, message)

    async def _tell_links(self, channel: Channel, message: Message) -> None:
        domains = self._state.app.unfurl_domains
        links = [
            {"url": url.replace("&amp;", "&"), "domain": _domain(host, domains)}
            for url, host in _URL.findall(str(message.content["text"]))
            if _domain(host, domains)
        ]
        if not links:
            return
        unfurl_id = self._state.new_id("unfurl-")
        self._state.unfurl_ids[unfurl_id] = (channel.id, message.ts)
        await self.tell_event(
            {
                "type": "link_shared",
                "channel": channel.id,
                "is_bot_user_member": self._state.team.bot_user in channel.members,
                "user": message.user,
                "message_ts": message.ts,
                "unfurl_id": unfurl_id,
                "source": "conversations_history",
                "links": links,
                "event_ts": message.ts,
            }
        )

    async def tell_event(self, event: Json, *, heard_as: str = "") -> Reply | None:
        """Tell the app of an event; None when it did not subscribe."""
        is_farewell = event["type"] in _FAREWELLS
        if not self._state.is_installed and not is_farewell:
            return None
        if not self._state.app.hears(heard_as or event["type"]):
            return None
        return await self._teller.tell(Outgoing(Kind.EVENT, self._payloads.event(event)))


def _domain(host: str, domains: tuple[str, ...]) -> str:
    """The registered domain a host belongs to, or nothing."""
    fits = (one for one in domains if host == one or host.endswith(f".{one}"))
    return next(fits, "")
