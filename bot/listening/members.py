"""Who somebody is to the workspace, as Slack says it now.

Guests and people of other companies look like members in a command's payload, so they are
looked up. While Slack does not answer, what it said within the last day counts; of whom it
has said nothing is treated as a stranger.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import available_timezones

import aiohttp
from slack_sdk.errors import SlackClientError

from bot.words import LANGUAGES
from toolkit.errors import HightonicError
from toolkit.model.chat_people import Person, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.workspaces import Workspaces
    from toolkit.app.slack_memory import SlackPeople

_FRESH: Final = timedelta(hours=1)
_LAST_KNOWN: Final = timedelta(days=1)
_SEEN: Final = "looked_up_at"
_TIMEOUT_S: Final = 5.0


class Members:
    """Keeps what is known of people up to date.

    Args:
        workspaces: Where the app is installed, with the scope `users:read`.
        people: Where they are kept.
        clock: Now, aware.
    """

    def __init__(
        self, workspaces: Workspaces, people: SlackPeople, *, clock: Callable[[], datetime]
    ) -> None:
        self._workspaces = workspaces
        self._people = people
        self._clock = clock
        self._looked_at: dict[tuple[str, str], datetime] = {}
        # Needed for linking alone, so it is kept nowhere else.
        self._emails: dict[tuple[str, str], str] = {}

    async def refresh(self, team: str, user: str) -> Person:
        """A person as they are; looked up once an hour. What was chosen here stays."""
        known = await asyncio.to_thread(self._people.find_person, team, user)
        looked_at = self._looked_at.get((team, user))
        now = self._clock()
        if known is not None and looked_at is not None and now - looked_at < _FRESH:
            return known
        found = await self._look_up(team, user)
        if found is None:
            return await asyncio.to_thread(self._as_last_known, known, team, user)
        person = _merged(known, found, team, user)
        await asyncio.to_thread(self._keep, person, known)
        self._looked_at[team, user] = now
        self._emails[team, user] = _email(found)
        return person

    def _keep(self, person: Person, known: Person | None) -> None:
        if person != known:
            self._people.put_person(person)
        now = self._clock().isoformat()
        self._people.put_setting(person.team, person.user, _SEEN, value=now)

    def _as_last_known(self, known: Person | None, team: str, user: str) -> Person:
        """Decisions are taken by what is stored, so a standing that is too old is stored too."""
        seen_at = self._people.get_setting(team, user, _SEEN)
        is_late = (
            seen_at is None or self._clock() - datetime.fromisoformat(seen_at) > _LAST_KNOWN
        )
        if known is not None and not is_late:
            return known
        person = replace(known or Person(team, user), standing=Standing.UNKNOWN)
        self._people.put_person(person)
        return person

    def email_of(self, person: Person) -> str:
        """The address Slack vouches for, as looked up last; empty where it tells none."""
        return self._emails.get((person.team, person.user), "")

    async def _look_up(self, team: str, user: str) -> Mapping[str, Any] | None:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                if not await self._workspaces.has(team):
                    # In a shared channel somebody's own workspace may be one that is not ours.
                    return {"is_stranger": True}
                client = await self._workspaces.client(team)
                answer = await client.users_info(user=user, include_locale=True)
        except (SlackClientError, HightonicError, aiohttp.ClientError, TimeoutError):
            return None
        found = answer.get("user")
        return found if isinstance(found, dict) else None


def standing_of(member: Mapping[str, Any], team: str) -> Standing:
    """What a member is to a workspace; the least trusted thing that is true of them.

    Args:
        member: `user` of `users.info`.
        team: The workspace that asks.
    """
    if member.get("deleted"):
        return Standing.GONE
    if member.get("is_bot") or member.get("id") == "USLACKBOT":
        return Standing.BOT
    if member.get("is_stranger") or member.get("team_id", team) != team:
        return Standing.EXTERNAL
    if member.get("is_restricted") or member.get("is_ultra_restricted"):
        return Standing.GUEST
    return Standing.MEMBER


def _email(member: Mapping[str, Any]) -> str:
    """Nobody is taken at an address that they did not confirm."""
    if member.get("is_email_confirmed") is False:
        return ""
    return str((member.get("profile") or {}).get("email") or "")


def _merged(known: Person | None, found: Mapping[str, Any], team: str, user: str) -> Person:
    standing = standing_of(found, team)
    if known is not None:
        return replace(known, standing=standing)
    zone = str(found.get("tz") or "UTC")
    language = str(found.get("locale") or "en")[:2]
    return Person(
        team,
        user,
        standing=standing,
        language=language if language in LANGUAGES else LANGUAGES[0],
        zone=zone if zone in available_timezones() else "UTC",
    )
