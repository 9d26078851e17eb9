"""Connect Slack: tokens are tried before they are stored."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from toolkit.app.setup_desk import open_whole
from toolkit.app.slack_calls import SLACK_URL, SlackAnswer, SlackCaller
from toolkit.app.slack_features import missing_features
from toolkit.app.slack_keys import AppKeys, Installation, SlackKeys
from toolkit.app.slack_manifest import INSTALL_PATH
from toolkit.clients.pacing import SystemClock
from toolkit.errors import UseError
from toolkit.model.chat_people import Person, Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx

    from toolkit.app.home import Home

_UNCHANGED: Final = "Nothing was stored"
_RESTART: Final = "A running `hightonic serve` takes this up when it starts again."


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackTokens:
    """What a person was given by Slack for one workspace.

    Attributes:
        app_token: For Socket Mode; empty for HTTP.
        signing_secret: For HTTP; empty for Socket Mode.
    """

    bot_token: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)


async def connect_slack(
    home: Home,
    tokens: SlackTokens,
    *,
    base_url: str = SLACK_URL,
    public_url: str = "",
    transport: httpx.AsyncBaseTransport | None = None,
) -> list[str]:
    """Try both tokens and keep them; a second call replaces them.

    Args:
        home: Where the vault is.
        tokens: From the app's pages at Slack.
        base_url: Of the Web API, for a sandbox.
        public_url: Where people reach `hightonic serve`; what is known stays when empty.
        transport: Replaces the network.

    Returns:
        What was found and done, a sentence each.

    Raises:
        UseError: One token is of another kind than was asked for.
        VendorError: Slack refuses one, or cannot be reached; nothing was stored.
    """
    _check_kinds(tokens)
    base = base_url.rstrip("/") + "/"
    async with SlackCaller(base_url=base, transport=transport) as caller:
        who = await caller.call("auth.test", token=tokens.bot_token)
        if tokens.app_token:
            await caller.call("apps.connections.open", token=tokens.app_token)
    made = _installation(who, tokens.bot_token)
    home.create()
    with open_whole(home) as (store, vault):
        keys = SlackKeys(store, vault, clock=SystemClock())
        known = keys.app()
        keys.put_app(
            replace(
                known,
                app_token=tokens.app_token,
                signing_secret=tokens.signing_secret or known.signing_secret,
                base_url=base,
                public_url=public_url.rstrip("/") or known.public_url,
            )
        )
        former = keys.find(made.team)
        keys.put(replace(made, installer=former.installer if former else ""))
        others = [team for team in keys.teams() if team != made.team]
        warning = vault.warning
    mode = "Socket Mode" if tokens.app_token else "HTTP"
    off = [
        f"Off for want of {', '.join(each.lacks(made.scopes))}: {each.gives}."
        for each in missing_features(made.scopes)
        if each.is_usual
    ]
    # An app has an app token and a signing secret of its own: the last one's are kept.
    left = [f"The workspace {each} is reached on only if both have one app." for each in others]
    said = f"Slack answers for the workspace {made.team_name or made.team}, by {mode}."
    return [said, *left, *off, _RESTART, *([warning] if warning else [])]


def connect_distributed(home: Home, given: AppKeys) -> list[str]:
    """Keep the keys of an app that several workspaces install by themselves.

    Nothing is tried: Slack takes these keys only together with a person's consent.

    Raises:
        UseError: One of them is missing.
    """
    needed = ("client_id", "client_secret", "signing_secret", "public_url")
    missing = [name for name in needed if not getattr(given, name)]
    if missing:
        raise UseError(
            f"Several workspaces need a {missing[0].replace('_', ' ')}", unchanged=_UNCHANGED
        )
    home.create()
    with open_whole(home) as (store, vault):
        keys = SlackKeys(store, vault, clock=SystemClock())
        base, public = given.base_url.rstrip("/") + "/", given.public_url.rstrip("/")
        keys.put_app(replace(given, base_url=base, public_url=public))
        warning = vault.warning
    page = f"{public}{INSTALL_PATH}"
    said = [
        f"People install the app at {page}, once `hightonic serve` answers there.",
        _RESTART,
    ]
    return [*said, *([warning] if warning else [])]


async def connect_slack_sandbox(
    home: Home,
    ready: Mapping[str, Any],
    *,
    owners: Sequence[str] = (),
    public_url: str = "",
) -> list[str]:
    """`connect_slack` with what the sandbox's ready line says of Slack.

    Args:
        home: Where the vault is.
        ready: The line's member `slack`.
        owners: HighLevel's users; the made-up members are linked to them in turn.
        public_url: As in `connect_slack`.
    """
    tokens = SlackTokens(
        bot_token=ready["bot_token"],
        app_token=ready["app_token"],
        signing_secret=ready["signing_secret"],
    )
    said = await connect_slack(home, tokens, base_url=ready["base_url"], public_url=public_url)
    with open_whole(home) as (store, vault):
        (team, *_) = SlackKeys(store, vault, clock=SystemClock()).teams()
        for member, owner in zip(ready.get("people", ()), owners, strict=False):
            store.slack.people.put_person(
                Person(
                    team,
                    member["user"],
                    Role[member["role"].upper()],
                    owner,
                    language=member["language"],
                    zone=member["zone"],
                )
            )
    return [said[0], f"Type /hightonic at {ready['page_url']} while `hightonic serve` runs."]


def _check_kinds(tokens: SlackTokens) -> None:
    kinds = (
        ("bot token", tokens.bot_token, ("xoxb-", "xoxe.xoxb-")),
        ("app token", tokens.app_token, ("xapp-",)),
    )
    for name, value, starts in kinds:
        if value and not value.startswith(starts):
            raise UseError(
                f"That is no {name}: one begins with {starts[0]}",
                unchanged=_UNCHANGED,
                remedy=f"Copy the {name} from the app's pages at api.slack.com",
            )


def _installation(who: SlackAnswer, token: str) -> Installation:
    said = {key: str(who.body.get(key) or "") for key in ("team_id", "team", "bot_id")}
    return Installation(
        team=said["team_id"],
        team_name=said["team"],
        bot_id=said["bot_id"],
        bot_user=str(who.body.get("user_id") or ""),
        enterprise=str(who.body.get("enterprise_id") or ""),
        bot_token=token,
        scopes=who.scopes,
        installed_at=SystemClock().now(),
    )
