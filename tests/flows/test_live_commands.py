"""rehearse, live, pause and resume as a person types them, on accounts that are no sandbox."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
import typer

from tests.flows.cli_shell import Shell
from toolkit.app import live
from toolkit.app.config import ConnectionConfig
from toolkit.cli import commands_live
from toolkit.cli.rehearsal import perform
from toolkit.sandbox.serve import Sandbox, SandboxOptions

SMALL = SandboxOptions(contacts=12, tasks=4, notes=2, leads=5, shared=2, rate_limit=False)


@pytest.fixture
def sandbox():
    sandbox = Sandbox(SMALL)
    sandbox.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def shell(sandbox, tmp_path, monkeypatch):
    """A served emulator that counts as the person's own account: it is not at `.invalid`."""

    def is_staged(config: ConnectionConfig) -> bool:
        return config.highlevel.base_url.endswith(".invalid")

    monkeypatch.setattr(live, "is_sandbox", is_staged)
    shell = Shell(tmp_path / "home", sandbox.ready_line())
    assert shell.connect().code == 0
    sandbox.recorder.clear()
    return shell


def writes(sandbox: Sandbox) -> int:
    return sandbox.recorder.count(is_write=True)


def test_newcomer_is_led_from_plans_to_live_by_the_sentences_alone(shell, sandbox):
    refused = shell.type("sync")
    assert refused.code == 78
    assert "hightonic rehearse" in refused.err
    assert shell.type("live", "on").code == 78
    assert shell.type("plan").code == 0

    rehearsed = shell.type("rehearse")
    assert rehearsed.code == 0
    assert "10 created" in rehearsed.out
    assert rehearsed.out.rstrip().endswith("hightonic live on")
    assert "@" not in rehearsed.out
    assert writes(sandbox) == 0

    switched = shell.type("live", "on")
    assert "10 created" in switched.out
    assert "The connection `main` is live." in switched.out
    assert writes(sandbox) == 0

    assert shell.type("sync").code == 0
    assert writes(sandbox) > 0
    assert shell.type("sync", "--json").json["writes"] == 0


def test_live_connection_is_paused_and_falls_back_when_its_settings_change(shell):
    shell.type("rehearse")
    shell.type("live", "on")

    paused = shell.type("pause", "--json").json
    assert (paused["may_write"], paused["next"]) == (False, "hightonic resume")
    assert shell.type("sync").code == 78
    assert shell.type("resume").code == 0
    assert shell.type("sync").code == 0

    settings = shell.home / "hightonic.yaml"
    changed = "  main:\n    sync: {first_sync_winner: timetonic}\n"
    settings.write_text(settings.read_text("utf-8").replace("  main:\n", changed), "utf-8")
    assert shell.type("live", "--json").json["obstacle"] == "configuration changed"
    assert shell.type("sync").code == 78
    told = shell.type("rehearse", "--note-calls", "1", "--json").json
    assert told["notes_unread"] > 0
    assert told["live"]["next"] == "hightonic live on"
    assert shell.type("live", "on", "--yes", "--json").json["is_live"]
    assert shell.type("live", "off", "--json").json["obstacle"] == "live is off"
    assert "hightonic live on" in shell.type("live").out


def test_rehearsal_that_comes_to_no_rest_ends_with_one(shell, monkeypatch):
    def never_quiet(*given, **named):
        return replace(report(*given, **named), is_quiet=False)

    report = perform._report
    monkeypatch.setattr(perform, "_report", never_quiet)

    told = shell.type("rehearse")

    assert told.code == 1
    assert "Does not come to rest" in told.out
    refused = shell.type("live", "on")
    assert refused.code == 78
    assert "second run wrote again" in refused.err


def test_person_at_a_terminal_is_asked_once_more(shell, monkeypatch):
    class Terminal:
        @staticmethod
        def isatty() -> bool:
            return True

    assert shell.type("rehearse", "--json").code == 0
    monkeypatch.setattr(commands_live, "sys", SimpleNamespace(stdin=Terminal()))
    monkeypatch.setattr(commands_live.typer, "confirm", lambda *_, **__: _refuse())

    assert shell.type("live", "on").code == 1
    assert not shell.type("live", "--json").json["is_live"]
    assert shell.type("live", "on", "--yes").code == 0


def _refuse():
    raise typer.Abort
