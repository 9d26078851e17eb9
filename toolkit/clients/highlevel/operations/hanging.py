"""What hangs on a contact: operations 12 to 32 of the Contacts API, and tasks of a location."""

from __future__ import annotations

from toolkit.clients.highlevel.protocol import Operation, acknowledged, read_words, rows_of
from toolkit.clients.highlevel.wire.activity import (
    Appointment,
    Note,
    RecurringTask,
    Task,
    TaskPage,
)

_CONTACT = "/contacts/{contact_id}"
_TASK = _CONTACT + "/tasks/{task_id}"
_NOTE = _CONTACT + "/notes/{note_id}"
_RECURRING = "/locations/{location_id}/recurring-tasks"
_RECURRING_ONE = _RECURRING + "/{task_id}"
ADD_TAGS = Operation(
    name="tags.add", method="POST", path=_CONTACT + "/tags", reads=read_words, within=("tags",)
)
REMOVE_TAGS = Operation(
    name="tags.remove",
    method="DELETE",
    path=_CONTACT + "/tags",
    reads=read_words,
    within=("tags",),
)
LIST_TASKS = Operation(
    name="tasks.list_for_contact",
    method="GET",
    path=_CONTACT + "/tasks",
    reads=rows_of(Task),
    within=("tasks",),
    is_read=True,
)
CREATE_TASK = Operation(
    name="tasks.create",
    method="POST",
    path=_CONTACT + "/tasks",
    reads=Task.model_validate,
    within=("task",),
)
GET_TASK = Operation(
    name="tasks.get",
    method="GET",
    path=_TASK,
    reads=Task.model_validate,
    within=("task",),
    is_read=True,
)
UPDATE_TASK = Operation(
    name="tasks.update", method="PUT", path=_TASK, reads=Task.model_validate, within=("task",)
)
DELETE_TASK = Operation(name="tasks.delete", method="DELETE", path=_TASK, reads=acknowledged)
SET_TASK_COMPLETED = Operation(
    name="tasks.set_completed",
    method="PUT",
    path=_TASK + "/completed",
    reads=Task.model_validate,
    within=("task",),
)
SEARCH_TASKS = Operation(
    name="tasks.search",
    method="POST",
    path="/locations/{location_id}/tasks/search",
    reads=TaskPage.model_validate,
    is_read=True,
)
CREATE_RECURRING = Operation(
    name="recurring_tasks.create",
    method="POST",
    path=_RECURRING,
    reads=RecurringTask.model_validate,
    within=("recurringTask",),
)
GET_RECURRING = Operation(
    name="recurring_tasks.get",
    method="GET",
    path=_RECURRING_ONE,
    reads=RecurringTask.model_validate,
    within=("recurringTask",),
    is_read=True,
)
UPDATE_RECURRING = Operation(
    name="recurring_tasks.update",
    method="PUT",
    path=_RECURRING_ONE,
    reads=RecurringTask.model_validate,
    within=("recurringTask",),
)
DELETE_RECURRING = Operation(
    name="recurring_tasks.delete", method="DELETE", path=_RECURRING_ONE, reads=acknowledged
)
LIST_NOTES = Operation(
    name="notes.list_for_contact",
    method="GET",
    path=_CONTACT + "/notes",
    reads=rows_of(Note),
    within=("notes",),
    is_read=True,
)
CREATE_NOTE = Operation(
    name="notes.create",
    method="POST",
    path=_CONTACT + "/notes",
    reads=Note.model_validate,
    within=("note",),
)
GET_NOTE = Operation(
    name="notes.get",
    method="GET",
    path=_NOTE,
    reads=Note.model_validate,
    within=("note",),
    is_read=True,
)
UPDATE_NOTE = Operation(
    name="notes.update", method="PUT", path=_NOTE, reads=Note.model_validate, within=("note",)
)
DELETE_NOTE = Operation(name="notes.delete", method="DELETE", path=_NOTE, reads=acknowledged)
LIST_APPOINTMENTS = Operation(
    name="appointments.list_for_contact",
    method="GET",
    path=_CONTACT + "/appointments",
    reads=rows_of(Appointment),
    within=("events",),
    is_read=True,
)
ADD_FOLLOWERS = Operation(
    name="followers.add",
    method="POST",
    path=_CONTACT + "/followers",
    reads=read_words,
    within=("followers",),
)
REMOVE_FOLLOWERS = Operation(
    name="followers.remove",
    method="DELETE",
    path=_CONTACT + "/followers",
    reads=read_words,
    within=("followers",),
)
ADD_TO_CAMPAIGN = Operation(
    name="campaigns.add",
    method="POST",
    path=_CONTACT + "/campaigns/{campaign_id}",
    reads=acknowledged,
)
REMOVE_FROM_CAMPAIGN = Operation(
    name="campaigns.remove",
    method="DELETE",
    path=_CONTACT + "/campaigns/{campaign_id}",
    reads=acknowledged,
)
REMOVE_FROM_ALL_CAMPAIGNS = Operation(
    name="campaigns.remove_all",
    method="DELETE",
    path=_CONTACT + "/campaigns/removeAll",
    reads=acknowledged,
    v3_path=_CONTACT + "/campaigns/remove-all",
)
ADD_TO_WORKFLOW = Operation(
    name="workflows.add",
    method="POST",
    path=_CONTACT + "/workflow/{workflow_id}",
    reads=acknowledged,
)
REMOVE_FROM_WORKFLOW = Operation(
    name="workflows.remove",
    method="DELETE",
    path=_CONTACT + "/workflow/{workflow_id}",
    reads=acknowledged,
)
