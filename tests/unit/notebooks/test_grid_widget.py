"""The widget itself: what it keeps, what it sends, and what it says where a part is missing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from notebooks.widgets import grid as widget
from notebooks.widgets import panel as panels
from toolkit.app.grid import GridSource
from toolkit.errors import UseError


def make(
    grid: GridSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Any, list[Any]]:
    pytest.importorskip("anywidget", reason="the extra `notebooks` is not installed")
    (tmp_path / "grid.js").write_text("export default {}", encoding="utf-8")
    monkeypatch.setattr(panels, "STATIC", tmp_path)
    made, sent = widget.contact_grid(grid, height_px=10), []
    made.send = lambda content, buffers=None: sent.append((content, buffers))
    return made, sent


def test_counts_are_answered_from_a_thread_of_their_own_and_rows_at_once(
    grid: GridSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, sent = make(grid, tmp_path, monkeypatch)

    made._handle_custom_msg({"kind": "open", "req": 1}, [])
    made._handle_custom_msg({"kind": "summary", "field": "email", "req": 3}, [])
    made.worker.shutdown(wait=True)
    made._handle_custom_msg({"kind": "rows", "start": 0, "end": 5, "req": 2}, [])

    kinds = [content["kind"] for content, _ in sent]
    assert kinds == ["opened", "facets", "summary", "rows"]
    assert len(json.loads(sent[-1][1][0])) == 5


def test_no_contact_is_ever_in_what_jupyter_saves(
    grid: GridSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = make(grid, tmp_path, monkeypatch)
    for message in ({"kind": "rows", "start": 0, "end": 50}, {"kind": "staged"}):
        made._handle_custom_msg(message, [])
    state = json.dumps(made.get_state(), default=str)

    assert "example.com" not in state
    assert made.height_px == 200


def test_missing_page_half_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(UseError) as told:
        panels.find_bundle("grid.js", tmp_path)

    assert "python -m notebooks.build" in told.value.sentence


def test_missing_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    panels._widget_class.cache_clear()
    try:
        with pytest.raises(UseError) as told:
            panels._widget_class()
    finally:
        panels._widget_class.cache_clear()

    assert "hightonic[notebooks]" in told.value.sentence
