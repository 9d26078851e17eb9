"""What the Slack service finds in a home: its memory, its tokens, the connections' cards."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from toolkit.app.config import load_config
from toolkit.app.setup_desk import open_state
from toolkit.app.slack_cards import CardReader
from toolkit.app.slack_memory import SlackShelf, agreed_values
from toolkit.errors import UseError
from toolkit.model.ids import Kind
from toolkit.store import Feed, open_vault
from toolkit.store.shelf import utc_now

if TYPE_CHECKING:
    from toolkit.app.home import Home
    from toolkit.model.events import Event
    from toolkit.model.values import Value

VAULT: Final = "slack"
"""Under whose name the vault keeps Slack's tokens: `bot_token`, `app_token`, `signing_secret`."""
_NAMES: Final = ("bot_token", "app_token", "signing_secret")


@dataclass(frozen=True, slots=True)
class SlackTokens:
    """What opens a workspace. Empty where it is not there; never shown.

    Attributes:
        base_url: Of another Slack than the real one; empty for that.
    """

    bot_token: str
    app_token: str = ""
    signing_secret: str = ""
    base_url: str = ""

    def __repr__(self) -> str:
        return "SlackTokens(...)"


@dataclass(frozen=True, slots=True)
class SlackHome:
    """Everything the service stands on."""

    shelf: SlackShelf
    feed: Feed
    cards: CardReader
    values_of: Callable[[Event], Mapping[str, Value]]
    tokens: SlackTokens
    fields: tuple[str, ...]
    clock: Callable[[], datetime]


@contextmanager
def open_slack(home: Home, *, clock: Callable[[], datetime] = utc_now) -> Iterator[SlackHome]:
    """A home as the bot sees it, until the block ends.

    Raises:
        ConfigError: The settings cannot be used.
        StateError: The state or the vault cannot be opened.
        UseError: There is no bot token.
    """
    config = load_config(home.config_path)
    names = [each.name for each in config.connections.values()]
    contacts = [
        each.mapping.kinds[Kind.CONTACT]
        for each in config.connections.values()
        if Kind.CONTACT in each.mapping.kinds
    ]
    fields = dict.fromkeys(field.name for kind in contacts for field in kind.fields)
    with open_state(home, clock=clock) as store:
        vault = open_vault(store, home.path)
        kept = {name: _token(name) or vault.get(VAULT, name) or "" for name in _NAMES}
        if not kept["bot_token"]:
            raise UseError(
                "There is no Slack bot token",
                unchanged="Nothing was started",
                remedy="Set HIGHTONIC_SLACK_BOT_TOKEN, or keep one with `hightonic connect slack`",
            )
        yield SlackHome(
            shelf=store.slack,
            feed=store.feed,
            cards=CardReader(store, names, clock=clock),
            values_of=lambda event: agreed_values(store, event),
            tokens=SlackTokens(**kept, base_url=os.environ.get("HIGHTONIC_SLACK_URL", "")),
            fields=tuple(fields),
            clock=clock,
        )


def _token(name: str) -> str:
    return os.environ.get(f"HIGHTONIC_SLACK_{name.upper()}", "")
