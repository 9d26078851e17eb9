"""What people of a workspace see, and what it was asked: the half of it that changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from toolkit.errors import UseError
from toolkit.sandbox.slack.finding import (
    Place,
    channels_of,
    find_channel,
    find_person,
    has_element,
    sees,
)
from toolkit.sandbox.slack.people import Person
from toolkit.sandbox.slack.render.names import Names
from toolkit.sandbox.slack.render.plain import pings, plain_message, plain_view
from toolkit.sandbox.slack.state import SlackState
from toolkit.sandbox.slack.values import Channel, Json, Message, View


class Reading:
    """Reads one workspace as its people do.

    Attributes:
        state: Everything the workspace knows.
    """

    state: SlackState

    def reads(self, user: str, channel: str, *, thread_ts: str = "") -> list[str]:
        """The messages a person sees in a channel, or in a thread, as text, oldest first."""
        names = Names(self.state, find_person(self.state, user))
        shown = self.messages(user, channel, thread_ts=thread_ts)
        return [plain_message(one, names) for one in shown]

    def messages(self, user: str, channel: str, *, thread_ts: str = "") -> list[Message]:
        """The messages themselves; those of threads only when asked for."""
        person, place = self._person_and_channel(user, channel)
        return [
            one
            for one in self.state.history(place.id)
            if sees(person, one)
            and (thread_ts in {one.ts, one.thread_ts} if thread_ts else not one.thread_ts)
        ]

    def reads_modal(self, user: str) -> str:
        """The modal a person looks at, as text."""
        return plain_view(self.modal(user), Names(self.state, find_person(self.state, user)))

    def reads_home(self, user: str) -> str:
        """The app's home tab of a person, as text; empty when nothing was published."""
        person = find_person(self.state, user)
        home = self.state.home(person.id)
        return plain_view(home, Names(self.state, person)) if home else ""

    def modal(self, user: str) -> View:
        """The modal a person looks at.

        Raises:
            UseError: None is open.
        """
        view = self.state.top_view(find_person(self.state, user).id)
        if view is None:
            raise UseError(f"{user} has no modal open")
        return view

    def notices(self, user: str) -> list[str]:
        """What Slack's own client told a person, for example that a command failed."""
        return list(self.state.notices.get(find_person(self.state, user).id, []))

    def pings(self, message: Message) -> set[str]:
        """Whom a message notifies: user ids, `!here`, `!channel`, `!everyone`."""
        return pings(message, Names(self.state))

    def calls(self, method: str) -> list[Json]:
        """The arguments of every call of a method that went well, oldest first."""
        return [c.arguments for c in self.state.calls if c.method == method and not c.error]

    def _person_and_channel(self, user: str, channel: str) -> tuple[Person, Channel]:
        person = find_person(self.state, user)
        return person, find_channel(self.state, person, channel)

    async def until(self, condition: Callable[[], object], *, timeout_s: float = 5.0) -> None:
        """Wait until something holds; looked at after every change of the workspace.

        Raises:
            TimeoutError: It does not hold in time (real seconds).
        """
        async with asyncio.timeout(timeout_s):
            while not condition():
                version = self.state.changes.version
                if not condition():
                    await self.state.changes.wait_past(version, timeout_s=0.1)

    def _place_with(self, person: Person, label: str) -> Place:
        modal = self.state.top_view(person.id)
        if modal is not None:
            return modal
        seen = {one.id for one in channels_of(self.state, person)}
        messages = [
            one
            for one in self.state.messages.values()
            if one.channel in seen and sees(person, one) and has_element(one, label)
        ]
        if messages:
            return max(messages, key=lambda one: one.ts)
        home = self.state.home(person.id)
        if home is not None and has_element(home, label):
            return home
        raise UseError(f"{person.name} sees nothing called {label!r}")
