"""How many events are taken a second, and how long one takes to the other side."""

from __future__ import annotations

import asyncio
import uuid
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from tests.bench.postman import post_all, to_request
from tests.bench.stage import NAME, Served, Stage, staged, until
from toolkit.sandbox.serve import SandboxOptions
from toolkit.sandbox.timetonic.table import Table
from toolkit.sandbox.webhooks.payloads import to_body
from toolkit.sandbox.webhooks.signing import Signature

PEOPLE = 200
INTAKE_EVENTS = 4_000
INTAKE_ROUNDS = 3
LINES = 32
RATE_PER_S = 50
EVENTS = 750
WARM_UP = 50
PATH = "/webhooks/highlevel"


async def measure() -> dict[str, float]:
    """All figures of `python -m tests.bench webhook`."""
    options = SandboxOptions(
        contacts=PEOPLE, tasks=0, notes=0, leads=0, shared=0, rate_limit=False
    )
    with TemporaryDirectory() as folder:
        async with staged(Path(folder) / "home", options) as stage:
            await stage.first_sync()
            intake = await _measure_intake(stage)
            await _forget_events(stage)
            return intake | await _measure_passage(stage)


async def _measure_intake(stage: Stage) -> dict[str, float]:
    """Under the usual debounce: 32 senders that wait for each answer, 200 records in turn."""
    stage.configure(webhooks={"quiet_s": 10, "cap_s": 60})
    served = await stage.serve()
    rates, refused = [], 0
    for _ in range(INTAKE_ROUNDS):
        requests = _signed(stage, INTAKE_EVENTS)
        took_s, _, more = await post_all(requests, port=served.port, lines=LINES)
        rates.append(INTAKE_EVENTS / took_s)
        refused += more
    served.kill()
    return {"intake_per_s": round(median(rates), 1), "refused": refused}


async def _forget_events(stage: Stage) -> None:
    with stage.open_store() as store:
        book = store.connection(NAME)
        while events := book.take_batch(1_000):
            book.mark_done([event.seq for event in events])


@dataclass
class _Passage:
    """When each edit was made, and when the other side showed it."""

    edited_at: dict[str, float]
    shown_at: dict[str, float]
    acks: list[float]

    def note_shown(self, shown: str, people: int) -> None:
        """A row shows an edit, and with it all earlier ones of the same contact."""
        at, number = perf_counter(), int(shown.removeprefix("Edit No"))
        for earlier in range(number % people, number + 1, people):
            self.shown_at.setdefault(f"Edit No{earlier}", at)

    def times_ms(self) -> list[float]:
        """Of the edits after the warm-up, sorted."""
        counted = list(self.edited_at)[WARM_UP:]
        return sorted(1_000 * (self.shown_at[job] - self.edited_at[job]) for job in counted)


async def _measure_passage(stage: Stage) -> dict[str, float]:
    """50 edits a second in HighLevel, no debounce: until TimeTonic's row shows each."""
    stage.configure(webhooks={"quiet_s": 0, "cap_s": 0})
    served = await stage.serve()
    passage = await _edit_and_watch(stage, served)
    times = passage.times_ms()
    acks = sorted(1_000 * ack for ack in passage.acks[WARM_UP:])
    return {
        "to_other_side_p50_ms": _percentile(times, 0.50),
        "to_other_side_p99_ms": _percentile(times, 0.99),
        "to_other_side_max_ms": round(times[-1], 1),
        "ack_p50_ms": _percentile(acks, 0.50),
        "ack_p99_ms": _percentile(acks, 0.99),
        "events": len(times),
    }


async def _edit_and_watch(stage: Stage, served: Served) -> _Passage:
    """The edits are posted by us, for the time of each answer."""
    high, time = stage.emulators.highlevel.state, stage.emulators.timetonic.state
    passage = _Passage({}, {}, [])
    column = next(
        one.id for one in time.table("Contacts").fields.values() if one.name == "Name"
    )

    def change(table: Table, row_id: int, *given: Any, **named: Any) -> Any:
        answer = original(table, row_id, *given, **named)
        passage.note_shown(str(table.columns[column].get(row_id)), len(ids))
        return answer

    ids = list(high.contacts)

    def edit(number: int) -> bytes:
        contact = deepcopy(high.contacts[ids[number % len(ids)]])
        contact.values["firstName"], contact.values["lastName"] = "Edit", f"No{number}"
        passage.edited_at[f"Edit No{number}"] = perf_counter()
        high.touch(contact)
        return _event(stage, contact.id)

    async def post(request: bytes) -> None:
        _, times, _ = await post_all([request], port=served.port, lines=1)
        passage.acks += times

    original, time.change = time.change, change  # type: ignore[method-assign]
    began_at = perf_counter()
    async with asyncio.TaskGroup() as posts:
        for number in range(WARM_UP + EVENTS):
            await asyncio.sleep(max(0.0, began_at + number / RATE_PER_S - perf_counter()))
            posts.create_task(post(await stage.emulators.do(lambda n=number: edit(n))))

    async def is_through() -> bool:
        return passage.shown_at.keys() >= passage.edited_at.keys()

    await until(is_through, seconds=20, every_s=0.05)
    return passage


def _signed(stage: Stage, count: int) -> list[bytes]:
    ids = list(stage.emulators.highlevel.state.contacts)
    return [_event(stage, ids[number % len(ids)]) for number in range(count)]


def _event(stage: Stage, contact_id: str) -> bytes:
    state = stage.emulators.highlevel.state
    body = to_body(
        {
            "type": "ContactUpdate",
            "locationId": stage.emulators.highlevel.credentials.location_id,
            "id": contact_id,
            "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}",
            "webhookId": str(uuid.uuid4()),
            "appId": state.oauth.app_id,
            "firstName": "Somebody",
            "dateUpdated": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}",
        }
    )
    signed = stage.emulators.webhooks.signer.headers(body, Signature.ED25519)
    return to_request(body, [("Content-Type", "application/json"), *signed], path=PATH)


def _percentile(ordered: list[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)
