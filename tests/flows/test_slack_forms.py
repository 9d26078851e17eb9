"""Forms as people meet them: opened, typed into, sent; over both ways into the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.flows.slack_office import SlackOffice, open_slack_office
from tests.flows.world import World
from toolkit.model.chat_people import Role
from toolkit.sandbox.slack_app import sandbox_slack

MODES = ("socket", "http")
both = pytest.mark.parametrize("office", MODES, indirect=True)


@pytest.fixture
async def office(request: pytest.FixtureRequest, world: World) -> AsyncIterator[SlackOffice]:
    mode = getattr(request, "param", "socket")
    options = sandbox_slack(rate_limit=False)
    async with open_slack_office(world, mode=mode, options=options) as opened:
        opened.link("anna", Role.ADMIN)
        yield opened
        assert opened.check()


async def modal(office: SlackOffice, name: str, words: str) -> str:
    """What somebody's modal says once it says this."""
    space, user = office.workspace, office.user(name)
    await space.until(
        lambda: space.state.top_view(user) is not None and words in space.reads_modal(name)
    )
    return space.reads_modal(name)


async def other_email(office: SlackOffice) -> tuple[str, str, str]:
    """Two contacts' addresses, and the name of the second."""
    first, second = office.world.emails()[:2]
    return first, second, office.world.high.contacts[office.world.contact_id(second)].name


@both
async def test_typed_address_of_somebody_else_is_told_at_once_and_never_forbids(
    office: SlackOffice,
) -> None:
    space, world = office.workspace, office.world
    _, taken, name = await other_email(office)
    await office.type("anna", "contact add")
    await modal(office, "anna", "Name")

    await space.fills("anna", {"Name": "Second of the name", "E-mail": taken})
    told = await modal(office, "anna", "already")
    assert name in told
    assert taken in told
    before = len(space.messages("anna", "#ops"))
    await space.submits("anna")
    await office.hears("anna", "#ops", after=before)

    assert world.writes() > 0


async def test_warning_goes_when_another_address_is_typed(office: SlackOffice) -> None:
    space = office.workspace
    _, taken, _ = await other_email(office)
    await office.type("anna", "contact add")
    await modal(office, "anna", "Name")
    await space.fills("anna", {"E-mail": taken})
    await modal(office, "anna", "already")

    await space.fills("anna", {"E-mail": f"not.{taken}"})

    await space.until(lambda: "already" not in space.reads_modal("anna"))
    assert f"not.{taken}" in space.reads_modal("anna")


async def test_phone_is_known_however_it_is_written(office: SlackOffice) -> None:
    space, world = office.workspace, office.world
    email, _, _ = await other_email(office)
    world.edit_contact(world.contact_id(email), phone="+33612345678")
    await office.ask("anna", "sync run")
    await office.type("anna", "contact add")
    await modal(office, "anna", "Name")

    await space.fills("anna", {"Phone": "06 12 34 56 78"})

    assert "already" in await modal(office, "anna", "already")


async def test_contact_s_own_address_is_no_duplicate_of_itself(office: SlackOffice) -> None:
    space = office.workspace
    own, taken, _ = await other_email(office)
    await office.ask("anna", f"contact show {own}")
    await space.clicks("anna", "Edit")
    await modal(office, "anna", own)

    await space.fills("anna", {"E-mail": taken})
    await modal(office, "anna", "already")
    await space.fills("anna", {"E-mail": own})

    await space.until(lambda: "already" not in space.reads_modal("anna"))


async def test_last_thing_typed_wins_whatever_order_slack_takes_it_in(
    office: SlackOffice,
) -> None:
    space = office.workspace
    _, taken, _ = await other_email(office)
    await office.type("anna", "contact add")
    await modal(office, "anna", "Name")
    space.refuse("views.update", "hash_conflict")

    await space.fills("anna", {"E-mail": taken})

    await modal(office, "anna", "already")


async def test_keys_that_change_nothing_ask_slack_for_nothing(office: SlackOffice) -> None:
    space = office.workspace
    await office.type("anna", "contact add")
    await modal(office, "anna", "Name")

    for text in ("n", "no", "nobody@", "nobody@example.org"):
        await space.fills("anna", {"E-mail": text})
    await office.at_rest()

    assert not space.calls("views.update")


@pytest.mark.parametrize(
    ("name", "role", "is_linked", "says"),
    [
        ("bruno", Role.VIEWER, True, "editor"),
        ("bruno", Role.ADMIN, False, "who you are"),
        ("gina", Role.ADMIN, True, "Guests"),
    ],
)
@pytest.mark.parametrize("opener", ["task_new", "contact.edit"])
async def test_form_opens_for_nobody_who_may_not_use_it(  # noqa: PLR0917 — a table
    office: SlackOffice, opener: str, name: str, role: Role, is_linked: bool, says: str
) -> None:
    space, (email, *_) = office.workspace, office.world.emails()
    office.link(name, role, owner_id="own_1" if is_linked else "")
    if opener == "task_new":
        await space.uses_shortcut(name, opener)
    else:
        await office.ask("anna", f"contact show {email} --here")
        await space.clicks(name, "Edit")

    shown = await modal(office, name, says)
    assert email not in shown
    view = space.modal(name)
    assert not view.values


async def test_menus_offer_contacts_to_nobody_who_may_not_see_them(
    office: SlackOffice,
) -> None:
    space, (email, *_) = office.workspace, office.world.emails()
    office.link("bruno", Role.EDITOR)
    await space.uses_shortcut("bruno", "task_new")
    await modal(office, "bruno", "Contact")
    assert await space.suggests("bruno", "Contact", email)

    office.link("bruno", Role.NOBODY)

    assert await space.suggests("bruno", "Contact", email) == []
