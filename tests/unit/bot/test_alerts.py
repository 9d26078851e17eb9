"""From the event feed to messages."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.alerts import (
    acknowledge,
    assign,
    explain,
    hear,
    matches,
    next_due,
    outgoing,
    resolve,
    tell,
)
from bot.alerts.desk import AlertDesk
from bot.alerts.subjects import OBJECTS, object_of
from bot.alerts.telling import quiet_until
from bot.settings import Settings
from bot.views.blocks import Message
from bot.words import Voice
from tests.unit.bot.nasty import NOW
from tests.unit.bot.test_views import good
from toolkit.app.slack_memory import agreed_values
from toolkit.model.chat_alerts import AlertState, Board, Habits, Mute, Predicate, Route
from toolkit.model.chat_people import Role
from toolkit.model.events import (
    Event,
    EventKind,
    Severity,
    Subject,
    condition_fingerprint,
    usual_severity,
)
from toolkit.model.ids import CorrelationKey, Kind, LinkId
from toolkit.model.links import Link

HABITS = Habits()
ALL = Route("all", "T1", "C1")
VOICE = Voice()


def an_event(
    kind="run_failed", *, link="l1", at=NOW, seq=1, severity=None, connection="main", **facts
):
    kind = EventKind(kind)
    is_about_record = kind.value.startswith(("contact", "task", "note", "conflict"))
    condition = (link,) if is_about_record else ()
    return Event(
        connection,
        at,
        kind,
        severity or usual_severity(kind),
        condition_fingerprint(connection, kind, *condition),
        (Subject(Kind.CONTACT, LinkId(link)),) if is_about_record else (),
        ("email",) if kind.value.startswith("conflict") else (),
        facts=facts,
        seq=seq,
    )


class Channel:
    """A channel's alerts over time."""

    def __init__(self, habits=HABITS, routes=(ALL,)):
        self.board = Board("T1", "C1")
        self.habits, self.routes, self.mutes = habits, routes, []
        self.now = NOW
        self.said = []

    def hears(self, *events, after_s=0.0):
        self.now += timedelta(seconds=after_s)
        for event in events:
            self.board = hear(
                self.board,
                replace(event, at=self.now),
                self.routes,
                habits=self.habits,
                now=self.now,
            )
        return self.tells()

    def tells(self, after_s=0.0):
        self.now += timedelta(seconds=after_s)
        self.board, says = tell(self.board, self.mutes, habits=self.habits, now=self.now)
        self.said += says
        return [each.what if each.what != "news" else each.key for each in says]

    @property
    def alert(self):
        (alert,) = self.board.incidents.values()
        return alert

    def due_s(self):
        due = next_due(self.board, habits=self.habits, now=self.now)
        return None if due is None else (due - self.now).total_seconds()

    def does(self, step, **options):
        self.board, says = step(self.board, self.alert.id, **options)
        return [each.key or each.what for each in says]


@pytest.mark.parametrize(
    ("route", "missed"),
    [
        (ALL, ""),
        (replace(ALL, objects=frozenset({"contact"})), ""),
        (replace(ALL, objects=frozenset({"task"})), "object"),
        (replace(ALL, events=frozenset({"contact_changed"})), ""),
        (replace(ALL, events=frozenset({"contact_deleted"})), "event"),
        (replace(ALL, at_least=Severity.WARNING), "severity"),
        (replace(ALL, connections=frozenset({"main"})), ""),
        (replace(ALL, connections=frozenset({"other"})), "connection"),
        (replace(ALL, owners=frozenset({"own_1"})), ""),
        (replace(ALL, owners=frozenset({"own_2"})), "owner"),
        (replace(ALL, tags=frozenset({"vip", "x"})), ""),
        (replace(ALL, tags=frozenset({"x"})), "tag"),
        (replace(ALL, where=(Predicate("plan", "=", "GOLD"),)), ""),
        (replace(ALL, where=(Predicate("plan", "!=", "gold"),)), "where plan"),
        (replace(ALL, where=(Predicate("plan", "~", "ol"),)), ""),
        (replace(ALL, where=(Predicate("tags", "=", "vip"), Predicate("tags", "!=", "x"))), ""),
        (replace(ALL, where=(Predicate("tags", "!=", "vip"),)), "where tags"),
        (replace(ALL, where=(Predicate("open_tasks", ">", "9"),)), ""),
        (replace(ALL, where=(Predicate("open_tasks", "<", "9"),)), "where open_tasks"),
        (replace(ALL, where=(Predicate("last_contacted", "<", "2026-06-01"),)), ""),
        (
            replace(ALL, where=(Predicate("last_contacted", ">", "2026-06-01"),)),
            "where last_contacted",
        ),
        (replace(ALL, where=(Predicate("company", "=", ""),)), ""),
        (replace(ALL, where=(Predicate("never_seen", "=", ""),)), "where never_seen"),
        (replace(ALL, where=(Predicate("plan", "?", "gold"),)), "where plan"),
    ],
)
def test_a_rule_says_what_it_misses(route, missed):
    values = {
        "owner_id": "own_1",
        "tags": ("vip",),
        "plan": "gold",
        "open_tasks": 10,
        "last_contacted": "2026-01-02",
        "company": None,
    }

    assert matches(route, an_event("contact_changed"), values).missed == missed


def test_why_names_every_rule_the_sending_ones_first():
    routes = [
        replace(ALL, name="b", objects=frozenset({"task"})),
        replace(ALL, name="c"),
        replace(ALL, name="a", at_least=Severity.CRITICAL),
    ]

    found = explain(routes, an_event(), {})

    assert [(each.route.name, each.missed) for each in found] == [
        ("c", ""),
        ("a", "severity"),
        ("b", "object"),
    ]


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_event_has_an_object_and_sentences(kind):
    channel = Channel(routes=[replace(ALL, events=frozenset({kind.value}))])

    channel.hears(an_event(kind.value))
    channel.tells(after_s=61)

    assert object_of(kind) in OBJECTS
    for each in outgoing(channel.board, channel.said, VOICE):
        payload = dict(each.payload)
        good(Message(payload["text"], tuple(payload["blocks"]), payload["metadata"]))


@pytest.mark.parametrize(
    ("severity", "at_once", "after_a_minute"),
    [
        (Severity.CRITICAL, ["root"], []),
        (Severity.ERROR, ["root"], []),
        (Severity.WARNING, [], ["root"]),
        (Severity.INFO, [], []),
    ],
)
def test_severity_drives_delivery(severity, at_once, after_a_minute):
    channel = Channel()

    assert channel.hears(an_event("quota_low", severity=severity)) == at_once
    assert channel.tells(after_s=60) == after_a_minute
    assert channel.board.digest == {"quota_low": 1}


def test_changes_that_a_rule_asks_for_by_name_are_shown():
    channel = Channel(routes=[replace(ALL, objects=frozenset({"contact"}))])

    channel.hears(an_event("contact_changed"), an_event("contact_changed", link="l2"))

    assert channel.tells(after_s=60) == ["root"]
    assert channel.alert.count == 2
    assert channel.alert.rules == ("all",)


def test_repeats_edit_the_message_and_go_into_its_thread():
    channel = Channel()
    channel.hears(an_event())

    assert channel.hears(an_event(seq=2), an_event(seq=3), after_s=1) == []
    assert channel.due_s() == 9
    assert channel.tells(after_s=9) == ["root", "repeats"]
    assert channel.said[-1].more == 2
    assert [each.seq for each in channel.said[-1].fresh] == [2, 3]
    assert channel.due_s() is None
    assert channel.tells(after_s=3600) == []


def test_conflicts_of_a_connection_are_one_alert_that_ends_with_the_last():
    channel = Channel()
    channel.hears(an_event("conflict_opened"), an_event("conflict_opened", link="l2"))
    channel.tells(after_s=60)

    assert (channel.alert.count, channel.alert.open) == (2, 2)
    assert channel.hears(an_event("conflict_resolved")) == []
    assert channel.alert.open == 1
    channel.hears(an_event("conflict_resolved", link="l2"))
    assert channel.alert.state is AlertState.RESOLVED
    assert "resolved" in [each.key for each in channel.said]


def test_a_failure_ends_with_the_first_good_run_and_opens_again():
    channel = Channel()
    channel.hears(an_event(happened="The key was refused"))
    assert channel.alert.cause == "The key was refused"

    assert channel.hears(an_event("run_recovered"), after_s=60) == ["root", "resolved"]
    assert channel.hears(an_event("run_recovered"), after_s=60) == []
    assert channel.hears(an_event(), after_s=60) == ["root", "repeats", "reopened"]
    assert channel.alert.is_reopened
    assert channel.alert.generation == 1
    assert channel.hears(an_event(), after_s=60) == ["root", "repeats"]


def test_what_ended_long_ago_begins_a_new_message():
    channel = Channel()
    channel.hears(an_event())
    channel.hears(an_event("run_recovered"), after_s=60)
    first = channel.alert.slot

    channel.board = replace(
        channel.board,
        incidents={
            k: replace(v, due_at=channel.now) for k, v in channel.board.incidents.items()
        },
    )
    channel.hears(an_event(), after_s=90_000)

    assert channel.alert.generation == 2
    assert channel.alert.slot != first


def test_what_came_and_went_before_it_was_told_is_not_told():
    channel = Channel()
    channel.hears(an_event("conflict_opened"))
    channel.hears(an_event("conflict_resolved"), after_s=5)

    assert channel.tells(after_s=60) == []
    assert channel.due_s() is None
    assert channel.board.digest == {"conflict_opened": 1, "conflict_resolved": 1}


def test_old_alerts_leave_the_board():
    channel = Channel()
    channel.hears(an_event())
    channel.hears(an_event("run_recovered"), after_s=60)

    channel.tells(after_s=90_000)

    assert channel.board.incidents == {}


def test_news_after_a_pause_are_a_message_of_their_own():
    channel = Channel(routes=[replace(ALL, objects=frozenset({"contact"}))])
    channel.hears(an_event("contact_created"))
    channel.tells(after_s=60)
    channel.hears(an_event("contact_created"), after_s=120)
    assert channel.alert.generation == 1

    channel.hears(an_event("contact_created"), after_s=1200)

    assert channel.alert.generation == 2


@pytest.mark.parametrize(
    ("scope", "where", "is_silent"),
    [
        ("all", "", True),
        ("run", "", True),
        ("run_failed", "C1", True),
        ("main", "", True),
        ("contact", "", False),
        ("all", "C2", False),
    ],
)
def test_a_mute_silences_and_counts_on(scope, where, is_silent):
    channel = Channel()
    channel.mutes = [Mute(scope, NOW + timedelta(hours=1), channel=where)]

    assert channel.hears(an_event(), an_event()) == ([] if is_silent else ["root"])
    assert channel.alert.count == 2
    assert channel.tells(after_s=1800) == []
    if is_silent:
        assert channel.tells(after_s=1801) == ["root"]
        assert channel.said[0].alert.count == 2


def test_a_mute_that_is_lifted_early_is_over_within_a_minute():
    channel = Channel()
    channel.mutes = [Mute("all", NOW + timedelta(days=7))]
    channel.hears(an_event())
    channel.mutes = []

    assert channel.due_s() == 60
    assert channel.tells(after_s=60) == ["root"]


NIGHT = Habits(zone="Europe/Paris", quiet_from=time(20), quiet_until=time(7))


@pytest.mark.parametrize(
    ("habits", "local", "end"),
    [
        (NIGHT, "21:00", "2026-11-24T06:00"),
        (NIGHT, "03:00", "2026-11-23T06:00"),
        (NIGHT, "07:00", None),
        (NIGHT, "12:00", None),
        (
            replace(NIGHT, quiet_from=time(12), quiet_until=time(14)),
            "13:00",
            "2026-11-23T13:00",
        ),
        (replace(NIGHT, quiet_from=time(12), quiet_until=time(14)), "15:00", None),
        (replace(NIGHT, quiet_from=None), "03:00", None),
        (replace(NIGHT, quiet_from=time(7)), "03:00", None),
    ],
)
def test_quiet_hours_are_the_channel_s_own(habits, local, end):
    hour, minute = map(int, local.split(":"))
    now = datetime(2026, 11, 23, hour, minute, tzinfo=UTC) - timedelta(hours=1)

    found = quiet_until(habits, now)

    assert (found.astimezone(UTC).isoformat()[:16] if found else None) == end


def test_at_night_only_what_stops_everything_is_told():
    channel = Channel(NIGHT)
    channel.now = datetime(2026, 11, 23, 22, tzinfo=UTC)

    assert channel.hears(an_event()) == []
    assert channel.hears(an_event("credential_dead")) == ["root"]
    channel.now = datetime(2026, 11, 24, 6, 1, tzinfo=UTC)
    assert channel.tells() == ["root"]


def failures(first, count):
    return [
        an_event(connection=f"c{number}", seq=number) for number in range(first, first + count)
    ]


def test_a_storm_is_one_message_and_nothing_is_lost():
    channel = Channel()

    said = channel.hears(*failures(1, 25))
    assert said == ["storm", *["root"] * 20, "folded"]
    assert (channel.board.storm.alerts, channel.board.storm.events) == (5, 5)
    assert channel.hears(*failures(26, 10), after_s=2) == ["folded"]
    assert channel.hears(an_event("credential_dead", connection="key"), after_s=1) == ["root"]
    assert channel.tells(after_s=20) == ["storm"]
    assert channel.board.storm.shown == 15
    assert channel.tells(after_s=700) == ["storm"]
    assert channel.board.storm.began_at is None
    assert channel.hears(an_event(connection="new")) == ["root"]
    total = sum(alert.count for alert in channel.board.incidents.values())
    assert total == sum(alert.shown for alert in channel.board.incidents.values()) == 37


def test_repetitions_wait_while_the_channel_is_behind():
    channel = Channel()
    channel.hears(*failures(1, 3), an_event("credential_dead"))
    channel.hears(*failures(1, 3), an_event("credential_dead"), after_s=30)
    channel.now += timedelta(seconds=30)
    channel.board = hear(
        channel.board, an_event("credential_dead"), [ALL], habits=HABITS, now=channel.now
    )
    channel.board = hear(
        channel.board, failures(1, 1)[0], [ALL], habits=HABITS, now=channel.now
    )

    board, says = tell(channel.board, [], habits=HABITS, now=channel.now, waiting=10)

    assert {each.alert.event for each in says} == {"credential_dead"}
    assert next_due(board, habits=HABITS, now=channel.now) == channel.now + timedelta(
        seconds=10
    )
    _, later = tell(board, [], habits=HABITS, now=channel.now + timedelta(seconds=10))
    assert [each.what for each in later] == ["root", "repeats"]


def test_no_channel_falls_behind_however_loud_what_repeats_is():
    keys = [
        an_event("credential_dead", connection=f"c{number}", seq=number) for number in range(25)
    ]
    channel = Channel()
    channel.hears(*keys)
    posted = 0

    for _ in range(60):
        channel.now += timedelta(seconds=10)
        for event in keys:
            channel.board = hear(channel.board, event, [ALL], habits=HABITS, now=channel.now)
        waiting = max(0, len(channel.said) - posted)
        channel.board, says = tell(
            channel.board, [], habits=HABITS, now=channel.now, waiting=waiting
        )
        channel.said += says
        posted += min(10, len(channel.said) - posted)

    assert len(channel.said) - posted <= 3 * HABITS.crowd
    told = sum(alert.shown for alert in channel.board.incidents.values())
    assert told > 25 * 20


def test_what_goes_on_after_a_storm_gets_a_message_of_its_own():
    channel = Channel(replace(HABITS, storm_roots=1))
    channel.hears(*failures(1, 3))
    channel.tells(after_s=20)
    channel.tells(after_s=700)
    folded = {each.connection for each in channel.board.incidents.values() if each.is_folded}
    assert folded == {"c2", "c3"}

    assert channel.hears(*failures(2, 1), after_s=5) == ["root"]

    made = outgoing(channel.board, channel.said, VOICE)
    told = [each.payload["metadata"]["event_payload"] for each in made]
    assert told[-1]["count"] == 1
    assert next_due(channel.board, habits=channel.habits, now=channel.now) is None


def test_a_digest_is_a_message_of_its_day():
    channel = Channel(replace(HABITS, digest_at=time(9)))
    channel.hears(an_event("contact_changed"))
    channel.tells(after_s=1)

    (made,) = outgoing(channel.board, channel.said, VOICE)

    assert made.slot == "digest:T1:C1:2026-11-23"


def test_a_storm_that_goes_on_is_told_of_again():
    channel = Channel(replace(HABITS, storm_roots=1))
    channel.hears(*failures(1, 3))
    channel.hears(*failures(4, 3), after_s=2)

    assert channel.due_s() == 8
    assert channel.tells(after_s=8) == ["storm"]


def test_a_second_storm_is_another_message():
    channel = Channel(replace(HABITS, storm_roots=1))
    channel.hears(*failures(1, 3))
    channel.tells(after_s=700)
    channel.hears(*failures(11, 3))

    slots = {
        each.slot
        for each in outgoing(channel.board, channel.said, VOICE)
        if each.slot.startswith("storm")
    }

    assert {"storm:T1:C1:1", "storm:T1:C1:2"} <= slots


def test_a_critical_alert_nobody_answers_is_escalated_twice():
    channel = Channel(replace(HABITS, on_duty="U9", second_channel="C9"))
    channel.hears(an_event("credential_dead"))

    assert channel.due_s() == 900
    assert channel.tells(after_s=900) == ["escalated"]
    assert channel.tells(after_s=900) == ["escalated"]
    assert channel.tells(after_s=9000) == []
    assert [each.channel for each in channel.said if each.what == "escalated"] == ["U9", "C9"]
    slots = [each.slot for each in outgoing(channel.board, channel.said, VOICE)]
    assert len(slots) == len(set(slots)) == 3


def test_an_alert_that_somebody_looks_after_is_not_escalated():
    channel = Channel(replace(HABITS, on_duty="U9"))
    channel.hears(an_event("credential_dead"))

    assert channel.does(acknowledge, user="U1") == ["root", "acked"]
    assert channel.does(acknowledge, user="U2") == []
    assert channel.tells(after_s=9000) == []
    assert channel.alert.acked_by == "U1"


def test_people_assign_and_resolve():
    channel = Channel()
    channel.hears(an_event())

    assert channel.does(assign, to="U2") == ["root", "assigned"]
    assert channel.does(assign, to="U2") == []
    assert channel.does(resolve, user="U1", now=NOW) == ["root", "resolved"]
    assert channel.does(resolve, user="U1", now=NOW) == []
    assert acknowledge(channel.board, "a_none", user="U1") == (channel.board, ())
    assert assign(channel.board, "a_none", to="U1") == (channel.board, ())
    assert resolve(channel.board, "a_none", user="U1", now=NOW) == (channel.board, ())


def test_a_digest_comes_once_a_day_at_the_channel_s_own_hour():
    habits = Habits(zone="Europe/Paris", digest_at=time(9), digest_days=frozenset(range(5)))
    channel = Channel(habits)
    channel.now = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)  # a Friday

    channel.hears(an_event("contact_changed"), an_event("contact_changed"))
    assert channel.due_s() == 3600
    assert channel.tells(after_s=3600) == ["digest"]
    assert channel.said[-1].counts == {"contact_changed": 2}
    assert channel.tells() == []
    assert channel.board.digested_on == date(2026, 11, 20)
    assert channel.due_s() == 3 * 86400
    channel.hears(an_event("contact_changed"), after_s=86400)
    assert channel.tells() == []
    assert channel.tells(after_s=2 * 86400) == ["digest"]
    assert channel.tells(after_s=86400) == []
    assert channel.board.digest == {}


def test_messages_name_their_thread_and_their_alert():
    channel = Channel()
    channel.hears(an_event())
    channel.hears(an_event(), after_s=20)
    channel.hears(an_event("run_recovered"), after_s=20)
    alert = channel.alert

    made = outgoing(channel.board, channel.said, VOICE)

    assert [(each.slot.removeprefix(alert.slot), each.parent) for each in made] == [
        ("", ""),
        ("", ""),
        (":r2", alert.slot),
        ("", ""),
        (":resolved::2", alert.slot),
    ]
    assert made[-1].payload["reply_broadcast"] is True
    assert made[0].payload["metadata"]["event_payload"]["alert"] == alert.id


# The desk, over a real store.


@pytest.fixture
def desk(store, shelf, clock):
    return AlertDesk(
        shelf, store.feed, values_of=lambda event: agreed_values(store, event), clock=clock
    )


def put(store, *events):
    store.feed.append_events([replace(each, seq=0) for each in events])


def test_events_become_messages_once(store, shelf, desk, clock):
    Settings(shelf.people, "T1").put_route(ALL)
    put(store, an_event(), an_event("credential_dead"))

    assert desk.read() == 2
    assert desk.read() == 0
    assert shelf.outbox.counts() == {"waiting": 2}
    assert {each.event for each in shelf.alerts.list_incidents("T1")} == {
        "run_failed",
        "credential_dead",
    }


def test_counters_survive_a_restart(store, shelf, desk, clock):
    Settings(shelf.people, "T1").put_route(ALL)
    put(store, an_event())
    desk.read()
    clock.on(seconds=1)
    put(store, *[replace(an_event(), once=str(number)) for number in range(700)])

    again = AlertDesk(store.slack, store.feed, values_of=lambda _: {}, clock=clock)
    while again.read():
        pass

    (alert,) = shelf.alerts.list_incidents("T1")
    assert (alert.count, alert.shown) == (701, 1)
    clock.on(seconds=20)
    assert again.tick() == 1
    assert again.tick() == 0
    (alert,) = shelf.alerts.list_incidents("T1")
    assert alert.shown == 701


def test_a_workspace_the_app_has_left_is_told_nothing(store, shelf, clock):
    teams = ["T1"]
    desk = AlertDesk(
        shelf, store.feed, values_of=lambda _: {}, clock=clock, teams=lambda: teams
    )
    Settings(shelf.people, "T1").put_route(ALL)
    put(store, an_event())
    assert desk.read() == 1
    put(store, replace(an_event(), once="again"))
    assert desk.read() == 1
    waiting = shelf.outbox.counts()
    teams.clear()

    put(store, an_event("credential_dead"))
    clock.on(hours=1)

    assert (desk.read(), desk.tick()) == (1, 0)
    assert shelf.outbox.counts() == waiting
    assert len(shelf.alerts.list_incidents("T1")) == 1


def test_without_rules_the_feed_is_passed_over(store, shelf, desk):
    put(store, an_event())

    assert desk.read() == 1
    assert desk.read() == 0
    assert shelf.outbox.counts() == {}


def test_whoever_is_slower_says_nothing_and_reads_again(store, shelf, desk, clock):
    Settings(shelf.people, "T1").put_route(ALL)
    put(store, an_event())
    quick = AlertDesk(shelf, store.feed, values_of=lambda _: {}, clock=clock)

    class Overtaken:
        def list_events(self, after=0, *, limit=100):
            found = store.feed.list_events(after, limit=limit)
            quick.read()
            return found

    slow = AlertDesk(shelf, Overtaken(), values_of=lambda _: {}, clock=clock)

    assert slow.read() == 1
    (alert,) = shelf.alerts.list_incidents("T1")
    assert alert.count == 1


def test_rules_about_owner_and_tag_read_the_agreed_values(store, shelf, desk):
    link = Link(
        LinkId("l1"),
        Kind.CONTACT,
        CorrelationKey("k1"),
        base={"owner_id": "own_1", "tags": ("vip",)},
    )
    task = Link(
        LinkId("t1"),
        Kind.TASK,
        CorrelationKey("k2"),
        parent=LinkId("l1"),
        base={"title": "Call"},
    )
    store.connection("main").put_links([link, task])
    event = replace(an_event("task_completed"), subjects=(Subject(Kind.TASK, LinkId("t1")),))

    assert agreed_values(store, event) == {
        "owner_id": "own_1",
        "tags": ("vip",),
        "title": "Call",
    }
    assert agreed_values(store, an_event()) == {}
    assert agreed_values(store, an_event("contact_changed", link="gone")) == {}


def test_clicks_are_kept_and_told(store, shelf, desk, clock):
    Settings(shelf.people, "T1").put_route(ALL)
    put(store, an_event())
    desk.read()
    (alert,) = shelf.alerts.list_incidents("T1")

    assert desk.acknowledge("T1", alert.id, user="U1")
    assert not desk.acknowledge("T1", alert.id, user="U2")
    assert desk.assign("T1", alert.id, to="U3")
    assert desk.resolve("T1", alert.id, user="U1")
    assert not desk.resolve("T1", "a_none", user="U1")
    assert shelf.alerts.find_incident("T1", alert.id).state is AlertState.RESOLVED
    assert shelf.outbox.counts() == {"waiting": 4}


def test_settings_are_kept_by_channel(shelf):
    settings = Settings(shelf.people, "T1")
    vips = Route(
        "vips",
        "T1",
        "C1",
        frozenset({"task", "contact"}),
        tags=frozenset({"vip"}),
        where=(Predicate("plan", "=", "gold"),),
    )
    settings.put_route(ALL)
    settings.put_route(vips)
    settings.put_route(replace(ALL, channel="C2"))
    settings.put_habits("C1", NIGHT)
    settings.put_mute(Mute("run", NOW + timedelta(hours=1), "U1"), NOW)
    settings.put_mute(Mute("run", NOW + timedelta(hours=2), "U1"), NOW)
    settings.put_mute(Mute("task", NOW + timedelta(hours=2), "U1", "C1"), NOW)
    settings.limit_channel("C1", Role.VIEWER)
    settings.put_alias("C", "contact find")
    settings.put_alias("d", "x")
    settings.put_alias("D", "")
    shelf.people.put_setting("T1", "C1", "language", value="fr")

    assert settings.routes() == (replace(ALL, channel="C2"), vips)
    assert settings.remove_route("vips")
    assert not settings.remove_route("vips")
    assert settings.habits("C1") == NIGHT
    assert settings.habits("C2") == Habits()
    assert [each.scope for each in settings.mutes(NOW)] == ["run", "task"]
    assert [each.scope for each in settings.mutes(NOW + timedelta(hours=1))] == ["run", "task"]
    assert settings.mutes(NOW + timedelta(hours=2)) == ()
    assert settings.end_mute("task", channel="C1", now=NOW)
    assert not settings.end_mute("task", channel="C1", now=NOW)
    assert settings.channel_rule("C1").ceiling is Role.VIEWER
    assert settings.channel_rule("C2") is None
    assert settings.aliases() == {"c": "contact find"}
    assert settings.voice("C1") == Voice("fr", "Europe/Paris")
    assert settings.voice("C2") == Voice("en", "UTC")
    assert (settings.default_channel, settings.installer) == ("", "")
