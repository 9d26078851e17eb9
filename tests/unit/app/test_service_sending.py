"""The service sends what rules put out: soon, once, and not while it is paused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.app.receiver import receiving
from tests.unit.app.test_delivering import Office
from tests.unit.app.test_service import Fixed, Steady, clock, desk, store
from toolkit.app import live
from toolkit.app.service import DELIVER_S, Service
from toolkit.app.turns import Desk
from toolkit.engine.inline import InlineEngine
from toolkit.store import DeliveryState, Store, new_key

__all__ = ["clock", "desk", "store"]


@pytest.fixture
def office(store: Store, clock: Steady, monkeypatch: pytest.MonkeyPatch) -> Office:
    # Only a sandbox may write without a rehearsal.
    monkeypatch.setattr(live, "is_sandbox", lambda _config: True)
    return Office(store, new_key(), clock)


def serving(desk: Desk, clock: Steady) -> tuple[Service, InlineEngine]:
    engine = InlineEngine(clock, is_eager=False)
    service = Service({desk.name: desk}, engine=engine, clock=clock, owner="me")
    return service, engine


async def beat(engine: InlineEngine, clock: Steady) -> None:
    await engine.tick()
    await engine.drain()
    clock.advance(DELIVER_S)


async def test_what_is_due_is_sent_and_nothing_is_asked_for_otherwise(
    desk: Desk, clock: Steady, office: Office
) -> None:
    parts: Any = desk.parts
    async with receiving([500]) as receiver:
        parts.courier = office.courier({"crm": receiver.url()})
        service, engine = serving(desk, clock)
        await service.start()
        await beat(engine, clock)
        office.put(1, 2)
        for _ in range(3):
            await beat(engine, clock)
        early = len(receiver.taken)
        clock.advance(60)
        await beat(engine, clock)
        await parts.courier.aclose()

    assert (early, len(receiver.taken)) == (2, 3)
    assert office.mailbox.counts()[DeliveryState.SENT] == 2


async def test_a_paused_connection_keeps_its_messages(
    desk: Desk, clock: Steady, office: Office
) -> None:
    parts: Any = desk.parts
    async with receiving() as receiver:
        parts.courier = office.courier({"crm": receiver.url()})
        service, engine = serving(desk, clock)
        await service.start()
        office.put(1)
        desk.parts.store.set_paused(is_paused=True)
        await beat(engine, clock)
        waiting = await service._deliver({"connection": "main"})
        desk.parts.store.set_paused(is_paused=False)
        await beat(engine, clock)
        await parts.courier.aclose()

    assert waiting == {"state": "waiting"}
    assert len(receiver.taken) == 1


async def test_old_messages_are_forgotten(desk: Desk, clock: Steady, office: Office) -> None:
    ids = office.put(1, 2)
    office.mailbox.mark_delivered(ids[:1])
    clock.advance(91 * 86_400)
    service, _ = serving(desk, clock)

    await service._prune({})

    assert list(office.states()) == ids[1:]


def test_a_desk_without_a_courier_has_nothing_to_send(store: Store) -> None:
    assert Fixed(store.connection("other")).courier is None
