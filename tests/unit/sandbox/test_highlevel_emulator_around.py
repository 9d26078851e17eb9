"""Around the contacts: custom fields, the tag dictionary, companies, calendars, users, deals."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.highlevel_door import Door
from toolkit.sandbox.highlevel import HighLevelOptions
from toolkit.sandbox.highlevel.codec import DATA_TYPES


@pytest.fixture
def door() -> Door:
    return Door()


def _write(door: Door, key: str, value: Any, *, by: str = "id") -> Any:
    name = door.field(key) if by == "id" else key
    return door.ask(
        "PUT",
        f"/contacts/{door.contact_ids[1]}",
        {"customFields": [{by: name, "field_value": value}]},
    )


def _read(door: Door, key: str) -> Any:
    fields = {one["id"]: one["value"] for one in door.read(door.contact_ids[1])["customFields"]}
    return fields.get(door.field(key))


def test_one_definition_of_every_data_type_is_seeded(door: Door) -> None:
    answer = door.ask("GET", f"/locations/{door.location}/customFields").json()

    assert {one["dataType"] for one in answer["customFields"]} == set(DATA_TYPES)


FILE = {"a-b": {"meta": {"size": 1}, "url": "https://example.com/a", "documentId": "d"}}


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("job_title", "Baker 🥖", "Baker 🥖"),
        ("background", "a\nb", "a\nb"),
        ("direct_line", "+1", "+1"),
        ("billing_email", "a@b.c", "a@b.c"),
        ("lifecycle_stage", "customer", "customer"),
        ("preferred_language", "日本語", "日本語"),
        ("employees", 12, 12),
        ("annual_revenue", 100.5, 100.5),
        ("interests", ["tea", "cocoa"], ["tea", "cocoa"]),
        ("channels", ["phone"], ["phone"]),
        ("last_contacted", "2013-01-01", "2013-01-01T00:00:00.000Z"),
        ("last_contacted", "2013-01-01T02:00:00+02:00", "2013-01-01T00:00:00.000Z"),
        ("contract", FILE, FILE),
    ],
)
def test_custom_value_is_stored_by_its_type(
    door: Door, key: str, value: Any, stored: Any
) -> None:
    assert _write(door, key, value).is_success
    assert _read(door, key) == stored


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("job_title", 1),
        ("lifecycle_stage", "unheard of"),
        ("lifecycle_stage", ["lead"]),
        ("employees", "12"),
        ("employees", {"value": 12}),
        ("employees", True),
        ("interests", "tea"),
        ("interests", ["beer"]),
        ("last_contacted", "tomorrow"),
        ("last_contacted", 1_700_000_000),
        ("contract", "https://example.com/a"),
        ("contract", {"a": 1}),
    ],
)
def test_custom_value_that_does_not_suit_is_400(door: Door, key: str, value: Any) -> None:
    answer = _write(door, key, value)

    assert (answer.status_code, answer.json()["message"]) == (400, "Invalid Custom Field Value")


@pytest.mark.parametrize("cleared", ["", None, [], {}])
def test_empty_values_clear_and_unset_fields_are_absent(door: Door, cleared: Any) -> None:
    _write(door, "job_title", "Baker")

    _write(door, "job_title", cleared)

    assert _read(door, "job_title") is None


def test_only_listed_custom_fields_change(door: Door) -> None:
    stage = _read(door, "lifecycle_stage")

    _write(door, "job_title", "Baker")

    assert _read(door, "lifecycle_stage") == stage


@pytest.mark.parametrize("key", ["job_title", "contact.job_title"])
def test_custom_field_is_found_by_key_with_or_without_prefix(door: Door, key: str) -> None:
    _write(door, key, "Baker", by="key")

    assert _read(door, "job_title") == "Baker"


@pytest.mark.parametrize(("rejects", "status"), [(False, 200), (True, 400)])
def test_unknown_custom_field_is_ignored_or_refused(rejects: bool, status: int) -> None:
    door = Door(options=HighLevelOptions(rejects_unknown_custom_field=rejects))

    assert _write(door, "contact.nope", "x", by="key").status_code == status


def test_text_boxes_want_the_options_ids_and_ignore_other_shapes(door: Door) -> None:
    boxes = door.state.fields[door.field("milestones")].text_boxes
    good = dict.fromkeys(boxes, "done")
    _write(door, "milestones", good)

    ignored = [_write(door, "milestones", bad).status_code for bad in ("x", {"nope": "y"})]

    assert ignored == [200, 200]
    assert _read(door, "milestones") == good


def test_definition_lives_and_deleting_it_clears_the_contacts(door: Door) -> None:
    path = f"/locations/{door.location}/customFields"
    body = {"name": "Hightonic key", "dataType": "TEXT", "model": "contact"}
    made = door.ask("POST", path, body)
    definition = made.json()["customField"]
    taken = door.ask("POST", path, body)
    _write(door, "hightonic_key", "k1")
    found = door.search(
        filters=[{"field": f"customFields.{definition['id']}", "operator": "eq", "value": "k1"}]
    )
    renamed = door.ask("PUT", f"{path}/contact.hightonic_key", {"name": "Key", "position": 9})
    refused = door.ask("PUT", f"{path}/{definition['id']}", {"name": "Key", "dataType": "DATE"})
    deleted = door.ask("DELETE", f"{path}/{definition['id']}")

    assert made.status_code == 201
    assert definition["fieldKey"] == "contact.hightonic_key"
    assert taken.status_code == 400
    assert found["total"] == 1
    assert renamed.json()["customField"]["fieldKey"] == "contact.hightonic_key"
    assert refused.status_code == 422
    assert deleted.json() == {"succeded": True}
    assert door.ask("GET", f"{path}/{definition['id']}").status_code == 400
    assert all(definition["id"] not in one.custom for one in door.state.contacts.values())


@pytest.mark.parametrize(("model", "count"), [("contact", 15), ("opportunity", 1), ("all", 16)])
def test_definitions_are_listed_by_model(door: Door, model: str, count: int) -> None:
    path = f"/locations/{door.location}/customFields"
    door.ask("POST", path, {"name": "Deal", "dataType": "TEXT", "model": "opportunity"})

    assert len(door.ask("GET", f"{path}?model={model}").json()["customFields"]) == count


def test_options_travel_on_create(door: Door) -> None:
    path = f"/locations/{door.location}/customFields"

    choice = door.ask("POST", path, {"name": "S", "dataType": "RADIO", "options": ["a", "b"]})
    boxes = door.ask(
        "POST",
        path,
        {"name": "B", "dataType": "TEXTBOX_LIST", "textBoxListOptions": [{"label": "x"}]},
    )

    assert choice.json()["customField"]["picklistOptions"] == ["a", "b"]
    assert boxes.json()["customField"]["textBoxListOptions"][0]["label"] == "x"
    assert door.ask("GET", f"{path}?model=nope").status_code == 422
    assert door.ask("POST", path, {"name": "S", "dataType": "ENUM"}).status_code == 422


def test_files_are_uploaded(door: Door) -> None:
    path = f"/locations/{door.location}/customFields/upload"

    answer = door.ask(
        "POST", path, files={"f_1": ("a.txt", b"hello", "text/plain")}, data={"id": "x"}
    )

    assert answer.status_code == 200
    assert answer.json()["meta"][0]["size"] == 5
    assert answer.json()["meta"][0]["fieldname"] == "f_1"
    assert list(answer.json()["uploadedFiles"]) == ["a.txt"]


@pytest.mark.parametrize(
    "sent",
    [
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
        {"content": b"", "headers": {}},
        {"files": {"id": (None, "x")}},
    ],
)
def test_upload_without_files_is_400(door: Door, sent: dict[str, Any]) -> None:
    path = f"/locations/{door.location}/customFields/upload"

    assert door.ask("POST", path, **sent).status_code == 400


def test_tag_dictionary_lives(door: Door) -> None:
    path = f"/locations/{door.location}/tags"
    made = door.ask("POST", path, {"name": " Gold "}).json()["tag"]
    again = door.ask("POST", path, {"name": "gold"}).json()["tag"]
    renamed = door.ask("PUT", f"{path}/{made['id']}", {"name": "Silver"}).json()["tag"]
    blank = [
        door.ask("POST", path, {"name": " "}),
        door.ask("PUT", f"{path}/{made['id']}", {"name": ""}),
    ]
    deleted = door.ask("DELETE", f"{path}/{made['id']}")

    assert made == again == {"id": made["id"], "name": "gold", "locationId": door.location}
    assert renamed["name"] == "silver"
    assert [one.status_code for one in blank] == [422, 422]
    assert deleted.json() == {"succeded": True}
    assert door.ask("GET", f"{path}/{made['id']}").status_code == 400


def test_business_lives_and_its_contacts_outlive_it(door: Door) -> None:
    made = door.ask("POST", "/businesses/", {"locationId": door.location, "name": "Tea"})
    business = made.json()["buiseness"]
    path = f"/businesses/{business['id']}"
    linked = door.ask(
        "POST",
        "/contacts/bulk/business",
        {
            "locationId": door.location,
            "ids": [*door.contact_ids[:3], "nobody"],
            "businessId": business["id"],
        },
    )
    listing = f"/contacts/business/{business['id']}?locationId={door.location}"
    listed = door.ask("GET", listing + "&limit=2").json()
    rest = door.ask("GET", listing + "&skip=2").json()
    row = door.search(filters=[{"field": "businessName", "operator": "eq", "value": "Tea"}])
    changed = door.ask("PUT", path, {"city": "Nice"}).json()
    deleted = door.ask("DELETE", path)

    assert made.status_code == 201
    assert linked.json() == {"success": True, "ids": door.contact_ids[:3]}
    assert (len(listed["contacts"]), len(rest["contacts"]), listed["count"]) == (2, 1, 3)
    assert row["total"] == 3
    assert changed["buiseness"]["city"] == "Nice"
    assert deleted.json() == {"success": True}
    assert "businessId" not in door.read(door.contact_ids[0])
    assert door.ask("GET", path).status_code == 400


def test_contacts_of_a_business_page_by_name_under_v3(door: Door) -> None:
    business_id = next(iter(door.state.businesses))
    ids = door.contact_ids[:6]
    body = {"locationId": door.location, "ids": ids, "businessId": business_id}
    door.ask("POST", "/contacts/bulk/business", body)
    path = f"/contacts/business/{business_id}?locationId={door.location}"
    everybody = [one["id"] for one in door.ask("GET", path + "&limit=100").json()["contacts"]]
    last = door.state.contacts[everybody[1]]

    rest = door.ask(
        "GET",
        path,
        version="v3",
        params=[
            ("locationId", door.location),
            ("startAfter", last.name),
            ("startAfter", last.id),
        ],
    )

    assert [one["id"] for one in rest.json()["contacts"]] == everybody[2:]


@pytest.mark.parametrize(
    ("change", "status"),
    [({"businessId": "nope"}, 422), ({"ids": ["x"] * 51}, 422), ({"businessId": None}, 200)],
)
def test_bulk_business_checks_its_input(
    door: Door, change: dict[str, Any], status: int
) -> None:
    body = {
        "locationId": door.location,
        "ids": [],
        "businessId": next(iter(door.state.businesses)),
    }

    assert door.ask("POST", "/contacts/bulk/business", {**body, **change}).status_code == status


def test_users_need_the_agency_id_to_be_searched(door: Door) -> None:
    company = door.ask("GET", f"/locations/{door.location}").json()["location"]["companyId"]
    refused = door.ask("GET", f"/users/search?locationId={door.location}")
    found = door.ask("GET", f"/users/search?companyId={company}&query=nora").json()
    user_id = found["users"][0]["id"]
    by_id = door.ask("GET", f"/users/search?companyId={company}&ids={user_id},x").json()
    listed = door.ask("GET", f"/users/?locationId={door.location}").json()

    assert (refused.status_code, refused.json()["message"]) == (
        401,
        "E01 - unauthorized request",
    )
    assert found["count"] == by_id["count"] == 1
    assert len(listed["users"]) == 5
    assert door.ask("GET", f"/users/{user_id}").json()["name"] == "Nora Lindqvist"
    assert door.ask("GET", "/users/nobody").status_code == 400


def test_location_tells_its_settings_and_time_zones(door: Door) -> None:
    location = door.ask("GET", f"/locations/{door.location}").json()["location"]
    zones = door.ask("GET", f"/locations/{door.location}/timezones").json()

    assert location["settings"]["contactUniqueIdentifiers"] == ["email", "phone"]
    assert location["timezone"] in zones["timeZones"]


def _book(door: Door, **more: Any) -> Any:
    body = {
        "calendarId": next(iter(door.state.calendars)),
        "locationId": door.location,
        "contactId": door.contact_ids[0],
        "startTime": "2026-12-02T10:00:00+01:00",
        **more,
    }
    return door.ask("POST", "/calendars/events/appointments", body)


def test_appointment_is_told_in_three_notations(door: Door) -> None:
    event_id = _book(door, title="Intro").json()["id"]
    mine = door.ask("GET", f"/contacts/{door.contact_ids[0]}/appointments").json()["events"]
    below = next(one for one in mine if one["id"] == event_id)
    event = door.ask("GET", f"/calendars/events/appointments/{event_id}").json()["event"]

    assert below["startTime"] == "2026-12-02 10:00:00"
    assert below["endTime"] == "2026-12-02 10:30:00"
    assert event["startTime"] == "2026-12-02T10:00:00+01:00"
    assert event["title"] == "Intro"


def test_appointment_lives(door: Door) -> None:
    event_id = _book(door, endTime="2026-12-02T12:00:00Z", address="Room 1").json()["id"]
    path = f"/calendars/events/appointments/{event_id}"
    moved = door.ask(
        "PUT", path, {"startTime": "2026-12-03T09:00:00Z", "appointmentStatus": "showed"}
    )
    notes = f"/calendars/appointments/{event_id}/notes"
    door.ask("POST", notes, {"body": "one"})
    door.ask("POST", notes, {"body": "two", "userId": "u"})
    page = door.ask("GET", notes + "?limit=1&offset=0").json()
    one = f"{notes}/{page['notes'][0]['id']}"
    kept = door.ask("PUT", one, {"body": "2"}).json()["note"]
    door.ask("DELETE", one)
    gone = door.ask("DELETE", one)
    deleted = door.ask("DELETE", path)

    assert moved.json()["startTime"] == "2026-12-03T10:00:00+01:00"
    assert moved.json()["appointmentStatus"] == "showed"
    assert page["hasMore"] is True
    assert page["notes"][0]["body"] == "two"
    assert "pinned" not in page["notes"][0]
    assert (kept["body"], kept["userId"]) == ("2", "u")
    assert gone.status_code == 400
    assert (deleted.status_code, deleted.json()) == (201, {"succeeded": True})
    assert door.ask("GET", path).status_code == 400


@pytest.mark.parametrize("name", ["calendarId", "contactId"])
def test_booking_needs_a_calendar_and_a_contact(door: Door, name: str) -> None:
    assert _book(door, **{name: "nope"}).status_code == 400


def test_booking_at_the_end_of_time_is_no_failure(door: Door) -> None:
    answer = _book(door, startTime="9999-12-31T23:59:00Z")

    assert answer.status_code == 200
    assert answer.json()["startTime"] == answer.json()["endTime"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("startTime=0&endTime=9", 422),
        ("calendarId={calendar}&endTime=9", 422),
        ("calendarId={calendar}&startTime=0", 422),
        ("calendarId={calendar}&startTime=x&endTime=9", 422),
        ("groupId=g&startTime=0&endTime=4000000000000", 200),
    ],
)
def test_events_are_listed_by_somebody_and_between_times(
    door: Door, query: str, status: int
) -> None:
    filled = query.format(calendar=next(iter(door.state.calendars)))

    answer = door.ask("GET", f"/calendars/events?locationId={door.location}&{filled}")

    assert answer.status_code == status
    if status == 200:
        assert answer.json()["events"] == []


def test_events_of_all_users_are_all_events(door: Door) -> None:
    window = "startTime=0&endTime=4000000000000"
    found = [
        event["id"]
        for user_id in door.state.users
        for event in door.ask(
            "GET", f"/calendars/events?locationId={door.location}&userId={user_id}&{window}"
        ).json()["events"]
    ]

    assert sorted(found) == sorted(door.state.appointments)
    assert door.ask("GET", "/calendars/nope").status_code == 400


def test_opportunities_bring_the_tasks_and_notes_of_their_contact(door: Door) -> None:
    contact_id = next(iter(door.state.opportunities.values())).contact_id
    door.ask("POST", f"/contacts/{contact_id}/notes", {"body": "x"})
    by_query = f"/opportunities/search?location_id={door.location}&contact_id={contact_id}"
    old = door.ask("GET", by_query + "&getNotes=true&getTasks=true").json()["opportunities"]
    body = {
        "locationId": door.location,
        "additionalDetails": {"notes": True},
        "filters": [{"field": "contact_id", "operator": "eq", "value": contact_id}],
    }
    new = door.ask("POST", "/opportunities/search", body)

    notes = door.ask("GET", f"/contacts/{contact_id}/notes").json()["notes"]
    assert new.status_code == 201
    assert sorted(note["id"] for note in old[0]["notes"]) == sorted(
        note["id"] for note in notes
    )
    assert new.json()["opportunities"][0]["notes"] == old[0]["notes"]
    assert new.json()["opportunities"][0]["tasks"] == []


def test_opportunity_pages(door: Door) -> None:
    path = f"/opportunities/search?location_id={door.location}&limit=2"
    first = door.ask("GET", path).json()
    last = door.ask(
        "GET", f"{path}&startAfterId={first['meta']['startAfterId']}&startAfter=1"
    ).json()
    second = door.ask("GET", f"{path}&page=2").json()
    body = {"locationId": door.location, "limit": 2}
    head = door.ask("POST", "/opportunities/search", body).json()
    cursor = head["opportunities"][-1]["searchAfter"]
    tail = door.ask("POST", "/opportunities/search", {**body, "searchAfter": cursor}).json()

    ids = list(door.state.opportunities)
    assert [one["id"] for one in first["opportunities"]] == ids[:2]
    assert last["opportunities"] == second["opportunities"]
    assert [one["id"] for one in head["opportunities"] + tail["opportunities"]] == ids
    assert head["total"] == first["meta"]["total"] == 3
    assert "nextPage" not in last["meta"]


@pytest.mark.parametrize("status", ["open", "won", "all"])
def test_opportunity_status_filters(door: Door, status: str) -> None:
    path = f"/opportunities/search?location_id={door.location}&status={status}"

    found = {one["status"] for one in door.ask("GET", path).json()["opportunities"]}

    assert found == ({"open", "won", "lost"} if status == "all" else {status})


@pytest.mark.parametrize(
    ("version", "query", "status"),
    [
        ("2021-07-28", "locationId={0}", 422),
        ("2021-07-28", "location_id={0}&foo=1", 422),
        ("2021-07-28", "location_id={0}&status=odd", 422),
        ("2021-07-28", "location_id={0}&limit=101", 422),
        ("v3", "locationId={0}&contactId=x", 200),
        ("v3", "location_id={0}", 403),
    ],
)
def test_the_older_search_is_picky_about_names(
    door: Door, version: str, query: str, status: int
) -> None:
    path = "/opportunities/search?" + query.format(door.location)

    assert door.ask("GET", path, version=version).status_code == status


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"limit": 501}, 422),
        ({"page": 0}, 422),
        ({"filters": {}}, 422),
        ({"filters": [{"field": "pipelineId"}]}, 400),
        ({"filters": [{"field": "pipeline_id", "operator": "range"}]}, 422),
        ({"query": "order"}, 201),
    ],
)
def test_the_newer_search_checks_its_body(
    door: Door, change: dict[str, Any], status: int
) -> None:
    answer = door.ask("POST", "/opportunities/search", {"locationId": door.location, **change})

    assert answer.status_code == status


def test_opportunity_outlives_its_contact(door: Door) -> None:
    one = next(iter(door.state.opportunities.values()))
    door.ask("DELETE", f"/contacts/{one.contact_id}")

    answer = door.ask("GET", f"/opportunities/{one.id}").json()["opportunity"]

    assert "contact" not in answer
    assert door.ask("GET", "/opportunities/nope").status_code == 400
