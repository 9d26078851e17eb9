"""The grammar of `/hightonic`."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.parse import (
    COMMANDS,
    ChannelRef,
    Compared,
    Due,
    Misread,
    Parsed,
    PersonRef,
    Reading,
    Trouble,
    find_command,
    parse,
)
from bot.parse.commands import BUILT_IN_ALIASES
from bot.parse.dates import read_date
from bot.parse.values import read_clock, read_span
from bot.parse.write import written

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
READING = Reading(MONDAY, PARIS, fields=("name", "email", "phone", "plan", "owner_id"))


def read(text, **options):
    found = parse(text, READING, **options)
    assert isinstance(found, Parsed), found
    return found


def refused(text, **options):
    found = parse(text, READING, **options)
    assert isinstance(found, Misread), found
    return found


def due(day, at=None):
    return Due(date.fromisoformat(day), at, "Europe/Paris")


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ("", "menu open", {}),
        ("   ", "menu open", {}),
        ("help", "help show", {}),
        ("?", "help show", {}),
        ("HELP Task add", "help show", {"object": "Task", "verb": "add"}),
        ("contact find ada lovelace", "contact find", {"text": "ada lovelace"}),
        ("contact ada", "contact find", {"text": "ada"}),
        ("con f ada", "contact find", {"text": "ada"}),
        ('contact "show"', "contact find", {"text": "show"}),
        ("ada@x.io", "contact find", {"text": "ada@x.io"}),
        ("<mailto:ada@x.io|ada@x.io>", "contact find", {"text": "ada@x.io"}),
        ("contact show +33612345678", "contact show", {"contact": "+33612345678"}),
        ("<tel:+33612345678|+33 6 12 34 56 78>", "contact find", {"text": "+33 6 12 34 56 78"}),
        ("+33612345678", "contact find", {"text": "+33612345678"}),
        ("contact show O\u2019Brien", "contact show", {"contact": "O\u2019Brien"}),
        ("contact show 'Ada Lovelace'", "contact show", {"contact": "Ada Lovelace"}),
        ("contact find <!channel> &amp; &lt;b&gt;", "contact find", {"text": "!channel & <b>"}),
        ("contact find <https://x.io/a|x.io>", "contact find", {"text": "https://x.io/a"}),
        (
            "todo \u201cCall Ada\u201d due=fri",
            "task add",
            {"title": "Call Ada", "due": due("2026-11-27")},
        ),
        ("task", "task list", {}),
        ("note list <!subteam^S1|@ops>", "note list", {"contact": "@ops"}),
        ("note list <!subteam^S1>", "note list", {"contact": "!subteam^S1"}),
        ("task list <@U1|sam>", "task list", {"whose": PersonRef("U1", "sam")}),
        ("task list over", "task list", {"whose": "overdue"}),
        (
            "task list mine due&lt;7d",
            "task list",
            {"whose": "mine", "due": Compared("<", due("2026-11-30"))},
        ),
        ("task list due<=fri", "task list", {"due": Compared("<=", due("2026-11-27"))}),
        (
            'task snooze t1 "demain 15h"',
            "task snooze",
            {"task": "t1", "due": due("2026-11-24", time(15))},
        ),
        ("task snooze t1 +3d", "task snooze", {"task": "t1", "due": due("2026-11-26")}),
        (
            "task assign t1 me",
            "task assign",
            {"task": "t1", "to": PersonRef(name="me")},
        ),
        ("task assign t1 @sam", "task assign", {"task": "t1", "to": PersonRef(name="sam")}),
        (
            "note add ada@x.io Hello there, world",
            "note add",
            {"contact": "ada@x.io", "text": "Hello there, world"},
        ),
        (
            "mute add conflict 1h30m",
            "mute add",
            {"scope": "conflict", "for": timedelta(hours=1.5)},
        ),
        ("digest set 9h weekdays", "digest set", {"time": time(9), "days": "weekdays"}),
        ("approve no p1 not this", "approve no", {"approval": "p1", "reason": "not this"}),
        ("why a_71", "why show", {"reference": "a_71"}),
        (
            "admin limit <#C1|sales> viewer",
            "admin limit",
            {"channel": ChannelRef("C1", "sales"), "role": "viewer"},
        ),
        (
            "admin limit #sales vi",
            "admin limit",
            {"channel": ChannelRef(name="sales"), "role": "viewer"},
        ),
        (
            "admin limit here nobody",
            "admin limit",
            {"channel": ChannelRef(name="here"), "role": "nobody"},
        ),
        (
            "admin grant sam@x.io ed",
            "admin grant",
            {"person": PersonRef(name="sam@x.io"), "role": "editor"},
        ),
        ("note list <@U1|sam>", "note list", {"contact": "<U1>"}),
    ],
)
def test_a_line_reads_as(text, name, values):
    found = read(text)

    assert found.command.name == name
    assert dict(found.values) == values


@pytest.mark.parametrize(
    ("text", "trouble", "at", "suggestions"),
    [
        ("contcat find x", Trouble.UNKNOWN_OBJECT, 0, ("contact",)),
        ("name=x", Trouble.UNKNOWN_OBJECT, 0, ()),
        ("contact fnd", Trouble.UNKNOWN_VERB, 8, ("contact find",)),
        ("mute conflict", Trouble.UNKNOWN_VERB, 5, ("mute list",)),
        ("m", Trouble.AMBIGUOUS, 0, ("menu", "mute", "me")),
        ("task a", Trouble.AMBIGUOUS, 5, ("add", "assign")),
        ('contact find "ada', Trouble.UNCLOSED_QUOTE, 13, ()),
        ("task add x deu=fri", Trouble.UNKNOWN_KEY, 11, ("due",)),
        ("contact add emial=x", Trouble.UNKNOWN_KEY, 12, ("email",)),
        ("contact add email=x email=y", Trouble.REPEATED_KEY, 20, ()),
        ("contact add email<x", Trouble.BAD_OPERATOR, 12, ("=",)),
        ("task add x due=fri due=mon", Trouble.REPEATED_KEY, 19, ()),
        ("task add x due<fri", Trouble.BAD_OPERATOR, 11, ("=",)),
        ("task add x due=blarg", Trouble.BAD_DATE, 11, ()),
        ("sync run --dryrun", Trouble.UNKNOWN_FLAG, 9, ("--dry-run",)),
        ("sync run --lang=de", Trouble.BAD_CHOICE, 9, ("en", "fr")),
        ("contact show a b", Trouble.TOO_MANY, 15, ()),
        ("why", Trouble.MISSING, 3, ()),
        ("contact tag ada", Trouble.MISSING, 15, ()),
        ("sync status +vip", Trouble.NO_TAGS_HERE, 12, ()),
        ("me lang de", Trouble.BAD_CHOICE, 8, ("en", "fr")),
        ("me lang +de", Trouble.NO_TAGS_HERE, 8, ()),
        ("mute add x forever", Trouble.BAD_DURATION, 11, ()),
        ("me quiet 25:00 8", Trouble.BAD_TIME, 9, ()),
        ("task assign t1 sam", Trouble.BAD_PERSON, 15, ()),
        ("admin limit sales viewer", Trouble.BAD_CHANNEL, 12, ()),
        ("x" * 4001, Trouble.TOO_LONG, 4000, ()),
    ],
)
def test_a_line_that_cannot_be_read_says_where(text, trouble, at, suggestions):
    found = refused(text)

    assert found.trouble is trouble
    assert found.suggestions[: len(suggestions)] == suggestions
    assert found.at == at


def test_the_caret_stands_under_the_place():
    found = refused("task add x due=blarg")

    line, caret = found.pointed("task add x due=blarg").splitlines()

    assert line[caret.index("^") :].startswith("due=blarg")
    assert found.usage.startswith("task add <title>")


def test_the_caret_of_a_long_line_stands_in_a_part_of_it():
    text = "task add " + "x" * 200 + " due=blarg"

    line, caret = refused(text).pointed(text).splitlines()

    assert len(line) <= 60
    assert line[caret.index("^") :].startswith("due")


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("task add", ("title",)),
        ("task add -", ("title",)),
        ("contact add", ("fields",)),
        ("contact edit ada@x.io", ("fields",)),
        ("note add ada@x.io", ("text",)),
    ],
)
def test_what_is_missing_opens_a_form(text, missing):
    found = read(text)

    assert found.wants_form
    assert found.missing == missing


def test_fields_tags_and_flags_are_parted():
    edit = read("contact edit ada plan='gold one' EMAIL=<mailto:a@b.co|a@b.co> phone= --json")
    tag = read('contact tag ada +vip -cold +"big client" --here')

    assert edit.fields == {"plan": "gold one", "email": "a@b.co", "phone": ""}
    assert edit.flags == {"json"}
    assert (tag.tags_added, tag.tags_removed) == (("vip", "big client"), ("cold",))
    assert tag.is_public
    assert not edit.is_public


def test_a_phone_writes_dashes_for_flags():
    assert read("sync run \u2014dry-run \u2013full").flags == {"dry-run", "full"}
    assert read("sync status --lang=fr").language == "fr"


def test_a_workspace_s_own_alias_comes_first_and_never_loops():
    aliases = {"c": "task add", "loop": "loop", "contact": "task add", "bad": '"'}

    assert read("c Call", aliases=aliases).command.name == "task add"
    assert read("contact find x", aliases=aliases).command.name == "contact find"
    assert refused("loop", aliases=aliases).trouble is Trouble.UNKNOWN_OBJECT
    assert refused("bad", aliases=aliases).trouble is Trouble.UNKNOWN_OBJECT
    assert refused('"c" x', aliases=aliases).trouble is Trouble.UNKNOWN_OBJECT


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.name)
def test_every_example_works(command):
    found = read(command.example)

    assert found.command is command
    assert command.usage.startswith(command.name)


@pytest.mark.parametrize("meaning", BUILT_IN_ALIASES.values())
def test_every_alias_names_a_command(meaning):
    assert find_command(*f"{meaning} show".split()[:2])


def test_names_are_unique_and_each_object_has_one_usual_verb_at_most():
    names = [each.name for each in COMMANDS]
    usual = [each.object for each in COMMANDS if each.is_usual]

    assert len(names) == len(set(names))
    assert len(usual) == len(set(usual))


@pytest.mark.parametrize(
    ("text", "day", "at"),
    [
        ("today", "2026-11-23", None),
        ("demain", "2026-11-24", None),
        ("hier", "2026-11-22", None),
        ("mon", "2026-11-30", None),
        ("next friday", "2026-11-27", None),
        ("vendredi prochain", "2026-11-27", None),
        ("7d", "2026-11-30", None),
        ("in 2 weeks", "2026-12-07", None),
        ("dans 1 mois", "2026-12-23", None),
        ("3 days ago", "2026-11-20", None),
        ("-1y", "2025-11-23", None),
        ("2026-12-24", "2026-12-24", None),
        ("24/12", "2026-12-24", None),
        ("3/4/2027", "2027-04-03", None),
        ("24 d\u00e9c", "2026-12-24", None),
        ("dec 24", "2026-12-24", None),
        ("3 jan", "2027-01-03", None),
        ("3 jan 2026", "2026-01-03", None),
        ("fri 15:30", "2026-11-27", time(15, 30)),
        ("tomorrow at 3pm", "2026-11-24", time(15)),
        ("demain \u00e0 9h", "2026-11-24", time(9)),
        ("24/12 18h30", "2026-12-24", time(18, 30)),
        ("tomorrow 12am", "2026-11-24", time(0)),
    ],
)
def test_days_are_read_in_both_languages(text, day, at):
    found = read_date(text, now=MONDAY, day_first=True)

    assert (found.day.isoformat(), found.time) == (day, at)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "12",
        "31/31",
        "tomorrow 25:00",
        "x" * 50,
        "year 3000",
        "1/1/1800",
        "999y",
        "31 feb 2027",
        "12:30",
        "blarg 12:30",
        "2026-99-99",
    ],
)
def test_what_is_no_day_is_none(text):
    assert read_date(text, now=MONDAY, day_first=True) is None


def test_today_is_the_person_s_own_day():
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    reading = Reading(late, PARIS)

    found = parse("task snooze t1 today", reading)

    assert found.values["due"].day == date(2026, 11, 24)


def test_month_or_day_first_is_the_reader_s_habit():
    american = Reading(MONDAY, PARIS, day_first=False)

    assert parse("task snooze t1 3/4/2027", american).values["due"].day == date(2027, 3, 4)
    assert parse("task snooze t1 2027-03-04", READING).values["due"].day == date(2027, 3, 4)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("90m", 90), ("1h", 60), ("2d", 2880), ("1 w", 10080), ("1h30min", 90), ("2j", 2880)],
)
def test_spans(text, minutes):
    assert read_span(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "h", "1x", "0h", "99w9x", "9999d", "1h foo"])
def test_what_is_no_span_is_none(text):
    assert read_span(text) is None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("9", time(9)),
        ("09:05", time(9, 5)),
        ("12am", time(0)),
        ("12pm", time(12)),
        ("13pm", None),
        ("24:00", None),
        ("9:75", None),
        ("x", None),
    ],
)
def test_times_of_day(text, at):
    assert read_clock(text) == at


lines = st.text(
    st.sampled_from(
        list(
            "abcdefgz019 \t\n\"'\u201c\u201d\u00ab\u2019<>@#!|=&;+-\u2014/:._\\\U0001f600\u05d0\u202e"
        )
    ),
    max_size=60,
) | st.lists(
    st.sampled_from(
        [
            *(each.object for each in COMMANDS),
            *(each.verb for each in COMMANDS),
            "due=",
            "fri",
            '"',
            "<@U1|x>",
            "--full",
            "+x",
            "due<7d",
            "a=b",
            "x@y.zz",
        ]
    ),
    max_size=7,
).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(lines)
def test_reading_never_raises_and_points_into_the_line(text):
    found = parse(text, READING)

    if isinstance(found, Misread):
        assert 0 <= found.at <= max(len(text), 40)
        assert found.pointed(text).count("\n") == 1


words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)


@settings(max_examples=200, deadline=None)
@given(
    words,
    words,
    st.sampled_from(["x", "a b", "t_1"]),
    st.dates(date(1971, 1, 1), date(2199, 1, 1)),
)
def test_a_command_written_out_reads_as_itself(title, body, contact, day):
    first = read("task add x due=fri contact=y body=z owner=<@U1|s&amp;m> --json --lang=fr")
    values = {
        **first.values,
        "title": title,
        "body": body,
        "contact": contact,
        "due": Due(day, None, "Europe/Paris"),
    }
    meant = Parsed(first.command, values, flags=first.flags, language="fr")

    assert read(escaped(written(meant))) == meant


def escaped(text):
    """As Slack escapes what a person types, its own mention left whole."""
    mention = "<@U1|s&amp;m>"
    rest = [
        part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        for part in text.split(mention)
    ]
    return mention.join(rest)


@pytest.mark.parametrize(
    "text",
    [
        *(each.example for each in COMMANDS),
        "task list due<=fri",
        "task assign t1 me",
        "task assign t1 @sam",
        "admin limit <#C1|a&amp;b> viewer",
        "admin limit here viewer",
        'task snooze t1 "fri 15:00"',
        'contact tag ada +"a b" -c',
        "contact edit ada plan='x \"y\"'",
        "me quiet 19:00 08:00 --here",
    ],
)
def test_written_out_reads_as_itself(text):
    once = read(text)

    assert read(written(once)) == once
    assert written(read(written(once))) == written(once)
