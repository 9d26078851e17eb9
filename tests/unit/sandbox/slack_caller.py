"""Calls the emulated Web API without a socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from toolkit.sandbox.common import InProcessTransport
from toolkit.sandbox.slack import SlackApp, SlackOptions, SlackWorkspace
from toolkit.sandbox.slack.seeding import APP_TOKEN, BOT_TOKEN

ANNA, BRUNO, GINA = "U0000000003", "U0000000004", "U0000000005"
GENERAL, OPS, PRIVATE, SHARED = (f"C000000000{n}" for n in range(1, 5))


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str = "hello") -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def buttons(*names: str) -> dict[str, Any]:
    return {
        "type": "actions",
        "elements": [{"type": "button", "action_id": n, "text": plain(n)} for n in names],
    }


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": plain("Title"),
        "blocks": [*blocks] or [section()],
        **more,
    }


@dataclass
class Caller:
    """`await call("chat.postMessage", channel=OPS, text="x")` gives the answer as JSON."""

    workspace: SlackWorkspace

    async def __call__(self, method: str, *, token: str = BOT_TOKEN, **arguments: Any) -> Any:
        answer = await self.send(method, token=token, json=arguments)
        return answer.json()

    async def send(self, method: str, *, token: str = BOT_TOKEN, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = InProcessTransport(self.workspace.emulator.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://slack.invalid"
        ) as client:
            return await client.post(f"/api/{method}", headers=headers, **more)

    async def posts_to(self, url: str, body: Any) -> httpx.Response:
        transport = InProcessTransport(self.workspace.emulator.app)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.post(url, json=body)


def make(*, rate_limit: bool = False, **app: Any) -> Caller:
    options = SlackOptions(app=SlackApp(**app), rate_limit=rate_limit)
    return Caller(SlackWorkspace(options))


__all__ = ["ANNA", "APP_TOKEN", "BOT_TOKEN", "BRUNO", "Caller", "make"]
