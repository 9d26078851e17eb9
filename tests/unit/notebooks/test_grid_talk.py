"""The grid's Python half, driven by the messages a page sends."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from notebooks.widgets.grid_talk import GridTalk
from notebooks.widgets.talk import Answer
from tests.unit.notebooks.conftest import COUNT
from toolkit.app.grid import GridSource


@pytest.fixture
def talk(grid: GridSource) -> GridTalk:
    return GridTalk(grid)


def ask(talk: GridTalk, kind: str, **message: Any) -> dict[str, Any]:
    return talk.answer({"kind": kind, **message}).content


def rows(talk: GridTalk, **message: Any) -> list[dict[str, Any]]:
    answer = talk.answer({"kind": "rows", "start": 0, "end": 100, **message})
    assert answer.block is not None, answer.content
    found: list[dict[str, Any]] = json.loads(answer.block)
    return found


def edit(talk: GridTalk, number: int, field: str, text: str) -> dict[str, Any]:
    return ask(talk, "edit", id=f"c{number:07}", field=field, text=text)


def test_page_is_told_the_columns_and_no_contact(talk: GridTalk) -> None:
    opened = talk.answer({"kind": "open", "req": 7})

    assert (opened.content["kind"], opened.content["req"]) == ("opened", 7)
    assert opened.content["columns"][0]["sides"] == ["HighLevel", "TimeTonic"]
    assert "person" not in json.dumps(opened.content)


def test_block_carries_rows_apart_from_the_content(talk: GridTalk) -> None:
    answer = talk.answer({"kind": "rows", "start": 0, "end": 2, "req": 1, "search": "person1"})
    assert answer.block is not None

    assert answer.content == {
        "kind": "rows",
        "start": 0,
        "total": 11,
        "revision": 1,
        "req": 1,
    }
    assert [row["v"]["email"] for row in json.loads(answer.block)] == [
        "person1@example.com",
        "person10@example.com",
    ]


def test_row_tells_differing_sides_by_their_own_names_and_reasons(talk: GridTalk) -> None:
    found = {row["id"]: row for row in rows(talk)}

    assert found["c0000001"]["differs"] == {
        "company": {"HighLevel": None, "TimeTonic": "Seen Ltd"}
    }
    assert found["c0000002"]["reason"] == "Two contacts have this e-mail"


def test_staged_cell_is_in_the_block_when_it_is_read_again(talk: GridTalk) -> None:
    changed = edit(talk, 0, "email", "nope")
    (row, *_) = rows(talk)
    mark = {
        "old": "person0@example.com",
        "new": "nope",
        "problem": "this is not an e-mail address",
    }

    assert changed["cells"] == [
        {"id": "c0000000", "field": "email", "staged": mark, "value": "person0@example.com"}
    ]
    assert (changed["count"], changed["problems"], changed["skipped"]) == (1, 1, 0)
    assert row["staged"] == {"email": mark}


def test_paste_reaches_rows_no_block_was_asked_for(talk: GridTalk) -> None:
    cells = [[f"Firm {n}", "x"] for n in range(COUNT)]
    sort = [{"field": "email", "down": True}]
    changed = ask(talk, "paste", start=0, fields=["company"], cells=cells, sort=sort)
    (first, *_) = rows(talk, sort=sort)

    assert (changed["count"], changed["skipped"]) == (COUNT - 1, COUNT + 1)
    assert first["staged"]["company"]["new"] == "Firm 0"


def test_page_asks_again_where_more_cells_changed_than_a_screen_holds(
    talk: GridTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notebooks.widgets.grid_talk._LISTED", 3)
    cells = [["Firm"]] * 4

    assert ask(talk, "paste", start=0, fields=["company"], cells=cells)["cells"] is None
    assert len(ask(talk, "staged")["cells"]) == 3


def test_undo_redo_and_drop_tell_which_cells_to_draw_anew(talk: GridTalk) -> None:
    edit(talk, 0, "company", "Acme")
    undone, redone = ask(talk, "undo"), ask(talk, "redo")
    dropped = ask(talk, "drop", cells=[["c0000000", "company"]])

    assert (undone["count"], undone["cells"][0]["staged"]) == (0, None)
    assert redone["cells"][0]["staged"]["new"] == "Acme"
    assert (dropped["count"], dropped["cells"][0]["value"]) == (0, "Company 0")
    assert ask(talk, "drop")["cells"] == []


def test_staged_list_names_the_contact(talk: GridTalk) -> None:
    edit(talk, 0, "company", "Acme")

    (line,) = ask(talk, "staged")["cells"]
    assert (line["name"].split()[0], line["field"], line["new"]) == ("Ada", "company", "Acme")


def test_chips_begin_with_the_sync_state_and_follow_the_query(talk: GridTalk) -> None:
    said: list[Answer] = []
    talk.connect(said.append)
    talk.warm()
    facets = said[0].content["facets"]
    asked = ask(talk, "facets", names=["lifecycle_stage"], search="person0@")["facets"]

    assert next(iter(facets)) == "$sync"
    assert asked == {"lifecycle_stage": [["lead", 1]]}


def test_summary_and_poll_answer(talk: GridTalk) -> None:
    summary = ask(talk, "summary", field="total_tasks")["summary"]

    assert (summary["low"], summary["high"]) == (0, 4)
    assert ask(talk, "poll") == {"kind": "revision", "revision": 1}


@pytest.mark.parametrize(
    "message",
    [
        None,
        "rows",
        {},
        {"kind": "delete everything"},
        {"kind": "rows"},
        {"kind": "rows", "start": "x", "end": 3},
        {"kind": "rows", "start": 0, "end": 5_000},
        {"kind": "rows", "start": 0, "end": 5, "sort": [{"field": "nonsense"}]},
        {"kind": "rows", "start": 0, "end": 5, "filters": ["email"]},
        {"kind": "edit", "id": "c0000000"},
        {"kind": "summary", "field": "nonsense"},
    ],
)
def test_message_that_makes_no_sense_is_refused_in_a_sentence(
    talk: GridTalk, message: object, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        answer = talk.answer(message)

    assert answer.content["kind"] == "refused"
    assert answer.content["sentence"]
    assert "person" not in caplog.text


def test_store_that_cannot_be_read_while_warming_is_a_sentence(
    talk: GridTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from toolkit.errors import StateBusyError

    def busy(_: object) -> None:
        raise StateBusyError("Another process works on the same home")

    monkeypatch.setattr(talk.source, "warm", busy)
    said: list[Answer] = []
    talk.connect(said.append)
    talk.warm()

    assert [each.content["kind"] for each in said] == ["refused"]
