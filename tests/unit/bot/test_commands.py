"""Typed lines and their answers, over a real store."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.alerts.desk import AlertDesk
from bot.commands import Asked, CommandDesk
from bot.commands.desk import HANDLERS, Sources
from bot.parse import COMMANDS
from bot.policy import ask
from bot.policy.approving import Asking
from bot.settings import Settings
from tests.unit.bot.nasty import INJECTIONS
from tests.unit.bot.test_alerts import ALL, an_event, put
from tests.unit.bot.test_views import good
from toolkit.app.config import read_config
from toolkit.app.front_reading import FrontReading, Memory
from toolkit.app.front_readings import FrontReadings, TaskQuery
from toolkit.app.slack_memory import agreed_values
from toolkit.model.chat_approvals import ApprovalState
from toolkit.model.chat_people import Person, Risk, Role, Standing
from toolkit.model.ids import CorrelationKey, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link
from toolkit.model.plan import Conflict

ADA = Link(
    LinkId("ada0000000000001"),
    Kind.CONTACT,
    CorrelationKey("k1"),
    RecordId("hl_ada"),
    RecordId("41"),
    base={
        "name": "Ada Lovelace",
        "email": "ada@x.io",
        "phone": "+33612345678",
        "plan": "gold",
        "owner_id": "own_1",
    },
    aliases={Side.TIMETONIC: {"plan": "Gold"}},
)
BOB = replace(
    ADA,
    id=LinkId("bob0000000000001"),
    correlation=CorrelationKey("k2"),
    highlevel_id=None,
    timetonic_id=RecordId("42"),
    base={"name": "Bob <!channel>", "email": "bob@x.io", "company": "Ada Ltd"},
    aliases={},
)


def a_task(number, **base):
    values = {"title": f"Call {number}", "is_completed": False, "owner_id": "own_1", **base}
    return Link(
        LinkId(f"task{number:012}"),
        Kind.TASK,
        CorrelationKey(f"t{number}"),
        RecordId(f"ht{number}"),
        RecordId(f"9{number}"),
        parent=ADA.id,
        base=values,
    )


TASKS = [
    a_task(1, due_at="2026-11-20T10:00:00Z"),
    a_task(2, due_at="2026-11-24T10:00:00Z"),
    a_task(3, due_at="2026-12-24T10:00:00Z", owner_id=None),
    a_task(4, is_completed=True),
    a_task(5, due_at="not a day"),
]
NOTE = Link(
    LinkId("note000000000001"),
    Kind.NOTE,
    CorrelationKey("n1"),
    RecordId("hn"),
    RecordId("77"),
    parent=ADA.id,
    base={"body": "Likes <b>gold</b>", "author": "own_1", "written_at": "2026-11-01T10:00:00Z"},
)


SETTINGS = """\
version: 1
connections:
  main:
    highlevel: {location_id: loc}
    timetonic: {user: u, book_owner: o, book_code: b}
"""


class Bench:
    """A desk, with Anna (linked, any role) at it."""

    def __init__(self, store, clock):
        self.store, self.shelf, self.clock = store, store.slack, clock
        memory = store.connection("main")
        memory.put_links([ADA, BOB, *TASKS, NOTE])
        users = [{"id": "own_1", "name": "Olga Owner", "email": "olga@x.io"}]
        memory.put_memo("surroundings.highlevel", {"users": users}, clock())
        self.memory = memory
        self.settings = Settings(self.shelf.people, "T1")
        config = read_config(SETTINGS, Path("hightonic.yaml")).get_connection()
        self.cards = FrontReadings([FrontReading(Memory(config, memory, clock))])
        values_of = lambda event: agreed_values(store, event)  # noqa: E731
        self.alerts = AlertDesk(self.shelf, store.feed, values_of=values_of, clock=clock)
        self.desk = CommandDesk(
            Sources(
                self.shelf, self.cards, store.feed, values_of, clock, ("name", "email", "plan")
            )
        )
        self.is_("admin")

    def is_(self, role, user="U1", **options):
        person = Person("T1", user, Role[role.upper()], "own_1", zone="Europe/Paris")
        self.shelf.people.put_person(replace(person, **options))

    def says(self, text, user="U1", channel="C1"):
        reply = self.desk.answer(Asked("T1", user, channel, text))
        good(reply.message)
        return json.dumps(reply.message.payload(), ensure_ascii=False)

    def reply(self, text, user="U1"):
        return self.desk.answer(Asked("T1", user, "C1", text))


@pytest.fixture
def bench(store, clock):
    return Bench(store, clock)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.name)
def test_every_example_gets_a_sound_answer(bench, command):
    assert bench.says(command.example)


@pytest.mark.parametrize("text", [*INJECTIONS, "contact find " + "x" * 3000, "task add"])
def test_nothing_that_is_typed_breaks_an_answer(bench, text):
    assert bench.says(text)
    assert bench.says(f"contact find {text[:3000]}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("contact find ada", "2 contacts fit"),
        ("contact find lovelace", "Ada Lovelace"),
        ("ada@x.io", "Add task"),
        ("contact show +33612345678", "Ada Lovelace"),
        ("contact show hl_ada", "4 open tasks"),
        ("contact show 41", "Gold"),
        ("contact show 41", "v2/location/loc/contacts/detail/hl_ada"),
        ("contact show 41", "Olga Owner"),
        ("task list mine", "Olga Owner"),
        ("note list ada@x.io", "Olga Owner"),
        ("contact show ada00000", "gold"),
        ("contact show nobody", "No contact fits"),
        ("contact show ada", "2 contacts fit"),
        ("contact show bob@x.io", "Bob <!channel>"),
        ("task list", "4 tasks"),
        ("task list mine", "3 tasks"),
        ("task list overdue", "1 task"),
        ("task list due<2d", "2 tasks"),
        ("task list due<=today", "1 task"),
        ("task list due=24/11", "2 tasks"),
        ("task list contact=ada@x.io", "4 tasks"),
        ("task list contact=nobody", "No task is open"),
        ("task list <@U404|x>", "No task is open"),
        ("note list ada@x.io", "1 note about Ada Lovelace"),
        ("note list nobody", "No contact fits"),
        ("sync status", "All in sync"),
        ("sync status other", "No connection is set up"),
        ("sync conflicts", "No conflict waits"),
        ("help", "Who did what"),
        ("help task", "Moves a task to another day"),
        ("me", "administrator"),
        ("me tz europe/london", "Europe/London"),
        ("me tz Europe/Lundon", "Europe/London"),
        ("me lang fr", "fran\u00e7ais"),
        ("me quiet 19:00 8h", "between 19:00 and 08:00"),
        ("sync run", "cannot be done from Slack yet"),
        ("contact delete ada@x.io", "cannot be done from Slack yet"),
        ("contact fnd x", "Did you mean"),
        ("me --lang=fr", "administrateur"),
        ("why nothing", "nothing called"),
        ("alert ack a_none", "Nothing was changed"),
        ("alert assign a_none nobody@x.io", "Nothing was changed"),
        ("route test 99", "nothing called"),
        ("route test x", "nothing called"),
        ("approve show p_none", "There is no request"),
    ],
)
def test_answers(bench, text, shown):
    assert shown in bench.says(text)


def test_a_choice_of_language_holds(bench):
    bench.says("me lang fr")

    assert "T\u00e2ches" in bench.says("task list")
    assert "Vous \u00eates administrateur" in bench.says("me")


def test_strangers_guests_and_channels_are_refused_with_the_rule(bench):
    bench.is_("viewer", "U2")
    bench.is_("admin", "U3", standing=Standing.GUEST)
    bench.settings.limit_channel("C1", Role.VIEWER)

    assert "Rule unlinked" in bench.says("contact find ada", "U9")
    assert "All in sync" in bench.says("sync status", "U9")
    assert "Rule role" in bench.says("task done t_1", "U2")
    assert "Rule guest" in bench.says("help", "U3")
    assert "Rule channel_role" in bench.says("alert ack a_1")
    assert "cannot be done" in bench.says("sync run", channel="C2")


def test_every_decision_is_noted_without_what_was_typed(bench):
    bench.says("contact find ada@x.io")
    bench.says("contact edit ada@x.io plan=gold", "U9")
    bench.says("me tz nowhere")

    lines = bench.shelf.audit.list_lines("T1")
    said = [(each.command, each.decision, each.outcome) for each in lines]
    assert said == [
        ("me tz zone=", "failed", "UseError"),
        ("me tz zone=", "allowed", ""),
        ("contact edit contact= plan=", "denied", ""),
        ("contact find text=", "allowed", ""),
    ]
    assert bench.shelf.audit.find_break("T1") is None
    assert "denied by rule unlinked" in bench.says(f"why {lines[2].reference}")


def test_only_administrators_see_what_others_did(bench):
    bench.is_("viewer", "U2")
    bench.says("help", "U2")

    assert "2 lines" in bench.says("audit me", "U2")
    assert "Only an administrator" in bench.says("audit all", "U2")
    assert "help show" in bench.says("audit <@U2|x>")
    assert "lines" in bench.says("audit all")


def test_answers_are_for_oneself_unless_asked_otherwise(bench):
    assert not bench.reply("sync status").is_public
    assert bench.reply("sync status --here").is_public
    assert not bench.reply("contact find x --here", "U9").is_public
    assert bench.reply("task add").form == "task"
    assert bench.reply("task add", "U9").form == ""


def test_alerts_are_listed_taken_and_explained(bench):
    bench.says("route add name=all event=conflict,run severity=warning")
    put(bench.store, an_event(happened="key refused"))
    bench.alerts.read()
    (alert,) = bench.shelf.alerts.list_incidents("T1")

    assert "all: severity=warning" in bench.says("route list")
    assert "1 alert" in bench.says("alert list")
    assert "sent by rule all" in bench.says(f"why {alert.id}")
    assert "You look after" in bench.says(f"alert ack {alert.id}")
    assert "handed over" in bench.says(f"alert assign {alert.id} <@U2|sam>")
    assert "is closed" in bench.says(f"alert resolve {alert.id}")
    assert "0 alerts" in bench.says("alert list")
    assert "1 alert" in bench.says("alert list all")


def test_a_route_is_tested_against_an_event(bench):
    bench.settings.put_route(ALL)
    bench.settings.put_route(replace(ALL, name="tasks", objects=frozenset({"task"})))
    put(bench.store, an_event())

    said = bench.says("route test 1")

    assert "1 rule sends this event" in said
    assert "tasks (<#C1>) does not: object does not fit" in said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('route add name=x where="plan=gold" object=contact', "Rule x"),
        ("route add object=contcat", "Try contact"),
        ("route add event=nonsense", "Nothing was changed. Try appointment_changed"),
        ("route add severity=loud", "Try "),
        ("route add where=plan", "A condition needs"),
    ],
)
def test_a_route_is_checked(bench, text, shown):
    assert shown in bench.says(text)


def test_digest_and_mutes_are_the_channel_s(bench, clock):
    assert "No summary" in bench.says("digest")
    assert "comes at 09:00" in bench.says("digest set 9h mondays")
    assert bench.settings.habits("C1").zone == "Europe/Paris"
    assert "No summary" in bench.says("digest off")
    assert "run is silent until" in bench.says("mute add run 2h")
    assert "1 silence" in bench.says("mute list")
    assert "no longer silent" in bench.says("mute off run")
    assert "nothing called" in bench.says("mute off run")


def test_roles_are_granted_but_the_last_administrator_stays(bench):
    assert "editor" in bench.says("admin grant <@U2|sam> editor")
    assert bench.shelf.people.find_person("T1", "U2").role is Role.EDITOR
    assert "last administrator" in bench.says("admin revoke me")
    bench.is_("admin", "U3")
    assert "nobody yet" in bench.says("admin revoke me")
    assert "Rule role" in bench.says("admin show")
    assert "Nobody is named" in bench.says("admin grant @sam editor", "U3")


def test_channels_and_short_forms(bench):
    assert "nobody may do more" in bench.says("admin limit here viewer")
    assert bench.settings.channel_rule("C1").ceiling is Role.VIEWER
    assert "No channel is named" in bench.says("admin limit #sales viewer")
    assert "is short for" in bench.says('admin alias t "task list"', channel="C2")
    assert "4 tasks" in bench.says("t")
    assert "A short form stands for" in bench.says('admin alias task "task list"')
    assert "A short form stands for" in bench.says('admin alias x "nonsense"')
    assert "t is short for" in bench.says("admin show")
    assert "no longer" in bench.says("admin unalias t")
    assert "nothing called" in bench.says("admin unalias t")


def test_messages_no_channel_takes_have_a_place_to_go_to(bench):
    assert bench.settings.default_channel == ""
    assert "go to <#C1>" in bench.says("admin default here")
    assert bench.settings.default_channel == "C1"
    assert "No channel is named" in bench.says("admin default #sales")


def test_an_administrator_hears_of_what_stops_where_nobody_is_known_to_have_installed(bench):
    bench.is_("admin", "U0", owner_id="")
    bench.is_("approver", "U00")
    assert bench.settings.installer == "U1"

    bench.shelf.people.put_setting("T1", "", "installer", value="U9")
    assert bench.settings.installer == "U9"


def test_requests_are_voted_on_by_others(bench, clock):
    bench.is_("approver", "U2")
    requester = Person("T1", "U1", Role.OPERATOR, "own_1")
    asking = Asking(
        requester, "main", "h1", "contact delete", "delete Ada", (Risk.DELETE,), count=1
    )
    bench.shelf.people.put_approval(ask(asking, id_="p_1", now=clock.at))
    bench.shelf.people.put_approval(replace(ask(asking, id_="p_2", now=clock.at)))
    bench.shelf.people.put_approval(replace(ask(asking, id_="p_3", now=clock.at), team="T2"))
    bench.shelf.people.put_approval(ask(asking, id_="p_4", now=clock.at))

    assert "p_1" in bench.says("approve list")
    assert "delete Ada" in bench.says("approve show p_1")
    assert "You asked for this yourself" in bench.says("approve yes p_1")
    assert "Approved by" in bench.says("approve yes p_1", "U2")
    assert "closed already" in bench.says("approve yes p_1", "U2")
    assert "Refused by" in bench.says("approve no p_2 wrong", "U2")
    assert "There is no request" in bench.says("approve yes p_3", "U2")
    bench.says("admin override p_4 the office is on fire")
    assert bench.shelf.people.find_approval("p_4").state is ApprovalState.APPROVED


def test_a_request_somebody_else_decided_meanwhile_is_over(bench, clock, monkeypatch):
    bench.is_("approver", "U2")
    requester = Person("T1", "U1", Role.OPERATOR, "own_1")
    asking = Asking(requester, "main", "h1", "x", "x", (Risk.DELETE,))
    bench.shelf.people.put_approval(ask(asking, id_="p_1", now=clock.at))
    monkeypatch.setattr(type(bench.shelf.people), "put_approval", lambda *_a, **_o: False)

    assert "closed already" in bench.says("approve yes p_1", "U2")


def test_a_failure_is_an_answer_with_a_reference_and_no_value_in_the_log(
    bench, monkeypatch, caplog
):
    def burst(*_args):
        raise RuntimeError("ada@x.io")

    monkeypatch.setitem(HANDLERS, "me show", burst)

    said = bench.says("me")

    assert "Reference" in said
    assert "ada@x.io" not in said + caplog.text
    assert bench.shelf.audit.list_lines("T1")[0].outcome == "RuntimeError"


def test_conflicts_are_shown_by_record(bench):
    run = bench.memory.begin_run("sync", plan_hash="h", config_digest="c")
    found = [
        Conflict(link, Kind.CONTACT, "email", RecordId("h"), RecordId("t"), "a", "b", "c")
        for link in (ADA.id, BOB.id)
    ]
    bench.memory.sync_conflicts(run, found)

    said = bench.says("sync conflicts")

    assert "1 more record waits" in said
    assert "conflict.keep.highlevel" in said
    assert "2 conflicts wait" in bench.says("sync status")
    assert "1 field waits" in bench.says("contact show ada@x.io")
    assert bench.cards.conflicts()[0].similar == 1


def test_names_that_begin_alike_are_nobody(bench):
    twin = replace(
        BOB,
        id=LinkId("bob0000000000002"),
        correlation=CorrelationKey("k9"),
        timetonic_id=RecordId("43"),
        base={"phone": "1"},
    )
    bench.memory.put_links([twin])

    assert bench.cards.card("bob00000000") is None
    assert bench.cards.card("bob") is None
    assert bench.cards.card("bob0000000000002").name == "1"
    assert bench.cards.tasks(TaskQuery(before=bench.clock.at - timedelta(days=9))) == ([], 0)
