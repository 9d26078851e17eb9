"""The bulk editor in a real browser: staged, planned, applied, stopped, resumed, taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from notebooks.widgets.bulk import bulk_talks
from notebooks.widgets.panel import STATIC
from tests.browser.chromium import PROGRAM, Page, open_page
from tests.browser.desk_page import Shown, serve_desk
from tests.browser.grid_page import click_cell
from tests.browser.office_session import Office, open_office
from tests.browser.test_grid import paste, press, shoot

_BUNDLES = {name: STATIC / f"{name}.js" for name in ("bulk", "grid", "tray")}
_NOT_BUILT = not all(each.exists() for each in _BUNDLES.values())
pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(_NOT_BUILT, reason="not built: python -m notebooks.build"),
    pytest.mark.slow,
]


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture
async def page(office: Office, tmp_path: Path) -> AsyncIterator[Page]:
    talks = bulk_talks(office.session)
    panels = [
        Shown("form", talks.form, _BUNDLES["bulk"], height_px=560, flex="1 1 280px"),
        Shown("grid", talks.grid, _BUNDLES["grid"], height_px=300, flex="999 1 560px"),
        Shown("tray", talks.tray, _BUNDLES["tray"], height_px=300),
    ]
    async with serve_desk(panels) as address, open_page(tmp_path / "profile") as opened:
        await opened.size(1280, 920)
        await opened.goes_to(address)
        await opened.waits_for("document.querySelectorAll('#grid .htg-chip').length > 5")
        await opened.sees("Nothing is staged")
        yield opened
        assert opened.complaints == []


async def fill(page: Page, field: str, text: str) -> None:
    """A field of the form, by name, as the page hears a person's typing."""
    find = f"document.querySelector('#form [data-field={field}]')"
    await page.waits_for(f"{find} !== null")
    await page.tells(
        f"(() => {{ {find}.value = {text!r}; for (const kind of ['input', 'change'])"
        f"{find}.dispatchEvent(new Event(kind, {{bubbles: true}})) }})()"
    )


async def choose(page: Page, deed: str) -> None:
    """What the form shall do."""
    await page.tells(
        "(() => { const one = document.querySelector('#form [data-deed]');"
        f"one.value = {deed!r}; one.dispatchEvent(new Event('change')) }})()"
    )


async def show(page: Page, tab: str) -> None:
    await page.clicks(f"#tray [data-tab={tab}]")


async def test_column_is_set_for_the_filtered_planned_applied_and_taken_back(
    page: Page, office: Office
) -> None:
    before = office.held("Source")
    await page.clicks("#grid .htg-chip", "customer")
    await page.sees("the grid shows now")
    await fill(page, "field", "source")
    await fill(page, "text", "trade fair 2026")
    await page.clicks("#form button", "Stage for")
    await page.sees("changes staged")
    await shoot(page, "bulk-staged")
    await show(page, "plan")
    await page.sees("API calls")
    await shoot(page, "bulk-plan")

    assert office.held("Source") == before

    await page.clicks("#tray .htg-apply")
    await page.sees("Revert batch")
    await shoot(page, "bulk-applied")
    after = office.held("Source")
    changed = {each for each in after if after[each] != before[each]}

    assert len(changed) > 3
    assert {after[each] for each in changed} == {"trade fair 2026"}

    await page.clicks("#tray button", "Revert batch")
    await page.sees("taken back")
    await page.waits_for("document.querySelector('#tray .htg-stop').hidden")

    assert office.held("Source") == before


async def test_wrong_value_waits_while_the_valid_ones_are_applied(
    page: Page, office: Office
) -> None:
    await click_cell(page, 0, "email")
    await paste(page, "new0@example.com\nnonsense\nnew2@example.com")
    await page.sees("Apply the 2 valid ones")
    await show(page, "errors")
    await page.sees("this is not an e-mail address")
    await shoot(page, "bulk-errors")
    await page.clicks("#tray .htg-apply")
    await page.sees("Done: 2 changes written")

    held = office.held("Email")
    assert {"new0@example.com", "new2@example.com"} <= set(held)
    assert "nonsense" not in held

    await show(page, "errors")
    await page.clicks("#tray button", "Drop it")
    await page.sees("No errors")


async def test_brake_is_shown_and_passed_by_who_looked_at_the_plan(
    page: Page, office: Office
) -> None:
    await fill(page, "field", "source")
    await fill(page, "text", "fair 2026")
    await page.clicks("#form button", "Stage for all")
    await page.sees("changes staged")
    await page.clicks("#tray .htg-apply")
    await page.sees("Nothing was sent")
    await page.sees("A brake holds this")
    await shoot(page, "bulk-brake")

    assert "fair 2026" not in office.held("Source").values()

    await page.clicks("#tray button", "Approve and apply")
    await page.sees("changes written")
    assert set(office.held("Source").values()) == {"fair 2026"}


async def test_dropped_file_is_matched_checked_and_staged(page: Page, office: Office) -> None:
    (email, *_) = office.held("Email")
    table = f"E-mail,Source,Notes\n{email},Fair 2026,x\nnobody@example.com,Acme,y\n"
    await choose(page, "import")
    await page.sees("Drop a CSV or Excel file here")
    await page.tells(
        "(() => { const data = new DataTransfer();"
        f"data.items.add(new File([{table!r}], 'fair.csv'));"
        "document.querySelector('#form .htg-drop').dispatchEvent("
        "new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true})) })()"
    )
    await page.sees("Column of the file")
    await shoot(page, "bulk-import")
    await page.tells("document.querySelector('#form [data-heading=Notes]').value = ''")
    await page.clicks("#form button", "Check the file")
    await page.sees("no contact has this e-mail")
    await shoot(page, "bulk-import-checked")
    await page.clicks("#form button", "Stage 1 change")
    await page.sees("Import of fair.csv: 1 cell of 1 contact")
    await page.clicks("#tray .htg-apply")
    await page.sees("Done: 1 change written")

    assert office.held("Source")[email] == "Fair 2026"


async def test_find_and_replace_tags_and_tasks_are_staged_and_dropped(
    page: Page, office: Office
) -> None:
    writes = office.sandbox.recorder.count(is_write=True)
    await choose(page, "replace")
    await fill(page, "field", "email")
    await fill(page, "find", "@example.com")
    await page.sees("hold it.")
    await fill(page, "into", "@example.org")
    await page.clicks("#form button", "Stage for all")
    await page.sees("changes staged")
    await choose(page, "tags")
    await fill(page, "add", "spring, vip")
    await page.clicks("#form button", "Stage for all")
    await page.waits_for("document.querySelector('#tray').innerText.includes('spring')")
    await choose(page, "task")
    await fill(page, "title", "Call")
    await fill(page, "due_at", "2026-12-01T10:00")
    await page.clicks("#form button", "Stage a task for all")
    await page.sees("42 new tasks")
    await shoot(page, "bulk-task")
    await show(page, "plan")
    await page.sees("make tasks")
    await page.tells("document.body.dataset.jpThemeLight = 'false'")
    await shoot(page, "bulk-plan-dark")

    await show(page, "staged")
    await page.clicks("#tray button", "Drop all")
    await page.waits_for(
        "document.querySelector('#tray').innerText.includes('Nothing is staged')"
    )
    assert office.sandbox.recorder.count(is_write=True) == writes

    await click_cell(page, 0, "name")
    await press(page, "z", code=90, modifiers=2)
    await page.sees("staged, nothing sent yet")
