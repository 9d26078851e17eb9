"""What fired is remembered once, with its effects, and with how far was read for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.store.samples import NOON, VALUES, a_create
from toolkit.executor.port import Settled
from toolkit.model.automation import (
    ArchiveContact,
    EditTags,
    Firing,
    Happening,
    NewRecord,
    Send,
    SetFields,
    Trigger,
)
from toolkit.model.ids import Kind, LinkId, RunId, Side
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.store.firings import FiringEntry, FiringState

ON_BOTH_DATABASES = True

WAITING, HELD, DONE = FiringState.WAITING, FiringState.HELD, FiringState.DONE
EFFECTS = (
    SetFields(LinkId("c1"), Kind.CONTACT, VALUES),
    EditTags(LinkId("c1"), add=("vip",), remove=("cold",)),
    NewRecord(Kind.TASK, LinkId("c1"), {"title": "Call"}, number=2),
    ArchiveContact(LinkId("c1"), "stale"),
    Send("url", "crm", {"who": {"name": "Zoë"}, "tags": ["a"]}, LinkId("c1")),
)


def a_firing(rule="welcome", key="created/c1", *, minute=0, **changes) -> Firing:
    happening = Happening(
        key=key,
        trigger=Trigger.CONTACT_UPDATED,
        at=NOON + timedelta(minutes=minute),
        contact=LinkId("c1"),
        side=Side.TIMETONIC,
        fields=("stage",),
        tags=("vip",),
        chain=("older",),
        facts={"count": 3, "what": "x", "ratio": 0.5, "is_late": True, "none": None},
    )
    return Firing(rule, replace(happening, **changes))


def waiting(memory) -> list[tuple[str, str]]:
    return [each.key for each in memory.take_waiting(NOON)]


def test_a_firing_comes_back_as_it_was_put(memory):
    memory.put_firings([a_firing()])

    (entry,) = memory.take_waiting(NOON)

    assert entry == FiringEntry(a_firing(), at=NOON)


def test_a_happening_fires_a_rule_once(memory):
    memory.put_firings([a_firing(), a_firing("other"), a_firing(key="u2")])
    memory.put_firings([a_firing(), a_firing(key="u3")])
    memory.put_firings([])

    assert len(waiting(memory)) == 4


def test_what_ended_does_not_fire_again(memory):
    memory.put_firings([a_firing()])
    (entry,) = memory.take_waiting(NOON)
    memory.put_entries([replace(entry, state=DONE, ended_at=NOON)])

    memory.put_firings([a_firing()])

    assert waiting(memory) == []


def test_readers_move_with_what_they_read_and_never_back(memory):
    assert memory.get_readers() == {}

    memory.put_firings(
        [a_firing()], readers={"journal": 7, "feed": 3}, memos={"born": {"a": 1}}
    )
    memory.put_firings([], readers={"journal": 5})

    assert memory.get_readers() == {"journal": 7, "feed": 3}
    assert memory.get_memo("born") == {"a": 1}
    assert memory.get_turns() == {}


def test_effects_stand_once_they_are_decided(memory):
    memory.put_firings([a_firing()])
    (entry,) = memory.take_waiting(NOON)
    decided = replace(entry, is_decided=True, firing=replace(entry.firing, effects=EFFECTS))

    memory.put_entries([decided], turns={"welcome": 2})

    assert memory.take_waiting(NOON) == [decided]
    assert memory.get_turns() == {"welcome": 2}


def test_an_ended_firing_keeps_no_message_body(memory):
    memory.put_firings([a_firing()])
    (entry,) = memory.take_waiting(NOON)
    ended = replace(entry, state=DONE, firing=replace(entry.firing, effects=EFFECTS))

    memory.put_entries([ended])

    (kept,) = memory.list_firings()
    assert kept.firing.effects[:4] == EFFECTS[:4]
    assert kept.firing.effects[4] == replace(EFFECTS[4], body={})


def test_the_oldest_that_is_due_comes_first(memory):
    memory.put_firings([a_firing(key="b", minute=1), a_firing(key="a", minute=2), a_firing()])
    rested = {entry.key: entry for entry in memory.take_waiting(NOON)}
    later = replace(rested["welcome", "b"], not_before=NOON + timedelta(seconds=1))
    memory.put_entries([later])

    assert waiting(memory) == [("welcome", "created/c1"), ("welcome", "a")]
    assert memory.take_waiting(NOON, without={"welcome"}) == []
    due = memory.take_waiting(NOON + timedelta(seconds=1), limit=2)
    assert [each.firing.happening.key for each in due] == ["created/c1", "b"]


def test_an_approval_releases_what_it_names_once(memory):
    memory.put_firings([a_firing(key=str(n)) for n in range(3)])
    first, second, third = memory.take_waiting(NOON)
    memory.put_entries(
        [
            replace(first, state=HELD, reason="abc"),
            replace(second, state=HELD, reason="abc"),
            replace(third, state=HELD, reason="other"),
        ]
    )

    assert memory.release_firings("nothing") == 0
    assert len(memory.list_firings(approval="abc")) == 2
    assert memory.release_firings("abc") == 2
    assert memory.release_firings("abc") == 0
    assert {each.is_approved for each in memory.take_waiting(NOON)} == {True}
    assert len(memory.list_firings(states=[HELD])) == 1


def test_a_failed_firing_waits_again_when_a_person_says_so(memory):
    memory.put_firings([a_firing(), a_firing("other"), a_firing("calm")])
    one, two, _calm = sorted(memory.take_waiting(NOON), key=lambda each: each.key)[::-1]
    memory.put_entries(
        [
            replace(one, state=FiringState.FAILED, tries=5, ended_at=NOON),
            replace(two, tries=1, not_before=NOON + timedelta(hours=1)),
        ]
    )

    assert memory.retry_firings("welcome") == 1
    assert memory.retry_firings() == 1
    assert memory.retry_firings() == 0
    assert [each.tries for each in memory.take_waiting(NOON)] == [0, 0, 0]


def test_firings_are_found_by_rule_state_and_contact(memory, store):
    memory.put_firings([a_firing(), a_firing("other", minute=1, contact=LinkId("c2"))])
    store.connection("another").put_firings([a_firing("third")])

    def rules(**wanted):
        return [each.firing.rule for each in memory.list_firings(**wanted)]

    assert rules() == ["other", "welcome"]
    assert rules(rule="welcome") == ["welcome"]
    assert rules(contact=LinkId("c2")) == ["other"]
    assert rules(states=[DONE]) == []
    assert rules(limit=1) == ["other"]
    assert memory.count_firings() == {("welcome", WAITING): 1, ("other", WAITING): 1}
    assert memory.find_firing("welcome", "created/c1").firing == a_firing()
    assert memory.find_firing("welcome", "never") is None


@pytest.mark.parametrize(
    ("trigger", "state", "is_forgotten"),
    [
        (Trigger.CONTACT_UPDATED, DONE, True),
        (Trigger.SCHEDULE, FiringState.SKIPPED, True),
        (Trigger.CONTACT_UPDATED, WAITING, False),
        (Trigger.CONTACT_UPDATED, HELD, False),
        (Trigger.CONTACT_CREATED, DONE, False),
        (Trigger.TASK_OVERDUE, DONE, False),
    ],
)
def test_old_firings_are_forgotten_unless_they_could_fire_again(
    memory, trigger, state, is_forgotten
):
    memory.put_firings([a_firing(trigger=trigger)])
    (entry,) = memory.take_waiting(NOON)
    memory.put_entries([replace(entry, state=state, ended_at=NOON)])

    assert memory.prune_firings(NOON) == 0
    assert memory.prune_firings(NOON + timedelta(seconds=1)) == is_forgotten
    assert bool(memory.list_firings()) is not is_forgotten


def test_the_journal_is_read_on_from_a_line_and_tells_whose_it_is(memory):
    runs = [memory.begin_run(verb) for verb in ("sync", "undo")]
    for number, run_id in enumerate(runs):
        create = a_create(number)
        memory.record_settled(
            run_id, [Settled(Outcome(create, OutcomeState.SKIPPED, reason="x"), None)]
        )

    first, second = memory.list_journal(newest_first=False)

    assert memory.list_journal(after=first.seq) == [second]
    assert memory.newest_line() == second.seq
    assert memory.newest_line(before=runs[1]) == first.seq
    assert memory.newest_line(before=runs[0]) == 0
    assert memory.verbs_of([*runs, RunId("none")]) == {runs[0]: "sync", runs[1]: "undo"}
