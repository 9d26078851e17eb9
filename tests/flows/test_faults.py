"""Whatever goes wrong on the wire: nothing lost, nothing twice, and quiet again afterwards."""

from __future__ import annotations

from tests.flows.busy_day import READS, WRITES, assert_done, busy_day
from tests.flows.world import World, assert_converged, assert_linked


async def test_busy_day_is_synced_in_one_run(world: World) -> None:
    work = await busy_day(world)

    report = await world.sync()

    assert report.failures == ()
    used = {one.operation for one in world.sandbox.recorder.select(is_write=True)}
    assert used == {name for names in WRITES.values() for name in names}
    seen = {one.operation for one in world.sandbox.recorder.select(is_write=False)}
    assert seen >= {name for names in READS.values() for name in names}
    assert_done(world, work)
    assert_converged(world)
    assert report.write_amplification == 1.0
    await world.settle(0)
    assert_linked(world)
