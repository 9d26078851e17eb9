"""How a home stands, as people and machines read it: idle, at work, paused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.cli_shell import Shell
from toolkit.app.home import Home
from toolkit.sandbox.serve import Sandbox, SandboxOptions
from toolkit.server.process import ServeOptions, serving


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    served = Sandbox(
        SandboxOptions(contacts=2, tasks=0, notes=0, leads=1, shared=0, rate_limit=False)
    )
    served.start()
    yield served
    served.stop()


@pytest.fixture
def shell(sandbox: Sandbox, tmp_path: Path) -> Shell:
    found = Shell(tmp_path / "home", sandbox.ready_line())
    assert found.connect().code == 0
    return found


def test_new_connection_never_ran(shell: Shell) -> None:
    told = shell.type("run-status")

    assert told.code == 0, told.err
    for words in ("The service is not running", "main", "never yet", "0 waiting"):
        assert words in told.out


def test_run_is_shown_with_its_lag_and_calls(shell: Shell) -> None:
    assert shell.type("sync").code == 0

    told = shell.type("run-status", "--json").json
    (main,) = told["connections"]

    assert told["service"] == {"is_running": False, "processes": []}
    assert (main["name"], main["writes"], main["obstacle"]) == ("main", True, None)
    assert [run["verb"] for run in main["runs"]] == ["sync"]
    assert main["calls_this_month"]["highlevel"] > 0
    assert main["inbox"] == {"waiting": 0, "failed": 0, "oldest_waiting_at": None}
    assert main["next_sync_at"] is None
    assert "sync: done" in shell.type("run-status").out


def test_pause_is_shown(shell: Shell) -> None:
    assert shell.type("pause").code == 0

    (main,) = shell.type("run-status", "--json").json["connections"]

    assert (main["is_paused"], main["writes"], main["obstacle"]) == (True, False, "paused")
    assert "paused" in shell.type("run-status").out


def test_budget_is_shown(shell: Shell) -> None:
    settings = shell.home / "hightonic.yaml"
    text = settings.read_text("utf-8")
    settings.write_text(text.rstrip() + "\n    schedule: {monthly_calls: 1000}\n", "utf-8")

    told = shell.type("run-status")

    assert told.code == 0, told.err
    assert "1,000 of 1,000 calls left" in told.out


async def test_running_service_is_seen_from_another_process(shell: Shell) -> None:
    async with serving(Home(shell.home), ServeOptions(port=0)):
        async with asyncio.timeout(10):
            while True:
                told = await asyncio.to_thread(shell.type, "run-status", "--json")
                if told.json["service"]["is_running"]:
                    break
        words = (await asyncio.to_thread(shell.type, "run-status")).out

    (main,) = told.json["connections"]
    assert main["next_sync_at"] is not None
    assert told.json["service"]["processes"][0].startswith("serve (pid ")
    assert "The service is running" in words


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_store_moves_and_its_rows_are_counted(
    shell: Shell, tmp_path: Path, words: list[str]
) -> None:
    target = f"sqlite:///{tmp_path / 'other.db'}"

    told = shell.type("migrate-store", "--to", target, *words)

    assert told.code == 0, told.err
    if words:
        assert told.json["tables"]["secret"] == {"read": 2, "written": 2}
    else:
        assert "Both hold the same" in told.out
    used = shell.type("run-status", HIGHTONIC_DATABASE_URL=target)
    assert used.code == 0, used.err


def test_password_on_the_command_line_is_warned_of_and_not_repeated(shell: Shell) -> None:
    told = shell.type("migrate-store", "--to", "postgresql+psycopg://me:hush-9@127.0.0.1:1/x")

    assert told.code == 1
    assert "can see a password" in told.err
    assert "hush-9" not in told.err + told.out
