"""The made-up colleagues of the demo: they use both services as people do, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from toolkit.clients.highlevel import (
    Contact,
    ContactWrite,
    HighLevel,
    NoteWrite,
    Search,
    TaskWrite,
)
from toolkit.clients.highlevel.filters import field
from toolkit.clients.timetonic import LinkedRow, Row, Table, TimeTonic
from toolkit.clients.timetonic.schema import FieldRef

CONFLICTS = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """A contact and its row, found by the HighLevel id the row shows."""

    contact: Contact
    row: Row


class Colleagues:
    """Somebody in HighLevel and somebody in TimeTonic."""

    def __init__(self, highlevel: HighLevel, timetonic: TimeTonic) -> None:
        self._highlevel = highlevel
        self._timetonic = timetonic
        self.somebody = ""
        """E-mail of a contact that stands on both sides, and that nobody else works on."""

    @classmethod
    @asynccontextmanager
    async def at_work(cls, ready: Mapping[str, Any]) -> AsyncIterator[Colleagues]:
        """Both with their own keys, for the length of a block."""
        high, time = ready["highlevel"], ready["timetonic"]
        async with (
            HighLevel(
                high["token"], location_id=high["location_id"], base_url=high["base_url"]
            ) as highlevel,
            TimeTonic(
                time["sesskey"],
                user=time["user"],
                url=time["url"],
                book_owner=time["book_owner"],
                book_code=time["book_code"],
            ) as timetonic,
        ):
            yield cls(highlevel, timetonic)

    async def edit_both_sides(self) -> list[str]:
        """An ordinary morning; answers what was done, a sentence each."""
        table = await self._timetonic.tables.get_table("Contacts")
        pairs = await self._pairs(table, CONFLICTS + 5)
        said = await self._edit_one_contact_twice(pairs[0])
        said += await self._disagree(pairs[1 : 1 + CONFLICTS])
        rest = pairs[1 + CONFLICTS :]
        said += await self._tag_on_both_sides(rest[0])
        said += await self._add_tasks(rest[1])
        said += await self._write_notes(rest[2])
        said += await self._bring_and_remove(rest[3])
        return said

    async def mark_as_churned(self, count: int) -> list[str]:
        """A slip of the hand in TimeTonic."""
        table = await self._timetonic.tables.get_table("Contacts")
        stage = table.field("Lifecycle stage")
        found = await self._pairs(table, count * 3, skip=40)
        self.somebody = next(p.contact.email or "" for p in reversed(found))
        pairs = [p for p in found if p.row.values.get(stage.id) != "churned"][:count]
        for pair in pairs:
            await self._edit_row(pair, {"Lifecycle stage": "churned"})
        return [f"TimeTonic: {len(pairs)} contacts are set to `churned` by mistake."]

    async def bring_leads(self) -> tuple[list[str], list[str]]:
        """Two leads, one typed into each system; answers what was done, and their e-mails."""
        await self._timetonic.rows.create(
            "Contacts",
            {"Name": "Nia Okafor", "Email": "nia.okafor@example.net", "Source": "Website"},
        )
        await self._highlevel.contacts.create(
            ContactWrite(
                first_name="Ben",
                last_name="Aldous",
                email="ben.aldous@example.net",
                source="Trade fair",
            )
        )
        return [
            "TimeTonic: a new lead, Nia Okafor, typed in as a row.",
            "HighLevel: a new contact, Ben Aldous, from the trade fair.",
        ], ["nia.okafor@example.net", "ben.aldous@example.net"]

    async def read_leads(self, emails: Sequence[str]) -> list[dict[str, object]]:
        """What their rows show."""
        names = ("Name", "Email", "Lifecycle stage", "Tags", "Next action date", "Open tasks")
        shown = await self.read_rows("Contacts", names)
        found = [each for each in shown if each["Email"] in emails]
        return [{k: v for k, v in each.items() if k != "Email"} for each in found]

    async def read_tasks(self, emails: Sequence[str]) -> list[str]:
        """Titles of their open tasks, from HighLevel."""
        titles: list[str] = []
        for email in emails:
            search = Search().where(field("email").eq(email))
            async for contact in self._highlevel.contacts.list_contacts(search):
                tasks = await self._highlevel.tasks.list_for_contact(contact.id)
                titles += [task.title for task in tasks if task.title]
        return titles

    async def read_rows(self, name: str, columns: Sequence[str]) -> list[dict[str, object]]:
        """Some columns of a whole table."""
        table = await self._timetonic.tables.get_table(name)
        return [
            {each: _plain(row.by_name(table.fields).get(each)) for each in columns}
            async for row in self._timetonic.rows.list_rows(table)
        ]

    async def _pairs(self, table: Table, count: int, *, skip: int = 0) -> list[Pair]:
        shown = table.field("HighLevel id")
        pairs: list[Pair] = []
        async for row in self._timetonic.rows.list_rows(table):
            contact_id = row.values.get(shown.id)
            if isinstance(contact_id, str) and contact_id:
                if skip:
                    skip -= 1
                    continue
                pairs.append(Pair(await self._highlevel.contacts.get(contact_id), row))
            if len(pairs) == count:
                break
        return pairs

    async def _edit_row(self, pair: Pair, values: Mapping[FieldRef, object]) -> None:
        await self._timetonic.rows.update(pair.row.id, values, table="Contacts")

    async def _edit_one_contact_twice(self, pair: Pair) -> list[str]:
        await self._highlevel.contacts.update(pair.contact.id, ContactWrite(source="referral"))
        await self._edit_row(pair, {"Lifecycle stage": "customer"})
        return [
            "HighLevel: one contact's source becomes `referral`.",
            "TimeTonic: the same contact's lifecycle stage becomes `customer`.",
        ]

    async def _disagree(self, pairs: list[Pair]) -> list[str]:
        for number, pair in enumerate(pairs, start=1):
            area = f"+1212555{number:02d}"
            phones = (f"{area}11", f"{area}22")
            await self._highlevel.contacts.update(
                pair.contact.id, ContactWrite(phone=phones[0])
            )
            await self._edit_row(pair, {"Phone": phones[1]})
        return [f"Both: {len(pairs)} contacts get two different phone numbers at once."]

    async def _tag_on_both_sides(self, pair: Pair) -> list[str]:
        await self._highlevel.tags.add(pair.contact.id, ["met at the fair"])
        table = await self._timetonic.tables.get_table("Contacts")
        tags = pair.row.values.get(table.field("Tags").id)
        present = (
            [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, tuple) else []
        )
        await self._edit_row(pair, {"Tags": [*present, "newsletter"]})
        return [
            "HighLevel: a contact is tagged `met at the fair`.",
            "TimeTonic: the same contact is tagged `newsletter`.",
        ]

    async def _add_tasks(self, pair: Pair) -> list[str]:
        due_at = datetime(2027, 1, 15, 9, 0, tzinfo=UTC)
        task = TaskWrite(title="Call back", due_at=due_at, is_completed=False)
        await self._highlevel.tasks.create(pair.contact.id, task)
        await self._timetonic.rows.create(
            "Tasks",
            {
                "Title": "Send the offer",
                "Due": due_at + timedelta(days=1),
                "Done": False,
                "Contact": (LinkedRow(int(pair.row.id)),),
            },
        )
        return [
            "HighLevel: a task `Call back` for one contact.",
            "TimeTonic: a task `Send the offer` for the same contact.",
        ]

    async def _write_notes(self, pair: Pair) -> list[str]:
        await self._highlevel.contacts.update(pair.contact.id, ContactWrite(source="phone"))
        await self._highlevel.notes.create(
            pair.contact.id, NoteWrite(body="Asked for a meeting in spring.")
        )
        await self._timetonic.rows.create(
            "Notes",
            {
                "Body": "Prefers e-mail over the phone.",
                "Contact": (LinkedRow(int(pair.row.id)),),
            },
        )
        return ["HighLevel and TimeTonic: a note each about one contact."]

    async def _bring_and_remove(self, pair: Pair) -> list[str]:
        await self._highlevel.contacts.create(
            ContactWrite(first_name="Ada", last_name="Moreau", email="ada.moreau@example.net")
        )
        await self._timetonic.rows.delete(int(pair.row.id), table="Contacts")
        return [
            "HighLevel: a new contact, Ada Moreau.",
            "TimeTonic: a contact's row is deleted (HighLevel keeps its contact).",
        ]


def _plain(value: object) -> object:
    """As JSON shows it."""
    match value:
        case tuple():
            return [_plain(each) for each in value]
        case datetime() | date():
            return value.isoformat()
        case _:
            return value
