"""Workspaces and the people in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

OTHER_TEAM: Final = "T0000000099"


@dataclass(frozen=True, slots=True)
class Team:
    """One workspace among those that installed the app.

    Args:
        number: From 1; written into every id, so that no two workspaces share one.
        name: As people call it.
        domain: First part of its address.
    """

    number: int = 1
    name: str = "Sandbox"
    domain: str = "sandbox"

    @property
    def id(self) -> str:
        """`T0000000001` and so on."""
        return f"T{self.number:010d}"

    @property
    def bot_user(self) -> str:
        """The user that the app's bot is here."""
        return f"U{self.number - 1}0000000BOT"

    @property
    def bot_id(self) -> str:
        """The bot itself, as messages name it."""
        return self.write_id("B", 1)

    def write_id(self, prefix: str, number: int) -> str:
        """An id of this workspace, for example `C0000000002`."""
        return f"{prefix}{self.number - 1}{number:09d}"


class Standing(StrEnum):
    """What a person is in the workspace. `EXTERNAL` belongs to another one (Slack Connect)."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"
    EXTERNAL = "external"
    BOT = "bot"


@dataclass(slots=True)
class Person:
    """Somebody who types and clicks, or a bot.

    Args:
        id: `U...`.
        name: The short name, without `@`.
        real_name: As shown above messages.
        email: Empty for bots.
        standing: What they may see and be.
        tz: IANA name.
        tz_offset_s: Seconds east of UTC.
        locale: BCP 47, for example `en-US`.
    """

    id: str
    name: str
    real_name: str
    email: str = ""
    standing: Standing = Standing.MEMBER
    tz: str = "Europe/Paris"
    tz_offset_s: int = 3600
    locale: str = "en-US"
    is_deleted: bool = False
    home_team: str = Team().id

    @property
    def team_id(self) -> str:
        """The workspace they belong to."""
        return OTHER_TEAM if self.standing is Standing.EXTERNAL else self.home_team

    def to_json(self, *, with_email: bool, with_locale: bool) -> dict[str, Any]:
        """The user object of `users.info`."""
        profile: dict[str, Any] = {
            "real_name": self.real_name,
            "display_name": self.name,
            "title": "",
            "phone": "",
            "team": self.team_id,
        }
        if with_email and self.email:
            profile["email"] = self.email
        standing = self.standing
        user: dict[str, Any] = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.is_deleted,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": self.tz_offset_s,
            "profile": profile,
            "is_bot": standing is Standing.BOT,
            "is_app_user": False,
            "updated": 1_700_000_000,
        }
        if standing is Standing.EXTERNAL:
            user["is_stranger"] = True
        else:
            user |= {
                "is_admin": standing in {Standing.OWNER, Standing.ADMIN},
                "is_owner": standing is Standing.OWNER,
                "is_primary_owner": False,
                "is_restricted": standing is Standing.GUEST,
                "is_ultra_restricted": False,
            }
        if with_locale:
            user["locale"] = self.locale
        return user
