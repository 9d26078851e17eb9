"""The archive, duplicates and figures as typed, on the real emulators."""

import pytest

from tests.flows.cli_shell import Shell
from toolkit.sandbox.highlevel.records import Contact
from toolkit.sandbox.serve import Sandbox, SandboxOptions

SMALL = SandboxOptions(contacts=8, tasks=3, notes=1, leads=3, shared=1, rate_limit=False)


@pytest.fixture
def sandbox():
    sandbox = Sandbox(SMALL)
    sandbox.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def shell(tmp_path, sandbox):
    shell = Shell(tmp_path / "home", sandbox.ready_line())
    assert shell.connect().code == 0
    assert shell.type("sync").code == 0
    return shell


def test_contacts_are_set_aside_taken_back_and_counted(shell):
    email = min(shell.read_names()["highlevel"])
    assert shell.type("archive").out == "Nobody is archived.\n"

    shown = shell.type("archive", email)
    assert "repeat the command with --apply" in shown.out
    assert shell.type("archive", "list", "--json").json == {"archived": []}

    done = shell.type("archive", email, "--reason", "moved", "--apply", "--json")
    assert (done.code, done.json["verb"], done.json["writes"]) == (0, "archive", 3)
    (entry,) = shell.type("archive", "--json", "--values").json["archived"]
    assert (entry["reason"], bool(entry["name"])) == ("moved", True)
    assert "moved" in shell.type("archive", "list").out
    assert shell.type("archive", email, "--json").json["writes"]["archive"]["timetonic"] == {
        "create": 0,
        "update": 0,
        "delete": 0,
    }

    back = shell.type("archive", "restore", entry["highlevel_id"], "--apply")
    assert "Took contacts back on main" in back.out
    assert shell.type("archive", "list", "--json").json == {"archived": []}

    assert "concerns nobody" in shell.type("archive", "--stale", "900", "--apply").out
    assert shell.type("archive", "--stale", "900", "--json").json == {"writes": {}, "held": 0}
    refused = shell.type("archive", "restore")
    assert (refused.code, "who is to be taken back" in refused.err) == (2, True)
    assert shell.type("archive", "nobody@example.com").code == 2

    assert "Contacts" in shell.type("report").out
    (day,) = shell.type("report", "--json").json["days"]
    assert day["census"]["contacts"] == len(shell.read_names()["highlevel"])


def test_a_brake_asks_for_the_same_command_again(shell):
    settings = shell.home / "hightonic.yaml"
    brakes = "  main:\n    sync: {brakes: {update_floor: 0, update_share: 0}}\n"
    settings.write_text(settings.read_text("utf-8").replace("  main:\n", brakes), "utf-8")
    email = min(shell.read_names()["highlevel"])

    shown = shell.type("archive", email, "--json")
    assert (shown.code, shown.json["held"]) == (78, 3)
    held = shell.type("archive", email, "--apply")
    assert held.code == 78
    assert f"--approve {shown.json['approval']}" in held.out
    done = shell.type("archive", email, "--approve", shown.json["approval"], "--json")
    assert (done.code, done.json["writes"]) == (0, 3)


def double(sandbox: Sandbox, email: str) -> None:
    """The same mailbox once more, with a source the first one lacks."""
    state = sandbox.highlevel.state
    local, _, domain = email.partition("@")
    values = {"firstName": "Other", "lastName": "Spelling", "email": f"{local}+x@{domain}"}
    state.save(Contact(state.ids.short(), state.now(), state.now(), values=values))


def test_duplicates_are_shown_and_one_group_is_completed_and_marked(shell, sandbox):
    assert "No duplicates among" in shell.type("duplicates").out
    double(sandbox, min(shell.read_names()["highlevel"]))
    assert shell.type("sync").code == 0

    (group,) = shell.type("duplicates", "--json").json["groups"]
    assert group["why"][0]["evidence"][0]["reason"] == "e-mails of one mailbox"
    shown = shell.type("duplicates", "--values")
    assert "Marked:   Other Spelling" in shown.out
    assert f"hightonic duplicates --apply {group['id']}" in shown.out

    done = shell.type("duplicates", "--apply", group["id"], "--json").json
    assert (done["verb"], done["failures"]) == ("merge", [])
    assert done["writes"] >= 2
    assert shell.type("duplicates", "--json").json["groups"] == []
    assert shell.type("sync", "--json").json["kinds"]["contact"]["highlevel"]["updated"] == 0
    refused = shell.type("duplicates", "--apply", group["id"])
    assert (refused.code, "There is no group" in refused.err) == (2, True)
