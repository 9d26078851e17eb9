"""A workspace in the hands of a test or a page: people type, click, fill in and read.

```python
async with SlackSandbox.running() as sandbox:
    anna = "anna"
    await sandbox.workspace.types(anna, "#ops", "/hightonic contact find anna")
    assert "Anna Petit" in sandbox.workspace.reads(anna, "#ops")[-1]
```
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
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
    channels_of,
    find_channel,
    find_element,
    find_person,
    has_element,
    sees,
)
from toolkit.sandbox.slack.limits import RateLimits
from toolkit.sandbox.slack.line_http import HttpLine
from toolkit.sandbox.slack.line_socket import SocketLine
from toolkit.sandbox.slack.manifest import SlackApp
from toolkit.sandbox.slack.methods_apps import AppMethods
from toolkit.sandbox.slack.outgoing import Kind, Outgoing, Reply
from toolkit.sandbox.slack.payloads import Payloads
from toolkit.sandbox.slack.render.names import Names
from toolkit.sandbox.slack.render.plain import pings, plain_message, plain_view
from toolkit.sandbox.slack.seeding import CLIENT, SIGNING_SECRET, SlackCredentials, make_state
from toolkit.sandbox.slack.telling import Teller, Told
from toolkit.sandbox.slack.values import Channel, Json, Message, Person, View


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


class SlackWorkspace:
    """People, channels and the app between them.

    Args:
        options: How it behaves.
        clock: Its time; may be shared with other emulators.
        faults: What goes wrong in the Web API; may be shared.
        recorder: Told of every request; may be shared.

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
    ) -> None:
        chosen = options or SlackOptions()
        self.clock = clock or EmulatorClock()
        self.faults = faults or FaultPlan()
        self.recorder = recorder or Recorder()
        self.state = make_state(chosen.app, self.clock)
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
        self._payloads = Payloads(self.state)
        self._talk = Talk(self.state, self.teller, self._payloads)
        self.hands = Hands(self.state, self.teller, self._payloads)
        self.channels = Housekeeping(self.state, self._talk)

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

    # People act.

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

    # People read.

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

    # Time passes.

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

    async def advance(self, seconds: float) -> list[Reply]:
        """Move the clock, and tell the app again what becomes due by then."""
        self.clock.advance(seconds)
        return await self.teller.retry_due()

    def _person_and_channel(self, user: str, channel: str) -> tuple[Person, Channel]:
        person = find_person(self.state, user)
        return person, find_channel(self.state, person, channel)

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
