from datetime import timedelta

import pytest

from tests.unit.store.samples import NOON
from toolkit.errors import StateBusyError

ON_BOTH_DATABASES = True


def at(seconds: float):
    return NOON + timedelta(seconds=seconds)


def test_a_worker_is_dead_when_it_was_not_heard_of_for_too_long(store):
    store.workers.beat("a", "all", now=at(0))
    store.workers.beat("b", "worker", now=at(5))
    store.workers.beat("c", "web", now=at(-5))

    assert [each.executor_id for each in store.workers.dead(30, now=at(30))] == ["c"]
    assert [each.executor_id for each in store.workers.dead(30, now=at(31))] == ["c", "a"]


def test_a_beat_keeps_the_beginning_and_moves_the_rest(store):
    store.workers.beat("a", "web", now=at(0))
    store.workers.beat("a", "all", now=at(9))

    (found,) = store.workers.list_workers()

    assert (found.role, found.started_at, found.beat_at) == ("all", at(0), at(9))


def test_a_dead_worker_stays_listed_until_it_is_forgotten(store):
    store.workers.beat("a", "all", now=at(0))
    (dead,) = store.workers.dead(10, now=at(60))
    store.workers.beat("a", "all", now=at(60))

    assert not store.workers.forget("a", beat_at=dead.beat_at), "it came back to life"
    assert store.workers.forget("a")
    assert not store.workers.forget("a")
    assert store.workers.list_workers() == []


def test_where_no_time_is_given_the_shared_clock_counts(store):
    store.workers.beat("a", "all")

    assert store.workers.dead(60) == []
    assert [each.executor_id for each in store.workers.dead(-60)] == ["a"]


def test_a_lease_is_held_by_one_owner_at_a_time(memory):
    memory.acquire_lease("a", ttl_s=60, purpose="sync", now=at(0))

    with pytest.raises(StateBusyError, match=r"\(a, sync\)"):
        memory.acquire_lease("b", ttl_s=60, now=at(59))
    taken = memory.acquire_lease("b", ttl_s=60, now=at(60))

    assert (taken.owner, taken.fence, taken.expires_at) == ("b", 2, at(120))


def test_a_lease_is_of_one_connection_and_name(store, memory):
    memory.acquire_lease("a", ttl_s=60, now=at(0))

    memory.acquire_lease("b", ttl_s=60, name="reap", now=at(0))
    store.connection("other").acquire_lease("b", ttl_s=60, now=at(0))

    with pytest.raises(StateBusyError, match=r"\(a\)"):
        memory.acquire_lease("b", ttl_s=60, now=at(0))


def test_an_owner_may_take_its_own_lease_again(memory):
    memory.acquire_lease("a", ttl_s=60, now=at(0))

    again = memory.acquire_lease("a", ttl_s=60, now=at(30))

    assert (again.fence, again.expires_at) == (2, at(90))


def test_only_a_lease_that_is_held_is_renewed(memory):
    memory.acquire_lease("a", ttl_s=60, now=at(0))

    assert memory.renew_lease("a", ttl_s=60, now=at(59))
    assert not memory.renew_lease("b", ttl_s=60, now=at(59))
    assert memory.get_lease(now=at(118)) is not None
    assert not memory.renew_lease("a", ttl_s=60, now=at(119)), "it had expired"
    assert memory.get_lease(now=at(119)) is None


def test_a_released_lease_is_free_at_once_and_its_fence_goes_on(memory):
    memory.acquire_lease("a", ttl_s=60, now=at(0))

    memory.release_lease("b", now=at(1))
    assert memory.get_lease(now=at(1)) is not None
    memory.release_lease("a", now=at(1))
    memory.release_lease("a", now=at(1))

    assert memory.get_lease(now=at(1)) is None
    assert memory.acquire_lease("b", ttl_s=60, now=at(1)).fence == 2


def test_leases_without_a_given_time_follow_the_shared_clock(memory):
    assert memory.get_lease() is None

    memory.acquire_lease("a", ttl_s=3600)

    with pytest.raises(StateBusyError):
        memory.acquire_lease("b", ttl_s=3600)
    assert memory.renew_lease("a", ttl_s=3600)
    memory.release_lease("a")
    memory.acquire_lease("b", ttl_s=3600)
