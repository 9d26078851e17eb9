"""No button is for show: each opens a form, stands for a line, or leads somewhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.listening.clicks import Opening, line_of, opening_of
from bot.listening.filling import fields_of
from bot.listening.lines import lines_of
from bot.parse import Misread, Reading, parse
from bot.views import (
    alerts,
    answers,
    contact_form,
    contacts,
    deciding,
    home,
    in_modal,
    modals,
    small_forms,
    syncing,
    tasks,
)
from bot.words import Voice
from tests.unit.bot import nasty
from tests.unit.bot.nasty import NOW
from toolkit.model.cards import ContactCard, ContactHit, FieldLine, FieldManner
from toolkit.model.chat_people import Role
from toolkit.model.ids import Side
from toolkit.sandbox.slack.blockkit import check_view

VOICE = Voice("en", "Europe/Paris")
READING = Reading(NOW, ZoneInfo("Europe/Paris"), fields=("name", "email", "phone", "plan"))
fuzzed = settings(
    max_examples=10,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
_LEADS_AWAY = {"link.open", "open.record"}
_TYPED_INTO = "v"


def clicks(shown: Any) -> Iterator[dict[str, Any]]:
    """Every click that a payload allows, as Slack would tell it."""
    if isinstance(shown, list | tuple):
        for each in shown:
            yield from clicks(each)
        return
    if not isinstance(shown, dict):
        return
    if "action_id" in shown and shown["action_id"] != _TYPED_INTO:
        for option in shown.get("options") or [None]:
            chosen = {"selected_option": option} if option else {}
            yield {**shown, **chosen}
    for each in shown.values():
        yield from clicks(each)


def does_something(click: dict[str, Any]) -> bool:
    if click.get("url"):
        return True
    if click["type"] == "external_select":
        click = {**click, "selected_option": {"value": "c_1"}}
    return (line_of(click) is None) != (opening_of(click) is None)


def works(shown: Any) -> None:
    found = [*clicks(shown)]
    assert [each for each in found if not does_something(each)] == []
    for each in found:
        line = line_of(each)
        if line is not None:
            assert not isinstance(parse(line, READING), Misread), line


states_named = nasty.states.map(
    lambda states: tuple(replace(each, connection=each.connection or "main") for each in states)
)


@fuzzed
@given(nasty.contacts, nasty.hits, nasty.conflicts)
def test_records(card, hits, clash):
    works(contacts.card(VOICE, card).blocks)
    works(contacts.hint(VOICE, card).blocks)
    works(contacts.found(VOICE, "x", hits, total=len(hits)).blocks)
    works(deciding.conflict(VOICE, clash).blocks)


@fuzzed
@given(nasty.task_lists, nasty.approvals, nasty.runs, states_named)
def test_work(listed, asked, run, states):
    works(tasks.listed(VOICE, listed, total=len(listed)).blocks)
    works(deciding.approval(VOICE, asked, (), total=0).blocks)
    works(syncing.run(VOICE, run).blocks)
    works(syncing.status(VOICE, states).blocks)


@fuzzed
@given(nasty.incidents, nasty.storms)
def test_alerts(alert, storm):
    works(alerts.root(VOICE, alert).blocks)
    works(alerts.storm(VOICE, storm).blocks)
    works(alerts.digest(VOICE, {alert.event: 1}).blocks)


@fuzzed
@given(nasty.people, states_named, nasty.task_lists, nasty.routes)
def test_home(person, states, listed, routes):
    channels = frozenset(each.channel for each in routes[:1])
    works(home.tab(VOICE, home.HomeBoard(person, states, listed, (), (), routes, channels)))


@pytest.mark.parametrize("role", list(Role))
def test_answers_and_the_launcher(role):
    works(answers.helped(VOICE, role).blocks)
    works(answers.denied(VOICE, "unlinked").blocks)
    works(answers.saved(VOICE, "Saved.", undo="r_1", url="https://app.example/1").blocks)
    works(modals.launcher(VOICE, modals.Draft("t"), may_write=role >= Role.EDITOR))
    likely = {"email": [ContactHit("c_1", "Ada")]}
    fields = [contact_form.FieldInput("email", "email")]
    works(contact_form.contact_form(VOICE, modals.Draft("t"), fields, likely=likely))


@fuzzed
@given(nasty.contacts, nasty.approvals, nasty.diffs, states_named, nasty.task_lists)
def test_every_answer_may_stand_in_a_modal(card, asked, diff, states, listed):
    for shown in (
        contacts.card(VOICE, card),
        deciding.approval(VOICE, asked, diff, total=len(diff)),
        syncing.status(VOICE, states),
        tasks.listed(VOICE, listed, total=len(listed)),
    ):
        view = in_modal.answered(VOICE, shown)
        assert [*map(str, check_view(view))] == []
        works(view)


@pytest.mark.parametrize(
    ("action", "opening"),
    [
        ({"action_id": "contact.edit", "value": "c_1"}, Opening("contact_form", "c_1")),
        ({"action_id": "contact.add"}, Opening("contact_form")),
        ({"action_id": "approval.show.p_1", "value": "p_1"}, Opening("approval", "p_1")),
        ({"action_id": "contact.show", "value": "c_1"}, None),
        (
            {"type": "overflow", "selected_option": {"value": "similar:c_1"}},
            Opening("resolver", "c_1", is_similar=True),
        ),
        ({"type": "overflow", "selected_option": {"value": "assign:"}}, None),
        ({"type": "overflow", "selected_option": {"value": "rm:c_1"}}, None),
    ],
)
def test_a_click_opens_the_form_it_stands_for(action, opening):
    assert opening_of(action) == opening


@pytest.mark.parametrize(
    ("action", "line"),
    [
        (
            {"action_id": "conflict.similar.highlevel", "value": "c1|12"},
            'sync resolve "c1" highlevel similar="12"',
        ),
        ({"action_id": "conflict.similar.highlevel", "value": "c1"}, None),
        ({"action_id": "conflict.similar.highlevel", "value": "c1|"}, None),
        ({"action_id": "route.mute.vips", "value": "C01"}, "mute add all 1h channel=<#C01>"),
        ({"action_id": "route.mute.vips", "value": "C01> --here <#C02"}, None),
    ],
)
def test_forged_values_stand_for_nothing(action, line):
    assert line_of({"type": "button", **action}) == line


@pytest.mark.parametrize(
    ("form", "given_", "where", "lines"),
    [
        ("contact_form", {"name": "Ada", "email": None}, {}, ['contact add name="Ada"']),
        (
            "contact_form",
            {"email": None},
            {"record": "c_1"},
            ['contact edit "c_1" email=""'],
        ),
        ("contact_form", {}, {"record": "c_1"}, []),
        (
            "resolver",
            {"choice.c1": "highlevel", "similar": ["similar"]},
            {"similar": '{"c1": 3}'},
            ['sync resolve "c1" highlevel similar=3'],
        ),
        (
            "resolver",
            {"choice.c1": "highlevel", "similar": []},
            {"similar": '{"c1": 3}'},
            ['sync resolve "c1" highlevel'],
        ),
        (
            "resolver",
            {"choice.c1": "value", "value.c1": "x", "similar": ["similar"]},
            {"similar": '{"c1": 3}'},
            ['sync resolve "c1" value value="x"'],
        ),
        ("resolver", {"choice.c1": None}, {}, []),
        (
            "tag_form",
            {"tags": ["kept", "new one"]},
            {"record": "c_1", "tags": '["kept", "old"]'},
            ['contact tag "c_1" +"new one" -"old"'],
        ),
        ("tag_form", {"tags": ["kept"]}, {"record": "c_1", "tags": '["kept"]'}, []),
        (
            "tag_form",
            {"tags": None},
            {"record": "c_1", "tags": '["a"]'},
            ['contact tag "c_1" -"a"'],
        ),
        ("assign_form", {"to": "U1"}, {"record": "a_1"}, ['alert assign "a_1" <@U1>']),
        ("launcher", {}, {}, []),
    ],
)
def test_a_form_is_the_lines_it_stands_for(form, given_, where, lines):
    assert lines_of(form, given_, where) == lines
    for line in lines:
        assert not isinstance(parse(line, READING), Misread), line


@given(st.text(max_size=40), st.text(max_size=40))
def test_small_forms_say_what_was_put_in(tag, name):
    view = small_forms.tag_form(VOICE, modals.Draft("t"), name, [tag])

    assert [*map(str, check_view(view))] == []


class Cards:
    """Two connections whose fields are asked for in two manners."""

    names = ("main", "us")

    def manners(self, connection):
        known = {
            "stage": FieldManner("stage", "choice", ("lead", "customer")),
            "day": FieldManner("day", "date"),
            "made": FieldManner("made", "template", is_typed=False),
            "long": FieldManner("long", "longtext"),
        }
        return known if connection == "main" else {}


def asked(*lines, connection="main"):
    card = ContactCard("c_1", connection, "Ada", tuple(lines))
    return {each.name: (each.kind, each.value) for each in fields_of(Cards(), card)}


def line(name, value):
    return FieldLine(name, {Side.HIGHLEVEL: value})


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("stage", "lead", "choice"),
        ("stage", None, "choice"),
        ("stage", "something else", "text"),
        ("day", "2026-12-24", "date"),
        ("day", None, "date"),
        ("day", "soon", "text"),
        ("long", "x", "longtext"),
        ("email", "a@b.c", "email"),
        ("phone", None, "phone"),
        ("list", ("a", "b"), "text"),
    ],
)
def test_a_menu_stands_only_where_what_is_there_fits_it(name, value, kind):
    ((found, shown),) = asked(line(name, value)).values()

    assert found == kind
    assert shown == (", ".join(value) if isinstance(value, tuple) else value or "")


def test_fields_that_are_made_are_not_asked_for():
    assert asked(line("made", "x"), line("tags", ("a",)), line("plan", "gold")) == {
        "plan": ("text", "gold")
    }
    assert set(asked(line("made", "x"), connection="us")) == {"made"}


def test_new_contact_says_in_which_connection_where_there_are_several():
    first = fields_of(Cards(), None)[0]

    assert (first.name, first.choices, first.is_needed) == ("connection", ("main", "us"), True)
    (said,) = lines_of("contact_form", {"connection": "us", "name": "Ada"}, {})
    read = parse(said, READING)
    assert (read.values, read.fields) == ({"connection": "us"}, {"name": "Ada"})
