"""What is looked for before JupyterLab starts, and how it is told where everything is."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from notebooks import lab
from toolkit.errors import StateError, UseError


@pytest.mark.parametrize(
    ("missing", "is_app", "says"),
    [
        ("jupyterlab", False, "hightonic[notebooks]"),
        ("anywidget", False, "hightonic[notebooks]"),
        ("voila", True, "pip install voila"),
    ],
)
def test_what_is_not_installed_is_named(
    missing: str, is_app: bool, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == missing else object()
    )
    with pytest.raises(UseError) as told:
        lab.check_installed(is_app=is_app)

    assert says in told.value.sentence


def test_widgets_that_are_not_built_say_how_to_build_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())
    with pytest.raises(UseError) as told:
        lab.check_installed(is_app=False, static=tmp_path)

    assert "python -m notebooks.build" in told.value.sentence
    assert "Everything but the notebooks works" in told.value.sentence


_SERVER = """
import json, os, sys, time
folder = os.environ["JUPYTER_RUNTIME_DIR"]
told = {name: os.environ.get(name, "") for name in os.environ if name.startswith(("HIGHTONIC", "JUPYTER"))}
with open(os.path.join(folder, "told.json"), "w") as file: json.dump(told, file)
with open(os.path.join(folder, f"jpserver-{os.getpid()}.json"), "w") as file: json.dump({"port": 4711}, file)
time.sleep(float(sys.argv[1]))
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Stands in for JupyterLab: writes down what it was told, and answers nothing."""
    seen: list[Any] = []

    def command(*given: Any, **options: Any) -> list[str]:
        seen.append((given, options))
        return [sys.executable, "-c", _SERVER, "30"]

    monkeypatch.setattr(lab, "_command", command)
    return seen


def test_kernels_are_told_home_connection_and_settings_and_the_token_is_in_no_argument(
    tmp_path: Path, server: list[Any]
) -> None:
    config = tmp_path / "other.yaml"
    with lab.open_lab(tmp_path, connection="main", config=config, is_app=True) as running:
        told = json.loads((tmp_path / "lab" / "runtime" / "told.json").read_text("utf-8"))
        arguments = Path(f"/proc/{running.process.pid}/cmdline")
        shown = arguments.read_bytes().decode() if arguments.exists() else ""

    assert told["HIGHTONIC_HOME"] == str(tmp_path)
    assert told["HIGHTONIC_CONNECTION"] == "main"
    assert told["HIGHTONIC_CONFIG"] == str(config)
    kernel = Path(told["JUPYTER_PATH"].split(os.pathsep)[0]) / "kernels/python3/kernel.json"
    assert json.loads(kernel.read_text("utf-8"))["argv"][0] == sys.executable
    assert told["JUPYTER_TOKEN"] not in shown
    assert running.url.startswith("http://127.0.0.1:4711/voila/render/01_explore.ipynb?token=")
    assert running.url.endswith(told["JUPYTER_TOKEN"])
    assert running.process.returncode is not None
    assert (tmp_path / "lab" / "runtime").stat().st_mode & 0o077 == 0


def test_page_that_opens_the_browser_is_for_its_owner_alone(tmp_path: Path) -> None:
    door = tmp_path / "open.html"
    for _ in range(2):
        address = lab._write_door(door, "http://127.0.0.1:1/lab?token=x")

    assert address == door.as_uri()
    assert door.stat().st_mode & 0o077 == 0
    assert "token=x" in door.read_text("utf-8")


def test_server_that_ends_at_once_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab, "_command", lambda *_, **__: [sys.executable, "-c", "exit(3)"])
    with pytest.raises(StateError) as told, lab.open_lab(tmp_path):
        pytest.fail("it never answered")

    assert "exit code 3" in told.value.sentence


def test_server_that_never_answers_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleeps = [sys.executable, "-c", "import time; time.sleep(30)"]
    monkeypatch.setattr(lab, "_command", lambda *_, **__: sleeps)
    monkeypatch.setattr(lab, "_START_S", 0.3)
    with pytest.raises(StateError), lab.open_lab(tmp_path):
        pytest.fail("it never answered")


def test_command_listens_on_this_machine_alone_and_fetches_nothing(tmp_path: Path) -> None:
    words = " ".join(lab._command(tmp_path, tmp_path, 0, is_app=True))

    assert "--ServerApp.ip=127.0.0.1" in words
    assert "default-src 'self'" in words
    assert "https:" not in words
    assert "token" not in words
    assert lab._SETTINGS["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def test_serve_announces_opens_the_browser_and_ends_with_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    told: list[Any] = []

    @contextmanager
    def ended(home: Path, **_: Any) -> Iterator[lab.Lab]:
        (home / "lab").mkdir()
        process = subprocess.Popen([sys.executable, "-c", ""])
        yield lab.Lab(process, home, 1, "http://127.0.0.1:1/lab?token=x")

    monkeypatch.setattr(lab, "open_lab", ended)
    monkeypatch.setattr(lab, "is_built", lambda: False)
    monkeypatch.setattr(lab.webbrowser, "open", opened.append)
    lab.serve_lab(tmp_path, tell=told.append, announce=told.append)

    assert "python -m notebooks.build" in told[0]
    assert told[1] == {"url": "http://127.0.0.1:1/lab?token=x", "port": 1}
    assert "token" not in opened[0]


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing there")
def test_signal_ends_the_server_and_then_us() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
    with lab._stopping_on_signals(process):
        os.kill(os.getpid(), 2)
        process.wait(10)

    assert process.returncode is not None
