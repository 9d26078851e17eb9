"""Contacts: what may be written where, how it reads back, and who counts as the same person."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.highlevel_door import NOW, Door
from toolkit.sandbox.highlevel import HighLevelOptions


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def liberal() -> Door:
    return Door(options=HighLevelOptions(allow_duplicate_contact=True))


def _messages(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"] == "Unprocessable Entity"
    return answer.json()["message"]


@pytest.mark.parametrize(
    ("where", "key"),
    [
        *[("create", key) for key in ("additionalEmails", "additionalPhones", "type", "id")],
        *[("upsert", key) for key in ("additionalEmails", "type", "followers", "businessId")],
        *[
            ("update", key)
            for key in ("locationId", "companyName", "gender", "type", "additionalEmails")
        ],
    ],
)
def test_undeclared_key_is_refused_by_name(door: Door, where: str, key: str) -> None:
    path, method = {
        "create": ("/contacts/", "POST"),
        "upsert": ("/contacts/upsert", "POST"),
        "update": (f"/contacts/{door.contact_ids[0]}", "PUT"),
    }[where]
    body = {"firstName": "A"} if where == "update" else {"locationId": door.location}

    answer = door.ask(method, path, {**body, key: "x"})

    assert _messages(answer) == [f"property {key} should not exist"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"firstName": 1}, "firstName must be a string"),
        ({"country": None}, "country must be a string"),
        ({"dnd": "yes"}, "dnd must be a boolean value"),
        ({"tags": "a"}, "tags must be an array"),
        ({"tags": ["a", 1]}, "each value in tags must be a string"),
        ({"customFields": {"a": 1}}, "customFields must be an array"),
        ({"customFields": [{"id": "x", "value": 1}]}, "customFields.0.property value"),
        ({"customFields": [1]}, "customFields.0 must be an object"),
        ({"dndSettings": {"SMS": {}}}, "dndSettings.SMS.status should not be empty"),
        ({"dndSettings": {"sms": {"status": "active"}}}, "dndSettings.property sms"),
        ({"dndSettings": {"SMS": {"status": "on"}}}, "dndSettings.SMS.status must be one of"),
        ({"inboundDndSettings": 1}, "inboundDndSettings must be an object"),
        ({"dateOfBirth": "yesterday"}, "dateOfBirth must be a valid date"),
        ({"dateOfBirth": "1990-13-01"}, "dateOfBirth must be a valid date"),
    ],
)
def test_ill_typed_value_is_refused_with_its_path(
    door: Door, values: dict[str, Any], message: str
) -> None:
    answer = door.ask("PUT", f"/contacts/{door.contact_ids[0]}", values)

    assert _messages(answer)[0].startswith(message)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_contact_is_400_not_404(door: Door, method: str) -> None:
    answer = door.ask(method, "/contacts/gone", {} if method == "PUT" else None)

    assert answer.status_code == 400
    assert answer.json()["message"] == "Contact not found for id:gone"


def test_deleted_contact_is_missing_with_all_below_it(door: Door) -> None:
    contact_id = next(iter(door.state.notes))
    door.ask("POST", f"/contacts/{contact_id}/notes", {"body": "x"})
    task = {"title": "x", "dueDate": "2026-01-01", "completed": False}
    task_id = door.ask("POST", f"/contacts/{contact_id}/tasks", task).json()["task"]["id"]

    answer = door.ask("DELETE", f"/contacts/{contact_id}")

    assert answer.json() == {"succeded": True}
    assert door.ask("GET", f"/contacts/{contact_id}").status_code == 400
    assert task_id not in door.state.tasks
    assert contact_id not in door.state.notes


def test_create_needs_somebody(door: Door) -> None:
    answer = door.ask("POST", "/contacts/", {"locationId": door.location})

    assert answer.status_code == 400
    assert answer.json()["statusCode"] == 422


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": "Ada Lovelace King"}, ("Ada", "Lovelace King")),
        ({"name": "Ada"}, ("Ada", None)),
        ({"name": "X Y", "lastName": "Z"}, (None, "Z")),
        ({"firstName": "Ada", "lastName": "L"}, ("Ada", "L")),
    ],
)
def test_name_alone_is_split_at_the_first_space(
    door: Door, given: dict[str, str], expected: tuple[str | None, str | None]
) -> None:
    contact = door.read(door.create(**given)["id"])

    assert (contact.get("firstName"), contact.get("lastName")) == expected


@pytest.mark.parametrize(
    ("phone", "country", "stored"),
    [
        ("+1 888-888-8888", None, "+18888888888"),
        ("(888) 888-8888", None, "+18888888888"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+33 (0)6 12 34 56 78", None, "+33612345678"),
        ("12", None, "+112"),
        ("1", None, "+1"),
        ("no digits", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_phone_is_stored_as_e164(
    door: Door, phone: str | None, country: str | None, stored: str | None
) -> None:
    more = {"country": country} if country else {}

    contact = door.read(door.create(firstName="P", phone=phone, **more)["id"])

    assert contact.get("phone") == stored


@pytest.mark.parametrize(
    "written",
    [
        "1990-09-25",
        "1990/09/25",
        "1990.09.25",
        "1990_09_25",
        "09-25-1990",
        "09/25/1990",
        "09.25.1990",
        "09_25_1990",
        "1990-09-25T00:00:00.000Z",
    ],
)
def test_date_of_birth_is_taken_in_each_published_notation(door: Door, written: str) -> None:
    created = door.create(firstName="B", dateOfBirth=written)

    assert created["dateOfBirth"] == "1990-09-25T00:00:00.000Z"
    assert (created["birthMonth"], created["birthDay"]) == (9, 25)


def test_empty_date_of_birth_clears_it(door: Door) -> None:
    contact_id = door.create(firstName="B", dateOfBirth="1990-09-25")["id"]

    door.ask("PUT", f"/contacts/{contact_id}", {"dateOfBirth": None})

    assert "dateOfBirth" not in door.read(contact_id)


def test_tags_are_trimmed_lowered_and_taken_into_the_dictionary(door: Door) -> None:
    created = door.create(firstName="T", tags=[" VIP ", "vip", "Été", ""])

    listed = door.ask("GET", f"/locations/{door.location}/tags").json()["tags"]
    assert created["tags"] == ["vip", "été"]
    assert "été" in {tag["name"] for tag in listed}


def test_update_replaces_tags_when_given_and_keeps_them_when_not(door: Door) -> None:
    contact_id = door.create(firstName="T", tags=["a", "b"])["id"]
    path = f"/contacts/{contact_id}"

    kept = door.ask("PUT", path, {"city": "Lyon"}).json()["contact"]["tags"]
    replaced = door.ask("PUT", path, {"tags": ["c"]}).json()["contact"]["tags"]
    cleared = door.ask("PUT", path, {"tags": []}).json()["contact"]["tags"]

    assert (kept, replaced, cleared) == (["a", "b"], ["c"], [])


def test_absent_null_and_empty_are_three_values(door: Door) -> None:
    contact_id = door.create(firstName="N", city="Lyon", state="X", website="w")["id"]

    door.ask("PUT", f"/contacts/{contact_id}", {"city": None, "state": ""})

    contact = door.read(contact_id)
    assert "city" not in contact
    assert (contact["state"], contact["website"]) == ("", "w")


def test_update_moves_date_updated_and_refusal_changes_nothing(door: Door) -> None:
    contact_id = door.create(firstName="N", tags=["a"])["id"]
    before = door.read(contact_id)
    door.clock.advance(1.5)

    refused = door.ask(
        "PUT",
        f"/contacts/{contact_id}",
        {
            "tags": ["b"],
            "customFields": [
                {"id": door.field("employees"), "field_value": {}},
                {"id": door.field("plan"), "field_value": "No such plan"},
            ],
        },
    )
    unchanged = door.read(contact_id)
    door.ask("PUT", f"/contacts/{contact_id}", {"city": "Nice"})

    assert refused.status_code == 400
    assert unchanged == before
    assert door.read(contact_id)["dateUpdated"] == "2026-11-23T09:00:01.500Z"


def test_permanent_dnd_cannot_be_lifted(door: Door) -> None:
    path = f"/contacts/{door.contact_ids[0]}"
    settings = {"SMS": {"status": "permanent"}, "Email": {"status": "active", "message": "m"}}
    door.ask(
        "PUT",
        path,
        {
            "dnd": True,
            "dndSettings": settings,
            "inboundDndSettings": {"all": {"status": "active"}},
        },
    )

    refused = door.ask("PUT", path, {"dndSettings": {"SMS": {"status": "inactive"}}})
    again = door.ask("PUT", path, {"dndSettings": {"SMS": {"status": "permanent"}}})

    assert refused.status_code == 400
    assert "permanent dnd setting for SMS" in refused.json()["message"]
    assert again.json()["contact"]["dndSettings"] == settings


def test_v3_speaks_other_keys_for_channels_values_and_success(door: Door) -> None:
    path = f"/contacts/{door.contact_ids[0]}"
    body = {
        "dndSettings": {"sms": {"status": "active"}},
        "customFields": [{"key": "job_title", "fieldValue": "Baker"}],
    }

    answer = door.ask("PUT", path, body, version="v3")
    created = door.ask(
        "POST", "/contacts/", {"locationId": door.location, "name": "V Three"}, version="v3"
    )

    assert answer.json()["succeeded"] is answer.json()["succeded"] is True
    assert answer.json()["contact"]["dndSettings"] == {"sms": {"status": "active"}}
    assert door.read(door.contact_ids[0])["dndSettings"] == {"SMS": {"status": "active"}}
    assert created.json()["contact"]["name"] == "V Three"
    assert door.ask("PUT", path, body).status_code == 422


def test_create_under_version_2_answers_a_schema_of_its_own(door: Door) -> None:
    created = door.create(firstName="A", email="A@Example.com", gender="female")
    single = door.read(created["id"])

    assert created["deleted"] is False
    assert created["offers"] == []
    assert "lastActivity" not in created
    assert "lastActivity" in single
    assert (single["email"], single["emailLowerCase"]) == ("A@Example.com", "a@example.com")
    assert (single["source"], single["gender"]) == ("public api", "female")


@pytest.mark.parametrize("field", ["email", "phone"])
def test_duplicate_create_is_400_and_names_the_contact(door: Door, field: str) -> None:
    person = door.world.people[3]
    value = person.email.upper() if field == "email" else person.phone

    answer = door.ask("POST", "/contacts/", {"locationId": door.location, field: value})

    assert answer.status_code == 400
    assert answer.json()["meta"] == {
        "contactId": door.contact_ids[3],
        "contactName": f"{person.first_name} {person.last_name}",
        "matchingField": field,
    }


def test_update_to_somebody_elses_email_is_refused(door: Door) -> None:
    body = {"email": door.world.people[1].email}

    answer = door.ask("PUT", f"/contacts/{door.contact_ids[0]}", body)

    assert answer.json()["meta"]["contactId"] == door.contact_ids[1]


def test_duplicates_are_free_where_the_location_allows_them(liberal: Door) -> None:
    email = liberal.world.people[0].email

    created = liberal.create(email=email)

    assert created["id"] != liberal.contact_ids[0]
    location = liberal.ask("GET", f"/locations/{liberal.location}").json()["location"]
    assert location["settings"]["allowDuplicateContact"] is True


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("email={email}", True),
        ("number={phone}", True),
        ("email=nobody@example.com", False),
        ("email=nobody@example.com&number={phone}", True),
    ],
)
def test_duplicate_search_answers_the_contact_or_null(
    door: Door, query: str, found: bool
) -> None:
    person = door.world.people[2]
    path = f"/contacts/search/duplicate?locationId={door.location}&" + query.format(
        email=person.email, phone=person.phone.replace("+", "%2B")
    )

    contact = door.ask("GET", path).json()["contact"]

    assert (contact["id"] if contact else None) == (door.contact_ids[2] if found else None)


def test_duplicate_search_needs_a_value(door: Door) -> None:
    answer = door.ask("GET", f"/contacts/search/duplicate?locationId={door.location}")

    assert answer.json()["message"] == "Pass at least one of number, email query parameter"


def _upsert(door: Door, **body: Any) -> dict[str, Any]:
    answer = door.ask("POST", "/contacts/upsert", {"locationId": door.location, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_upsert_creates_then_updates(door: Door) -> None:
    first = _upsert(door, email="new@example.com", city="Lyon", gender="female")
    second = _upsert(
        door, email="NEW@example.com", companyName="Tea", gender="male", tags=["x"]
    )

    assert (first["new"], second["new"]) == (True, False)
    assert first["contact"]["id"] == second["contact"]["id"]
    assert second["contact"]["city"] == "Lyon"
    assert second["contact"]["companyName"] == "Tea"
    assert second["contact"]["gender"] == "female"
    assert second["contact"]["tags"] == ["x"]


def test_upsert_without_email_and_phone_is_400(door: Door) -> None:
    answer = door.ask("POST", "/contacts/upsert", {"locationId": door.location, "name": "A"})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("order", "winner", "dropped"),
    [(("email", "phone"), 0, "phone"), (("phone", "email"), 1, "email")],
)
def test_upsert_of_two_people_takes_the_first_identifier_and_drops_the_other(
    order: tuple[Any, ...], winner: int, dropped: str
) -> None:
    door = Door(options=HighLevelOptions(unique_identifiers=order))
    one, two = door.world.people[:2]

    answer = _upsert(door, email=one.email, phone=two.phone, city="Nice")

    contact = answer["contact"]
    assert contact["id"] == door.contact_ids[winner]
    assert contact[dropped] == getattr(door.world.people[winner], dropped)
    assert contact["city"] == "Nice"


def test_upsert_by_an_additional_email_promotes_it(door: Door) -> None:
    contact_id = door.contact_ids[1]
    second = door.read(contact_id)["additionalEmails"][0]["email"]

    answer = _upsert(door, email=second)

    assert (answer["new"], answer["contact"]["id"]) == (False, contact_id)
    assert answer["contact"]["email"] == second
    assert answer["contact"]["additionalEmails"] == []


@pytest.mark.parametrize(("allowed", "is_new"), [(True, True), (False, False)])
def test_forced_new_counts_only_where_duplicates_are_allowed(
    door: Door, liberal: Door, allowed: bool, is_new: bool
) -> None:
    chosen = liberal if allowed else door
    email = chosen.world.people[0].email

    answer = _upsert(chosen, email=email, createNewIfDuplicateAllowed=True)

    assert answer["new"] is is_new


def test_legacy_list_pages_newest_first_in_rows_of_its_own(door: Door) -> None:
    seen: list[str] = []
    path = f"/contacts/?locationId={door.location}&limit=20"
    answer = door.ask("GET", path).json()
    rows = answer["contacts"]
    seen += [row["id"] for row in rows]
    meta = answer["meta"]
    rest = door.ask(
        "GET", f"{path}&startAfter={meta['startAfter']}&startAfterId={meta['startAfterId']}"
    ).json()
    seen += [row["id"] for row in rest["contacts"]]

    assert seen == door.contact_ids[::-1]
    assert answer["count"] == meta["total"] == 30
    assert "example.com" in meta["nextPageUrl"]
    assert rest["meta"]["nextPageUrl"] is None
    person = door.world.people[-1]
    assert rows[0]["firstNameRaw"] == person.first_name
    assert rows[0]["firstName"] == person.first_name.lower()


def test_legacy_list_finds_words_and_ends_empty(door: Door) -> None:
    path = f"/contacts/?locationId={door.location}&query="

    found = door.ask("GET", path + door.world.people[4].email).json()
    nothing = door.ask("GET", path + "zzzzzz").json()

    assert [row["id"] for row in found["contacts"]] == [door.contact_ids[4]]
    assert nothing["contacts"] == []
    assert "startAfterId" not in nothing["meta"]


@pytest.mark.parametrize("limit", ["101", "0", "-1", "x", "9" * 20])
def test_legacy_list_refuses_odd_limits(door: Door, limit: str) -> None:
    path = f"/contacts/?locationId={door.location}&limit={limit}"

    assert door.ask("GET", path).status_code == 422


def test_same_seed_gives_the_same_location() -> None:
    one, two = Door(), Door()

    assert one.contact_ids == two.contact_ids
    assert one.emulator.credentials == two.emulator.credentials
    assert one.read(one.contact_ids[5]) == two.read(two.contact_ids[5])
    assert one.state.now() == NOW
