"""The mapping a new connection starts with.

HighLevel has no native lifecycle stage, last-contacted or next-action date (marketplace
docs, read 2026-11): they are custom fields, which `hightonic connect` creates when asked.
"""

from __future__ import annotations

from toolkit.mapping.own_tables import own_tables
from toolkit.mapping.spec import Choice, FieldMapping, FieldOptions, KindMapping, Mapping
from toolkit.model.ids import Kind, Side
from toolkit.model.policy import ConflictPolicy, Direction

LIFECYCLE_STAGES = ("lead", "prospect", "customer", "churned")

_ASK = ConflictPolicy.ASK
_HIGHLEVEL = ConflictPolicy.HIGHLEVEL
_TO_TIMETONIC = Direction.TO_TIMETONIC

_CONTACT = KindMapping(
    kind=Kind.CONTACT,
    table="Contacts",
    match_by=("email", "phone"),
    required_on_highlevel=frozenset({"name", "email", "phone"}),
    parent_column=None,
    key_field="custom.hightonic_key",
    stamp_column="Last sync",
    fields=(
        FieldMapping("name", "name", ("firstName", "lastName"), "Name", on_conflict=_ASK),
        FieldMapping("email", "email", ("email",), "Email", on_conflict=_ASK),
        FieldMapping("phone", "phone", ("phone",), "Phone", on_conflict=_ASK),
        # Not a key of the update operation: HighLevel takes a company while creating only.
        FieldMapping(
            "company",
            "text",
            ("companyName",),
            "Company",
            create_only_on=frozenset({Side.HIGHLEVEL}),
        ),
        FieldMapping("last_contacted", "date", ("custom.last_contacted",), "Last contacted"),
        FieldMapping(
            "lifecycle_stage",
            "choice",
            ("custom.lifecycle_stage",),
            "Lifecycle stage",
            options=FieldOptions(choices=tuple(map(Choice, LIFECYCLE_STAGES)), is_open=True),
        ),
        FieldMapping("tags", "tags", ("tags",), "Tags", on_conflict=ConflictPolicy.UNION),
        FieldMapping("owner_id", "owner", ("assignedTo",), "Owner"),
        FieldMapping(
            "next_action_date", "date", ("custom.next_action_date",), "Next action date"
        ),
        FieldMapping("source", "text", ("source",), "Source"),
        FieldMapping(
            "plan", "choice", ("custom.plan",), "Plan", options=FieldOptions(is_open=True)
        ),
        FieldMapping(
            "updated_at",
            "datetime",
            ("dateUpdated",),
            "Updated at",
            direction=_TO_TIMETONIC,
            rides=True,
        ),
        FieldMapping(
            "total_tasks",
            "rollup",
            timetonic="Total tasks",
            direction=_TO_TIMETONIC,
            options=FieldOptions(rollup="total_tasks"),
        ),
        FieldMapping(
            "open_tasks",
            "rollup",
            timetonic="Open tasks",
            direction=_TO_TIMETONIC,
            options=FieldOptions(rollup="open_tasks"),
        ),
    ),
)

_TASK = KindMapping(
    kind=Kind.TASK,
    table="Tasks",
    # Both are required keys of the create operation (vendor OpenAPI, read 2026-11).
    needed_on_highlevel=frozenset({"title", "due_at"}),
    fields=(
        FieldMapping("title", "text", ("title",), "Title", on_conflict=_ASK),
        FieldMapping("body", "longtext", ("body",), "Description", on_conflict=_HIGHLEVEL),
        FieldMapping("due_at", "datetime", ("dueDate",), "Due", on_conflict=_HIGHLEVEL),
        FieldMapping("is_completed", "boolean", ("completed",), "Done", on_conflict=_HIGHLEVEL),
        FieldMapping("owner_id", "owner", ("assignedTo",), "Owner", on_conflict=_HIGHLEVEL),
    ),
)

# Author and moment are the server's own and never change: they ride, so that a note begun
# in TimeTonic is not written a second time only to show them.
_NOTE = KindMapping(
    kind=Kind.NOTE,
    table="Notes",
    required_on_highlevel=frozenset({"body"}),
    fields=(
        FieldMapping("body", "note", ("body",), "Body", on_conflict=_ASK),
        FieldMapping(
            "author", "owner", ("userId",), "Author", direction=_TO_TIMETONIC, rides=True
        ),
        FieldMapping(
            "written_at",
            "datetime",
            ("dateAdded",),
            "Written at",
            direction=_TO_TIMETONIC,
            rides=True,
        ),
    ),
)

_APPOINTMENT = KindMapping(
    kind=Kind.APPOINTMENT,
    table="Appointments",
    direction=_TO_TIMETONIC,
    fields=(
        FieldMapping("title", "text", ("title",), "Title", direction=_TO_TIMETONIC),
        FieldMapping(
            "starts_at", "datetime", ("startTime",), "Starts", direction=_TO_TIMETONIC
        ),
        FieldMapping("ends_at", "datetime", ("endTime",), "Ends", direction=_TO_TIMETONIC),
        FieldMapping(
            "status", "text", ("appointmentStatus",), "Status", direction=_TO_TIMETONIC
        ),
        FieldMapping(
            "owner_id", "owner", ("assignedUserId",), "Owner", direction=_TO_TIMETONIC
        ),
    ),
)


def default_mapping() -> Mapping:
    """Contacts, tasks and notes both ways, appointments into TimeTonic."""
    kinds = (_CONTACT, _TASK, _NOTE, _APPOINTMENT)
    return Mapping({each.kind: each for each in kinds}, own=own_tables())
