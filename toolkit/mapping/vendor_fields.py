"""What HighLevel's own fields are called, and which of them take a value.

From the published operations of contacts, tasks, notes and calendars (marketplace docs,
read 2026-11): a key that an operation does not declare makes it answer 422, so a mapping
that would write one is refused when it is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from toolkit.model.ids import Kind

Access = Literal["both", "create", "read"]
CUSTOM = "custom."
"""Prefix of custom fields in mapping files: `custom.<key without the contact. prefix>`."""


def _access(both: str, *, create: str = "", read: str = "") -> dict[str, Access]:
    table: dict[str, Access] = {}
    table |= dict.fromkeys(both.split(), "both")
    table |= dict.fromkeys(create.split(), "create")
    table |= dict.fromkeys(read.split(), "read")
    return table


HIGHLEVEL_FIELDS: Mapping[Kind, Mapping[str, Access]] = {
    Kind.CONTACT: _access(
        "firstName lastName name email phone address1 city state postalCode country website"
        " timezone dateOfBirth source tags assignedTo",
        create="companyName gender",
        read="id type dateAdded dateUpdated lastActivity businessId businessName dnd",
    ),
    Kind.TASK: _access(
        "title body dueDate completed assignedTo", read="id contactId dateAdded dateUpdated"
    ),
    Kind.NOTE: _access("body userId title color pinned", read="id contactId dateAdded"),
    Kind.APPOINTMENT: _access(
        "",
        read="id title startTime endTime appointmentStatus assignedUserId calendarId notes"
        " address dateAdded dateUpdated contactId",
    ),
}


def access_of(kind: Kind, name: str) -> Access | None:
    """How a HighLevel field may be used; None where there is no such field.

    Custom fields always take values; whether one exists is asked of the location.
    """
    if kind is Kind.CONTACT and name.startswith(CUSTOM) and name != CUSTOM:
        return "both"
    return HIGHLEVEL_FIELDS[kind].get(name)
