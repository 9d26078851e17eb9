"""The catalogue, and text that can do nothing but be read."""

import re
import string
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot
from bot.parse import COMMANDS, Trouble
from bot.words import Markup, Voice, clean, cut, escaped
from bot.words.catalogue import CATALOGUE
from bot.words.escape import width
from tests.unit.bot.nasty import INJECTIONS
from toolkit.model.chat_approvals import ApprovalState
from toolkit.model.chat_people import Risk, Role
from toolkit.model.events import EventKind

ENGLISH, FRENCH = Voice("en"), Voice("fr", "Europe/Paris")
SPOKEN = re.compile(r'\.(?:say|tell)\(\s*"([^"]+)"')
NOT_PARITY = {"table.contact", "modal.contact_form", "modal.note_form", "form.note"}


def phrases(entry):
    return [phrase if isinstance(phrase, tuple) else (phrase,) for phrase in entry]


def blanks(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", CATALOGUE)
def test_both_languages_say_the_same(key):
    english, french = phrases(CATALOGUE[key])

    assert len(english) == len(french)
    needed = set().union(*map(blanks, english))
    assert needed == set().union(*map(blanks, french))
    assert all(text.strip() for text in (*english, *french))


def test_every_sentence_that_is_spoken_exists():
    spoken = {
        key
        for file in Path(bot.__file__).parent.rglob("*.py")
        for key in SPOKEN.findall(file.read_text("utf-8"))
    }

    assert spoken
    assert spoken <= set(CATALOGUE)


@pytest.mark.parametrize(
    "key",
    [
        *(f"misread.{each.value}" for each in Trouble),
        *(f"alert.{each.value}" for each in EventKind),
        *(f"digest.{each.value}" for each in EventKind),
        *(f"risk.{each.value}" for each in Risk),
        *(f"role.{each.word}" for each in Role),
        *(f"approval.{each.value}" for each in ApprovalState),
        *(f"help.{each.object}.{each.verb}" for each in COMMANDS if each.object != "menu"),
        *(f"help.object.{each.object}" for each in COMMANDS if each.object != "menu"),
    ],
)
def test_everything_that_can_be_said_has_a_sentence(key):
    assert ENGLISH.knows(key)


@pytest.mark.parametrize("key", [key for key in CATALOGUE if key.startswith("button.")])
def test_buttons_are_short_enough_for_a_phone(key):
    for texts in phrases(CATALOGUE[key]):
        assert all(len(text) <= 24 for text in texts)


@pytest.mark.parametrize(
    ("voice", "count", "said"),
    [
        (ENGLISH, 0, "0 tasks"),
        (ENGLISH, 1, "1 task"),
        (ENGLISH, 12345, "12,345 tasks"),
        (FRENCH, 0, "0 t\u00e2che"),
        (FRENCH, 1, "1 t\u00e2che"),
        (FRENCH, 12345, "12\u202f345 t\u00e2ches"),
        (Voice("de"), 2, "2 tasks"),
    ],
)
def test_each_language_counts_its_own_way(voice, count, said):
    assert voice.tell("task.found", count=count) == said


def test_times_days_and_spans_are_the_reader_s():
    at = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)

    assert FRENCH.moment(at) == (
        "<!date^1795476600^{date_short_pretty} {time}|2026-11-23 23:30 UTC>"
    )
    assert FRENCH.clock(at) == "mar. 24 nov. 2026 00:30"
    assert ENGLISH.day(date(2026, 11, 27)) == "Fri 27 Nov 2026"
    spans = [timedelta(seconds=5), timedelta(minutes=5), timedelta(hours=3), timedelta(days=2)]
    assert [ENGLISH.span(each) for each in spans] == ["5 s", "5 min", "3 h", "2 days"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("a & b", "a &amp; b"),
        ("*bold*", "\u2217bold\u2217"),
        ("first_last@example.com", "first_last@example.com"),
        ("_it_ ~x~ `c`", "\uff3fit\uff3f \u223cx\u223c \u02cbc\u02cb"),
        ("two\nlines\x00", "two lines"),
        ("\u202eevil", "evil"),
        ("\u05d0\u05d1", "\u2068\u05d0\u05d1\u2069"),
    ],
)
def test_a_value_is_read_and_nothing_else(text, shown):
    assert escaped(text) == shown
    assert escaped(escaped(text)) == shown


@pytest.mark.parametrize("text", INJECTIONS)
def test_a_sentence_stays_harmless_whoever_is_in_it(text):
    said = ENGLISH.say("contact.card", name=text)

    assert "<" not in said
    assert ">" not in said
    assert not re.search(r"[*`~]", said)
    assert "\n" not in said


def test_our_own_markup_stays():
    assert ENGLISH.say("alert.state.acked", who=Markup("<@U1>")) == "<@U1> looks after it."
    assert ENGLISH.tell("contact.card", name="<b>") == "Contact: <b>"


@given(st.text(max_size=50), st.integers(2, 40))
def test_what_is_cut_fits_and_keeps_its_escapes_whole(text, most):
    short = cut(escaped(text), most)

    assert width(short) <= most
    assert not re.search(r"&(?!amp;|lt;|gt;)", short)
    assert cut(clean(text), 1000) == clean(text)
