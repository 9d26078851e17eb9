"""`users.*`, `team.*`, `bots.*` and `auth.*`: who is there, and who we are."""

from __future__ import annotations

from typing import Final

from toolkit.sandbox.slack.calls import Call, Method, SlackRefusalError
from toolkit.sandbox.slack.manifest import APP_ID, TokenKind
from toolkit.sandbox.slack.people import Person, Standing
from toolkit.sandbox.slack.values import Json

_EMAIL: Final = "users:read.email"


class UserMethods:
    """People, and the identity behind a token."""

    def __init__(self) -> None:
        read = ("users:read",)
        self.methods: dict[str, Method] = {
            "auth.test": Method(self.test, kinds=(*TokenKind,), per_minute=600),
            "auth.revoke": Method(self.revoke, is_write=True),
            "users.info": Method(self.get_user, read, per_minute=100),
            "users.list": Method(self.list_users, read, per_minute=20),
            "users.lookupByEmail": Method(self.find_by_email, (_EMAIL,)),
            "bots.info": Method(self.get_bot, read),
            "team.info": Method(self.get_team, ("team:read",)),
        }

    async def test(self, call: Call) -> Json:
        """`auth.test`."""
        state = call.state
        value: Json = {
            "url": f"https://{state.team.domain}.slack.com/",
            "team": state.team.name,
            "team_id": state.team.id,
            "is_enterprise_install": False,
        }
        if call.token.kind is TokenKind.APP:
            return value | {"app_id": APP_ID, "app_name": state.app.name}
        person = state.people[call.bot_user]
        value |= {"user": person.name, "user_id": person.id}
        return value | (
            {"bot_id": state.team.bot_id} if call.token.kind is TokenKind.BOT else {}
        )

    async def revoke(self, call: Call) -> Json:
        """`auth.revoke`: the token stops working; `test` only asks."""
        is_test = call.flag("test")
        if not is_test:
            for text, token in [*call.state.tokens.items()]:
                if token == call.token:
                    del call.state.tokens[text]
        return {"revoked": not is_test}

    async def get_user(self, call: Call) -> Json:
        """`users.info`; the e-mail address only with its scope."""
        return {"user": _user(call, _person(call))}

    async def list_users(self, call: Call) -> Json:
        """`users.list`."""
        rows = [_user(call, one) for one in call.state.people.values()]
        page, metadata = call.page(rows, limit=call.limit(default=1000))
        now = int(call.state.clock.now().timestamp())
        return {"members": page, "cache_ts": now, "response_metadata": metadata}

    async def find_by_email(self, call: Call) -> Json:
        """`users.lookupByEmail`."""
        wanted = call.need("email").lower()
        for one in call.state.people.values():
            is_here = one.standing is not Standing.EXTERNAL and not one.is_deleted
            if is_here and one.email.lower() == wanted:
                return {"user": _user(call, one)}
        raise SlackRefusalError("users_not_found")

    async def get_bot(self, call: Call) -> Json:
        """`bots.info`."""
        team = call.state.team
        if call.text("bot", team.bot_id) != team.bot_id:
            raise SlackRefusalError("bot_not_found")
        name = call.state.app.name
        bot = {"id": team.bot_id, "app_id": APP_ID, "user_id": team.bot_user, "name": name}
        return {"bot": {**bot, "deleted": False, "updated": 1_700_000_000}}

    async def get_team(self, call: Call) -> Json:
        """`team.info`."""
        state = call.state
        return {
            "team": {"id": state.team.id, "name": state.team.name, "domain": state.team.domain}
        }


def _person(call: Call) -> Person:
    person = call.state.people.get(call.need("user"))
    if person is None:
        raise SlackRefusalError("user_not_found")
    return person


def _user(call: Call, person: Person) -> Json:
    return person.to_json(
        with_email=_EMAIL in call.token.scopes, with_locale=call.flag("include_locale")
    )
