"""The first sync of two accounts that know nothing of each other."""

from __future__ import annotations

from tests.flows.world import (
    World,
    assert_converged,
    assert_linked,
    assert_nothing_lost,
    identities,
)


async def test_first_sync_brings_everything_to_both_sides_once(medium: World) -> None:
    before = identities(medium)

    report = await medium.sync()

    assert_nothing_lost(medium, before)
    assert_converged(medium)
    assert report.write_amplification == 1.0
    assert report.failures == ()
    await medium.settle(0)
    assert_linked(medium)


async def test_run_after_the_first_writes_nothing(medium: World) -> None:
    await medium.sync()
    writes = medium.writes()

    report = await medium.sync()

    assert report.writes_sent == 0
    assert medium.writes() == writes


async def test_preview_writes_nothing_and_names_the_plan_that_is_applied(medium: World) -> None:
    async with medium.open() as connection:
        plan = await connection.preview()
        writes = medium.writes()
        report = await connection.sync()

    assert writes == 0
    assert report.plan_hash == plan.hash
