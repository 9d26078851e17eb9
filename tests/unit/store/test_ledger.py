import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from sqlalchemy import text

from tests.unit.store.samples import (
    NOON,
    a_conflict,
    a_create,
    a_delete,
    a_link,
    a_record,
    an_update,
    created,
    ended,
)
from toolkit.errors import StateError
from toolkit.executor.port import LedgerPort, Settled
from toolkit.executor.settle import half_link
from toolkit.model.ids import Digest, Kind, LinkId, Side
from toolkit.model.links import LinkState
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Join, Rebase, Unlink
from toolkit.store import LOST, Lease, Store

ON_BOTH_DATABASES = True

DONE, SKIPPED, FAILED, UNKNOWN = (
    OutcomeState.DONE,
    OutcomeState.SKIPPED,
    OutcomeState.FAILED,
    OutcomeState.UNKNOWN,
)


def outbox(store, *columns):
    names = ", ".join(columns or ("run_id", "verb", "state"))
    with store.transactions.reading() as connection:
        rows = connection.execute(text(f"SELECT {names} FROM outbox ORDER BY op_id"))  # noqa: S608
        return [tuple(row) for row in rows]


def test_the_store_is_what_the_executor_writes_through(memory):
    ledger: LedgerPort = memory

    assert ledger.list_pending() == []


def test_an_intent_is_stored_with_a_half_link_before_the_call(memory):
    create, update = a_create(1), an_update(2)

    memory.record_intent("run1", [create, update])

    assert [(p.run_id, p.operation, p.tries) for p in memory.list_pending()] == [
        ("run1", create, 1),
        ("run1", update, 1),
    ]
    assert memory.list_pending()[0].sent_at > NOON
    assert memory.links() == [half_link(create)]
    assert memory.list_journal() == []


def test_a_create_settled_makes_the_pair_live(memory):
    create = a_create(1)
    memory.record_intent("run1", [create])

    memory.record_settled("run1", [created(create, new_id="t1")])

    link = memory.get_link(create.link_id)
    assert (link.state, link.highlevel_id, link.timetonic_id) == (LinkState.LIVE, "h1", "t1")
    assert memory.list_pending() == []
    assert memory.get_observed(Side.TIMETONIC, Kind.CONTACT, "t1").values == create.values
    (entry,) = memory.list_journal()
    assert (entry.run_id, entry.verb, entry.state, entry.side, entry.record_id) == (
        "run1",
        "create",
        DONE,
        Side.TIMETONIC,
        "t1",
    )


@pytest.mark.parametrize(
    ("state", "in_outbox", "is_pending"),
    [
        (DONE, "done", False),
        (FAILED, "failed", False),
        (SKIPPED, "superseded", False),
        (UNKNOWN, "unknown", True),
    ],
)
def test_only_a_sure_outcome_closes_a_write(store, memory, state, in_outbox, is_pending):
    update = an_update(1)
    memory.put_links([a_link(1)])
    memory.record_intent("run1", [update])

    memory.record_settled("run1", [ended(update, state, link=a_link(1), error="SomeError")])

    assert outbox(store, "state", "error") == [(in_outbox, "SomeError")]
    assert [p.operation for p in memory.list_pending()] == [update] * is_pending


def test_an_unknown_create_keeps_its_half_link(memory):
    create = a_create(1)
    memory.record_intent("run1", [create])

    memory.record_settled("run1", [ended(create, UNKNOWN, link=half_link(create))])

    assert memory.get_link(create.link_id).state is LinkState.HALF
    assert [p.operation for p in memory.list_pending()] == [create]


def test_an_outcome_without_a_link_removes_the_stored_one(memory):
    create = a_create(1)
    memory.put_links([a_link(2)])
    memory.record_intent("run1", [create])

    memory.record_settled("run1", [ended(create, FAILED, link=None, is_retryable=True)])

    assert [link.id for link in memory.links()] == ["link2"]
    assert memory.list_journal()[0].outcome == Outcome(create, FAILED, is_retryable=True)


def test_a_write_sent_again_counts_its_tries(store, memory):
    create = a_create(1)
    memory.record_intent("run1", [create])
    memory.record_intent("run1", [create])
    memory.record_settled("run1", [ended(create, UNKNOWN, link=half_link(create))])

    memory.record_intent("run2", [create])

    assert [(p.run_id, p.tries) for p in memory.list_pending()] == [("run2", 3)]
    assert outbox(store, "state", "tries") == [
        ("superseded", 1),
        ("superseded", 2),
        ("sent", 3),
    ]


def test_a_newer_write_supersedes_an_open_one_of_the_same_side_only(store, memory):
    here, across = an_update(1), an_update(1, side=Side.TIMETONIC, id="t1")
    memory.record_intent("run1", [here, across])

    memory.record_intent("run2", [replace(here, after={"name": "Newer"})])

    assert [(p.run_id, p.operation.side) for p in memory.list_pending()] == [
        ("run1", Side.TIMETONIC),
        ("run2", Side.HIGHLEVEL),
    ]


def test_a_later_run_settles_what_an_earlier_one_left(memory):
    create = a_create(1)
    memory.record_intent("run1", [create])

    memory.record_settled("run2", [created(create, new_id="t1")])

    assert memory.list_pending() == []


def test_local_operations_need_no_intent(store, memory):
    join = Join(LinkId("link1"), Kind.CONTACT, "h1", "t1", "key1", {"name": "A"}, by="email")
    rebase = Rebase(LinkId("link2"), Kind.CONTACT, {"name": "B"})
    unlink = Unlink(LinkId("link3"), Kind.CONTACT, (Side.HIGHLEVEL,), {"name": "C"})
    memory.put_links([a_link(2), a_link(3)])

    memory.record_settled(
        "run1",
        [
            ended(join, DONE, link=a_link(1, base={"name": "A"})),
            ended(rebase, DONE, link=a_link(2, base={"name": "B"})),
            ended(unlink, DONE, link=a_link(3, state=LinkState.UNLINKED)),
        ],
    )

    assert outbox(store) == []
    entries = memory.list_journal(newest_first=False)
    assert [(e.verb, e.side, e.before, e.after) for e in entries] == [
        ("join", None, {}, {"name": "A"}),
        ("rebase", None, {}, {"name": "B"}),
        ("unlink", None, {"name": "C"}, {}),
    ]
    assert [e.operation for e in entries] == [join, rebase, unlink]
    assert [link.state for link in memory.links()] == ["live", "live", "unlinked"]


def test_a_deleted_record_is_no_longer_remembered(memory):
    record = a_record(side=Side.TIMETONIC, id="t1")
    kept = a_record(side=Side.TIMETONIC, id="t2")
    memory.upsert_observed(Side.TIMETONIC, Kind.CONTACT, [record, kept])
    outcome = Outcome(a_delete(1), DONE, id="t1")
    link = a_link(1, state=LinkState.UNLINKED)

    memory.record_settled("r", [Settled(outcome, link, forgotten=(Side.TIMETONIC, "t1"))])

    assert memory.list_observed(Side.TIMETONIC, Kind.CONTACT) == [kept]
    assert memory.list_journal()[0].before == {"name": "Old"}


def test_nothing_to_store_stores_nothing(store, memory):
    memory.record_intent("run1", [])
    memory.record_settled("run1", [])

    assert outbox(store) == []
    assert memory.list_journal() == []


def test_a_step_that_cannot_be_stored_whole_is_not_stored_at_all(memory):
    memory.put_links([a_link(1)])
    rival = a_create(2, origin_id="h1")

    with pytest.raises(StateError, match="claim the same record"):
        memory.record_intent("run1", [a_create(3), rival])

    assert memory.list_pending() == []
    assert [link.id for link in memory.links()] == ["link1"]


@pytest.mark.parametrize("generation", [0, 2])
def test_a_recreated_twin_is_half_again_and_keeps_its_refusals(memory, generation):
    memory.put_links([a_link(1, fails=2, reason="says no", state=LinkState.UNLINKED)])
    create = a_create(1, generation=generation, correlation="newer")

    memory.record_intent("run1", [create])

    link = memory.get_link(create.link_id)
    assert (link.state, link.highlevel_id, link.timetonic_id) == (LinkState.HALF, "h1", None)
    assert (link.generation, link.correlation, link.fails) == (generation, "newer", 2)


def test_a_create_answered_with_a_paired_record_parks_the_newcomer(memory):
    memory.put_links([a_link(1)])
    create, fine = a_create(2), a_create(3)
    memory.record_intent("run1", [create, fine])

    memory.record_settled("run1", [created(create, new_id="t1"), created(fine, new_id="t3")])

    parked = memory.get_link(create.link_id)
    assert (parked.state, parked.highlevel_id, parked.timetonic_id) == ("parked", "h2", None)
    assert parked.reason == "Its TimeTonic record already belongs to another pair"
    assert memory.get_link(LinkId("link1")) == a_link(1)
    assert memory.get_link(fine.link_id).state is LinkState.LIVE
    assert memory.list_pending() == []


def test_two_creates_answered_with_one_record_leave_one_pair_live(memory):
    first, second = a_create(1), a_create(2)

    memory.record_settled("run1", [created(first, new_id="t9"), created(second, new_id="t9")])

    assert [link.state for link in memory.links()] == [LinkState.LIVE, LinkState.PARKED]


def test_of_two_endings_of_one_link_the_last_stands(memory):
    one = ended(an_update(1), DONE, link=a_link(1, base={"name": "first"}))
    two = ended(an_update(1), DONE, link=a_link(1, base={"name": "second"}))

    memory.record_settled("run1", [one, two])

    assert memory.get_link(LinkId("link1")).base == {"name": "second"}
    assert len(memory.list_journal()) == 2


def test_the_journal_says_what_the_server_shows_after_an_update(memory):
    update = an_update(1, before={"phone": None}, after={"phone": "0170 1"})
    seen = a_record(values={"phone": "+491701", "name": "Person"})
    outcome = Outcome(update, DONE, id="h1", altered=("phone",), reference="ab12")

    memory.record_settled("run1", [Settled(outcome, a_link(1), observed=seen)])

    (entry,) = memory.list_journal()
    assert (entry.before, entry.after) == ({"phone": None}, {"phone": "+491701"})
    assert entry.outcome == outcome
    assert entry.conflict is None
    assert memory.get_observed(Side.HIGHLEVEL, Kind.CONTACT, "h1") == seen


def test_the_losing_value_goes_to_the_journal_once_before_it_is_replaced(memory):
    lost = a_conflict(base=None, highlevel=("a",), timetonic="")

    for run in ("run1", "run2"):
        memory.record_intent(run, [an_update(1)], [lost])

    (entry,) = memory.list_journal()
    assert (entry.verb, entry.conflict) == (LOST, lost)
    assert entry.before == {"base": None, "highlevel": ("a",), "timetonic": ""}
    assert entry.operation is None
    assert entry.outcome is None


@pytest.mark.parametrize(
    ("filters", "links"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"newest_first": False}, [1, 2, 3, 4, 5]),
        ({"limit": 2}, [5, 4]),
        ({"limit": 2, "newest_first": False}, [1, 2]),
        ({"run": "run1"}, [2, 1]),
        ({"states": [FAILED, UNKNOWN]}, [4, 2]),
        ({"link_id": "link3"}, [3]),
        ({"run": "run2", "states": [DONE]}, [5, 3]),
        ({"states": []}, []),
    ],
)
def test_the_journal_is_read_by_run_state_and_link(memory, filters, links):
    states = [DONE, FAILED, DONE, UNKNOWN, DONE]
    for number, state in enumerate(states, start=1):
        run = "run1" if number < 3 else "run2"
        memory.record_settled(run, [ended(an_update(number), state, link=a_link(number))])

    found = memory.list_journal(**filters)

    assert [entry.link_id for entry in found] == [f"link{number}" for number in links]
    assert all(entry.at > NOON for entry in found)


@pytest.mark.slow
def test_ten_thousand_writes_are_one_transaction_each_way(memory):
    creates = [a_create(number) for number in range(10_000)]

    memory.record_intent("run1", creates)
    memory.record_settled(
        "run1", [created(each, new_id=f"t{each.origin_id}") for each in creates]
    )

    assert memory.list_pending() == []
    assert len(memory.links(states=[LinkState.LIVE])) == 10_000
    assert memory.observed_count(Side.TIMETONIC, Kind.CONTACT) == 10_000


def test_many_threads_write_one_after_the_other(memory):
    from concurrent.futures import ThreadPoolExecutor

    def cycle(number):
        create = a_create(number)
        memory.record_intent("run1", [create])
        memory.record_settled("run1", [created(create, new_id=f"t{number}")])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(cycle, range(80)))

    assert len(memory.links(states=[LinkState.LIVE])) == 80
    assert memory.list_pending() == []


KILLED_BETWEEN = """
import sys
from tests.unit.store.samples import a_create, a_link, created
from toolkit.store import Lease, Store
lease = Lease(sys.argv[1], purpose="sync")
memory = Store.open(sys.argv[1]).connection("main")
memory.record_intent("run1", [a_create(1), a_create(2)])
memory.record_settled("run1", [created(a_create(2), new_id="t2")])
print("sent", flush=True)
sys.stdin.read()
"""

KILLED_INSIDE = """
import sys
from tests.unit.store.samples import a_create, created
from toolkit.store import Lease, Store, ledger
lease = Lease(sys.argv[1], purpose="sync")
memory = Store.open(sys.argv[1]).connection("main")
memory.record_intent("run1", [a_create(1), a_create(2)])
memory.record_settled("run1", [created(a_create(2), new_id="t2")])

def wait(*_):
    print("sent", flush=True)
    sys.stdin.read()

# Links are written, the journal is not, nothing is committed.
ledger.journal_row = wait
memory.record_settled("run1", [created(a_create(1), new_id="t1")])
"""


@pytest.mark.parametrize("script", [KILLED_BETWEEN, KILLED_INSIDE], ids=["call", "settling"])
def test_a_process_killed_before_the_answer_is_stored_leaves_a_sent_write(tmp_path, script):
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"sent\n"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()

    with Lease(tmp_path), Store.open(tmp_path) as store:
        memory = store.connection("main")
        assert [p.operation for p in memory.list_pending()] == [a_create(1)]
        assert [link.state for link in memory.links()] == [LinkState.HALF, LinkState.LIVE]
        assert [entry.link_id for entry in memory.list_journal()] == ["link2"]


def test_an_operation_comes_back_as_it_was_sent(memory):
    update = an_update(
        1,
        before={"tags": ("a",), "blank": None, "yes": True, "number": 1, "ratio": 1.5},
        after={"tags": (), "blank": "", "yes": False, "number": 2, "ratio": 2.0},
        expected=Digest("0" * 32),
        parent_id="c1",
    )

    memory.record_intent("run1", [update])

    back = memory.list_pending()[0].operation
    assert back == update
    assert [type(value) for value in back.after.values()] == [tuple, str, bool, int, float]
