"""The command as a process: signals, pipes, exit codes."""

import json
import os
import signal
import subprocess
import sys
import urllib.request

import pytest

from tests.flows.cli_shell import Shell
from toolkit.model.ids import Side
from toolkit.sandbox.serve import Sandbox, SandboxOptions

HIGHTONIC = [sys.executable, "-c", "from toolkit.cli import main; main()"]
SLOW_WRITES = {
    "faults": [
        {"kind": "slow", "seconds": 0.2, "times": 0, "writes_only": True, "system": "timetonic"}
    ]
}


@pytest.fixture
def sandbox():
    served = Sandbox(
        SandboxOptions(contacts=30, tasks=4, notes=0, leads=3, shared=0, rate_limit=False)
    )
    served.start()
    yield served
    served.stop()


@pytest.fixture
def shell(sandbox, tmp_path):
    shell = Shell(tmp_path / "home", sandbox.ready_line())
    assert shell.connect().code == 0
    return shell


def start(*words, shell=None):
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    for name, value in (shell.environment if shell else {}).items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = value
    return subprocess.Popen(
        [*HIGHTONIC, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_sandbox_prints_one_line_serves_and_stops_cleanly(number):
    with start(
        "sandbox", "--json", "--contacts", "3", "--notes", "0", "--tasks", "0"
    ) as served:
        ready = json.loads(served.stdout.readline())
        counts = read_control(ready, "state")
        served.send_signal(number)
        rest, told = served.communicate(timeout=20)

    assert counts["highlevel"]["contacts"] == 3
    assert ready.keys() == {"highlevel", "timetonic", "control_url", "slack"}
    assert (served.returncode, rest, told) == (0, "", "")


def test_sandbox_for_people_names_a_file_that_connects_and_goes_away(tmp_path):
    with start("sandbox", "--contacts", "2", "--shared", "0", "--leads", "0") as served:
        lines = []
        while not lines or "hightonic sync" not in lines[-1]:
            lines.append(served.stdout.readline())
        path = lines[-2].split("--from ")[1].strip()
        connected = Shell(tmp_path / "home", {}).type("connect", "sandbox", "--from", path)
        served.send_signal(signal.SIGINT)
        served.communicate(timeout=20)

    assert connected.code == 0, connected.err
    assert served.returncode == 0
    assert not os.path.exists(path)  # noqa: PTH110 — a text from a screen


def read_control(ready, door):
    with urllib.request.urlopen(f"{ready['control_url']}/{door}") as answer:  # noqa: S310 — ours
        return json.load(answer)


def wait_for_a_write(ready, process):
    while process.poll() is None:
        if read_control(ready, "requests")["counts"]["timetonic"]["writes"]:
            return
    pytest.fail(process.stderr.read())


@pytest.mark.parametrize(("presses", "says"), [(1, "Stopping after"), (2, "Stopped at once")])
def test_interrupted_sync_loses_and_doubles_nothing(presses, says, shell, sandbox):
    sandbox.faults.set_json(SLOW_WRITES)
    with start("sync", "--json", shell=shell) as syncing:
        wait_for_a_write(shell.ready, syncing)
        syncing.send_signal(signal.SIGINT)
        told = syncing.stderr.readline()
        if presses == 2:
            syncing.send_signal(signal.SIGINT)
        out, rest = syncing.communicate(timeout=30)

    assert syncing.returncode == 130
    assert says in told + rest
    assert bool(out) == (presses == 1)
    sandbox.faults.set_json({"faults": []})
    assert shell.type("sync", "--json").code == 0
    assert shell.type("sync", "--json").json["writes"] == 0
    names = shell.read_names()
    assert len(names[Side.TIMETONIC]) == len(names[Side.HIGHLEVEL]) == 33
    assert sandbox.timetonic.state.counts()["Contacts"] == 33


def test_reader_that_leaves_early_is_no_failure_to_report(shell):
    with start("log", shell=shell) as logged:
        logged.stdout.close()
        told = logged.stderr.read()

    assert "Traceback" not in told
