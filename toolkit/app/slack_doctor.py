"""Look at Slack's side: tokens, scopes, and what is off for want of them. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from toolkit.app.doctor import Check
from toolkit.app.setup_desk import open_whole
from toolkit.app.slack_calls import SlackCaller
from toolkit.app.slack_features import missing_features
from toolkit.app.slack_keys import SlackKeys
from toolkit.clients.pacing import SystemClock
from toolkit.errors import HightonicError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

    from toolkit.app.home import Home

_ADD: Final = "Add the scope to the app (`hightonic slack manifest`) and install it again"
_CONNECT: Final = "Run `hightonic connect slack`"


async def check_slack(
    home: Home, *, transport: httpx.AsyncBaseTransport | None = None
) -> list[Check]:
    """One check a token, and one a feature that is off; none where Slack is not connected."""
    if not home.path.exists():
        return []
    try:
        with open_whole(home) as (store, vault):
            keys = SlackKeys(store, vault, clock=SystemClock())
            app, teams = keys.app(), keys.teams()
            if not teams and not app.client_id:
                return []
            async with SlackCaller(base_url=app.base_url, transport=transport) as caller:
                checks = [
                    await _line(caller, app.app_token, has_secret=bool(app.signing_secret))
                ]
                for team in teams:
                    checks += await _team(caller, keys, team)
    except HightonicError as error:
        return [_failed("Slack", error)]
    return checks


async def _line(caller: SlackCaller, app_token: str, *, has_secret: bool) -> Check:
    """How Slack reaches the bot."""
    if not app_token:
        found = "Slack reaches the bot by HTTP; its signing secret is stored."
        lost = (
            "Neither an app token nor a signing secret is stored: Slack cannot reach the bot."
        )
        return Check("Slack line", has_secret, found if has_secret else lost, _CONNECT)
    try:
        await caller.call("apps.connections.open", token=app_token)
    except HightonicError as error:
        return _failed("Slack line", error)
    return Check("Slack line", ok=True, detail="The app token opens a socket.")


async def _team(caller: SlackCaller, keys: SlackKeys, team: str) -> list[Check]:
    name = f"Slack {team}"
    try:
        answer = await caller.call("auth.test", token=await keys.token(team))
    except HightonicError as error:
        return [_failed(name, error)]
    shown = str(answer.body.get("team") or team)
    good = Check(name, ok=True, detail=f"The bot token is good for {shown}.")
    return [good, *_off(team, answer.scopes)]


def _off(team: str, granted: Iterable[str]) -> list[Check]:
    """Features that are off, and for want of what; those nobody usually wants are no fault."""
    return [
        Check(
            f"Slack {each.name}",
            ok=False if each.is_needed else None,
            detail=f"Off in {team}: {each.gives}. Lacks {', '.join(each.lacks(held))}.",
            remedy=_ADD,
        )
        for held in [frozenset(granted)]
        for each in missing_features(held)
    ]


def _failed(name: str, error: HightonicError) -> Check:
    return Check(name, ok=False, detail=f"{error.happened}.", remedy=error.remedy or _CONNECT)
