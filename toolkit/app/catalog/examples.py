"""Fills the capitals of an example with ids of a sandbox; makes what the seed does not hold."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from toolkit.app.catalog import get_entry
from toolkit.app.connection import Connection
from toolkit.app.live import is_sandbox
from toolkit.clients.highlevel import AppointmentWrite, NoteWrite, RecurringTaskWrite
from toolkit.clients.highlevel.search import Search
from toolkit.clients.timetonic import Effect, FieldKind
from toolkit.errors import DecisionNeededError, UseError
from toolkit.model.ids import Kind
from toolkit.model.links import LinkState

if TYPE_CHECKING:
    from toolkit.app.catalog.entry import Entry
    from toolkit.app.wiring import Parts
    from toolkit.model.links import Link

Ids = dict[str, Any]
Finder = Callable[["Parts"], Awaitable[Ids]]


async def fill_example(entry: Entry, parts: Parts) -> dict[str, Any]:
    """The entry's example with real ids.

    Raises:
        DecisionNeededError: The connection is no sandbox: an example may write.
        UseError: The sandbox holds nothing that fits.
    """
    if not is_sandbox(parts.config):
        raise DecisionNeededError(
            "Examples are for emulated services only",
            unchanged="Nothing was sent",
            remedy="Add --sandbox",
        )
    wanted = set(re.findall(r"[A-Z][A-Z_0-9]+", json.dumps(entry.example)))
    ids: Ids = {}
    for name, find in _FINDERS.items():
        if name in wanted - ids.keys():
            ids |= {key: value for key, value in (await find(parts)).items() if key not in ids}
    # What was looked up on the way must not spare the call itself anything.
    parts.timetonic.tables.forget()
    filled: dict[str, Any] = _filled(entry.example, ids)
    return filled


def _filled(value: Any, ids: Mapping[str, Any]) -> Any:  # noqa: ANN401 — any JSON
    if isinstance(value, Mapping):
        return {ids.get(key, key): _filled(each, ids) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(each, ids) for each in value]
    return ids.get(value, value) if isinstance(value, str) else value


async def _contact(parts: Parts) -> Ids:
    page = await parts.highlevel.contacts.search(Search().sized(1))
    return {"CONTACT_ID": _first(page.contacts, "contact").id}


async def _task(parts: Parts) -> Ids:
    page = await parts.highlevel.tasks.search(limit=100)
    hanging = [each for each in page.tasks if each.contact_id]
    task = _first(hanging, "task on a contact")
    return {"TASK_ID": task.id, "CONTACT_ID": task.contact_id}


async def _note(parts: Parts) -> Ids:
    contact_id = (await _contact(parts))["CONTACT_ID"]
    note = await parts.highlevel.notes.create(contact_id, NoteWrite(body="An example"))
    return {"NOTE_ID": note.id, "CONTACT_ID": contact_id}


async def _meeting(parts: Parts) -> Ids:
    now = datetime.now(UTC)  # noqa: TID251 — a window of years in a sandbox, not a measured time
    years = timedelta(days=3 * 365)
    for calendar in await parts.highlevel.calendars.list_calendars():
        events = await parts.highlevel.calendars.list_events(
            now - years, now + years, calendar_id=calendar.id
        )
        if found := [each for each in events if each.contact_id]:
            return {"APPOINTMENT_ID": found[0].id, "CONTACT_ID": found[0].contact_id}
    example = await fill_example(get_entry("highlevel.appointments.create"), parts)
    write = AppointmentWrite.model_validate_json(json.dumps(example))
    made = await parts.highlevel.appointments.create(write)
    return {"APPOINTMENT_ID": made.id, "CONTACT_ID": example["contact_id"]}


async def _meeting_note(parts: Parts) -> Ids:
    ids = await _meeting(parts)
    note = await parts.highlevel.appointments.create_note(
        ids["APPOINTMENT_ID"], NoteWrite(body="An example")
    )
    return {**ids, "APPOINTMENT_NOTE_ID": note.id}


async def _recurring(parts: Parts) -> Ids:
    example = get_entry("highlevel.recurring_tasks.create").example
    write = RecurringTaskWrite.model_validate_json(json.dumps(example))
    return {"RECURRING_TASK_ID": (await parts.highlevel.recurring_tasks.create(write)).id}


async def _business(parts: Parts) -> Ids:
    found = [each async for each in parts.highlevel.businesses.list_businesses(page_size=10)]
    return {"BUSINESS_ID": _first(found, "business").id}


async def _around(parts: Parts) -> Ids:
    high = parts.highlevel
    location = await high.locations.get()
    users = await high.users.list_users()
    return {"COMPANY_ID": location.company_id, "USER_ID": _first(users, "user").id}


async def _fields(parts: Parts) -> Ids:
    fields = await parts.highlevel.custom_fields.list_fields()
    files = [each for each in fields if each.data_type == "FILE_UPLOAD"]
    # A field no mapping names, so that renaming or deleting it harms no later sync.
    spare = [each for each in fields if each.name in ("Job title", "Direct line", "Renamed")]
    file_id = _first(files, "file field").id
    return {"FIELD_ID": _first(spare, "field").id, "FILE_FIELD_ID_1": f"{file_id}_1"}


async def _tag(parts: Parts) -> Ids:
    return {"TAG_ID": _first(await parts.highlevel.tags.list_tags(), "tag").id}


async def _calendar(parts: Parts) -> Ids:
    found = await parts.highlevel.calendars.list_calendars()
    return {"CALENDAR_ID": _first(found, "calendar").id}


async def _opportunity(parts: Parts) -> Ids:
    page = await parts.highlevel.opportunities.search(limit=1)
    found = _first(page.opportunities, "opportunity")
    return {"OPPORTUNITY_ID": found.id, "CONTACT_ID": found.contact_id}


async def _memberships(_parts: Parts) -> Ids:
    # The vendor lists neither campaigns nor workflows within the scopes asked for.
    return {"CAMPAIGN_ID": "exampleCampaign00001", "WORKFLOW_ID": "exampleWorkflow00001"}


async def _rows(parts: Parts) -> Ids:
    found = list(await parts.timetonic.rows.list_rows_by_id("Contacts"))
    first = int(_first(found, "row"))
    return {"ROW_ID": first, "LAST_ROW_ID": int(found[-1])}


async def _cells(parts: Parts) -> Ids:
    table = await parts.timetonic.tables.get_table("Contacts")
    kinds = {each.kind: each.id for each in (*table.fields, *table.log_fields)}
    if not kinds.keys() >= {FieldKind.COMMENTS, FieldKind.FILES}:
        raise _nothing("field for comments and files")
    return {
        "COMMENTS_FIELD_ID": int(kinds[FieldKind.COMMENTS]),
        "FILES_FIELD_ID": int(kinds[FieldKind.FILES]),
    }


async def _comment(parts: Parts) -> Ids:
    ids = {**await _rows(parts), **await _cells(parts)}
    row_id, field_id = ids["ROW_ID"], ids["COMMENTS_FIELD_ID"]
    said = {"rowId": row_id, "fieldId": field_id, "comment": "An example"}
    await parts.timetonic.call("editTableValueComments", said, effect=Effect.CREATE)
    shown = await parts.timetonic.comments.get(row_id, field_id)
    return {**ids, "COMMENT_ID": _newest_id(shown.content)}


async def _plan(parts: Parts) -> Ids:
    plan = get_entry("hightonic.plan")
    assert plan.run is not None  # noqa: S101 — actions run
    return {"PLAN": await plan.run(parts, plan.read_input({}))}


async def _pairs(parts: Parts) -> list[Link]:
    """Contacts on both sides; a sandbox that was never synced is synced first."""
    if not parts.store.links(Kind.CONTACT):
        await Connection(parts).sync()
    return [each for each in parts.store.links(Kind.CONTACT) if each.state is LinkState.LIVE]


async def _paired(parts: Parts) -> Ids:
    found = await _pairs(parts)
    return {"PAIRED_CONTACT_ID": _first(found, "contact that is on both sides").id}


async def _tagged(parts: Parts) -> Ids:
    found = [each for each in await _pairs(parts) if each.base.get("tags")]
    contact = _first(found, "contact with a tag")
    return {"PAIRED_CONTACT_ID": contact.id, "ITS_TAG": min(contact.base["tags"])}


async def _busy(parts: Parts) -> Ids:
    contacts = {each.id for each in await _pairs(parts)}
    tasks = parts.store.links(Kind.TASK)
    found = [
        each
        for each in tasks
        if each.parent in contacts
        and each.state is LinkState.LIVE
        and not each.base.get("is_completed")
    ]
    task = _first(found, "open task on both sides")
    return {"PAIRED_CONTACT_ID": task.parent, "ITS_TASK": task.base["title"]}


async def _set_aside(parts: Parts) -> Ids:
    desk = Connection(parts)
    if not desk.archived():
        contact = _first(await _pairs(parts), "contact that is on both sides")
        await desk.carry_wish(desk.wish_archived([contact.id], reason="an example"))
    return {"ARCHIVED_CONTACT_ID": _first(desk.archived(), "archived contact").contact}


async def _group(parts: Parts) -> Ids:
    plans = Connection(parts).merge_plans().plans
    return {"GROUP_ID": _first(plans, "contacts that may be one").group.id}


async def _rule(parts: Parts) -> Ids:
    return {"RULE_NAME": _first(parts.config.automation.rules, "rule").name}


async def _conflict(parts: Parts) -> Ids:
    return {"CONFLICT_ID": _first(parts.store.list_conflicts(), "open conflict").id}


# What implies another id comes first.
_FINDERS: Final[Mapping[str, Finder]] = {
    "TASK_ID": _task,
    "APPOINTMENT_NOTE_ID": _meeting_note,
    "NOTE_ID": _note,
    "APPOINTMENT_ID": _meeting,
    "OPPORTUNITY_ID": _opportunity,
    "RECURRING_TASK_ID": _recurring,
    "CONTACT_ID": _contact,
    "BUSINESS_ID": _business,
    "COMPANY_ID": _around,
    "USER_ID": _around,
    "FIELD_ID": _fields,
    "FILE_FIELD_ID_1": _fields,
    "TAG_ID": _tag,
    "CALENDAR_ID": _calendar,
    "CAMPAIGN_ID": _memberships,
    "WORKFLOW_ID": _memberships,
    "COMMENT_ID": _comment,
    "COMMENTS_FIELD_ID": _cells,
    "FILES_FIELD_ID": _cells,
    "ROW_ID": _rows,
    "LAST_ROW_ID": _rows,
    "PLAN": _plan,
    "CONFLICT_ID": _conflict,
    "RULE_NAME": _rule,
    "ITS_TAG": _tagged,
    "ITS_TASK": _busy,
    "PAIRED_CONTACT_ID": _paired,
    "ARCHIVED_CONTACT_ID": _set_aside,
    "GROUP_ID": _group,
}


def _first(found: Any, what: str) -> Any:  # noqa: ANN401 — one of what was found
    if not found:
        raise _nothing(what)
    return found[0]


def _newest_id(content: object) -> int:
    comments = content.get("comments") if isinstance(content, Mapping) else None
    return int(_first(sorted(each["id"] for each in comments or ()), "comment"))


def _nothing(what: str) -> UseError:
    return UseError(f"The sandbox holds no {what}", unchanged="Nothing was sent")
