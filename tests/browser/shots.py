"""Pictures of what the bot shows: `python -m tests.browser.shots [FOLDER]`, for people to look at.

Every message, modal and tab is sent through the emulated Web API, which refuses what Slack would,
and photographed on the emulator's page in headless Chromium: narrow and wide, light and dark.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from bot.words import LANGUAGES, Voice
from tests.browser.chromium import PROGRAM, Page, open_page
from tests.browser.gallery import ANNA, BRUNO, messages, views
from toolkit.sandbox.slack import SlackOptions, SlackSandbox, SlackWorkspace

WIDTHS = (380, 760)
READERS = {"en": ("anna", ANNA), "fr": ("bruno", BRUNO)}
"""Slack's own words are in the reader's language."""
THEMES = ("light", "dark")
_TALLEST = 4_000


async def take_shots(folder: Path, *, language: str = "en") -> list[Path]:
    """Photograph everything; files are called `NAME-WIDTH-THEME.png`."""
    voice = Voice(language, "Europe/Paris")
    folder.mkdir(parents=True, exist_ok=True)
    taken: list[Path] = []
    with tempfile.TemporaryDirectory() as profile:
        async with (
            SlackSandbox.running(SlackOptions(rate_limit=False)) as sandbox,
            open_page(Path(profile)) as page,
            httpx.AsyncClient(base_url=sandbox.workspace.credentials.base_url) as slack,
        ):
            shown = _Shown(sandbox.workspace, page, slack, *READERS[language])
            for name, message in messages(voice).items():
                await shown.message(message.payload())
                taken += await shown.photograph(folder, name, "#messages")
            for name, view in views(voice).items():
                area = await shown.view(view)
                taken += await shown.photograph(folder, name, area)
            assert page.complaints == []
    return taken


class _Shown:
    def __init__(
        self,
        workspace: SlackWorkspace,
        page: Page,
        slack: httpx.AsyncClient,
        name: str,
        user: str,
    ) -> None:
        self._name, self._user = name, user
        self._workspace = workspace
        self._page = page
        self._slack = slack

    async def message(self, payload: Mapping[str, Any]) -> None:
        """Nothing but this message in the channel."""
        self._workspace.state.messages.clear()
        await self._call("chat.postMessage", {"channel": "#ops", **payload})
        await self._open("%23ops")
        await self._page.waits_for("document.querySelectorAll('.message').length === 1")

    async def view(self, view: Mapping[str, Any]) -> str:
        """A modal over an empty channel, or the home tab; gives where it stands."""
        self._workspace.state.messages.clear()
        self._workspace.state.stacks.clear()
        if view["type"] == "home":
            await self._call("views.publish", {"user_id": self._user, "view": view})
            await self._open("%23ops")
            await self._page.clicks("#channels button", "Home")
            await self._page.waits_for("document.getElementById('home').childElementCount > 0")
            return "#home"
        trigger = self._workspace.state.new_trigger(self._user)
        await self._call("views.open", {"trigger_id": trigger, "view": view})
        await self._open("%23ops")
        await self._page.waits_for("document.querySelector('.modal') !== null")
        return ".modal"

    async def photograph(self, folder: Path, name: str, area: str) -> list[Path]:
        """The page at both widths in both themes, as tall as what it shows."""
        taken = []
        for width in WIDTHS:
            for theme in THEMES:
                await self._page.size(width, 700)
                await self._page.tells(f"theme({theme!r})")
                height = await self._page.tells(
                    f"Math.ceil(document.querySelector({area!r}).scrollHeight + 260)"
                )
                await self._page.size(width, min(_TALLEST, max(500, int(height))))
                assert not await self._page.tells(
                    "document.documentElement.scrollWidth > innerWidth"
                ), f"{name} is wider than {width}"
                file = folder / f"{name}-{width}-{theme}.png"
                file.write_bytes(await self._page.picture())
                taken.append(file)
        return taken

    async def _open(self, channel: str) -> None:
        base = self._workspace.state.base_url
        await self._page.goes_to("about:blank")
        await self._page.goes_to(f"{base}/?user={self._name}&channel={channel}")
        await self._page.waits_for("document.body?.dataset.version !== undefined")

    async def _call(self, method: str, body: Mapping[str, Any]) -> None:
        token = self._workspace.credentials.bot_token
        answer = await self._slack.post(
            method, json=body, headers={"Authorization": f"Bearer {token}"}
        )
        told = answer.json()
        assert told["ok"], told


def main() -> None:
    """Take all pictures; says where they are."""
    if PROGRAM is None:
        sys.exit("There is no Chromium on this machine")
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "shots")
    taken = [
        one
        for language in LANGUAGES
        for one in asyncio.run(take_shots(folder / language, language=language))
    ]
    sys.stdout.write(f"{len(taken)} pictures in {folder}\n")


if __name__ == "__main__":
    main()
