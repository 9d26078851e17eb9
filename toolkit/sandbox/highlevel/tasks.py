"""Tasks below a contact, and the location-wide search."""

from __future__ import annotations

from typing import Any, Final

from toolkit.sandbox.highlevel import problems
from toolkit.sandbox.highlevel.calls import Call, Payload, Route
from toolkit.sandbox.highlevel.records import Task
from toolkit.sandbox.highlevel.state import HighLevelState
from toolkit.sandbox.highlevel.validate import (
    Shape,
    anything,
    flag,
    many,
    moment,
    number,
    text,
)
from toolkit.sandbox.highlevel.wire import epoch_ms, read_moment, stamp

_LARGEST_PAGE: Final = 500
_TASK: Final = {
    "title": text,
    "body": text,
    "dueDate": moment,
    "completed": flag,
    "assignedTo": text,
}
_CREATE: Final = Shape(_TASK, ("title", "dueDate", "completed"))
_UPDATE: Final = Shape(_TASK)
_COMPLETED: Final = Shape({"completed": flag}, ("completed",))
_SEARCH: Final = Shape(
    {
        "contactId": many(text),
        "completed": flag,
        "assignedTo": many(text),
        "query": text,
        "limit": number,
        "skip": number,
        "businessId": text,
        "searchAfter": anything,
    }
)


def list_tasks(call: Call) -> Payload:
    """All tasks of a contact; there are no pages here."""
    call.state.parent(call.ids["contactId"])
    return {"tasks": [task.wire() for task in call.state.tasks_of(call.ids["contactId"])]}


def create_task(call: Call) -> Payload:
    """A task below a contact."""
    contact = call.state.parent(call.ids["contactId"])
    task = Task(
        id=call.state.ids.hexadecimal(),
        contact_id=contact.id,
        title=call.body["title"],
        body=call.body.get("body"),
        due_at=read_moment(call.body["dueDate"]),
        is_completed=call.body["completed"],
        assigned_to=call.body.get("assignedTo"),
        added_at=call.now,
        updated_at=call.now,
    )
    call.state.save_task(task)
    _bump(call)
    return {"task": task.wire()}


def get_task(call: Call) -> Payload:
    """One task."""
    return {"task": _task(call).wire()}


def update_task(call: Call) -> Payload:
    """Overwrites what the body names; also the route of `completed` alone."""
    task, body = _task(call), call.body
    task.title = body.get("title", task.title)
    task.body = body.get("body", task.body)
    task.is_completed = body.get("completed", task.is_completed)
    task.assigned_to = body.get("assignedTo", task.assigned_to)
    if "dueDate" in body:
        task.due_at = read_moment(body["dueDate"])
    task.updated_at = call.now
    call.state.save_task(task)
    _bump(call)
    return {"task": task.wire()}


def delete_task(call: Call) -> Payload:
    """Deletes one task."""
    call.state.remove_task(_task(call))
    _bump(call)
    return call.ok


def search_tasks(call: Call) -> Payload:
    """Every task of the location, newest first, the ones without a contact too. No total."""
    body = call.body
    limit, skip = _whole(body, "limit", 25), _whole(body, "skip", 0)
    if not 1 <= limit <= _LARGEST_PAGE:
        raise problems.unprocessable([f"limit must be between 1 and {_LARGEST_PAGE}"])
    ranked = call.state.ranked_tasks()
    cursor = body.get("searchAfter")
    start = 0 if cursor in (None, []) else call.state.task_place(_cursor(cursor)) + 1
    wanted = (task for task in ranked[start:] if _fits(call.state, task, body))
    page: list[Task] = []
    for place, task in enumerate(wanted):
        if place >= skip:
            page.append(task)
        if len(page) == limit:
            break
    return {"tasks": [_row(call.state, task) for task in page], "traceId": call.trace_id}


def _cursor(given: Any) -> tuple[int, str]:  # noqa: ANN401 — before validation
    match given:
        case [int() as milliseconds, str() as task_id]:
            return milliseconds, task_id
        case _:
            raise problems.unprocessable(["searchAfter must be copied from the last row"])


def _whole(body: dict[str, Any], name: str, default: int) -> int:
    value = body.get(name, default)
    if value != int(value) or value < 0:
        raise problems.unprocessable([f"{name} must be a whole number"])
    return int(value)


def _fits(state: HighLevelState, task: Task, body: dict[str, Any]) -> bool:
    if "completed" in body and task.is_completed != body["completed"]:
        return False
    if body.get("contactId") and task.contact_id not in body["contactId"]:
        return False
    if body.get("assignedTo") and task.assigned_to not in body["assignedTo"]:
        return False
    if body.get("businessId"):
        contact = state.contacts.get(task.contact_id or "")
        if contact is None or contact.business_id != body["businessId"]:
            return False
    words = body.get("query", "").lower()
    return not words or words in f"{task.title}\n{task.body or ''}".lower()


def _row(state: HighLevelState, task: Task) -> Payload:
    """Live rows carry more than rows below a contact, and the id under `_id`."""
    status = "completed" if task.is_completed else "to_do"
    added, updated = stamp(task.added_at), stamp(task.updated_at)
    row: Payload = {
        "_id": task.id,
        "title": task.title,
        "body": task.body,
        "dueDate": stamp(task.due_at),
        "completed": task.is_completed,
        "status": status,
        "statusGroup": status,
        "assignedTo": task.assigned_to,
        "businessId": None,
        "locationId": state.location_id,
        "deleted": False,
        "dateAdded": added,
        "dateUpdated": updated,
        "createdAt": added,
        "updatedAt": updated,
        "searchAfter": [epoch_ms(task.added_at), task.id],
    }
    contact = state.contacts.get(task.contact_id or "")
    if contact is not None:
        row["contactId"] = contact.id
        names = {name: contact.values.get(name) for name in ("firstName", "lastName")}
        row["contactDetails"] = names
    user = state.users.get(task.assigned_to or "")
    if user is not None:
        names = {name: user[name] for name in ("id", "firstName", "lastName")}
        row["assignedToUserDetails"] = names
    return row


def _task(call: Call) -> Task:
    contact = call.state.parent(call.ids["contactId"])
    task = call.state.tasks.get(call.ids["taskId"])
    if task is None or task.contact_id != contact.id:
        raise problems.bad_request("Task not found")
    return task


def _bump(call: Call) -> None:
    if call.state.options.bumps_date_updated:
        call.state.touch(call.state.contact(call.ids["contactId"]))


_BELOW: Final = "/contacts/{contactId}/tasks"
_ONE: Final = "/contacts/{contactId}/tasks/{taskId}"
_READ, _WRITE = "contacts.readonly", "contacts.write"
ROUTES: Final = (
    Route("get-all-tasks", "GET", _BELOW, list_tasks, scope=_READ),
    Route(
        "create-task",
        "POST",
        _BELOW,
        create_task,
        scope=_WRITE,
        status=201,
        body=_CREATE,
        is_write=True,
    ),
    Route("get-task", "GET", _ONE, get_task, scope=_READ),
    Route("update-task", "PUT", _ONE, update_task, scope=_WRITE, body=_UPDATE, is_write=True),
    Route("delete-task", "DELETE", _ONE, delete_task, scope=_WRITE, is_write=True),
    Route(
        "update-task-completed",
        "PUT",
        _ONE + "/completed",
        update_task,
        scope=_WRITE,
        body=_COMPLETED,
        is_write=True,
    ),
    Route(
        "task-search",
        "POST",
        "/locations/{locationId}/tasks/search",
        search_tasks,
        scope="locations/tasks.readonly",
        body=_SEARCH,
        location="path",
    ),
)
