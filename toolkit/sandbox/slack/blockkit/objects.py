"""Composition objects: text, options, confirmations, filters.

Limits: Slack's Block Kit reference and the types it publishes (`@slack/types` 3.2, slack-sdk
3.47), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from toolkit.sandbox.slack.blockkit.shapes import (
    ByType,
    Fields,
    Flag,
    Issue,
    Items,
    Shape,
    Str,
    below,
)

ID_CHARACTERS: Final = 255
URL_CHARACTERS: Final = 3000
MOST_OPTIONS: Final = 100
_OPTION_TEXT: Final = 75
_OPTION_VALUE: Final = 150
_CONFIRM_TITLE: Final = 100
_CONFIRM_TEXT: Final = 300
_CONFIRM_BUTTON: Final = 30
_MOST_TEXT: Final = 3000


def plain(most: int = _MOST_TEXT, *, least: int = 1) -> Shape:
    """A `plain_text` object with text of `least` to `most` characters."""
    text = Str(most=most, least=least)
    return ByType({"plain_text": Fields({"type": Str(), "text": text}, {"emoji": Flag()})})


def text(most: int = _MOST_TEXT) -> Shape:
    """A `plain_text` or `mrkdwn` object with text of 1 to `most` characters."""
    words = Str(most=most, least=1)
    return ByType(
        {
            "plain_text": Fields({"type": Str(), "text": words}, {"emoji": Flag()}),
            "mrkdwn": Fields({"type": Str(), "text": words}, {"verbatim": Flag()}),
        }
    )


ACTION_ID: Final = Str(most=ID_CHARACTERS, least=1)
BLOCK_ID: Final = Str(most=ID_CHARACTERS)
URL: Final = Str(most=URL_CHARACTERS, least=1, pattern=r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
STYLE: Final = Str(choices=("primary", "danger"))
PLACEHOLDER: Final = plain(150)

CONFIRM: Final = Fields(
    {"title": plain(_CONFIRM_TITLE), "text": text(_CONFIRM_TEXT)},
    {"confirm": plain(_CONFIRM_BUTTON), "deny": plain(_CONFIRM_BUTTON), "style": STYLE},
)
DISPATCH_CONFIG: Final = Fields(
    {},
    {
        "trigger_actions_on": Items(
            Str(choices=("on_enter_pressed", "on_character_entered")), most=2
        )
    },
)
CONVERSATION_FILTER: Final = Fields(
    {},
    {
        "include": Items(Str(choices=("im", "mpim", "private", "public"))),
        "exclude_external_shared_channels": Flag(),
        "exclude_bot_users": Flag(),
    },
)

# Menus take plain text; radio buttons and checkboxes take mrkdwn too.
MENU_OPTION: Final = Fields(
    {"text": plain(_OPTION_TEXT), "value": Str(most=_OPTION_VALUE, least=1)},
    {"description": plain(_OPTION_TEXT)},
)
CHOICE_OPTION: Final = Fields(
    {"text": text(_OPTION_TEXT), "value": Str(most=_OPTION_VALUE, least=1)},
    {"description": text(_OPTION_TEXT)},
)
OVERFLOW_OPTION: Final = Fields(
    {"text": plain(_OPTION_TEXT), "value": Str(most=_OPTION_VALUE, least=1)},
    {"description": plain(_OPTION_TEXT), "url": URL},
)
OPTION_GROUP: Final = Fields(
    {
        "label": plain(_OPTION_TEXT),
        "options": Items(MENU_OPTION, least=0, most=MOST_OPTIONS),
    }
)
OPTIONS: Final = Items(MENU_OPTION, most=MOST_OPTIONS)
OPTION_GROUPS: Final = Items(OPTION_GROUP, most=MOST_OPTIONS)

_SLACK_FILE: Final = Fields({}, {"id": Str(least=1), "url": URL})


def _one_source(value: Mapping[str, Any], at: str) -> Iterator[Issue]:
    if ("image_url" in value) == ("slack_file" in value):
        yield Issue(at, "must provide exactly one of: image_url, slack_file")


def image(**more: Shape) -> Fields:
    """An image, as an element or, with a title, as a block."""
    return Fields(
        {"alt_text": Str(most=2000, least=1)},
        {"image_url": URL, "slack_file": _SLACK_FILE, **more},
        (_one_source,),
    )


@dataclass(frozen=True, slots=True)
class OneOf:
    """A rule: exactly one of these members is there."""

    names: tuple[str, ...]

    def __call__(self, value: Mapping[str, Any], at: str) -> Iterator[Issue]:
        """What is wrong with the object as a whole."""
        if sum(value.get(name) is not None for name in self.names) != 1:
            yield Issue(at, f"must provide exactly one of: {', '.join(self.names)}")


@dataclass(frozen=True, slots=True)
class SomeOf:
    """A rule: at least one of these members is there."""

    names: tuple[str, ...]

    def __call__(self, value: Mapping[str, Any], at: str) -> Iterator[Issue]:
        """What is wrong with the object as a whole."""
        if all(value.get(name) is None for name in self.names):
            yield Issue(at, f"must provide at least one of: {', '.join(self.names)}")


def options_of(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every option of a menu, those of its groups included, in order."""
    groups = value.get("option_groups") or []
    nested = [one for group in groups for one in group.get("options", [])]
    return [*(value.get("options") or []), *nested]


def initial_is_offered(value: Mapping[str, Any], at: str) -> Iterator[Issue]:
    """A rule: what is chosen at first is one of the options, word for word."""
    offered = options_of(value)
    one = value.get("initial_option")
    if one is not None and one not in offered:
        yield Issue(below(at, "initial_option"), "must match one of the provided options")
    for number, chosen in enumerate(value.get("initial_options") or []):
        if chosen not in offered:
            place = below(below(at, "initial_options"), number)
            yield Issue(place, "must match one of the provided options")


def values_differ(value: Mapping[str, Any], at: str) -> Iterator[Issue]:
    """A rule: no two options carry the same value."""
    seen: set[str] = set()
    for number, one in enumerate(value.get("options") or []):
        if one["value"] in seen:
            place = below(below(at, "options"), number)
            yield Issue(place, f"duplicate option value: {one['value']}")
        seen.add(one["value"])
