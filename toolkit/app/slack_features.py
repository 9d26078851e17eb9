"""What the bot can do, and what Slack must allow for it.

Scopes and events: api.slack.com/scopes and /events, read 2026-11. One table serves the
manifest, which asks for them, and `doctor`, which says what is off.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that works or does not.

    Attributes:
        name: As `hightonic slack manifest --with` takes it.
        gives: What people have of it, a clause.
        events: Bot events that need these scopes.
        is_usual: Asked for unless somebody wants less.
        is_needed: Nothing works without it.
    """

    name: str
    gives: str
    scopes: tuple[str, ...]
    events: tuple[str, ...] = ()
    is_usual: bool = True
    is_needed: bool = False

    def lacks(self, granted: Collection[str]) -> tuple[str, ...]:
        """Its scopes that were not granted."""
        return tuple(each for each in self.scopes if each not in granted)


FEATURES: Final = (
    Feature("commands", "/hightonic and the shortcuts", ("commands",), is_needed=True),
    Feature("messages", "answers, alerts and run cards", ("chat:write",), is_needed=True),
    Feature("people", "languages, time zones, and who is a guest", ("users:read",)),
    Feature("email", "linking people by their e-mail", ("users:read.email",)),
    Feature("direct", "alerts and results to one person", ("im:write",)),
    Feature(
        "mentions",
        "@hightonic where commands do not work",
        ("app_mentions:read",),
        ("app_mention",),
    ),
    Feature(
        "channels",
        "hearing that a channel was renamed or archived",
        ("channels:read", "groups:read"),
        ("member_joined_channel", "channel_archive", "channel_rename"),
    ),
    Feature("files", "long answers and exports as files", ("files:write",)),
    Feature(
        "links",
        "cards below links to HighLevel and TimeTonic",
        ("links:read", "links:write"),
        ("link_shared",),
        is_usual=False,
    ),
    Feature(
        "public",
        "posting in public channels without an invitation",
        ("chat:write.public",),
        is_usual=False,
    ),
    Feature(
        "chat",
        "commands written to the bot without a slash",
        ("im:history",),
        ("message.im",),
        is_usual=False,
    ),
)

ALWAYS_HEARD: Final = ("app_home_opened", "app_uninstalled", "tokens_revoked")
"""Bot events that need no scope."""


def find_feature(name: str) -> Feature | None:
    """A feature by its name."""
    return next((each for each in FEATURES if each.name == name), None)


def missing_features(granted: Collection[str]) -> list[Feature]:
    """Features that are off with these scopes, the needed ones first."""
    off = [each for each in FEATURES if each.lacks(granted)]
    return sorted(off, key=lambda each: not each.is_needed)
