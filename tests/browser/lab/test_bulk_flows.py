"""Bulk editing as a person does it in JupyterLab; what counts is what both vendors hold then."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from notebooks.lab import Lab
from tests.browser.chromium import Page
from tests.browser.lab.bench import (
    enters,
    open_notebook,
    paste,
    press,
    restart,
    run_all,
    settle,
    shoot,
)
from tests.browser.widget_page import click
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sandbox.serve import Sandbox

FORM = ".htg:has([data-deed])"
GRID = ".htg:has(.ag-root-wrapper)"
TRAY = ".htg:has(.htg-apply)"
_PUT = "update-contact PUT"


class Desk:
    """The notebook, and what the vendors behind it hold."""

    def __init__(self, page: Page, sandbox: Sandbox) -> None:
        self.page, self.sandbox = page, sandbox

    def held(self, column: str) -> dict[str, Any]:
        """Name in TimeTonic -> a column."""
        rows = self.sandbox.timetonic.state.rows("Contacts").values()
        return {row["HighLevel id"]: row[column] for row in rows if row["HighLevel id"]}

    def puts(self) -> Counter[str]:
        """HighLevel contact -> how often it was written."""
        calls = self.sandbox.recorder.select(is_write=True, system="highlevel")
        return Counter(
            each.path.rsplit("/", 1)[-1]
            for each in calls
            if each.method == "PUT" and each.status == 200
        )

    async def cell(self, row: int, column: str) -> None:
        await click(self.page, f'{GRID} [row-index="{row}"] [col-id="{column}"]')

    async def narrow(self, chip: str) -> int:
        """Choose a chip; answers how many contacts are left."""
        await settle(self.page)
        found = (
            f"[...document.querySelectorAll('{GRID} .htg-chip')]"
            f".find((one) => /^{chip}\\s*[\\d,]+$/.test(one.innerText))"
        )
        await self.page.tells(f"{found}.click()")
        await self.page.sees("the grid shows now")
        shown = f"document.querySelector('{FORM} .htg-scope b').innerText"
        return int((await self.page.tells(shown)).replace(",", ""))

    async def fill(self, field: str, text: str) -> None:
        find = f"document.querySelector('{FORM} [data-field={field}]')"
        await self.page.waits_for(f"{find} !== null")
        await self.page.tells(
            f"(() => {{ {find}.value = {json.dumps(text)}; for (const kind of ['input', 'change'])"
            f"{find}.dispatchEvent(new Event(kind, {{bubbles: true}})) }})()"
        )

    async def stage_plan(self, chip: str, plan: str) -> set[str]:
        """Give everybody of a lifecycle stage another plan; answers whom that must change."""
        await self.narrow(chip)
        await self.fill("field", "plan")
        await self.fill("text", plan)
        await self.page.clicks(f"{FORM} button", "Stage for")
        await self.says("staged, nothing sent yet")
        stages, plans = self.held("Lifecycle stage"), self.held("Plan")
        return {each for each in stages if stages[each] == chip and plans[each] != plan}

    async def says(self, text: str, timeout_s: float = 12) -> None:
        said = f"document.querySelector('{TRAY}')?.innerText.includes({json.dumps(text)})"
        try:
            await self.page.waits_for(said, timeout_s=timeout_s)
        except AssertionError:
            shown = await self.page.tells(f"document.querySelector('{TRAY}')?.innerText")
            raise AssertionError(f"the tray never said {text!r} but {shown}") from None

    async def rests(self) -> None:
        """Nothing is under way."""
        await self.page.waits_for(
            f"document.querySelector('{TRAY} .htg-stop').hidden", timeout_s=60
        )

    async def does(self, button: str) -> None:
        """Press a button of the tray, once it can be pressed."""
        await self.page.clicks(f"{TRAY} button:not([disabled])", button)


@pytest_asyncio.fixture
async def desk(lab: Lab, place: tuple[Path, Sandbox], tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_notebook(lab, "02_bulk_edit.ipynb", tmp_path / "profile") as page:
        opened = Desk(page, place[1])
        await ready(opened)
        yield opened


def assert_once(written: Counter[str], people: set[str]) -> None:
    """Everybody was written, and nobody twice; some rows do not show whose they are."""
    assert people <= set(written)
    assert set(written.values()) == {1}


async def ready(desk: Desk) -> None:
    await desk.page.waits_for(
        f"document.querySelectorAll('{GRID} .htg-chip').length > 5", timeout_s=30
    )
    await desk.says("taged")


@pytest.fixture
def slow(place: tuple[Path, Sandbox]) -> Iterator[None]:
    """HighLevel takes its time, so that a person can press Stop."""
    faults = place[1].faults
    faults.set([Fault(FaultKind.SLOW, match=_PUT, times=0, seconds=0.5)])
    yield
    faults.set([])


async def test_cell_is_edited_block_pasted_batch_applied_and_reverted(desk: Desk) -> None:
    page, before = desk.page, desk.held("Email")
    await desk.narrow("in step")
    await settle(page)
    await desk.cell(0, "email")
    await press(page, "Enter", code=13)
    await enters(page, "typed@example.org")
    await desk.says("1 change staged")
    await desk.cell(1, "email")
    await paste(page, "one@example.org\t+12125550171\ntwo@example.org\t+12125550172")
    await desk.says("5 changes staged")
    await shoot(page, "02_bulk_staged", at=TRAY)
    await page.clicks(f"{TRAY} [data-tab=plan]")
    await desk.says("API calls")
    await shoot(page, "02_bulk_plan", at=TRAY)

    assert desk.held("Email") == before

    await desk.does("Apply 5 changes")
    await desk.says("Done: 5 changes written")
    new = Counter(desk.held("Email").values()) - Counter(before.values())
    await shoot(page, "02_bulk_applied", at=TRAY)

    assert set(new) == {"typed@example.org", "one@example.org", "two@example.org"}

    await page.clicks(f"{TRAY} [data-tab=history]")
    await desk.does("Revert batch")
    await desk.says("taken back")
    await desk.rests()

    assert desk.held("Email") == before


@pytest.mark.usefixtures("slow")
async def test_batch_is_stopped_and_resumed_and_each_is_written_once(desk: Desk) -> None:
    before = desk.puts()
    people = await desk.stage_plan("prospect", "Enterprise")
    await desk.does("Apply")
    await desk.says("Applying: ")
    await desk.does("Stop")
    await desk.says("stopped")
    await desk.rests()
    await shoot(desk.page, "02_bulk_stopped", at=TRAY)
    sent = (desk.puts() - before).total()

    assert 0 < sent < len(people)

    desk.sandbox.faults.set([])
    await desk.page.clicks(f"{TRAY} [data-tab=history]")
    await desk.does("Resume")
    await desk.says("Done:")
    await desk.rests()

    assert_once(desk.puts() - before, people)
    assert {desk.held("Plan")[each] for each in people} == {"Enterprise"}


async def test_failed_changes_are_kept_with_their_reason_and_retried_alone(desk: Desk) -> None:
    before = desk.puts()
    people = await desk.stage_plan("customer", "Enterprise")
    desk.sandbox.faults.set([Fault(FaultKind.BROKEN_BEFORE, match=_PUT, times=2)])
    await desk.does("Apply")
    await desk.says("2 failed")
    await desk.rests()
    desk.sandbox.faults.set([])
    await desk.page.clicks(f"{TRAY} [data-tab=errors]")
    await desk.says("Retry failed")
    await shoot(desk.page, "02_bulk_failed", at=TRAY)
    await desk.does("Retry failed")
    await desk.says("Done:")
    await desk.rests()

    assert_once(desk.puts() - before, people)


@pytest.mark.usefixtures("slow")
async def test_kernel_restarted_in_the_middle_leaves_a_batch_to_resume(desk: Desk) -> None:
    before = desk.puts()
    people = await desk.stage_plan("churned", "Enterprise")
    await desk.does("Apply")
    await desk.says("Applying: ")
    await restart(desk.page)
    desk.sandbox.faults.set([])
    await run_all(desk.page)
    await ready(desk)
    desk.page.complaints.clear()  # JupyterLab's own: what asked the kernel that is gone
    await desk.says("did not come to an end")
    await shoot(desk.page, "02_bulk_restarted", at=TRAY)
    await desk.page.clicks(f"{TRAY} [data-tab=history]")
    await desk.does("Resume")
    await desk.says("Done:")
    await desk.rests()

    assert_once(desk.puts() - before, people)
    assert {desk.held("Plan")[each] for each in people} == {"Enterprise"}
