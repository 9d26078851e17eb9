"""The workspace everybody starts with: six people, four channels, one app."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.slack.manifest import SlackApp, Token, TokenKind
from toolkit.sandbox.slack.people import Person, Standing, Team
from toolkit.sandbox.slack.state import SlackState
from toolkit.sandbox.slack.values import Channel, ChannelKind

BOT_TOKEN: Final = "xoxb-sandbox-bot"  # noqa: S105 — opens nothing beyond this machine
APP_TOKEN: Final = "xapp-1-sandbox-app"  # noqa: S105
USER_TOKEN: Final = "xoxp-sandbox-user"  # noqa: S105
SIGNING_SECRET: Final = "sandbox-signing-secret"  # noqa: S105
CLIENT: Final = ("100000000000.200000000000", "sandbox-client-secret")

_PEOPLE: Final = (
    Person("", "olivia", "Olivia Owner", "olivia@sandbox.test", Standing.OWNER),
    Person("", "adam", "Adam Admin", "adam@sandbox.test", Standing.ADMIN),
    Person("", "anna", "Anna Member", "anna@sandbox.test"),
    Person("", "bruno", "Bruno Membre", "bruno@sandbox.test", locale="fr-FR"),
    Person("", "gina", "Gina Guest", "gina@guest.test", Standing.GUEST),
    Person(
        "",
        "ezra",
        "Ezra External",
        "ezra@elsewhere.test",
        Standing.EXTERNAL,
        tz="America/New_York",
        tz_offset_s=-18_000,
    ),
)
_ROLES: Final = {"olivia": "admin", "adam": "approver", "anna": "operator", "bruno": "viewer"}


@dataclass(frozen=True, slots=True)
class SlackCredentials:
    """What a bot needs to live in the workspace. `base_url` ends in `/api/`."""

    base_url: str
    bot_token: str = BOT_TOKEN
    app_token: str = APP_TOKEN
    signing_secret: str = SIGNING_SECRET
    client_id: str = CLIENT[0]
    client_secret: str = CLIENT[1]


def make_state(app: SlackApp, clock: EmulatorClock, team: Team) -> SlackState:
    """A fresh workspace; the first one has the app installed, others wait for it.

    The group `@operations` holds Adam and Anna. `#general` and `#ops` are public, the bot is in
    `#ops`; `#sales-private` is private and holds the bot; `#shared` is shared with another
    workspace.
    """
    state = SlackState(app, clock, team)
    is_first = team.number == 1
    state.is_installed = is_first
    for number, one in enumerate(_PEOPLE, 1):
        user = team.write_id("U", number)
        state.people[user] = replace(one, id=user, home_team=team.id)
    state.people[team.bot_user] = Person(
        team.bot_user,
        app.name.lower(),
        app.name,
        standing=Standing.BOT,
        home_team=team.id,
    )
    _add_channels(state)
    owner, adam, anna = (team.write_id("U", number) for number in (1, 2, 3))
    state.groups[team.write_id("S", 1)] = ("operations", {adam, anna})
    scopes = frozenset(app.scopes)
    if is_first:
        state.tokens[BOT_TOKEN] = Token(TokenKind.BOT, scopes, team.bot_user)
        state.tokens[USER_TOKEN] = Token(TokenKind.USER, scopes, owner)
        state.tokens[APP_TOKEN] = Token(TokenKind.APP, frozenset({"connections:write"}))
    return state


def _add_channels(state: SlackState) -> None:
    team = state.team
    owner, adam, anna, bruno, gina, ezra = (team.write_id("U", n) for n in range(1, 7))
    staff = {owner, adam, anna, bruno}
    bot = {team.bot_user}
    kinds = (
        ("general", ChannelKind.PUBLIC, staff),
        ("ops", ChannelKind.PUBLIC, staff | {gina} | bot),
        ("sales-private", ChannelKind.PRIVATE, {owner, anna} | bot),
        ("shared", ChannelKind.PUBLIC, staff | {ezra} | bot),
    )
    for number, (name, kind, members) in enumerate(kinds, 1):
        channel = Channel(team.write_id("C", number), name, kind, set(members))
        channel.is_shared = name == "shared"
        state.channels[channel.id] = channel


def roster(state: SlackState) -> list[dict[str, str]]:
    """Members, and what a bot that is tried out may let each of them do."""
    return [
        {
            "user": one.id,
            "role": _ROLES[one.name],
            "language": one.locale.partition("-")[0],
            "zone": one.tz,
        }
        for one in state.people.values()
        if one.name in _ROLES
    ]
