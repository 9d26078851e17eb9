"""What `hightonic bulk` shows: reasons and lines always, values only where asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from toolkit.app.bulk import (
    Batch,
    BatchPlan,
    BatchReport,
    BatchState,
    Birth,
    Cell,
    ItemLine,
    ItemState,
    Kept,
    RevertReport,
    Tags,
)
from toolkit.app.bulk.importing import ColumnGuess, ImportDraft, NoteState, Sheet
from toolkit.cli.bulk.render import (
    batches_json,
    plan_json,
    render_batches,
    render_plan,
    render_report,
    render_revert,
    report_json,
    revert_json,
)
from toolkit.model.ids import Kind, LinkId, Side

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
WHO = LinkId("c123456789")
BATCH = Batch("b-one", "Spring", BatchState.STAGED, AT, AT, items=3)
CHANGED = ItemLine(
    Cell(WHO, "plan", "free", "s3cret"), ItemState.CHANGED, "somebody changed it since", "gold"
)
FAILED = ItemLine(Tags(WHO, add=("vip",)), ItemState.FAILED, "HighLevel said no")
REFUSED = ItemLine(Birth(Kind.NOTE, None, {"body": "s3cret"}), ItemState.REFUSED, "it is empty")
PLAN = BatchPlan(
    BATCH,
    to_do=1_200,
    contacts=1_000,
    done=3,
    left=(CHANGED, FAILED, REFUSED),
    operations={(Side.HIGHLEVEL, Kind.CONTACT, "update"): 1_200},
    api_calls={Side.HIGHLEVEL: 2_400, Side.TIMETONIC: 240},
    minutes=4.2,
    share_of_day=0.012,
    left_today=150_000,
)


def text_of(made: Iterable[Any]) -> str:
    console = Console(file=StringIO(), width=200, markup=False)
    for each in made:
        console.print(each)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def drafted(notes: int = 0) -> ImportDraft:
    sheet = Sheet(
        "people.csv", ("Mail", "x"), ("Mail",), ("Read as UTF-16.",), 9, lambda: iter(())
    )
    columns = (ColumnGuess("Mail", "email", 1.0, "the same name"), ColumnGuess("x"))
    draft = ImportDraft(sheet, columns, Counter(rows=5, changed=2, new=1, unchanged=1))
    for line in range(notes):
        draft.note(line + 2, NoteState.REFUSED, "this is not an e-mail address", "Mail")
    return draft


def test_plan_tells_calls_minutes_and_the_daily_share_and_what_is_left_out() -> None:
    told = text_of(render_plan(PLAN, None, with_values=False))

    assert "1,200 changes of 1,000 contacts, 2,640 API calls, about 4 min, 1.2%" in told
    assert "3 are so already" in told
    assert "1 plan: changed since, somebody changed it since" in told
    assert "new note: refused, it is empty" in told
    assert "--apply" in told
    assert "s3cret" not in told


def test_values_are_shown_where_they_are_asked_for() -> None:
    told = text_of(render_plan(PLAN, None, with_values=True))
    machine = plan_json(PLAN, None, with_values=True)

    assert "(now gold)" in told
    assert machine["left"][0]["new"] == "s3cret"
    assert "new" not in plan_json(PLAN, None, with_values=False)["left"][0]


def test_brake_says_how_to_pass_it() -> None:
    braked = replace(PLAN, brakes=("too many",), approval="abc", minutes=0.1)
    told = text_of(render_plan(braked, None, with_values=False))

    assert "too many" in told
    assert "--approve abc" in told
    assert "under a minute" in told
    assert "--apply" not in told


@pytest.mark.parametrize("notes", [0, 2, 120])
def test_file_is_told_with_columns_and_rows_to_look_at(notes: int) -> None:
    told = text_of(render_plan(None, drafted(notes), with_values=False))

    assert "people.csv: 5 rows, 2 change a contact, 1 make one, 1 change nothing" in told
    assert "Mail = email" in told
    assert "left out: x" in told
    assert "Read as UTF-16." in told
    assert "stand there twice: Mail" in told
    assert ("line 2, Mail: this is not" in told) == bool(notes)
    assert ("and 70 more" in told) == (notes > 50)
    assert "Nothing to write" in told
    machine = plan_json(None, drafted(notes), with_values=False)
    assert (machine["to_do"], len(machine["import"]["notes"])) == (0, notes)


@pytest.mark.parametrize(
    ("state", "counts", "words"),
    [
        (BatchState.DONE, {"done": 3}, ["3 changes done.", "--revert b-one"]),
        (BatchState.STOPPED, {"done": 1, "to do": 2}, ["--resume b-one", "--revert b-one"]),
        (BatchState.PARTLY, {"done": 1, "failed": 2}, ["--retry b-one", "--revert b-one"]),
    ],
)
def test_report_says_what_can_be_done_next(
    state: BatchState, counts: dict[str, int], words: list[str]
) -> None:
    batch = replace(BATCH, state=state, counts=counts, runs=("r1",))
    report = BatchReport(batch, left=(FAILED,) * 60)
    told = text_of(render_report(report, drafted(), with_values=True))

    assert all(each in told for each in words), told
    assert "and 10 more: --json has all" in told
    machine = report_json(report, None, with_values=False)
    assert (machine["batch"]["state"], machine["run_id"], machine["import"]) == (
        state.value,
        None,
        None,
    )


def test_revert_lists_what_somebody_else_changed_since() -> None:
    kept = Kept(WHO, Kind.CONTACT, Side.HIGHLEVEL, ("plan", "tags"), "it was edited since")
    report = RevertReport(replace(BATCH, state=BatchState.REVERTED), 5, (kept,))

    told = text_of(render_revert(report))
    assert "5 writes taken back" in told
    assert "contact c1234567 plan, tags: it was edited since" in told
    (machine,) = revert_json(report)["kept"]
    assert (machine["side"], machine["fields"]) == ("highlevel", ["plan", "tags"])
    assert "Left" not in text_of(render_revert(replace(report, kept=())))


def test_batches_are_listed_with_what_is_to_be_said_of_them() -> None:
    said = replace(BATCH, said="It was cut short.")

    assert "There are no batches." in text_of(render_batches([]))
    assert "b-one: It was cut short." in text_of(render_batches([said]))
    (machine,) = batches_json([said])
    assert (machine["id"], machine["items"]) == ("b-one", 3)
