"""The page on which a member says which HighLevel user they are: one form, no script."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.words import Voice

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.install.linking import Choice, Linking

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:10vh auto;padding:0 1rem;"
    "color:#1f2937;background:#fff}"
    "h1{font-size:1.4rem}"
    "select,button{font:inherit;padding:.5rem .75rem;border-radius:.5rem;width:100%;"
    "border:1px solid #9ca3af;box-sizing:border-box;margin:.25rem 0 1rem}"
    "button{background:#1f2937;color:#fff;border:0;cursor:pointer}"
    "@media(prefers-color-scheme:dark){body{color:#e5e7eb;background:#111827}"
    "select{background:#1f2937;color:inherit}button{background:#e5e7eb;color:#111827}}"
)
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# The address holds the ticket: it is kept from caches, referrers and anything loaded.
_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_MOST_BYTES: Final = 4_096
_GONE: Final = 410


def build_link_door(linking: Linking) -> Starlette:
    """`/{ticket}`, to be mounted at `/slack/link`."""
    door = _LinkDoor(linking)
    return Starlette(routes=[Route("/{ticket}", door.answer, methods=["GET", "POST"])])


class _LinkDoor:
    def __init__(self, linking: Linking) -> None:
        self._linking = linking

    async def answer(self, request: Request) -> Response:
        """Show the form, which takes nothing; or take what was chosen, once."""
        ticket = str(request.path_params["ticket"])
        choice = await asyncio.to_thread(self._linking.look, ticket)
        if choice is None:
            return _told(Voice(_language(request)), "link.gone", status=_GONE)
        voice = Voice(choice.person.language)
        if request.method != "POST":
            return _form(choice, voice)
        wanted = await _chosen(request)
        linked = await asyncio.to_thread(self._linking.finish, ticket, wanted)
        if linked is None:
            return _told(voice, "link.gone", status=_GONE)
        return _told(voice, "link.done", name=linked.owner.name)


async def _chosen(request: Request) -> str:
    """The user that was chosen; a body that is too long says nothing."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            return ""
    given = parse_qs(body.decode("utf-8", "replace"))
    return next(iter(given.get("owner", [])), "")


def _form(choice: Choice, voice: Voice) -> Response:
    options = "".join(
        f'<option value="{escape(each.id)}">{escape(each.name or each.id)}'
        f"{f' ({escape(each.email)})' if each.email else ''}</option>"
        for each in choice.owners
    )
    asked, button = escape(voice.tell("link.ask")), escape(voice.tell("link.button"))
    explained = escape(voice.tell("link.explain", user=choice.person.user))
    return _page(
        voice,
        f"<p>{explained}</p>"
        f'<form method="post"><label for="owner">{asked}</label>'
        f'<select id="owner" name="owner" required><option value=""></option>{options}</select>'
        f"<button>{button}</button></form>",
    )


def _told(voice: Voice, key: str, *, status: int = 200, name: str = "") -> Response:
    return _page(voice, f"<p>{escape(voice.tell(key, name=name))}</p>", status=status)


def _page(voice: Voice, body: str, *, status: int = 200) -> Response:
    title = escape(voice.tell("link.title"))
    return HTMLResponse(
        f'<!doctype html><html lang="{voice.language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>{body}</body></html>",
        status_code=status,
        headers=_HEADERS,
    )


def _language(request: Request) -> str:
    return "fr" if request.headers.get("accept-language", "").startswith("fr") else "en"
