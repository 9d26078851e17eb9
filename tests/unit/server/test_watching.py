"""Health, readiness and numbers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.routing import Route

from tests.unit.server.door import open_door
from toolkit.app.measures import Measures, Readiness
from toolkit.server.metrics import build_registry
from toolkit.server.watching import WatchDoor

FULL = Measures(
    runs={("main", "sync", "done"): 3},
    operations={("main", "highlevel", "done"): 12, ("main", "timetonic", "failed"): 1},
    lag_s={("main",): 12.5},
    queue={("main", "pending"): 4},
    calls={("main", "timetonic"): 99},
    quota_left={("main", "timetonic", "month"): 18_000.0},
    webhooks={("highlevel", "stored"): 7},
    unknown_events={("highlevel",): 2},
    webhook_gap={("main", "highlevel"): 1},
)


async def test_alive_is_not_ready(tmp_path: Path) -> None:
    async def ill() -> Readiness:
        return Readiness({"store": "", "engine": "is not running"})

    async with open_door(tmp_path, readiness=ill) as door:
        alive = await door.client.get("/healthz")
        ready = await door.client.get("/readyz")

    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert ready.status_code == 503
    assert ready.json() == {
        "status": "not ready",
        "checks": {"store": "ok", "engine": "is not running"},
    }


async def knock(door: WatchDoor, times: int = 1) -> AsyncIterator[httpx.Response]:
    app = Starlette(routes=[Route("/readyz", door.ready)])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://door"
    ) as client:
        for _ in range(times):
            yield await client.get("/readyz")


async def test_only_the_turns_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    troubles = iter(["", "is full", "is full", "", ""])

    async def look() -> Readiness:
        return Readiness({"store": next(troubles)})

    door = WatchDoor(look, build_registry(Measures))
    statuses = [answer.status_code async for answer in knock(door, 5)]

    assert statuses == [200, 503, 503, 200, 200]
    assert [record.__dict__["failing"] for record in caplog.records] == ["store", ""]


async def test_part_that_cannot_be_looked_at_is_not_well() -> None:
    async def hang() -> Readiness:
        await asyncio.Event().wait()
        raise AssertionError

    async def fail() -> Readiness:
        raise RuntimeError("jo@example.org")

    for look, trouble in ((hang, "does not answer in time"), (fail, "cannot be looked at")):
        door = WatchDoor(look, build_registry(Measures), patience_s=0.01)
        (answer,) = [one async for one in knock(door)]

        assert (answer.status_code, answer.json()["checks"]) == (503, {"service": trouble})


async def test_numbers_are_read_at_every_question(tmp_path: Path) -> None:
    readings = iter([Measures(), FULL])

    async with open_door(tmp_path, measures=lambda: next(readings)) as door:
        first = await door.client.get("/metrics")
        second = await door.client.get("/metrics")

    assert first.headers["content-type"].startswith("text/plain")
    samples = {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(second.text)
        for sample in family.samples
    }
    assert samples == {
        ("hightonic_runs_total", "main", "done", "sync"): 3,
        ("hightonic_operations_total", "main", "done", "highlevel"): 12,
        ("hightonic_operations_total", "main", "failed", "timetonic"): 1,
        ("hightonic_lag_seconds", "main"): 12.5,
        ("hightonic_inbox_events", "main", "pending"): 4,
        ("hightonic_calls_total", "main", "timetonic"): 99,
        ("hightonic_quota_left_calls", "main", "timetonic", "month"): 18_000,
        ("hightonic_webhooks_total", "stored", "highlevel"): 7,
        ("hightonic_unknown_events_total", "highlevel"): 2,
        ("hightonic_webhook_gap_changes", "main", "highlevel"): 1,
    }


async def test_intake_counts_reach_prometheus(tmp_path: Path) -> None:
    def read() -> Measures:
        return Measures(webhooks=door.intake.counts.results())

    async with open_door(tmp_path, measures=read) as door:
        await door.deliver()
        await door.deliver()
        page = await door.client.get("/metrics")

    assert 'hightonic_webhooks_total{result="repeated",side="highlevel"} 1.0' in page.text


async def test_numbers_that_cannot_be_read_stop_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> Measures:
        raise RuntimeError("jo@example.org")

    async with open_door(tmp_path, measures=fail) as door:
        page = await door.client.get("/metrics")
        alive = await door.client.get("/healthz")

    assert (page.status_code, alive.status_code) == (503, 200)
    assert [record.__dict__["error"] for record in caplog.records] == ["RuntimeError"]
