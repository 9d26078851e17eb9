"""The Slack page in a real browser: a person types, clicks, fills in and reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

from tests.browser.chromium import PROGRAM, Page, open_page
from tests.contract.test_slack_bolt import Bot, options
from toolkit.sandbox.slack import SlackSandbox, SlackWorkspace

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine"),
    pytest.mark.slow,
]
WIDTHS = (380, 760)


@pytest_asyncio.fixture
async def workspace() -> AsyncIterator[SlackWorkspace]:
    async with SlackSandbox.running(options()) as sandbox:
        held = sandbox.workspace.credentials
        bot = Bot(held.base_url, held.bot_token, held.signing_secret)
        handler = AsyncSocketModeHandler(bot.app, held.app_token)
        await handler.connect_async()
        await sandbox.workspace.sockets.wait_connected()
        try:
            yield sandbox.workspace
        finally:
            await handler.close_async()


@pytest_asyncio.fixture
async def page(workspace: SlackWorkspace, tmp_path: Path) -> AsyncIterator[Page]:
    async with open_page(tmp_path / "profile") as opened:
        await opened.goes_to(f"{workspace.state.base_url}/?user=anna&channel=%23ops")
        await opened.waits_for("document.body?.dataset.version !== undefined")
        yield opened
        assert opened.complaints == []


async def says(page: Page, text: str) -> None:
    await page.types("#text", text)
    await page.clicks("#composer button")


async def test_a_person_finds_and_edits_a_contact(
    page: Page, workspace: SlackWorkspace
) -> None:
    await says(page, "/hightonic find anna")
    await page.sees("for you alone")
    await page.clicks(".message button", "Edit")
    await page.sees("Edit contact")

    await page.types('[data-block="email"]', "nonsense")
    await page.clicks(".modal button", "Save")
    await page.sees("That is no address")
    await page.types('[data-block="email"]', "anna@x.test")
    await page.types('[data-block="t"]', "g")
    await page.tells(
        "document.querySelector('[data-block=t]').dispatchEvent(new Event('input', {bubbles: true}))"
    )
    await page.clicks(".offers button", "gold")
    await page.sees("gold ✕")
    await page.clicks(".modal button", "Save")
    await page.waits_for("document.getElementById('overlay').hidden")

    values = next(
        one.outgoing.payload["view"]["state"]["values"]
        for one in reversed(workspace.teller.told)
        if one.outgoing.payload.get("type") == "view_submission"
    )
    assert values["email"]["v"]["value"] == "anna@x.test"
    assert values["t"]["tags"]["selected_options"][0]["value"] == "gold"


async def test_what_one_person_does_another_sees_at_once(
    page: Page, workspace: SlackWorkspace
) -> None:
    await workspace.types("bruno", "#ops", "<script>alert(1)</script> *hello* :tada:")

    await page.sees("<script>alert(1)</script> hello 🎉")
    await says(page, "/nothing")
    await page.sees("/nothing is not a valid command.")
    await page.clicks("#notices p")
    await page.waits_for("!document.body.innerText.includes('/nothing')")


async def test_home_people_threads_and_menus(page: Page, workspace: SlackWorkspace) -> None:
    await page.clicks("#channels button", "Home")
    await page.sees("All in sync")
    await page.clicks("#channels button", "#ops")
    await says(page, "/hightonic find anna")
    await page.clicks(".message .tools button", "Reply")
    await says(page, "an answer")
    await page.waits_for("document.querySelectorAll('.message.answer').length === 1")
    await page.clicks(".menu div button", "Mute")
    await workspace.until(
        lambda: any(
            one.outgoing.payload.get("actions", [{}])[0].get("action_id") == "more"
            for one in workspace.teller.told
        )
    )

    await page.tells(
        "const who = document.getElementById('user'); who.value = 'U0000000005';"
        "who.dispatchEvent(new Event('change'))"
    )
    await page.waits_for(
        "document.getElementById('channels').innerText.includes('#general') === false"
    )


def too_wide(page: Page) -> Any:
    return page.tells("document.documentElement.scrollWidth > innerWidth")


async def test_the_page_fits_narrow_and_wide_light_and_dark(
    page: Page, workspace: SlackWorkspace
) -> None:
    await says(page, f"/hightonic find {'longname' * 30}")
    await page.sees("for you alone")
    await page.clicks(".message button", "Edit")
    await page.sees("Edit contact")

    for theme in ("light", "dark"):
        for width in WIDTHS:
            await page.tells(f"theme({theme!r})")
            await page.size(width)
            assert not await too_wide(page)
            assert len(await page.picture()) > 5_000
