"""What hangs on a contact: tasks, notes, tags, followers, campaigns, workflows, appointments."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.highlevel_door import Door
from toolkit.sandbox.highlevel import HighLevelOptions

DAY = "2026-12-01T10:00:00.000Z"
TASK = {"title": "Call", "dueDate": DAY, "completed": False}


@pytest.fixture
def door() -> Door:
    return Door()


def _below(door: Door, path: str, place: int = 0) -> str:
    return f"/contacts/{door.contact_ids[place]}/{path}"


BODIES = {
    "tasks": TASK,
    "notes": {"body": "x"},
    "tags": {"tags": ["x"]},
    "followers": {"followers": ["x"]},
}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *[("POST", path) for path in BODIES],
        ("GET", "tasks"),
        ("GET", "notes"),
        ("GET", "appointments"),
        ("GET", "tasks/x"),
        ("GET", "notes/x"),
        ("DELETE", "campaigns/x"),
        ("DELETE", "campaigns/removeAll"),
        ("POST", "campaigns/x"),
        ("POST", "workflow/x"),
        ("DELETE", "workflow/x"),
    ],
)
def test_below_a_missing_contact_the_words_are_others(
    door: Door, method: str, path: str
) -> None:
    body = BODIES.get(path) if method == "POST" else None

    answer = door.ask(method, f"/contacts/gone/{path}", body)

    assert answer.status_code == 400
    assert answer.json()["error"] == "Contact with id gone not found"
    assert answer.json()["status"] == 400


@pytest.mark.parametrize(("kind", "word"), [("tasks", "Task"), ("notes", "Note")])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_task_or_note_is_400(door: Door, kind: str, word: str, method: str) -> None:
    answer = door.ask(method, _below(door, f"{kind}/gone"), {} if method == "PUT" else None)

    assert (answer.status_code, answer.json()["message"]) == (400, f"{word} not found")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"dueDate": DAY, "completed": False}, "title should not be empty"),
        ({"title": "x", "completed": False}, "dueDate should not be empty"),
        ({"title": "x", "dueDate": DAY}, "completed should not be empty"),
        ({**TASK, "dueDate": "soon"}, "dueDate must be a valid ISO 8601 date string"),
        ({**TASK, "dueDate": 7}, "dueDate must be a valid ISO 8601 date string"),
        ({**TASK, "completed": "no"}, "completed must be a boolean value"),
        ({**TASK, "status": "x"}, "property status should not exist"),
    ],
)
def test_task_outside_its_shape_is_422(door: Door, body: dict[str, Any], message: str) -> None:
    answer = door.ask("POST", _below(door, "tasks"), body)

    assert (answer.status_code, answer.json()["message"]) == (422, [message])


def test_task_lives_through_create_update_complete_delete(door: Door) -> None:
    created = door.ask(
        "POST", _below(door, "tasks"), {**TASK, "dueDate": "2026-12-01T12:00:00+02:00"}
    )
    task = created.json()["task"]
    path = _below(door, f"tasks/{task['id']}")
    changed = door.ask("PUT", path, {"body": "b", "assignedTo": "u", "dueDate": "2026-12-02"})
    done = door.ask("PUT", path + "/completed", {"completed": True}).json()["task"]
    listed = door.ask("GET", _below(door, "tasks")).json()["tasks"]
    deleted = door.ask("DELETE", path)

    assert created.status_code == 201
    assert task == {
        "id": task["id"],
        "title": "Call",
        "dueDate": DAY,
        "completed": False,
        "contactId": door.contact_ids[0],
    }
    assert changed.json()["task"]["dueDate"] == "2026-12-02T00:00:00.000Z"
    assert done == {**changed.json()["task"], "completed": True}
    assert done in listed
    assert deleted.json() == {"succeded": True}
    assert door.ask("GET", path).status_code == 400


def test_task_of_another_contact_is_not_found(door: Door) -> None:
    task = door.ask("POST", _below(door, "tasks"), TASK).json()["task"]

    assert door.ask("GET", _below(door, f"tasks/{task['id']}", place=1)).status_code == 400


def _task_search(door: Door, **body: Any) -> list[dict[str, Any]]:
    answer = door.ask("POST", f"/locations/{door.location}/tasks/search", body)
    assert answer.status_code == 201, answer.text
    assert "total" not in answer.json()
    return answer.json()["tasks"]


def test_task_search_walks_by_cursor_and_by_skip() -> None:
    door = Door()
    everything = _task_search(door, limit=500)
    first = _task_search(door, limit=8)
    second = _task_search(door, limit=8, searchAfter=first[-1]["searchAfter"])
    third = _task_search(door, limit=8, skip=16)

    ids = [row["_id"] for row in [*first, *second, *third]]
    assert ids == [row["_id"] for row in everything]
    assert len(ids) == 20
    assert [row["dateAdded"] for row in everything] == sorted(
        (row["dateAdded"] for row in everything), reverse=True
    )


def test_task_search_rows_carry_more_under_another_id(door: Door) -> None:
    task = door.ask("POST", _below(door, "tasks"), TASK).json()["task"]

    row = next(one for one in _task_search(door, limit=500) if one["_id"] == task["id"])

    assert "id" not in row
    assert row["statusGroup"] == row["status"] == "to_do"
    assert row["contactDetails"]["firstName"] == door.world.people[0].first_name
    assert row["dateUpdated"] == "2026-11-23T09:00:00.000Z"


def test_standalone_tasks_are_found_location_wide_alone() -> None:
    door = Door(contacts=3)
    for task in list(door.state.tasks.values())[:2]:
        door.state.remove_task(task)
        task.contact_id = None
        door.state.save_task(task)

    rows = [row for row in _task_search(door, limit=100) if "contactId" not in row]
    door.state.remove_task(door.state.tasks[rows[0]["_id"]])

    assert len(rows) == 2
    assert "contactDetails" not in rows[0]
    assert len(_task_search(door, limit=100)) == 19


def test_task_search_filters(door: Door) -> None:
    rows = _task_search(door, limit=500)
    one = next(row for row in rows if "contactId" in row and "assignedToUserDetails" in row)
    business_id = next(iter(door.state.businesses))
    contact = door.state.contacts[one["contactId"]]
    contact.business_id = business_id

    by_contact = _task_search(door, contactId=[one["contactId"]])
    by_owner = _task_search(door, assignedTo=[one["assignedTo"]], limit=500)
    by_state = _task_search(door, completed=True, limit=500)
    by_words = _task_search(door, query=one["title"].upper())
    by_business = _task_search(door, businessId=business_id, limit=500)

    assert {row["contactId"] for row in by_contact} == {one["contactId"]}
    assert {row["assignedTo"] for row in by_owner} == {one["assignedTo"]}
    assert [row["_id"] for row in by_state] == [row["_id"] for row in rows if row["completed"]]
    assert {row["statusGroup"] for row in by_state} == {"completed"}
    assert [row["_id"] for row in by_words] == [one["_id"]]
    assert one["_id"] in {row["_id"] for row in by_business}
    assert len(by_business) < len(rows)


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 501},
        {"limit": 0},
        {"skip": -1},
        {"skip": 1.5},
        {"searchAfter": "x"},
        {"page": 1},
    ],
)
def test_task_search_outside_its_shape_is_422(door: Door, body: dict[str, Any]) -> None:
    answer = door.ask("POST", f"/locations/{door.location}/tasks/search", body)

    assert answer.status_code == 422


def test_task_search_can_answer_the_published_status() -> None:
    door = Door(options=HighLevelOptions(task_search_status=200))

    answer = door.ask("POST", f"/locations/{door.location}/tasks/search")

    assert answer.status_code == 200
    assert len(answer.json()["tasks"]) == 20


def test_note_lives_and_the_newest_comes_first(door: Door) -> None:
    first = door.ask("POST", _below(door, "notes"), {"body": "one", "color": "#FFAA00"})
    door.clock.advance(1)
    second = door.ask("POST", _below(door, "notes"), {"body": "two", "userId": "u"}).json()[
        "note"
    ]
    path = _below(door, f"notes/{second['id']}")
    changed = door.ask("PUT", path, {"body": "2", "title": "t", "pinned": True}).json()["note"]
    listed = door.ask("GET", _below(door, "notes")).json()["notes"]
    deleted = door.ask("DELETE", path)

    assert first.status_code == 201
    assert [note["body"] for note in listed][:2] == ["2", "one"]
    assert changed == {**second, "body": "2", "title": "t", "pinned": True}
    assert "dateUpdated" not in changed
    assert deleted.json() == {"succeded": True}
    assert door.ask("GET", path).status_code == 400


def test_note_needs_a_body(door: Door) -> None:
    assert door.ask("POST", _below(door, "notes"), {"title": "x"}).status_code == 422


@pytest.mark.parametrize("bumps", [False, True])
@pytest.mark.parametrize(("kind", "body"), [("notes", {"body": "x"}), ("tasks", TASK)])
def test_whether_a_note_or_task_touches_its_contact_is_a_switch(
    bumps: bool, kind: str, body: dict[str, Any]
) -> None:
    door = Door(options=HighLevelOptions(bumps_date_updated=bumps))
    before = door.read(door.contact_ids[0])["dateUpdated"]

    door.ask("POST", _below(door, kind), body)

    assert (door.read(door.contact_ids[0])["dateUpdated"] != before) is bumps


def test_tag_endpoints_answer_the_whole_list(door: Door) -> None:
    contact_id = door.create(firstName="T", tags=["a"])["id"]
    path = f"/contacts/{contact_id}/tags"

    added = door.ask("POST", path, {"tags": ["B ", "a"]})
    again = door.ask("POST", path, {"tags": ["b"]})
    removed = door.ask("DELETE", path, {"tags": ["A", "zz"]})
    nothing = door.ask("DELETE", path, {"tags": ["zz"]})

    assert (added.status_code, added.json()["tags"]) == (201, ["a", "b"])
    assert again.json()["tags"] == ["a", "b"]
    assert (removed.status_code, removed.json()["tags"]) == (200, ["b"])
    assert nothing.json()["tags"] == ["b"]


def test_delete_of_tags_without_its_body_is_422(door: Door) -> None:
    assert door.ask("DELETE", _below(door, "tags")).status_code == 422


def _bulk(door: Door, kind: str, **body: Any) -> Any:
    return door.ask(
        "POST", f"/contacts/bulk/tags/update/{kind}", {"locationId": door.location, **body}
    )


def test_bulk_tags_report_each_contact(door: Door) -> None:
    gone = door.contact_ids[2]
    door.ask("DELETE", f"/contacts/{gone}")
    one = door.create(firstName="T", tags=["a"])["id"]
    contacts = [one, gone, "x", "A" * 20]

    answer = _bulk(door, "add", contacts=contacts, tags=["B"])
    removed = _bulk(door, "remove", contacts=[one], tags=["a"]).json()
    cleared = _bulk(door, "remove", contacts=[one], tags=[], removeAllTags=True).json()

    assert answer.status_code == 201
    assert answer.json()["errorCount"] == 3
    assert [row.get("message") for row in answer.json()["responses"]] == [
        "Tags updated",
        "contact is deleted",
        "contact id is not a valid firebase id",
        "contact does not belong to location",
    ]
    assert answer.json()["responses"][0]["tagsAdded"] == ["b"]
    assert removed["responses"][0]["tagsRemoved"] == ["a"]
    assert cleared["responses"][0]["oldTags"] == ["b"]
    assert door.read(one)["tags"] == []


@pytest.mark.parametrize("kind", ["%7Btype%7D", "replace"])
def test_literal_placeholder_of_the_official_client_is_seen_to_fail(
    door: Door, kind: str
) -> None:
    assert _bulk(door, kind, contacts=[], tags=[]).status_code == 422


def test_remove_all_tags_goes_with_remove_alone(door: Door) -> None:
    assert _bulk(door, "add", contacts=[], tags=[], removeAllTags=True).status_code == 422


def test_followers_answer_all_and_the_difference(door: Door) -> None:
    path = _below(door, "followers")

    added = door.ask("POST", path, {"followers": ["u1", "u2", "u1"]})
    again = door.ask("POST", path, {"followers": ["u1"]})
    removed = door.ask("DELETE", path, {"followers": ["u1", "u9"]})
    nothing = door.ask("DELETE", path, {"followers": ["u9"]})

    assert added.status_code == 201
    assert added.json() == {"followers": ["u1", "u2"], "followersAdded": ["u1", "u2"]}
    assert again.json()["followersAdded"] == []
    assert removed.json() == {"followers": ["u2"], "followersRemoved": ["u1"]}
    assert nothing.json()["followersRemoved"] == []


@pytest.mark.parametrize("spelling", ["removeAll", "remove-all"])
def test_campaigns_and_workflows_are_joined_and_left(door: Door, spelling: str) -> None:
    contact = door.state.contacts[door.contact_ids[0]]
    for path, body in (
        ("campaigns/c1", {}),
        ("campaigns/c2", {}),
        ("workflow/w1", {"eventStartTime": DAY}),
    ):
        assert door.ask("POST", _below(door, path), body).is_success
    joined = (set(contact.campaigns), set(contact.workflows))
    door.ask("DELETE", _below(door, "campaigns/c1"))
    left_one = set(contact.campaigns)

    door.ask("DELETE", _below(door, f"campaigns/{spelling}"))
    door.ask("DELETE", _below(door, "workflow/w1"), {})

    assert joined == ({"c1", "c2"}, {"w1"})
    assert left_one == {"c2"}
    assert (contact.campaigns, contact.workflows) == (set(), set())


def test_recurring_task_has_no_list_and_lives_by_id(door: Door) -> None:
    path = f"/locations/{door.location}/recurring-tasks"
    rule = {"intervalType": "weekly", "interval": 1, "startDate": DAY, "dueAfterSeconds": 60}
    made = door.ask("POST", path, {"title": "t", "rruleOptions": rule}).json()["recurringTask"]
    one = f"{path}/{made['id']}"

    changed = door.ask("PUT", one, {"title": "new", "owners": ["u"], "contactIds": ["c"]})
    deleted = door.ask("DELETE", one)

    assert changed.json()["recurringTask"]["assignedTo"] == "u"
    assert door.ask("GET", path).status_code == 404
    assert deleted.json() == {"id": made["id"], "success": True}
    assert door.ask("GET", one).status_code == 400
    assert door.ask("POST", path, {"title": "t", "rruleOptions": {}}).status_code == 422
