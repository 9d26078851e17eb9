"""Rules that make tasks again and again: stored, never run. There is no list of them."""

from __future__ import annotations

from typing import Final

from toolkit.sandbox.highlevel import problems
from toolkit.sandbox.highlevel.calls import Call, Payload, Route
from toolkit.sandbox.highlevel.records import RecurringTask
from toolkit.sandbox.highlevel.validate import Shape, flag, many, moment, number, one_of, text
from toolkit.sandbox.highlevel.wire import stamp

_RULE: Final = Shape(
    {
        "intervalType": one_of("yearly", "monthly", "weekly", "daily", "hourly"),
        "interval": number,
        "startDate": moment,
        "endDate": moment,
        "dayOfMonth": number,
        "dayOfWeek": one_of("MO", "TU", "WE", "TH", "FR", "SA", "SU"),
        "monthOfYear": number,
        "count": number,
        "createTaskIfOverDue": flag,
        "dueAfterSeconds": number,
    },
    ("intervalType", "interval", "startDate", "dueAfterSeconds"),
)
_RECURRING: Final = Shape(
    {
        "title": text,
        "description": text,
        "contactIds": many(text),
        "owners": many(text),
        "rruleOptions": _RULE,
        "ignoreTaskCreation": flag,
    },
    ("title", "rruleOptions"),
)


def create_recurring(call: Call) -> Payload:
    """Stored, never run."""
    task = RecurringTask(call.state.ids.hexadecimal(), dict(call.body), call.now, call.now)
    call.state.recurring_tasks[task.id] = task
    return {"recurringTask": _recurring_wire(call, task)}


def get_recurring(call: Call) -> Payload:
    """One rule."""
    return {"recurringTask": _recurring_wire(call, _recurring(call))}


def update_recurring(call: Call) -> Payload:
    """Overwrites what the body names."""
    task = _recurring(call)
    task.values |= call.body
    task.updated_at = call.now
    return {"recurringTask": _recurring_wire(call, task)}


def delete_recurring(call: Call) -> Payload:
    """Deletes one rule; the success flag has yet another name."""
    task = _recurring(call)
    del call.state.recurring_tasks[task.id]
    return {"id": task.id, "success": True}


def _recurring(call: Call) -> RecurringTask:
    task = call.state.recurring_tasks.get(call.ids["id"])
    if task is None:
        raise problems.bad_request("Recurring task not found")
    return task


def _recurring_wire(call: Call, task: RecurringTask) -> Payload:
    values = task.values
    wire: Payload = {
        "id": task.id,
        "title": values["title"],
        "description": values.get("description", ""),
        "locationId": call.state.location_id,
        "updatedAt": stamp(task.updated_at),
        "createdAt": stamp(task.added_at),
        "rruleOptions": values["rruleOptions"],
        "totalOccurrence": 0,
        "deleted": False,
    }
    if values.get("owners"):
        wire["assignedTo"] = values["owners"][0]
    if values.get("contactIds"):
        wire["contactId"] = values["contactIds"][0]
    return wire


_RECURRING_ONE: Final = "/locations/{locationId}/recurring-tasks/{id}"
ROUTES: Final = (
    Route(
        "create-recurring-task",
        "POST",
        "/locations/{locationId}/recurring-tasks",
        create_recurring,
        status=201,
        body=_RECURRING,
        location="path",
        is_write=True,
    ),
    Route("get-recurring-task-by-id", "GET", _RECURRING_ONE, get_recurring, location="path"),
    Route(
        "update-recurring-task",
        "PUT",
        _RECURRING_ONE,
        update_recurring,
        body=Shape(_RECURRING.fields),
        location="path",
        is_write=True,
    ),
    Route(
        "delete-recurring-task",
        "DELETE",
        _RECURRING_ONE,
        delete_recurring,
        location="path",
        is_write=True,
    ),
)
