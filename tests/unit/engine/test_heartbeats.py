"""Signs of life through the real store."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.engine.bench import JumpingClock
from toolkit.engine.heartbeats import StoreHeartbeats
from toolkit.store import Store


@pytest.fixture
def shared() -> JumpingClock:
    """The clock that all who share the store agree on."""
    return JumpingClock()


@pytest.fixture
def store(tmp_path: Path, shared: JumpingClock) -> Iterator[Store]:
    with Store.open(tmp_path, clock=shared.now) as opened:
        yield opened


@pytest.mark.parametrize(
    ("silent_s", "is_alive"),
    [pytest.param(25, True, id="late"), pytest.param(26, False, id="dead")],
)
@pytest.mark.parametrize("ahead_s", [0, 3600, -3600])
def test_a_clock_that_is_off_changes_nothing(
    store: Store, shared: JumpingClock, silent_s: int, is_alive: bool, ahead_s: int
) -> None:
    def off():
        return shared.now() + timedelta(seconds=ahead_s)

    store.workers.beat("b", "worker")
    shared.at += timedelta(seconds=silent_s)
    hearts = StoreHeartbeats(store.workers, off)

    hearts.beat("a", role="all", at=off())
    alive = hearts.list_alive(since=off() - timedelta(seconds=25))

    assert alive == ({"a", "b"} if is_alive else {"a"})


def test_who_was_silent_for_a_day_is_struck_out_by_the_next_to_start(
    store: Store, shared: JumpingClock
) -> None:
    store.workers.beat("long gone", "worker")
    shared.at += timedelta(hours=23)
    store.workers.beat("gone", "worker")
    shared.at += timedelta(hours=2)

    StoreHeartbeats(store.workers, shared.now).beat("a", role="all", at=shared.now())

    assert {each.executor_id for each in store.workers.list_workers()} == {"a", "gone"}
