"""The bot as a service of `hightonic serve`: entry-point group `hightonic.services`."""

from __future__ import annotations

import asyncio
import logging
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Final

import aiohttp

from bot.alerts.desk import AlertDesk
from bot.commands import CommandDesk
from bot.commands.deed_desk import DeedDesk
from bot.commands.desk import Sources
from bot.dispatcher import Dispatcher, Pace
from bot.dispatcher.files import Files
from bot.entry import NoService
from bot.hands import Hands
from bot.install import leave_workspace
from bot.install.doors import open_doors
from bot.line import Line
from bot.listening import Listeners, Members, Parts, build_app
from bot.workspaces import Workspaces
from toolkit.app.slack_home import SlackHome, open_slack
from toolkit.errors import HightonicError, UseError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.async_app import AsyncApp

    from bot.install.doors import EventsDoor
    from bot.install.linking import LinkAnswer, Linking
    from toolkit.app.home import Home
    from toolkit.app.host import Host
    from toolkit.model.chat_people import Person

_log = logging.getLogger(__name__)

_ALERTS_S: Final = 1.0


class SlackService:
    """Slack's line, alerts and the outbox, for as long as it runs.

    Every workspace of the app is served, also one that it is installed in meanwhile.

    Args:
        home: Where state, settings and tokens are.
        host: Runs what writes; without, the bot only looks, and opens the home by itself.
        linking: Says who people are; None where nobody is linked.
        door: Where Slack's calls arrive without Socket Mode; None in Socket Mode.
        sleep: Waits between two looks at the feed.
        pace: How fast messages go out.
    """

    def __init__(  # noqa: PLR0913 — what it stands on, and the seams that tests need
        self,
        home: Home,
        host: Host | None = None,
        *,
        linking: Linking | None = None,
        door: EventsDoor | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pace: Pace | None = None,
    ) -> None:
        self._home = home
        self._host = host
        self._linking = linking
        self._door = door
        self._hands = Hands(host) if host is not None else None
        self._sleep = sleep
        self._pace = pace
        self._open = ExitStack()
        self._session: aiohttp.ClientSession | None = None
        self._dispatcher: Dispatcher | None = None
        self._listeners: Listeners | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._line: Line | None = None

    async def start(self) -> None:
        """Begin; where Slack does not answer, go on trying beside everything else.

        Raises:
            UseError: The app token is missing.
            StateError: The state cannot be opened.
        """
        found = self._found()
        keys = found.keys.app()
        if not keys.app_token and self._door is None:
            self._open.close()
            raise UseError(
                "There is no Slack app token, which Socket Mode needs",
                unchanged="Nothing was started",
                remedy="Run `hightonic connect slack`",
            )
        self._session = aiohttp.ClientSession()
        workspaces = Workspaces(found, self._session)
        app = self._build(found, workspaces, self._session)
        if self._door is not None:
            self._door.lead_to(app)
        else:
            self._line = Line(app, keys.app_token, sleep=self._sleep)
            await self._line.open()
        if self._is_sending():
            self._send(found, workspaces)

    async def stop(self, grace_s: float) -> None:
        """Hear nothing new, finish what is under way within so many seconds."""
        if self._door is not None:
            self._door.lead_to(None)
        if self._line is not None:
            await self._line.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                if self._listeners is not None:
                    await self._listeners.drain()
                if self._dispatcher is not None:
                    self._dispatcher.stop()
                await asyncio.gather(*self._tasks[1:], return_exceptions=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
        self._open.close()

    def _found(self) -> SlackHome:
        if self._host is not None:
            return self._host.slack
        return self._open.enter_context(open_slack(self._home))

    def _is_sending(self) -> bool:
        """A process that only takes events in leaves messages to those that work."""
        return self._host is None or self._host.role != "web"

    def _build(
        self, found: SlackHome, workspaces: Workspaces, session: aiohttp.ClientSession
    ) -> AsyncApp:
        """Everything that answers; jobs that an earlier process left are taken up at once."""
        members = Members(workspaces, found.shelf.people, clock=found.clock.now)
        desk = CommandDesk(
            Sources(
                found.shelf,
                found.cards,
                found.feed,
                found.values_of,
                found.clock.now,
                found.fields,
                link=self._linker(members),
            )
        )
        if self._hands is not None and self._host is not None:
            files = Files(workspaces, session, found.shelf)
            deeds = DeedDesk(desk, self._host.desks, deliver=files.deliver)
            self._hands.begin(desk, deeds, shelf=found.shelf, session=session, members=members)
        app, self._listeners = build_app(
            Parts(
                workspaces,
                desk,
                found.shelf,
                found.cards,
                members,
                hands=self._hands,
                leave=lambda team: _leave(found, workspaces, team),
            )
        )
        return app

    def _linker(self, members: Members) -> Callable[[Person], LinkAnswer] | None:
        linking = self._linking
        if linking is None:
            return None
        return lambda person: linking.begin(person, email=members.email_of(person))

    def _send(self, found: SlackHome, workspaces: Workspaces) -> None:
        self._dispatcher = Dispatcher(found.shelf, workspaces.wire, pace=self._pace)
        alerts = AlertDesk(
            found.shelf,
            found.feed,
            values_of=found.values_of,
            clock=found.clock.now,
            teams=found.keys.teams,
        )
        self._tasks = [
            asyncio.create_task(self._tell(alerts), name="slack alerts"),
            asyncio.create_task(self._dispatcher.run(), name="slack dispatcher"),
        ]

    async def _tell(self, alerts: AlertDesk) -> None:
        while True:
            try:
                while await asyncio.to_thread(alerts.read):
                    pass
                await asyncio.to_thread(alerts.tick)
            except HightonicError as error:
                # Nothing was said and the feed stands where it stood: the next look goes on.
                _log.warning("alerts not told", extra={"error": type(error).__name__})
            await self._sleep(_ALERTS_S)


def slack_service(home: Home, host: Host) -> SlackService | NoService:
    """The service, for a home that Slack is connected to.

    Args:
        home: Where state, settings and tokens are.
        host: What the service may use; a process with the role `web` listens where Slack
            calls it, and runs nothing.
    """
    linking, door = open_doors(host)
    if host.role == "web" and door is None:
        return NoService()
    return SlackService(home, host, linking=linking, door=door)


def _leave(found: SlackHome, workspaces: Workspaces, team: str) -> None:
    workspaces.forget(team)
    leave_workspace(found.keys, found.shelf, team)
