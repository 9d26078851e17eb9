from datetime import date

import pytest

from tests.unit.store.samples import a_create, a_link, an_update, created, ended
from toolkit.model.ids import Kind
from toolkit.model.links import LinkState
from toolkit.model.outcomes import OutcomeState

ON_BOTH_DATABASES = True

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
_A_TASK = a_create(2, kind=Kind.TASK)


def _updated(state):
    return ended(an_update(1), state, link=a_link(1))


def test_a_day_is_kept_in_place_of_what_was_known_of_it(memory, store):
    memory.put_metrics([(TUESDAY, {"contacts": 1}), (MONDAY, {"contacts": 2})])
    memory.put_metrics([(TUESDAY, {"contacts": 3})])
    memory.put_metrics([])

    assert memory.list_metrics() == [{"contacts": 2}, {"contacts": 3}]
    assert memory.list_metrics(limit=1) == [{"contacts": 3}]
    assert memory.list_metrics(since=TUESDAY) == [{"contacts": 3}]
    assert store.connection("second").list_metrics() == []


def test_old_days_are_forgotten(memory, store):
    memory.put_metrics([(MONDAY, {}), (TUESDAY, {})])
    store.connection("second").put_metrics([(MONDAY, {})])

    assert memory.prune_metrics(TUESDAY) == 1
    assert len(memory.list_metrics()) == 1
    assert len(store.connection("second").list_metrics()) == 1


@pytest.mark.parametrize("state", list(LinkState))
def test_only_live_pairs_are_counted(memory, state):
    memory.put_links([a_link(1, state=state, base={"tags": ("a",)})])

    found = [(Kind.CONTACT, {"tags": ["a"]})] if state is LinkState.LIVE else []
    assert list(memory.list_live()) == found


def test_steps_are_what_was_done_to_contacts_since_a_line(memory):
    assert memory.journal_end() == 0
    run = memory.begin_run("sync")
    memory.record_settled(run, [created(a_create(1), new_id="t1")])
    seen = memory.journal_end()
    memory.record_settled(run, [_updated(OutcomeState.DONE), created(_A_TASK, new_id="t2")])
    memory.record_settled(run, [_updated(OutcomeState.FAILED)])
    memory.record_settled(run, [created(a_create(3, generation=1), new_id="t3")])
    end = memory.journal_end()

    steps = memory.list_steps(seen, until=end)

    assert [(each.verb, each.link_id, each.is_again) for each in steps] == [
        ("update", "link1", False),
        ("create", "link3", True),
    ]
    assert (steps[0].before, steps[0].after) == ({"name": "Old"}, {"name": "New"})
    assert steps[0].run_id == run
    assert memory.list_steps(end, until=end) == []
    assert len(memory.list_steps(0, until=seen)) == 1
