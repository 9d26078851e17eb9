"""A newcomer's first hour with the command, on the real emulators."""

import stat
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.flows.cli_shell import Shell, Told
from toolkit.model.ids import Side
from toolkit.sandbox.serve import Sandbox, SandboxOptions

SMALL = SandboxOptions(contacts=15, tasks=6, notes=3, leads=5, shared=2, rate_limit=False)


@contextmanager
def serving():
    sandbox = Sandbox(SMALL)
    sandbox.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def shell(tmp_path):
    with serving() as sandbox:
        shell = Shell(tmp_path / "home", sandbox.ready_line())
        assert shell.connect().code == 0
        yield shell


@dataclass(frozen=True)
class Settled:
    """A home after its first sync, with the plan that was made before it."""

    shell: Shell
    plan_file: Path
    planned: Told
    run_id: str


@pytest.fixture(scope="module")
def settled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("settled")
    with serving() as sandbox:
        shell = Shell(folder / "home", sandbox.ready_line())
        shell.connect()
        planned = shell.type("plan", "-o", str(folder / "plan.json"))
        run_id = shell.type("sync", "--json").json["run_id"]
        yield Settled(shell, folder / "plan.json", planned, run_id)


def test_newcomer_connects_previews_syncs_and_sees_quiet(shell):
    connected = shell.connect()
    assert "hightonic sync" in connected.out
    assert "is there already" not in shell.type("init").err
    planned = shell.type("plan")
    assert planned.code == 0
    assert "Contacts" in planned.out
    assert "@" not in planned.out

    synced = shell.type("sync")

    assert synced.code == 0
    assert "13 created" in synced.out
    quiet = shell.type("sync", "--json").json
    assert (quiet["writes"], quiet["write_amplification"]) == (0, 1.0)
    assert "Nothing had changed" in shell.type("sync").out


def test_plan_applied_late_creates_nothing_twice(settled):
    assert f"hightonic apply {settled.plan_file}" in settled.planned.err
    assert stat.S_IMODE(settled.plan_file.stat().st_mode) == 0o600

    late = settled.shell.type("apply", str(settled.plan_file), "--json").json

    assert not any(late["kinds"][kind]["timetonic"]["created"] for kind in late["kinds"])
    assert late["kinds"]["contact"]["timetonic"]["skipped"] >= 13


def test_plan_is_applied_as_it_was_shown(shell, tmp_path):
    plan_file = str(tmp_path / "plan.json")
    summary = shell.type("plan", "-o", plan_file, "--json").json

    report = shell.type("apply", plan_file, "--json").json

    created = report["kinds"]["contact"]["timetonic"]["created"]
    assert created == summary["writes"]["contact"]["timetonic"]["create"] == 13
    assert report["failures"] == []
    assert report["plan_hash"] == summary["hash"]
    assert shell.type("plan", "--values", "--json").json["plan"]["operations"] == []


def test_conflicts_wait_are_decided_and_taken_back(shell):
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


def test_brake_holds_the_run_until_a_person_names_the_plan(shell):
    settings = shell.home / "hightonic.yaml"
    brakes = "  main:\n    sync: {brakes: {update_floor: 2, update_share: 0.0}}\n"
    settings.write_text(settings.read_text("utf-8").replace("  main:\n", brakes), "utf-8")
    first = shell.type("sync", "--json")
    shell.type("sync", "--approve", first.json["approval"])
    shell.rename(4, sides=[Side.HIGHLEVEL])

    held = shell.type("sync")

    assert held.code == 78
    assert "Held back by a brake: 4 operations" in held.out
    approval = held.out.split("hightonic sync --approve ")[1].split()[0]
    assert f"--approve {approval}" in shell.type("plan").out
    approved = shell.type("sync", "--approve", approval, "--json")
    assert (approved.code, approved.json["held"]) == (0, 0)
    assert approved.json["kinds"]["contact"]["timetonic"]["updated"] == 4
    assert shell.type("sync", "--approve", approval).code == 78


def test_log_tells_what_was_written_and_hides_values(settled):
    look = settled.shell.type

    entries = look("log", "--run", settled.run_id, "--limit", "20", "--json").json["entries"]
    assert {each["run_id"] for each in entries} == {settled.run_id}
    assert len(entries) == 20
    assert "before" not in entries[0]
    record = next(each["record_id"] for each in entries if each["record_id"])
    about = look("log", "--record", record, "--values", "--json").json["entries"]
    assert {each["record_id"] for each in about} == {record}
    assert about[0]["after"]
    failed = look("log", "--failed", "--run", settled.run_id)
    assert failed.out == "Nothing has been written yet that fits.\n"


def test_runs_lists_ids_and_ends(settled):
    runs = settled.shell.type("runs", "--json").json["runs"]

    assert (runs[-1]["run_id"], runs[-1]["verdict"]) == (settled.run_id, "done")
    assert settled.run_id in settled.shell.type("runs").out


def test_doctor_finds_all_well(settled):
    checks = settled.shell.type("doctor", "--json").json["checks"]

    assert {check["name"] for check in checks if check["ok"] is False} == set()
    assert settled.shell.type("doctor").code == 0


def test_retry_with_nothing_left_over_is_quiet(settled):
    settled.shell.type("sync")

    retried = settled.shell.type("retry")

    assert retried.code == 0
    assert "Nothing was left over" in retried.out
