import pytest

from toolkit.errors import DecisionNeededError, UseError
from toolkit.store import Switch

ON_BOTH_DATABASES = True


def test_a_connection_starts_in_rehearsal(memory):
    switch = memory.get_switch()

    assert switch == Switch()
    assert not switch.may_write("")
    assert not switch.may_write("d1")


def test_a_rehearsed_configuration_may_go_live_and_only_that_one(memory):
    rehearsed = memory.put_rehearsal("d1", "{}")

    switch = memory.set_live("d1", rehearsed.id)

    assert switch == memory.get_switch()
    assert memory.set_live("d1", rehearsed.id).may_write("d1")
    assert not memory.get_switch().may_write("d2")
    assert memory.get_switch().rehearsal_id == rehearsed.id


@pytest.mark.parametrize(("digest", "is_known"), [("d2", True), ("d1", False)])
def test_what_was_not_rehearsed_cannot_go_live(memory, digest, is_known):
    rehearsed = memory.put_rehearsal("d1", "{}")

    with pytest.raises(DecisionNeededError, match="not been rehearsed"):
        memory.set_live(digest, rehearsed.id if is_known else "none")

    assert memory.get_switch() == Switch()


def test_another_connections_rehearsal_does_not_count(store, memory):
    rehearsed = store.connection("other").put_rehearsal("d1", "{}")

    with pytest.raises(DecisionNeededError):
        memory.set_live("d1", rehearsed.id)


def test_a_pause_stops_writing_and_keeps_the_rest(memory):
    memory.set_live("d1", memory.put_rehearsal("d1", "{}").id)

    assert not memory.set_paused(is_paused=True).may_write("d1")
    assert memory.get_switch().is_live
    assert memory.set_paused(is_paused=False).may_write("d1")


def test_plan_only_forgets_what_was_granted(memory):
    memory.set_live("d1", memory.put_rehearsal("d1", "{}").id)
    memory.set_paused(is_paused=True)

    switch = memory.set_plan_only()

    assert (switch.is_live, switch.is_paused, switch.config_digest, switch.rehearsal_id) == (
        False,
        True,
        "",
        "",
    )
    assert switch.changed_at is not None


def test_rehearsals_are_listed_newest_first(memory):
    made = [memory.put_rehearsal(f"d{n % 2}", f'{{"n": {n}}}') for n in range(4)]

    assert memory.list_rehearsals() == made[::-1]
    assert memory.list_rehearsals(config_digest="d1") == [made[3], made[1]]
    assert memory.list_rehearsals(limit=1) == [made[3]]
    assert memory.get_rehearsal(made[2].id) == made[2]


def test_a_rehearsal_is_found_by_the_beginning_of_its_id(memory):
    only = memory.put_rehearsal("d1", "{}")

    assert memory.get_rehearsal(only.id[:4]) == only
    with pytest.raises(UseError):
        memory.get_rehearsal("nothing")
