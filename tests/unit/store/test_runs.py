from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.unit.store.samples import NOON, a_link, an_update, ended
from toolkit.errors import UseError
from toolkit.model.outcomes import OutcomeState
from toolkit.store import RunState, Store

ON_BOTH_DATABASES = True


def test_a_run_is_remembered_from_begin_to_end(memory):
    run_id = memory.begin_run("sync", plan_hash="p", config_digest="c", started_at=NOON)
    begun = memory.get_run(run_id)
    memory.finish_run(run_id, '{"calls": 3}', "done", ended_at=NOON + timedelta(minutes=1))

    ended_run = memory.get_run(run_id)

    assert run_id == "20261123-120000000-0000"
    assert (begun.state, begun.verdict, begun.report, begun.ended_at) == (
        RunState.RUNNING,
        "",
        None,
        None,
    )
    assert (ended_run.verb, ended_run.plan_hash, ended_run.config_digest) == ("sync", "p", "c")
    assert (ended_run.state, ended_run.verdict) == (RunState.FINISHED, "done")
    assert ended_run.report == '{"calls": 3}'
    assert ended_run.ended_at - ended_run.started_at == timedelta(minutes=1)


def test_times_come_from_the_clock_unless_given(memory):
    run_id = memory.begin_run("sync")
    memory.finish_run(run_id, "{}", "done")

    entry = memory.get_run(run_id)

    assert (entry.started_at, entry.ended_at) == (
        NOON + timedelta(seconds=1),
        NOON + timedelta(seconds=2),
    )


def test_a_run_that_never_ended_was_interrupted(store, memory):
    lost = memory.begin_run("sync")
    elsewhere = store.connection("other").begin_run("sync")

    memory.begin_run("sync")

    assert memory.get_run(lost).state is RunState.INTERRUPTED
    assert store.connection("other").get_run(elsewhere).state is RunState.RUNNING


@pytest.mark.parametrize("step_s", [0.0, 0.0005, 0.001, 3600.0, -3600.0])
def test_ids_sort_in_the_order_runs_began_whatever_the_clock_does(memory, step_s):
    begun = [
        memory.begin_run("sync", started_at=NOON + number * timedelta(seconds=step_s))
        for number in range(5)
    ]

    assert begun == sorted(begun)
    assert [entry.id for entry in memory.list_runs()] == begun[::-1]


def test_the_newest_runs_are_listed_first_and_only_so_many(memory):
    begun = [memory.begin_run("sync") for _ in range(25)]

    assert [entry.id for entry in memory.list_runs()] == begun[:4:-1]
    assert [entry.id for entry in memory.list_runs(limit=1)] == [begun[-1]]
    assert len(memory.list_runs(limit=None)) == 25


def test_a_run_is_found_by_the_beginning_of_its_id(memory):
    first = memory.begin_run("sync", started_at=NOON)
    memory.begin_run("sync", started_at=NOON + timedelta(days=1))

    assert memory.get_run("20261123").id == first
    with pytest.raises(UseError, match="There is no run 2025"):
        memory.get_run("2025")
    with pytest.raises(UseError, match="Several runs begin with 2026") as caught:
        memory.get_run("2026")
    assert first in caught.value.remedy
    with pytest.raises(UseError):
        memory.get_run("%")


def test_the_outbox_forgets_closed_writes_when_the_next_run_begins(store, memory):
    memory.record_intent("run1", [an_update(1), an_update(2)])
    memory.record_settled("run1", [ended(an_update(1), OutcomeState.DONE, link=a_link(1))])

    memory.begin_run("sync")

    assert [p.operation for p in memory.list_pending()] == [an_update(2)]
    with store.transactions.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM outbox")) == 1
    assert len(memory.list_journal()) == 1


def test_a_plan_is_found_by_its_hash(memory):
    memory.put_plan("abcdef", '{"plan": 1}')
    memory.put_plan("abcdef", '{"plan": 1}')
    memory.put_plan("abzzzz", '{"plan": 2}')

    assert memory.get_plan("abcdef") == memory.get_plan("abc") == '{"plan": 1}'
    for wanted in ("ab", "x"):
        with pytest.raises(UseError):
            memory.get_plan(wanted)


def test_the_newest_twenty_plans_are_kept(memory, store):
    other = store.connection("other")
    other.put_plan("a", "{}")
    for number in range(25):
        memory.put_plan(f"plan{number:02}", "{}")

    assert memory.get_plan("plan05") == "{}"
    with pytest.raises(UseError):
        memory.get_plan("plan04")
    assert other.get_plan("a") == "{}"


def test_real_clocks_and_tokens_are_the_default(tmp_path):
    with Store.open(tmp_path) as store:
        memory = store.connection("main")
        first, second = memory.begin_run("sync"), memory.begin_run("sync")

        assert first < second
        assert memory.get_run(first).started_at.tzinfo is not None
