"""Which change sends which webhook, what it says, and how it is signed."""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from tests.unit.sandbox.highlevel_door import NOW, Door
from tests.unit.sandbox.webhook_receiver import TARGET, Receiver
from toolkit.errors import UseError
from toolkit.sandbox.highlevel.records import Contact, Note, Task
from toolkit.sandbox.webhooks import DeliveryFaults, HighLevelWebhooks

SHARED = Path(__file__).parents[4] / "shared"
SAMPLES = SHARED / "samples" / "highlevel-webhooks"
ENVELOPE = {"timestamp", "webhookId", "appId", "versionId"}
SENT_EVENTS = (
    "ContactCreate",
    "ContactUpdate",
    "ContactDelete",
    "ContactTagUpdate",
    "TaskCreate",
    "TaskComplete",
    "NoteCreate",
    "AppointmentCreate",
)


class Wired(Door):
    """A location whose webhooks go to a receiver, and its first contact."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.receiver = Receiver()
        self.webhooks = HighLevelWebhooks(self.state, clock=self.clock, seed=1)
        self.webhooks.configure(target=TARGET, transport=self.receiver.transport)
        self.one = self.contact_ids[0]

    def pump(self) -> list[str]:
        """Send what is due; the events that the receiver saw since the last time."""
        self.receiver.requests.clear()
        asyncio.run(self.webhooks.pump())
        return self.receiver.events

    def below(self, kind: str, body: dict[str, Any]) -> str:
        """The id of a new task or note of the first contact, its webhook sent."""
        answer = self.ask("POST", f"/contacts/{self.one}/{kind}s", body)
        self.pump()
        return answer.json()[kind]["id"]

    def book(self) -> str:
        """The id of a new appointment of the first contact, its webhook sent."""
        answer = self.ask("POST", "/calendars/events/appointments", self.booking)
        self.pump()
        return answer.json()["id"]

    @property
    def booking(self) -> dict[str, Any]:
        return {
            "calendarId": next(iter(self.state.calendars)),
            "locationId": self.location,
            "contactId": self.one,
            "startTime": "2026-12-01T10:00:00Z",
            "assignedUserId": next(iter(self.state.users)),
            "address": "https://example.com/meeting",
            "description": "Bring the offer",
        }


@pytest.fixture
def wired() -> Wired:
    return Wired()


TASK = {"title": "Call", "dueDate": "2026-12-01T10:00:00Z", "completed": False}
FULL_TASK = {**TASK, "body": "About the offer", "assignedTo": "nobody"}


def _put(wired: Wired, **values: Any) -> None:
    assert wired.ask("PUT", f"/contacts/{wired.one}", values).status_code == 200


def _dnd(status: str) -> dict[str, Any]:
    return {"dndSettings": {"SMS": {"status": status, "message": "no"}}}


def _bulk(wired: Wired, how: str, tag: str) -> None:
    body = {"contacts": wired.contact_ids[:2], "tags": [tag], "locationId": wired.location}
    wired.ask("POST", f"/contacts/bulk/tags/update/{how}", body)


def _custom(wired: Wired) -> None:
    _put(
        wired,
        customFields=[{"id": wired.field("next_action_date"), "field_value": "2030-02-03"}],
    )


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (lambda w: w.create(email="new@example.net"), ["ContactCreate"]),
        (lambda w: _put(w, city="Lyon"), ["ContactUpdate"]),
        (lambda w: _put(w, timezone="Asia/Tokyo"), ["ContactUpdate"]),
        (_custom, ["ContactUpdate"]),
        (lambda w: _put(w, tags=["x"], city="Lyon"), ["ContactTagUpdate", "ContactUpdate"]),
        (lambda w: _put(w, firstName=w.state.contacts[w.one].values["firstName"]), []),
        (lambda w: _put(w, dnd=True), ["ContactDndUpdate"]),
        (lambda w: _put(w, **_dnd("active")), ["ContactDndUpdate"]),
        (lambda w: _put(w, inboundDndSettings={"all": {"status": "active"}}), []),
        (lambda w: w.ask("DELETE", f"/contacts/{w.one}"), ["ContactDelete"]),
        (
            lambda w: w.ask("POST", f"/contacts/{w.one}/tags", {"tags": ["Fair"]}),
            ["ContactTagUpdate", "ContactUpdate"],
        ),
        (lambda w: _bulk(w, "add", "fair"), ["ContactTagUpdate", "ContactUpdate"] * 2),
        (
            lambda w: w.ask(
                "POST",
                "/contacts/upsert",
                {"locationId": w.location, "email": w.read(w.one)["email"], "city": "Rome"},
            ),
            ["ContactUpdate"],
        ),
        (lambda w: w.ask("POST", f"/contacts/{w.one}/tasks", TASK), ["TaskCreate"]),
        (lambda w: w.ask("POST", f"/contacts/{w.one}/notes", {"body": "x"}), ["NoteCreate"]),
        (
            lambda w: w.ask("POST", "/calendars/events/appointments", w.booking),
            ["AppointmentCreate"],
        ),
        (
            lambda w: w.ask(
                "POST",
                f"/contacts/{w.one}/followers",
                {"followers": list(w.state.users)},
            ),
            [],
        ),
        (
            lambda w: w.ask(
                "POST",
                "/contacts/bulk/business",
                {
                    "locationId": w.location,
                    "ids": [w.one],
                    "businessId": next(reversed(w.state.businesses)),
                },
            ),
            [],
        ),
        (lambda w: w.ask("GET", f"/contacts/{w.one}"), []),
        (lambda w: w.ask("PUT", "/contacts/none", {"city": "Lyon"}), []),
    ],
    ids=[
        "create",
        "update",
        "timezone",
        "custom field",
        "tags by update",
        "same value",
        "dnd",
        "dnd of a channel",
        "inbound dnd is silent",
        "delete is silent about tasks and notes",
        "add tags",
        "bulk tags",
        "upsert",
        "task",
        "note",
        "appointment",
        "followers are silent",
        "businesses are silent",
        "read",
        "refused",
    ],
)
def test_a_call_sends_exactly_its_events(
    wired: Wired, act: Callable[[Wired], Any], expected: list[str]
) -> None:
    act(wired)

    assert wired.pump() == expected


def test_tasks_tell_of_completion_and_end_but_of_no_other_edit(wired: Wired) -> None:
    task = f"/contacts/{wired.one}/tasks/{wired.below('task', TASK)}"
    seen = []
    for method, path, body in (
        ("PUT", task, {"title": "Call again"}),
        ("PUT", f"{task}/completed", {"completed": True}),
        ("PUT", task, {"completed": True}),
        ("PUT", f"{task}/completed", {"completed": False}),
        ("PUT", task, {"completed": True}),
        ("DELETE", task, None),
    ):
        assert wired.ask(method, path, body).status_code == 200
        seen.append(wired.pump())

    assert seen == [[], ["TaskComplete"], [], [], ["TaskComplete"], ["TaskDelete"]]


def test_notes_tell_of_every_edit_but_not_what_it_was(wired: Wired) -> None:
    note = f"/contacts/{wired.one}/notes/{wired.below('note', {'body': 'first'})}"
    seen = []
    for method, body in (
        ("PUT", {"title": "Secret", "pinned": True, "userId": "u"}),
        ("PUT", {"title": "Secret"}),
        ("PUT", {"body": "second"}),
        ("DELETE", None),
    ):
        assert wired.ask(method, note, body).status_code == 200
        seen.append((wired.pump(), [sorted(each) for each in wired.receiver.payloads]))

    keys = sorted({"type", "locationId", "id", "body", "contactId", "dateAdded"} | ENVELOPE)
    assert seen == [
        (["NoteUpdate"], [keys]),
        ([], []),
        (["NoteUpdate"], [keys]),
        (["NoteDelete"], [keys]),
    ]


def test_appointments_tell_of_booking_moving_and_cancelling(wired: Wired) -> None:
    path = f"/calendars/events/appointments/{wired.book()}"
    seen = []
    for method, body in (
        ("PUT", {"startTime": "2026-12-02T10:00:00Z"}),
        ("PUT", {"startTime": "2026-12-02T10:00:00Z"}),
        ("DELETE", None),
    ):
        assert wired.ask(method, path, body).status_code in {200, 201}
        seen.append(wired.pump())

    assert seen == [["AppointmentUpdate"], [], ["AppointmentDelete"]]


def _rename_in_place(wired: Wired) -> None:
    contact = wired.state.contacts[wired.one]
    contact.values["firstName"] = "Renamed"
    contact.tags.append("by hand")
    wired.state.touch(contact)


def _complete_in_place(wired: Wired) -> None:
    task = next(each for each in wired.state.tasks.values() if not each.is_completed)
    task.is_completed = True
    wired.state.save_task(task)


def _rewrite_in_place(wired: Wired) -> None:
    note = next(iter(next(iter(wired.state.notes.values())).values()))
    note.body = "rewritten"
    wired.state.save_note(note)


def _move_in_place(wired: Wired) -> None:
    appointment = next(iter(wired.state.appointments.values()))
    appointment.title = "Moved"
    wired.state.save_appointment(appointment)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (lambda w: w.state.save(Contact("c" * 20, NOW, NOW)), ["ContactCreate"]),
        (_rename_in_place, ["ContactTagUpdate", "ContactUpdate"]),
        (lambda w: w.state.touch(w.state.contacts[w.one]), []),
        (lambda w: w.state.remove(w.state.contacts[w.one]), ["ContactDelete"]),
        (
            lambda w: w.state.save_task(
                Task("t" * 24, w.one, "x", None, NOW, True, None, NOW, NOW)
            ),
            ["TaskCreate"],
        ),
        (_complete_in_place, ["TaskComplete"]),
        (
            lambda w: w.state.remove_task(next(iter(w.state.tasks.values()))),
            ["TaskDelete"],
        ),
        (lambda w: w.state.save_note(Note("n" * 20, w.one, "x", None, NOW)), ["NoteCreate"]),
        (_rewrite_in_place, ["NoteUpdate"]),
        (
            lambda w: w.state.remove_note(
                next(iter(next(iter(w.state.notes.values())).values()))
            ),
            ["NoteDelete"],
        ),
        (_move_in_place, ["AppointmentUpdate"]),
        (
            lambda w: w.state.remove_appointment(next(iter(w.state.appointments.values()))),
            ["AppointmentDelete"],
        ),
    ],
)
def test_a_persons_hands_send_what_a_call_would(
    wired: Wired, act: Callable[[Wired], Any], expected: list[str]
) -> None:
    act(wired)

    assert wired.pump() == expected


def _full_contact(wired: Wired) -> dict[str, Any]:
    return {
        "firstName": "John",
        "lastName": "Deo",
        "email": "john.deo@example.com",
        "phone": "+15125550100",
        "address1": "3535 1st St N",
        "city": "Austin",
        "state": "AL",
        "country": "US",
        "postalCode": "45201",
        "companyName": "Lorem",
        "source": "form",
        "website": "https://www.example.com",
        "dateOfBirth": "2000-01-05",
        "assignedTo": next(iter(wired.state.users)),
        "tags": ["one", "two"],
        "customFields": [{"id": wired.field("next_action_date"), "field_value": "2030-02-03"}],
    }


def _send_all(wired: Wired) -> dict[str, dict[str, Any]]:
    """One webhook of every event there is a sample of, records filled to the brim."""
    made = wired.create(**_full_contact(wired))
    wired.one = made["id"]
    task = wired.ask("POST", f"/contacts/{wired.one}/tasks", FULL_TASK).json()["task"]["id"]
    wired.ask("PUT", f"/contacts/{wired.one}/tasks/{task}/completed", {"completed": True})
    wired.ask("POST", f"/contacts/{wired.one}/notes", {"body": "Lorem", "title": "T"})
    wired.ask("POST", "/calendars/events/appointments", wired.booking)
    wired.ask("POST", f"/contacts/{wired.one}/tags", {"tags": ["three"]})
    wired.ask("DELETE", f"/contacts/{wired.one}")
    wired.pump()
    return {payload["type"]: payload for payload in wired.receiver.payloads}


def _shape(value: Any) -> Any:
    match value:
        case dict():
            return {name: _shape(one) for name, one in sorted(value.items())}
        case list():
            return [_shape(value[0])] if value else []
        case _:
            return type(value).__name__


@pytest.mark.skipif(not SHARED.exists(), reason="../shared is not beside this checkout")
@pytest.mark.parametrize("event", SENT_EVENTS)
def test_payload_has_the_keys_and_types_of_the_vendors_sample(wired: Wired, event: str) -> None:
    sample = json.loads((SAMPLES / f"{event}.json").read_text(encoding="utf-8"))

    payload = _send_all(wired)[event]

    assert set(payload) - set(sample) == ENVELOPE
    assert _shape({name: payload[name] for name in sample}) == _shape(sample)


def test_every_delivery_says_what_it_is_and_whose(wired: Wired) -> None:
    payloads = list(_send_all(wired).values())

    assert len({payload["webhookId"] for payload in payloads}) == len(payloads)
    for payload in payloads:
        assert uuid.UUID(payload["webhookId"]).version == 4
        assert payload["timestamp"] == "2026-11-23T09:00:00.000Z"
        assert payload["locationId"] == wired.location
        assert payload["appId"] == payload["versionId"] == wired.state.oauth.app_id


def test_what_is_not_set_is_absent_and_lists_are_empty(wired: Wired) -> None:
    wired.create(email="new@example.net")
    wired.ask("POST", f"/contacts/{wired.one}/tasks", TASK)

    wired.pump()

    contact, task = wired.receiver.payloads
    assert {"phone", "city", "assignedTo", "dateUpdated", "dndSettings"}.isdisjoint(contact)
    assert (contact["tags"], contact["attachments"], contact["customFields"]) == ([], [], [])
    assert {"body", "assignedTo", "completed", "dateUpdated"}.isdisjoint(task)


def test_dnd_update_alone_tells_the_channels(wired: Wired) -> None:
    _put(wired, city="Lyon", **_dnd("active"))

    wired.pump()

    told = {each["type"]: each.get("dndSettings") for each in wired.receiver.payloads}
    assert told == {
        "ContactDndUpdate": {"SMS": {"status": "active", "message": "no"}},
        "ContactUpdate": None,
    }


def test_bare_tasks_lack_contact_and_body(wired: Wired) -> None:
    wired.webhooks.configure(faults=DeliveryFaults(bare_task_share=1.0))
    task_id = wired.below("task", FULL_TASK)

    (payload,) = wired.receiver.payloads

    assert payload["id"] == task_id
    assert {"contactId", "body"}.isdisjoint(payload)


# -- signatures, checked with nothing of the toolkit -----------------------------------------


def _check(wired: Wired, key: str, header: str, *, body: bytes | None = None) -> None:
    request = wired.receiver.requests[-1]
    public = serialization.load_pem_public_key(wired.webhooks.to_json()[key].encode())
    signature = base64.b64decode(request.headers[header], validate=True)
    signed = request.content if body is None else body
    if header == "x-ghl-signature":
        public.verify(signature, signed)
    else:
        public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("ed25519", {"x-ghl-signature": "public_key_pem"}),
        ("rsa", {"x-wh-signature": "legacy_public_key_pem"}),
        (
            "both",
            {"x-ghl-signature": "public_key_pem", "x-wh-signature": "legacy_public_key_pem"},
        ),
    ],
)
def test_signature_is_of_the_raw_body(
    wired: Wired, style: str, expected: dict[str, str]
) -> None:
    wired.webhooks.configure(signature=style)
    wired.create(firstName="Łucja 重要", email="new@example.net")
    wired.pump()
    request = wired.receiver.requests[-1]

    sent = {name for name in request.headers if name.endswith("signature")}

    assert sent == set(expected)
    for header, key in expected.items():
        _check(wired, key, header)
        with pytest.raises(InvalidSignature):
            _check(wired, key, header, body=request.content + b" ")


def test_the_key_follows_the_seed_and_is_not_the_vendors(wired: Wired) -> None:
    mine = wired.webhooks.signer.public_key_pem
    twin = HighLevelWebhooks(wired.state, clock=wired.clock, seed=1).signer.public_key_pem
    other = HighLevelWebhooks(wired.state, clock=wired.clock, seed=2).signer.public_key_pem

    assert mine == twin != other
    keys = SHARED / "samples" / "highlevel-webhook-keys"
    assert all(mine.strip() not in each.read_text() for each in keys.glob("*.pem"))


def test_unsigned_deliveries_say_not_available(wired: Wired) -> None:
    wired.webhooks.configure(faults=DeliveryFaults(unsigned_share=1.0))
    wired.create(email="new@example.net")

    wired.pump()

    assert wired.receiver.requests[0].headers["x-ghl-signature"] == "N/A"


def test_half_a_sign_typed_by_hand_still_makes_a_body(wired: Wired) -> None:
    wired.state.contacts[wired.one].values["city"] = "Ly\ud800on"
    wired.state.touch(wired.state.contacts[wired.one])

    wired.pump()

    assert wired.receiver.payloads[0]["city"] == "Ly\ufffdon"
    _check(wired, "public_key_pem", "x-ghl-signature")


# -- who listens -----------------------------------------------------------------------------


def test_nothing_is_kept_while_nobody_listens() -> None:
    door = Door()
    webhooks = HighLevelWebhooks(door.state, clock=door.clock, seed=1)
    door.create(email="before@example.net")

    webhooks.configure(policy="backoff")
    door.create(email="meanwhile@example.net")

    assert webhooks.to_json()["emitted"] == 0
    assert webhooks.target is None


def test_what_was_there_before_the_target_is_no_news(wired: Wired) -> None:
    wired.webhooks.disable()
    wired.webhooks.disable()
    _put(wired, city="Lyon")
    wired.webhooks.configure(target=TARGET)

    _put(wired, city="Lyon", state="AL")

    assert wired.pump() == ["ContactUpdate"]


def test_waiting_deliveries_follow_the_target(wired: Wired) -> None:
    _put(wired, city="Lyon")

    wired.webhooks.configure(target="http://elsewhere.invalid/x")
    wired.pump()

    assert wired.receiver.requests[0].url.host == "elsewhere.invalid"


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": "http://192.0.2.1/x"},
        {"target": "http://localhost.example.com/x"},
        {"target": "ftp://127.0.0.1/x"},
        {"target": "no address"},
        {"target": "http://127.0.0.1:x/x"},
        {"target": "http://127.0.0.1:99999/x"},
        {"target": "http://127.0.0.1:1/x", "policy": "sometimes"},
        {"target": "http://127.0.0.1:1/x", "signature": "none"},
    ],
)
def test_a_setting_that_cannot_be_changes_nothing(wrong: dict[str, str]) -> None:
    door = Door(contacts=1)
    webhooks = HighLevelWebhooks(door.state, clock=door.clock, seed=1)
    before = webhooks.to_json()

    with pytest.raises(UseError):
        webhooks.configure(**wrong)

    assert webhooks.to_json() == before


def test_a_copied_record_is_no_change(wired: Wired) -> None:
    wired.state.save(replace(wired.state.contacts[wired.one]))

    assert wired.pump() == []


def test_what_was_lost_is_named(wired: Wired) -> None:
    wired.webhooks.configure(faults=DeliveryFaults(drop_share=1.0))
    wired.state.remove(wired.state.contacts[wired.one])

    lost = [(each.event, each.record_id, each.why) for each in wired.webhooks.lost]

    assert (wired.pump(), lost) == ([], [("ContactDelete", wired.one, "dropped")])
