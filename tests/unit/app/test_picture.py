"""Pictures: values in, elements out; every number that was given is to be read in it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from toolkit.app.day_figures import Census, Dashboard, DayFigures, Week
from toolkit.app.live import WriteLeave
from toolkit.app.overview import Overview
from toolkit.app.picture import draw_dashboard, markup, page, plain
from toolkit.app.picture.charts import Bar, Beat, Point, bars, beats, columns, meter, trend
from toolkit.app.picture.dashboard import span
from toolkit.app.picture.node import node
from toolkit.app.status import ConnectionStatus
from toolkit.model.ids import Kind, Side
from toolkit.store import RunEntry, RunState

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
NASTY = '<script>alert("x")</script>'


def run_of(verdict: str, **report: object) -> RunEntry:
    return RunEntry(
        id="r1",
        verb="sync",
        state=RunState.FINISHED,
        verdict=verdict,
        plan_hash="",
        config_digest="",
        started_at=AT,
        ended_at=AT.replace(minute=31),
        report=json.dumps(report),
    )


def day(number: int, **census: object) -> DayFigures:
    return DayFigures(
        day=date(2026, 11, number), at=AT, census=Census(**census), new_contacts=number
    )


def overview(*days: DayFigures, **status: object) -> Overview:
    usual = ConnectionStatus(
        name="main",
        leave=WriteLeave(None, "It writes"),
        is_paused=False,
        runs=(),
        lag_s=90.0,
        waiting=0,
        failed=0,
        oldest_waiting_at=None,
        conflicts=0,
        left_today=None,
        calls={},
        budget=None,
        every_minutes=15,
        next_sync_at=None,
    )
    return Overview(
        at=AT,
        status=replace(usual, **status),
        history=Dashboard(tuple(days), (Week("2026-W47", 5, 2, 3),)),
        seen={side: {Kind.CONTACT: 1_200, Kind.TASK: 7, Kind.NOTE: 0} for side in Side},
        runs=(run_of("done"), run_of("done", failures=["x"]), run_of("failed: no")),
    )


def test_text_is_never_markup() -> None:
    drawn = bars([Bar(NASTY, 3, {"source": NASTY})], label=NASTY)
    document = page(NASTY, drawn)

    assert "<script" not in document
    assert NASTY not in document
    assert document.count("&lt;script") >= 3


def test_page_needs_nothing_from_elsewhere_and_is_small() -> None:
    busy = day(23, contacts=9, by_stage={f"stage {n}": n for n in range(40)})
    document = page("main", draw_dashboard(overview(day(22), busy)))

    assert "http" not in document
    assert "<script" not in document
    assert "url(" not in document
    assert len(document.encode()) < 60_000


def test_json_and_markup_are_one_tree() -> None:
    found = node("g", "a & b", node("rect", x=1.5, data_filter="{}"), class_="pic")

    assert plain(found) == [
        "g",
        {"class": "pic"},
        ["a & b", ["rect", {"x": "1.5", "data-filter": "{}"}, []]],
    ]
    assert markup(found) == '<g class="pic">a &amp; b<rect x="1.5" data-filter="{}"/></g>'


def test_bars_end_with_their_numbers_and_the_longest_is_the_largest() -> None:
    drawn = bars([Bar("lead", 1_200), Bar("won", 300)], label="stages")
    lengths = [
        float(str(each.settings["width"]))
        for each in drawn.find("rect")
        if each.settings["class"] == "pic-fill0"
    ]

    assert "1,200" in drawn.text
    assert lengths[0] == pytest.approx(4 * lengths[1])


def test_click_filters_by_the_value_and_blank_is_none() -> None:
    census = {"contacts": 3, "by_stage": {"lead": 2, "": 1}}
    drawn = draw_dashboard(overview(day(23, **census)))
    picks = [
        json.loads(str(each.settings["data-filter"]))
        for each in drawn.find("g")
        if "data-filter" in each.settings
    ]

    assert picks == [{"lifecycle_stage": "lead"}, {"lifecycle_stage": None}]


def test_many_names_are_folded_into_one_that_is_not_clicked() -> None:
    drawn = draw_dashboard(overview(day(23, by_source={f"s{n}": 20 - n for n in range(12)})))
    marks = [each for each in drawn.find("g") if "data-filter" in each.settings]

    assert len(marks) == 8
    assert "other" in drawn.text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({"is_paused": True}, "Paused"),
        ({"conflicts": 3}, "▲ 3"),
        ({"lag_s": None}, "never"),
        ({"lag_s": 90_000.0}, "▲ 1 d ago"),
        ({"waiting": 12}, "12 events wait"),
        ({"left_today": 150_000}, "50,000 of 200,000 (25 %)"),
    ],
)
def test_what_stands_out_is_said_in_words(status: dict[str, object], words: str) -> None:
    assert words in draw_dashboard(overview(day(23), **status)).text


def test_before_the_first_run_there_is_a_sentence() -> None:
    assert "Run one first" in draw_dashboard(overview()).text


def test_trend_has_a_gap_where_nobody_looked_and_needs_two_days() -> None:
    points = [Point("1", (1, None)), Point("2", (2, 4)), Point("3", (3, 5))]
    lines = [*trend(points, names=("a", "b"), label="t").find("polyline")]

    assert [len(str(each.settings["points"]).split()) for each in lines] == [3, 2]
    assert "no trend" in trend(points[:1], names=("a", "b"), label="t").text


def test_columns_name_week_series_and_number() -> None:
    drawn = columns([Point("W47", (5, 2))], names=("new", "won"), label="leads")

    assert "W47: new 5" in drawn.text
    assert "W47: won 2" in drawn.text


@pytest.mark.parametrize(("used", "sign"), [(10, "✓"), (80, "▲"), (95, "✕"), (120, "✕")])
def test_meter_warns_before_the_end(used: int, sign: str) -> None:
    assert sign in meter("calls", used, 100).text


def test_run_that_left_something_or_failed_has_a_sign_beside_its_colour() -> None:
    drawn = beats([Beat("a", 1, "good"), Beat("b", 2, "warn"), Beat("c", 3, "bad")], label="r")

    assert Counter(drawn.text.split()) >= Counter(["▲", "✕"])


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "never"), (5, "5 s"), (130, "2 min"), (7_300, "2 h"), (2e5, "2 d")],
)
def test_span(seconds: float | None, said: str) -> None:
    assert span(seconds) == said
