"""What was chosen for a workspace and its channels, read and kept as typed values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from bot.words import LANGUAGES, Voice
from toolkit.model.chat_alerts import Habits, Mute, Route
from toolkit.model.chat_people import ChannelRule, Role

if TYPE_CHECKING:
    from datetime import datetime

    from toolkit.app.slack_memory import SlackPeople

_ROUTES: TypeAdapter[tuple[Route, ...]] = TypeAdapter(tuple[Route, ...])
_MUTES: TypeAdapter[tuple[Mute, ...]] = TypeAdapter(tuple[Mute, ...])
_HABITS: TypeAdapter[Habits] = TypeAdapter(Habits)
_RULE: TypeAdapter[ChannelRule] = TypeAdapter(ChannelRule)
_TEAM: Final = ""
"""Scope of what holds for a whole workspace."""


class Settings:
    """A workspace's choices.

    Args:
        people: Where they are kept.
        team: The workspace.
    """

    def __init__(self, people: SlackPeople, team: str) -> None:
        self._people = people
        self._team = team

    def routes(self) -> tuple[Route, ...]:
        """Rules of all channels, by name."""
        found = self._people.get_setting(self._team, _TEAM, "routes")
        return () if found is None else _ROUTES.validate_python(found)

    def put_route(self, route: Route) -> None:
        """Add a rule, in the place of one with the same name."""
        kept = [each for each in self.routes() if each.name != route.name]
        self._put_routes(tuple(sorted([*kept, route], key=lambda each: each.name)))

    def remove_route(self, name: str) -> bool:
        """Take a rule away; False where there is none."""
        routes = self.routes()
        kept = tuple(each for each in routes if each.name != name)
        self._put_routes(kept)
        return len(kept) < len(routes)

    def mutes(self, now: datetime) -> tuple[Mute, ...]:
        """Silences in force."""
        found = self._people.get_setting(self._team, _TEAM, "mutes")
        every = () if found is None else _MUTES.validate_python(found)
        return tuple(each for each in every if each.until > now)

    def put_mute(self, mute: Mute, now: datetime) -> None:
        """Begin a silence, in the place of one of the same scope."""
        kept = [each for each in self.mutes(now) if _place(each) != _place(mute)]
        self._put_mutes((*kept, mute))

    def end_mute(self, scope: str, *, channel: str, now: datetime) -> bool:
        """End a silence; False where there is none."""
        before = self.mutes(now)
        kept = tuple(
            each for each in before if each.scope != scope or each.channel not in {"", channel}
        )
        self._put_mutes(kept)
        return len(kept) < len(before)

    def habits(self, channel: str) -> Habits:
        """How a channel wants its alerts; the usual where nothing was chosen."""
        found = self._people.get_setting(self._team, channel, "habits")
        return Habits() if found is None else _HABITS.validate_python(found)

    def put_habits(self, channel: str, habits: Habits) -> None:
        """Choose a channel's habits."""
        value = _HABITS.dump_python(habits, mode="json")
        self._people.put_setting(self._team, channel, "habits", value=value)

    def channel_rule(self, channel: str) -> ChannelRule | None:
        """What a channel takes away; None for nothing."""
        found = self._people.get_setting(self._team, channel, "rule")
        return None if found is None else _RULE.validate_python(found)

    def limit_channel(self, channel: str, ceiling: Role) -> None:
        """Nobody may do more in a channel than this role may."""
        rule = self.channel_rule(channel) or ChannelRule(self._team, channel)
        value = _RULE.dump_python(replace(rule, ceiling=ceiling), mode="json")
        self._people.put_setting(self._team, channel, "rule", value=value)

    def aliases(self) -> dict[str, str]:
        """The workspace's own short forms."""
        found = self._people.get_setting(self._team, _TEAM, "aliases")
        return dict(found or {})

    def put_alias(self, name: str, meaning: str) -> None:
        """Make a short form; an empty meaning takes it away."""
        kept = {key: text for key, text in self.aliases().items() if key != name.lower()}
        added = {name.lower(): meaning} if meaning else {}
        self._people.put_setting(self._team, _TEAM, "aliases", value={**kept, **added})

    def voice(self, channel: str) -> Voice:
        """A channel's language and zone."""
        language = self._people.get_setting(self._team, channel, "language")
        known = language if language in LANGUAGES else LANGUAGES[0]
        return Voice(known, self.habits(channel).zone)

    @property
    def default_channel(self) -> str:
        """Where messages go whose channel takes none; empty where nobody chose one."""
        return str(self._people.get_setting(self._team, _TEAM, "default_channel") or "")

    def put_default_channel(self, channel: str) -> None:
        """Choose where they go."""
        self._people.put_setting(self._team, _TEAM, "default_channel", value=channel)

    @property
    def installer(self) -> str:
        """Who is told about a channel that takes nothing; empty where nobody is known.

        Who installed the app, else the first administrator.
        """
        known = self._people.get_setting(self._team, _TEAM, "installer")
        people = self._people.list_people(self._team) if not known else []
        admins = (each.user for each in people if each.role is Role.ADMIN and each.is_linked)
        return str(known or next(admins, ""))

    def put_installer(self, user: str) -> None:
        """Remember who installed the app."""
        self._people.put_setting(self._team, _TEAM, "installer", value=user)

    def _put_routes(self, routes: tuple[Route, ...]) -> None:
        # Sets have no order of their own, and equal choices should be stored as equal text.
        value = [
            {
                key: sorted(each) if isinstance(each, list) and key != "where" else each
                for key, each in body.items()
            }
            for body in _ROUTES.dump_python(routes, mode="json")
        ]
        self._people.put_setting(self._team, _TEAM, "routes", value=value)

    def _put_mutes(self, mutes: tuple[Mute, ...]) -> None:
        value = _MUTES.dump_python(mutes, mode="json")
        self._people.put_setting(self._team, _TEAM, "mutes", value=value)


def _place(mute: Mute) -> tuple[str, str]:
    return mute.scope, mute.channel
