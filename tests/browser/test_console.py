"""The sync console and the dashboard in a real browser, over served emulators."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from notebooks.session import Session, open_session
from notebooks.widgets.console_talk import ConsoleTalk
from notebooks.widgets.dashboard_talk import DashboardTalk
from notebooks.widgets.panel import STATIC
from tests.browser.chromium import PROGRAM, Page, open_page
from tests.browser.widget_page import serve_talk
from tests.flows.world import SMALL
from toolkit.app.home import Home
from toolkit.app.setup import connect_sandbox
from toolkit.sandbox.serve import Sandbox

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(
        not (STATIC / "console.js").exists(), reason="not built: python -m notebooks.build"
    ),
    pytest.mark.slow,
]
_PICTURES = os.environ.get("HIGHTONIC_PICTURES")


@dataclass
class Desk:
    """A kernel's session over emulators that this test's loop serves."""

    sandbox: Sandbox
    session: Session

    def clash(self) -> str:
        """Both sides give one person another name; answers their e-mail."""
        high, time = self.sandbox.highlevel.state, self.sandbox.timetonic.state
        email, row = next(
            (each["Email"], key) for key, each in time.rows("Contacts").items() if each["Email"]
        )
        found = next(e for e in high.contacts.values() if e.values.get("email") == email)
        contact = deepcopy(found)
        contact.values |= {"firstName": "Here", "lastName": "Person"}
        high.touch(contact)
        time.edit_row("Contacts", row, {"Name": "There Person"})
        return str(email)

    def names_of(self, email: str) -> set[str]:
        """What both sides hold."""
        high, time = self.sandbox.highlevel.state, self.sandbox.timetonic.state
        here = [e.values for e in high.contacts.values() if e.values.get("email") == email]
        there = [e for e in time.rows("Contacts").values() if e["Email"] == email]
        return {f"{here[0]['firstName']} {here[0]['lastName']}", str(there[0]["Name"])}


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    home = Home(tmp_path / "home")
    async with Sandbox.running(SMALL) as sandbox:
        await connect_sandbox(home, "main", sandbox.ready_line())
        session = open_session(home=home.path)
        try:
            yield Desk(sandbox, session)
        finally:
            await asyncio.to_thread(session.close)


@pytest_asyncio.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Page]:
    async with open_page(tmp_path / "profile") as opened:
        await opened.size(1280, 860)
        yield opened
        assert opened.complaints == []


async def shoot(page: Page, name: str) -> None:
    picture = await page.picture()
    assert len(picture) > 5_000
    if _PICTURES:
        Path(_PICTURES, f"{name}.png").write_bytes(picture)


async def idle(page: Page) -> None:
    await page.waits_for(
        "document.querySelector('.htg').dataset.working === 'no'", timeout_s=30
    )


async def test_plan_run_conflict_and_undo(desk: Desk, browser: Page) -> None:
    talk = ConsoleTalk(desk.session)
    writes = desk.sandbox.recorder.count(is_write=True)
    async with serve_talk(talk, STATIC / "console.js") as address:
        await browser.goes_to(address)
        await browser.sees("not known to be equal yet")
        await browser.clicks("button", "Preview")
        await browser.sees("held back")
        await idle(browser)
        assert desk.sandbox.recorder.count(is_write=True) == writes
        await shoot(browser, "console-plan")

        await browser.clicks("button", "Sync now")
        await browser.sees("sync done")
        await idle(browser)
        await shoot(browser, "console-report")
        email = desk.clash()
        await browser.clicks("button", "Sync now")
        await browser.clicks("button", "Decide 1 conflict")
        await browser.sees("There Person")
        await shoot(browser, "console-conflicts")
        await browser.clicks("[data-choice=timetonic]")
        await browser.clicks("button", "Settle 1 field")
        await browser.sees("resolve done")
        await idle(browser)
        assert desk.names_of(email) == {"There Person"}

        await _take_back(browser)
        assert "There Person" in desk.names_of(email)
        await browser.clicks("[data-tab=log]")
        await browser.sees("update contact")
        await shoot(browser, "console-log")
    talk.close()


async def _take_back(browser: Page) -> None:
    await browser.clicks("[data-tab=runs]")
    await browser.waits_for("document.querySelectorAll('.htg-tab-body tbody tr').length === 3")
    await shoot(browser, "console-runs")
    await browser.clicks("tbody tr:first-child button", "Undo")
    await browser.sees("undo done")
    await idle(browser)


async def test_stop_lets_running_writes_finish_and_the_rest_is_done_by_the_next_run(
    desk: Desk, browser: Page
) -> None:
    talk = ConsoleTalk(desk.session)
    async with serve_talk(talk, STATIC / "console.js") as address:
        await browser.goes_to(address)
        await browser.clicks("button", "Sync now")
        await browser.clicks(".htg-strip button", "Stop")
        await browser.sees("sync done")
        await idle(browser)
        await browser.clicks("button", "Sync now")
        await idle(browser)
    contacts = SMALL.contacts + SMALL.leads - SMALL.shared

    assert len(desk.sandbox.timetonic.state.rows("Contacts")) == contacts
    talk.close()


async def test_dashboard_draws_and_a_bar_filters_the_explorer(
    desk: Desk, browser: Page
) -> None:
    await asyncio.wrap_future(desk.session.start(desk.session.desk.sync()))
    heard: list[object] = []
    desk.session.bus.listen("filter", lambda **facts: heard.append(facts["query"]))
    talk = DashboardTalk(desk.session)
    async with serve_talk(talk, STATIC / "dashboard.js") as address:
        await browser.goes_to(f"{address}?dark")
        await browser.sees("Contacts by lifecycle stage")
        await browser.sees("in step")
        await shoot(browser, "dashboard-dark")
        await browser.tells(
            "document.querySelector('[data-filter]')"
            ".dispatchEvent(new MouseEvent('click', {bubbles: true}))"
        )
        await browser.sees("The explorer shows lifecycle stage")
    talk.close()

    ((field, wanted),) = heard[0]["filters"].items()  # type: ignore[index]
    assert field == "lifecycle_stage"
    assert wanted["test"] == "any_of"
