"""Every HighLevel operation once: how it is called, what it sends, what it reads.

Used by the unit tests (against these expectations) and by the contract test (against the
vendor's own OpenAPI).
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import httpx

from toolkit.clients.highlevel import (
    AppointmentWrite,
    BusinessWrite,
    Channel,
    ContactWrite,
    CustomFieldValue,
    CustomFieldWrite,
    DndSetting,
    HighLevel,
    NoteWrite,
    RecurrenceRule,
    RecurringTaskWrite,
    Search,
    TaskWrite,
)
from toolkit.clients.highlevel import field as field_named
from toolkit.clients.http import CallRecord
from toolkit.clients.pacing import ManualClock, NoPacer

LOCATION = "ve9EPM428h8vShlRW1KT"
TOKEN = "pit-00000000-test"
CONTACT = {"id": "c1", "locationId": LOCATION, "firstName": "Ada", "tags": ["vip"]}
TASK = {"id": "t1", "title": "Call", "dueDate": "2026-01-02T03:04:05.000Z", "completed": False}
NOTE = {"id": "n1", "body": "Hello", "dateAdded": "2026-01-02T03:04:05.000Z"}
EVENT = {"id": "e1", "title": "Demo", "startTime": "2026-01-02 09:00:00"}
RECURRING = {"id": "r1", "title": "Weekly", "rruleOptions": {"interval": 1}}
FIELD = {"id": "f1", "name": "Plan", "fieldKey": "contact.plan", "dataType": "TEXT"}
BUSINESS = {"id": "b1", "name": "Acme"}
OPPORTUNITY = {"id": "o1", "name": "Deal", "contactId": "c1"}
DUE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
OK = {"succeded": True}


@dataclass(frozen=True)
class Row:
    name: str
    act: Callable[[HighLevel], Awaitable[Any]]
    sends: tuple[str, str]
    answers: Any
    gives: Any = None
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    status: int = 200
    v3_path: str = ""
    v3_body: Any = None
    v3_query: dict[str, str] | None = None
    version: str = "2021-07-28"


class Vendor:
    """Answers every request with one JSON value and remembers the requests."""

    def __init__(self, *answers: Any, status: int = 200, headers: Any = None) -> None:
        self.answers = list(answers)
        self.status = status
        self.headers = headers or {}
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        return httpx.Response(self.status, json=answer, headers=self.headers)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.requests if request.content]


def client_of(vendor: Callable[[httpx.Request], httpx.Response], **options: Any) -> HighLevel:
    defaults: dict[str, Any] = {
        "location_id": LOCATION,
        "transport": httpx.MockTransport(vendor),
        "pacer": NoPacer(),
        "clock": ManualClock(),
    }
    token = options.pop("token", TOKEN)
    return HighLevel(token, **(defaults | options))


async def collected(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


def ids(items: Any) -> Any:
    if hasattr(items, "id"):
        return items.id
    return [item.id for item in items]


def records_of(records: list[CallRecord]) -> list[tuple[str, int | None]]:
    return [(record.operation, record.status) for record in records]


FULL_WRITE = ContactWrite(
    first_name="Ada",
    last_name=None,
    email="ada@example.com",
    phone="+33612345678",
    date_of_birth=date(1815, 12, 10),
    dnd_settings={Channel.SMS: DndSetting(status="active")},
    custom_fields=[CustomFieldValue(id="f1", value="gold")],
    owner_id="u1",
)
_FULL_BODY = {
    "firstName": "Ada",
    "lastName": None,
    "email": "ada@example.com",
    "phone": "+33612345678",
    "dateOfBirth": "1815-12-10",
    "dndSettings": {"SMS": {"status": "active"}},
    "customFields": [{"id": "f1", "field_value": "gold"}],
    "assignedTo": "u1",
}
_FULL_V3 = _FULL_BODY | {
    "dndSettings": {"sms": {"status": "active"}},
    "customFields": [{"id": "f1", "fieldValue": "gold"}],
}
_AT = {"locationId": LOCATION}
_APPOINTMENT = AppointmentWrite(calendar_id="k1", contact_id="c1", start_at=DUE, title="Demo")
_APPOINTMENT_BODY = {
    "calendarId": "k1",
    "contactId": "c1",
    "startTime": "2026-01-02T03:04:05.000Z",
    "title": "Demo",
    "locationId": LOCATION,
}
_RULE = RecurrenceRule(interval_type="weekly", interval=1, start_at=DUE, due_after_s=3600)
_RULE_BODY = {
    "intervalType": "weekly",
    "interval": 1,
    "startDate": "2026-01-02T03:04:05.000Z",
    "dueAfterSeconds": 3600,
}
_DETAILS = {
    "notes": True,
    "tasks": False,
    "calendarEvents": False,
    "unReadConversations": False,
}
_ON_CONTACT = "/contacts/c1"
_ON_LOCATION = f"/locations/{LOCATION}"
_CALENDARS = {"version": "2021-04-15"}

CONTACTS = [
    Row(
        "contacts.create",
        lambda h: h.contacts.create(FULL_WRITE),
        ("POST", "/contacts/"),
        {"contact": CONTACT},
        "c1",
        body=_FULL_BODY | _AT,
        v3_body=_FULL_V3 | _AT,
        status=201,
    ),
    Row(
        "contacts.get",
        lambda h: h.contacts.get("c1"),
        ("GET", _ON_CONTACT),
        {"contact": CONTACT},
        "c1",
    ),
    Row(
        "contacts.update",
        lambda h: h.contacts.update("c1", FULL_WRITE),
        ("PUT", _ON_CONTACT),
        {"succeded": True, "contact": CONTACT},
        "c1",
        body=_FULL_BODY,
        v3_body=_FULL_V3,
    ),
    Row("contacts.delete", lambda h: h.contacts.delete("c1"), ("DELETE", _ON_CONTACT), OK),
    Row(
        "contacts.upsert",
        lambda h: h.contacts.upsert(
            ContactWrite(email="a@b.c", company_name="Acme", tags=("vip",)),
            replace_tags=True,
            create_new_if_duplicate_allowed=False,
        ),
        ("POST", "/contacts/upsert"),
        {"new": True, "contact": CONTACT, "traceId": "x"},
        body={
            "email": "a@b.c",
            "companyName": "Acme",
            "tags": ["vip"],
            "createNewIfDuplicateAllowed": False,
        }
        | _AT,
    ),
    Row(
        "contacts.search",
        lambda h: h.contacts.search(
            Search().where(field_named("email").eq("a@b.c")).at_page(2)
        ),
        ("POST", "/contacts/search"),
        {"contacts": [CONTACT], "total": 1},
        body={
            "pageLimit": 500,
            "page": 2,
            "filters": [{"field": "email", "operator": "eq", "value": "a@b.c"}],
        }
        | _AT,
    ),
    Row(
        "contacts.find_duplicate",
        lambda h: h.contacts.find_duplicate(email="a@b.c", phone="+33612345678"),
        ("GET", "/contacts/search/duplicate"),
        {"contact": CONTACT},
        "c1",
        query={"email": "a@b.c", "number": "+33612345678"} | _AT,
    ),
    Row(
        "contacts.list_legacy",
        lambda h: collected(h.contacts.list_legacy(query="ada")),
        ("GET", "/contacts/"),
        {"contacts": [CONTACT], "meta": {"total": 1, "nextPageUrl": None}},
        ["c1"],
        query={"limit": "100", "query": "ada"} | _AT,
    ),
    Row(
        "contacts.list_by_business",
        lambda h: collected(h.contacts.list_by_business("b1")),
        ("GET", "/contacts/business/b1"),
        {"contacts": [CONTACT], "count": 1},
        ["c1"],
        query={"limit": "100", "skip": "0"} | _AT,
    ),
    Row(
        "contacts.bulk_business",
        lambda h: h.contacts.bulk_business(["c1"], None),
        ("POST", "/contacts/bulk/business"),
        {"success": True, "ids": ["c1"]},
        ("c1",),
        body={"ids": ["c1"], "businessId": None} | _AT,
    ),
    Row(
        "contacts.bulk_tags",
        lambda h: h.contacts.bulk_tags("remove", ["c1"], ["vip"], remove_all=False),
        ("POST", "/contacts/bulk/tags/update/remove"),
        {"succeded": True, "errorCount": 0, "responses": [{"contactId": "c1"}]},
        body={"contacts": ["c1"], "tags": ["vip"], "removeAllTags": False} | _AT,
        status=201,
    ),
]
HANGING = [
    Row(
        "tags.add",
        lambda h: h.tags.add("c1", ["vip"]),
        ("POST", f"{_ON_CONTACT}/tags"),
        {"tags": ["old", "vip"]},
        ("old", "vip"),
        body={"tags": ["vip"]},
        status=201,
    ),
    Row(
        "tags.remove",
        lambda h: h.tags.remove("c1", ["vip"]),
        ("DELETE", f"{_ON_CONTACT}/tags"),
        {"tags": []},
        (),
        body={"tags": ["vip"]},
    ),
    Row(
        "tasks.list_for_contact",
        lambda h: h.tasks.list_for_contact("c1"),
        ("GET", f"{_ON_CONTACT}/tasks"),
        {"tasks": [TASK]},
        ["t1"],
    ),
    Row(
        "tasks.create",
        lambda h: h.tasks.create(
            "c1", TaskWrite(title="Call", due_at=DUE, is_completed=False, owner_id="u1")
        ),
        ("POST", f"{_ON_CONTACT}/tasks"),
        {"task": TASK},
        "t1",
        body={
            "title": "Call",
            "dueDate": "2026-01-02T03:04:05.000Z",
            "completed": False,
            "assignedTo": "u1",
        },
        status=201,
    ),
    Row(
        "tasks.get",
        lambda h: h.tasks.get("c1", "t1"),
        ("GET", f"{_ON_CONTACT}/tasks/t1"),
        {"task": TASK},
        "t1",
    ),
    Row(
        "tasks.update",
        lambda h: h.tasks.update("c1", "t1", TaskWrite(title="Ring")),
        ("PUT", f"{_ON_CONTACT}/tasks/t1"),
        {"task": TASK},
        "t1",
        body={"title": "Ring"},
    ),
    Row(
        "tasks.delete",
        lambda h: h.tasks.delete("c1", "t1"),
        ("DELETE", f"{_ON_CONTACT}/tasks/t1"),
        OK,
    ),
    Row(
        "tasks.set_completed",
        lambda h: h.tasks.set_completed("c1", "t1", is_completed=True),
        ("PUT", f"{_ON_CONTACT}/tasks/t1/completed"),
        {"task": TASK},
        "t1",
        body={"completed": True},
    ),
    Row(
        "tasks.search",
        lambda h: h.tasks.search(contact_ids=["c1"], is_completed=False, limit=5),
        ("POST", f"{_ON_LOCATION}/tasks/search"),
        {"tasks": [{"_id": "t9", "dateUpdated": "2026-01-02T03:04:05.000Z"}]},
        body={"limit": 5, "contactId": ["c1"], "completed": False, "skip": 0},
        status=201,
    ),
    Row(
        "recurring_tasks.create",
        lambda h: h.recurring_tasks.create(
            RecurringTaskWrite(title="Weekly", rule=_RULE, contact_ids=("c1",))
        ),
        ("POST", f"{_ON_LOCATION}/recurring-tasks"),
        {"recurringTask": RECURRING},
        "r1",
        body={"title": "Weekly", "rruleOptions": _RULE_BODY, "contactIds": ["c1"]},
        status=201,
    ),
    Row(
        "recurring_tasks.get",
        lambda h: h.recurring_tasks.get("r1"),
        ("GET", f"{_ON_LOCATION}/recurring-tasks/r1"),
        {"recurringTask": RECURRING},
        "r1",
    ),
    Row(
        "recurring_tasks.update",
        lambda h: h.recurring_tasks.update("r1", RecurringTaskWrite(title="Monthly")),
        ("PUT", f"{_ON_LOCATION}/recurring-tasks/r1"),
        {"recurringTask": RECURRING},
        "r1",
        body={"title": "Monthly"},
    ),
    Row(
        "recurring_tasks.delete",
        lambda h: h.recurring_tasks.delete("r1"),
        ("DELETE", f"{_ON_LOCATION}/recurring-tasks/r1"),
        {"id": "r1", "success": True},
    ),
    Row(
        "notes.list_for_contact",
        lambda h: h.notes.list_for_contact("c1"),
        ("GET", f"{_ON_CONTACT}/notes"),
        {"notes": [NOTE]},
        ["n1"],
    ),
    Row(
        "notes.create",
        lambda h: h.notes.create("c1", NoteWrite(body="Hello", is_pinned=True)),
        ("POST", f"{_ON_CONTACT}/notes"),
        {"note": NOTE},
        "n1",
        body={"body": "Hello", "pinned": True},
        status=201,
    ),
    Row(
        "notes.get",
        lambda h: h.notes.get("c1", "n1"),
        ("GET", f"{_ON_CONTACT}/notes/n1"),
        {"note": NOTE},
        "n1",
    ),
    Row(
        "notes.update",
        lambda h: h.notes.update("c1", "n1", NoteWrite(body="Bye")),
        ("PUT", f"{_ON_CONTACT}/notes/n1"),
        {"note": NOTE},
        "n1",
        body={"body": "Bye"},
    ),
    Row(
        "notes.delete",
        lambda h: h.notes.delete("c1", "n1"),
        ("DELETE", f"{_ON_CONTACT}/notes/n1"),
        OK,
    ),
    Row(
        "appointments.list_for_contact",
        lambda h: h.appointments.list_for_contact("c1"),
        ("GET", f"{_ON_CONTACT}/appointments"),
        {"events": [EVENT]},
        ["e1"],
    ),
    Row(
        "followers.add",
        lambda h: h.followers.add("c1", ["u1"]),
        ("POST", f"{_ON_CONTACT}/followers"),
        {"followers": ["u1", "u2"], "followersAdded": ["u1"]},
        ("u1", "u2"),
        body={"followers": ["u1"]},
        status=201,
    ),
    Row(
        "followers.remove",
        lambda h: h.followers.remove("c1", ["u1"]),
        ("DELETE", f"{_ON_CONTACT}/followers"),
        {"followers": ["u2"], "followersRemoved": ["u1"]},
        ("u2",),
        body={"followers": ["u1"]},
    ),
    Row(
        "campaigns.add",
        lambda h: h.campaigns.add("c1", "p1"),
        ("POST", f"{_ON_CONTACT}/campaigns/p1"),
        OK,
        body={},
        status=201,
    ),
    Row(
        "campaigns.remove",
        lambda h: h.campaigns.remove("c1", "p1"),
        ("DELETE", f"{_ON_CONTACT}/campaigns/p1"),
        OK,
    ),
    Row(
        "campaigns.remove_all",
        lambda h: h.campaigns.remove_all("c1"),
        ("DELETE", f"{_ON_CONTACT}/campaigns/removeAll"),
        OK,
        v3_path=f"{_ON_CONTACT}/campaigns/remove-all",
    ),
    Row(
        "workflows.add",
        lambda h: h.workflows.add(
            "c1", "w1", start_at=datetime(2026, 1, 2, 9, tzinfo=timezone(timedelta(hours=1)))
        ),
        ("POST", f"{_ON_CONTACT}/workflow/w1"),
        OK,
        body={"eventStartTime": "2026-01-02T09:00:00+01:00"},
    ),
    Row(
        "workflows.remove",
        lambda h: h.workflows.remove("c1", "w1"),
        ("DELETE", f"{_ON_CONTACT}/workflow/w1"),
        OK,
        body={},
    ),
]
SURROUNDINGS = [
    Row(
        "locations.get",
        lambda h: h.locations.get(),
        ("GET", _ON_LOCATION),
        {"location": {"id": LOCATION, "settings": {"allowDuplicateContact": False}}},
        LOCATION,
    ),
    Row(
        "locations.search",
        lambda h: h.locations.search("co1", email="a@b.c"),
        ("GET", "/locations/search"),
        {"locations": [{"id": "l1"}]},
        ["l1"],
        query={"companyId": "co1", "email": "a@b.c"},
    ),
    Row(
        "locations.list_timezones",
        lambda h: h.locations.list_timezones(),
        ("GET", f"{_ON_LOCATION}/timezones"),
        {"timeZones": ["Europe/Paris"]},
        ("Europe/Paris",),
    ),
    Row(
        "custom_fields.list",
        lambda h: h.custom_fields.list_fields(),
        ("GET", f"{_ON_LOCATION}/customFields"),
        {"customFields": [FIELD]},
        ["f1"],
        query={"model": "contact"},
    ),
    Row(
        "custom_fields.get",
        lambda h: h.custom_fields.get("contact.plan"),
        ("GET", f"{_ON_LOCATION}/customFields/contact.plan"),
        {"customField": FIELD},
        "f1",
    ),
    Row(
        "custom_fields.create",
        lambda h: h.custom_fields.create(CustomFieldWrite(name="Plan", data_type="TEXT")),
        ("POST", f"{_ON_LOCATION}/customFields"),
        {"customField": FIELD},
        "f1",
        body={"name": "Plan", "dataType": "TEXT"},
        status=201,
    ),
    Row(
        "custom_fields.update",
        lambda h: h.custom_fields.update("f1", CustomFieldWrite(name="Tier", position=2)),
        ("PUT", f"{_ON_LOCATION}/customFields/f1"),
        {"customField": FIELD},
        "f1",
        body={"name": "Tier", "position": 2},
    ),
    Row(
        "custom_fields.delete",
        lambda h: h.custom_fields.delete("f1"),
        ("DELETE", f"{_ON_LOCATION}/customFields/f1"),
        OK,
    ),
    Row(
        "custom_fields.upload",
        lambda h: h.custom_fields.upload(
            "c1", {"f1_x": ("a.txt", b"hi", "text/plain")}, max_files=2
        ),
        ("POST", f"{_ON_LOCATION}/customFields/upload"),
        {"uploadedFiles": {"a.txt": "https://files.test/a"}, "meta": []},
        body="multipart",
    ),
    Row(
        "tags.list",
        lambda h: h.tags.list_tags(),
        ("GET", f"{_ON_LOCATION}/tags"),
        {"tags": [{"id": "g1", "name": "vip"}]},
        ["g1"],
    ),
    Row(
        "tags.get",
        lambda h: h.tags.get("g1"),
        ("GET", f"{_ON_LOCATION}/tags/g1"),
        {"tag": {"id": "g1", "name": "vip"}},
        "g1",
    ),
    Row(
        "tags.create",
        lambda h: h.tags.create("vip"),
        ("POST", f"{_ON_LOCATION}/tags"),
        {"tag": {"id": "g1", "name": "vip"}},
        "g1",
        body={"name": "vip"},
        status=201,
    ),
    Row(
        "tags.rename",
        lambda h: h.tags.rename("g1", "gold"),
        ("PUT", f"{_ON_LOCATION}/tags/g1"),
        {"tag": {"id": "g1", "name": "gold"}},
        "g1",
        body={"name": "gold"},
    ),
    Row(
        "tags.delete",
        lambda h: h.tags.delete("g1"),
        ("DELETE", f"{_ON_LOCATION}/tags/g1"),
        OK,
    ),
    Row(
        "users.list",
        lambda h: h.users.list_users(),
        ("GET", "/users/"),
        {"users": [{"id": "u1"}]},
        ["u1"],
        query=_AT,
    ),
    Row(
        "users.search",
        lambda h: h.users.search("co1", query="ada"),
        ("GET", "/users/search"),
        {"users": [{"id": "u1"}], "count": 1},
        query={"companyId": "co1", "query": "ada", "limit": "25", "skip": "0"} | _AT,
    ),
    Row(
        "users.get",
        lambda h: h.users.get("u1"),
        ("GET", "/users/u1"),
        {"id": "u1", "name": "Ada"},
        "u1",
    ),
    Row(
        "businesses.list",
        lambda h: collected(h.businesses.list_businesses()),
        ("GET", "/businesses/"),
        {"businesses": [BUSINESS]},
        ["b1"],
        query={"limit": "100", "skip": "0"} | _AT,
    ),
    Row(
        "businesses.get",
        lambda h: h.businesses.get("b1"),
        ("GET", "/businesses/b1"),
        {"business": BUSINESS},
        "b1",
    ),
    Row(
        "businesses.create",
        lambda h: h.businesses.create(BusinessWrite(name="Acme", postal_code="75001")),
        ("POST", "/businesses/"),
        {"success": True, "buiseness": BUSINESS},
        "b1",
        body={"name": "Acme", "postalCode": "75001"} | _AT,
        status=201,
    ),
    Row(
        "businesses.update",
        lambda h: h.businesses.update("b1", BusinessWrite(city="Paris")),
        ("PUT", "/businesses/b1"),
        {"success": True, "business": BUSINESS},
        "b1",
        body={"city": "Paris"},
    ),
    Row(
        "businesses.delete",
        lambda h: h.businesses.delete("b1"),
        ("DELETE", "/businesses/b1"),
        {"success": True},
    ),
    Row(
        "calendars.list",
        lambda h: h.calendars.list_calendars(),
        ("GET", "/calendars/"),
        {"calendars": [{"id": "k1"}]},
        ["k1"],
        query=_AT,
        **_CALENDARS,
    ),
    Row(
        "calendars.get",
        lambda h: h.calendars.get("k1"),
        ("GET", "/calendars/k1"),
        {"calendar": {"id": "k1"}},
        "k1",
        **_CALENDARS,
    ),
    Row(
        "calendars.list_events",
        lambda h: h.calendars.list_events(DUE, DUE + timedelta(days=1), calendar_id="k1"),
        ("GET", "/calendars/events"),
        {"events": [EVENT]},
        ["e1"],
        query={"startTime": "1767323045000", "endTime": "1767409445000", "calendarId": "k1"}
        | _AT,
        **_CALENDARS,
    ),
    Row(
        "appointments.get",
        lambda h: h.appointments.get("e1"),
        ("GET", "/calendars/events/appointments/e1"),
        {"event": EVENT},
        "e1",
        **_CALENDARS,
    ),
    Row(
        "appointments.create",
        lambda h: h.appointments.create(_APPOINTMENT),
        ("POST", "/calendars/events/appointments"),
        EVENT,
        "e1",
        body=_APPOINTMENT_BODY,
        **_CALENDARS,
    ),
    Row(
        "appointments.update",
        lambda h: h.appointments.update("e1", AppointmentWrite(status="cancelled")),
        ("PUT", "/calendars/events/appointments/e1"),
        EVENT,
        "e1",
        body={"appointmentStatus": "cancelled"},
        **_CALENDARS,
    ),
    Row(
        "appointments.delete",
        lambda h: h.appointments.delete("e1"),
        ("DELETE", "/calendars/events/e1"),
        {"succeeded": True},
        body={},
        status=201,
        **_CALENDARS,
    ),
    Row(
        "appointments.list_notes",
        lambda h: collected(h.appointments.list_notes("e1")),
        ("GET", "/calendars/appointments/e1/notes"),
        {"notes": [NOTE], "hasMore": False},
        ["n1"],
        query={"limit": "20", "offset": "0"},
        **_CALENDARS,
    ),
    Row(
        "appointments.create_note",
        lambda h: h.appointments.create_note("e1", NoteWrite(body="Hello")),
        ("POST", "/calendars/appointments/e1/notes"),
        {"note": NOTE},
        "n1",
        body={"body": "Hello"},
        status=201,
        **_CALENDARS,
    ),
    Row(
        "appointments.update_note",
        lambda h: h.appointments.update_note("e1", "n1", NoteWrite(body="Bye", user_id="u1")),
        ("PUT", "/calendars/appointments/e1/notes/n1"),
        {"note": NOTE},
        "n1",
        body={"body": "Bye", "userId": "u1"},
        **_CALENDARS,
    ),
    Row(
        "appointments.delete_note",
        lambda h: h.appointments.delete_note("e1", "n1"),
        ("DELETE", "/calendars/appointments/e1/notes/n1"),
        {"success": True},
        **_CALENDARS,
    ),
    Row(
        "opportunities.list",
        lambda h: h.opportunities.list_page(contact_id="c1"),
        ("GET", "/opportunities/search"),
        {"opportunities": [OPPORTUNITY], "meta": {"total": 1}},
        query={"location_id": LOCATION, "contact_id": "c1", "status": "all", "limit": "100"},
        v3_query={"contactId": "c1", "status": "all", "limit": "100"} | _AT,
    ),
    Row(
        "opportunities.search",
        lambda h: h.opportunities.search(with_details=["notes"]),
        ("POST", "/opportunities/search"),
        {"opportunities": [OPPORTUNITY], "total": 1},
        body={
            "query": "",
            "limit": 500,
            "page": 1,
            "searchAfter": [],
            "additionalDetails": _DETAILS,
        }
        | _AT,
        status=201,
    ),
    Row(
        "opportunities.list_pipelines",
        lambda h: h.opportunities.list_pipelines(),
        ("GET", "/opportunities/pipelines"),
        {"pipelines": [{"id": "p1", "stages": [{"id": "s1", "name": "New"}]}]},
        ["p1"],
        query=_AT,
    ),
]
ROWS = [*CONTACTS, *HANGING, *SURROUNDINGS]
