"""The explorer without a browser: who is chosen is read whole; a view is kept as a segment."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notebooks.session import Session, open_session
from notebooks.widgets import panel as panels
from notebooks.widgets.bulk import bulk_editor
from notebooks.widgets.detail_talk import DetailTalk
from notebooks.widgets.explorer import explorer, explorer_talks
from notebooks.widgets.grid_talk import GridTalk
from notebooks.widgets.talk import Answer, Talk

CHOSEN = "c0000001"


@pytest.fixture
def session(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("HIGHTONIC_HIGHLEVEL_TOKEN", "pit-made-up")
    monkeypatch.setenv("HIGHTONIC_TIMETONIC_SESSKEY", "made-up")
    opened = open_session(home=home)
    yield opened
    opened.close()


@pytest.fixture
def talks(session: Session) -> Iterator[tuple[GridTalk, DetailTalk]]:
    grid, detail = explorer_talks(session)
    yield grid, detail
    grid.close()
    detail.close()


def ask(talk: Talk, kind: str, **message: Any) -> dict[str, Any]:
    return talk.answer({"kind": kind, **message}).content


def hearing(talk: Talk) -> list[dict[str, Any]]:
    heard: list[dict[str, Any]] = []

    def hear(answer: Answer) -> None:
        heard.append(answer.content)

    talk.connect(hear)
    return heard


def first(heard: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """The first message of a kind, once it is there."""
    for _ in range(500):
        found = next((each for each in list(heard) if each["kind"] == kind), None)
        if found is not None:
            return found
        time.sleep(0.01)
    raise AssertionError(heard)


def test_row_chosen_in_the_grid_is_shown_beside_it(
    talks: tuple[GridTalk, DetailTalk],
) -> None:
    grid, detail = talks
    heard = hearing(detail)
    before = ask(detail, "open")
    ask(grid, "select", contact=CHOSEN)
    shown = first(heard, "detail")["detail"]
    fields = {each["title"]: each for each in shown["fields"]}

    assert before["detail"] is None
    assert ask(detail, "open")["detail"] == shown
    assert shown["name"].startswith("Bruno")
    assert [each["side"] for each in shown["records"]] == ["HighLevel", "TimeTonic"]
    assert fields["Company"]["differs"]
    assert fields["Company"]["shown"]["TimeTonic"] == "Seen Ltd"
    assert fields["Owner"]["agreed"] in {"Claire Beaumont", "Yusuf Demir"}
    assert fields["Email"]["places"] == {"HighLevel": "email", "TimeTonic": "Email"}
    assert not fields["Updated at"]["differs"]
    json.dumps(shown)


def test_what_was_written_is_read_again_and_conflicts_are_told(
    talks: tuple[GridTalk, DetailTalk], session: Session
) -> None:
    _, detail = talks
    heard = hearing(detail)
    session.bus.tell("changed")
    ask(detail, "show", contact="c0000004")
    shown = first(heard, "detail")["detail"]
    heard.clear()
    session.bus.tell("changed")

    assert [each["title"] for each in shown["conflicts"]] == ["Email"]
    assert first(heard, "detail")["detail"]["id"] == "c0000004"


def test_contact_that_is_gone_or_cannot_be_reached_is_told(
    talks: tuple[GridTalk, DetailTalk],
) -> None:
    _, detail = talks
    heard = hearing(detail)
    ask(detail, "show", contact="nobody")

    assert "no such contact" in first(heard, "refused")["sentence"]

    heard.clear()
    ask(detail, "refresh", contact="nobody")
    assert "Nothing was read" in first(heard, "refused")["sentence"]


def test_explorer_is_for_looking_and_keeps_a_view_as_a_segment(
    talks: tuple[GridTalk, DetailTalk],
) -> None:
    grid, _ = talks
    opened = ask(grid, "open")
    filters = {"tags": {"test": "any_of", "values": ["vip"]}}
    saved = ask(grid, "segment", name="vips", filters=filters)
    taken = ask(grid, "segment", name="vips", filters={"plan": {"test": "blank"}})
    replaced = ask(
        grid, "segment", name="vips", filters={"plan": {"test": "blank"}}, replaces=True
    )

    shown = ask(grid, "segment_show", name="vips")

    assert shown["query"] == {
        "filters": {"plan": {"test": "blank", "values": []}},
        "search": "",
    }
    assert opened["edits"] == "never"
    assert not any(each["is_editable"] for each in opened["columns"])
    assert opened["segments"] == []
    assert saved["segments"] == ["vips"]
    assert "already" in taken["sentence"]
    assert replaced["kind"] == "segment"


def test_grid_alone_offers_no_segments(session: Session) -> None:
    alone = GridTalk(session.grid)

    assert ask(alone, "segment", name="vips")["kind"] == "refused"
    assert ask(alone, "segment_show", name="vips")["kind"] == "refused"


def test_panels_are_put_together_without_a_contact_in_any_state(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("anywidget", reason="the extra `notebooks` is not installed")
    for name in ("grid", "detail", "bulk", "tray"):
        (tmp_path / f"{name}.js").write_text("export default {}", encoding="utf-8")
    monkeypatch.setattr(panels, "STATIC", tmp_path)

    looked, edited = explorer(session), bulk_editor(session)

    top, tray = edited.children
    panes = [*looked.children, *top.children, tray]
    assert len(panes) == 5
    for each in panes:
        assert "example.com" not in json.dumps(each.get_state(), default=str)
        each.close()
