"""`hightonic catalog`, `hightonic call`: what a person sees, and what is never done silently."""

import json

import pytest

from tests.flows.cli_shell import Shell
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sandbox.serve import Sandbox, SandboxOptions

CREATE = ["call", "highlevel.tags.create", "name=lyon"]


@pytest.fixture(scope="module")
def sandbox():
    served = Sandbox(
        SandboxOptions(contacts=4, tasks=2, notes=1, leads=2, shared=1, rate_limit=False)
    )
    served.start()
    yield served
    served.stop()


@pytest.fixture
def shell(sandbox, tmp_path):
    sandbox.faults.set([])
    typing = Shell(tmp_path / "home", sandbox.ready_line())
    assert typing.connect().code == 0
    sandbox.recorder.clear()
    return typing


def make_real(shell):
    """Point the settings at hosts that are no emulators; nothing must ever be sent there."""
    path = shell.home / "hightonic.yaml"
    text = path.read_text("utf-8")
    for system in ("highlevel", "timetonic"):
        address = shell.ready[system].get("base_url") or shell.ready[system]["url"]
        host = address.split("/")[2]
        text = text.replace(f"http://{host}", f"https://{system}.example.com")
    path.write_text(text, "utf-8")


def test_the_catalogue_lists_searches_and_explains(shell):
    listed = shell.type("catalog")
    found = shell.type("catalog", "--search", "followers", "--system", "highlevel", "--json")
    shown = shell.type("catalog", "highlevel.contacts.search")
    whole = shell.type("catalog", "highlevel.contacts.get", "--json").json
    fires = shell.type("catalog", "--role", "trigger", "--json").json["entries"]

    assert "highlevel.contacts.create" in listed.out
    assert [each["id"] for each in found.json["entries"]] == [
        "highlevel.followers.add",
        "highlevel.followers.remove",
    ]
    assert "POST /contacts/search" in shown.out
    assert "Example: hightonic call highlevel.contacts.search" in shown.out
    assert whole["input_schema"]["required"] == ["contact_id"]
    assert {each["role"] for each in fires} == {"trigger"}
    assert shell.type("catalog", "--search", "nowhere to be found").out.startswith("Nothing")


def test_an_unknown_entry_is_told_with_the_nearest(shell):
    told = shell.type("call", "highlevel.contact.get")

    assert told.code == 2
    assert "Did you mean highlevel.contacts.get?" in told.err


def test_words_a_file_and_a_pipe_say_the_same(shell, tmp_path):
    body = json.dumps({"page_size": 2, "query": "a"})
    file = tmp_path / "input.json"
    file.write_text(body, "utf-8")
    search = ["call", "highlevel.contacts.search", "--json"]

    answers = [
        shell.type(*search, "page_size=2", "query=a").json["value"],
        shell.type(*search, "--input", str(file)).json["value"],
        shell.type(*search, "--input", "-", stdin=body).json["value"],
        shell.type(*search, "--input", str(file), "page_size=2").json["value"],
    ]

    assert [each["contacts"] for each in answers] == [answers[0]["contacts"]] * 4


@pytest.mark.parametrize(
    ("stdin", "words"),
    [("[]", ["--input", "-"]), ("{", ["--input", "-"]), (None, ["--input", "no-such-file"])],
)
def test_an_input_that_is_no_object_is_refused(shell, sandbox, stdin, words):
    told = shell.type("call", "highlevel.tags.list", *words, stdin=stdin)

    assert told.code == 2
    assert "Nothing was sent" in told.err
    assert sandbox.recorder.count() == 0


def test_an_input_that_is_no_text_is_refused(shell, tmp_path):
    file = tmp_path / "input.json"
    file.write_bytes(b"\xff\xfe")

    assert shell.type("call", "highlevel.tags.list", "--input", str(file)).code == 2


def test_a_dry_run_of_a_deed_shows_what_it_would_write(shell):
    told = shell.type("call", "hightonic.sync", "--dry-run")

    assert '"create contact in TimeTonic"' in told.out
    assert "Nothing was written." in told.out


def test_a_read_shows_the_answer_and_its_cost_and_makes_no_run(shell):
    told = shell.type("call", "highlevel.locations.get")

    assert json.loads(told.out)["name"] == "Sandbox Trading"
    assert "API calls: HighLevel 1, TimeTonic 0." in told.err
    assert shell.type("runs", "--json").json["runs"] == []


def test_a_write_is_a_run_in_the_log_with_names_and_without_values(shell):
    made = shell.type(*CREATE, "--json").json
    (run,) = shell.type("runs", "--json").json["runs"]

    assert made["value"]["name"] == "lyon"
    assert run["run_id"] == made["run_id"]
    assert (run["verb"], run["verdict"]) == ("call highlevel.tags.create", "done")
    assert run["report"]["call"]["fields"] == ["name"]
    assert run["report"]["call"]["record_id"] == made["value"]["id"]
    assert "lyon" not in json.dumps(run)
    assert "see `hightonic runs`" in shell.type(*CREATE).err


def test_a_dry_run_sends_and_logs_nothing(shell, sandbox):
    told = shell.type(*CREATE, "--dry-run", "--json").json

    assert told["request"] == "POST /locations/{location_id}/tags"
    assert told["input"] == {"name": "lyon"}
    assert (told["is_write"], told["is_allowed"]) == (True, True)
    assert "Nothing was sent." in shell.type(*CREATE, "--dry-run").out
    assert sandbox.recorder.count() == 0
    assert shell.type("runs", "--json").json["runs"] == []


def test_a_refused_write_is_in_the_log_too(shell):
    told = shell.type("call", "highlevel.contacts.delete", "contact_id=nobody", "--json")
    (run,) = shell.type("runs", "--json").json["runs"]

    assert told.code == 1
    assert told.json["error"]["type"] == "NotFoundError"
    assert run["verdict"].startswith("failed: ")


def test_a_write_without_an_answer_says_look_before_repeating(shell, sandbox):
    sandbox.faults.set([Fault(FaultKind.CUT_AFTER, writes_only=True, times=0)])

    told = shell.type(*CREATE)
    (run,) = shell.type("runs", "--json").json["runs"]

    assert told.code == 1
    assert "look" in told.err.lower()
    assert run["verdict"].startswith("unknown: ")
    assert run["report"]["call"]["outcome"] == "unknown"


def test_a_connection_that_is_not_live_reads_and_does_not_write(shell, sandbox):
    make_real(shell)

    told = shell.type(*CREATE)
    dry = shell.type(*CREATE, "--dry-run", "--json").json
    event = shell.type("call", "trigger.highlevel.ContactCreate", "id=1")
    example = shell.type("call", "highlevel.tags.create", "--example")

    assert told.code == 78
    assert "hightonic rehearse" in told.err
    assert dry["is_allowed"] is False
    assert "rehearse" in dry["obstacle"]
    assert (event.code, example.code) == (78, 78)
    assert "Add --sandbox" in event.err
    assert sandbox.recorder.count() == 0


def test_a_paused_connection_does_not_write_but_goes_on_when_asked(shell):
    assert shell.type("call", "hightonic.pause").code == 0

    assert shell.type(*CREATE).code == 78
    assert shell.type("call", "hightonic.resume").code == 0
    assert shell.type(*CREATE).code == 0


def test_sandbox_makes_its_own_emulators_beside_real_accounts(shell, sandbox):
    make_real(shell)

    made = shell.type(*CREATE, "--sandbox", "--json")
    named = shell.type(*CREATE, "--sandbox", "-c", "main")

    assert made.json["value"]["name"] == "lyon"
    assert named.code == 2
    assert "is to real accounts" in named.err
    assert sandbox.recorder.count() == 0
    assert shell.type("runs", "--json").json["runs"] == []


def test_sandbox_needs_no_settings_at_all(tmp_path):
    shell = Shell(tmp_path / "nowhere", {})

    told = shell.type("call", "timetonic.rows.list", "--example", "--sandbox", "--json")

    assert len(told.json["value"]) == 10
    assert not shell.home.exists()


def test_made_up_emulators_meet_neither_keys_nor_database_of_this_machine(tmp_path):
    shell = Shell(tmp_path / "nowhere", {})
    real = {
        "HIGHTONIC_HIGHLEVEL_TOKEN": "pit-real",
        "HIGHTONIC_TIMETONIC_SESSKEY": "real",
        "HIGHTONIC_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    }

    told = shell.type("call", "highlevel.locations.get", "--sandbox", "--json", **real)
    doctor = shell.type("call", "hightonic.doctor", "--sandbox", "--json", **real)

    assert told.json["value"]["name"] == "Sandbox Trading"
    assert [each["name"] for each in doctor.json["value"] if each["ok"] is False] == []


def test_an_event_is_delivered_as_the_service_would_and_shows_what_it_did(shell, sandbox):
    assert shell.type("sync").code == 0
    contact = next(iter(sandbox.highlevel.state.contacts.values()))
    contact.values["firstName"] = "Grace"
    sandbox.highlevel.state.touch(contact)

    told = shell.type(
        "call", "trigger.highlevel.ContactUpdate", "--json", "--sandbox", f"id={contact.id}"
    ).json["value"]

    assert told["verdict"] == "stored"
    assert [verb for _, verb, _ in told["runs"]] == ["drain"]
    assert told["told"] == ["contact_changed"]


def test_calls_of_reads_count_against_the_month(shell):
    before = shell.type("run-status", "--json").json["connections"][0]["calls_this_month"]

    shell.type("call", "timetonic.user.get")

    after = shell.type("run-status", "--json").json["connections"][0]["calls_this_month"]
    assert after == {**before, "timetonic": before["timetonic"] + 1}
