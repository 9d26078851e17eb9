"""The README does what it says, from top to bottom."""

import re

import pytest

from tests.docs.player import VARIABLES, Player, promised_output, run_example
from tests.docs.readme import block, blocks, code_in, readme
from toolkit import Sandbox, SandboxOptions, open_connection
from toolkit.app.config import load_config
from toolkit.app.home import Home
from toolkit.app.setup import add_sandbox_connection, connect_sandbox
from toolkit.app.wiring import Transports
from toolkit.model.ids import Kind, Side
from toolkit.model.policy import DeleteMode
from toolkit.sandbox.slack_app import sandbox_slack

EXAMPLES = [each for each in blocks("python") if not each.cue]
ALONE = [each for each in EXAMPLES if "open_connection" not in each.text]


@pytest.fixture
def player(tmp_path, monkeypatch):
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    player = Player(tmp_path / "rehearsal")
    monkeypatch.setenv("HIGHTONIC_HOME", str(player.home))
    monkeypatch.chdir(tmp_path)
    return player


def test_readme_can_be_typed_from_top_to_bottom(player, tmp_path, capsys):
    connects, first_steps, decides, looks_back, own_accounts = [
        each for each in blocks("sh") if each.cue in {"serve", "", "conflict", "accounts"}
    ]
    (example,) = [each for each in EXAMPLES if each not in ALONE]

    with player.serving(connects):
        player.run(first_steps)
        first, quiet = player.answers_to("hightonic sync")
        assert "created" in first
        assert "Nothing had changed" in quiet

        player.make_conflict("Ada")
        player.run(decides)
        assert "Ada Lovelace" in player.answers_to("hightonic conflicts")[0]

        player.settle(block("rules").text, block("file automations.py").text)
        player.run(block("look at rules"))
        assert "stale_archive" in player.answers_to("hightonic rules list")[0]

        player.run(block("catalogue"))

        player.run(looks_back)
        assert (tmp_path / "plan.json").stat().st_mode & 0o077 == 0
        assert "Ada" not in player.answers_to("hightonic log --run last")[0]

        player.make_conflict("Grace")
        capsys.readouterr()
        run_example(example)
        assert capsys.readouterr().out.endswith(" 1 conflicts\n")

        beginner = Player(tmp_path / "own")
        beginner.run(*player.stand_in_for_accounts(own_accounts))
        assert "linked" in beginner.answers_to("hightonic plan")[0]

        beginner.run(block("live"))
        assert "writes" in beginner.answers_to("hightonic live")[0]


def test_slack_is_connected_as_told(player):
    sandbox = Sandbox(
        SandboxOptions(contacts=2, tasks=0, notes=0, leads=0, shared=0, slack=sandbox_slack())
    )
    sandbox.start()
    try:
        ready = sandbox.ready_line()
        slack = ready.pop("slack")
        add_sandbox_connection(Home(player.home), ready)
        tokens = {
            "HIGHTONIC_SLACK_BOT_TOKEN": slack["bot_token"],
            "HIGHTONIC_SLACK_APP_TOKEN": slack["app_token"],
            "HIGHTONIC_SLACK_URL": slack["base_url"],
        }
        player.run(block("slack"), tokens)
    finally:
        sandbox.stop()

    assert "by Socket Mode" in player.answers_to("hightonic connect slack")[0]
    assert "Slack line" in player.answers_to("hightonic doctor")[0]


@pytest.mark.parametrize("example", ALONE, ids=lambda each: f"line {each.line}")
def test_example_runs_as_it_stands_and_prints_what_it_says(example, capsys):
    run_example(example)

    assert capsys.readouterr().out.splitlines() == promised_output(example)


async def test_scopes_told_are_those_a_connection_uses(tmp_path):
    (sentence,) = re.findall(r"Scopes:(.*?)\. Scopes can", readme(), re.DOTALL)
    told = frozenset(
        span for span in code_in(sentence) if span.endswith((".readonly", ".write"))
    )
    sandbox = Sandbox(SandboxOptions(contacts=6, tasks=3, notes=2, leads=4, shared=2))
    ready, wires = sandbox.ready_line(), sandbox.transports()
    ready["highlevel"]["token"] = sandbox.highlevel.issue_token(scopes=told)

    await connect_sandbox(Home(tmp_path), "main", ready, transports=wires)
    async with open_connection("main", home=tmp_path, transports=Transports(**wires)) as opened:
        report = await opened.sync()

    assert report.failures == ()
    calls = sandbox.recorder.select(system="highlevel")
    routes = [sandbox.highlevel.router.find(each.method, each.path) for each in calls]
    used = {found[0].scope for found in routes if found} - {""}
    assert used == told


def test_settings_shown_are_accepted_and_mean_what_is_said(tmp_path):
    (tmp_path / "scoring.py").write_text(block("file scoring.py").text, "utf-8")
    path = tmp_path / "hightonic.yaml"
    (tmp_path / "automations.py").write_text(block("file automations.py").text, "utf-8")
    path.write_text(block("settings").text + block("rules").text, "utf-8")

    config = load_config(path)

    assert list(config.connections) == ["main", "us"]
    main = config.get_connection("main")
    contact = main.mapping.kinds[Kind.CONTACT]
    assert main.sync.brakes.delete_cap == 20
    assert contact.on_delete[Side.HIGHLEVEL] is DeleteMode.ARCHIVE
    assert contact.find_field("plan") is None
    assert {"job_title", "size", "card", "score"} <= {each.name for each in contact.fields}
    assert Kind.APPOINTMENT not in main.mapping.kinds
    assert {"call a vip", "greet", "welcome_tasks", "stale_archive"} <= {
        rule.name for rule in config.get_connection("us").automation.rules
    }
    assert set(config.get_connection("us").mapping.kinds) == {
        kind for kind in Kind if kind.is_paired
    }
