"""What the catalogue says of each HighLevel operation beyond its signature: an example, mostly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Row:
    """One operation.

    Attributes:
        name: As the entry's id ends.
        example: An input; capitals stand for ids.
        method: Resource and method of the client; empty where it is `name`.
        calls: API calls of the example.
        is_repeatable: Whether a second call changes nothing more; None where the HTTP
            method says it (all but POST).
    """

    name: str
    example: Mapping[str, Any] = field(default_factory=dict)
    method: str = ""
    calls: int = 1
    is_repeatable: bool | None = None


_C: Final = {"contact_id": "CONTACT_ID"}
_TASK: Final = {**_C, "task_id": "TASK_ID"}
_NOTE: Final = {**_C, "note_id": "NOTE_ID"}
_MEETING: Final = {"appointment_id": "APPOINTMENT_ID"}
_MEETING_NOTE: Final = {**_MEETING, "note_id": "APPOINTMENT_NOTE_ID"}
_RULE: Final = {
    "interval_type": "weekly",
    "interval": 1,
    "start_at": "2030-12-02T09:00:00Z",
    "due_after_s": 3600,
}

CONTACTS: Final = (
    Row(
        "contacts.create",
        {
            "first_name": "Ada",
            "last_name": "Lovelace",
            "email": "ada.lovelace@example.org",
            "custom_fields": {"plan": "Pro"},
        },
        calls=2,
    ),
    Row("contacts.get", _C),
    Row("contacts.update", {**_C, "city": "Paris"}),
    Row(
        "contacts.upsert", {"email": "ada@example.net", "first_name": "Ada"}, is_repeatable=True
    ),
    Row("contacts.delete", _C),
    Row(
        "contacts.search",
        {
            "filters": [{"field": "tags", "operator": "eq", "value": ["vip"]}],
            "sort": [["dateUpdated", "desc"]],
            "page_size": 20,
        },
    ),
    Row("contacts.list", {"page_size": 500, "at_most": 10}, "contacts.list_contacts"),
    Row("contacts.find_duplicate", {"email": "ada@example.org"}),
    Row("contacts.list_legacy", {"at_most": 5}),
    Row("contacts.list_by_business", {"business_id": "BUSINESS_ID"}),
    Row(
        "contacts.bulk_business",
        {"contact_ids": ["CONTACT_ID"], "business_id": "BUSINESS_ID"},
        is_repeatable=True,
    ),
    Row(
        "contacts.bulk_tags",
        {"kind": "add", "contact_ids": ["CONTACT_ID"], "tags": ["newsletter"]},
        is_repeatable=True,
    ),
    Row("followers.add", {**_C, "user_ids": ["USER_ID"]}, is_repeatable=True),
    Row("followers.remove", {**_C, "user_ids": ["USER_ID"]}),
    Row("campaigns.add", {**_C, "campaign_id": "CAMPAIGN_ID"}),
    Row("campaigns.remove", {**_C, "campaign_id": "CAMPAIGN_ID"}),
    Row("campaigns.remove_all", _C),
    Row("workflows.add", {**_C, "workflow_id": "WORKFLOW_ID"}),
    Row("workflows.remove", {**_C, "workflow_id": "WORKFLOW_ID"}),
)
HANGING: Final = (
    Row("tasks.list_for_contact", _C),
    Row("tasks.get", _TASK),
    Row(
        "tasks.create",
        {
            **_C,
            "title": "Call back",
            "due_at": "2026-12-01T09:00:00Z",
            "is_completed": False,
        },
    ),
    Row("tasks.update", {**_TASK, "title": "Call back today"}),
    Row("tasks.set_completed", {**_TASK, "is_completed": True}),
    Row("tasks.delete", _TASK),
    Row("tasks.search", {"is_completed": False, "limit": 50}),
    Row("tasks.list_pages", {"at_most": 1}, "tasks.iter_location_tasks"),
    Row("recurring_tasks.create", {"title": "Weekly call", "rule": _RULE}),
    Row("recurring_tasks.get", {"task_id": "RECURRING_TASK_ID"}),
    Row("recurring_tasks.update", {"task_id": "RECURRING_TASK_ID", "title": "Monday call"}),
    Row("recurring_tasks.delete", {"task_id": "RECURRING_TASK_ID"}),
    Row("notes.list_for_contact", _C),
    Row("notes.get", _NOTE),
    Row("notes.create", {**_C, "body": "Met at the fair"}),
    Row("notes.update", {**_NOTE, "body": "Met at the fair in Lyon"}),
    Row("notes.delete", _NOTE),
    Row("appointments.list_for_contact", _C),
    Row("appointments.get", _MEETING),
    Row(
        "appointments.create",
        {
            **_C,
            "calendar_id": "CALENDAR_ID",
            "start_at": "2030-12-02T09:00:00Z",
            "end_at": "2030-12-02T09:30:00Z",
            "title": "Demo",
            "is_slot_check_ignored": True,
        },
    ),
    Row("appointments.update", {**_MEETING, "title": "Demo, second part"}),
    Row("appointments.delete", _MEETING),
    Row("appointments.list_notes", {**_MEETING, "at_most": 20}),
    Row("appointments.create_note", {**_MEETING, "body": "Bring the contract"}),
    Row("appointments.update_note", {**_MEETING_NOTE, "body": "Bring both contracts"}),
    Row("appointments.delete_note", _MEETING_NOTE),
)
AROUND: Final = (
    Row("calendars.list", {}, "calendars.list_calendars"),
    Row("calendars.get", {"calendar_id": "CALENDAR_ID"}),
    Row(
        "calendars.list_events",
        {
            "start_at": "2026-12-01T00:00:00Z",
            "end_at": "2026-12-31T00:00:00Z",
            "calendar_id": "CALENDAR_ID",
        },
    ),
    Row("locations.get"),
    Row("locations.search", {"company_id": "COMPANY_ID", "limit": 10}),
    Row("locations.list_timezones"),
    Row("custom_fields.list", {"model": "contact"}, "custom_fields.list_fields"),
    Row("custom_fields.get", {"field_id": "FIELD_ID"}),
    Row("custom_fields.create", {"name": "Shoe size", "data_type": "NUMERICAL"}),
    Row("custom_fields.update", {"field_id": "FIELD_ID", "name": "Renamed"}),
    Row("custom_fields.delete", {"field_id": "FIELD_ID"}),
    Row(
        "custom_fields.upload",
        {
            "record_id": "CONTACT_ID",
            "files": {"FILE_FIELD_ID_1": ["hello.txt", "aGVsbG8=", "text/plain"]},
        },
    ),
    Row("tags.add", {**_C, "tags": ["vip"]}, is_repeatable=True),
    Row("tags.remove", {**_C, "tags": ["vip"]}),
    Row("tags.list", {}, "tags.list_tags"),
    Row("tags.get", {"tag_id": "TAG_ID"}),
    Row("tags.create", {"name": "lyon fair"}),
    Row("tags.rename", {"tag_id": "TAG_ID", "name": "renamed"}),
    Row("tags.delete", {"tag_id": "TAG_ID"}),
    Row("users.list", {}, "users.list_users"),
    Row("users.search", {"company_id": "COMPANY_ID", "query": "a"}),
    Row("users.get", {"user_id": "USER_ID"}),
    Row("businesses.list", {}, "businesses.list_businesses"),
    Row("businesses.get", {"business_id": "BUSINESS_ID"}),
    Row("businesses.create", {"name": "Analytical Engines", "city": "London"}),
    Row("businesses.update", {"business_id": "BUSINESS_ID", "city": "Lyon"}),
    Row("businesses.delete", {"business_id": "BUSINESS_ID"}),
    Row("opportunities.list", {"status": "open", "limit": 20}, "opportunities.list_page"),
    Row("opportunities.search", {"query": "", "limit": 20, "with_details": ["tasks"]}),
    Row("opportunities.list_all", {"at_most": 20}, "opportunities.list_opportunities"),
    Row("opportunities.list_pipelines"),
)
ROWS: Final = (*CONTACTS, *HANGING, *AROUND)
