"""The bot's own tab of one person, gathered and published."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.settings import Settings
from bot.views import home
from bot.words import Voice
from toolkit.app.front_readings import TaskQuery
from toolkit.model.chat_people import Role, Standing

if TYPE_CHECKING:
    from bot.listening.parts import Parts
    from toolkit.model.chat_people import Person


class Board:
    """Home tabs of a workspace.

    Args:
        parts: What listeners stand on.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def publish(self, team: str, user: str) -> None:
        """Show it as it is now."""
        person = await self._parts.members.refresh(team, user)
        view = await asyncio.to_thread(self._tab, person)
        client = await self._parts.workspaces.client(team)
        await client.views_publish(user_id=user, view=view)

    def _tab(self, person: Person) -> dict[str, Any]:
        parts, role = self._parts, person.role
        voice = Voice(person.language, person.zone)
        if not person.is_linked or person.standing is not Standing.MEMBER:
            return home.tab(voice, home.HomeBoard(replace(person, owner_id="")))
        if role < Role.VIEWER:
            return home.tab(voice, home.HomeBoard(person))
        tasks, _ = parts.cards.tasks(TaskQuery(owner_id=person.owner_id))
        waiting = parts.shelf.people.waiting_approvals(person.team)
        others = tuple(each for each in waiting if each.requester != person.user)
        settings = Settings(parts.shelf.people, person.team)
        mutes = settings.mutes(parts.desk.now())
        board = home.HomeBoard(
            person,
            states=parts.cards.states(),
            tasks=tuple(tasks),
            conflicts=tuple(parts.cards.conflicts()) if role >= Role.OPERATOR else (),
            approvals=others if role >= Role.APPROVER else (),
            routes=settings.routes(),
            muted=frozenset(each.channel for each in mutes if each.scope == "all"),
        )
        return home.tab(voice, board)
