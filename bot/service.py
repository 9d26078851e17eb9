"""The bot as a service of `hightonic serve`: entry-point group `hightonic.services`."""

from __future__ import annotations

import asyncio
import logging
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Final

import aiohttp
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.alerts.desk import AlertDesk
from bot.commands import CommandDesk
from bot.commands.deed_desk import DeedDesk
from bot.commands.desk import Sources
from bot.dispatcher import Dispatcher, Pace, SlackWire
from bot.entry import NoService
from bot.hands import Hands
from bot.install import leave_workspace
from bot.install.doors import open_doors
from bot.listening import Listeners, Members, Parts, build_app
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
_FIRST_WAIT_S: Final = 5.0
_LONGEST_WAIT_S: Final = 300.0


class SlackService:
    """Socket Mode, alerts and the outbox, for as long as it runs.

    Without a bot token it does nothing: not everybody who serves has a Slack.

    Args:
        home: Where state, settings and tokens are.
        host: Runs what writes; without, the bot only looks.
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
        self._handler: AsyncSocketModeHandler | None = None
        self._dispatcher: Dispatcher | None = None
        self._listeners: Listeners | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._joining: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect and begin; where Slack does not answer, go on trying beside everything else.

        Raises:
            UseError: The app token is missing.
            StateError: The state cannot be opened.
        """
        found = self._open.enter_context(open_slack(self._home))
        if not found.tokens.bot_token:
            self._open.close()
            return
        if not found.tokens.app_token and self._door is None:
            self._open.close()
            raise UseError(
                "There is no Slack app token, which Socket Mode needs",
                unchanged="Nothing was started",
                remedy="Run `hightonic connect slack`, or set HIGHTONIC_SLACK_APP_TOKEN",
            )
        self._session = aiohttp.ClientSession()
        client = AsyncWebClient(
            token=found.tokens.bot_token,
            base_url=found.tokens.base_url or AsyncWebClient.BASE_URL,
            session=self._session,
            retry_handlers=[],
        )
        if not await self._join(found, client):
            self._joining = asyncio.create_task(self._join_later(found, client))

    async def _join(self, found: SlackHome, client: AsyncWebClient) -> bool:
        """Whether Slack let us in. The sync must not stand still because it does not."""
        try:
            team = await self._connect(found, client)
        except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            _log.error(
                "slack not connected",
                extra={"error": type(error).__name__, "remedy": "hightonic doctor"},
            )
            return False
        self._work(found, team)
        return True

    async def _join_later(self, found: SlackHome, client: AsyncWebClient) -> None:
        wait_s = _FIRST_WAIT_S
        while True:
            await self._sleep(wait_s)
            if await self._join(found, client):
                return
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    async def stop(self, grace_s: float) -> None:
        """Hear nothing new, finish what is under way within so many seconds."""
        if self._joining is not None:
            self._joining.cancel()
            await asyncio.gather(self._joining, return_exceptions=True)
        if self._door is not None:
            self._door.lead_to(None)
        if self._handler is not None:
            await self._handler.close_async()  # type: ignore[no-untyped-call]
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
        await self._let_go()

    async def _connect(self, found: SlackHome, client: AsyncWebClient) -> str:
        told = await client.auth_test()
        members = Members(client, found.shelf.people, clock=found.clock)
        desk = CommandDesk(
            Sources(
                found.shelf,
                found.cards,
                found.feed,
                found.values_of,
                found.clock,
                found.fields,
                link=self._linker(members),
            )
        )
        self._take_up(desk, found, members)
        parts = Parts(
            client,
            desk,
            found.shelf,
            found.cards,
            members,
            found.tokens.bot_token,
            hands=self._hands,
            leave=self._leave,
        )
        app, self._listeners = build_app(parts)
        await self._listen(app, client, found.tokens.app_token)
        return str(told["team_id"])

    async def _listen(self, app: AsyncApp, client: AsyncWebClient, app_token: str) -> None:
        if not app_token and self._door is not None:
            self._door.lead_to(app)
            return
        self._handler = AsyncSocketModeHandler(app, app_token, web_client=client)
        await self._handler.connect_async()  # type: ignore[no-untyped-call]

    def _linker(self, members: Members) -> Callable[[Person], LinkAnswer] | None:
        linking = self._linking
        if linking is None:
            return None
        return lambda person: linking.begin(person, email=members.email_of(person))

    def _leave(self, team: str) -> None:
        if self._host is not None:
            leave_workspace(self._host.slack, self._host.memory, team)

    def _take_up(self, desk: CommandDesk, found: SlackHome, members: Members) -> None:
        """Lines that write are worked on from now on, those an earlier process left first."""
        if self._hands is None or self._host is None or self._session is None:
            return
        deeds = DeedDesk(desk, self._host.desks)
        self._hands.begin(
            desk, deeds, shelf=found.shelf, session=self._session, members=members
        )

    def _work(self, found: SlackHome, team: str) -> None:
        base_url = found.tokens.base_url or None
        wire = SlackWire(found.tokens.bot_token, base_url=base_url, session=self._session)
        self._dispatcher = Dispatcher(found.shelf, {team: wire}, pace=self._pace)
        alerts = AlertDesk(
            found.shelf, found.feed, values_of=found.values_of, clock=found.clock
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

    async def _let_go(self) -> None:
        if self._session is not None:
            await self._session.close()
        self._open.close()


def slack_service(
    home: Home, options: object, host: Host | None = None
) -> SlackService | NoService:
    """What the entry point `slack` of `hightonic.services` names.

    Args:
        home: Where state, settings and tokens are.
        options: Of `hightonic serve`; a process with the role `web` runs no bot.
        host: What the service may use.
    """
    linking, door = open_doors(host) if host is not None else (None, None)
    is_web = getattr(options, "role", "all") == "web"
    # Looking for jobs ten times a second costs the webhooks of those who have no Slack.
    if is_web or not _has_slack(home):
        return NoService()
    return SlackService(home, host, linking=linking, door=door)


def _has_slack(home: Home) -> bool:
    with open_slack(home) as found:
        return bool(found.tokens.bot_token)
