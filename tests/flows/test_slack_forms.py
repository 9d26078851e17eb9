"""Forms as people meet them: opened, typed into, sent; over both ways into the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.flows.slack_office import SlackOffice, open_slack_office
from tests.flows.world import World
from toolkit.model.chat_people import Role
from toolkit.sandbox.slack.outgoing import Kind as OutgoingKind
from toolkit.sandbox.slack.outgoing import Outgoing
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


@pytest.fixture
async def large(medium: World) -> AsyncIterator[SlackOffice]:
    """More contacts than anybody may change alone."""
    await medium.sync()
    await medium.settle()
    async with open_slack_office(medium) as opened:
        opened.link("anna", Role.ADMIN)
        opened.link("adam", Role.APPROVER)
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
async def test_typed_address_of_somebody_else_is_told_at_once_and_nobody_is_made_twice(
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
    before, rows = len(space.messages("anna", "#ops")), len(world.rows("Contacts"))
    await space.submits("anna")
    answer = await office.hears("anna", "#ops", after=before)

    assert "there already: edit them instead" in str(answer)
    assert len(world.rows("Contacts")) == rows


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


def clash(world: World, count: int) -> list[str]:
    """The phones of so many contacts changed on both sides; their addresses."""
    emails = world.emails()[:count]
    for number, email in enumerate(emails):
        world.edit_contact(world.contact_id(email), phone=f"+336111{number:05}")
        row = world.row_id(email)
        world.time.edit_row("Contacts", row, {"Phone": f"+336222{number:05}"})
    return emails


def phones(world: World, emails: list[str]) -> set[str]:
    held = (world.high.contacts[world.contact_id(each)].values["phone"] for each in emails)
    return {str(each)[:7] for each in held}


@both
async def test_choice_goes_to_all_conflicts_like_it_when_ticked(office: SlackOffice) -> None:
    space, emails = office.workspace, clash(office.world, 3)
    await office.ask("anna", "sync run")
    await office.ask("anna", "sync conflicts")
    await space.clicks("anna", "conflict.more", option="Also 2 like it")
    assert "(optional): Also 2 like it" in await modal(office, "anna", "Also 2 like it")
    phone = office.store.connection("main").list_conflicts()[0].conflict.timetonic

    before = len(space.messages("anna", "#ops"))
    await space.submits("anna", {"Phone": f"TimeTonic: {phone}"})
    said = await office.hears("anna", "#ops", after=before)

    assert "2 more" in said
    assert phones(office.world, emails) == {"+336222"}
    assert "No conflict" in await office.ask("anna", "sync conflicts")


async def test_only_the_record_is_settled_where_nothing_is_ticked(office: SlackOffice) -> None:
    emails = clash(office.world, 3)
    await office.ask("anna", "sync run")
    await office.ask("anna", "sync conflicts")

    await office.click("anna", "Keep TimeTonic")

    assert phones(office.world, emails) == {"+336111", "+336222"}


async def test_number_is_said_first_and_another_number_settles_nothing(
    office: SlackOffice,
) -> None:
    emails = clash(office.world, 3)
    await office.ask("anna", "sync run")
    (first, *_) = office.store.connection("main").list_conflicts()

    said = await office.ask("anna", f"sync resolve {first.id} highlevel similar=yes")
    assert "2 other conflicts" in said
    assert phones(office.world, emails) == {"+336111"}
    assert len(office.store.connection("main").list_conflicts()) == 3
    done = await office.click("anna", "Settle 2 more")

    assert "2 more" in done
    assert office.store.connection("main").list_conflicts() == []


async def test_own_value_is_for_one_record(office: SlackOffice) -> None:
    clash(office.world, 2)
    await office.ask("anna", "sync run")
    (first, *_) = office.store.connection("main").list_conflicts()

    said = await office.ask(
        "anna", f"sync resolve {first.id} value value=+33699999999 similar=1"
    )

    assert "one record" in said
    assert len(office.store.connection("main").list_conflicts()) == 2


async def test_more_than_25_records_wait_for_somebody_else(large: SlackOffice) -> None:
    emails = clash(large.world, 27)
    assert len(emails) == 27
    await large.ask("anna", "sync run")
    (first, *_) = large.store.connection("main").list_conflicts()
    seen = len(large.workspace.messages("adam", "#ops"))

    said = await large.ask("anna", f"sync resolve {first.id} timetonic similar=26")
    shown = await large.hears("adam", "#ops", after=seen)
    assert "approve" in said.lower()
    assert "many records" in shown.lower()
    assert len(large.store.connection("main").list_conflicts()) == 27
    await large.click("adam", "Approve")

    assert large.store.connection("main").list_conflicts() == []
    assert phones(large.world, emails) == {"+336222"}


async def test_approval_is_void_once_a_conflict_has_gone(large: SlackOffice) -> None:
    clash(large.world, 27)
    await large.ask("anna", "sync run")
    first, other, *_ = large.store.connection("main").list_conflicts()
    seen = len(large.workspace.messages("adam", "#ops"))
    await large.ask("anna", f"sync resolve {first.id} timetonic similar=26")
    await large.hears("adam", "#ops", after=seen)
    await large.ask("anna", f"sync resolve {other.id} highlevel")

    said = await large.click("adam", "Approve")

    assert "no longer" in said
    assert len(large.store.connection("main").list_conflicts()) == 26


@both
async def test_command_alone_opens_the_launcher_and_leads_everywhere(
    office: SlackOffice,
) -> None:
    space, (email, *_) = office.workspace, office.world.emails()
    name = office.world.high.contacts[office.world.contact_id(email)].name

    await office.type("anna", "")
    shown = await modal(office, "anna", "Find a contact")
    for label in ("New contact", "New task", "My tasks", "Sync status", "Help"):
        assert f"[{label}]" in shown

    await space.chooses("anna", "contact.show", name)
    card = await modal(office, "anna", "HighLevel")
    assert name in card
    assert email in card
    await space.closes("anna")
    await space.clicks("anna", "Sync status")
    assert "main" in await modal(office, "anna", "main")
    await space.clicks("anna", "Pause")
    await modal(office, "anna", "Saving")
    await space.closes("anna")
    assert space.state.top_view(office.user("anna")) is None
    await office.at_rest()
    assert office.store.connection("main").get_switch().is_paused


async def test_form_from_the_launcher_answers_where_the_launcher_was_opened(
    office: SlackOffice,
) -> None:
    space = office.workspace
    await office.type("anna", "")
    await modal(office, "anna", "Find a contact")
    await space.clicks("anna", "New contact")
    await modal(office, "anna", "E-mail")
    before = len(space.messages("anna", "#ops"))

    await space.submits("anna", {"Name": "Lena Launch", "E-mail": "lena@launch.example"})

    assert "Lena Launch" in await office.hears("anna", "#ops", after=before)
    assert office.world.contact_id("lena@launch.example")


@pytest.mark.parametrize(
    ("role", "is_linked", "shows", "hides"),
    [
        (Role.VIEWER, True, "My tasks", "New contact"),
        (Role.ADMIN, False, "Help", "New contact"),
    ],
)
async def test_launcher_offers_what_a_role_may_do(
    office: SlackOffice, role: Role, is_linked: bool, shows: str, hides: str
) -> None:
    office.link("bruno", role, owner_id="own_1" if is_linked else "")

    await office.type("bruno", "")

    shown = await modal(office, "bruno", shows)
    assert hides not in shown


async def test_help_is_still_said_in_the_conversation(office: SlackOffice) -> None:
    assert "[New contact]" not in await office.ask("anna", "help")
    assert "contact" in office.workspace.reads("anna", "#ops")[-1]


async def test_tags_are_added_and_taken_in_a_form(office: SlackOffice) -> None:
    space, world, (email, *_) = office.workspace, office.world, office.world.emails()
    contact = world.contact_id(email)
    await office.ask("anna", f"contact tag {email} +old +kept")
    await office.ask("anna", f"contact show {email}")
    await space.clicks("anna", "contact.more", option="Tag")
    await modal(office, "anna", "old")
    world.edit_contact(contact, tags=[*world.high.contacts[contact].tags, "meanwhile"])
    await office.ask("anna", "sync run")
    before = len(space.messages("anna", "#ops"))

    kept = [
        each for each in world.high.contacts[contact].tags if each not in {"old", "meanwhile"}
    ]
    await space.submits("anna", {"Tags": [*kept, "brand new"]})
    said = await office.hears("anna", "#ops", after=before)

    assert "The tags of" in said, said
    tags = set(world.high.contacts[contact].tags)
    assert {"kept", "brand new", "meanwhile"} <= tags
    assert "old" not in tags


async def test_note_and_notes_are_one_click_from_a_card(office: SlackOffice) -> None:
    space, (email, *_) = office.workspace, office.world.emails()
    await office.ask("anna", f"contact show {email}")
    await space.clicks("anna", "contact.more", option="Add note")
    await modal(office, "anna", "Note")
    before = len(space.messages("anna", "#ops"))
    await space.submits("anna", {"Note": "Rang from the card"})
    await office.hears("anna", "#ops", after=before)
    await space.closes("anna")
    await office.ask("anna", f"contact show {email}")

    before = len(space.messages("anna", "#ops"))
    await space.clicks("anna", "contact.more", option="Show notes")

    assert "Rang from the card" in await office.hears("anna", "#ops", after=before)


async def test_skipped_conflict_makes_way_for_the_next(office: SlackOffice) -> None:
    clash(office.world, 2)
    await office.ask("anna", "sync run")
    first = await office.ask("anna", "sync conflicts")

    second = await office.click("anna", "Skip")

    assert first.splitlines()[1] != second.splitlines()[1]
    assert len(office.store.connection("main").list_conflicts()) == 2


async def test_half_a_line_opens_its_form_with_what_was_typed(office: SlackOffice) -> None:
    space, world, (email, *_) = office.workspace, office.world, office.world.emails()
    name = world.high.contacts[world.contact_id(email)].name

    await office.type("anna", f"contact edit {email}")
    assert email in await modal(office, "anna", "E-mail")
    await space.closes("anna")
    await office.type("anna", f"note add {email}")
    assert name in await modal(office, "anna", "Note")
    await space.closes("anna")
    await office.type("anna", f'task add contact={email} due="2026-12-24 09:30" owner=@adam')
    shown = await modal(office, "anna", "What is to be done")

    for typed in (name, "2026-12-24", "09:30", "Adam"):
        assert typed in shown


@pytest.mark.parametrize(
    ("line", "says"),
    [("contact edit", "contact"), ("contact edit nobody@example.org", "nobody@example.org")],
)
async def test_nobody_is_edited_where_nobody_is_meant(
    office: SlackOffice, line: str, says: str
) -> None:
    space, user = office.workspace, office.user("anna")
    await office.type("anna", line)
    await space.until(
        lambda: space.reads("anna", "#ops") or space.state.top_view(user) is not None
    )

    view = space.state.top_view(user)
    shown = space.reads_modal("anna") if view else space.reads("anna", "#ops")[-1]
    assert says in shown
    assert not view or not view.values


async def test_card_of_a_duplicate_is_looked_at_and_the_form_goes_on(
    office: SlackOffice,
) -> None:
    space = office.workspace
    _, taken, name = await other_email(office)
    await office.type("anna", "contact add")
    await modal(office, "anna", "Name")
    await space.fills("anna", {"Name": "Half typed", "E-mail": taken})
    await modal(office, "anna", "already")

    await space.clicks("anna", "Show card")
    assert name in await modal(office, "anna", "Last synced")
    await space.closes("anna")

    assert "Half typed" in space.reads_modal("anna")


async def test_card_comes_as_a_message_where_no_modal_has_room(office: SlackOffice) -> None:
    space = office.workspace
    _, taken, _ = await other_email(office)
    await office.type("anna", "contact add")
    await modal(office, "anna", "Name")
    await space.fills("anna", {"E-mail": taken})
    await modal(office, "anna", "already")
    space.refuse("views.push", "push_limit_reached")

    await space.clicks("anna", "Show card")

    await space.until(lambda: space.reads("anna", "bot"), timeout_s=15)
    assert taken in space.reads("anna", "bot")[-1]
    assert taken in space.reads_modal("anna"), "what is being filled in stays"


async def test_looks_that_come_late_change_nothing(office: SlackOffice) -> None:
    space, user = office.workspace, office.user("anna")
    _, taken, _ = await other_email(office)
    await office.type("anna", "contact add")
    await modal(office, "anna", "Name")
    await space.fills("anna", {"E-mail": taken})
    await modal(office, "anna", "already")
    told = [
        each
        for each in space.teller.told
        if (each.outgoing.payload.get("actions") or [{}])[0].get("block_id") == "email"
    ]
    before = len(space.calls("views.update"))

    late = dict(told[-1].outgoing.payload)
    late["actions"] = [{**late["actions"][0], "action_ts": "1.000001"}]
    forged = {**late, "view": {**late["view"], "private_metadata": "forged"}}
    forged["actions"] = [{**late["actions"][0], "action_ts": "9999999999.000001"}]
    for payload in (late, forged):
        await space.teller.tell(Outgoing(OutgoingKind.INTERACTION, payload))
        await office.at_rest()

    assert len(space.calls("views.update")) == before
    assert space.state.top_view(user) is not None


async def test_role_lost_while_a_form_is_open_ends_the_looking(office: SlackOffice) -> None:
    space = office.workspace
    _, taken, _ = await other_email(office)
    await office.type("anna", "contact add")
    await modal(office, "anna", "Name")
    office.link("anna", Role.NOBODY)

    await space.fills("anna", {"E-mail": taken})
    await office.at_rest()

    assert not space.calls("views.update")


async def test_form_asks_each_field_in_its_own_manner(office: SlackOffice) -> None:
    space, world, (email, *_) = office.workspace, office.world, office.world.emails()
    await office.ask("anna", f"contact show {email}")
    await space.clicks("anna", "Edit")
    await modal(office, "anna", "Save")
    kinds = {
        block["block_id"]: block["element"]["type"]
        for block in space.modal("anna").blocks
        if block["type"] == "input"
    }
    assert kinds["lifecycle_stage"] == "static_select"
    assert kinds["next_action_date"] == "datepicker"
    assert kinds["email"] == "email_text_input"
    assert kinds["source"] == "plain_text_input"
    assert not {"total_tasks", "open_tasks", "updated_at", "last_sync"} & set(kinds)
    before = len(space.messages("anna", "#ops"))

    await space.submits("anna", {"Lifecycle stage": "customer", "Next action": "2026-12-24"})
    said = await office.hears("anna", "#ops", after=before)

    assert "lifecycle_stage" in said
    row = world.rows("Contacts")[world.row_id(email)]
    assert row["Lifecycle stage"] == "customer"
    assert f"{row['Next action date']}" == "2026-12-24"


async def test_choice_is_taken_back_in_the_form(office: SlackOffice) -> None:
    space, world, (email, *_) = office.workspace, office.world, office.world.emails()
    await office.ask("anna", f"contact edit {email} lifecycle_stage=lead")
    await office.ask("anna", f"contact show {email}")
    await space.clicks("anna", "Edit")
    await modal(office, "anna", "Save")
    before = len(space.messages("anna", "#ops"))

    await space.submits("anna", {"Lifecycle stage": "\u2013"})
    await office.hears("anna", "#ops", after=before)

    assert world.rows("Contacts")[world.row_id(email)]["Lifecycle stage"] is None


async def test_form_does_not_send_back_what_others_changed_meanwhile(
    office: SlackOffice,
) -> None:
    space, world, (email, *_) = office.workspace, office.world, office.world.emails()
    await office.ask("anna", f"contact show {email}")
    await space.clicks("anna", "Edit")
    await modal(office, "anna", "Save")
    world.edit_contact(world.contact_id(email), phone="+33612345678")
    await office.ask("anna", "sync run")
    before = len(space.messages("anna", "#ops"))

    await space.submits("anna", {"Source": "the form"})
    said = await office.hears("anna", "#ops", after=before)

    assert "phone" not in said
    assert world.high.contacts[world.contact_id(email)].values["phone"] == "+33612345678"
    assert world.rows("Contacts")[world.row_id(email)]["Source"] == "the form"


async def test_no_others_are_said_to_be_none(office: SlackOffice) -> None:
    clash(office.world, 1)
    await office.ask("anna", "sync run")
    (only,) = office.store.connection("main").list_conflicts()

    said = await office.ask("anna", f"sync resolve {only.id} highlevel similar=yes")

    assert "0 other conflicts" in said
    assert "[Settle" not in said
