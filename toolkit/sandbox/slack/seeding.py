"""The workspace everybody starts with: six people, four channels, one app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.slack.manifest import BOT_USER_ID, SlackApp, Token, TokenKind
from toolkit.sandbox.slack.state import SlackState
from toolkit.sandbox.slack.values import Channel, ChannelKind, Person, Standing

BOT_TOKEN: Final = "xoxb-sandbox-bot"  # noqa: S105 — opens nothing beyond this machine
APP_TOKEN: Final = "xapp-1-sandbox-app"  # noqa: S105
USER_TOKEN: Final = "xoxp-sandbox-user"  # noqa: S105
SIGNING_SECRET: Final = "sandbox-signing-secret"  # noqa: S105
CLIENT: Final = ("100000000000.200000000000", "sandbox-client-secret")

_PEOPLE: Final = (
    Person("U0000000001", "olivia", "Olivia Owner", "olivia@sandbox.test", Standing.OWNER),
    Person("U0000000002", "adam", "Adam Admin", "adam@sandbox.test", Standing.ADMIN),
    Person("U0000000003", "anna", "Anna Member", "anna@sandbox.test"),
    Person("U0000000004", "bruno", "Bruno Membre", "bruno@sandbox.test", locale="fr-FR"),
    Person("U0000000005", "gina", "Gina Guest", "gina@guest.test", Standing.GUEST),
    Person(
        "U0000000006",
        "ezra",
        "Ezra External",
        "ezra@elsewhere.test",
        Standing.EXTERNAL,
        tz="America/New_York",
        tz_offset_s=-18_000,
    ),
)


@dataclass(frozen=True, slots=True)
class SlackCredentials:
    """What a bot needs to live in the workspace. `base_url` ends in `/api/`."""

    base_url: str
    bot_token: str = BOT_TOKEN
    app_token: str = APP_TOKEN
    signing_secret: str = SIGNING_SECRET
    client_id: str = CLIENT[0]
    client_secret: str = CLIENT[1]


def make_state(app: SlackApp, clock: EmulatorClock) -> SlackState:
    """A fresh workspace with the app installed.

    The group `@operations` holds Adam and Anna. `#general` and `#ops` are public, the bot is in `#ops`; `#sales-private` is private and holds
    the bot; `#shared` is shared with another workspace.
    """
    state = SlackState(app, clock)
    home = {one.id for one in _PEOPLE if one.standing is not Standing.EXTERNAL}
    staff = home - {"U0000000005"}
    for one in _PEOPLE:
        state.people[one.id] = Person(
            one.id,
            one.name,
            one.real_name,
            one.email,
            one.standing,
            one.tz,
            one.tz_offset_s,
            one.locale,
        )
    state.people[BOT_USER_ID] = Person(
        BOT_USER_ID, app.name.lower(), app.name, standing=Standing.BOT
    )
    bot = {BOT_USER_ID}
    for channel in (
        Channel("C0000000001", "general", members={*staff}),
        Channel("C0000000002", "ops", members=home | bot),
        Channel(
            "C0000000003",
            "sales-private",
            ChannelKind.PRIVATE,
            {"U0000000001", "U0000000003"} | bot,
        ),
        Channel("C0000000004", "shared", members={*staff, "U0000000006"} | bot, is_shared=True),
    ):
        state.channels[channel.id] = channel
    state.groups["S0000000001"] = ("operations", {"U0000000002", "U0000000003"})
    state.tokens[BOT_TOKEN] = Token(TokenKind.BOT, frozenset(app.scopes), BOT_USER_ID)
    state.tokens[APP_TOKEN] = Token(TokenKind.APP, frozenset({"connections:write"}))
    state.tokens[USER_TOKEN] = Token(TokenKind.USER, frozenset(app.scopes), "U0000000001")
    return state
