"""The automation builder in a real browser: cards added, dragged, previewed, saved."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from notebooks.widgets.panel import STATIC
from tests.browser.chromium import PROGRAM, Page, open_page
from tests.browser.mapping_room import Room, open_room
from tests.browser.test_mapping import choose, press, shoot
from tests.browser.widget_page import drag, serve_talk
from tests.flows.conftest import _clean_environment, _fresh, _synced, world
from tests.flows.world import World
from tests.unit.app.test_mapping_desk import settings
from tests.unit.app.test_rule_builder import RULES
from toolkit.app.config_source import write_text

__all__ = ["_clean_environment", "_fresh", "_synced", "world"]

_BUNDLE = STATIC / "rules.js"
pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not _BUNDLE.exists(), reason="not built: python -m notebooks.build"),
    pytest.mark.slow,
]
_GRIPS = ".rul-list .rul-grip"


@pytest.fixture
def room(world: World) -> Iterator[Room]:
    write_text(world.home / "hightonic.yaml", settings(world, mapping="", rules=RULES))
    with open_room(world) as opened:
        yield opened


@pytest_asyncio.fixture
async def page(room: Room, tmp_path: Path) -> AsyncIterator[Page]:
    talk = room.automation_talk()
    async with (
        serve_talk(talk, _BUNDLE, height_px=660) as address,
        open_page(tmp_path / "profile") as opened,
    ):
        await opened.size(1280, 900)
        await opened.goes_to(address)
        await opened.sees("thank")
        yield opened
        assert opened.complaints == []


async def names(page: Page) -> list[str]:
    found = (
        "[...document.querySelectorAll('.rul-list .rul-open b')].map((one) => one.innerText)"
    )
    return list(await page.tells(found))


async def test_rules_are_dragged_and_moved_by_keys_into_order(page: Page, room: Room) -> None:
    assert await names(page) == ["thank", "welcome"]
    await drag(page, "li:nth-child(2) > .rul-grip", ".rul-list h4")
    await page.waits_for(
        "document.querySelector('.rul-list .rul-open b').innerText === 'welcome'"
    )
    await page.sees("Changed, and can be saved")
    await page.tells(f"document.querySelector('{_GRIPS}').focus()")
    await press(page, "ArrowDown", code=40)
    await page.waits_for(
        "document.querySelector('.rul-list .rul-open b').innerText === 'thank'"
    )
    await page.sees("As saved.")
    await press(page, "ArrowUp", code=38)
    await page.waits_for(
        "document.querySelector('.rul-list .rul-open b').innerText === 'welcome'"
    )
    assert "place 1 of 2" in await page.tells("document.querySelector('.map-live').innerText")

    await page.sees("Changed, and can be saved")
    await page.clicks(".htg-button", "Save to hightonic.yaml")
    await page.sees("Saved in hightonic.yaml")
    assert room.text.index("welcome") < room.text.index("thank")
    for comment in ("# what people forget", "# only those we know", "# once"):
        assert comment in room.text


async def test_rule_is_built_from_cards_previewed_and_switched(page: Page, room: Room) -> None:
    await page.clicks(".htg-button", "New rule")
    await page.sees("A contact came to be")
    await choose(page, "Add a condition", "field")
    await choose(page, "Field", "email")
    await choose(page, "Add an action", "add_tags")
    await page.types(".is-then input[aria-label=Tags]", "seen, looked at")
    await page.sees("Changed, and can be saved")
    await page.clicks(".htg-button", "Preview")
    await page.sees("tags set on HighLevel")
    await shoot(page, "rules-preview")
    await page.clicks(".rul-edit .rul-switch", "off")
    await page.clicks(".htg-button", "Save to hightonic.yaml")
    await page.sees("Saved in hightonic.yaml")

    section = room.text.partition("rules:")[2]
    assert "new rule" in section
    assert "enabled: false" not in section
    assert "looked at" in section
    assert room.world.writes() == 0


@pytest.mark.lab  # with the other long ones: `poe browser`
async def test_what_is_typed_survives_pythons_answer(page: Page, room: Room) -> None:
    box = "document.querySelector('.is-then input[aria-label=Title]')"
    await page.tells(f"{box}.focus(); {box}.select()")
    await page.send("Input.insertText", text="Write to {{ name }}")
    await press(page, "Tab", code=9)
    await page.waits_for("document.activeElement.getAttribute('aria-label') === 'Due'")
    await page.send("Input.insertText", text="+3 days")
    await page.sees("Changed, and can be saved")
    assert await page.tells("document.activeElement.value") == "+3 days"
    await press(page, "Tab", code=9)
    await page.waits_for("document.activeElement.getAttribute('aria-label') === 'For'")
    await page.sees("Changed, and can be saved")
    await page.clicks(".htg-button", "Save to hightonic.yaml")
    await page.sees("Saved in hightonic.yaml")

    assert "Write to {{ name }}" in room.text
    assert "due: +3 days" in room.text


async def test_what_cannot_be_is_said_at_its_card_and_not_saved(page: Page, room: Room) -> None:
    before = room.text
    await choose(page, "Add an action", "create_task")
    await page.sees("⚠")
    await page.waits_for("document.querySelector('.rul-card.is-bad') !== null")
    assert await page.tells("document.querySelector('.rul-foot .is-main').disabled")
    await shoot(page, "rules-refused")
    await page.tells("[...document.querySelectorAll('.is-then .htg-button')].at(-1).click()")
    await page.sees("As saved.")
    assert room.text == before


@pytest.mark.lab  # with the other long ones: `poe browser`
async def test_recipe_is_switched_on_or_copied(page: Page, room: Room) -> None:
    await page.clicks(".rul-recipe [role=switch][aria-label='Recipe keep_dates']")
    await page.sees("Changed, and can be saved")
    await page.tells("document.querySelectorAll('.rul-recipe .htg-button')[3].click()")
    await page.sees("overdue_escalation.over")
    await page.size(1680, 900)
    await page.tells("document.body.dataset.jpThemeLight = 'false'")
    await page.waits_for("document.querySelector('.htg').dataset.agThemeMode === 'dark'")
    await shoot(page, "rules-dark")
    await page.sees("Changed, and can be saved")
    await page.clicks(".htg-button", "Save to hightonic.yaml")
    await page.sees("Saved in hightonic.yaml")

    assert "keep_dates: true" in room.text
    assert "overdue_escalation.over" in room.text
