"""TimeTonic's Call an API: who wakes it, what it sends, to whom."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest

from tests.unit.sandbox.timetonic_caller import Caller, make_caller
from tests.unit.sandbox.webhook_receiver import Receiver
from toolkit.errors import UseError
from toolkit.sandbox.webhooks import CallAction, DeliveryFaults, TimeTonicAutomations
from toolkit.sandbox.webhooks.placeholders import as_text, fill, list_names

TARGET = "http://receiver.invalid/webhooks/timetonic/main"
BODY = {"row": "$row_id", "stage": "${Lifecycle stage}"}


class Wired:
    """An emulated book whose automations call a receiver."""

    def __init__(self, *actions: CallAction, faults: DeliveryFaults | None = None) -> None:
        self.caller: Caller = make_caller()
        self.state = self.caller.state
        self.receiver = Receiver()
        self.automations = TimeTonicAutomations(
            self.state, clock=self.caller.emulator.clock, seed=1
        )
        self.automations.configure(actions, transport=self.receiver.transport, faults=faults)
        self.row_id = next(iter(self.state.rows("Contacts")))

    def pump(self) -> list[Any]:
        self.receiver.requests.clear()
        asyncio.run(self.automations.pump())
        return [json.loads(request.content) for request in self.receiver.requests]

    def write(self, values: dict[str, Any], *, row: str = "", **arguments: Any) -> None:
        fields = {str(self.caller.field(name)): value for name, value in values.items()}
        asyncio.run(
            self.caller.ok(
                "createOrUpdateTableRow",
                catId=self.caller.tables["Contacts"],
                rowId=row or str(self.row_id),
                fieldValues=fields,
                **arguments,
            )
        )


def _action(**more: Any) -> CallAction:
    return CallAction(**{"table": "Contacts", "url": TARGET, "body": BODY, **more})


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, 0),
        ({"bypassUrlTrigger": "true"}, 0),
        ({"bypassUrlTrigger": "false"}, 1),
        ({"bypassUrlTrigger": "false", "row": "tmp1"}, 1),
        ({"bypassUrlTrigger": "true", "row": "tmp1"}, 0),
    ],
)
def test_the_api_wakes_automations_only_when_it_says_so(
    arguments: dict[str, str], expected: int
) -> None:
    wired = Wired(_action())
    wired.write({"City": "Lyon"}, **arguments)

    assert len(wired.pump()) == expected


def test_a_persons_hands_always_wake_automations() -> None:
    wired = Wired(_action())
    new_id = wired.state.add_row("Contacts", {"Name": "Ada"})
    wired.state.edit_row("Contacts", wired.row_id, {"Lifecycle stage": "customer"})
    wired.state.edit_row("Contacts", wired.row_id, {"Lifecycle stage": "customer"})
    wired.state.add_row("Tasks", {"Title": "Call"})
    wired.state.remove_row("Contacts", new_id)

    called = wired.pump()

    assert called == [
        {"row": new_id, "stage": None},
        {"row": wired.row_id, "stage": "customer"},
    ]


@pytest.mark.parametrize(("changed", "expected"), [("City", 0), ("Phone", 1)])
def test_only_watched_fields_wake(changed: str, expected: int) -> None:
    wired = Wired(_action(only_fields=("Phone", "Email")))
    wired.state.edit_row("Contacts", wired.row_id, {changed: "+33199000099"})

    assert len(wired.pump()) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, None),
        ({"bearer": "s3cret"}, "Bearer s3cret"),
        ({"basic": ("me", "pass:word")}, "Basic " + base64.b64encode(b"me:pass:word").decode()),
    ],
)
def test_authorisation_is_what_was_configured(
    more: dict[str, Any], expected: str | None
) -> None:
    action = _action(**more)
    wired = Wired(action)
    wired.state.edit_row("Contacts", wired.row_id, {"City": "Lyon"})
    wired.pump()

    headers = wired.receiver.requests[0].headers

    assert headers.get("authorization") == expected
    assert headers["content-type"] == "application/json"
    assert "s3cret" not in repr(action)
    assert "word" not in repr(action)


def test_placeholders_become_values_and_texts() -> None:
    body = {
        "row": "$row_id",
        "of": ["$book_owner/$book_code", "$table_id", "$user", "$written_at"],
        "tags": "$tags",
        "hello": "Hello ${First name}, you owe $$5 ($lifecycle_stage)",
        "$name": True,
        "none": "$phone",
    }
    wired = Wired(_action(body=body))
    wired.state.edit_row(
        "Contacts",
        wired.row_id,
        {"Tags": ("a", "b"), "First name": "Ada", "Lifecycle stage": None, "Phone": None},
    )

    (called,) = wired.pump()

    assert called == {
        "row": wired.row_id,
        "of": [
            "hightonic/customers",
            wired.caller.tables["Contacts"],
            "hightonic",
            wired.state.stamps.epoch_s(),
        ],
        "tags": ["a", "b"],
        "hello": "Hello Ada, you owe $5 ()",
        "$name": True,
        "none": None,
    }


def test_values_may_all_be_texts() -> None:
    wired = Wired(_action(body={"row": "$row_id", "tags": "$tags"}, values="text"))
    wired.state.edit_row("Contacts", wired.row_id, {"Tags": ("a", "b")})

    assert wired.pump() == [{"row": str(wired.row_id), "tags": "a,b"}]


@pytest.mark.parametrize(
    ("template", "expected", "names"),
    [
        ("$x", 1, ["x"]),
        ("${x}", 1, ["x"]),
        ("$$x", "$x", []),
        ("$$", "$", []),
        ("$", "$", []),
        ("$5", "$5", []),
        ("a$x-${x}", "a1-1", ["x", "x"]),
        ({"k": ["$x", None, 2]}, {"k": [1, None, 2]}, ["x"]),
    ],
)
def test_placeholder_syntax(template: Any, expected: Any, names: list[str]) -> None:
    assert fill(template, lambda _: 1, is_text=False) == expected
    assert list(list_names(template)) == names


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        ("é", "é"),
        (["a", "b"], "a,b"),
        ([], "[]"),
        ([{"row_id": 1}], '[{"row_id":1}]'),
        (True, "true"),
        (1.5, "1.5"),
    ],
)
def test_values_inside_a_text(value: Any, expected: str) -> None:
    assert as_text(value) == expected


def test_a_failed_call_is_not_repeated() -> None:
    wired = Wired(_action())
    wired.receiver.always = 500
    wired.state.edit_row("Contacts", wired.row_id, {"City": "Lyon"})

    wired.pump()

    assert [one.status for one in wired.automations.attempts] == [500]
    assert [(one.record_id, one.why) for one in wired.automations.lost] == [
        (str(wired.row_id), "given_up")
    ]
    assert wired.automations.pending == ()


def test_calls_can_be_dropped_too() -> None:
    wired = Wired(_action(), faults=DeliveryFaults(drop_share=1.0))
    wired.state.edit_row("Contacts", wired.row_id, {"City": "Lyon"})

    assert wired.pump() == []
    assert wired.automations.to_json()["dropped"] == 1


def test_no_actions_turn_automations_off() -> None:
    wired = Wired(_action())
    wired.automations.configure([])
    wired.state.edit_row("Contacts", wired.row_id, {"City": "Lyon"})

    assert wired.pump() == []
    assert wired.state.on_written is None


@pytest.mark.parametrize(
    "more",
    [
        {"table": "Nothing"},
        {"body": {"x": "$nothing"}},
        {"body": ["${No such field}"]},
        {"only_fields": ["No such field"]},
        {"url": "http://192.0.2.1/x"},
        {"url": "x"},
        {"basic": "me:word"},
        {"bearer": "two\nlines"},
        {"bearer": "clé"},
        {"bearer": 5},
        {"values": "xml"},
        {"secret": "x"},
    ],
)
def test_an_action_that_cannot_be_changes_nothing(more: dict[str, Any]) -> None:
    caller = make_caller()
    automations = TimeTonicAutomations(caller.state, clock=caller.emulator.clock, seed=1)
    good = {"table": "Contacts", "url": "http://127.0.0.1:1/x", "body": {}}
    automations.set_json({"actions": [good]})
    before = automations.to_json()

    with pytest.raises(UseError):
        automations.set_json({"actions": [good, {**good, **more}]})

    assert automations.to_json() == before
    assert before["actions"] == [{"table": "Contacts", "url": "http://127.0.0.1:1/x"}]


@pytest.mark.parametrize("wrong", [[], {"actions": {}}, {"actions": [1]}, {"action": []}])
def test_settings_that_are_no_actions_are_refused(wrong: Any) -> None:
    caller = make_caller()
    automations = TimeTonicAutomations(caller.state, clock=caller.emulator.clock, seed=1)

    with pytest.raises(UseError):
        automations.set_json(wrong)
