"""What the automation builder's page is told, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from notebooks.widgets.automation_talk import AutomationTalk
from tests.browser.mapping_room import Room, open_room
from tests.flows.conftest import _clean_environment, _fresh, _synced, world
from tests.flows.world import World
from toolkit.app.config_source import write_text

__all__ = ["_clean_environment", "_fresh", "_synced", "world"]

RULE: dict[str, Any] = {
    "name": "mark",
    "when": "contact_created",
    "if": {"field": "email", "is_blank": False},
    "then": [{"add_tags": ["seen"]}],
}


@pytest.fixture
def room(world: World) -> Iterator[Room]:
    with open_room(world) as opened:
        yield opened


@pytest.fixture
def talk(room: Room) -> AutomationTalk:
    return room.automation_talk()


def ask(talk: AutomationTalk, kind: str, **content: object) -> dict[str, Any]:
    return talk.answer({"kind": kind, "req": 3, **content}).content


def test_page_opens_with_all_that_cards_can_be(talk: AutomationTalk) -> None:
    opened = ask(talk, "open")

    assert opened["rules"] == []
    assert {"create_task", "post"} <= {each["word"] for each in opened["actions"]}
    assert "schedule" in {each["word"] for each in opened["triggers"]}
    assert {"email", "open_tasks"} <= {each["name"] for each in opened["fields"]}
    assert "stale_archive" in {each["name"] for each in opened["cards"]}
    assert (opened["changed"], opened["can_save"]) == (False, False)


def test_draft_is_judged_and_outlives_the_page(talk: AutomationTalk) -> None:
    ask(talk, "open")
    told = ask(talk, "put", rules=[RULE], recipes={"keep_dates": True})
    assert (told["can_save"], told["problem"], told["consequence"]) == (True, None, "")

    wrong = {**RULE, "then": [{"add_tags": ["a"]}, {"dance": True}]}
    told = ask(talk, "put", rules=[RULE, {**wrong, "name": "x"}], recipes={})
    problem = told["problem"]
    assert not told["can_save"]
    assert (problem["index"], problem["part"], problem["item"]) == (1, "then", 1)
    assert problem["said"].startswith("“dance” is not an action")
    assert len(ask(talk, "open")["rules"]) == 2


def test_recipe_becomes_rules_of_ones_own(talk: AutomationTalk) -> None:
    ask(talk, "open")
    told = ask(talk, "expand", name="stale_archive", given={"after_days": 9})

    assert told["rules"][0]["then"] == [{"archive": {"reason": "No activity for 9 days"}}]
    assert ask(talk, "expand", name="dance")["kind"] == "refused"


def test_preview_save_and_way_back(talk: AutomationTalk, room: Room) -> None:
    before = room.text
    ask(talk, "open")
    ask(talk, "put", rules=[RULE], recipes={})
    told = ask(talk, "preview", name="mark")

    assert told["contacts"] == len(told["listed"]) > 0
    assert ["tags set on HighLevel", told["contacts"]] in [list(e) for e in told["writes"]]
    state = ask(talk, "save")
    assert state["said"].startswith("Saved in hightonic.yaml.")
    assert (state["changed"], room.saved) == (False, ["rules"])
    assert '"mark"' in room.text or "mark" in room.text
    state = ask(talk, "back")
    assert room.text == before
    assert state["rules"] == []


def test_rules_changed_by_somebody_else_are_not_overwritten(
    talk: AutomationTalk, room: Room
) -> None:
    ask(talk, "open")
    ask(talk, "put", rules=[RULE], recipes={})
    path = room.parts.home.config_path
    write_text(path, room.text.replace('"version"', '  "version"', 1))
    assert not ask(talk, "poll")["has_changed"]
    theirs = room.text.replace('"metrics"', '"recipes": {"keep_dates": true}, "metrics"')
    write_text(path, theirs)

    assert ask(talk, "poll")["has_changed"]
    assert ask(talk, "save")["kind"] == "refused"
    assert room.text == theirs
    assert ask(talk, "refresh")["rules"] == [RULE]
    state = ask(talk, "reload")
    assert (state["rules"], state["recipes"]) == ([], {"keep_dates": True})
    write_text(path, "version: [")
    assert ask(talk, "poll")["has_changed"]
    assert ask(talk, "reload")["kind"] == "refused"


def test_fresh_words_come_with_the_file_where_nothing_is_drafted(
    talk: AutomationTalk, room: Room
) -> None:
    ask(talk, "open")
    path = room.parts.home.config_path
    mapped = '"mapping": {"contact": {"without": ["source"]}}, "metrics"'
    write_text(path, room.text.replace('"metrics"', mapped))

    assert not ask(talk, "poll")["is_news"]
    write_text(
        path, room.text.replace('"metrics"', '"recipes": {"keep_dates": true}, "metrics"')
    )
    assert ask(talk, "poll")["is_news"]
    names = {each["name"] for each in ask(talk, "refresh")["fields"]}

    assert "source" not in names
    assert "email" in names
