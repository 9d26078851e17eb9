"""`hightonic rules`, and rules in `plan`, `sync` and `log`, as a person meets them."""

from __future__ import annotations

from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.flows.cli_shell import Shell
from toolkit.model.ids import Side
from toolkit.sandbox.serve import Sandbox, SandboxOptions

OPTIONS = SandboxOptions(
    contacts=8, tasks=2, notes=1, leads=0, shared=0, seed=1, rate_limit=False
)


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """Connected, synced, and with two rules that the last sync has met."""
    sandbox = Sandbox(OPTIONS)
    sandbox.start()
    made = Shell(tmp_path_factory.mktemp("rules") / "home", sandbox.ready_line())
    assert made.connect().code == 0
    made.type("sync")
    put_rules(
        made,
        {
            "name": "renamed",
            "when": {"trigger": "contact_updated", "fields": ["name"]},
            "then": [
                {"add_tags": ["renamed"]},
                {"create_task": {"title": "Ask {{ name }}", "due": "+1 day"}},
            ],
        },
        recipes={"welcome_tasks": True},
    )
    made.type("sync")
    yield made
    sandbox.stop()


def put_rules(shell: Shell, *rules: dict[str, Any], **sections: Any) -> None:
    path, yaml = shell.home / "hightonic.yaml", YAML()
    document = yaml.load(path.read_text(encoding="utf-8"))
    (connection,) = document["connections"].values()
    connection.update({"rules": list(rules), **sections})
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)


def test_a_person_sees_rules_before_and_after_they_act(shell):
    listed = shell.type("rules", "list")
    assert "renamed" in listed.out
    assert "recipe welcome_tasks" in listed.out
    shown = shell.type("rules", "show", "welcome_tasks")
    assert "create_task:" in shown.out
    shell.rename(2, sides=[Side.TIMETONIC])

    planned = shell.type("plan")
    told = shell.type("plan", "--json").json
    assert "Rules would then answer 2 happenings (renamed 2)" in planned.out
    assert told["rules"]["firings"] == {"renamed": 2}
    assert told["rules"]["plan"]["writes"]["task"]["timetonic"]["create"] == 2

    synced = shell.type("sync")
    assert "Rules answered: renamed 2" in synced.out
    assert "(for renamed)" in shell.type("log").out
    lines = shell.type("log", "--json").json["entries"]
    assert sum(line["rules"] == ["renamed"] for line in lines) >= 6
    fired = shell.type("rules", "firings", "--json").json["firings"]
    assert [each["state"] for each in fired] == ["done", "done"]
    assert "done 2" in shell.type("rules", "list").out
    assert "Nothing had changed" in shell.type("sync").out
    assert shell.type("plan", "--json").json["rules"]["firings"] == {}


def test_a_preview_shows_what_a_rule_would_do_and_writes_nothing(shell):
    previewed = shell.type("rules", "preview", "renamed", "--values")
    told = shell.type("rules", "preview", "renamed", "--json").json

    assert "Ask " in previewed.out
    assert told["firings"]["renamed"] >= 6
    assert shell.type("plan", "--json").json["rules"]["firings"] == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rules", "show", "renamd"), "Did you mean `renamed`?"),
        (("rules", "unpark", "renamed"), "was not parked"),
        (("rules", "retry"), "0 firings will be tried again"),
        (("rules", "retry", "nobody"), "no rule `nobody`"),
        (("rules", "firings", "--failed"), "Nothing has fired that fits"),
    ],
)
def test_what_a_person_is_told(shell, words, said):
    told = shell.type(*words)

    assert said in told.out + told.err
