"""Every way a delivery can end: the status, what is kept, and the one line in the log."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import event

from tests.unit.server.door import (
    BEARER,
    HIGHLEVEL,
    KEY,
    NOW,
    SECRET,
    STALE_KEY,
    TIMETONIC,
    Door,
    contact_event,
    encode,
    legacy_signed,
    open_door,
    public_pem,
    signed,
)
from toolkit.app.intake_highlevel import Destination
from toolkit.app.intake_timetonic import WebhookSchema
from toolkit.errors import StateError
from toolkit.model.ids import ConnectionName

GOOD = encode(contact_event())
PERSONAL = ("jo@example.org", "+15555550100", SECRET)


@pytest_asyncio.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as opened:
        yield opened


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """(event, reason) of everything that was logged above debugging."""
    assert not any(word in str(vars(record)) for record in caplog.records for word in PERSONAL)
    return [
        (record.getMessage(), record.__dict__["reason"])
        for record in caplog.records
        if record.levelno > logging.DEBUG and "reason" in record.__dict__
    ]


async def test_good_delivery_is_on_disk_before_it_is_answered(
    door: Door, tmp_path: Path
) -> None:
    response = await door.deliver()

    with sqlite3.connect(tmp_path / "hightonic.db") as other:
        found = other.execute(
            "SELECT source, event_id, kind, record_id, state FROM inbox"
        ).fetchall()
    other.close()
    assert response.status_code == 200
    assert response.json() == {"result": "stored"}
    assert found == [("highlevel", "w-1", "contact", "c1", "pending")]


@pytest.mark.parametrize(
    "case",
    [
        ("forged", GOOD, {"x-ghl-signature": base64.b64encode(b"f" * 64).decode()}, 401, "bad_signature"),
        ("stale key", GOOD, signed(GOOD, STALE_KEY), 401, "bad_signature"),
        ("no signature", GOOD, {}, 401, "bad_signature"),
        ("not applicable", GOOD, {"x-ghl-signature": "N/A"}, 401, "bad_signature"),
        ("not base64", GOOD, {"x-ghl-signature": "é!"}, 401, "bad_signature"),
        ("truncated", GOOD[:-9], signed(GOOD), 401, "bad_signature"),
        ("one byte changed", GOOD.replace(b"c1", b"c2"), signed(GOOD), 401, "bad_signature"),
        ("blanks added", GOOD + b" ", signed(GOOD), 401, "bad_signature"),
        ("legacy, switched off", GOOD, legacy_signed(GOOD), 401, "bad_signature"),
        ("empty", b"", signed(b""), 400, "not_json"),
        ("not JSON", b"type=ContactUpdate", signed(b"type=ContactUpdate"), 400, "not_json"),
        ("not UTF-8", b'{"type":"\xff"}', signed(b'{"type":"\xff"}'), 400, "not_json"),
        ("NaN", b'{"type":NaN}', signed(b'{"type":NaN}'), 400, "not_json"),
        ("a list", b"[1]", signed(b"[1]"), 400, "not_json"),
        ("too deep", b"[" * 200_000, signed(b"[" * 200_000), 400, "not_json"),
        ("too large", b"x" * 1_000_001, signed(b"x" * 1_000_001), 413, "too_large"),
    ],
    ids=lambda case: case[0],
)  # fmt: skip
async def test_delivery_that_is_not_highlevels_is_refused(
    door: Door,
    caplog: pytest.LogCaptureFixture,
    case: tuple[str, bytes, dict[str, str], int, str],
) -> None:
    caplog.set_level(logging.INFO)
    name, body, headers, status, reason = case
    response = await door.post(HIGHLEVEL, body, {k: v.encode() for k, v in headers.items()})

    assert (name, response.status_code) == (name, status)
    assert door.rows() == []
    assert door.woken == []
    assert told(caplog) == [("webhook refused", reason)]
    assert door.counts() == {reason: 1}


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"type": None}, 400, "no_type"),
        ({"type": 7.5}, 400, "no_type"),
        ({"type": "x" * 65}, 400, "no_type"),
        ({"type": "a\nb"}, 400, "no_type"),
        ({"appId": "app-2"}, 403, "wrong_app"),
        ({"appId": "app-2", "locationId": "loc-9"}, 403, "wrong_app"),
        ({"locationId": "loc-9"}, 200, "not_ours"),
        ({"locationId": None}, 200, "not_ours"),
        ({"locationId": ["loc-1"]}, 200, "not_ours"),
        ({"type": "INSTALL", "locationId": None, "companyId": "co"}, 200, "not_ours"),
        ({"timestamp": "2026-11-20T08:59:59Z"}, 401, "too_old"),
        ({"timestamp": 1_700_000_000_000}, 401, "too_old"),
    ],
)  # fmt: skip
async def test_signed_delivery_that_is_not_for_us_now_is_not_kept(
    door: Door,
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, Any],
    status: int,
    reason: str,
) -> None:
    caplog.set_level(logging.INFO)
    response = await door.deliver(**changes)

    event_name = "webhook ignored" if status == 200 else "webhook refused"
    assert response.status_code == status
    assert door.rows() == []
    assert told(caplog) == [(event_name, reason)]


@pytest.mark.parametrize(
    ("changes", "row"),
    [
        ({"timestamp": "2026-11-20T09:00:01Z"}, {"record_id": "c1", "state": "pending"}),
        ({"timestamp": "soon"}, {"state": "pending"}),
        ({"timestamp": 1e300}, {"state": "pending"}),
        ({"timestamp": None}, {"state": "pending"}),
        ({"appId": None}, {"state": "pending"}),
        ({"locationId": "loc-2"}, {"connection": "second"}),
        ({"type": "TaskCreate", "id": "t1", "contactId": None}, {"kind": "task", "record_id": "t1"}),
        ({"type": "TaskCreate", "id": None}, {"kind": "task", "record_id": ""}),
        ({"type": "NoteDelete", "id": "n1"}, {"kind": "note", "record_id": "n1"}),
        ({"type": "ContactTagUpdate", "tags": [None]}, {"kind": "contact"}),
        (
            {"type": "AppointmentUpdate", "id": None, "appointment": {"id": "a1"}},
            {"kind": "appointment", "record_id": "a1"},
        ),
        ({"type": "UNINSTALL"}, {"kind": "", "state": "unknown"}),
        ({"type": "InvoicePaid", "id": "i1"}, {"kind": "", "state": "unknown", "record_id": "i1"}),
        ({"id": "\ud800"}, {"record_id": "", "state": "pending"}),
        ({"firstName": "\ud800\u0000"}, {"state": "pending"}),
        ({"id": 17}, {"record_id": "17"}),
    ],
)  # fmt: skip
async def test_odd_but_honest_delivery_is_kept(
    door: Door, changes: dict[str, Any], row: dict[str, str]
) -> None:
    response = await door.deliver(**changes)

    (kept,) = door.rows()
    assert response.status_code == 200
    assert {name: kept[name] for name in row} == row


async def test_unknown_event_type_is_counted_and_wakes_nobody(door: Door) -> None:
    await door.deliver(type="InvoicePaid")
    await door.intake.aclose()

    assert door.intake.counts.unknown() == {("highlevel",): 1}
    assert door.woken == []


async def test_two_connections_on_one_location_both_get_it(tmp_path: Path) -> None:
    both = tuple(Destination(ConnectionName(name), "loc-1") for name in ("one", "two"))
    async with open_door(tmp_path, destinations=both) as door:
        first, again = await door.deliver(), await door.deliver(appId="other")
        await asyncio.sleep(0)

        assert (first.json(), again.json()) == ({"result": "stored"}, {"result": "repeated"})
        assert [row["connection"] for row in door.rows()] == ["one", "two"]
        assert sorted(door.woken) == ["one", "two"]


async def test_legacy_signature_counts_only_where_switched_on(tmp_path: Path) -> None:
    async with open_door(tmp_path, legacy=True) as door:
        response = await door.post(HIGHLEVEL, GOOD, legacy_signed(GOOD))

        assert response.status_code == 200
        assert len(door.rows()) == 1


class TestRepetition:
    """What comes twice is kept once; what only looks alike is kept twice."""

    async def test_replayed_delivery_is_answered_and_not_kept_again(self, door: Door) -> None:
        for hours in (0, 1, 70):
            door.clock.advance(hours * 3600 - (door.clock.now() - NOW).total_seconds())
            await door.deliver(timestamp=None)

        assert len(door.rows()) == 1
        assert door.counts() == {"stored": 1, "repeated": 2}

    async def test_replay_after_the_inbox_forgot_is_too_old(self, door: Door) -> None:
        await door.deliver()
        door.clock.advance(73 * 3600)
        memory = door.store.connection("main")
        memory.mark_done([row["seq"] for row in door.rows()])
        memory.prune_inbox(door.clock.now() - timedelta(hours=72))

        response = await door.deliver()

        assert response.status_code == 401
        assert door.rows() == []

    @pytest.mark.parametrize(
        ("changes", "first", "second", "kept"),
        [
            ({}, {}, {}, 1),
            ({"webhookId": None}, {"deliveryId": "d-1"}, {"deliveryId": "d-1"}, 1),
            ({"webhookId": None}, {"deliveryId": "d-1"}, {"deliveryId": "d-2"}, 2),
            ({"webhookId": "w-1"}, {"deliveryId": "d-1"}, {"deliveryId": "d-2"}, 1),
            ({"webhookId": None}, {}, {}, 1),
            ({"webhookId": {"a": 1}}, {}, {}, 1),
        ],
    )
    async def test_what_makes_two_deliveries_one(
        self,
        door: Door,
        changes: dict[str, Any],
        first: dict[str, str],
        second: dict[str, str],
        kept: int,
    ) -> None:
        body = encode(contact_event(**changes))
        for headers in (first, second):
            response = await door.post(HIGHLEVEL, body, signed(body) | headers)
            assert response.status_code == 200

        assert len(door.rows()) == kept

    async def test_equal_bodies_without_any_stamp_are_two_changes_after_a_while(
        self, door: Door
    ) -> None:
        for _ in range(2):
            await door.deliver(webhookId=None, timestamp=None)
            door.clock.advance(61)

        assert len(door.rows()) == 2

    async def test_header_cannot_claim_another_deliverys_id(self, door: Door) -> None:
        body = encode(contact_event(webhookId=None))
        await door.post(HIGHLEVEL, body, signed(body) | {"deliveryId": "w-1"})

        response = await door.deliver(webhookId="w-1")

        assert response.json() == {"result": "stored"}

    async def test_hundred_at_once_with_repetitions_are_kept_once_each(
        self, door: Door
    ) -> None:
        answers = await asyncio.gather(
            *(door.deliver(webhookId=f"w-{number % 40}") for number in range(100))
        )

        assert {answer.status_code for answer in answers} == {200}
        assert sorted(row["event_id"] for row in door.rows()) == sorted(
            f"w-{number}" for number in range(40)
        )
        assert door.counts() == {"stored": 40, "repeated": 60}


class TestNotStored:
    """What cannot be kept is answered with 429, and comes again."""

    async def test_full_disk(self, door: Door, caplog: pytest.LogCaptureFixture) -> None:
        engine = door.store.transactions.engine

        def fill(raw: Any, *_: object) -> None:
            pages = raw.execute("PRAGMA page_count").fetchone()[0]
            raw.execute(f"PRAGMA max_page_count = {pages}")

        event.listen(engine, "connect", fill)
        engine.dispose()
        refused = await door.deliver(note="x" * 50_000)
        lines = told(caplog)
        event.remove(engine, "connect", fill)
        engine.dispose()
        again = await door.deliver(note="x" * 50_000)

        assert (refused.status_code, again.json()) == (429, {"result": "stored"})
        assert lines == [("webhook refused", "not_stored")]
        assert caplog.records[-1].__dict__["error"] == "StateError"
        assert caplog.records[-1].__dict__["reference"]

    async def test_database_held_by_another_process(self, door: Door, tmp_path: Path) -> None:
        holder = sqlite3.connect(tmp_path / "hightonic.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")

        refused = await door.deliver()
        holder.execute("ROLLBACK")
        holder.close()
        again = await door.deliver()

        assert (refused.status_code, again.status_code) == (429, 200)
        assert len(door.rows()) == 1

    async def test_answer_does_not_wait_longer_than_the_sender(self, tmp_path: Path) -> None:
        async with open_door(tmp_path, timeout_s=0.05) as door:
            holder = sqlite3.connect(tmp_path / "hightonic.db", isolation_level=None)
            holder.execute("BEGIN IMMEDIATE")
            refused = await door.deliver()
            holder.execute("ROLLBACK")
            holder.close()
            async with asyncio.timeout(5):
                while (await door.deliver()).status_code == 429:
                    await asyncio.sleep(0.01)

            # It was kept late or not at all; either way the repetition makes it one.
            assert refused.status_code == 429
            assert len(door.rows()) == 1

    async def test_too_many_waiting(self, tmp_path: Path) -> None:
        async with open_door(tmp_path, capacity=3) as door:
            statuses = [
                (await door.deliver(webhookId=f"w-{number}")).status_code for number in range(5)
            ]

            assert statuses == [200, 200, 200, 429, 429]
            assert len(door.rows()) == 3
            assert door.counts() == {"stored": 3, "queue_full": 2}

    async def test_room_again_after_the_work_is_done(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("toolkit.app.intake_writer._BACKLOG_AGE_S", 0.0)
        async with open_door(tmp_path, capacity=1) as door:
            first, second = await door.deliver(), await door.deliver(webhookId="w-2")
            door.store.connection("main").mark_done([row["seq"] for row in door.rows()])
            # A refusal is what has the backlog looked up again, in the background.
            async with asyncio.timeout(5):
                while (await door.deliver(webhookId="w-2")).status_code == 429:
                    await asyncio.sleep(0.01)

            assert (first.status_code, second.status_code) == (200, 429)
            assert [row["event_id"] for row in door.rows()] == ["w-1", "w-2"]

    async def test_one_bad_event_does_not_take_others_with_it(self, tmp_path: Path) -> None:
        class Picky:
            def __init__(self, inner: Any) -> None:
                self.inner = inner

            def put_events(self, arrivals: Any) -> Any:
                if any(arrival.event_id == "w-13" for _, arrival in arrivals):
                    raise ValueError("jo@example.org")
                return self.inner.put_events(arrivals)

            def count_waiting(self) -> int:
                raise StateError("cannot count")

        async with open_door(tmp_path, port=Picky) as door:
            answers = await asyncio.gather(
                *(door.deliver(webhookId=f"w-{number}") for number in range(10, 16))
            )

            statuses = [answer.status_code for answer in answers]
            assert statuses == [200, 200, 200, 429, 200, 200]
            assert len(door.rows()) == 5


class TestWaking:
    """Who works on events is woken, and never in the way of an answer."""

    async def test_burst_becomes_few_calls_and_none_is_lost(self, tmp_path: Path) -> None:
        seen: list[int] = []
        gate = asyncio.Event()

        async def wake(_name: ConnectionName) -> None:
            seen.append(len(door.rows()))
            await gate.wait()

        async with open_door(tmp_path, wake=wake) as door:
            for number in range(20):
                response = await door.deliver(webhookId=f"w-{number}")
                assert response.status_code == 200
            gate.set()

        assert len(seen) == 2
        assert seen[-1] == 20

    async def test_failing_wake_up_costs_nothing(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def wake(_name: ConnectionName) -> None:
            raise RuntimeError("jo@example.org")

        async with open_door(tmp_path, wake=wake) as door:
            response = await door.deliver()

        assert response.status_code == 200
        assert [record.getMessage() for record in caplog.records] == ["wake-up failed"]
        assert "jo@" not in str(vars(caplog.records[0]))


class TestTimeTonic:
    """A layout of the user's own, behind a secret."""

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            (BEARER, 200),
            ({"authorization": f"bearer  {SECRET} "}, 200),
            ({"authorization": "Basic " + base64.b64encode(f"jo:{SECRET}".encode()).decode()}, 200),
            ({}, 401),
            ({"authorization": "Bearer"}, 401),
            ({"authorization": "Bearer "}, 401),
            ({"authorization": f"Bearer {SECRET}x"}, 401),
            ({"authorization": f"Token {SECRET}"}, 401),
            ({"authorization": f"Basic {SECRET}"}, 401),
            ({"authorization": "Basic é"}, 401),
            ({"authorization": "Basic " + base64.b64encode(f"{SECRET}:".encode()).decode()}, 401),
        ],
    )  # fmt: skip
    async def test_sender_is_known_by_the_secret(
        self,
        door: Door,
        caplog: pytest.LogCaptureFixture,
        headers: dict[str, str],
        status: int,
    ) -> None:
        caplog.set_level(logging.INFO)
        response = await door.call({"id": 7}, {k: v.encode() for k, v in headers.items()})

        assert response.status_code == status
        assert len(door.rows()) == (status == 200)
        assert told(caplog) == (
            [("webhook refused", "bad_credentials")] if status == 401 else []
        )
        assert ("www-authenticate" in response.headers) == (status == 401)

    @pytest.mark.parametrize(
        ("secrets", "password", "status"),
        [
            (("robot:pw",), "robot:pw", 200),
            (("robot:pw",), "other:pw", 401),
            (("new", "old"), "x:old", 200),
            ((), "x:", 401),
            (("",), "x:", 401),
        ],
    )
    async def test_secret_may_bind_the_name_and_may_rotate(
        self, tmp_path: Path, secrets: tuple[str, ...], password: str, status: int
    ) -> None:
        basic = base64.b64encode(password.encode()).decode()
        async with open_door(tmp_path, secrets=secrets) as door:
            response = await door.call({"id": 7}, {"authorization": f"Basic {basic}"})

        assert response.status_code == status

    async def test_vault_that_cannot_be_read_turns_nobody_away(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with open_door(tmp_path, secrets=StateError("The disk fails")) as door:
            response = await door.call({"id": 7})

        assert response.status_code == 429
        assert told(caplog) == [("webhook refused", "not_stored")]
        assert caplog.records[0].__dict__["error"] == "StateError"

    async def test_connection_that_does_not_exist_looks_like_a_wrong_secret(
        self, door: Door, caplog: pytest.LogCaptureFixture
    ) -> None:
        path = "/webhooks/timetonic/nobody"
        strange = await door.post(path, b"{}", BEARER)
        wrong = await door.post(TIMETONIC, b"{}", {"authorization": "Bearer no"})

        assert (strange.status_code, strange.content) == (wrong.status_code, wrong.content)
        assert [record.__dict__["connection"] for record in caplog.records] == ["", "main"]

    @pytest.mark.parametrize(
        ("payload", "row"),
        [
            ({"id": 7}, {"record_id": "7", "kind": "contact", "event_type": "row_changed"}),
            ({"id": "7", "table": " contacts "}, {"kind": "contact", "state": "pending"}),
            (
                {"id": "7", "table": 51, "event": "closed"},
                {"kind": "task", "event_type": "closed"},
            ),
            ({"id": "7", "table": "Invoices"}, {"kind": "", "state": "unknown"}),
            ({"id": "7", "event_id": "e-1"}, {"event_id": "e-1", "source": "timetonic"}),
        ],
    )
    async def test_payload_is_read_by_the_schema(
        self, door: Door, payload: dict[str, Any], row: dict[str, str]
    ) -> None:
        response = await door.call(payload)

        (kept,) = door.rows()
        assert response.status_code == 200
        assert {name: kept[name] for name in row} == row

    @pytest.mark.parametrize(
        ("body", "status", "reason"),
        [
            (b"{}", 400, "no_record"),
            (b'{"id":""}', 400, "no_record"),
            (b'{"id":null}', 400, "no_record"),
            (b'{"id":{"a":1}}', 400, "no_record"),
            (b'{"id":true}', 400, "no_record"),
            (b"[7]", 400, "not_json"),
            (b"id=7", 400, "not_json"),
            (b"x" * 1_000_001, 413, "too_large"),
        ],
    )
    async def test_unreadable_call_is_refused(
        self,
        door: Door,
        caplog: pytest.LogCaptureFixture,
        body: bytes,
        status: int,
        reason: str,
    ) -> None:
        response = await door.post(TIMETONIC, body, BEARER)

        assert response.status_code == status
        assert door.rows() == []
        assert told(caplog) == [("webhook refused", reason)]
        assert caplog.records[0].__dict__["connection"] == "main"

    async def test_form_fields_are_read_too(self, door: Door) -> None:
        form = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        good = await door.post(TIMETONIC, b"id=7&table=51&name=J%C3%B6", BEARER | form)
        bad = await door.post(TIMETONIC, b"id=\xff", BEARER | form)

        assert (good.status_code, bad.status_code) == (200, 400)
        assert json.loads(door.rows()[0]["body"]) == {"id": "7", "table": "51", "name": "Jö"}

    async def test_schema_of_ones_own(self, tmp_path: Path) -> None:
        schema = WebhookSchema(
            row_id="$.rows[0]['Row id']", table="$.where.table", event="$.rows[3].x"
        )
        payload = {"rows": [{"Row id": 9}], "where": {"table": "51"}}
        async with open_door(tmp_path, schema=schema) as door:
            response = await door.call(payload)
            odd = await door.call({"rows": {}, "where": 1})

            assert (response.status_code, odd.status_code) == (200, 400)
            assert (door.rows()[0]["record_id"], door.rows()[0]["kind"]) == ("9", "task")

    @pytest.mark.parametrize(
        ("seconds", "window_s", "kept"), [(9, 10.0, 1), (11, 10.0, 2), (1, 0.0, 2)]
    )
    async def test_equal_bodies_within_the_window_are_one_delivery(
        self, tmp_path: Path, seconds: int, window_s: float, kept: int
    ) -> None:
        async with open_door(tmp_path, schema=WebhookSchema(same_body_s=window_s)) as door:
            # The window begins with the first delivery, wherever the clock stands.
            door.clock.advance(5)
            await door.call({"id": 7})
            door.clock.advance(seconds)
            response = await door.call({"id": 7})

            assert response.status_code == 200
            assert len(door.rows()) == kept


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", HIGHLEVEL, 405),
        ("POST", HIGHLEVEL + "/", 404),
        ("POST", "/webhooks", 404),
        ("POST", "/webhooks/timetonic/", 404),
        ("GET", "/oauth/callback", 404),
        ("POST", "/healthz", 405),
    ],
)
async def test_other_addresses_lead_nowhere(
    door: Door, method: str, path: str, status: int
) -> None:
    response = await door.client.request(method, path)

    assert response.status_code == status


@pytest.mark.parametrize(
    ("changes", "key", "status"),
    [
        ({"locationId": "loc-1"}, STALE_KEY, 200),
        ({"locationId": "loc-1"}, KEY, 200),
        ({"locationId": "loc-2"}, STALE_KEY, 200),  # answered, but for nobody here
    ],
    ids=["own key", "vendor's key", "own key for another connection"],
)
async def test_own_key_of_a_connection_is_believed_for_that_connection_only(
    tmp_path: Path, changes: dict[str, str], key: Any, status: int
) -> None:
    sandboxed = Destination(ConnectionName("main"), "loc-1", own_keys=(public_pem(STALE_KEY),))
    real = Destination(ConnectionName("second"), "loc-2")
    async with open_door(tmp_path, destinations=(sandboxed, real)) as door:
        body = encode(contact_event(**changes))

        answer = await door.post(HIGHLEVEL, body, signed(body, key))

        assert answer.status_code == status
        stored = [row["connection"] for row in door.rows()]
        assert stored == (["main"] if changes["locationId"] == "loc-1" else [])
