"""Typing on the sandbox's page while the bot looks: what is typed stays, and so does the cursor."""

from __future__ import annotations

import pytest

from tests.browser.chromium import PROGRAM
from tests.browser.test_slack_service_page import Desk, desk, office, synced

__all__ = ["desk", "office", "synced"]

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine"),
    pytest.mark.slow,
]
_FIELD = "document.querySelector('.modal [data-block=email]')"


async def keys(desk: Desk, text: str) -> None:
    """Type on, without leaving the field."""
    await desk.page.send("Input.insertText", text=text)


async def test_warning_comes_while_somebody_types_and_takes_nothing_from_them(
    desk: Desk,
) -> None:
    email = desk.world.emails()[0]
    await desk.says("")
    await desk.clicks("New contact", ".modal")
    await desk.page.sees("E-mail")
    await desk.page.tells(f"{_FIELD}.focus()")

    await keys(desk, email)
    await desk.page.sees("has this e-mail already")
    assert await desk.page.tells(f"document.activeElement === {_FIELD}")
    await keys(desk, ".fr")
    await desk.page.waits_for("!document.body.innerText.includes('has this e-mail already')")

    assert await desk.page.tells(f"{_FIELD}.value") == f"{email}.fr"
    await desk.page.types('.modal [data-block="name"]', "Not the same")
    await desk.clicks("Save", ".modal")
    await desk.office.workspace.until(
        lambda: f"{email}.fr" in desk.world.emails(), timeout_s=15
    )


async def test_contact_is_looked_up_in_the_launcher(desk: Desk) -> None:
    email = desk.world.emails()[0]
    name = desk.world.high.contacts[desk.world.contact_id(email)].name
    await desk.says("")
    await desk.page.sees("Find a contact")

    await desk.page.tells("document.querySelector('.modal [data-do=suggest]').focus()")
    await keys(desk, name)
    await desk.page.clicks(".offers button", name)

    await desk.page.sees("Last synced")
    await desk.page.sees(email)


async def test_message_is_saved_as_a_note_by_its_own_menu(desk: Desk) -> None:
    email = desk.world.emails()[0]
    name = desk.world.high.contacts[desk.world.contact_id(email)].name
    await desk.page.types("#text", "She wants the gold plan")
    await desk.page.clicks("#composer button")
    await desk.page.sees("She wants the gold plan")
    await desk.page.clicks(".tools button", "Save as note")
    await desk.page.waits_for(
        "[...document.querySelectorAll('.modal textarea')].some("
        "one => one.value.includes('gold plan'))"
    )

    await desk.page.tells("document.querySelector('.modal [data-do=suggest]').focus()")
    await keys(desk, name)
    await desk.page.clicks(".offers button", name)
    await desk.clicks("Save", ".modal")
    contact = desk.world.contact_id(email)
    await desk.office.workspace.until(
        lambda: any(
            "gold plan" in each.body for each in desk.world.high.notes.get(contact, {}).values()
        ),
        timeout_s=15,
    )
