"""The grid in a real browser: a person looks, filters, types, pastes and takes back."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from notebooks.widgets.grid_talk import GridTalk
from notebooks.widgets.panel import STATIC
from tests.browser.chromium import PROGRAM, Page, open_page
from tests.browser.grid_page import click_cell
from tests.browser.widget_page import serve_talk
from tests.unit.notebooks.office import build_home, change, open_conflict, set_state
from toolkit.app.grid import open_grid

_BUNDLE = STATIC / "grid.js"
pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not _BUNDLE.exists(), reason="not built: python -m notebooks.build"),
    pytest.mark.slow,
]
_PICTURES = os.environ.get("HIGHTONIC_PICTURES")


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[GridTalk]:
    home = build_home(tmp_path / "home", 1_200)
    change(home, 1, side="highlevel", phone="+13335550001", seen="later")
    set_state(home, 2, state="parked", reason="Two contacts have this e-mail")
    set_state(home, 3, timetonic_id=None, state="half")
    open_conflict(home, 4)
    change(home, 5, name="<b onclick=alert(1)>Bold</b>")
    with open_grid(home=home) as source:
        yield GridTalk(source)


@pytest_asyncio.fixture
async def page(talk: GridTalk, tmp_path: Path) -> AsyncIterator[Page]:
    async with serve_talk(talk, _BUNDLE) as address, open_page(tmp_path / "profile") as opened:
        await opened.size(1280, 860)
        await opened.goes_to(address)
        await opened.sees("1,200 contacts")
        await opened.waits_for("document.querySelectorAll('.htg-chip').length > 5")
        yield opened
        assert opened.complaints == []


async def press(page: Page, key: str, *, code: int, modifiers: int = 0) -> None:
    for kind in ("rawKeyDown", "keyUp"):
        await page.send(
            "Input.dispatchKeyEvent",
            type=kind,
            key=key,
            windowsVirtualKeyCode=code,
            modifiers=modifiers,
        )


async def paste(page: Page, text: str) -> None:
    await page.tells(
        "(() => { const data = new DataTransfer();"
        f"data.setData('text/plain', {json.dumps(text)});"
        "document.activeElement.dispatchEvent("
        "new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})) })()"
    )


async def shoot(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    picture = await page.picture()
    assert len(picture) > 5_000
    if _PICTURES:
        Path(_PICTURES, f"{name}.png").write_bytes(picture)


async def test_state_is_a_word_markup_stays_text_and_chips_narrow_the_view(page: Page) -> None:
    await page.sees("conflict")
    await page.sees("one side only")
    await page.sees("parked")
    await page.sees("waiting")
    await page.sees("<b onclick=alert(1)>Bold</b>")
    await shoot(page, "grid-light")

    await page.clicks(".htg-chip", "parked")
    await page.sees("1 contact")
    await page.clicks(".htg-chip[aria-pressed=true]", "parked")
    await page.sees("1,200 contacts")
    await page.types(".htg-search", "person77@")
    await page.tells("document.querySelector('.htg-search').dispatchEvent(new Event('input'))")
    await page.waits_for("document.querySelector('.htg-count').innerText === '1 contact'")


async def test_typed_cell_is_staged_with_its_old_value_and_undone(
    page: Page, talk: GridTalk
) -> None:
    await click_cell(page, 0, "company")
    await press(page, "Enter", code=13)
    await page.send("Input.insertText", text="Acme Ltd")
    await press(page, "Enter", code=13)
    await page.sees("1 staged change")
    (staged,) = talk.staging.cells()
    await click_cell(page, 0, "company")
    await press(page, "z", code=90, modifiers=2)
    await page.sees("Nothing staged")

    assert (staged.old, staged.new) == ("Company 0", "Acme Ltd")
    assert len(talk.staging) == 0


async def test_pasted_block_reaches_rows_nobody_loaded_light_and_dark(
    page: Page, talk: GridTalk
) -> None:
    lines = "\n".join(f"new{n}@example.com\t+1212555{n:04}" for n in range(600))

    await click_cell(page, 0, "email")
    await paste(page, lines.replace("new1@example.com", "nonsense"))
    await page.sees("1,200 staged changes, 1 with a problem")
    await page.clicks(".htg-staged")
    await page.sees("this is not an e-mail address")
    await shoot(page, "grid-paste-light")

    assert talk.staging.problems == 1

    await page.tells(
        "document.body.dataset.jpThemeLight = 'false'; document.body.style.background = '#12151a'"
    )
    await page.waits_for("document.querySelector('.htg').dataset.agThemeMode === 'dark'")
    await page.sees("different")
    ground = await page.tells(
        "getComputedStyle(document.querySelector('.htg .ag-root-wrapper')).backgroundColor"
    )
    await shoot(page, "grid-dark")

    assert sum(int(each) for each in ground[4:-1].split(",")[:3]) < 200
    assert not await page.tells("document.documentElement.scrollWidth > innerWidth")
