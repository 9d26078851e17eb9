"""Fault plans: which call is hit, how it looks in-process, and what was recorded."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.highlevel_door import Door
from toolkit.errors import UseError
from toolkit.sandbox.common import EmulatedService
from toolkit.sandbox.faults import Fault, FaultKind, FaultPlan


@pytest.fixture
def door() -> Door:
    return Door(contacts=3)


def _strikes(
    plan: FaultPlan, calls: int, *, system: str = "highlevel", write: bool = True
) -> list[int]:
    return [
        number
        for number in range(1, calls + 1)
        if plan.strike(system=system, call="create-contact POST /contacts/", is_write=write)
    ]


@pytest.mark.parametrize(
    ("fault", "hit"),
    [
        ({}, [1]),
        ({"nth": 3}, [3]),
        ({"nth": 2, "times": 2}, [2, 3]),
        ({"times": 0}, [1, 2, 3, 4, 5]),
        ({"match": "create-contact"}, [1]),
        ({"match": r"POST /contacts/$"}, [1]),
        ({"match": "GET"}, []),
        ({"system": "timetonic"}, []),
        ({"probability": 0.0, "times": 0}, []),
    ],
)
def test_fault_hits_the_calls_it_names(fault: dict[str, Any], hit: list[int]) -> None:
    plan = FaultPlan([Fault(FaultKind.SLOW, **fault)])

    assert _strikes(plan, 5) == hit


def test_reads_pass_where_only_writes_are_hit() -> None:
    plan = FaultPlan([Fault(FaultKind.SLOW, writes_only=True, times=0)])

    assert _strikes(plan, 2, write=False) == []
    assert _strikes(plan, 2) == [1, 2]


def test_chance_is_repeatable_by_seed() -> None:
    faults = [Fault(FaultKind.SLOW, probability=0.5, times=0)]
    one, two, other = (
        FaultPlan(faults, seed=1),
        FaultPlan(faults, seed=1),
        FaultPlan(faults, seed=9),
    )

    hit = _strikes(one, 50)

    assert hit == _strikes(two, 50)
    assert hit != _strikes(other, 50)
    assert 10 < len(hit) < 40


def test_plan_travels_as_json_and_counts_its_hits() -> None:
    plan = FaultPlan()
    plan.set_json([{"kind": "deadlock", "times": 3}, {"kind": "slow", "seconds": 0.5}])
    _strikes(plan, 2, system="timetonic")

    told = plan.to_json()

    assert [row["hits"] for row in told["faults"]] == [2, 1]
    again = FaultPlan()
    again.set_json({"faults": [Fault(FaultKind.DEADLOCK, times=3).to_json()], "seed": 4})
    assert (again.faults[0].times, again.seed) == (3, 4)


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "slow"},
        "slow",
        None,
        [1],
        [{"kind": "unheard of"}],
        [{}],
        [{"kind": "slow", "often": 1}],
        [{"kind": "slow", "match": "("}],
    ],
)
def test_what_is_no_plan_is_refused_and_the_old_one_stays(given: Any) -> None:
    plan = FaultPlan([Fault(FaultKind.SLOW, times=0)])

    with pytest.raises(UseError):
        plan.set_json(given)

    assert _strikes(plan, 1) == [1]


CREATE: dict[str, Any] = {"firstName": "New", "email": "new@example.com"}
# kind, status or exception, and whether the contact is there afterwards
ENDINGS: list[tuple[str, Any, bool]] = [
    ("429", 429, False),
    ("429_daily", 429, False),
    ("500_before", 500, False),
    ("500_after", 500, True),
    ("502_before", 502, False),
    ("502_after", 502, True),
    ("503_before", 503, False),
    ("401_once", 401, False),
    ("401_command_timed_out", 401, False),
    ("422_but_created", 422, True),
    ("html_200", 200, False),
    ("deadlock", 500, False),
    ("cut_before", httpx.ReadError, False),
    ("cut_after", httpx.ReadError, True),
    ("timeout_before", httpx.ReadTimeout, False),
    ("timeout_after", httpx.ReadTimeout, True),
]


@pytest.mark.parametrize(("kind", "ending", "is_there"), ENDINGS)
def test_fault_ends_the_call_and_commits_or_not(
    door: Door, kind: str, ending: Any, is_there: bool
) -> None:
    door.faults.set([Fault(FaultKind(kind), match="create-contact")])
    body = {"locationId": door.location, **CREATE}

    try:
        seen: Any = door.ask("POST", "/contacts/", body).status_code
    except httpx.TransportError as cut:
        seen = type(cut)

    assert seen == ending
    assert (len(door.state.contacts) == 4) is is_there
    recorded = door.recorder.select(operation="create-contact")[0]
    assert recorded.fault == kind
    assert recorded.is_write
    assert recorded.status == (ending if isinstance(ending, int) else None)


def test_daily_429_says_that_nothing_is_left_today(door: Door) -> None:
    door.faults.set([Fault(FaultKind.TOO_MANY_TODAY), Fault(FaultKind.TOO_MANY, nth=2)])

    first, second = (door.ask("GET", "/nope") for _ in range(2))

    assert first.headers["x-ratelimit-daily-remaining"] == "0"
    assert second.headers["x-ratelimit-daily-remaining"] != "0"
    assert second.headers["x-ratelimit-remaining"] == "0"


def test_gateways_speak_html(door: Door) -> None:
    door.faults.set([Fault(FaultKind.BAD_GATEWAY_BEFORE)])

    answer = door.ask("GET", "/nope")

    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1>502</h1>" in answer.text


def test_slow_waits_and_then_answers(door: Door) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    door.emulator.app.sleep = sleep
    door.faults.set([Fault(FaultKind.SLOW, seconds=2.5)])

    assert door.ask("GET", f"/contacts/{door.contact_ids[0]}").status_code == 200
    assert waited == [2.5]


def test_recording_keeps_no_key_and_no_query(door: Door) -> None:
    door.ask("GET", f"/contacts/search/duplicate?locationId={door.location}&email=a@b.c")
    door.clock.advance(1)
    door.ask("POST", f"/contacts/{door.contact_ids[0]}/notes", {"body": "x"})

    told = door.recorder.to_json()

    assert told["counts"]["highlevel"]["total"] == 2
    assert told["counts"]["highlevel"]["writes"] == 1
    assert "a@b.c" not in str(told)
    assert door.token not in str(told)
    assert door.recorder.count(status=201, is_write=True) == 1
    door.recorder.clear()
    assert door.recorder.count() == 0


def test_busiest_window_counts_the_densest_stretch(door: Door) -> None:
    for pause in (0, 4, 4, 4, 0.5, 0.5, 20):
        door.clock.advance(pause)
        door.ask("GET", "/nope")

    assert door.recorder.busiest_window(system="highlevel", seconds=10) == 5
    assert door.recorder.busiest_window(system="timetonic", seconds=10) == 0


def test_lifespan_is_let_go_and_bodies_come_in_pieces(door: Door) -> None:
    app: EmulatedService = door.emulator.app
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def run(scope: Any, *messages: Any) -> None:
        waiting = iter(messages)

        async def receive() -> Any:
            return next(waiting)

        await app(scope, receive, send)

    asyncio.run(
        run({"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    )
    headers = {"authorization": f"Bearer {door.token}", "version": "v3"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/contacts/{door.contact_ids[0]}/notes",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(
        run(
            scope,
            {"type": "http.request", "body": b'{"bo', "more_body": True},
            {"type": "http.request", "body": b'dy": "x"}'},
        )
    )

    assert [one["type"] for one in sent[:2]] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert sent[2]["status"] == 201
