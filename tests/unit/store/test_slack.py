"""What the Slack front end remembers."""

from dataclasses import replace
from datetime import timedelta
from time import perf_counter

import pytest
from pydantic import TypeAdapter
from sqlalchemy import update

from toolkit.model.chat_alerts import AlertState, Board, Incident, Storm
from toolkit.model.chat_approvals import Approval, ApprovalState
from toolkit.model.chat_audit import AuditLine
from toolkit.model.chat_messages import LATER, URGENT, Outgoing
from toolkit.model.chat_people import Person, Risk, Role
from toolkit.model.events import Severity
from toolkit.store.schema_slack import slack_audit, slack_channel, slack_message
from toolkit.store.slack import StoredBoard

ON_BOTH_DATABASES = True


@pytest.fixture
def slack(store):
    return store.slack


@pytest.fixture
def now(store):
    return store.surroundings.clock()


def a_message(slot="m1", channel="C1", text="hello", **options):
    return Outgoing(slot, "T1", channel, {"text": text}, **options)


def slots(flights):
    return [each.slot for each in flights]


def test_people_and_settings_are_kept_and_forgotten_with_their_team(slack):
    ada = Person("T1", "U1", Role.EDITOR, "own_1", language="fr")
    slack.people.put_person(ada)
    slack.people.put_person(replace(ada, role=Role.ADMIN))
    slack.people.put_setting("T1", "C1", "ceiling", value="viewer")
    slack.people.put_setting("T1", "C2", "ceiling", value={"a": [1]})
    slack.people.put_setting("T1", "C2", "gone", value=1)
    slack.people.put_setting("T1", "C2", "gone", value=None)

    assert slack.people.find_person("T1", "U1") == replace(ada, role=Role.ADMIN)
    assert slack.people.list_people("T1") == [replace(ada, role=Role.ADMIN)]
    assert slack.people.find_person("T2", "U1") is None
    assert slack.people.get_setting("T1", "C1", "ceiling") == "viewer"
    assert slack.people.get_setting("T1", "C2", "gone") is None
    assert slack.people.list_settings("T1", "ceiling") == {"C1": "viewer", "C2": {"a": [1]}}
    assert slack.people.teams() == ["T1"]
    slack.people.forget_team("T1")
    assert slack.people.teams() == []


def test_a_delivery_is_taken_on_once(slack, now):
    assert slack.people.take_on("T1:e1")
    assert not slack.people.take_on("T1:e1")
    assert slack.people.prune_seen(now + timedelta(days=1)) == 1
    assert slack.people.take_on("T1:e1")


def an_approval(now):
    return Approval(
        "p1", "T1", "main", "h", "contact delete", "delete", "U1", (Risk.DELETE,), now, now
    )


def test_two_who_decide_at_once_cannot_both_win(slack, now):
    asked = an_approval(now)
    approved = replace(asked, state=ApprovalState.APPROVED)
    refused = replace(asked, state=ApprovalState.REFUSED)

    assert slack.people.put_approval(asked)
    assert not slack.people.put_approval(asked)
    assert slack.people.waiting_approvals("T1") == [asked]
    assert slack.people.put_approval(approved, instead_of=asked)
    assert not slack.people.put_approval(refused, instead_of=asked)
    assert slack.people.find_approval("p1") == approved
    assert slack.people.find_approval("p2") is None


def a_line(at, team="T1", subject="s"):
    return AuditLine(
        team, at, subject, "slash", "contact find", "allowed", "role", reference="a_1"
    )


def test_the_audit_is_a_chain_for_each_team(slack, store, now):
    lines = [slack.audit.append(a_line(now, team)) for team in ("T1", "T2", "T1", "T1")]

    assert lines[2].previous == lines[0].hash
    assert lines[1].previous == ""
    assert slack.audit.find_break("T1") is None
    assert slack.audit.list_lines("T1", limit=1) == [lines[3]]
    assert slack.audit.list_lines("T1", subject="other") == []
    assert len(slack.audit.list_lines("T1", reference="a_1")) == 3
    with store.transactions.writing() as connection:
        row = slack_audit.c.seq == lines[2].seq
        changed = body_of(lines[2], outcome="changed")
        connection.execute(update(slack_audit).where(row).values(body=changed))
    assert slack.audit.find_break("T1") == lines[2].seq


def body_of(line, **changes):
    return TypeAdapter(AuditLine).dump_json(replace(line, **changes)).decode()


def test_forgetting_a_person_keeps_the_chain(slack, now):
    subject = slack.audit.subject_of("T1", "U1")
    slack.audit.append(a_line(now, subject=subject))

    assert slack.audit.subject_of("T1", "U1") == subject
    assert slack.audit.find_user("T1", subject) == "U1"
    assert slack.audit.forget("T1", "U1")
    assert slack.audit.find_user("T1", subject) is None
    assert slack.audit.find_break("T1") is None
    assert len(slack.audit.list_lines("T1", subject=subject)) == 1


def test_a_channel_gives_one_message_at_a_time(slack):
    slack.outbox.put([a_message("m1"), a_message("m2"), a_message("n1", "C2")])

    first = slack.outbox.claim()
    assert slots(first) == ["m1", "n1"]
    assert slack.outbox.claim() == []
    slack.outbox.settle(first[0], place="C1", ts="1.0")
    # The second waits for its channel's pause, which the clock of the tests passes by itself.
    assert slack.outbox.find_ts("m1") == ("C1", "1.0")
    assert slack.outbox.find_ts("m2") is None


def test_what_was_refused_is_given_up_but_not_what_was_said_since(slack):
    slack.outbox.put([a_message(text="1"), a_message("m2", "C2", text="1")])
    first, second = slack.outbox.claim()
    slack.outbox.put([a_message(text="2")])

    slack.outbox.give_up(first, error="invalid_blocks")
    slack.outbox.give_up(second, error="invalid_blocks")

    assert [each.slot for each in slack.outbox.list_lost()] == ["m2"]
    assert slack.outbox.counts() == {"dead": 1, "waiting": 1}


def test_a_channel_far_behind_costs_no_more_to_look_at_than_it_holds(slack):
    slack.outbox.put([a_message(f"m{number}") for number in range(4_000)])
    began_s = perf_counter()

    taken = slack.outbox.claim()

    assert slots(taken) == ["m0"]
    # Read once for each message that waits, it takes several seconds.
    assert perf_counter() - began_s < 1


def claimed(slack, count=1):
    found = []
    for _ in range(50):
        found += slack.outbox.claim(pace_s=0)
        if len(found) >= count:
            return found
    raise AssertionError(found)


def test_urgent_messages_go_first_and_order_stands(slack):
    slack.outbox.put(
        [
            a_message("later", rank=LATER),
            a_message("a"),
            a_message("b"),
            a_message("now", rank=URGENT),
        ]
    )

    order = []
    for _ in range(4):
        (flight,) = claimed(slack)
        order.append(flight.slot)
        slack.outbox.settle(flight, place="C1", ts=f"{len(order)}")

    assert order == ["now", "a", "b", "later"]
    assert slack.outbox.counts() == {"sent": 4}
    assert slack.outbox.claim() == []


def test_many_edits_before_the_first_post_are_one_post(slack):
    slack.outbox.put([a_message(text="1"), a_message(text="2")])
    slack.outbox.put([a_message(text="3")])

    (flight,) = claimed(slack)

    assert flight.payload == {"text": "3"}
    assert not flight.ts


def test_an_edit_during_the_call_is_sent_after_it(slack):
    slack.outbox.put([a_message(text="1")])
    (flight,) = claimed(slack)
    slack.outbox.put([a_message(text="2")])
    slack.outbox.settle(flight, place="D1", ts="1.0")

    (second,) = claimed(slack)

    assert (second.payload["text"], second.ts, second.place) == ("2", "1.0", "D1")
    slack.outbox.settle(second, place="D1", ts="1.0")
    slack.outbox.put([a_message(text="2")])
    assert slack.outbox.counts() == {"sent": 1}


def test_a_thread_waits_for_its_message(slack):
    slack.outbox.put([a_message("reply", parent="root", rank=URGENT), a_message("root")])

    (root,) = claimed(slack)
    assert root.slot == "root"
    slack.outbox.settle(root, place="C1", ts="1.0")
    (reply,) = claimed(slack)
    assert (reply.slot, reply.parent_ts) == ("reply", "1.0")


def test_a_thread_whose_message_was_given_up_is_said_alone(slack):
    slack.outbox.put([a_message("root"), a_message("reply", parent="root")])
    (root,) = claimed(slack)
    slack.outbox.give_up(root, error="invalid_blocks")

    (reply,) = claimed(slack)

    assert (reply.slot, reply.parent_ts) == ("reply", "")
    (lost,) = slack.outbox.list_lost()
    assert (lost.slot, lost.error) == ("root", "invalid_blocks")


def test_a_claim_that_ran_out_is_unsure(slack, store):
    slack.outbox.put([a_message()])
    (first,) = slack.outbox.claim()
    assert not first.is_unsure

    # As if five minutes had passed, which a server's clock would not do for a test.
    with store.transactions.writing() as connection:
        past = first.since - timedelta(minutes=5)
        connection.execute(update(slack_message).values(claimed_until=past))
        connection.execute(update(slack_channel).values(next_at=past))
    (second,) = slack.outbox.claim()

    assert second.is_unsure
    assert second.since == first.since


def test_a_deferred_message_comes_again_later(slack):
    slack.outbox.put([a_message(), a_message("m2", "C2")])
    flights = {each.slot: each for each in claimed(slack, 2)}
    slack.outbox.defer(flights["m1"], wait_s=3600, error="ratelimited")
    slack.outbox.defer(flights["m2"], wait_s=0, error="timeout", is_unsure=True)

    (again,) = claimed(slack)

    assert (again.slot, again.tries, again.is_unsure) == ("m2", 1, True)


def test_a_held_channel_says_nothing(slack):
    slack.outbox.put([a_message(), a_message("m2", "C2")])
    slack.outbox.hold_channel("T1", "C1", wait_s=3600)

    assert slots(slack.outbox.claim()) == ["m2"]


def test_a_closed_channel_s_messages_go_elsewhere(slack):
    slack.outbox.put([a_message("m1"), a_message("m2")])
    (flight,) = claimed(slack)

    assert slack.outbox.reroute(flight, channel="C9", problem="is_archived")
    assert not slack.outbox.reroute(flight, channel="C9", problem="is_archived")
    (moved,) = claimed(slack)
    assert (moved.slot, moved.channel) == ("m1", "C9")


def test_a_message_that_is_gone_is_posted_anew(slack, now):
    slack.outbox.put([a_message(text="1")])
    (flight,) = claimed(slack)
    slack.outbox.settle(flight, place="C1", ts="1.0")
    slack.outbox.put([a_message(text="2")])
    (edit,) = claimed(slack)
    slack.outbox.forget_post(edit)

    (again,) = claimed(slack)

    assert (again.ts, again.payload["text"]) == ("", "2")
    slack.outbox.settle(again, place="C1", ts="2.0")
    assert slack.outbox.prune(now + timedelta(days=1)) == 1
    assert slack.outbox.counts() == {}


def an_incident(at, key="k", **options):
    return Incident(
        "a_1", "T1", "C1", key, "main", "run_failed", Severity.ERROR, at, at, **options
    )


def test_a_board_and_what_it_says_are_kept_together(slack, now):
    stored = slack.alerts.read_board("T1", "C1")
    assert stored == StoredBoard(Board("T1", "C1"))
    board = replace(
        stored.board,
        incidents={"k": an_incident(now, count=3)},
        storm=Storm(now),
        digest={"x": 2},
    )

    assert slack.alerts.commit([(stored, board, now)], [a_message()], cursor=(0, 7))

    again = slack.alerts.read_board("T1", "C1")
    assert again == StoredBoard(board, 1)
    assert slack.alerts.get_cursor() == 7
    assert slack.outbox.counts() == {"waiting": 1}
    assert slack.alerts.due_boards(now) == [("T1", "C1")]
    assert slack.alerts.due_boards(now - timedelta(days=9)) == []
    assert slack.alerts.find_incident("T1", "a_1") == an_incident(now, count=3)
    assert slack.alerts.find_incident("T1", "a_2") is None
    assert slack.alerts.list_incidents("T1") == [an_incident(now, count=3)]
    assert slack.alerts.list_incidents("T1", states=[AlertState.ACKED]) == []
    assert slack.alerts.channels("T1") == ["C1"]


def test_whoever_is_slower_keeps_nothing(slack, now):
    stored = slack.alerts.read_board("T1", "C1")
    mine = replace(stored.board, incidents={"k": an_incident(now)})
    assert slack.alerts.commit([(stored, mine, None)], [], cursor=(0, 5))

    assert not slack.alerts.commit([(stored, mine, None)], [a_message()])
    assert not slack.alerts.commit([], [a_message()], cursor=(0, 6))

    assert slack.outbox.counts() == {}
    assert slack.alerts.get_cursor() == 5


def test_alerts_that_left_the_board_are_forgotten(slack, now):
    stored = slack.alerts.read_board("T1", "C1")
    both = {"k": an_incident(now), "l": an_incident(now, "l", state=AlertState.RESOLVED)}
    slack.alerts.commit([(stored, replace(stored.board, incidents=both), None)], [])
    stored = slack.alerts.read_board("T1", "C1")
    rest = {"l": both["l"]}
    assert slack.alerts.commit([(stored, replace(stored.board, incidents=rest), None)], [])

    assert slack.alerts.read_board("T1", "C1").board.incidents == rest
    assert slack.alerts.prune(now + timedelta(days=1)) == 1
    assert slack.alerts.read_board("T1", "C1").board.incidents == {}
