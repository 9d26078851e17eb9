"""The whole bot on the sandbox's page: what is clicked there is done at both vendors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.browser.chromium import PROGRAM, Page, open_page
from tests.flows.slack_office import SlackOffice
from tests.flows.world import SMALL, World, build_world
from tests.slack_tokens import put_tokens
from toolkit.app.home import Home
from toolkit.app.wiring import Transports
from toolkit.model.chat_people import Role
from toolkit.sandbox.slack import SlackSandbox
from toolkit.sandbox.slack_app import sandbox_slack
from toolkit.server.process import ServeOptions, serving
from toolkit.store import Store

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine"),
    pytest.mark.slow,
]
HERS, ITS = "+33612345678", "+33687654321"


@dataclass
class Desk:
    """Somebody at a browser, and the office behind it."""

    page: Page
    office: SlackOffice

    @property
    def world(self) -> World:
        return self.office.world

    async def says(self, line: str) -> None:
        """Type a command and send it."""
        await self.page.types("#text", f"/hightonic {line}")
        await self.page.clicks("#composer button")

    async def clicks(self, label: str, within: str = ".message") -> None:
        """Click the last button of this name."""
        await self.page.clicks(f"{within} button", label)

    async def becomes(self, name: str) -> None:
        """Another person sits down at the same page."""
        await self.page.tells(
            "const who = document.getElementById('user');"
            f"who.value = {self.office.user(name)!r};"
            "who.dispatchEvent(new Event('change'))"
        )
        await self.page.waits_for(f"here.state.user === {self.office.user(name)!r}")

    def conflict(self, email: str) -> None:
        """One contact's phone, changed on both sides."""
        world = self.world
        world.edit_contact(world.contact_id(email), phone=HERS)
        world.time.edit_row("Contacts", world.row_id(email), {"Phone": ITS})

    def field(self, email: str, name: str) -> object:
        """What HighLevel holds."""
        world = self.world
        return world.high.contacts[world.contact_id(email)].values[name]

    def cell(self, email: str, name: str) -> object:
        """What TimeTonic holds."""
        return self.world.rows("Contacts")[self.world.row_id(email)][name]


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> World:
    async def made() -> World:
        world = await build_world(tmp_path_factory.mktemp("synced") / "home", SMALL)
        await world.sync()
        await world.settle()
        return world

    return asyncio.run(made())


@pytest_asyncio.fixture
async def office(synced: World, tmp_path: Path) -> AsyncIterator[SlackOffice]:
    """`hightonic serve` with the bot in it, as the demo has it."""
    world = synced.copy_to(tmp_path / "home")
    world.configure(schedule={"every_minutes": 1440})
    wires = Transports(**world.sandbox.transports())
    async with AsyncExitStack() as stack:
        running = SlackSandbox.running(sandbox_slack(rate_limit=False))
        sandbox = await stack.enter_async_context(running)
        put_tokens(world.home, sandbox.workspace)
        served = serving(Home(world.home), ServeOptions(port=0, transports=wires))
        await stack.enter_async_context(served)
        await sandbox.workspace.sockets.wait_connected()
        store = stack.enter_context(Store.open(world.home))
        opened = SlackOffice(world, sandbox.workspace, store, None, None, None)
        for name in ("anna", "bruno"):
            opened.link(name, Role.ADMIN)
        yield opened
        assert opened.check()


@pytest_asyncio.fixture
async def desk(office: SlackOffice, tmp_path: Path) -> AsyncIterator[Desk]:
    base_url = office.workspace.state.base_url
    async with open_page(tmp_path / "profile") as page:
        await page.goes_to(f"{base_url}/?user=anna&channel=%23ops")
        await page.waits_for("document.body?.dataset.version !== undefined")
        # A browser's own question would stop the page for the test as well.
        await page.tells("window.questions = []; window.confirm = (one) => questions.push(one)")
        yield Desk(page, office)
        assert page.complaints == []
        assert page.outside == []


async def test_contact_is_found_and_edited_on_both_sides(desk: Desk) -> None:
    email = desk.world.emails()[0]

    await desk.says(f"contact find {email}")
    await desk.page.sees(email)
    await desk.clicks("Edit")
    await desk.page.types('.modal [data-block="source"]', "from the page")
    await desk.clicks("Save", ".modal")
    await desk.page.sees("Undo")

    assert desk.field(email, "source") == "from the page"
    assert desk.cell(email, "Source") == "from the page"


async def test_conflict_is_resolved_by_a_click(desk: Desk) -> None:
    email = desk.world.emails()[0]
    desk.conflict(email)

    await desk.says("sync run")
    await desk.page.sees("conflict")
    await desk.says("sync conflicts")
    await desk.page.sees(ITS)
    await desk.clicks("Keep TimeTonic")
    await desk.office.workspace.until(lambda: desk.field(email, "phone") == ITS, timeout_s=15)

    assert desk.cell(email, "Phone") == ITS


async def test_fields_of_a_conflict_are_chosen_in_its_form(desk: Desk) -> None:
    email = desk.world.emails()[0]
    desk.conflict(email)
    await desk.says("sync run")
    await desk.page.sees("conflict")
    await desk.says("sync conflicts")

    await desk.clicks("Choose per field")
    await desk.page.clicks(".modal label", "HighLevel")
    await desk.clicks("Resolve", ".modal")
    await desk.office.workspace.until(lambda: desk.cell(email, "Phone") == HERS, timeout_s=15)

    assert desk.field(email, "phone") == HERS


async def test_plan_is_carried_out_once_somebody_else_approves(desk: Desk) -> None:
    email = desk.world.emails()[0]

    await desk.says(f"contact delete {email}")
    await desk.page.sees("Approve")
    await desk.clicks("Approve")
    await desk.page.sees("somebody else must decide")
    assert email in desk.world.emails()
    await desk.becomes("bruno")
    await desk.clicks("Approve")
    await desk.office.workspace.until(lambda: email not in desk.world.emails(), timeout_s=15)

    await desk.page.sees("Bruno Membre")
