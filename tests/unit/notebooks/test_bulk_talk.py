"""The bulk editor's form and tray without a browser: staged, counted, dropped, imported."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notebooks.session import Session, open_session
from notebooks.widgets.bulk import BulkTalks, bulk_talks
from notebooks.widgets.talk import Answer, Talk
from tests.unit.notebooks.conftest import COUNT
from toolkit.app.bulk.importing.columns import HIGHLEVEL_ID
from toolkit.app.grid import Filter, GridQuery
from toolkit.app.grid import staging as staging_module

SHOWN = COUNT - 1
"""One of them is deleted."""


@pytest.fixture
def session(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("HIGHTONIC_HIGHLEVEL_TOKEN", "pit-made-up")
    monkeypatch.setenv("HIGHTONIC_TIMETONIC_SESSKEY", "made-up")
    opened = open_session(home=home)
    yield opened
    opened.close()


@pytest.fixture
def talks(session: Session) -> Iterator[BulkTalks]:
    made = bulk_talks(session)
    yield made
    for each in (made.form, made.grid, made.tray):
        each.close()
    made.work.close()


def ask(talk: Talk, kind: str, **message: Any) -> dict[str, Any]:
    return talk.answer({"kind": kind, **message}).content


def said(talk: Talk) -> list[dict[str, Any]]:
    """What it pushes from here on."""
    heard: list[dict[str, Any]] = []

    def hear(answer: Answer) -> None:
        heard.append(answer.content)

    talk.connect(hear)
    return heard


def narrow(talks: BulkTalks, **filters: Any) -> int:
    """What the grid shows from here on; answers how many."""
    query = {name: {"test": "any_of", "values": values} for name, values in filters.items()}
    rows = talks.grid.answer({"kind": "rows", "start": 0, "end": 5, "filters": query})
    return int(rows.content["total"])


def test_form_knows_columns_people_may_type_into_and_how_many_are_meant(
    talks: BulkTalks,
) -> None:
    opened = ask(talks.form, "open")
    heard = said(talks.form)
    shown = narrow(talks, lifecycle_stage=["customer"])

    fields = {each["field"] for each in opened["columns"]}
    assert {"name", "email", "owner_id", "tags"} <= fields
    assert not {"$sync", "total_tasks", "updated_at"} & fields
    assert (opened["total"], opened["is_narrowed"]) == (SHOWN, False)
    assert heard == [{"kind": "scope", "total": shown, "is_narrowed": True}]
    assert "vip" in ask(talks.form, "choices")["tags"]


def test_column_is_set_for_what_is_shown_alone_and_can_be_undone_at_once(
    talks: BulkTalks,
) -> None:
    shown = narrow(talks, lifecycle_stage=["customer"])
    heard = said(talks.tray)

    staged = ask(talks.form, "set", field="plan", text="Pro")
    again = ask(talks.form, "set", field="plan", text="Pro")
    cells = talks.work.staging.cells()
    undone = ask(talks.grid, "undo")

    assert staged["count"] == again["count"] == shown == len(cells)
    assert {(each.old, each.new, each.value) for each in cells} == {(None, "Pro", "Pro")}
    assert heard[0] == {"kind": "counts", "count": shown, "problems": 0}
    assert undone["count"] == shown


@pytest.mark.parametrize(
    ("kind", "message", "told"),
    [
        ("set", {"field": "email", "text": "nonsense"}, "not an e-mail"),
        ("set", {"field": "total_tasks", "text": "3"}, "cannot be typed into"),
        ("set", {"field": "owner_id", "text": "Nobody"}, "no single user"),
        ("replace", {"field": "email", "find": "", "into": "x"}, "Say what to look for"),
        ("replace", {"field": "owner_id", "find": "C", "into": "x"}, "holds no text"),
        ("tags", {"add": " , ", "remove": ""}, "Name a tag"),
        ("hang", {"what": "note", "values": {"body": ""}}, "empty"),
        ("import_stage", {}, "nothing to stage"),
        ("file_part", {"part": "AAAA"}, "The file is gone"),
        ("import_check", {"columns": {}}, "The file is gone"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_staged(
    talks: BulkTalks, kind: str, message: dict[str, Any], told: str
) -> None:
    answer = ask(talks.form, kind, **message)

    assert answer["kind"] == "refused"
    assert told.lower() in answer["sentence"].lower()
    assert talks.work.changes == 0


def test_text_is_counted_then_replaced_and_what_does_not_fit_waits_in_errors(
    talks: BulkTalks,
) -> None:
    counted = ask(
        talks.form, "count", field="email", find="PERSON1", into="", ignores_case=True
    )
    exact = ask(talks.form, "count", field="email", find="PERSON1", into="")
    nothing = ask(talks.form, "count", field="email", find="")
    staged = ask(talks.form, "replace", field="email", find="person1@", into="@")
    errors = ask(talks.tray, "errors")
    dropped = ask(talks.tray, "drop_errors")

    assert (counted["count"], exact["count"], nothing["count"]) == (11, 0, 0)
    assert (staged["count"], errors["cells_total"], errors["problems"]) == (1, 1, 1)
    assert "e-mail" in errors["cells"][0]["problem"]
    assert (dropped["count"], dropped["problems"]) == (0, 0)


def test_replacing_goes_on_from_what_is_staged_and_keeps_the_first_old_value(
    talks: BulkTalks,
) -> None:
    narrow(talks, lifecycle_stage=["customer"])
    ask(talks.form, "set", field="source", text="website")
    ask(talks.form, "set", field="source", text="fair 2025")
    ask(talks.form, "replace", field="source", find="2025", into="2026")
    cells = talks.work.staging.cells()

    assert {each.new for each in cells} == {"fair 2026"}
    assert {each.old for each in cells} <= {"website", "referral", None}

    ask(talks.form, "set", field="source", text="website")
    assert all(each.old != "website" for each in talks.work.staging.cells())


def test_tags_come_and_go_one_by_one_as_a_batch_that_leaves_others_alone(
    talks: BulkTalks, session: Session
) -> None:
    narrow(talks, tags=["vip"])
    ask(talks.form, "tags", add="spring, VIP", remove="Partner")
    batch = session.start(talks.work.draft()).result(10)
    recipe = session.start(talks.work.desk.recipe(batch.id)).result(10)
    again = session.start(talks.work.draft()).result(10)

    assert {each.do for each in recipe.steps} == {"tags"}
    assert {getattr(each, "add", ()) for each in recipe.steps} == {("spring",)}
    assert batch.name.startswith("Tags of ")
    assert again.id == batch.id


def test_draft_follows_what_is_staged_and_is_forgotten_with_it(
    talks: BulkTalks, session: Session
) -> None:
    narrow(talks, lifecycle_stage=["customer"])
    ask(talks.form, "set", field="plan", text="Pro")
    first = session.start(talks.work.draft()).result(10)
    ask(talks.form, "set", field="source", text="fair")
    session.start(talks.work.draft()).result(10)
    known = ask(talks.tray, "history")["batches"]

    assert len(known) == 1
    assert known[0]["id"] != first.id
    assert known[0]["can_forget"]
    assert ask(talks.tray, "forget", batch=known[0]["id"])["batches"] == []


def test_tasks_stand_beside_cells_and_are_dropped_one_by_one_or_all(talks: BulkTalks) -> None:
    shown = narrow(talks, lifecycle_stage=["customer"])
    values = {"title": "Call", "due_at": "2026-12-01T09:00:00Z", "body": "", "owner_id": ""}
    told = ask(talks.form, "hang", what="task", values=values)
    ask(talks.form, "hang", what="note", values={"body": "Met at the fair"})
    ask(talks.form, "set", field="plan", text="Pro")
    staged = ask(talks.tray, "staged")

    assert told["count"] == shown
    assert [each["count"] for each in staged["extras"]] == [shown, shown]
    assert "“Call”" in staged["extras"][0]["title"]
    assert staged["count"] == 3 * shown
    assert staged["cells"][0]["title"] == "Plan"

    ask(talks.tray, "drop_extra", number=0)
    ask(talks.tray, "drop_extra", number=9)
    ask(talks.tray, "drop", id=staged["cells"][0]["id"], field="plan")
    assert ask(talks.tray, "staged")["count"] == 2 * shown - 1
    assert ask(talks.tray, "drop_all")["count"] == 0


def test_more_than_a_batch_holds_is_refused(
    talks: BulkTalks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging_module, "MOST_STAGED", 10)

    answer = ask(talks.form, "set", field="plan", text="Pro")

    assert "more than 10" in answer["sentence"]
    assert len(talks.work.staging) == 0


def send(talks: BulkTalks, name: str, body: bytes) -> dict[str, Any]:
    ask(talks.form, "file_begin", name=name, size=len(body))
    for at in range(0, len(body), 40):
        part = base64.b64encode(body[at : at + 40]).decode()
        ask(talks.form, "file_part", part=part)
    return ask(talks.form, "file_open")


CSV = (
    "E-Mail;Company;Company;Stage;id\r\n"
    "person1@example.com;Neu GmbH;x;customer;\r\n"
    "person2@example.com;=cmd|' /C calc'!A0;x;customer;\r\n"
    "person5@example.com;Acme;x;lead;\r\n"
    "new@example.com;Größe;x;lead;\r\n"
    "person1@example.com;Twice;x;lead;\r\n"
)


def test_file_is_matched_checked_and_staged_and_every_row_left_out_is_told(
    talks: BulkTalks,
) -> None:
    sheet = send(talks, "..\\leads.csv", CSV.encode("cp1252"))
    fields = {each["heading"]: each["field"] for each in sheet["headings"]}
    heard = said(talks.form)
    columns = {**fields, "Stage": "lifecycle_stage", "Company (2)": ""}
    checked = ask(talks.form, "import_check", columns=columns, creates=True, match=["email"])
    staged = ask(talks.form, "import_stage")
    shown = ask(talks.tray, "staged")

    assert sheet["name"] == "leads.csv"
    assert "Windows-1252" in sheet["told"][0]
    assert sheet["repeated"] == ["Company"]
    assert (fields["E-Mail"], fields["Company"], fields["id"]) == (
        "email",
        "company",
        HIGHLEVEL_ID,
    )
    assert checked["counts"]["new"] == 1
    assert {each["line"] for each in checked["notes"]} == {3, 6}
    assert any("stands in line 2" in each["reason"] for each in checked["notes"])
    assert heard[-1]["kind"] == "progress"
    assert staged["count"] == checked["items"] == shown["count"]
    assert shown["extras"][0]["title"].startswith("Import of leads.csv")
    assert "rows" in shown["extras"][0]["notes"][0]
    assert ask(talks.form, "import_stage")["kind"] == "refused"


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("leads.pdf", b"x", "neither CSV nor XLSX"),
        ("leads.csv", b"", "no headings"),
        ("leads.csv", b'a,b\n"open,1\n', "line 2"),
        ("leads.xlsx", b"PK but no book", "leads.xlsx"),
    ],
)
def test_file_that_cannot_be_read_says_why_and_goes(
    talks: BulkTalks, name: str, body: bytes, told: str
) -> None:
    answer = send(talks, name, body)
    if answer["kind"] != "refused":
        answer = ask(talks.form, "import_check", columns={"a": "name"})

    assert answer["kind"] == "refused"
    assert told in answer["sentence"]
    assert ask(talks.form, "import_forget")["kind"] == "forgotten"


def test_file_that_is_too_large_or_broken_on_its_way_is_refused(talks: BulkTalks) -> None:
    large = ask(talks.form, "file_begin", name="a.csv", size=10**9)
    ask(talks.form, "file_begin", name="", size=4)
    broken = ask(talks.form, "file_part", part="*")

    assert "larger than" in large["sentence"]
    assert "did not arrive whole" in broken["sentence"]


def test_nothing_staged_has_no_plan_and_nothing_is_in_any_synced_state(
    talks: BulkTalks,
) -> None:
    assert ask(talks.tray, "plan") == {"kind": "plan", "plan": None}
    assert ask(talks.tray, "open")["verb"] == ""
    assert "person" not in json.dumps(ask(talks.form, "open"))


def test_filter_from_elsewhere_reaches_the_page_and_one_it_does_not_know_is_dropped(
    talks: BulkTalks, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    heard = said(talks.grid)
    query = {"filters": {"source": {"test": "any_of", "values": ["website"]}}}
    session.bus.tell("filter", query=query)
    session.bus.tell("filter", query={"filters": {"nonsense": {"test": "blank"}}})
    session.bus.tell("changed")

    assert [each["kind"] for each in heard] == ["filter", "revision"]
    assert heard[0]["query"] == query


def test_pairs_are_what_the_grid_shows_in_its_order(session: Session) -> None:
    query = GridQuery(filters={"owner_id": Filter("any_of", ("Yusuf Demir",))})
    pairs = session.grid.pairs("owner_id", query)

    assert [each for each, _ in pairs] == session.grid.ids(query)
    assert {value for _, value in pairs} == {"Yusuf Demir"}


def test_cell_that_is_run_again_shows_what_is_staged_still(
    talks: BulkTalks, session: Session
) -> None:
    narrow(talks, lifecycle_stage=["customer"])
    count = ask(talks.form, "set", field="plan", text="Pro")["count"]
    again = bulk_talks(session)

    assert ask(again.tray, "open")["count"] == count
    assert ask(again.grid, "open")["count"] == count
    assert ask(again.tray, "drop_all")["count"] == ask(talks.tray, "open")["count"] == 0
