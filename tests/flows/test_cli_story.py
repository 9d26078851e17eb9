"""A newcomer's first hour with the command, on the real emulators."""

import stat

import pytest

from tests.flows.cli_shell import Shell
from toolkit.model.ids import Side
from toolkit.sandbox.serve import Sandbox, SandboxOptions


@pytest.fixture
def sandbox():
    served = Sandbox(SandboxOptions(contacts=30, tasks=12, notes=6, leads=8, shared=3))
    served.start()
    yield served
    served.stop()


@pytest.fixture
def shell(sandbox, tmp_path):
    return Shell(tmp_path / "home", sandbox.ready_line())


def test_newcomer_connects_previews_syncs_and_sees_quiet(shell, tmp_path):
    assert shell.type("init").code == 0
    connected = shell.connect()
    assert connected.code == 0
    assert "hightonic sync" in connected.out
    planned = shell.type("plan")
    assert planned.code == 0
    assert "Contacts" in planned.out
    assert "@" not in planned.out

    synced = shell.type("sync")

    assert synced.code == 0
    assert "27 created" in synced.out
    quiet = shell.type("sync", "--json").json
    assert (quiet["writes"], quiet["write_amplification"]) == (0, 1.0)
    assert "Nothing had changed" in shell.type("sync").out


def test_plan_applied_late_creates_nothing_twice(shell, tmp_path):
    plan_file = tmp_path / "plan.json"
    shell.connect()
    told = shell.type("plan", "-o", str(plan_file))
    assert f"hightonic apply {plan_file}" in told.err
    assert stat.S_IMODE(plan_file.stat().st_mode) == 0o600
    shell.type("sync")

    late = shell.type("apply", str(plan_file), "--json").json

    assert [late["kinds"][kind]["timetonic"]["created"] for kind in late["kinds"]] == [0] * 4
    assert late["kinds"]["contact"]["timetonic"]["skipped"] >= 27


def test_plan_is_applied_as_it_was_shown(shell, tmp_path):
    plan_file = str(tmp_path / "plan.json")
    shell.connect()
    summary = shell.type("plan", "-o", plan_file, "--json").json

    report = shell.type("apply", plan_file, "--json").json

    created = report["kinds"]["contact"]["timetonic"]["created"]
    assert created == summary["writes"]["contact"]["timetonic"]["create"] == 27
    assert report["failures"] == []
    assert report["plan_hash"] == summary["hash"]
    assert shell.type("plan", "--values", "--json").json["plan"]["operations"] == []


def test_conflicts_wait_are_decided_and_taken_back(shell):
    shell.connect()
    shell.type("sync")
    shell.rename(3)

    synced = shell.type("sync")
    assert synced.code == 0
    assert "3 conflicts for you to decide: hightonic conflicts" in synced.out
    listed = shell.type("conflicts", "--json").json["conflicts"]
    assert {(c["field"], c["highlevel"][:13], c["timetonic"][:13]) for c in listed} == {
        ("name", "Ada Highlevel", "Ada Timetonic")
    }
    assert listed[0]["id"] in shell.type("conflicts").out

    first, second, third = (each["id"] for each in listed)
    assert shell.type("resolve", first, second, "--keep", "highlevel").code == 0
    decided = shell.type("resolve", third, "--value", "Ada King", "--json")
    assert decided.code == 0
    assert decided.json["conflicts"] == 0
    assert shell.type("conflicts").out == "No conflict waits for you.\n"
    names = shell.read_names()
    assert list(names[Side.TIMETONIC].values()).count("Ada King") == 1
    assert names[Side.HIGHLEVEL] == {e: names[Side.TIMETONIC][e] for e in names[Side.HIGHLEVEL]}

    taken_back = shell.type("undo", "last", "--json").json
    assert taken_back["verb"] == "undo"
    assert taken_back["writes"] == 2
    assert "Ada King" not in shell.read_names()[Side.HIGHLEVEL].values()


def test_log_tells_what_was_written_and_hides_values(shell):
    shell.connect()
    run_id = shell.type("sync", "--json").json["run_id"]

    entries = shell.type("log", "--run", "last", "--json").json["entries"]
    assert {each["run_id"] for each in entries} == {run_id}
    assert len(entries) == 50
    assert "before" not in entries[0]
    record = next(each["record_id"] for each in entries if each["record_id"])
    about = shell.type("log", "--record", record, "--values", "--json").json["entries"]
    assert {each["record_id"] for each in about} == {record}
    assert about[0]["after"]
    assert shell.type("log", "--failed").out == "Nothing has been written yet that fits.\n"
    (run,) = shell.type("runs", "--json").json["runs"]
    assert (run["run_id"], run["verdict"]) == (run_id, "done")
    assert run_id in shell.type("runs").out


def test_doctor_finds_all_well(shell):
    shell.connect()

    checks = shell.type("doctor", "--json").json["checks"]

    assert {check["name"] for check in checks if check["ok"] is False} == set()
    assert shell.type("doctor").code == 0


def test_retry_with_nothing_left_over_is_quiet(shell):
    shell.connect()
    shell.type("sync")

    retried = shell.type("retry")

    assert retried.code == 0
    assert "Nothing was left over" in retried.out
