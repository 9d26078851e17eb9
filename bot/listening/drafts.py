"""What a form was opened for, kept by us: a name is all of it that travels."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from toolkit.app.slack_memory import SlackPeople

Where: TypeAlias = dict[str, str]

_DRAFT: Final = "draft"
_LATELY: Final = 20
"""Drafts kept for one person; an older form is asked to be opened again."""


class Drafts:
    """Drafts of everybody. Synchronous.

    Args:
        people: Where they are kept.
    """

    def __init__(self, people: SlackPeople) -> None:
        self._people = people

    def keep(self, team: str, user: str, where: Mapping[str, str]) -> str:
        """The name under which only this person finds it again."""
        token = secrets.token_urlsafe(12)
        kept: dict[str, Any] = self._people.get_setting(team, user, _DRAFT) or {}
        latest = dict([*kept.items(), (token, dict(where))][-_LATELY:])
        self._people.put_setting(team, user, _DRAFT, value=latest)
        return token

    def find(self, team: str, user: str, token: str) -> Where | None:
        """What a form of this person's was opened for; None for a forged or old name.

        Raises:
            StateError: It cannot be read.
        """
        kept: dict[str, Where] = self._people.get_setting(team, user, _DRAFT) or {}
        return kept.get(token)
