"""Bad input at the command: one clear sentence, the right exit code, nothing lost."""

import json
import shutil
import subprocess
import sys

import pytest

from tests.flows.cli_shell import Shell
from toolkit.clients.pacing import ManualClock, SystemClock
from toolkit.sandbox.serve import Sandbox, SandboxOptions

HOLD_THE_HOME = """
import sys
from toolkit.store import Lease
with Lease(sys.argv[1], purpose="sync"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def sandbox():
    served = Sandbox(
        SandboxOptions(contacts=4, tasks=2, notes=1, leads=2, shared=1, rate_limit=False)
    )
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="module")
def connected_home(sandbox, tmp_path_factory):
    home = tmp_path_factory.mktemp("connected") / "home"
    assert Shell(home, sandbox.ready_line()).connect().code == 0
    return home


@pytest.fixture
def shell(sandbox, connected_home, tmp_path):
    sandbox.recorder.clear()
    return Shell(shutil.copytree(connected_home, tmp_path / "home"), sandbox.ready_line())


@pytest.fixture
def no_waits(monkeypatch):
    """The clients' clock jumps instead of waiting; their own tests look at the waits."""
    jumping = ManualClock()
    monkeypatch.setattr(SystemClock, "sleep", lambda _, seconds: jumping.sleep(seconds))
    monkeypatch.setattr(SystemClock, "monotonic", lambda _: jumping.monotonic())


def is_one_sentence(told):
    return told.err.count("\n") == 1 and "(ref " in told.err


def connect_highlevel(shell, **changes):
    given = {**shell.ready["highlevel"], **changes}
    return shell.type(
        "connect",
        "highlevel",
        "--base-url",
        given["base_url"],
        "--location-id",
        given["location_id"],
        "--token-stdin",
        stdin=given["token"] + "\n",
    )


def connect_timetonic(shell, **changes):
    given = {**shell.ready["timetonic"], **changes}
    return shell.type(
        "connect",
        "timetonic",
        "--url",
        given["url"],
        "--user",
        given["user"],
        "--book-owner",
        given["book_owner"],
        "--book-code",
        given["book_code"],
        "--sesskey-stdin",
        stdin=given["sesskey"] + "\n",
    )


@pytest.mark.usefixtures("no_waits")
@pytest.mark.parametrize(
    ("connect", "changes", "code", "words"),
    [
        (connect_highlevel, {"token": "pit-wrong"}, 1, ["HighLevel", "token"]),
        (connect_highlevel, {"location_id": "nowhere"}, 1, ["location id"]),
        (connect_highlevel, {"base_url": "http://127.0.0.1:1"}, 1, ["could not be reached"]),
        (connect_highlevel, {"token": ""}, 2, ["No HighLevel private integration token"]),
        (connect_timetonic, {"sesskey": "WRONG"}, 1, ["TimeTonic"]),
        (connect_timetonic, {"book_code": "nowhere"}, 1, ["TimeTonic", "book"]),
        (connect_timetonic, {"url": "http://127.0.0.1:1/api.php"}, 1, ["could not be reached"]),
    ],
)
def test_account_that_refuses_leaves_the_connection_as_it_was(
    connect, changes, code, words, shell
):
    settings = (shell.home / "hightonic.yaml").read_bytes()

    told = connect(shell, **changes)

    assert (told.code, told.out) == (code, "")
    assert is_one_sentence(told)
    assert [word for word in words if word not in told.err] == []
    assert (shell.home / "hightonic.yaml").read_bytes() == settings
    assert shell.type("sync").code == 0


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("HIGHTONIC_HIGHLEVEL_TOKEN", ["HighLevel"]),
        ("HIGHTONIC_TIMETONIC_SESSKEY", ["TimeTonic"]),
    ],
)
def test_key_that_stopped_working_ends_the_sync_before_any_write(
    variable, words, shell, sandbox
):
    told = shell.type("sync", **{variable: "revoked"})

    assert told.code == 1
    assert is_one_sentence(told)
    assert [word for word in words if word not in told.err] == []
    assert "revoked-key" not in told.err
    assert sandbox.recorder.count(is_write=True) == 0


def rename_table(settings):
    return settings.replace(
        "connections:\n  main:\n",
        "connections:\n  main:\n    mapping: {contact: {table: Kontakts}}\n",
    )


@pytest.mark.parametrize(
    ("spoil", "code", "words"),
    [
        (lambda text: text.replace("location_id:", "locaton_id:"), 2, ["location_id", ":"]),
        (lambda text: text[: len(text) // 2] + "\n  [", 2, ["hightonic.yaml"]),
        (lambda _text: "\t- no", 2, ["hightonic.yaml"]),
        (lambda _text: "", 2, ["hightonic.yaml"]),
        (rename_table, 2, ["Kontakts"]),
    ],
)
def test_settings_that_are_wrong_name_the_file_and_stop_everything(
    spoil, code, words, shell, sandbox
):
    path = shell.home / "hightonic.yaml"
    path.write_text(spoiled := spoil(path.read_text("utf-8")), "utf-8")

    told = shell.type("sync")

    assert (told.code, told.out) == (code, "")
    assert is_one_sentence(told)
    assert [word for word in words if word not in told.err] == []
    assert path.read_text("utf-8") == spoiled
    assert sandbox.recorder.count(is_write=True) == 0


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["sync", "--connection", "mian"], 2, "main"),
        (["sync", "--config", "none.yaml"], 2, "none.yaml"),
        (["sync", "--approve", "beef"], 78, "plan"),
        (["apply", "none.json"], 2, "cannot be read"),
        (["undo", "never"], 2, "never"),
        (["undo", "last"], 2, "No run has written anything yet"),
        (["resolve", "c0", "--keep", "highlevel"], 2, "No open conflict is called c0"),
        (["log", "--run", "never"], 2, "never"),
        (["connect", "sandbox", "--from", "none.json"], 2, "cannot be read"),
        (["plan", "-o", "none/plan.json"], 2, "There is no folder none"),
    ],
)
def test_what_does_not_exist_is_said_by_name(words, code, sentence, shell):
    told = shell.type(*words)

    assert (told.code, sentence in told.err) == (code, True), told.err
    assert is_one_sentence(told)


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "{}", '{"highlevel": {}, "timetonic": {}}', '{"highlevel": 1}']
)
def test_what_is_no_ready_line_is_refused(line, shell):
    told = shell.type("connect", "sandbox", "--from", "-", stdin=line)

    assert told.code == 2
    assert "does not hold the line a sandbox prints" in told.err


@pytest.mark.parametrize("command", [["sync"], ["init"], ["plan"], ["log"]])
def test_home_that_is_a_file_is_one_sentence(command, shell, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("not a folder")

    told = shell.type(*command, HIGHTONIC_HOME=str(taken))

    assert told.code in {1, 2}
    assert is_one_sentence(told)
    assert taken.read_text() == "not a folder"


@pytest.mark.parametrize("command", [["sync"], ["log"], ["conflicts"], ["runs"]])
def test_half_written_state_is_said_and_kept(command, shell):
    path = shell.home / "hightonic.db"
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(half := path.read_bytes()[: path.stat().st_size // 2])

    told = shell.type(*command)

    assert told.code == 1
    assert is_one_sentence(told)
    assert path.read_bytes() == half


def test_second_process_waits_its_turn_and_may_look(shell):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_THE_HOME, str(shell.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        holder.stdout.readline()

        busy = shell.type("sync", "--json")
        looked = shell.type("runs")
        holder.stdin.close()

    assert busy.code == 1
    assert json.loads(busy.out)["error"]["type"] == "StateBusyError"
    assert str(holder.pid) in busy.err
    assert looked.code == 0
    assert shell.type("sync").code == 0


def test_doctor_fails_with_a_remedy_where_a_key_does_not_open(shell):
    told = shell.type("doctor", HIGHTONIC_HIGHLEVEL_TOKEN="revoked")

    assert told.code == 1
    assert "NO  HighLevel key" in told.out
    assert "->" in told.out
