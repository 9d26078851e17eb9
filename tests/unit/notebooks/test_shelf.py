"""Notebooks in a home: what a person changed is kept, what nobody changed is renewed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from notebooks import openers
from notebooks.shelf import list_shipped, place_notebooks
from toolkit.errors import StateError

NAMES = [
    "01_explore.ipynb",
    "02_bulk_edit.ipynb",
    "03_mapping.ipynb",
    "04_sync.ipynb",
    "05_dashboard.ipynb",
]


def write(path: Path, *sources: str, outputs: Any = ()) -> None:
    cells = [{"cell_type": "code", "source": each, "outputs": outputs} for each in sources]
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")


def said(path: Path) -> list[str]:
    return [each["source"] for each in json.loads(path.read_text("utf-8"))["cells"]]


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    write(tmp_path / "shipped" / "01_a.ipynb", "show()")
    return tmp_path / "shipped"


def place(tmp_path: Path) -> list[str]:
    return place_notebooks(
        tmp_path / "mine", memory=tmp_path / "lab", shipped=tmp_path / "shipped"
    )


@pytest.mark.parametrize(
    ("mine", "new", "then"),
    [
        (None, None, ("show()", False)),
        (None, "show(2)", ("show(2)", False)),
        ("mine()", None, ("mine()", False)),
        ("mine()", "show(2)", ("mine()", True)),
        ("show(2)", "show(2)", ("show(2)", False)),
        ("", "show(2)", ("", True)),
    ],
    ids=[
        "nothing changed",
        "a newer one",
        "changed by hand",
        "both changed",
        "both changed alike",
        "emptied by hand",
    ],
)
def test_second_start_keeps_what_a_person_changed(
    shipped: Path, tmp_path: Path, mine: str | None, new: str | None, then: tuple[str, bool]
) -> None:
    first = place(tmp_path)
    target = tmp_path / "mine" / "01_a.ipynb"
    if mine is not None:
        write(target, mine)
    if new is not None:
        write(shipped / "01_a.ipynb", new)
    told = place(tmp_path)

    assert first == []
    has_newer = (tmp_path / "mine" / "01_a (new).ipynb").exists()
    assert (said(target), has_newer) == ([then[0]], then[1])
    assert len(told) == has_newer
    assert place(tmp_path) == []


def test_running_a_notebook_is_no_change(shipped: Path, tmp_path: Path) -> None:
    place(tmp_path)
    write(tmp_path / "mine" / "01_a.ipynb", "show()", outputs=["a table"])
    write(shipped / "01_a.ipynb", "show(2)")
    place(tmp_path)

    assert said(tmp_path / "mine" / "01_a.ipynb") == ["show(2)"]


def test_notebook_thrown_away_comes_back(shipped: Path, tmp_path: Path) -> None:
    place(tmp_path)
    (tmp_path / "mine" / "01_a.ipynb").unlink()
    (tmp_path / "lab" / "shipped.json").write_text("[]", encoding="utf-8")
    place(tmp_path)

    assert said(tmp_path / "mine" / "01_a.ipynb") == ["show()"]


def test_folder_that_cannot_be_made_is_said(shipped: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("a file", encoding="utf-8")
    with pytest.raises(StateError):
        place(tmp_path)


def test_five_notebooks_are_shipped() -> None:
    assert [each.name for each in list_shipped()] == NAMES


@pytest.mark.parametrize("path", list_shipped(), ids=lambda each: each.name)
def test_notebook_is_short_hidden_says_what_it_does_and_calls_its_opener(path: Path) -> None:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    words, *others = cells
    code = [each for each in others if each["cell_type"] == "code"]
    source = "".join("".join(each["source"]) for each in code)
    links = {each.name for each in list_shipped()} - {path.name}

    assert 3 <= len(cells) <= 6
    assert words["cell_type"] == "markdown"
    assert "ritten" in "".join(words["source"])
    assert all(f"({name})" in "".join(words["source"]) for name in links)
    assert all(each["metadata"]["jupyter"]["source_hidden"] for each in code)
    assert sum(f"{name}()" in source for name in vars(openers) if name.startswith("open_")) == 1


def test_notebooks_are_stripped() -> None:
    pytest.importorskip("nbstripout", reason="comes with the extra `dev`")
    paths = [str(each) for each in list_shipped()]
    ran = subprocess.run(
        [sys.executable, "-m", "nbstripout", "--verify", *paths],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (0, "")


def test_cell_that_cannot_show_says_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIGHTONIC_HOME", str(tmp_path / "nothing"))
    monkeypatch.delenv("HIGHTONIC_CONNECTION", raising=False)
    with pytest.raises(openers.NotShownError) as told:
        openers._show(lambda session: session, None)

    assert told.value._render_traceback_() == [str(told.value)]
    assert "hightonic" in str(told.value)
