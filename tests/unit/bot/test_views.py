"""What Slack shows: every payload keeps Slack's limits, whatever people are called."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.parse import COMMANDS, Misread, Reading, parse
from bot.views import (
    alerts,
    answers,
    contact_form,
    contacts,
    deciding,
    home,
    modals,
    small_forms,
    syncing,
    tasks,
)
from bot.views.blocks import Message, message, section, spark
from bot.views.shown import field_name, shown
from bot.words import Voice
from tests.unit.bot import nasty
from tests.unit.bot.nasty import NOW
from toolkit.errors import (
    CredentialsError,
    DuplicateContactError,
    HightonicError,
    PlanChangedError,
    UseError,
)
from toolkit.model.cards import ContactCard, ContactHit, FieldLine, RunCard, SyncCard, TaskLine
from toolkit.model.chat_alerts import Incident
from toolkit.model.chat_people import Person, Role
from toolkit.model.events import Severity
from toolkit.model.ids import Side
from toolkit.sandbox.slack.blockkit import check_message, check_view

ENGLISH = Voice("en", "Europe/Paris")
voices = st.sampled_from([ENGLISH, Voice("fr", "America/New_York")])
fuzzed = settings(
    max_examples=8,
    phases=[Phase.generate],  # shrinking ten thousand characters takes minutes
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
OURS = re.compile(
    r"<(?:!date\^\d+\^\{date_short_pretty\} \{time\}\|[\d :UTC-]+|@[UW]\w+|#C\w+)>"
)


def texts_of(payload):
    """Every text that Slack would format."""
    if isinstance(payload, dict):
        if payload.get("type") == "mrkdwn":
            yield payload["text"]
        for value in payload.values():
            yield from texts_of(value)
    elif isinstance(payload, list | tuple):
        for value in payload:
            yield from texts_of(value)


def harmless(payload):
    for text in [*texts_of(payload), payload.get("text", "")]:
        if isinstance(text, str):
            assert not re.search(r"[<>]", OURS.sub("", text)), text


def good(shown_message):
    assert isinstance(shown_message, Message)
    payload = shown_message.payload()
    assert [*map(str, check_message(payload, needs_text=True))] == []
    harmless(payload)
    json.dumps(payload).encode()


def good_view(view):
    assert [*map(str, check_view(view))] == []
    harmless(view)
    json.dumps(view).encode()


@fuzzed
@given(voices, nasty.contacts)
def test_contact_cards_are_taken(voice, card):
    good(contacts.card(voice, card))


@fuzzed
@given(voices, nasty.texts, nasty.hits, st.integers(0, 500))
def test_search_results_are_taken(voice, text, hits, more):
    good(contacts.found(voice, text, hits, total=len(hits) + more))


@fuzzed
@given(voices, nasty.task_lists, nasty.texts)
def test_task_lists_are_taken(voice, listed, title):
    good(tasks.listed(voice, listed, total=len(listed) + 3, title=title))


@fuzzed
@given(voices, nasty.texts, nasty.notes)
def test_notes_are_taken(voice, name, notes):
    good(tasks.notes(voice, name, notes, total=len(notes)))


@fuzzed
@given(voices, nasty.conflicts)
def test_conflicts_are_taken_and_resolved_in_a_modal(voice, card):
    before = deciding.conflict(voice, card)
    after = deciding.handled(voice, before, user="U1", what=card.name)

    good(before)
    good(after)
    assert "actions" not in {each["type"] for each in after.blocks}
    draft = modals.Draft("t" * 5000, card.name)
    good_view(modals.resolver(voice, draft, card))
    good_view(modals.resolver(voice, draft, card, is_similar=True))


@fuzzed
@given(voices, nasty.approvals, nasty.diffs)
def test_approvals_are_taken(voice, asked, diff):
    good(deciding.approval(voice, asked, diff, total=len(diff)))


@fuzzed
@given(voices, nasty.runs, nasty.states)
def test_runs_and_states_are_taken(voice, run, states):
    good(syncing.run(voice, run))
    good(syncing.status(voice, states))


@fuzzed
@given(voices, nasty.incidents, nasty.occurrences, nasty.storms)
def test_alerts_are_taken(voice, alert, fresh, storm):
    good(alerts.root(voice, alert))
    good(alerts.repeats(voice, fresh, more=len(fresh) + 2))
    good(alerts.storm(voice, storm))
    good(alerts.folded(voice, [(alert, 3)] * 12))
    good(alerts.digest(voice, {alert.event: alert.count}, hourly=[1, 2, 3]))
    for key in ("acked", "resolved", "reopened", "assigned", "escalated"):
        good(alerts.news(voice, alert, key, who=alert.acked_by))


@fuzzed
@given(
    voices,
    nasty.people,
    nasty.states,
    nasty.task_lists,
    st.lists(nasty.conflicts, max_size=6, unique_by=lambda card: card.id).map(tuple),
    st.lists(nasty.approvals, max_size=8, unique_by=lambda asked: asked.id).map(tuple),
    nasty.routes,
)
def test_home_tabs_are_taken(  # noqa: PLR0917 — what a tab shows
    voice, person, states, listed, cards, asked, routes
):
    board = home.HomeBoard(person, states, listed, cards, asked, routes, frozenset({"vips"}))

    good_view(home.tab(voice, board))


@fuzzed
@given(
    voices,
    nasty.texts,
    nasty.texts,
    st.sampled_from(["text", "longtext", "email", "choice", "tags"]),
)
def test_forms_are_taken(voice, text, other, kind):
    draft = modals.Draft("token", text)
    fields = [
        contact_form.FieldInput("email", "email", value=text, is_needed=True),
        contact_form.FieldInput("phone", "phone", value=text),
        contact_form.FieldInput("last_contacted", "date", value="2026-11-23"),
        contact_form.FieldInput("owner_id", "owner", value="U1"),
        contact_form.FieldInput("next_action_date", "date"),
        contact_form.FieldInput("x" * 400, kind, value=text, choices=(text, other, "gold")),
    ]

    known = ContactHit("c_1", other, email=text)
    likely = {"email": [known], "phone": [known, replace(known, id="c_2")]}

    good_view(contact_form.contact_form(voice, draft, fields, likely=likely))
    start = modals.TaskStart(text, other, ("c_1", text), "2026-12-24", "09:30", "U1")
    good_view(modals.task_form(voice, draft, start))
    good_view(modals.task_form(voice, draft, modals.TaskStart()))
    good_view(modals.note_form(voice, draft, text=text))
    good_view(small_forms.tag_form(voice, draft, text, [text, other, text]))
    good_view(small_forms.assign_form(voice, draft))
    good_view(modals.ended(voice, text, is_good=False, reference="ab12"))


@pytest.mark.parametrize("voice", [ENGLISH, Voice("fr")])
@pytest.mark.parametrize("role", list(Role))
def test_help_shows_what_a_role_may_do(voice, role):
    good(answers.helped(voice, role))
    for object_ in {each.object for each in COMMANDS}:
        good(answers.helped(voice, role, object_=object_))
    shown_help = json.dumps(answers.helped(ENGLISH, role).payload())
    assert ("*admin*" in shown_help) == (role is Role.ADMIN)


def test_small_views_are_taken():
    for may_write in (True, False):
        good_view(modals.launcher(ENGLISH, modals.Draft("t"), may_write=may_write))
    good_view(modals.saving(ENGLISH))
    good_view(modals.ended(ENGLISH, "Saved", is_good=True))
    good(syncing.status(ENGLISH, ()))
    good(answers.saved(ENGLISH, "Saved."))
    good(answers.saved(ENGLISH, "Saved.", undo="r_1", url="https://app.example/1"))


@fuzzed
@given(voices, st.text(max_size=80) | nasty.texts.map(lambda text: f"contact fnd {text}"))
def test_a_misread_line_is_shown_with_its_caret(voice, text):
    found = parse(text, Reading(NOW, __import__("zoneinfo").ZoneInfo("UTC")))

    if isinstance(found, Misread):
        good(answers.misread(voice, text, found))


def test_a_misread_line_says_what_may_have_been_meant():
    text = "contact fnd <!channel>"
    found = parse(text, Reading(NOW, __import__("zoneinfo").ZoneInfo("UTC")))

    said = json.dumps(answers.misread(ENGLISH, text, found).payload())

    assert "Did you mean: /hightonic contact find" in said


@pytest.mark.parametrize(
    ("error", "english", "french"),
    [
        (
            UseError(
                "There is no run r_1", unchanged="Nothing was changed", remedy="List runs"
            ),
            "There is no run r_1. Nothing was changed. List runs.",
            "La demande ne peut \u00eatre ex\u00e9cut\u00e9e telle quelle.",
        ),
        (
            CredentialsError("The key is refused", system="highlevel"),
            "The key is refused. Nothing was changed.",
            "HighLevel n'accepte plus notre cl\u00e9.",
        ),
        (
            DuplicateContactError("Taken <!here>", system="timetonic"),
            "Taken &lt;!here&gt;. Nothing was changed.",
            "TimeTonic n'accepte pas ces valeurs.",
        ),
        (
            PlanChangedError("It moved on"),
            "It moved on. Nothing was changed.",
            "Les donn\u00e9es ont chang\u00e9",
        ),
        (
            UseError("No *key* `", remedy="Run `hightonic <!here> a_b_` once"),
            "No \u2217key\u2217 \u02cb. Nothing was changed. "
            "Run `hightonic &lt;!here&gt; a_b_` once.",
            "La demande ne peut \u00eatre ex\u00e9cut\u00e9e telle quelle.",
        ),
        (
            HightonicError("Broken"),
            "Broken. Nothing was changed.",
            "\u00c9chec dans hightonic.",
        ),
    ],
)
def test_a_failure_says_what_happened_what_not_and_what_to_do(error, english, french):
    said = answers.failed(ENGLISH, error)

    assert said.text == english
    assert answers.failure(Voice("fr"), error).startswith(french)
    assert error.reference in json.dumps(said.payload())
    good(said)


@pytest.mark.parametrize(
    "rule",
    [
        "bot",
        "gone",
        "external",
        "guest",
        "unlinked",
        "role",
        "channel_role",
        "channel_object",
        "channel_connection",
    ],
)
def test_a_refusal_names_its_rule(rule):
    said = answers.denied(ENGLISH, rule, role=Role.APPROVER, reference="a_1")

    good(said)
    assert "Nothing was changed" in said.text
    assert f"Rule {rule}" in json.dumps(said.payload())
    assert ("me.link" in json.dumps(said.payload())) == (rule == "unlinked")


def test_a_card_says_which_side_holds_what():
    card = ContactCard(
        "c_1",
        "main",
        "Ada Lovelace",
        (
            FieldLine("email", {Side.HIGHLEVEL: "ada@x.io", Side.TIMETONIC: "ada@x.io"}),
            FieldLine("plan", {Side.HIGHLEVEL: "gold", Side.TIMETONIC: None}),
            FieldLine("phone", {Side.TIMETONIC: "+33612345678"}),
        ),
    )

    rows = next(
        each for each in contacts.card(ENGLISH, card).blocks if each["type"] == "table"
    )["rows"]

    assert [[cell["text"] for cell in row] for row in rows] == [
        ["Field", "HighLevel", "TimeTonic", "Same"],
        ["E-mail", "ada@x.io", "ada@x.io", "yes"],
        ["Plan", "gold", "\u2013", "no"],
        ["Phone", "?", "+33612345678", "no"],
    ]
    assert [line.value for line in card.lines] == ["ada@x.io", "gold", "+33612345678"]


def test_too_many_blocks_end_with_a_count():
    shown_message = message(ENGLISH, "many", [section(str(number)) for number in range(80)])

    good(shown_message)
    assert "31 more parts" in json.dumps(shown_message.blocks[-1])


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SyncCard("main"), "All in sync."),
        (SyncCard("main", conflicts=2), "2 conflicts wait"),
        (SyncCard("main", is_paused=True, conflicts=2), "main is paused"),
        (SyncCard("main", failures=1, is_paused=True), "main had failures"),
    ],
)
def test_the_worst_comes_first(state, words):
    assert words in syncing.verdict(ENGLISH, [SyncCard("other"), state])


@pytest.mark.parametrize(
    ("run", "actions"),
    [
        (RunCard("r", "main", "sync", "running", 5, 10, 60), []),
        (RunCard("r", "main", "sync", "done", applied=3), ["sync.undo"]),
        (RunCard("r", "main", "sync", "failed", cause="x"), ["sync.retry"]),
        (RunCard("r", "main", "sync", "done", conflicts=1), ["sync.conflicts"]),
    ],
)
def test_a_run_offers_its_next_step(run, actions):
    blocks = syncing.run(ENGLISH, run).blocks

    found = [e["action_id"] for b in blocks if b["type"] == "actions" for e in b["elements"]]
    assert found == actions


def test_what_was_typed_is_read_by_block():
    state = {
        "email": {"v": {"type": "email_text_input", "value": "a@b.co"}},
        "due": {"v": {"type": "datepicker", "selected_date": None}},
        "owner": {"v": {"type": "users_select", "selected_user": "U1"}},
        "tags": {
            "v": {"type": "multi_external_select", "selected_options": [{"value": "vip"}]}
        },
        "plan": {"v": {"type": "static_select", "selected_option": {"value": "gold"}}},
        "none": {"v": {"type": "static_select", "selected_option": None}},
    }

    assert modals.typed(state) == {
        "email": "a@b.co",
        "due": None,
        "owner": "U1",
        "tags": ["vip"],
        "plan": "gold",
        "none": None,
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "\u2013"),
        ("", "\u2013"),
        ((), "\u2013"),
        (True, "yes"),
        (3, "3"),
        (("a", "b"), "a, b"),
        ("2026-12-24", "Thu 24 Dec 2026"),
        ("2026-11-23T23:30:00Z", "Tue 24 Nov 2026 00:30"),
        ("2026-99-99", "2026-99-99"),
    ],
)
def test_values_are_shown_as_people_read_them(value, text):
    assert shown(ENGLISH, value) == text


def test_small_things():
    assert field_name(ENGLISH, "favourite_colour") == "Favourite colour"
    assert spark([0, 0]) == "\u2581\u2581"
    assert spark([1, 8]) == "\u2582\u2588"
    late = TaskLine("t", "Call", NOW, is_overdue=True)
    assert tasks.due(ENGLISH, late) == "overdue since Mon 23 Nov 2026"
    done = tasks.task_sections(ENGLISH, [replace(late, is_completed=True)])
    assert "accessory" not in done[0]


def test_a_stranger_sees_how_to_link():
    view = home.tab(ENGLISH, home.HomeBoard(Person("T1", "U1")))

    assert "me.link" in json.dumps(view)
    assert len(view["blocks"]) == 3


@pytest.mark.parametrize("event", ["conflict_opened", "run_failed", "contact_changed"])
def test_an_alert_names_cause_effect_and_remedy(event):
    alert = Incident(
        "a_1",
        "T1",
        "C1",
        "k",
        "main",
        event,
        Severity.WARNING,
        NOW,
        NOW,
        rules=("vips",),
        count=3,
        open=1,
        cause="token",
    )

    said = json.dumps(alerts.root(ENGLISH, alert).payload())

    assert "Cause: token" in said
    assert "rule vips" in said
    assert "alert.ack" in said
