"""Keys: from the variable, else from the vault, and asked for in one sentence."""

from __future__ import annotations

import pytest

from tests.flows.world import World
from toolkit.app.wiring import HIGHLEVEL_TOKEN, Meter, Remembered
from toolkit.clients.http import CallRecord
from toolkit.errors import CredentialsError, UseError
from toolkit.model.ids import Side
from toolkit.store import Store, open_vault


async def test_missing_key_is_asked_for(world: World) -> None:
    with Store.open(world.home) as store:
        open_vault(store, world.home).delete("main", HIGHLEVEL_TOKEN)

    with pytest.raises(UseError, match="No key for HighLevel") as refused:
        async with world.open():
            pass
    assert "hightonic connect highlevel" in refused.value.remedy


async def test_variable_wins_over_the_vault(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIGHTONIC_HIGHLEVEL_TOKEN", "pit-wrong")

    async with world.open() as connection:
        with pytest.raises(CredentialsError):
            await connection.sync()


async def test_connection_nobody_wrote_is_named(world: World) -> None:
    with pytest.raises(UseError, match="nowhere"):
        async with world.open("nowhere"):
            pass


def test_meter_counts_every_try() -> None:
    meter = Meter()
    before = dict(meter.calls)
    for system in ("highlevel", "highlevel", "timetonic"):
        meter.count(
            CallRecord(system=system, operation="x", is_read=True, status=200, duration_s=0.0)
        )

    assert meter.since(before) == {Side.HIGHLEVEL: 2, Side.TIMETONIC: 1}


def test_value_is_read_again_after_a_few_seconds() -> None:
    now_s, reads = 0.0, 0

    def read() -> str:
        nonlocal reads
        reads += 1
        return f"value {reads}"

    remembered = Remembered(read, clock=lambda: now_s)

    assert (remembered(), remembered()) == ("value 1", "value 1")
    now_s = 6.0
    assert remembered() == "value 2"
