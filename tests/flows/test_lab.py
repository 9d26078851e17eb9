"""`hightonic lab`: a true JupyterLab on a home, and on one that is made up."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from notebooks import lab
from notebooks.build import find_entries
from notebooks.lab import STATIC
from tests.flows.cli_shell import Shell
from tests.flows.world import World
from toolkit.app.connection import open_connection
from toolkit.cli import commands_lab, filled_sandbox
from toolkit.sandbox.serve import SandboxOptions

_IS_BUILT = all((STATIC / name).exists() for name in find_entries())


@pytest.fixture
def shell(world: World) -> Shell:
    return Shell(world.home, {})


def stand_in(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Instead of JupyterLab: writes down what it is asked for, looks, and ends."""
    seen: list[dict[str, Any]] = []

    def serve(home: Path, *, announce: Any, **options: Any) -> None:
        async def look() -> tuple[int, int]:
            async with open_connection(options["connection"], home=home) as connection:
                return len(connection.runs()), len(connection.conflicts())

        runs, conflicts = asyncio.run(look())
        seen.append({"home": home, "runs": runs, "conflicts": conflicts, **options})
        announce({"url": "http://127.0.0.1:1/lab?token=x", "port": 1})

    server = SimpleNamespace(serve_lab=serve, check_installed=lambda **_: None)
    monkeypatch.setattr(commands_lab, "_find_server", lambda: server)
    return seen


def test_lab_is_opened_on_the_home_and_says_its_address(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    (seen,) = [stand_in(monkeypatch)]
    told = shell.type("lab", "--port", "0", "--app")
    silent = shell.type("lab", "--json", "-c", "main")

    assert told.code == 0
    assert "http://127.0.0.1:1/lab?token=x" in told.err
    assert silent.json == {"url": "http://127.0.0.1:1/lab?token=x", "port": 1}
    assert [each["home"] for each in seen] == [shell.home, shell.home]
    assert (seen[0]["port"], seen[0]["is_app"], seen[0]["opens_browser"]) == (0, True, True)
    assert (seen[1]["connection"], seen[1]["opens_browser"]) == ("main", False)


@pytest.mark.parametrize(
    ("words", "says"), [(["-c", "nobody"], "nobody"), (["--config", "missing.yaml"], "missing")]
)
def test_wrong_name_is_said_before_anything_starts(
    shell: Shell, words: list[str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = stand_in(monkeypatch)
    told = shell.type("lab", *words)

    assert (told.code, seen) == (2, [])
    assert says in told.err


def test_without_the_notebooks_package_it_says_what_to_install(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands_lab, "_GROUP", "hightonic.nobody")
    told = shell.type("lab")

    assert told.code == 2
    assert "hightonic[notebooks]" in told.err


@pytest.mark.slow
def test_sandbox_has_a_past_and_is_gone_afterwards(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = SandboxOptions(contacts=60, tasks=8, notes=4, leads=12, shared=3, rate_limit=False)
    monkeypatch.setattr(filled_sandbox, "_SOME", few)
    (seen,) = [stand_in(monkeypatch)]
    told = shell.type("lab", "--sandbox", "--no-browser")
    (asked,) = seen

    assert told.code == 0
    assert (asked["connection"], asked["conflicts"], asked["runs"]) == ("sandbox", 3, 5)
    assert asked["home"] != shell.home
    assert not asked["home"].exists()


def test_missing_library_is_said_before_a_sandbox_is_made_up(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands_lab, "_find_server", lambda: lab)
    monkeypatch.setattr(commands_lab, "_open_place", lambda *_, **__: pytest.fail("made up"))
    monkeypatch.setattr(lab.importlib.util, "find_spec", lambda _: None)
    told = shell.type("lab", "--sandbox")

    assert told.code == 2
    assert "hightonic[notebooks]" in told.err


def test_notebooks_package_names_its_server() -> None:
    assert commands_lab._find_server() is lab


@pytest.mark.lab
@pytest.mark.skipif(not _IS_BUILT, reason="not built: python -m notebooks.build")
def test_true_lab_lets_in_by_its_token_alone_serves_pages_and_ends_on_ctrl_c(
    world: World, tmp_path: Path
) -> None:
    pytest.importorskip("jupyterlab", reason="the extra `notebooks` is not installed")
    env = {
        **os.environ,
        "HIGHTONIC_HOME": str(world.home),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
    }
    command = [sys.executable, "-c", "from toolkit.cli import main; main()", "lab", "--json"]
    with subprocess.Popen(
        [*command, "--port", "0"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout
        ready = json.loads(running.stdout.readline())
        base = f"http://127.0.0.1:{ready['port']}"
        page = httpx.get(ready["url"], timeout=20)
        shut = httpx.get(f"{base}/api/contents", timeout=20)
        running.send_signal(signal.SIGINT)
        code = running.wait(30)

    log = (world.home / "lab" / "jupyter.log").read_text("utf-8")
    placed = sorted(each.name for each in (world.home / "notebooks").iterdir())

    assert (page.status_code, shut.status_code, code) == (200, 403, 0)
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert ready["url"].split("token=")[1] not in log
    assert placed[0] == "01_explore.ipynb"
    assert len(placed) == 5
    with pytest.raises(httpx.ConnectError):
        httpx.get(base, timeout=5)
