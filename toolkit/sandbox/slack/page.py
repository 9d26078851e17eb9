"""The page on which a person uses the workspace: what it shows, and what it takes.

Everything is drawn here; the script only sends what is clicked and typed and puts HTML in place.
For a browser on this machine alone: requests for another host, or from another site, are refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from toolkit.errors import UseError
from toolkit.sandbox.slack.finding import (
    Place,
    channels_of,
    element_at,
    find_channel,
    find_person,
)
from toolkit.sandbox.slack.outgoing import Reply
from toolkit.sandbox.slack.page_guard import HOSTS, OnlyHere
from toolkit.sandbox.slack.people import Person
from toolkit.sandbox.slack.render.html import message_html, view_html
from toolkit.sandbox.slack.render.names import Names
from toolkit.sandbox.slack.seeding import CLIENT
from toolkit.sandbox.slack.values import Channel, Json, Message
from toolkit.sandbox.slack.workspace import SlackWorkspace

_STATIC: Final = Path(__file__).with_name("static")
_TYPES: Final = {
    "page.html": "text/html",
    "page.css": "text/css",
    "page.js": "text/javascript",
}
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_WAIT_S: Final = 15.0
_BAD: Final = 400


def build_page(workspace: SlackWorkspace) -> Starlette:
    """The page's application: `/`, `/page/...` and the installation screen."""
    page = _Pages(workspace)
    return Starlette(
        routes=[
            Route("/", page.show),
            Route("/page/state", page.tell_state),
            Route("/page/act", page.act, methods=["POST"]),
            Route("/page/{name}", page.show),
            Route("/oauth/v2/authorize", page.authorise),
        ],
        middleware=[Middleware(OnlyHere)],
    )


class _Pages:
    """Finds the page of the workspace that a request names; the first one by default."""

    def __init__(self, workspace: SlackWorkspace) -> None:
        self._workspace = workspace

    def _of(self, team_id: str) -> _Page:
        teams = [self._workspace, *self._workspace.others]
        found = (one for one in teams if one.state.team.id == team_id)
        return _Page(next(found, self._workspace), teams)

    async def show(self, request: Request) -> Response:
        """The page and its two files."""
        name = request.path_params.get("name", "page.html")
        if name not in _TYPES:
            return Response("Not found", 404)
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
        body = (_STATIC / name).read_bytes()
        return Response(body, headers=headers, media_type=f"{_TYPES[name]}; charset=utf-8")

    async def tell_state(self, request: Request) -> Response:
        """What one person of one workspace sees."""
        return await self._of(request.query_params.get("team", "")).tell_state(request)

    async def authorise(self, request: Request) -> Response:
        """Install the app in the workspace that is named by `team`, as in Slack's own address."""
        return await self._of(request.query_params.get("team", "")).authorise(request)

    async def act(self, request: Request) -> Response:
        """Do what a person did on the page; answers with a sentence when it cannot be done."""
        try:
            given = await request.json()
            result = await self._of(str(given.get("team", ""))).act(given)
        except UseError as wrong:
            return JSONResponse({"sentence": wrong.sentence}, _BAD)
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            return JSONResponse({"sentence": f"Cannot be done: {wrong}"}, _BAD)
        return JSONResponse(result or {})


class _Page:
    def __init__(self, workspace: SlackWorkspace, teams: Sequence[SlackWorkspace]) -> None:
        self._workspace = workspace
        self._teams = teams
        self._state = workspace.state
        self._acts: dict[str, Callable[[Person, Json], Awaitable[Json | None]]] = {
            "type": self._type,
            "click": self._click,
            "choose": self._choose,
            "suggest": self._suggest,
            "submit": self._submit,
            "close": self._close,
            "home": self._open_home,
            "shortcut": self._use_shortcut,
            "dismiss": self._dismiss,
            "refuse": self._refuse,
        }

    async def tell_state(self, request: Request) -> Response:
        """Everything one person sees; with `since` only once there is something newer."""
        query = request.query_params
        try:
            person = find_person(self._state, query.get("user", "anna"))
            since = int(query.get("since", "-1"))
            version = await self._state.changes.wait_past(since, timeout_s=_WAIT_S)
            return JSONResponse(self._describe(person, query.get("channel", "#ops"), version))
        except (UseError, ValueError) as wrong:
            return JSONResponse({"sentence": str(wrong)}, _BAD)

    def _describe(self, person: Person, channel_name: str, version: int) -> Json:
        state = self._state
        names = Names(state, person)
        state.direct_channel(person.id)
        seen = channels_of(state, person)
        try:
            channel = find_channel(state, person, channel_name)
        except UseError:
            # Another person may not see what was open: fall back to what they do see.
            channel = seen[0]
        modal, home = state.top_view(person.id), state.home(person.id)
        rows = self._workspace.messages(person.id, channel.id)
        answers = {
            one.ts: self._workspace.messages(person.id, channel.id, thread_ts=one.ts)[1:]
            for one in rows
        }
        return {
            "version": version,
            "team": state.team.id,
            "teams": [
                {"id": one.state.team.id, "name": one.state.team.name} for one in self._teams
            ],
            "user": person.id,
            "people": [
                {"id": one.id, "name": one.real_name, "standing": one.standing}
                for one in state.people.values()
                if one.standing != "bot"
            ],
            "channel": channel.id,
            "channels": [
                {"id": one.id, "name": _channel_name(one, state.app.name)}
                for one in seen
                if one.name or one.is_direct
            ],
            "messages": [
                {"ts": each.ts, "html": message_html(each, names)}
                for one in rows
                for each in (one, *answers[one.ts])
            ],
            "modal": None
            if modal is None
            else {
                "key": _key(modal.id, modal.hash, modal.errors),
                "html": view_html(modal, names),
            },
            "home": "" if home is None else view_html(home, names),
            "notices": state.notices.get(person.id, [])[-3:],
            "commands": [
                {"command": one, "hint": state.app.usage_hints.get(one, "")}
                for one in state.app.commands
            ],
            "shortcuts": [
                {"id": key, "kind": kind, "name": state.app.shortcut_names.get(key, key)}
                for key, kind in state.app.shortcuts.items()
            ],
        }

    async def act(self, given: Json) -> Json | None:
        """Do what a person did."""
        person = find_person(self._state, str(given["user"]))
        return await self._acts[given["act"]](person, given)

    async def _type(self, person: Person, given: Json) -> Json:
        thread_ts = str(given.get("thread_ts", ""))
        text = str(given["text"]).strip()
        if not text:
            return {}
        channel = str(given["channel"])
        return _told(await self._workspace.types(person.id, channel, text, thread_ts=thread_ts))

    async def _click(self, person: Person, given: Json) -> Json:
        place, target = self._target(given)
        option = str(given.get("option") or "")
        return _told(await self._workspace.hands.click(person, place, target, option=option))

    async def _choose(self, person: Person, given: Json) -> None:
        place, target = self._target(given)
        await self._workspace.hands.choose(person, place, target, value=given["value"])

    async def _suggest(self, person: Person, given: Json) -> Json:
        place, target = self._target(given)
        offered = await self._workspace.hands.suggest(
            person, place, target, typed=str(given["typed"])
        )
        rows = [{"text": one["text"]["text"], "value": one["value"]} for one in offered]
        return {"options": rows}

    async def _submit(self, person: Person, _: Json) -> Json:
        return _told(await self._workspace.submits(person.id))

    async def _close(self, person: Person, given: Json) -> None:
        await self._workspace.closes(person.id, everything=given.get("option") == "all")

    async def _open_home(self, person: Person, _: Json) -> None:
        await self._workspace.opens_home(person.id)

    async def _dismiss(self, person: Person, _: Json) -> None:
        self._state.notices.pop(person.id, None)
        self._state.changes.note()

    async def _refuse(self, _: Person, given: Json) -> None:
        self._workspace.refuse(
            str(given["method"]), str(given["error"]), times=int(given.get("times", 1))
        )

    async def _use_shortcut(self, person: Person, given: Json) -> None:
        message = self._place(str(given["place"])) if given.get("place") else None
        if message is not None and not isinstance(message, Message):
            raise UseError("A message shortcut belongs to a message")
        await self._workspace.uses_shortcut(
            person.id, str(given["callback_id"]), message=message
        )

    def _target(self, given: Json) -> tuple[Place, tuple[Json, Json]]:
        place = self._place(str(given["place"]))
        return place, element_at(place, str(given["block"]), str(given["action"]))

    def _place(self, name: str) -> Place:
        kind, _, rest = name.partition(":")
        channel, _, ts = rest.partition(":")
        found: Place | None = (
            self._state.views.get(rest)
            if kind == "view"
            else self._state.messages.get((channel, ts))
        )
        if found is None:
            raise UseError("That is no longer there", remedy="Look again")
        return found

    async def authorise(self, request: Request) -> Response:
        """Install the app for whoever asks, and lead back with a code, as Slack's screen does."""
        query = request.query_params
        target = urlsplit(query.get("redirect_uri", ""))
        if query.get("client_id") != CLIENT[0] or target.hostname not in HOSTS:
            return Response("invalid_client_id or redirect_uri", _BAD)
        if unknown := self._unknown_scopes(query.get("scope", "")):
            return Response(f"invalid_scope: {unknown}", _BAD)
        code = self._state.new_code(self._state.team.write_id("U", 1))
        answer = urlencode({"code": code, "state": query.get("state", "")})
        joint = "&" if target.query else "?"
        return RedirectResponse(f"{query['redirect_uri']}{joint}{answer}")

    def _unknown_scopes(self, scopes: str) -> str:
        asked = {one for one in scopes.split(",") if one}
        return ",".join(sorted(asked - set(self._state.app.scopes)))


def _told(reply: object) -> Json:
    """How the app took it, for those who measure over the page."""
    if not isinstance(reply, Reply):
        return {}
    return {"ending": reply.ending, "elapsed_s": reply.elapsed_s}


def _channel_name(channel: Channel, app: str) -> str:
    return app if channel.is_direct else f"#{channel.name}"


def _key(*parts: Any) -> str:  # noqa: ANN401 — whatever tells two states apart
    return " ".join(map(str, parts))
