"""What the mapping editor's page is told, without a browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from notebooks.widgets.mapping_talk import MappingTalk
from notebooks.widgets.talk import Answer
from tests.browser.mapping_room import Room, open_room
from tests.flows.conftest import _clean_environment, _fresh, _synced, world
from tests.flows.world import World
from toolkit.app.config_source import write_text

__all__ = ["_clean_environment", "_fresh", "_synced", "world"]


@pytest.fixture
def room(world: World) -> Iterator[Room]:
    with open_room(world) as opened:
        yield opened


@pytest.fixture
def talk(room: Room) -> MappingTalk:
    return room.mapping_talk()


def ask(talk: MappingTalk, kind: str, **content: object) -> dict[str, Any]:
    return talk.answer({"kind": kind, "req": 7, **content}).content


def line(view: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [each for each in view["lines"] if each["name"] == name]
    return found


def test_page_opens_with_both_sides_and_no_customer_in_it(talk: MappingTalk) -> None:
    opened = ask(talk, "open")

    assert (opened["kind"], opened["req"], opened["of"]) == ("opened", 7, "contact")
    assert [each["title"] for each in opened["tabs"]] == [
        "Contacts",
        "Tasks",
        "Notes",
        "Appointments",
    ]
    assert {"highlevel", "timetonic"} == opened["fields"].keys()
    assert line(opened, "email")["is_match"]
    assert "number|date" in opened["misfits"]
    assert "example.com" not in str(opened)
    assert not opened["can_save"]


def test_line_is_drawn_changed_removed_and_undone(talk: MappingTalk) -> None:
    ask(talk, "open")
    view = ask(talk, "connect", highlevel="city", timetonic="City")

    assert line(view, "city")["is_changed"]
    assert (view["can_save"], view["can_undo"]) == (True, True)
    assert view["changes"] == ["city: city ↔ City"]
    view = ask(talk, "change", field="city", key="direction", value="to_timetonic")
    assert line(view, "city")["entry"]["direction"] == "to_timetonic"
    view = ask(talk, "change", field="city", key="type", value="tags")
    entry = line(view, "city")["entry"]
    assert (entry["type"], entry["on_conflict"]) == ("tags", "union")
    view = ask(talk, "change", field="city", key="type", value="choice")
    entry = line(view, "city")["entry"]
    assert (entry["open"], entry["on_conflict"]) == (True, "newest")
    view = ask(talk, "match", field="city", on=True)
    assert view["match_by"][-1] == "city"
    view = ask(talk, "remove", field="city")
    assert view["match_by"] == ["email", "phone"]
    for _ in range(6):
        view = ask(talk, "undo")
    assert view["changes"] == []
    view = ask(talk, "redo")
    assert view["changes"] == ["city: city ↔ City"]
    assert ask(talk, "remove", field="nobody")["kind"] == "refused"


def test_required_and_refused_are_loud(talk: MappingTalk) -> None:
    ask(talk, "open")
    ask(talk, "kind", name="task")
    view = ask(talk, "remove", field="title")

    assert view["missing"] == ["HighLevel needs Title for a new record"]
    assert [each["missing"] for each in view["tabs"]] == [0, 1, 0, 0]
    view = ask(talk, "change", field="body", key="on_conflict", value="union")
    (told,) = line(view, "body")["problems"]
    assert told["refused"]
    assert "suits type" in told["said"]
    assert not view["can_save"]
    assert ask(talk, "trial")["lines"] is None


def test_samples_are_read_once_asked_and_failures_stand_on_their_line(
    talk: MappingTalk, world: World
) -> None:
    ask(talk, "open")
    world.sandbox.recorder.clear()
    before = ask(talk, "trial", field="email")
    assert (before["fresh"], before["lines"]) == (0, {})
    assert world.sandbox.recorder.count() == 0

    told = ask(talk, "samples")
    assert (told["fresh"], told["sentence"]) == (8, "")
    assert "city" in told["examples"]["highlevel"]
    ask(talk, "change", field="source", key="type", value="number")
    tried = ask(talk, "trial", field="source")

    failing = tried["lines"]["source"]
    assert failing["failures"] > 0
    assert "record " in failing["worst"]
    assert tried["rows"]["rows"][0][-1]


def test_samples_of_the_last_sync_stay_where_nobody_answers(
    talk: MappingTalk, world: World
) -> None:
    from toolkit.sandbox.faults import Fault, FaultKind

    ask(talk, "open")
    world.fail(Fault(FaultKind.UNAUTHORISED, times=0))
    told = ask(talk, "samples")

    assert told["fresh"] == 0
    assert told["records"] > 0
    assert told["sentence"].startswith("Samples are those of the last sync.")


def test_suggestions_are_accepted_one_by_one_or_all(talk: MappingTalk) -> None:
    ask(talk, "open")
    ask(talk, "samples")
    view = ask(talk, "suggest")
    pairs = [each[:2] for each in view["likely"]]

    assert ["city", "City"] in pairs
    view = ask(talk, "accept", pairs=[["city", "City"]])
    assert ["city", "City"] not in [each[:2] for each in view["likely"]]
    assert line(view, "city")
    view = ask(talk, "accept", pairs=[each[:2] for each in view["likely"]])
    assert view["likely"] == []
    assert view["can_save"]


def test_text_made_of_fields_is_a_line_of_its_own(talk: MappingTalk) -> None:
    ask(talk, "open")
    view = ask(talk, "compute", side="timetonic", field="Website", template="{{ name }}!")

    made = line(view, view["selected"])
    assert made["entry"]["template"] == "{{ name }}!"
    assert (made["chip"], made["problems"]) == ("template", [])
    tried = ask(talk, "trial", field=view["selected"])
    assert any(str(row[4]).endswith("!") for row in tried["rows"]["rows"])
    view = ask(talk, "compute", side="timetonic", field="Country", template="{{ nme }}")
    assert line(view, "country")["problems"][0]["refused"]


def test_plan_is_pushed_and_stopped(talk: MappingTalk) -> None:
    told: dict[str, Any] = {}
    done = threading.Event()

    def hear(answer: Answer) -> None:
        told.update(answer.content)
        if answer.content["kind"] == "planned":
            done.set()

    talk.connect(hear)
    ask(talk, "open")
    ask(talk, "connect", highlevel="city", timetonic="City")

    assert ask(talk, "plan")["kind"] == "started"
    assert done.wait(20)
    assert told["plan"]["fields"][0]["is_changed"]
    assert told["plan"]["records"] > 0
    assert ask(talk, "stop")["kind"] == "stopped"
    talk.close()


def test_saved_file_keeps_what_else_stands_there_and_comes_back(
    talk: MappingTalk, room: Room
) -> None:
    before = room.text
    ask(talk, "open")
    ask(talk, "connect", highlevel="city", timetonic="City")
    view = ask(talk, "save")

    assert view["said"].startswith("Saved: 1 change in hightonic.yaml.")
    assert room.saved == ["mapping"]
    assert '"city"' in room.text or "city" in room.text
    assert view["changes"] == []
    assert ask(talk, "back")["said"].endswith("as it was before the last save.")
    assert room.text == before


def test_mapping_changed_by_somebody_else_is_told_and_not_overwritten(
    talk: MappingTalk, room: Room
) -> None:
    ask(talk, "open")
    ask(talk, "connect", highlevel="city", timetonic="City")
    path = room.parts.home.config_path

    write_text(path, room.text.replace('"version"', '  "version"', 1))
    assert not ask(talk, "poll")["has_changed"]
    assert line(ask(talk, "kind", name="contact"), "city")
    theirs = room.text.replace(
        '"metrics"', '"mapping": {"contact": {"without": ["plan"]}}, "metrics"'
    )
    write_text(path, theirs)
    assert ask(talk, "poll")["has_changed"]
    refused = ask(talk, "save")
    assert refused["kind"] == "refused"
    assert "your draft is kept" in refused["sentence"]
    assert room.text == theirs

    view = ask(talk, "reload")
    assert view["is_reloaded"]
    assert not [each for each in view["lines"] if each["name"] in {"plan", "city"}]


def test_page_follows_the_file_where_nothing_was_drawn(talk: MappingTalk, room: Room) -> None:
    ask(talk, "open")
    path = room.parts.home.config_path
    mapped = '"mapping": {"contact": {"without": ["plan"]}}, "metrics"'
    write_text(path, room.text.replace('"metrics"', mapped))

    told = ask(talk, "poll")

    assert (told["has_changed"], told["is_news"]) == (False, True)
    view = ask(talk, "kind", name="contact")
    assert "plan" not in [each["name"] for each in view["lines"]]
    assert view["changes"] == []
    write_text(path, "version: [")
    assert ask(talk, "poll")["has_changed"]
    path.unlink()
    assert ask(talk, "poll")["has_changed"]
    assert "no such file" in ask(talk, "reload")["sentence"]


def test_line_between_fields_that_hardly_fit_says_so(talk: MappingTalk) -> None:
    ask(talk, "open")
    view = ask(talk, "connect", highlevel="source", timetonic="Total tasks")

    told, moved = line(view, "total_tasks")["problems"]
    assert "now stands for another field of HighLevel" in moved["said"]
    assert told["said"].startswith("TimeTonic takes numbers here")
    assert not told["refused"]
    assert view["can_save"]


def test_fields_are_read_again_and_the_draft_is_kept(talk: MappingTalk) -> None:
    ask(talk, "open")
    ask(talk, "connect", highlevel="city", timetonic="City")
    view = ask(talk, "reload", fresh=True)

    assert not view["is_reloaded"]
    assert line(view, "city")


def test_other_table_shows_its_columns_and_what_it_lacks(talk: MappingTalk) -> None:
    opened = ask(talk, "open")
    assert {"Contacts", "Tasks"} <= set(opened["tables"])
    ask(talk, "samples")
    view = ask(talk, "table", name="Tasks")

    assert [each["name"] for each in view["fields"]["timetonic"]][:2] == [
        "Title",
        "Description",
    ]
    assert view["changes"] == ["Contacts: table Contacts → Tasks"]
    told = [each["said"] for each in line(view, "email")["problems"]]
    assert "Table “Tasks” has no column “Email”" in told[0]
    assert ask(talk, "samples")["fresh"] == 8
    view = ask(talk, "undo")
    assert view["fields"] == opened["fields"]


def test_kind_is_switched_off_and_on(talk: MappingTalk) -> None:
    ask(talk, "open")
    ask(talk, "kind", name="note")
    assert not ask(talk, "enable", on=False)["enabled"]
    assert ask(talk, "enable", on=True)["changes"] == []
