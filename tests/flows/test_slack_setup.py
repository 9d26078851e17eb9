"""Slack from nothing: connected, looked at, people given roles; all by commands."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from tests.flows.cli_shell import Shell
from toolkit.app.home import Home
from toolkit.app.setup_desk import open_whole
from toolkit.app.slack_audit_file import audit_file
from toolkit.app.slack_doctor import check_slack
from toolkit.app.slack_features import FEATURES
from toolkit.app.slack_keys import SlackKeys
from toolkit.clients.pacing import SystemClock
from toolkit.sandbox.serve import Sandbox, SandboxOptions
from toolkit.sandbox.slack import SlackApp, SlackOptions, SlackSandbox
from toolkit.sandbox.slack.manifest import Token, TokenKind
from toolkit.sandbox.slack.seeding import CLIENT

USUAL = tuple(scope for each in FEATURES if each.is_usual for scope in each.scopes)
ANNA = "U0000000003"


@pytest.fixture(scope="module")
def sandbox():
    served = Sandbox(
        SandboxOptions(contacts=2, tasks=0, notes=0, leads=1, shared=0, rate_limit=False)
    )
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="module")
def slack():
    app = SlackApp(scopes=USUAL)
    served = SlackSandbox(SlackOptions(app=app, rate_limit=False))
    served.start()
    yield served
    served.stop()


@pytest.fixture
def shell(sandbox, slack, tmp_path):
    return Shell(tmp_path / "home", {**sandbox.ready_line(), "own_slack": slack.ready_line()})


def connect(shell, *words, bot="", app="", **environment):
    held = shell.ready["own_slack"]
    tokens = {
        "HIGHTONIC_SLACK_BOT_TOKEN": bot or held["bot_token"],
        "HIGHTONIC_SLACK_APP_TOKEN": app or held["app_token"],
        **environment,
    }
    return shell.type("connect", "slack", "--base-url", held["base_url"], *words, **tokens)


def test_both_tokens_are_tried_and_sealed(shell):
    held = shell.ready["own_slack"]
    told = connect(shell, "--json")

    assert told.code == 0, told.err
    assert told.json["found"][0] == "Slack answers for the workspace Sandbox, by Socket Mode."
    assert told.json["next"][-1] == "hightonic serve"
    for path in shell.home.iterdir():
        for token in (held["bot_token"], held["app_token"]):
            assert token.encode() not in path.read_bytes(), path
        assert path.stat().st_mode & 0o077 == 0, path


def test_another_app_s_workspace_is_named_as_it_may_be_reached_no_more(shell):
    assert "one app" not in connect(shell).out
    with open_whole(Home(shell.home)) as (store, vault):
        keys = SlackKeys(store, vault, clock=SystemClock())
        held = keys.find("T0000000001")
        assert held is not None
        keys.put(replace(held, team="T0000000009"))

    told = connect(shell, "--json")

    assert "T0000000009 is reached on only if both have one app" in told.json["found"][1]


def test_tokens_come_from_standard_input_a_line_each(shell):
    held = shell.ready["own_slack"]
    words = ["connect", "slack", "--base-url", held["base_url"], "--tokens-stdin"]

    told = shell.type(*words, stdin=f"{held['bot_token']}\n{held['app_token']}\n")

    assert told.code == 0, told.err
    assert "by Socket Mode" in told.out
    assert held["bot_token"] not in told.out + told.err


def test_http_takes_a_signing_secret_instead_of_an_app_token(shell):
    told = connect(shell, "--http", HIGHTONIC_SLACK_SIGNING_SECRET="s3cret")

    assert told.code == 0, told.err
    assert "by HTTP" in told.out
    doctor = shell.type("doctor", "--json")
    line = next(each for each in doctor.json["checks"] if each["name"] == "Slack line")
    assert (line["ok"], "HTTP" in line["detail"]) == (True, True)


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ({"bot": "xoxb-nobody"}, 1, "invalid_auth"),
        ({"app": "xapp-nobody"}, 1, "invalid_auth"),
        ({"bot": "xapp-1-sandbox-app"}, 2, "That is no bot token"),
        ({"app": "xoxb-sandbox-bot"}, 2, "That is no app token"),
    ],
)
def test_a_token_that_does_not_open_is_not_stored(shell, given, code, said):
    told = connect(shell, **given)

    assert (told.code, said in told.err) == (code, True), told.err
    assert shell.type("slack", "people", "list").code == 2


def test_doctor_says_nothing_of_slack_where_it_is_not_connected(shell):
    shell.connect()

    checks = shell.type("doctor", "--json").json["checks"]

    assert not [each for each in checks if "Slack" in each["name"]]


def test_doctor_names_what_is_off_and_for_want_of_which_scope(shell, slack):
    state = slack.workspace.state
    few = frozenset({"commands", "users:read"})
    state.tokens["xoxb-few"] = Token(TokenKind.BOT, few, state.team.bot_user)
    shell.connect()
    told = connect(shell, bot="xoxb-few")
    assert "Off for want of chat:write" in told.out

    doctor = shell.type("doctor", "--json")

    found = {each["name"]: each for each in doctor.json["checks"]}
    assert doctor.code == 1
    assert found["Slack line"]["ok"] is True
    assert found[f"Slack {state.team.id}"]["ok"] is True
    assert found["Slack messages"]["ok"] is False
    assert found["Slack links"]["ok"] is None
    assert "links:read, links:write" in found["Slack links"]["detail"]
    assert found["Slack links"]["remedy"]
    assert "Slack people" not in found
    del state.tokens["xoxb-few"]
    gone = shell.type("doctor", "--json").json["checks"]
    assert [each["ok"] for each in gone if each["name"] == f"Slack {state.team.id}"] == [False]


def test_people_are_given_roles_by_id_or_e_mail_and_lose_them(shell):
    connect(shell)

    granted = shell.type("slack", "people", "grant", "anna@sandbox.test", "admin")

    assert granted.code == 0, granted.err
    assert f"{ANNA} is admin now, once they are linked." in granted.out
    assert shell.type("slack", "people", "grant", "U0000000004", "viewer").code == 0
    shown = shell.type("slack", "people", "list", "--json").json["people"]
    assert {each["user"]: each["role"] for each in shown} == {
        ANNA: "admin",
        "U0000000004": "viewer",
    }
    assert shell.type("slack", "people", "revoke", ANNA, "--json").json["role"] == "nobody"
    assert "not linked" in shell.type("slack", "people", "list").out


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("nobody@sandbox.test", "users_not_found"),
        ("anna", "neither a member id nor an e-mail"),
        ("C0000000002", "neither a member id nor an e-mail"),
    ],
)
def test_nobody_is_given_a_role_by_mistake(shell, who, said):
    connect(shell)

    told = shell.type("slack", "people", "grant", who, "admin")

    assert (told.code, said in told.err) == (2, True), told.err


def test_an_administrator_says_who_somebody_is_and_another_owner_costs_the_role(shell):
    shell.connect()
    shell.type("sync")
    connect(shell)
    with open_whole(Home(shell.home)) as (store, _vault):
        users = store.connection("main").get_memo("surroundings.highlevel")["users"]
    first, second = users[:2]

    shell.type("slack", "people", "grant", ANNA, "editor")
    one = shell.type("slack", "people", "link", ANNA, first["email"], "--json")
    two = shell.type("slack", "people", "link", ANNA, second["id"], "--json")
    wrong = shell.type("slack", "people", "link", ANNA, "nobody@example.com")

    assert (one.json["owner_id"], one.json["role"]) == (first["id"], "editor")
    assert (two.json["owner_id"], two.json["role"]) == (second["id"], "nobody")
    assert (wrong.code, "No HighLevel users are called" in wrong.err) == (2, True)
    assert second["name"] in shell.type("slack", "people", "list").out
    with open_whole(Home(shell.home)) as (store, _vault):
        lines = store.slack.audit.list_lines("T0000000001")
        assert [each.command for each in lines] == ["me link", "me link", "admin grant"]
        assert store.slack.audit.find_break("T0000000001") is None


def test_audit_is_checked_where_it_stands_and_as_a_file(shell, tmp_path):
    shell.connect()
    connect(shell)
    shell.type("slack", "people", "grant", ANNA, "editor")
    shell.type("slack", "people", "revoke", ANNA)
    with open_whole(Home(shell.home)) as (store, _vault):
        audit = store.slack.audit
        lines = audit.list_until("T0000000001", audit.newest("T0000000001").seq)
    exported = tmp_path / "audit.jsonl"
    exported.write_bytes(audit_file(lines, team="T0000000001", people={}, is_whole=True))
    forged = tmp_path / "forged.jsonl"
    forged.write_bytes(exported.read_bytes().replace(b"admin grant", b"admin  show"))

    stored = shell.type("slack", "audit", "--json")
    good = shell.type("slack", "audit", str(exported))
    bad = shell.type("slack", "audit", str(forged))

    assert (stored.code, stored.json["broken_at"]) == (0, None)
    assert stored.json["head"] == lines[-1].hash
    assert (good.code, lines[-1].hash in good.out) == (0, True)
    assert (bad.code, f"Line {lines[0].seq} was changed" in bad.out) == (1, True)


def test_how_people_link_themselves_is_chosen_by_workspace(shell):
    connect(shell)

    assert shell.type("slack", "people", "linking", "both", "--json").json == {
        "linking": "both"
    }
    assert "by url" in shell.type("slack", "people", "linking", "url").out
    other = shell.type("slack", "people", "linking", "url", "--team", "T9")
    assert (other.code, "T0000000001" in other.err) == (2, True)


def test_several_workspaces_must_be_named(shell):
    connect(shell)
    with open_whole(Home(shell.home)) as (store, vault):
        keys = SlackKeys(store, vault, clock=SystemClock())
        held = keys.find("T0000000001")
        assert held is not None
        keys.put(type(held)(team="T0000000002", bot_token="xoxb-2"))

    told = shell.type("slack", "people", "list")
    assert (told.code, "--team: T0000000001, T0000000002" in told.err) == (2, True)
    assert shell.type("slack", "people", "list", "--team", "T0000000002").code == 0
    with open_whole(Home(shell.home)) as (store, vault):
        keys = SlackKeys(store, vault, clock=SystemClock())
        for team in keys.teams():
            keys.forget(team)
    assert shell.type("slack", "people", "list").code == 2


def test_an_app_that_people_install_keeps_its_keys_only(shell):
    words = ["connect", "slack", "--client-id", CLIENT[0]]
    secrets = {
        "HIGHTONIC_SLACK_CLIENT_SECRET": CLIENT[1],
        "HIGHTONIC_SLACK_SIGNING_SECRET": "s3cret",
    }
    lacking = shell.type(*words, **secrets)
    told = shell.type(*words, "--public-url", "https://crm.example.com/", "--json", **secrets)

    assert (lacking.code, "public url" in lacking.err) == (2, True)
    assert "https://crm.example.com/slack/install" in told.json["found"][0]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 0),
        (["--socket"], 0),
        (["--url", "https://crm.example.com", "--distributed", "--with", "links"], 0),
        (["--socket", "--url", "https://crm.example.com"], 2),
        (["--with", "nothing"], 2),
    ],
)
def test_manifest_is_printed_to_be_pasted(shell, words, code):
    told = shell.type("slack", "manifest", *words, "--json")

    assert told.code == code
    if not code:
        SlackApp.from_manifest(json.loads(told.out))
        assert "long_description" in shell.type("slack", "manifest", *words).out


def test_doctor_tells_a_line_that_is_dead_from_one_that_was_never_laid(shell, tmp_path):
    connect(shell)
    home = Home(shell.home)

    def put(**changes):
        with open_whole(home) as (store, vault):
            keys = SlackKeys(store, vault, clock=SystemClock())
            keys.put_app(replace(keys.app(), **changes))

    put(app_token="xapp-dead")
    dead = asyncio.run(check_slack(home))[0]
    put(app_token="", signing_secret="")
    never = asyncio.run(check_slack(home))[0]
    (shell.home / "key").write_text("no key\n", "utf-8")
    closed = asyncio.run(check_slack(home))

    assert (dead.ok, "invalid_auth" in dead.detail) == (False, True)
    assert (never.ok, never.remedy) == (False, "Run `hightonic connect slack`")
    assert [each.ok for each in closed] == [False]
    assert asyncio.run(check_slack(Home(tmp_path / "nowhere"))) == []
    assert not (tmp_path / "nowhere").exists()
