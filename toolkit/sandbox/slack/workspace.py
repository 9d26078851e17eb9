"""A workspace in the hands of a test or a page: people type, click, fill in and read.

```python
async with SlackSandbox.running() as sandbox:
    await sandbox.workspace.types("anna", "#ops", "/hightonic contact find petit")
    assert "Ada Petit" in sandbox.workspace.reads("anna", "#ops")[-1]
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from toolkit.errors import UseError
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.faults import FaultPlan
from toolkit.sandbox.recording import Recorder
from toolkit.sandbox.slack.acts_channel import Housekeeping
from toolkit.sandbox.slack.acts_talk import Talk
from toolkit.sandbox.slack.acts_view import Hands
from toolkit.sandbox.slack.app import SlackEmulator
from toolkit.sandbox.slack.finding import (
    Place,
    find_element,
    find_person,
)
from toolkit.sandbox.slack.limits import RateLimits
from toolkit.sandbox.slack.line_http import HttpLine
from toolkit.sandbox.slack.line_socket import SocketLine
from toolkit.sandbox.slack.manifest import SlackApp
from toolkit.sandbox.slack.methods_apps import AppMethods
from toolkit.sandbox.slack.outgoing import Kind, Outgoing, Reply
from toolkit.sandbox.slack.payloads import Payloads
from toolkit.sandbox.slack.people import Team
from toolkit.sandbox.slack.reading import Reading
from toolkit.sandbox.slack.seeding import CLIENT, SIGNING_SECRET, SlackCredentials, make_state
from toolkit.sandbox.slack.telling import Teller, Told
from toolkit.sandbox.slack.values import Message, View


@dataclass(frozen=True, slots=True)
class SlackOptions:
    """How the workspace behaves.

    Args:
        app: What is installed in it.
        rate_limit: False lifts every limit.
        channel_burst: Messages a channel takes at once before one a second is enforced.
        deadline_s: Real seconds an app has to acknowledge.
    """

    app: SlackApp = field(default_factory=SlackApp)
    rate_limit: bool = True
    channel_burst: int = 1
    deadline_s: float = 3.0


class SlackWorkspace(Reading):
    """People, channels and the app between them.

    Args:
        options: How it behaves.
        clock: Its time; may be shared with other emulators.
        faults: What goes wrong in the Web API; may be shared.
        recorder: Told of every request; may be shared.
        beside: The first workspace, when this is another one.

    Attributes:
        state: Everything it knows, for assertions.
        emulator: The Web API; `emulator.app` is an ASGI application.
        sockets: The app's Socket Mode connections.
        teller: Everything the app was told, in `teller.told`.
        channels: Makes, renames and archives channels; removes the app.
        hands: Clicks and fills in by block and action id.
    """

    def __init__(
        self,
        options: SlackOptions | None = None,
        *,
        clock: EmulatorClock | None = None,
        faults: FaultPlan | None = None,
        recorder: Recorder | None = None,
        beside: SlackWorkspace | None = None,
    ) -> None:
        chosen = options or SlackOptions()
        self._options = chosen
        self.clock = clock or EmulatorClock()
        self.faults = faults or FaultPlan()
        self.recorder = recorder or Recorder()
        self.others: list[SlackWorkspace] = []
        number = 1 if beside is None else len(beside.others) + 2
        team = Team() if number == 1 else Team(number, f"Sandbox {number}", f"sandbox{number}")
        self.state = make_state(chosen.app, self.clock, team)
        self.sockets = SocketLine(lambda: self.state.base_url)
        self.limits = RateLimits(
            self.clock.monotonic, is_on=chosen.rate_limit, channel_burst=chosen.channel_burst
        )
        apps = AppMethods(CLIENT, open_socket=self.sockets.open_ticket)
        self.emulator = SlackEmulator(
            self.state,
            limits=self.limits,
            faults=self.faults,
            recorder=self.recorder,
            more=apps.methods,
        )
        line = self.sockets if chosen.app.is_socket_mode else None
        self.teller = Teller(self.clock, line, deadline_s=chosen.deadline_s)
        if beside is not None:
            # One app, reached in one way, whichever workspace it is about.
            self.sockets, self.teller = beside.sockets, beside.teller
            self.state.base_url = beside.state.base_url
            self.emulator.refusals = beside.emulator.refusals
        self._payloads = Payloads(self.state)
        self._talk = Talk(self.state, self.teller, self._payloads)
        self.hands = Hands(self.state, self.teller, self._payloads)
        self.channels = Housekeeping(self.state, self._talk)

    def add_workspace(self) -> SlackWorkspace:
        """Another workspace behind the same address; its token says which one a call is about.

        It has no app until somebody installs it there (`oauth.v2.access`).
        """
        other = SlackWorkspace(
            self._options,
            clock=self.clock,
            faults=self.faults,
            recorder=self.recorder,
            beside=self,
        )
        self.others.append(other)
        self.emulator.others.append(other.emulator)
        return other

    @property
    def credentials(self) -> SlackCredentials:
        """What a bot needs to live here."""
        return SlackCredentials(base_url=f"{self.state.base_url}/api/")

    def reach_by_http(
        self, url: str, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> HttpLine:
        """From now on tell the app by signed requests to this address.

        Raises:
            UseError: An address beyond this machine.
        """
        line = HttpLine(
            url, SIGNING_SECRET, lambda: self.clock.now().timestamp(), transport=transport
        )
        self.teller.line = line
        return line

    async def aclose(self) -> None:
        """Close what is open towards the app."""
        await self.sockets.drop()
        if isinstance(self.teller.line, HttpLine):
            await self.teller.line.aclose()

    def refuse(
        self, method: str, error: str, *, times: int = 1, retry_after_s: int | None = None
    ) -> None:
        """Answer the next calls of a method with one of Slack's errors."""
        self.emulator.refusals.queue(method, error, times=times, retry_after_s=retry_after_s)

    async def types(
        self, user: str, channel: str, text: str, *, thread_ts: str = ""
    ) -> Reply | Message | None:
        """Type a line: a slash command, or a message; returns when the app acknowledged.

        Args:
            user: Name or id.
            channel: `#ops`, an id, or `bot` for the conversation with the app.
            text: What is typed.
            thread_ts: Of the message that is answered. Commands do not work in threads.

        Raises:
            UseError: Nobody or nothing of that name.
        """
        person, place = self._person_and_channel(user, channel)
        if not text.startswith("/"):
            return await self._talk.message(person, place, text, thread_ts=thread_ts)
        if thread_ts:
            command = text.partition(" ")[0]
            self.state.notify(person.id, f"{command} is not supported in threads. Sorry!")
            return None
        return await self._talk.command(person, place, text)

    async def clicks(
        self, user: str, label: str, *, within: Place | None = None, option: str = ""
    ) -> Reply | None:
        """Click a button, or an option of an overflow menu.

        Args:
            user: Name or id.
            label: What is written on it, or its action id.
            within: Message or view; by default the modal that is open, else the newest message
                the person sees that has it, else their home tab.
            option: Of an overflow menu.

        Raises:
            UseError: Nothing of that name.
        """
        person = find_person(self.state, user)
        place = within or self._place_with(person, label)
        return await self.hands.click(person, place, find_element(place, label), option=option)

    async def chooses(
        self, user: str, label: str, value: object, *, within: Place | None = None
    ) -> Reply | None:
        """Choose in a menu, tick boxes, pick a date, or type into a field.

        Args:
            user: Name or id.
            label: Above it, in it (placeholder), or its action or block id.
            value: What a person reads there; a list where several can be chosen; None clears.
            within: As for `clicks`.
        """
        person = find_person(self.state, user)
        place = within or self._place_with(person, label)
        return await self.hands.choose(person, place, find_element(place, label), value=value)

    async def fills(self, user: str, values: Mapping[str, object]) -> View:
        """Fill fields of the modal that is open: label to value; returns the modal."""
        view = self.modal(user)
        for label, value in values.items():
            await self.chooses(user, label, value, within=view)
        return view

    async def submits(
        self, user: str, values: Mapping[str, object] | None = None
    ) -> Reply | None:
        """Hand in the modal that is open; None when a field is missing or wrong in itself."""
        view = await self.fills(user, values or {})
        return await self.hands.submit(find_person(self.state, user), view)

    async def closes(self, user: str, *, everything: bool = False) -> None:
        """Close the modal that is open, or all of them."""
        view = self.modal(user)
        await self.hands.close(find_person(self.state, user), view, is_cleared=everything)

    async def suggests(
        self, user: str, label: str, typed: str, *, within: Place | None = None
    ) -> list[str]:
        """Type into a menu that asks the app; returns what a person reads there."""
        person = find_person(self.state, user)
        place = within or self._place_with(person, label)
        target = find_element(place, label)
        offered = await self.hands.suggest(person, place, target, typed=typed)
        return [one["text"]["text"] for one in offered]

    async def opens_home(self, user: str, *, tab: str = "home") -> Reply | None:
        """Open the app's home tab (or `messages`)."""
        person = find_person(self.state, user)
        return await self.channels.open_home(person, tab=tab)

    async def uses_shortcut(
        self, user: str, callback_id: str, *, message: Message | None = None
    ) -> Reply:
        """Use a shortcut, on a message or from anywhere.

        Raises:
            UseError: The app has no such shortcut.
        """
        person = find_person(self.state, user)
        wanted = "global" if message is None else "message"
        if self.state.app.shortcuts.get(callback_id) != wanted:
            raise UseError(f"The app has no {wanted} shortcut {callback_id!r}")
        payload = (
            self._payloads.shortcut(person, callback_id)
            if message is None
            else self._payloads.message_shortcut(person, message, callback_id=callback_id)
        )
        reply = await self.teller.tell(Outgoing(Kind.INTERACTION, payload))
        if not reply.is_accepted:
            self.state.notify(person.id, "This shortcut did not work.")
        return reply

    def reloads(self, user: str) -> None:
        """Reload Slack: ephemeral messages and notices of that person are gone."""
        person = find_person(self.state, user)
        gone = [key for key, one in self.state.messages.items() if one.seen_by == person.id]
        for key in gone:
            del self.state.messages[key]
        self.state.notices.pop(person.id, None)
        self.state.changes.note()

    async def repeat(self, told: Told) -> Reply:
        """Tell the app once more what it was told, word for word, as Slack sometimes does."""
        return await self.teller.tell(told.outgoing)

    async def advance(self, seconds: float) -> list[Reply]:
        """Move the clock, and tell the app again what becomes due by then."""
        self.clock.advance(seconds)
        return await self.teller.retry_due()
