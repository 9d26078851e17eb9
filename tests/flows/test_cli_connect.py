"""Connecting from nothing: every way to hand over a secret, and where it ends up."""

import json

import pytest

from tests.flows.cli_shell import Shell
from toolkit.app.config import HIGHLEVEL_URL, TIMETONIC_URL
from toolkit.sandbox.serve import Sandbox, SandboxOptions


@pytest.fixture(scope="module")
def sandbox():
    served = Sandbox(
        SandboxOptions(contacts=2, tasks=0, notes=0, leads=1, shared=0, rate_limit=False)
    )
    served.start()
    yield served
    served.stop()


@pytest.fixture
def shell(sandbox, tmp_path):
    return Shell(tmp_path / "home", sandbox.ready_line())


def highlevel_words(ready):
    return [
        "connect",
        "highlevel",
        "--base-url",
        ready["highlevel"]["base_url"],
        "--location-id",
        ready["highlevel"]["location_id"],
        "--create-fields",
    ]


def timetonic_words(ready):
    given = ready["timetonic"]
    return [
        "connect",
        "timetonic",
        "--url",
        given["url"],
        "--user",
        given["user"],
        "--book-code",
        given["book_code"],
    ]


def test_two_connects_make_a_connection_that_syncs_and_keep_no_secret_in_the_open(shell):
    token, sesskey = shell.ready["highlevel"]["token"], shell.ready["timetonic"]["sesskey"]
    first = shell.type("init")
    assert (first.code, "hightonic connect highlevel" in first.out) == (0, True)

    one = shell.type(*highlevel_words(shell.ready), HIGHTONIC_HIGHLEVEL_TOKEN=token)
    two = shell.type(
        *timetonic_words(shell.ready), "--sesskey-stdin", "--json", stdin=sesskey + "\n"
    )

    assert one.code == 0, one.err
    assert "TimeTonic is not connected yet." in one.out
    assert two.json["next"] == ["hightonic doctor", "hightonic plan", "hightonic sync"]
    assert shell.type("sync").code == 0
    for path in shell.home.iterdir():
        assert token.encode() not in path.read_bytes(), path
        assert sesskey.encode() not in path.read_bytes(), path
        assert path.stat().st_mode & 0o077 == 0, path


def test_next_commands_name_the_connection_that_was_typed(shell):
    ready = json.dumps(shell.ready)

    made = shell.type("connect", "sandbox", "--from", "-", "-c", "two", "--json", stdin=ready)

    assert made.json["next"] == ["hightonic plan -c two", "hightonic sync -c two"]


def test_password_is_used_once_and_kept_nowhere(shell, sandbox):
    password = sandbox.timetonic.credentials["password"]
    words = [*timetonic_words(shell.ready), "--login", shell.ready["timetonic"]["user"]]

    told = shell.type(*words, HIGHTONIC_TIMETONIC_PASSWORD=password)

    assert told.code == 0, told.err
    assert "TimeTonic answers for the book" in told.out
    for path in shell.home.iterdir():
        assert password.encode() not in path.read_bytes()


def test_wrong_password_is_one_sentence(shell):
    words = [*timetonic_words(shell.ready), "--login", shell.ready["timetonic"]["user"]]

    told = shell.type(*words, "--password-stdin", stdin="guess\n")

    assert told.code == 1
    assert "guess" not in told.err
    assert "(ref " in told.err


def test_init_leaves_settings_that_are_there(shell):
    shell.connect()
    settings = (shell.home / "hightonic.yaml").read_bytes()

    told = shell.type("init", "--json")

    assert told.code == 0
    assert str(shell.home / "hightonic.yaml") in told.json["found"][0]
    assert (shell.home / "hightonic.yaml").read_bytes() == settings


def test_two_connections_in_one_home_need_a_name(shell):
    shell.connect()
    again = shell.type(
        "connect",
        "sandbox",
        "--connection",
        "second",
        "--from",
        write_ready(shell),
    )
    assert again.code == 0

    unnamed = shell.type("sync")

    assert unnamed.code == 2
    assert "main" in unnamed.err
    assert "second" in unnamed.err
    assert shell.type("sync", "--connection", "second").code == 0


def write_ready(shell):
    path = shell.home.parent / "ready.json"
    path.write_text(json.dumps(shell.ready), "utf-8")
    return str(path)


def test_addresses_of_the_vendors_are_those_of_the_settings(shell):
    assert HIGHLEVEL_URL in shell.type("connect", "highlevel", "--help").out
    assert TIMETONIC_URL in shell.type("connect", "timetonic", "--help").out
