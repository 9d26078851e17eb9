"""Whatever goes wrong on the wire: nothing lost, nothing twice, and quiet again afterwards.

By default a fault of each way a call can end, and a third of the others, hits the first call of
every operation, all in one run, and then every call of a run. HIGHTONIC_EXHAUSTIVE=1 tries each
fault, also at each operation by itself (tests/sampling.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.busy_day import READS, WRITES, Work, assert_done, busy_day
from tests.flows.world import HIGH, TIME, World, assert_converged, assert_linked
from tests.sampling import IS_EXHAUSTIVE, some
from toolkit.errors import HightonicError, VendorError
from toolkit.model.ids import Side
from toolkit.model.outcomes import RunReport
from toolkit.sandbox.faults import Fault, FaultKind

HOUR_S = 3_600.0
FAULTS = [kind for kind in FaultKind if kind is not FaultKind.SLOW]
# One of each way a call can end; the others end like one of these.
LASTING = [
    FaultKind.TOO_MANY,
    FaultKind.TOO_MANY_TODAY,
    FaultKind.TIMEOUT_BEFORE,
    FaultKind.TIMEOUT_AFTER,
    FaultKind.REFUSED_BUT_CREATED,
    FaultKind.DEADLOCK,
    FaultKind.HTML,
]
CHOSEN = [*LASTING, *some([kind for kind in FAULTS if kind not in LASTING], one_in=3)]


@pytest.fixture(scope="module")
def _day(_synced: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Work]:
    world = _synced.copy_to(tmp_path_factory.mktemp("day") / "home")
    work = asyncio.run(busy_day(world))
    world.sandbox.recorder.clear()
    return world, work


@pytest.fixture
def day(_day: tuple[World, Work], tmp_path: Path) -> tuple[World, Work]:
    """A world with a day's work done by hand, and what must come of it."""
    world, work = _day
    return world.copy_to(tmp_path / "home"), work


def strike(kind: FaultKind, side: Side, operation: str, *, times: int = 1) -> Fault:
    return Fault(kind, match=f"^{operation} ", system=side.value, times=times, seconds=HOUR_S)


async def _run_under_fault(world: World) -> RunReport | VendorError:
    try:
        return await world.sync()
    except VendorError as error:
        return error


async def _heal(world: World, work: Work) -> None:
    # A stale index may hide which contact's notes were edited; in the field the daily
    # reading of all notes finds them.
    await world.settle(notes="all")
    assert_done(world, work)
    assert_converged(world)
    assert_linked(world)


async def test_busy_day_is_synced_in_one_run(day: tuple[World, Work]) -> None:
    world, work = day

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


@pytest.mark.parametrize("kind", CHOSEN)
async def test_fault_on_the_first_call_of_every_write_is_healed(
    day: tuple[World, Work], kind: FaultKind
) -> None:
    world, work = day
    world.fail(*(strike(kind, side, op) for side in Side for op in WRITES[side]))

    ended = await _run_under_fault(world)

    assert isinstance(ended, RunReport)
    assert world.hits >= 2
    await _heal(world, work)


@pytest.mark.parametrize("kind", FAULTS if IS_EXHAUSTIVE else LASTING)
async def test_fault_on_every_write_of_a_run_is_healed(
    day: tuple[World, Work], kind: FaultKind
) -> None:
    world, work = day
    world.fail(*(strike(kind, side, op, times=0) for side in Side for op in WRITES[side]))

    ended = await _run_under_fault(world)

    assert isinstance(ended, RunReport)
    assert ended.failures or kind.is_after_commit or kind is FaultKind.STALE_SEARCH
    await _heal(world, work)


@pytest.mark.parametrize(
    ("kind", "side"), [*((kind, HIGH) for kind in CHOSEN), *((kind, TIME) for kind in LASTING)]
)
async def test_fault_on_every_first_read_is_retried_or_ends_the_run_in_one_sentence(
    world: World, kind: FaultKind, side: Side
) -> None:
    one, two, *_ = world.emails()
    world.edit_contact(world.contact_id(one), source="a friend")
    world.add_note(world.contact_id(one), "met at the fair")
    world.time.edit_row("Contacts", world.row_id(two), {"Source": "a fair"})
    world.fail(*(strike(kind, side, op) for op in READS[side]))

    ended = await _run_under_fault(world)

    assert world.hits >= 1
    if isinstance(ended, HightonicError):
        assert ended.sentence
        assert world.writes() == 0, "a run that could not look wrote all the same"
    await world.settle(notes="all")
    assert_converged(world)
    assert_linked(world)


@pytest.mark.parametrize(
    ("kind", "side", "error", "state"),
    [
        (FaultKind.TOO_MANY, HIGH, "RateLimitedError", "failed"),
        (FaultKind.TOO_MANY_TODAY, HIGH, "QuotaExhaustedError", "failed"),
        (FaultKind.UNAUTHORISED, HIGH, "CredentialsError", "failed"),
        (FaultKind.BROKEN_BEFORE, HIGH, "UnknownOutcomeError", "unknown"),
        (FaultKind.TIMEOUT_BEFORE, HIGH, "UnknownOutcomeError", "unknown"),
        (FaultKind.CUT_BEFORE, HIGH, "UnknownOutcomeError", "unknown"),
        (FaultKind.COMMAND_TIMED_OUT, HIGH, "UnknownOutcomeError", "unknown"),
        (FaultKind.HTML, HIGH, "MalformedAnswerError", "unknown"),
        (FaultKind.REFUSED_BUT_CREATED, HIGH, "RejectedError", "failed"),
        (FaultKind.DEADLOCK, TIME, "DeadlockError", "failed"),
        (FaultKind.QUOTA, TIME, "QuotaExhaustedError", "failed"),
        (FaultKind.DEAD_SESSION, TIME, "CredentialsError", "failed"),
        (FaultKind.TIMEOUT_BEFORE, TIME, "UnknownOutcomeError", "unknown"),
        (FaultKind.HTML, TIME, "MalformedAnswerError", "unknown"),
    ],
)
async def test_failed_update_is_reported_as_what_it_is(
    world: World, kind: FaultKind, side: Side, error: str, state: str
) -> None:
    email = world.emails()[0]
    if side is HIGH:
        world.time.edit_row("Contacts", world.row_id(email), {"Source": "a friend"})
    else:
        world.edit_contact(world.contact_id(email), source="a friend")
    operation = "update-contact" if side is HIGH else "createOrUpdateTableRows"
    world.fail(strike(kind, side, operation, times=0))

    async with world.open() as connection:
        report = await connection.sync()
        (entry,) = connection.log(failed_only=True)

    assert (entry.error, entry.state.value) == (error, state)
    assert len(report.failures) == 1
    await world.settle()
    assert_converged(world)


async def test_reads_that_pass_are_not_reported(world: World) -> None:
    world.fail(strike(FaultKind.UNAVAILABLE_BEFORE, HIGH, "search-contacts-advanced"))

    report = await world.sync()

    assert report.failures == ()
    assert world.hits == 1


def _one_by_one() -> Iterator[tuple[FaultKind, Side, str, int]]:
    for side in Side:
        for operation in (*WRITES[side], *READS[side]):
            for kind in FAULTS:
                for nth in range(1, 7 if operation == "createOrUpdateTableRows" else 3):
                    yield kind, side, operation, nth


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "side", "operation", "nth"), list(_one_by_one()) if IS_EXHAUSTIVE else []
)
async def test_one_fault_at_one_call_is_healed(
    day: tuple[World, Work], kind: FaultKind, side: Side, operation: str, nth: int
) -> None:
    world, work = day
    fault = Fault(kind, match=f"^{operation} ", system=side.value, nth=nth, seconds=HOUR_S)
    world.fail(fault)

    await _run_under_fault(world)

    await _heal(world, work)
