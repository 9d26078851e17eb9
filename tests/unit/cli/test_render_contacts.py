"""Archives, duplicates, figures and wishes as people and machines read them."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.unit.cli.examples import HELD_REPORT, QUIET_REPORT, shown
from toolkit.app.archive import ArchivedContact
from toolkit.app.contact_desk import MergePlans
from toolkit.app.day_figures import ApiUse, Census, Dashboard, DayFigures, SyncHealth, Week
from toolkit.app.duplicates import DuplicateGroup, Likeness
from toolkit.app.likeness import Evidence
from toolkit.app.merging import Children, Difference, Fill, MergePlan
from toolkit.cli.choose import Archiving, choose_archiving
from toolkit.cli.render.contacts import (
    archived_json,
    merges_json,
    render_archived,
    render_merges,
)
from toolkit.cli.render.figures import dashboard_json, render_dashboard
from toolkit.cli.render.plan import render_wish
from toolkit.cli.render.run import render_needs, render_run
from toolkit.errors import UseError
from toolkit.model.ids import Digest, Kind, LinkId, RecordId, Side
from toolkit.model.plan import BrakeTripped, Create, Finding, Plan

KEEP, OTHER = LinkId("aaaaaaaabbbb"), LinkId("ccccccccdddd")
ENTRY = ArchivedContact(
    KEEP, RecordId("h1"), RecordId("7"), "Ada King", "2026-11-23T09:00:00Z", "quiet"
)
GROUP = DuplicateGroup(
    (KEEP, OTHER), 91, (Likeness(KEEP, OTHER, 91, (Evidence(91, "the same phone"),)),)
)
PLAN = MergePlan(
    GROUP,
    KEEP,
    (OTHER,),
    fills=(Fill("source", "fair", OTHER), Fill("email", "a@b.c", OTHER, "one contact only")),
    differences=(Difference("name", "Ada King", "A King", OTHER),),
    add_tags=("vip",),
    children=(Children(OTHER, tasks=2, open_tasks=1, notes=1),),
)
FOUND = MergePlans((PLAN,), searched=9, crowds=1)
PERSONAL = ("Ada", "fair", "a@b.c", "A King")


@pytest.mark.parametrize(
    ("words", "stale", "meant"),
    [
        ([], None, Archiving("list")),
        (["list"], None, Archiving("list")),
        (["a@b.c", "h1"], None, Archiving("archive", ("a@b.c", "h1"))),
        ([], 30, Archiving("archive")),
        (["restore", "h1"], None, Archiving("restore", ("h1",))),
    ],
)
def test_words_after_archive_mean_one_thing(words, stale, meant):
    asked = choose_archiving(words, stale=stale)

    assert (asked.verb, asked.contacts) == (meant.verb, meant.contacts)


@pytest.mark.parametrize(
    ("words", "stale"),
    [(["restore"], None), (["restore", "h1"], 3), (["h1"], 3), (["list", "h1"], None)],
)
def test_words_that_could_mean_two_things_are_refused(words, stale):
    with pytest.raises(UseError):
        choose_archiving(words, stale=stale)


def test_archived_contacts_are_listed_with_names_only_where_asked():
    bare, whole = (shown(render_archived([ENTRY], with_values=v)) for v in (False, True))

    assert "h1" in bare
    assert "2026-11-23" in bare
    assert "Ada" not in bare
    assert "Ada King" in whole
    assert "name" not in archived_json([ENTRY], with_values=False)[0]
    assert archived_json([ENTRY], with_values=True)[0]["name"] == "Ada King"
    assert "(tag only)" in shown(
        render_archived([replace(ENTRY, archived_at="")], with_values=False)
    )
    assert "Nobody" in shown(render_archived([], with_values=True))


@pytest.mark.parametrize(
    "line",
    [
        "91 %  2 contacts",
        "Why:      the same phone",
        "Stays:    aaaaaaaa (the oldest)",
        "Marked:   cccccccc",
        "Gets:     source",
        "Gets:     email - one contact only",
        "Tags:     vip",
        "Differ:   name; the oldest one's stand",
        "By hand:  2 tasks, 1 note of cccccccc",
        "1 value that very many",
        f"hightonic duplicates --apply {GROUP.id}",
    ],
)
def test_a_group_says_who_why_how_surely_and_what_is_left_to_do(line):
    text = shown(render_merges(FOUND, names={}, with_values=False))

    assert line in text
    assert not any(each in text for each in PERSONAL)


def test_names_and_values_are_shown_where_asked():
    text = shown(render_merges(FOUND, names={KEEP: "Ada King"}, with_values=True))

    assert "Stays:    Ada King" in text
    assert "source = fair" in text


def test_no_group_and_very_many_groups_are_said():
    none = MergePlans((), searched=9, crowds=0)
    many = replace(FOUND, plans=(PLAN,) * 60, crowds=0)

    assert "No duplicates among 9 contacts." in shown(
        render_merges(none, names={}, with_values=False)
    )
    assert "10 more groups" in shown(render_merges(many, names={}, with_values=False))


def test_machines_get_every_group_and_values_only_where_asked():
    bare, whole = (merges_json(FOUND, with_values=v) for v in (False, True))

    assert not any(each in str(bare) for each in PERSONAL)
    assert bare["groups"][0]["by_hand"][0]["tasks"] == 2
    assert whole["groups"][0]["fills"][0]["value"] == "fair"
    assert whole["groups"][0]["differences"][0]["kept"] == "Ada King"


DAY = DayFigures(
    day=date(2026, 11, 23),
    at=datetime(2026, 11, 23, 12, tzinfo=UTC),
    census=Census(contacts=1200, tasks=5, open_tasks=2, overdue_tasks=1, by_stage={"": 2}),
    new_contacts=3,
    health=SyncHealth(last_run_at="2026-11-23T12:00:00+00:00", failures=1, duration_s=1.5),
    api=ApiUse(today={"highlevel": 4}),
)
DASHBOARD = Dashboard((DAY,), (Week("2026-W48", 4, 1, 2), Week("2026-W49", 0, 1, 1)))


@pytest.mark.parametrize(
    "line",
    [
        "Figures of 2026-11-23",
        "1,200 (3 new, 0 won)",
        "(none) 2",
        "5 (2 open, 1 overdue)",
        "2026-11-23 12:00:00, 1.5 s, 1 failure, 0 conflicts open",
        "highlevel 4",
        "nobody told",
        "2026-W48  4    1    25 %",
        "2026-W49  0    1    -",
    ],
)
def test_the_report_shows_the_newest_day_and_the_weeks(line):
    assert line in shown(render_dashboard(DASHBOARD))


def test_before_the_first_sync_there_are_no_figures():
    assert "no figures yet" in shown(render_dashboard(Dashboard()))


def test_machines_get_the_whole_history():
    plain = dashboard_json(DASHBOARD)

    assert plain["days"][0]["census"]["contacts"] == 1200
    assert [each["conversion"] for each in plain["weeks"]] == [0.25, None]


WRITE = Create(
    LinkId("l"), Kind.ARCHIVE, Side.TIMETONIC, RecordId(""), "k", {}, {}, parent=KEEP
)
EMPTY = Plan("main", Digest("d"))
BRAKE = BrakeTripped(
    Side.HIGHLEVEL, Kind.CONTACT, "update", 9, 1, "9 contacts would be changed"
)


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        (None, "concerns nobody"),
        (EMPTY, "it is so already"),
        (replace(EMPTY, operations=(WRITE,)), "repeat the command with --apply"),
        (replace(EMPTY, operations=(WRITE,)), "Archive rows"),
        (replace(EMPTY, held=(WRITE,), brakes=(BRAKE,)), "9 contacts would be changed"),
        (replace(EMPTY, held=(WRITE,), brakes=(BRAKE,)), "repeat the command with --approve"),
        (
            replace(EMPTY, findings=(Finding(Kind.CONTACT, Side.HIGHLEVEL, "h", "Left it"),)),
            "Left it",
        ),
    ],
)
def test_a_wish_says_what_it_would_write_and_how_to_have_it_done(plan, line):
    assert line in shown(render_wish(plan))


def test_a_run_that_a_person_asked_for_is_approved_by_asking_again():
    text = shown(render_needs(replace(HELD_REPORT, verb="archive")))

    assert "repeat the command with --approve feedbeef" in text
    assert "sync" not in text
    assert "Archived contacts of main" in shown(
        render_run(replace(QUIET_REPORT, verb="archive"))
    )
