"""The third notebook's page as widgets: what it keeps, and what its tabs tell each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from notebooks.session import Bus
from notebooks.widgets import panel as panels
from notebooks.widgets.mapping import mapping_page
from tests.browser.mapping_room import Room, open_room
from tests.flows.conftest import _clean_environment, _fresh, _synced, world
from tests.flows.world import World
from toolkit.app.mapping_desk import MappingDesk
from toolkit.app.rule_builder import RuleBuilder

__all__ = ["_clean_environment", "_fresh", "_synced", "world"]


@pytest.fixture
def room(world: World) -> Iterator[Room]:
    with open_room(world) as opened:
        yield opened


@pytest.fixture
def page(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    pytest.importorskip("anywidget", reason="the extra `notebooks` is not installed")
    for name in ("mapping.js", "rules.js"):
        (tmp_path / name).write_text("export default {}", encoding="utf-8")
    monkeypatch.setattr(panels, "STATIC", tmp_path)
    desk = SimpleNamespace(
        mapping=MappingDesk(room.parts), rule_builder=RuleBuilder(room.parts)
    )
    return mapping_page(SimpleNamespace(desk=desk, start=room.start, name="main", bus=Bus()))


def test_page_has_two_tabs_and_no_contact_in_what_jupyter_saves(page: Any) -> None:
    editor, builder = page.children

    assert page.titles == ("Mapping", "Automations")
    assert editor.talk.answer({"kind": "samples"}).content["fresh"] == 8
    assert builder.talk.answer({"kind": "open"}).content["fields"]
    for each in (editor, builder):
        assert "example.com" not in json.dumps(each.get_state(), default=str)


def test_rules_learn_of_fields_that_were_just_mapped(page: Any) -> None:
    editor, builder = page.children
    told: list[str] = []
    builder.talk.connect(lambda answer: told.append(answer.content["kind"]))

    editor.talk.answer({"kind": "connect", "highlevel": "city", "timetonic": "City"})
    editor.talk.answer({"kind": "save"})

    assert told == ["settings"]
    fields = builder.talk.answer({"kind": "refresh"}).content["fields"]
    assert "city" in [each["name"] for each in fields]
    editor.close()
    builder.close()
