"""The app as Slack knows it: what its manifest asks for, and the keys it was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from toolkit.errors import UseError

APP_ID: Final = "A0000000001"

_COMMAND: Final = {"command", "description"}
_SHORTCUT: Final = {"name", "type", "callback_id", "description"}
_DESCRIPTION: Final = 2000
_SHORT_DESCRIPTION: Final = 140
_MOST_NAME: Final = 35
_ALL_SCOPES: Final = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "links:read",
    "links:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "users:read",
    "users:read.email",
)


class TokenKind(StrEnum):
    """Who a token speaks for. The value is what such a token begins with."""

    BOT = "xoxb-"
    USER = "xoxp-"
    APP = "xapp-"


@dataclass(frozen=True, slots=True)
class Token:
    """One key to the Web API.

    Args:
        kind: Who it speaks for.
        scopes: What it may do.
        user: Whose it is; empty for an app token.
        expires_at_s: Unix time; None never.
    """

    kind: TokenKind
    scopes: frozenset[str]
    user: str = ""
    expires_at_s: float | None = None


@dataclass(frozen=True, slots=True)
class SlackApp:
    """What the app is allowed and what it hears of.

    Args:
        name: Shown above its messages.
        commands: Slash commands, with the stroke.
        shortcuts: Callback id to `global` or `message`.
        shortcut_names: Callback id to what a person reads.
        scopes: Of the bot token.
        events: Bot events it subscribed to.
        unfurl_domains: Whose links it hears of.
        is_interactive: Whether clicks reach it.
        has_home: Whether it has a home tab.
        is_socket_mode: Whether it is reached through its own sockets rather than by HTTP.
        rotates_tokens: Whether bot tokens live twelve hours.
    """

    name: str = "hightonic"
    commands: tuple[str, ...] = ("/hightonic",)
    usage_hints: Mapping[str, str] = field(default_factory=dict)
    shortcuts: Mapping[str, str] = field(default_factory=dict)
    shortcut_names: Mapping[str, str] = field(default_factory=dict)
    scopes: tuple[str, ...] = _ALL_SCOPES
    events: tuple[str, ...] = (
        "app_home_opened",
        "app_mention",
        "app_uninstalled",
        "channel_archive",
        "channel_rename",
        "link_shared",
        "member_joined_channel",
        "message.channels",
        "message.groups",
        "message.im",
        "tokens_revoked",
    )
    unfurl_domains: tuple[str, ...] = ("app.gohighlevel.com", "timetonic.com")
    is_interactive: bool = True
    has_home: bool = True
    is_socket_mode: bool = True
    rotates_tokens: bool = False
    escapes_commands: bool = True

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> SlackApp:
        """The app a manifest describes.

        Args:
            manifest: As pasted into Slack's form, read from YAML or JSON.

        Raises:
            UseError: Slack would refuse the manifest; says which member.
        """
        features = _section(manifest, "features")
        settings = _section(manifest, "settings")
        display = _section(manifest, "display_information")
        oauth = _section(_section(manifest, "oauth_config"), "scopes")
        _check_length(display, "name", _MOST_NAME)
        _check_length(display, "description", _SHORT_DESCRIPTION)
        _check_length(display, "long_description", 4000)
        commands = _rows(features, "slash_commands", _COMMAND)
        for one in commands:
            _check_length(one, "description", _DESCRIPTION)
        shortcuts = _rows(features, "shortcuts", _SHORTCUT)
        home = _section(features, "app_home")
        events = _section(settings, "event_subscriptions").get("bot_events", [])
        return cls(
            name=str(display.get("name") or "app"),
            commands=tuple(str(one["command"]) for one in commands),
            usage_hints={
                str(one["command"]): str(one.get("usage_hint", "")) for one in commands
            },
            shortcuts={str(one["callback_id"]): str(one["type"]) for one in shortcuts},
            shortcut_names={str(one["callback_id"]): str(one["name"]) for one in shortcuts},
            scopes=tuple(oauth.get("bot", [])),
            events=tuple(events),
            unfurl_domains=tuple(features.get("unfurl_domains", [])),
            is_interactive=bool(_section(settings, "interactivity").get("is_enabled")),
            has_home=bool(home.get("home_tab_enabled")),
            is_socket_mode=bool(settings.get("socket_mode_enabled")),
            rotates_tokens=bool(settings.get("token_rotation_enabled")),
            escapes_commands=all(one.get("should_escape", False) for one in commands),
        )

    def hears(self, event: str) -> bool:
        """Whether the app subscribed to an event, for example `message.im`."""
        return event in self.events


def _section(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name, {})
    if not isinstance(found, Mapping):
        raise UseError(f"The manifest's {name} is no object")
    return found


def _rows(
    features: Mapping[str, Any], name: str, required: set[str]
) -> list[Mapping[str, Any]]:
    rows = features.get(name, [])
    for one in rows:
        if missing := sorted(required - set(one)):
            raise UseError(f"The manifest's {name} lacks {missing[0]}")
    return list(rows)


def _check_length(value: Mapping[str, Any], name: str, most: int) -> None:
    if len(str(value.get(name, ""))) > most:
        raise UseError(f"The manifest's {name} is longer than {most} characters")
