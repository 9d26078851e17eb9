"""The client against the emulated vendor: the same HTTP, no expectations written by us twice."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.unit.clients.highlevel_table import collected
from toolkit.clients.highlevel import (
    AppointmentWrite,
    BusinessWrite,
    Channel,
    ContactWrite,
    CustomFieldWrite,
    DndSetting,
    HighLevel,
    NoteWrite,
    RecurrenceRule,
    RecurringTaskWrite,
    Search,
    TaskWrite,
    changed_since,
    field,
)
from toolkit.clients.highlevel.oauth import OAuth, TokenSet
from toolkit.clients.highlevel.oauth_tokens import OAuthToken
from toolkit.clients.http import CallRecord
from toolkit.clients.pacing import NoPacer
from toolkit.errors import (
    CredentialsError,
    DuplicateContactError,
    ForbiddenError,
    NotFoundError,
    RejectedError,
)
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.serve import Sandbox, SandboxOptions

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADA = ContactWrite(
    first_name="Ada",
    last_name="Lovelace",
    email="ada@lovelace.example",
    phone="+33612345678",
    company_name="Analytical Engines",
    date_of_birth=date(1815, 12, 10),
    tags=("VIP",),
    dnd_settings={Channel.SMS: DndSetting(status="active")},
)


class SharedClock:
    """The emulator's time as the client's: sleeping moves both."""

    def __init__(self, clock: EmulatorClock) -> None:
        self._clock = clock

    def monotonic(self) -> float:
        return (self._clock.now() - START).total_seconds()

    def now(self) -> datetime:
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        self._clock.advance(seconds + 0.001)
        await asyncio.sleep(0)


@pytest.fixture
def sandbox() -> Sandbox:
    options = SandboxOptions(contacts=30, tasks=25, notes=10, leads=0, shared=0)
    return Sandbox(options, clock=EmulatorClock.frozen(START))


def client_for(sandbox: Sandbox, **options: Any) -> HighLevel:
    door = sandbox.ready_line()["highlevel"]
    token = options.pop("token", door["token"])
    defaults: dict[str, Any] = {
        "location_id": door["location_id"],
        "base_url": door["base_url"],
        "transport": sandbox.transports()["highlevel"],
        "clock": SharedClock(sandbox.clock),
        "pacer": NoPacer(),
    }
    return HighLevel(token, **(defaults | options))


versions = pytest.mark.parametrize("version", ["2021-07-28", "v3"])


@versions
async def test_a_contact_lives_and_dies(sandbox, version):
    async with client_for(sandbox, version=version) as highlevel:
        contacts = highlevel.contacts
        created = await contacts.create(ADA)
        await contacts.update(created.id, ContactWrite(city="Paris", last_name=None))
        upserted = await contacts.upsert(ContactWrite(email=ADA.email, state="IdF"))
        read = await contacts.get(created.id)
        found = await contacts.find_duplicate(phone=ADA.phone)
        page = await contacts.search(Search().where(field("email").eq(ADA.email or "")))
        with pytest.raises(DuplicateContactError) as duplicate:
            await contacts.create(ContactWrite(email=ADA.email))
        await contacts.delete(created.id)
        with pytest.raises(NotFoundError):
            await contacts.get(created.id)

    assert (read.first_name, read.last_name, read.city, read.state) == (
        "Ada",
        None,
        "Paris",
        "IdF",
    )
    assert (read.date_of_birth, read.tags) == ("1815-12-10", ("vip",))
    assert read.dnd_settings["sms"].status == "active"
    assert not upserted.is_new
    assert found is not None
    assert {created.id, upserted.contact.id, found.id} == {created.id}
    assert [contact.id for contact in page.contacts] == [created.id]
    assert duplicate.value.contact_id == created.id


async def test_every_list_has_everything_once(sandbox):
    async with client_for(sandbox) as highlevel:
        searched = await collected(highlevel.contacts.list_contacts(page_size=7))
        legacy = await collected(highlevel.contacts.list_legacy(page_size=7))
        changed = await highlevel.contacts.search(changed_since(START - timedelta(days=9999)))
        pages = await collected(highlevel.tasks.iter_location_tasks(page_size=7))
        opportunities = await collected(highlevel.opportunities.list_opportunities(page_size=2))

    ids = [contact.id for contact in searched]
    assert len(ids) == len(set(ids)) == changed.total == 30
    assert set(ids) == {contact.id for contact in legacy}
    assert len({task.id for page in pages for task in page.tasks}) == 25
    assert len({item.id for item in opportunities}) == len(opportunities)


@versions
async def test_tasks_notes_and_tags_hang_on_a_contact(sandbox, version):
    async with client_for(sandbox, version=version) as highlevel:
        contact = await highlevel.contacts.create(ADA)
        task = await highlevel.tasks.create(
            contact.id, TaskWrite(title="Call", due_at=START, is_completed=False)
        )
        await highlevel.tasks.update(contact.id, task.id, TaskWrite(title="Ring"))
        await highlevel.tasks.set_completed(contact.id, task.id, is_completed=True)
        (listed,) = await highlevel.tasks.list_for_contact(contact.id)
        found = await highlevel.tasks.search(contact_ids=[contact.id])
        note = await highlevel.notes.create(contact.id, NoteWrite(body="é 😀", is_pinned=True))
        await highlevel.notes.update(contact.id, note.id, NoteWrite(body="שלום"))
        (noted,) = await highlevel.notes.list_for_contact(contact.id)
        tags = await highlevel.tags.add(contact.id, ["Hot "])
        left = await highlevel.tags.remove(contact.id, ["hot"])
        await highlevel.tasks.delete(contact.id, task.id)
        await highlevel.notes.delete(contact.id, note.id)
        with pytest.raises(NotFoundError):
            await highlevel.notes.get(contact.id, note.id)

    assert (listed.title, listed.is_completed, listed.due_at) == ("Ring", True, START)
    assert [row.id for row in found.tasks] == [task.id]
    assert (noted.body, noted.is_pinned) == ("שלום", True)
    assert (set(tags), left) == ({"vip", "hot"}, ("vip",))


@versions
async def test_custom_fields_come_back_as_they_were_given(sandbox, version):
    given = {"when": date(2026, 1, 2), "size": 3.5, "words": "é"}
    kinds = {"when": "DATE", "size": "NUMERICAL", "words": "TEXT"}

    async with client_for(sandbox, version=version) as highlevel:
        for name, kind in kinds.items():
            await highlevel.custom_fields.create(
                CustomFieldWrite(name=name.title(), data_type=kind, model="contact")
            )
        contact = await highlevel.contacts.create(
            ContactWrite(email="a@b.c", custom_fields=given)
        )
        full = await highlevel.custom_fields.decode(contact.custom_fields)
        cleared = await highlevel.contacts.update(
            contact.id, ContactWrite(custom_fields=dict.fromkeys(given))
        )

    assert full == given
    assert all(value.value in (None, "") for value in cleared.custom_fields)


@versions
async def test_the_surroundings_answer(sandbox, version):
    async with client_for(sandbox, version=version) as highlevel:
        location = await highlevel.locations.get()
        user = (await highlevel.users.list_users())[0]
        assert location.company_id is not None
        users = await highlevel.users.search(location.company_id)
        calendar = (await highlevel.calendars.list_calendars())[0]
        contact = await highlevel.contacts.create(ADA)
        booked = await highlevel.appointments.create(
            AppointmentWrite(
                calendar_id=calendar.id,
                contact_id=contact.id,
                start_at=START + timedelta(days=1),
                end_at=START + timedelta(days=1, hours=1),
            )
        )
        events = await highlevel.calendars.list_events(
            START, START + timedelta(days=2), calendar_id=calendar.id
        )
        business = await highlevel.businesses.create(BusinessWrite(name="Engines"))
        await highlevel.contacts.bulk_business([contact.id], business.id)
        linked = await collected(highlevel.contacts.list_by_business(business.id))
        followers = await highlevel.followers.add(contact.id, [user.id])
        await highlevel.campaigns.remove_all(contact.id)
        rule = RecurrenceRule(
            interval_type="weekly", interval=1, start_at=START, due_after_s=60
        )
        recurring = await highlevel.recurring_tasks.create(
            RecurringTaskWrite(title="Weekly", rule=rule)
        )
        page = await highlevel.opportunities.list_page()

    assert user.id in {found.id for found in users.users}
    assert booked.id in {event.id for event in events}
    assert [row.id for row in linked] == [contact.id]
    assert (followers, recurring.title) == ((user.id,), "Weekly")
    assert page.count is not None


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"token": "pit-wrong"}, CredentialsError),
        ({"location_id": "x" * 20}, ForbiddenError),
        ({"version": "1999-01-01"}, RejectedError),
        ({"base_url": "http://highlevel.invalid/nowhere"}, RejectedError),
    ],
)
async def test_a_wrong_setting_gives_its_own_error(sandbox, options, kind):
    async with client_for(sandbox, **options) as highlevel:
        with pytest.raises(kind):
            await highlevel.contacts.search()


async def test_the_pace_never_meets_a_refusal_and_uses_the_window(sandbox):
    records: list[CallRecord] = []
    clock = SharedClock(sandbox.clock)

    async with client_for(sandbox, pacer=None, on_call=records.append) as highlevel:
        contact = await highlevel.contacts.create(ADA)
        started_s = clock.monotonic()
        await asyncio.gather(
            *(highlevel.notes.list_for_contact(contact.id) for _ in range(300))
        )

    assert Counter(record.status for record in records) == {201: 1, 200: 300}
    assert clock.monotonic() - started_s < 31


@versions
async def test_oauth_tokens_refresh_and_work(sandbox, version):
    door = sandbox.ready_line()["highlevel"]
    clock = SharedClock(sandbox.clock)
    oauth = OAuth(
        client_id=door["client_id"],
        client_secret=door["client_secret"],
        base_url=door["base_url"],
        version=version,
        transport=sandbox.transports()["highlevel"],
        clock=clock,
    )

    class Vault:
        tokens = TokenSet(
            access_token="stale", expires_at=START, refresh_token=door["refresh_token"]
        )

        async def load(self) -> TokenSet:
            return self.tokens

        async def save(self, tokens: TokenSet) -> None:
            self.tokens = tokens

    vault = Vault()
    async with (
        oauth,
        client_for(sandbox, token=OAuthToken(oauth, vault), version=version) as highlevel,
    ):
        await highlevel.locations.get()
        sandbox.clock.advance(86_400)
        await highlevel.locations.get()

    assert vault.tokens.refresh_token != door["refresh_token"]
    assert vault.tokens.expires_at > clock.now() + timedelta(hours=23)
