"""The book a team would keep: its tables and columns, and the leads already in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count

from toolkit.sandbox import seed_words as words
from toolkit.sandbox.seed import Person, World
from toolkit.sandbox.timetonic.schema import Choices, Field, View, slug
from toolkit.sandbox.timetonic.state import Book, TimeTonicState
from toolkit.sandbox.timetonic.table import Table, Value

BOOK_TITLE = "Customer book"
TABLES = ("Contacts", "Tasks", "Notes", "Appointments", "Metrics", "Archive")

_SCHEMA_CHANGED_AT = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
_STRICT_STAGES = Choices(words.STAGES, is_strict=True)
_FREE_PLANS = Choices(words.PLANS)
_FREE_TAGS = Choices((), is_multiple=True)

# One column a line, `name: type`; a type may name a list, a link's table or a system function.
_CONTACTS = (
    "Name: shorttext", "First name: shorttext", "Last name: shorttext", "Email: email",
    "Phone: phone", "Company: shorttext", "Owner: shorttext", "Lifecycle stage: stages",
    "Source: shorttext", "Plan: plans", "Tags: tags", "City: shorttext", "Country: shorttext",
    "Website: url", "Last contacted: date", "Next action date: date", "Updated at: moment",
    "Total tasks: int", "Open tasks: int", "Last sync: moment", "Hightonic key: shorttext",
    "HighLevel id: shorttext", "Attachments: files", "Comments: comments", "Updates: activity",
)  # fmt: skip
_TASKS = (
    "Title: shorttext", "Description: longtext", "Due: moment", "Done: boolean",
    "Owner: shorttext", "Contact: link", "Hightonic key: shorttext", "HighLevel id: shorttext",
    "Comments: comments", "Updates: activity",
)  # fmt: skip
_NOTES = (
    "Body: mediumtext", "Contact: link", "Author: shorttext", "Written at: moment",
    "Hightonic key: shorttext", "HighLevel id: shorttext", "Comments: comments",
    "Updates: activity",
)  # fmt: skip
_APPOINTMENTS = (
    "Title: shorttext", "Starts: moment", "Ends: moment", "Status: shorttext",
    "Owner: shorttext", "Contact: link", "Hightonic key: shorttext", "HighLevel id: shorttext",
    "Comments: comments", "Updates: activity",
)  # fmt: skip
_METRICS = (
    "Day: date", "Connection: shorttext", "Total contacts: int", "New contacts: int",
    "Total tasks: int", "Open tasks: int", "Overdue tasks: int", "Completed tasks: int",
    "Notes: int", "Appointments: int", "Conflicts: int", "API calls: int",
    "Sync duration: double", "Hightonic key: shorttext",
)  # fmt: skip
_ARCHIVE = (
    "Name: shorttext", "Email: email", "Archived at: moment", "Reason: shorttext",
    "Record: mediumtext", "HighLevel id: shorttext", "Hightonic key: shorttext",
)  # fmt: skip
_COLUMNS = (_CONTACTS, _TASKS, _NOTES, _APPOINTMENTS, _METRICS, _ARCHIVE)
_FIRST_TABLE_ID = 310_001


def seed_customer_book(state: TimeTonicState, world: World, *, code: str, owner: str) -> Book:
    """Build the customer book with a row of Contacts for each lead of the world."""
    created = int(world.now.timestamp()) - 90 * 86_400
    book = Book(
        id=81_001,
        code=code,
        owner=owner,
        title=BOOK_TITLE,
        created_epoch_s=created,
        sstamp=created * 10_000,
        changed_epoch_s=created,
        members=[owner],
        tab_offset=300_000,
    )
    state.add_book(book, _tables())
    contacts = book.tables[0]
    owners = [each.name for each in world.owners]
    for person in world.leads:
        named = _row_of(person, owners)
        values = {each.id: value for each in contacts.fields.values()
                  if (value := named.get(each.name)) is not None}  # fmt: skip
        state.insert(contacts, values)
    return book


def _tables() -> list[Table]:
    field_ids = count(4_100_001)
    tables = []
    for place, (name, columns) in enumerate(zip(TABLES, _COLUMNS, strict=True)):
        fields = [_field(next(field_ids), column) for column in columns]
        views = [View(520_001 + place * 10, "Default view")]
        if name == "Contacts":
            stage = next(each.id for each in fields if each.name == "Lifecycle stage")
            views.append(View(views[0].id + 1, "Customers", _is(stage, "customer")))
        tables.append(
            Table(
                _FIRST_TABLE_ID + place,
                name,
                fields,
                views=views,
                changed_at=_SCHEMA_CHANGED_AT,
                code=slug(name),
            )
        )
    return [*tables, _pivot(next(field_ids)), _members(next(field_ids))]


def _pivot(field_id: int) -> Table:
    """Counts per stage: listed beside the real tables, and not for syncing."""
    return Table(
        _FIRST_TABLE_ID + len(TABLES),
        "Contacts by stage",
        [Field(field_id, "Stage", "shorttext", is_read_only=True)],
        views=[View(520_091, "Default view")],
        changed_at=_SCHEMA_CHANGED_AT,
        pivot_id=7_701,
        extra={"p_catid": _FIRST_TABLE_ID},
    )


def _members(field_id: int) -> Table:
    """A table the system keeps for itself."""
    return Table(
        _FIRST_TABLE_ID + len(TABLES) + 1,
        "Members",
        [Field(field_id, "Member", "shorttext", sys_func="member")],
        views=[View(520_092, "Default view")],
        changed_at=_SCHEMA_CHANGED_AT,
        sys_func="members",
    )


def _field(field_id: int, described: str) -> Field:
    name, _, kind = described.partition(": ")
    match kind:
        case "stages":
            return Field(field_id, name, "shorttext", choices=_STRICT_STAGES)
        case "plans":
            return Field(field_id, name, "shorttext", choices=_FREE_PLANS)
        case "tags":
            return Field(field_id, name, "mediumtext", choices=_FREE_TAGS)
        case "moment":
            return Field(field_id, name, "date", has_time=True)
        case "link":
            return Field(field_id, name, "link", links_to=_FIRST_TABLE_ID)
        case _:
            return Field(field_id, name, kind)


def _is(field_id: int, operand: str) -> Mapping[str, object]:
    condition = {"predicate": "is", "operand": operand}
    only = {"id": 1, "field_id": field_id, "filter_type": "text", "json": condition}
    return {"id": 1, "operator": "and", "filters": [only]}


def _row_of(person: Person, owners: list[str]) -> dict[str, Value]:
    owner = None if person.owner_index is None else owners[person.owner_index]
    return {
        "Name": f"{person.first_name} {person.last_name}".strip(),
        "First name": person.first_name or None,
        "Last name": person.last_name or None,
        "Email": person.email or None,
        "Phone": person.phone or None,
        "Company": person.company,
        "Owner": owner,
        "Lifecycle stage": person.lifecycle_stage,
        "Source": person.source,
        "Plan": person.plan,
        "Tags": person.tags or None,
        "City": person.city,
        "Country": person.country,
        "Website": person.website,
        "Last contacted": person.last_contacted,
        "Next action date": person.next_action_date,
    }
