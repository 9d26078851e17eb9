"""What happens around an app: channels change, people join, the home tab opens, it is removed."""

from __future__ import annotations

from toolkit.errors import UseError
from toolkit.sandbox.slack.acts_talk import Talk
from toolkit.sandbox.slack.finding import find_person
from toolkit.sandbox.slack.outgoing import Reply
from toolkit.sandbox.slack.people import Person
from toolkit.sandbox.slack.state import SlackState
from toolkit.sandbox.slack.values import Channel, ChannelKind, Json


class Housekeeping:
    """Changes the workspace and tells the app of it.

    Args:
        state: The workspace.
        talk: Tells the app of events.
    """

    def __init__(self, state: SlackState, talk: Talk) -> None:
        self._state = state
        self._talk = talk

    def make(
        self, name: str, *, members: tuple[str, ...] = (), is_private: bool = False
    ) -> Channel:
        """A new channel with these people in it, and without the bot."""
        kind = ChannelKind.PRIVATE if is_private else ChannelKind.PUBLIC
        people = {find_person(self._state, one).id for one in members}
        channel = Channel(self._state.new_id("C"), name, kind, people)
        self._state.channels[channel.id] = channel
        self._state.changes.note()
        return channel

    async def add_member(self, name: str, user: str) -> Reply | None:
        """Somebody, or with `bot` the app, joins a channel."""
        channel = self._channel(name)
        user_id = (
            self._state.team.bot_user if user == "bot" else find_person(self._state, user).id
        )
        channel.members.add(user_id)
        return await self._tell(
            {
                "type": "member_joined_channel",
                "user": user_id,
                "channel": channel.id,
                "channel_type": "C" if channel.kind is ChannelKind.PUBLIC else "G",
                "team": self._state.team.id,
            }
        )

    def remove_bot(self, name: str) -> None:
        """The app is taken out of a channel."""
        self._channel(name).members.discard(self._state.team.bot_user)
        self._state.changes.note()

    async def archive(self, name: str) -> Reply | None:
        """A channel is archived: nothing can be posted there any more."""
        channel = self._channel(name)
        channel.is_archived = True
        return await self._tell(
            {"type": "channel_archive", "channel": channel.id, "user": channel.creator}
        )

    async def rename(self, name: str, new_name: str) -> Reply | None:
        """A channel gets another name and keeps its id."""
        channel = self._channel(name)
        channel.name = new_name
        created = channel.created
        value = {"id": channel.id, "name": new_name, "created": created}
        return await self._tell({"type": "channel_rename", "channel": value})

    async def uninstall(self) -> Reply | None:
        """The app is removed from the workspace: its tokens die, then it is told."""
        self._state.is_installed = False
        bots = [
            text
            for text, one in self._state.tokens.items()
            if one.user == self._state.team.bot_user
        ]
        for text in bots:
            del self._state.tokens[text]
        await self._tell(
            {"type": "tokens_revoked", "tokens": {"bot": [self._state.team.bot_user]}}
        )
        return await self._tell({"type": "app_uninstalled"})

    async def open_home(self, person: Person, *, tab: str) -> Reply | None:
        """A person opens the app."""
        channel = self._state.direct_channel(person.id)
        event: Json = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": channel.id,
            "tab": tab,
        }
        home = self._state.home(person.id)
        if home is not None and tab == "home":
            event["view"] = self._state.member_json(home)
        return await self._tell(event)

    def _channel(self, name: str) -> Channel:
        found = self._state.find_channel(name)
        if found is None:
            raise UseError(f"There is no channel {name!r}")
        return found

    async def _tell(self, event: Json) -> Reply | None:
        self._state.changes.note()
        return await self._talk.tell_event({**event, "event_ts": self._state.new_ts()})
