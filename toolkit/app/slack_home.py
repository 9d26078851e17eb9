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
from toolkit.app.slack_keys import SlackKeys
from toolkit.app.slack_memory import SlackShelf, agreed_values
from toolkit.clients.pacing import SystemClock
from toolkit.model.ids import Kind
from toolkit.store import Feed, open_vault
from toolkit.store.shelf import utc_now

if TYPE_CHECKING:
    from toolkit.app.home import Home
    from toolkit.model.events import Event
    from toolkit.model.values import Value

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
        keys = SlackKeys(store, open_vault(store, home.path), clock=SystemClock())
        yield SlackHome(
            shelf=store.slack,
            feed=store.feed,
            cards=CardReader(store, names, clock=clock),
            values_of=lambda event: agreed_values(store, event),
            tokens=_tokens(keys),
            fields=tuple(fields),
            clock=clock,
        )


def _tokens(keys: SlackKeys) -> SlackTokens:
    """From variables where they are set, else as `hightonic connect slack` kept them."""
    app, teams = keys.app(), keys.teams()
    installed = keys.find(teams[0]) if teams else None
    kept = {
        "bot_token": installed.bot_token if installed else "",
        "app_token": app.app_token,
        "signing_secret": app.signing_secret,
    }
    return SlackTokens(
        **{name: _token(name) or kept[name] for name in _NAMES},
        base_url=os.environ.get("HIGHTONIC_SLACK_URL", "") or app.base_url,
    )


def _token(name: str) -> str:
    return os.environ.get(f"HIGHTONIC_SLACK_{name.upper()}", "")
