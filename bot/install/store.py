"""slack-bolt's stores over ours: tokens sealed in the vault, states good once.

Bolt's own store keeps tokens in the clear and a row for every save; here a workspace has one
installation, and reading it gives a token that is still good.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.installation_store import Installation as BoltInstallation
from slack_sdk.oauth.installation_store.async_installation_store import (
    AsyncInstallationStore,
)
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.settings import Settings
from toolkit.app.slack_keys import Installation
from toolkit.errors import CredentialsError

if TYPE_CHECKING:
    from toolkit.app.slack_keys import SlackKeys
    from toolkit.app.slack_memory import SlackShelf

_log = logging.getLogger(__name__)
_PURPOSE: Final = "install"


class StateStore(AsyncOAuthStateStore):
    """States of installations under way: ten minutes, once, for every process of the home."""

    def __init__(self, keys: SlackKeys) -> None:
        self._tickets = keys.tickets

    @property
    def logger(self) -> logging.Logger:
        """Of this module."""
        return _log

    async def async_issue(self, *_args: Any, **_kwargs: Any) -> str:  # noqa: ANN401 — bolt's own
        """A new state."""
        return await asyncio.to_thread(self._tickets.give, _PURPOSE, {})

    async def async_consume(self, state: str) -> bool:
        """Whether it is ours and still good; only the first to ask is told so."""
        return await asyncio.to_thread(self._tickets.take, _PURPOSE, state or "") is not None


class VaultInstallations(AsyncInstallationStore):
    """Installations by workspace; bot tokens only, as we ask for no others.

    Args:
        keys: Where they are kept.
        shelf: What else is known of a workspace, forgotten with it.
    """

    def __init__(self, keys: SlackKeys, shelf: SlackShelf) -> None:
        self._keys = keys
        self._shelf = shelf

    @property
    def logger(self) -> logging.Logger:
        """Of this module."""
        return _log

    async def async_save(self, installation: BoltInstallation) -> None:
        """Keep an installation in place of the workspace's former one."""
        kept = _ours(installation.to_bot(), installer=installation.user_id or "")
        await asyncio.to_thread(self._keys.put, kept)
        if kept.installer:
            settings = Settings(self._shelf.people, kept.team)
            await asyncio.to_thread(settings.put_installer, kept.installer)
        _log.info("slack installed", extra={"team": kept.team})

    async def async_save_bot(self, bot: Bot) -> None:
        """Keep a bot's tokens; who installed it stays known."""
        former = await asyncio.to_thread(self._keys.find, bot.team_id or "")
        kept = _ours(bot, installer=former.installer if former else "")
        await asyncio.to_thread(self._keys.put, kept)

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,  # noqa: ARG002 — a workspace's id is unique by itself
        team_id: str | None,
        is_enterprise_install: bool | None = False,  # noqa: ARG002 — bolt's own
    ) -> Bot | None:
        """A workspace's bot with a token that is still good; None where it is not installed.

        Raises:
            VendorError: The token has to be renewed and Slack cannot be reached.
        """
        found = await self._find(team_id)
        return None if found is None else Bot(**_theirs(found))

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,  # noqa: ARG002 — as above
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,  # noqa: ARG002 — bolt's own
    ) -> BoltInstallation | None:
        """The same; of one person only where that person installed it."""
        found = await self._find(team_id)
        if found is None or (user_id is not None and user_id != found.installer):
            return None
        return BoltInstallation(user_id=found.installer, **_theirs(found))

    async def async_delete_bot(
        self,
        *,
        enterprise_id: str | None,  # noqa: ARG002 — as above
        team_id: str | None,
    ) -> None:
        """Forget a workspace's tokens."""
        await asyncio.to_thread(self._keys.forget, team_id or "")

    async def async_delete_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
    ) -> None:
        """Forget the tokens; those of one person are none of ours."""
        if user_id is None:
            await self.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    async def async_delete_all(
        self,
        *,
        enterprise_id: str | None,  # noqa: ARG002 — as above
        team_id: str | None,
    ) -> None:
        """Forget tokens, people and choices of a workspace that removed us."""
        await asyncio.to_thread(leave_workspace, self._keys, self._shelf, team_id or "")

    async def _find(self, team: str | None) -> Installation | None:
        if not team:
            return None
        try:
            token = await self._keys.token(team)
        except CredentialsError:
            return None  # never installed, removed, or no longer renewed: bolt says so
        found = await asyncio.to_thread(self._keys.find, team)
        return None if found is None else replace(found, bot_token=token)


def leave_workspace(keys: SlackKeys, shelf: SlackShelf, team: str) -> None:
    """A workspace removed the app (`app_uninstalled`, `tokens_revoked`): forget it.

    Tokens, people and choices go; the audit stays, as its chain holds only whole. A second
    call finds nothing to do.
    """
    keys.forget(team)
    shelf.people.forget_team(team)
    _log.info("slack left", extra={"team": team})


def _ours(bot: Bot, *, installer: str) -> Installation:
    ends = bot.bot_token_expires_at
    return Installation(
        team=bot.team_id or "",
        team_name=bot.team_name or "",
        enterprise=bot.enterprise_id or "",
        app_id=bot.app_id or "",
        bot_id=bot.bot_id or "",
        bot_user=bot.bot_user_id or "",
        bot_token=bot.bot_token,
        scopes=tuple(bot.bot_scopes or ()),
        installer=installer,
        refresh_token=bot.bot_refresh_token or "",
        expires_at=datetime.fromtimestamp(ends, UTC) if ends else None,
        installed_at=datetime.fromtimestamp(bot.installed_at, UTC),
    )


def _theirs(kept: Installation) -> dict[str, Any]:
    return {
        "app_id": kept.app_id,
        "enterprise_id": kept.enterprise or None,
        "team_id": kept.team,
        "team_name": kept.team_name,
        "bot_token": kept.bot_token,
        "bot_id": kept.bot_id,
        "bot_user_id": kept.bot_user,
        "bot_scopes": list(kept.scopes),
        # Bolt would renew by itself, in every process at once: it is told of no refresh token.
        "installed_at": kept.installed_at.timestamp() if kept.installed_at else 0.0,
    }
