"""What the bot shows most, as one would meet it: messages, modals, the home tab."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.parse import Misread, Reading, parse
from bot.views import (
    alerts,
    answers,
    contact_form,
    contacts,
    deciding,
    home,
    modals,
    syncing,
    tasks,
)
from bot.views.blocks import Message
from bot.views.in_modal import answered
from bot.views.small_forms import tag_form
from bot.words import Voice
from toolkit.errors import CredentialsError
from toolkit.model.cards import (
    ConflictCard,
    ConflictLine,
    ContactCard,
    ContactHit,
    DiffLine,
    FieldLine,
    RunCard,
    SyncCard,
    TaskLine,
)
from toolkit.model.chat_alerts import Incident, Route, Storm
from toolkit.model.chat_approvals import Approval
from toolkit.model.chat_people import Person, Risk, Role
from toolkit.model.events import Severity
from toolkit.model.ids import Side

NOW = datetime(2026, 11, 23, 9, 15, tzinfo=UTC)
TEAM, ANNA, ADAM = "T0000000001", "U0000000003", "U0000000002"
BRUNO = "U0000000004"
HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC
URLS = {
    HIGH: "https://app.gohighlevel.com/v2/location/L1/contacts/detail/c1",
    TIME: "https://timetonic.com/live/app/row/1",
}


def _both(name: str, value: Any) -> FieldLine:
    return FieldLine(name, {HIGH: value, TIME: value})


TASKS = (
    TaskLine(
        "t_41f",
        "Call about the gold plan",
        NOW - timedelta(days=2),
        is_overdue=True,
        owner="Sam Okoye",
        contact="Ada Lovelace",
    ),
    TaskLine("t_42a", "Send the renewal offer", NOW, owner="Sam Okoye", contact="Ben Aldous"),
    TaskLine("t_43c", "Onboarding, second session", NOW + timedelta(days=4), owner="Iris Roy"),
)
CARD = ContactCard(
    "c_9f2",
    "main",
    "Ada Lovelace",
    (
        _both("email", "ada@example.com"),
        _both("phone", "+33612345678"),
        _both("company", "Analytical Engines"),
        _both("lifecycle_stage", "customer"),
        FieldLine("plan", {HIGH: "gold", TIME: "silver"}),
        _both("tags", ("vip", "source: website")),
        FieldLine("next_action_date", {HIGH: "2026-12-01", TIME: None}),
    ),
    URLS,
    NOW - timedelta(minutes=4),
    TASKS[:2],
    2,
    1,
)
HITS = tuple(
    ContactHit(f"c_{number}", name, email, phone, sides)
    for number, (name, email, phone, sides) in enumerate(
        [
            ("Ada Lovelace", "ada@example.com", "+33 6 12 34 56 78", frozenset(Side)),
            ("Adam Smith", "adam.smith@example.com", "", frozenset(Side)),
            ("Adaeze Obi", "adaeze.obi@a-rather-long-company.example", "", frozenset({HIGH})),
            ("Adán Ruiz", "", "+34 600 000 000", frozenset({TIME})),
        ]
    )
)
CONFLICT = ConflictCard(
    "c_9f2",
    "Ada Lovelace",
    (
        ConflictLine("k_1", "plan", "gold", "silver", "bronze"),
        ConflictLine("k_2", "phone", "+33612345678", "+33698765432"),
    ),
    similar=12,
    since=NOW - timedelta(minutes=13),
    run="r_9f2",
)
APPROVAL = Approval(
    "p_3c1",
    TEAM,
    "main",
    "9d1f",
    "contact merge ada@example.com a.lovelace@example.com",
    "Merge Ada Lovelace and A. Lovelace",
    ANNA,
    (Risk.MERGE,),
    NOW,
    NOW + timedelta(hours=4),
    reason="The same person twice",
    count=2,
)
DIFF = (
    DiffLine("Ada Lovelace", HIGH, "company", None, "Analytical Engines"),
    DiffLine("Ada Lovelace", TIME, "tags", ("vip",), ("vip", "newsletter")),
    DiffLine("A. Lovelace", TIME, "", "row", None, "delete"),
)
HOURLY = (3, 0, 0, 1, 0, 2, 9, 31, 44, 52, 38, 20, 18, 47, 61, 55, 33, 21, 9, 4, 2, 0, 1, 6)
STATES = (
    SyncCard("main", NOW - timedelta(minutes=2), 40, 3, 0, 2, hourly=HOURLY),
    SyncCard("paris", NOW - timedelta(hours=3), is_paused=True, hourly=HOURLY[::-1]),
)
RUN = RunCard(
    "r_9f2",
    "main",
    "sync",
    "running",
    done=2150,
    total=5000,
    left_s=720,
    applied=2147,
    held=1,
    conflicts=3,
    began_at=NOW - timedelta(minutes=9),
)
ALERT = Incident(
    "a_71",
    TEAM,
    "C0000000002",
    "main:run_failed",
    "main",
    "run_failed",
    Severity.CRITICAL,
    NOW - timedelta(minutes=31),
    NOW,
    rules=("ops",),
    count=4,
    open=1,
    shown=4,
    facts={"cause": "CredentialsError", "system": "highlevel"},
)


def messages(voice: Voice) -> dict[str, Message]:
    """The ten main messages by name."""
    typed = "contact fnd ada"
    misread = parse(typed, Reading(NOW, _zone("Europe/Paris")))
    assert isinstance(misread, Misread)
    expired = CredentialsError(
        "HighLevel rejected our token (401)",
        system="highlevel",
        unchanged="128 changes wait, none is lost",
        remedy="Run `hightonic rotate highlevel`",
    )
    expired.reference = "ab12cd34"
    return {
        "01-contact-card": contacts.card(voice, CARD),
        "02-search": contacts.found(voice, "ada", HITS, total=7),
        "03-tasks": tasks.listed(voice, TASKS, total=9, title="Tasks of Sam Okoye"),
        "04-conflict": deciding.conflict(voice, CONFLICT),
        "05-approval": deciding.approval(voice, APPROVAL, DIFF, total=31),
        "06-run": syncing.run(voice, RUN),
        "07-status": syncing.status(voice, STATES),
        "08-alert": alerts.root(voice, ALERT),
        "09-digest": alerts.digest(
            voice,
            {"contact_changed": 812, "conflict_opened": 4, "run_failed": 1},
            hourly=HOURLY,
        ),
        "10-failure": answers.failed(voice, expired),
        "11-misread": answers.misread(voice, typed, misread),
        "12-denied": answers.denied(voice, "role", role=Role.APPROVER, reference="a_72"),
        "13-help": answers.helped(voice, Role.EDITOR),
        "14-saved": answers.saved(
            voice, voice.say("deed.note_added", name="Ada Lovelace"), undo="u"
        ),
        "16-link": contacts.hint(voice, CARD),
        "15-storm": alerts.storm(voice, Storm(NOW, NOW, alerts=14, events=230, number=1)),
    }


def views(voice: Voice) -> dict[str, dict[str, Any]]:
    """Three modals, and the home tab, by name."""
    draft = modals.Draft("token")
    fields = [
        contact_form.FieldInput("name", value="Ada Lovelace", is_needed=True),
        contact_form.FieldInput("email", "email", value="ada@example.com"),
        contact_form.FieldInput("phone", value="+33 6 12 34 56 78"),
        contact_form.FieldInput(
            "lifecycle_stage", "choice", "customer", choices=("lead", "customer")
        ),
        contact_form.FieldInput("tags", "tags", choices=("vip", "newsletter")),
        contact_form.FieldInput("next_action_date", "date", value="2026-12-01"),
    ]
    board = home.HomeBoard(
        Person(TEAM, ANNA, Role.OPERATOR, "u1", language=voice.language),
        STATES,
        TASKS,
        (CONFLICT,),
        (replace(APPROVAL, requester=ADAM),),
        (Route("vips", TEAM, "C0000000002", objects=frozenset({"contact"})),),
        frozenset({"vips"}),
    )
    return {
        "20-contact-form": contact_form.contact_form(
            voice, draft, fields, likely={"email": HITS[:1], "phone": HITS[1:2]}
        ),
        "21-task-form": modals.task_form(
            voice,
            draft,
            modals.TaskStart("Call Ada", "About gold", ("c_1", "Ada Lovelace"), "2026-12-01"),
        ),
        "22-resolver": modals.resolver(voice, draft, CONFLICT),
        "23-launcher": modals.launcher(voice, draft, may_write=True),
        "24-tags": tag_form(voice, draft, "Ada Lovelace", ("vip", "source: website")),
        "25-answer": answered(voice, contacts.card(voice, CARD)),
        "30-home": home.tab(voice, board),
        "31-home-of-a-stranger": home.tab(voice, home.HomeBoard(Person(TEAM, ANNA))),
    }


def _zone(name: str) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)
