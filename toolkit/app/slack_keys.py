"""Slack's keys: the app's own, and one installation a workspace. All in the vault, sealed."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from toolkit.app.oauth_access import RefreshTurn
from toolkit.app.slack_calls import SLACK_URL, SlackCaller
from toolkit.app.slack_tickets import Tickets
from toolkit.errors import CredentialsError, VendorError

if TYPE_CHECKING:
    from toolkit.engine.port import Clock
    from toolkit.store import Store, Vault

_log = logging.getLogger(__name__)

SERVICE: Final = "service.slack"
"""Under this name the vault, and the store's memos, keep what is Slack's."""
_APP: Final = "app"
_TEAM: Final = "team."
# Bot tokens that rotate live twelve hours (vendor docs, read 2026-11): renewed in the last one.
_RENEWED_BEFORE: Final = timedelta(hours=1)
_UNCHANGED: Final = "Nothing was sent"
_REMEDY: Final = "Run `hightonic connect slack`, or install the app there again"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppKeys:
    """What belongs to the app, whichever workspace it is in; empty where it was not given.

    Attributes:
        app_token: For Socket Mode.
        signing_secret: For HTTP.
        client_id: With its secret, for people who install the app by themselves.
        base_url: Of Slack's Web API, ending in `/api/`.
        public_url: Where people, and Slack, reach `hightonic serve`.
    """

    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    base_url: str = SLACK_URL
    public_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The app in one workspace.

    Attributes:
        team: The workspace's id.
        enterprise: Of the organisation the workspace belongs to; often empty.
        installer: Member who installed it; told where nothing else works.
        expires_at: End of the bot token; None where it has none.
    """

    team: str
    bot_token: str = field(repr=False)
    team_name: str = ""
    enterprise: str = ""
    app_id: str = ""
    bot_id: str = ""
    bot_user: str = ""
    scopes: tuple[str, ...] = ()
    installer: str = ""
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None
    installed_at: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether its token should be renewed before it is used."""
        return self.expires_at is not None and now >= self.expires_at - _RENEWED_BEFORE


_KEYS: TypeAdapter[AppKeys] = TypeAdapter(AppKeys)
_INSTALLATION: TypeAdapter[Installation] = TypeAdapter(Installation)


class SlackKeys:
    """Keys of the Slack service of a home. Synchronous but for `token`; safe from any thread.

    Args:
        store: Of the home.
        vault: Of the home.
        clock: Time.

    Attributes:
        tickets: Short-lived, single-use: OAuth states and linking pages.
    """

    def __init__(self, store: Store, vault: Vault, *, clock: Clock) -> None:
        self.tickets = Tickets(store, SERVICE)
        self._vault = vault
        self._clock = clock
        self._turn = RefreshTurn(store.connection(SERVICE), clock=clock)

    def app(self) -> AppKeys:
        """The app's keys; all empty before anything was connected."""
        text = self._vault.get(SERVICE, _APP)
        return AppKeys() if text is None else _KEYS.validate_json(text)

    def put_app(self, keys: AppKeys) -> None:
        """Keep the app's keys, in the place of those before."""
        self._vault.put(SERVICE, _APP, _KEYS.dump_json(keys).decode())

    def teams(self) -> list[str]:
        """Workspaces that the app is installed in, sorted."""
        names = self._vault.names(SERVICE)
        return [name.removeprefix(_TEAM) for name in names if name.startswith(_TEAM)]

    def find(self, team: str) -> Installation | None:
        """An installation; None for a workspace that has none, or no more."""
        text = self._vault.get(SERVICE, _TEAM + team)
        return None if text is None else _INSTALLATION.validate_json(text)

    def put(self, installation: Installation) -> None:
        """Keep an installation, in the place of the one before."""
        text = _INSTALLATION.dump_json(installation).decode()
        self._vault.put(SERVICE, _TEAM + installation.team, text)

    def forget(self, team: str) -> None:
        """Drop a workspace's tokens; one that has none is forgotten already."""
        self._vault.delete(SERVICE, _TEAM + team)

    async def token(self, team: str) -> str:
        """A workspace's bot token, renewed where it is about to end.

        A refresh token is good once: of many callers, in any process, one renews and the
        others are given what it got.

        Raises:
            CredentialsError: There is none, or it has ended and Slack does not renew it.
            VendorError: It has ended, and Slack cannot be reached or gives no answer.
            StateBusyError: Another process renews for longer than that takes.
        """
        held = await asyncio.to_thread(self._required, team)
        if not held.is_due(self._clock.now()):
            return held.bot_token
        async with self._turn():
            held = await asyncio.to_thread(self._required, team)
            if held.is_due(self._clock.now()):
                held = await self._renewed_in_time(held)
        return held.bot_token

    async def _renewed_in_time(self, held: Installation) -> Installation:
        """Renewed, or as it is while it has not ended: the next caller tries again."""
        try:
            return await self._renewed(held)
        except VendorError as error:
            if held.expires_at is None or self._clock.now() >= held.expires_at:
                raise
            told = {"team": held.team, "error": type(error).__name__}
            _log.warning("slack token not renewed", extra=told)
            return held

    async def _renewed(self, held: Installation) -> Installation:
        app = await asyncio.to_thread(self.app)
        async with SlackCaller(base_url=app.base_url) as caller:
            answer = await caller.call(
                "oauth.v2.access",
                {
                    "client_id": app.client_id,
                    "client_secret": app.client_secret,
                    "grant_type": "refresh_token",
                    "refresh_token": held.refresh_token,
                },
            )
        fresh = replace(
            held,
            bot_token=str(answer.body["access_token"]),
            refresh_token=str(answer.body.get("refresh_token") or held.refresh_token),
            expires_at=self.ends_at(answer.body.get("expires_in")),
        )
        await asyncio.to_thread(self.put, fresh)
        return fresh

    def ends_at(self, seconds: object) -> datetime | None:
        """When a token that lives so long ends; None for one that does not say."""
        if not isinstance(seconds, int):
            return None
        return self._clock.now() + timedelta(seconds=seconds)

    def _required(self, team: str) -> Installation:
        held = self.find(team)
        if held is None:
            raise CredentialsError(
                f"The app is not installed in the workspace {team}",
                system="slack",
                unchanged=_UNCHANGED,
                remedy=_REMEDY,
            )
        return held
