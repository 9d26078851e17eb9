"""The mapping editor in a real browser: lines dragged and typed, tried, planned, saved."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from notebooks.widgets.panel import STATIC
from tests.browser.chromium import PROGRAM, Page, open_page
from tests.browser.mapping_room import Room, open_room
from tests.browser.widget_page import click, drag, mouse, serve_talk, spot
from tests.flows.conftest import _clean_environment, _fresh, _synced, world
from tests.flows.world import World
from tests.unit.app.test_mapping_desk import MAPPING, settings
from toolkit.app.config_source import write_text

__all__ = ["_clean_environment", "_fresh", "_synced", "world"]

_BUNDLE = STATIC / "mapping.js"
pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not _BUNDLE.exists(), reason="not built: python -m notebooks.build"),
    pytest.mark.slow,
]
_PICTURES = os.environ.get("HIGHTONIC_PICTURES")
_HIGH, _TIME = "[data-side=highlevel]", "[data-side=timetonic]"


@pytest.fixture
def room(world: World) -> Iterator[Room]:
    write_text(world.home / "hightonic.yaml", settings(world))
    with open_room(world) as opened:
        yield opened


@pytest_asyncio.fixture
async def page(room: Room, tmp_path: Path) -> AsyncIterator[Page]:
    talk = room.mapping_talk()
    async with (
        serve_talk(talk, _BUNDLE, height_px=480) as address,
        open_page(tmp_path / "profile") as opened,
    ):
        await opened.size(1280, 960)
        await opened.goes_to(address)
        await opened.sees("read just now")
        yield opened
        assert opened.complaints == []
        talk.close()


async def press(page: Page, key: str, *, code: int, modifiers: int = 0) -> None:
    for kind in ("keyDown" if key == "Enter" else "rawKeyDown", "keyUp"):
        text = {"text": "\r"} if kind == "keyDown" else {}
        await page.send(
            "Input.dispatchKeyEvent",
            type=kind,
            key=key,
            windowsVirtualKeyCode=code,
            modifiers=modifiers,
            **text,
        )


async def choose(page: Page, label: str, value: str) -> None:
    """Another option of a list, as somebody picks it."""
    find = f"document.querySelector('select[aria-label={json.dumps(label)}]')"
    await page.waits_for(f"{find} !== null")
    await page.tells(f"{find}.value = {json.dumps(value)}, {find}.onchange()")


async def search(page: Page, side: str, text: str) -> None:
    box = f"input[aria-label='Search {side} fields']"
    await page.types(box, text)


async def focus(page: Page, side: str, name: str) -> None:
    await page.tells(f"document.querySelector('{side}[data-name={json.dumps(name)}]').focus()")


async def shoot(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    picture = await page.picture()
    assert len(picture) > 5_000
    if _PICTURES:
        Path(_PICTURES, f"{name}.png").write_bytes(picture)


async def chip(page: Page, line: str) -> str:
    return str(await page.tells(f"document.querySelector('[data-line={line}]')?.innerText"))


async def test_line_is_dragged_tried_planned_and_saved_with_comments(
    page: Page, room: Room
) -> None:
    before = room.text
    await search(page, "HighLevel", "website")
    await search(page, "TimeTonic", "website")
    await drag(page, f"{_HIGH}[data-name=website]", f"{_TIME}[data-name=Website]")
    await page.sees("Website ↔ Website")
    await page.sees("all can be read and written")
    assert await chip(page, "website") == "⇄ as is"
    await shoot(page, "mapping-dragged")

    await choose(page, "Direction", "to_timetonic")
    await page.waits_for("document.querySelector('[data-line=website]').innerText[0] === '→'")
    await page.clicks(".htg-button", "Plan")
    await page.sees("What the next sync would do")
    await page.sees("Contacts: website")
    await shoot(page, "mapping-plan")
    assert room.text == before
    await page.clicks(".htg-button", "Save to hightonic.yaml")
    await page.sees("Saved: 1 change in hightonic.yaml")

    section = room.text.partition("mapping:")[2]
    for kept in ("# mail decides, phones are shared", "# never guessed", "match_by: [email]"):
        assert kept in section
    added = ["website:", "highlevel: website", "timetonic: Website", "direction: to_timetonic"]
    assert all(each in section for each in added)
    assert [each for each in before.splitlines() if each not in room.text.splitlines()] == []
    assert room.saved == ["mapping"]
    assert room.world.writes() == 0


@pytest.mark.lab  # with the other long ones: `poe browser`
async def test_misfit_is_warned_of_while_dragging_and_escape_lets_go(
    page: Page, room: Room
) -> None:
    await search(page, "HighLevel", "source")
    await search(page, "TimeTonic", "tasks")
    x, y = await spot(page, f"{_HIGH}[data-name=source]")
    to_x, to_y = await spot(page, f'{_TIME}[data-name="Total tasks"]')
    await mouse(page, "mousePressed", x, y)
    for step in (0.3, 0.7, 1.0):
        await mouse(page, "mouseMoved", x + (to_x - x) * step, y + (to_y - y) * step)

    await page.sees("TimeTonic takes numbers here")
    await shoot(page, "mapping-misfit")
    await press(page, "Escape", code=27)
    await mouse(page, "mouseReleased", to_x, to_y)
    assert await page.tells("document.querySelector('.map-hint').hidden")
    await page.clicks(".map-tab", "Changes")
    await page.sees("Nothing is changed")


async def test_keyboard_alone_draws_removes_and_undoes(page: Page) -> None:
    await focus(page, _HIGH, "country")
    await press(page, "Enter", code=13)
    await page.waits_for(
        "document.querySelector('.map-live').textContent.startsWith('Picked') !== null"
    )
    await press(page, "Escape", code=27)
    await page.waits_for("document.querySelector('.map-live').textContent === 'Cancelled.'")
    await press(page, "Enter", code=13)
    await focus(page, _TIME, "Country")
    await press(page, "Enter", code=13)
    await page.waits_for("document.querySelector('[data-line=country]') !== null")
    await page.waits_for(
        "document.querySelector('.map-live').textContent.startsWith('Line from')"
    )

    await focus(page, _TIME, "Country")
    await press(page, "Delete", code=46)
    await page.waits_for("!document.querySelector('[data-line=country]')")
    await press(page, "z", code=90, modifiers=2)
    await page.waits_for("document.querySelector('[data-line=country]') !== null")
    await focus(page, _HIGH, "email")
    await press(page, "ArrowDown", code=40)
    await page.waits_for("document.activeElement.dataset.name === 'phone'")
    await press(page, "ArrowRight", code=39)
    await page.waits_for("document.activeElement.dataset.name === 'Phone'")


async def test_failing_transform_is_dashed_and_names_its_record(page: Page) -> None:
    await click(page, "[data-line=source]")
    await page.sees("Source ↔ Source")
    await choose(page, "Transform", "number")
    await page.waits_for("document.querySelector('[data-line=source].is-bad') !== null")

    assert "fail" in await chip(page, "source")
    await page.sees("would fail: these values are left as they are")
    title = await page.tells("document.querySelector('[data-line=source]').title")
    assert ": record " in title
    dashes = "getComputedStyle(document.querySelector('path.is-bad')).strokeDasharray"
    assert await page.tells(dashes) != "none"
    await shoot(page, "mapping-failing")


@pytest.mark.lab  # with the other long ones: `poe browser`
async def test_missing_required_field_is_loud(page: Page) -> None:
    await page.clicks(".map-tab", "Tasks")
    await page.waits_for(f"document.querySelector('{_HIGH}[data-name=title]') !== null")
    await focus(page, _HIGH, "title")
    await press(page, "Delete", code=46)

    await page.sees("1 required field is not mapped: HighLevel needs Title for a new record")
    await shoot(page, "mapping-required")


@pytest.mark.lab  # with the other long ones: `poe browser`
async def test_suggestions_are_accepted_and_shown_in_the_dark(page: Page) -> None:
    await page.clicks(".htg-button", "Suggest")
    await page.sees("same name")
    await page.waits_for("document.querySelectorAll('.map-line.is-likely').length > 1")
    await shoot(page, "mapping-suggested")
    await page.clicks(".htg-button", "Accept all")
    await page.sees("Fields that look alike")
    await page.waits_for("document.querySelectorAll('.map-chip.is-changed').length > 1")
    await page.size(1680, 960)
    await page.tells("document.body.dataset.jpThemeLight = 'false'")
    await page.waits_for("document.querySelector('.htg').dataset.agThemeMode === 'dark'")
    await shoot(page, "mapping-dark")


@pytest.mark.lab  # with the other long ones: `poe browser`
async def test_file_changed_by_somebody_else_is_said_and_kept(page: Page, room: Room) -> None:
    await focus(page, _HIGH, "source")
    await press(page, "Delete", code=46)
    await page.sees("Save 1 change")
    theirs = room.text.replace(MAPPING, MAPPING.replace("[plan]", "[plan, company]"))
    write_text(room.parts.home.config_path, theirs)
    await page.clicks(".map-tab", "Changes")
    await page.clicks(".htg-button", "Save to hightonic.yaml")
    await page.sees("Nothing was saved, and your draft is kept")
    await page.sees("hightonic.yaml was changed by somebody else. Your draft is kept")
    assert room.text == theirs

    await page.clicks(".htg-button", "Load the file again")
    await page.waits_for("!document.querySelector('[data-line=company]')")
    await page.waits_for("document.querySelector('[data-line=source]') !== null")
