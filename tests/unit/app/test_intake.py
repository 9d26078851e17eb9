"""The intake without a server: schemas, ids, the writer's batches, the wake-ups."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from toolkit.app.intake import Addressed, Intake, Verdict, plain_name
from toolkit.app.intake_highlevel import default_legacy_keys, read_object
from toolkit.app.intake_timetonic import Entrance, WebhookSchema, is_admitted
from toolkit.app.intake_writer import IntakeWriter, Kept
from toolkit.app.measures import Readiness
from toolkit.app.poking import Pokes
from toolkit.clients.highlevel.signatures import RSA_PUBLIC_KEY
from toolkit.errors import ConfigError, StateError
from toolkit.model.ids import ConnectionName, Kind, Side
from toolkit.store import Arrival

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MAIN = ConnectionName("main")


def arrival(event_id: str) -> Addressed:
    return MAIN, Arrival(
        source=Side.HIGHLEVEL,
        event_id=event_id,
        event_type="ContactUpdate",
        body={},
        received_at=NOW,
        kind=Kind.CONTACT,
    )


class SlowInbox:
    """Holds every write until it is let go, and remembers what shared one."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.batches: list[list[str]] = []
        self.error: Exception | None = None
        self.known: set[str] = set()

    def put_events(self, events: Sequence[Addressed]) -> Sequence[bool]:
        assert self.gate.wait(5)
        ids = [each.event_id for _, each in events]
        self.batches.append(ids)
        if self.error:
            raise self.error
        fresh = [each not in self.known for each in ids]
        self.known |= set(ids)
        return fresh

    def count_waiting(self) -> int:
        return 0


async def test_what_arrives_during_a_write_shares_the_next() -> None:
    inbox = SlowInbox()
    writer = IntakeWriter(inbox, capacity=100)
    puts = [asyncio.create_task(writer.put(arrival("w-0")))]
    await asyncio.sleep(0.02)
    puts += [asyncio.create_task(writer.put(arrival(f"w-{n}"))) for n in (1, 2, 1)]
    await asyncio.sleep(0.02)
    inbox.gate.set()

    assert await asyncio.gather(*puts[:3]) == [Kept.NEW] * 3
    await writer.aclose()
    assert inbox.batches == [["w-0"], ["w-1", "w-2", "w-1"]]


async def test_failing_disk_is_tried_once_for_all_that_wait() -> None:
    inbox = SlowInbox()
    inbox.error = StateError("The disk is full")
    writer = IntakeWriter(inbox, capacity=100)
    puts = [asyncio.create_task(writer.put(arrival(f"w-{n}"))) for n in range(9)]
    await asyncio.sleep(0.02)
    inbox.gate.set()

    ended = await asyncio.gather(*puts, return_exceptions=True)
    await writer.aclose()

    assert [type(each) for each in ended] == [StateError] * 9
    assert len(inbox.batches) == 1


async def test_line_before_a_stuck_disk_is_not_endless(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("toolkit.app.intake_writer._LONGEST_LINE", 3)
    inbox = SlowInbox()
    intake = Intake(inbox, clock=lambda: NOW)
    keeping = [asyncio.create_task(intake.keep([arrival("w-0")]))]
    await asyncio.sleep(0.02)
    keeping += [asyncio.create_task(intake.keep([arrival(f"w-{n}")])) for n in range(1, 6)]
    await asyncio.sleep(0.02)
    inbox.gate.set()

    receipts = await asyncio.gather(*keeping)
    await intake.aclose()

    verdicts = [receipt.verdict for receipt in receipts]
    assert verdicts == [Verdict.STORED] * 4 + [Verdict.QUEUE_FULL] * 2


@pytest.mark.parametrize("is_failing", [False, True])
async def test_sender_that_gave_up_disturbs_nobody(is_failing: bool) -> None:
    inbox = SlowInbox()
    inbox.error = StateError("The disk is full") if is_failing else None
    intake = Intake(inbox, clock=lambda: NOW, timeout_s=0.02)

    receipt = await intake.keep([arrival("w-0")])
    inbox.gate.set()
    await intake.aclose()

    assert (receipt.verdict, receipt.error) == (Verdict.NOT_STORED, "TimeoutError")
    assert inbox.batches == [["w-0"]]


async def test_wake_ups_of_two_connections_run_side_by_side() -> None:
    running: set[str] = set()
    together = 0

    async def wake(name: ConnectionName) -> None:
        nonlocal together
        running.add(name)
        await asyncio.sleep(0)
        together = max(together, len(running))
        running.discard(name)

    pokes = Pokes(wake)
    for name in ("a", "b", "a", "a"):
        pokes.soon(ConnectionName(name))
    await pokes.drain()

    assert together == 2


async def test_nobody_need_be_woken() -> None:
    inbox = SlowInbox()
    inbox.gate.set()
    intake = Intake(inbox, clock=lambda: NOW)

    receipt = await intake.keep([arrival("w-0")])
    await intake.aclose()

    assert receipt.verdict is Verdict.STORED


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("abc", "abc"),
        (7, "7"),
        ("é ü", "é ü"),
        ("", ""),
        (None, ""),
        (True, ""),
        (1.5, ""),
        (["a"], ""),
        ("a\0b", ""),
        ("\ud800", ""),
        ("x" * 65, ""),
        (10**80, ""),
    ],
)
def test_name_from_outside_is_plain_or_nothing(given: object, name: str) -> None:
    assert plain_name(given) == name


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"a":1}', {"a": 1}),
        (b'{"a":"\\ud800"}', {"a": "\ud800"}),
        (b"[]", None),
        (b'{"a":Infinity}', None),
        (b"\xef\xbb\xbf{}", None),
        ('{"a":1}'.encode("utf-16"), None),
        (b'{"a":' * 100_000, None),
        (b'{"a":' + b"9" * 5_000 + b"}", None),
    ],
)
def test_only_a_json_object_is_read(body: bytes, found: object) -> None:
    assert read_object(body) == found


@pytest.mark.parametrize(
    "path", ["", "id", "$", "$.", "$.a.", "$[a]", "$..a", "$.a b", "$['']"]
)
def test_schema_that_is_no_path_is_a_config_error(path: str) -> None:
    with pytest.raises(ConfigError, match="row_id"):
        WebhookSchema(row_id=path)


@pytest.mark.parametrize(
    ("table", "kind"),
    [("", Kind.CONTACT), ("  ", Kind.CONTACT), (" TASKS ", Kind.TASK), ("Invoices", None)],
)
def test_table_says_what_a_row_is(table: str, kind: Kind | None) -> None:
    assert Entrance(tables={"Tasks": Kind.TASK}).kind_of(table) is kind


def test_odd_secrets_are_compared_and_not_met() -> None:
    assert not is_admitted("Bearer \udc80", ["é", "\udc81"])
    assert is_admitted("Bearer é", ["é"])


def test_legacy_key_is_the_vendors() -> None:
    assert default_legacy_keys() == (RSA_PUBLIC_KEY,)


def test_ready_means_that_nothing_ails() -> None:
    assert Readiness({"store": ""}).is_ready
    assert not Readiness({"store": "", "engine": "stands still"}).is_ready
