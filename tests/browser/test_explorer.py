"""The explorer in a real browser: a row is chosen, its contact is read anew, a view is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from notebooks.widgets.explorer import explorer_talks
from notebooks.widgets.panel import STATIC
from tests.browser.chromium import PROGRAM, Page, open_page
from tests.browser.desk_page import Shown, serve_desk
from tests.browser.grid_page import click_cell
from tests.browser.office_session import Office, open_office
from tests.browser.test_grid import press, shoot

_BUNDLES = (STATIC / "grid.js", STATIC / "detail.js")
_NOT_BUILT = not all(each.exists() for each in _BUNDLES)
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
    grid, detail = explorer_talks(office.session)
    panels = [
        Shown("grid", grid, _BUNDLES[0], height_px=460, flex="999 1 560px"),
        Shown("detail", detail, _BUNDLES[1], height_px=660, flex="1 1 400px"),
    ]
    async with serve_desk(panels) as address, open_page(tmp_path / "profile") as opened:
        await opened.size(1280, 760)
        await opened.goes_to(address)
        await opened.sees("contacts")
        await opened.waits_for("document.querySelectorAll('.htg-chip').length > 5")
        yield opened
        assert opened.complaints == []


async def test_chosen_row_is_shown_whole_and_read_anew_on_demand(
    page: Page, office: Office
) -> None:
    sandbox = office.sandbox
    await page.clicks("#grid .htg-chip", "met")
    await page.sees("1 contact")
    calls = sandbox.recorder.count()
    await click_cell(page, 0, "name")
    await page.sees("Refresh this record")
    await page.waits_for("document.querySelector('#detail table') !== null")
    assert sandbox.recorder.count() == calls
    await shoot(page, "explorer-light")

    for tab in ("tasks", "notes", "history"):
        await page.clicks(f"#detail [data-tab={tab}]")
        await page.waits_for("document.querySelector('#detail .htg-tab-body *') !== null")
        await shoot(page, f"explorer-{tab}")
    await page.sees("Contact changed in")

    await page.clicks("#detail button", "Refresh this record")
    await page.sees("Both sides were read again")
    assert 0 < sandbox.recorder.count() - calls <= 3


async def test_arrow_keys_move_the_detail_along(page: Page) -> None:
    await click_cell(page, 0, "name")
    await page.waits_for("document.querySelector('#detail table') !== null")
    first = await page.tells("document.querySelector('#detail h2').innerText")
    await press(page, "ArrowDown", code=40)

    await page.waits_for(f"document.querySelector('#detail h2').innerText !== {first!r}")


async def test_view_is_saved_as_a_segment_and_what_cannot_be_is_said(
    page: Page, office: Office
) -> None:
    await page.clicks("#grid .htg-chip", "customer")
    await page.sees("Clear filters")
    await page.clicks("#grid .htg-chip", "in step")
    await page.clicks("#grid button", "Save segment…")
    await page.types("#grid .htg-segment input", "our_customers")
    await page.clicks("#grid .htg-segment button", "Save segment")
    await page.sees("Saved as segment `our_customers`")
    await page.sees("how the sides stand changes with every sync")
    await shoot(page, "explorer-segment")

    session = office.session
    assert "our_customers" in session.desk.segments(session.grid).names()

    await page.clicks("#grid button", "Clear filters")
    await page.waits_for("document.querySelector('.htg-clear').hidden")
    await page.tells(
        "(() => { const one = document.querySelector('.htg-shower');"
        "one.value = 'our_customers'; one.dispatchEvent(new Event('change')) })()"
    )
    await page.sees("7 contacts")
    await page.clicks("#grid button", "Clear filters")
    await page.waits_for("document.querySelector('.htg-clear').hidden")
    session.bus.tell("filter", query={"filters": {"name": {"test": "holds", "values": ["an"]}}})
    await page.sees("Clear filters")
