"""`hightonic deliveries` and `hightonic scripts` as a person types them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.flows.cli_shell import Shell
from tests.flows.ruled import put_rules
from tests.flows.world import World
from toolkit.app.mailbox import Mailbox, Message
from toolkit.model.automation import Send
from toolkit.store import Store, open_vault

NOWHERE = {"crm": {"url": "http://127.0.0.1:1/", "allow_private": True}}
SCRIPT = '''
@hightonic.condition
def is_big(contact, happening):
    """Whether many work there.

    >>> is_big({"n": 3}, None)
    True
    """
    return contact["n"] > 1
'''


@pytest.fixture
def shell(world: World) -> Shell:
    put_rules(world, addresses=NOWHERE)
    with Store.open(world.home) as store:
        memory, vault = store.connection(world.name), open_vault(store, world.home)
        mailbox = Mailbox(memory, vault, now=lambda: datetime.now(UTC))
        body = {"who": "Ada Lovelace"}
        mailbox.put([Message(name, "welcome", Send("url", "crm", body)) for name in "abc"])
        mailbox.put([Message("d", "say", Send("slack", "#new", body))])
        for letter in mailbox.take("url", limit=2):
            mailbox.mark_undelivered(letter.entry, "answered 410", is_final=True)
    return Shell(world.home, {})


def test_messages_are_listed_without_what_they_say(shell):
    told = shell.type("deliveries", "list")
    dead = shell.type("deliveries", "list", "--dead", "--json").json["deliveries"]

    assert told.code == 0
    assert "slack #new" in told.out
    assert "answered 410" in told.out
    assert "Ada" not in told.out
    assert [(each["state"], each["tries"]) for each in dead] == [("dead", 1)] * 2
    assert dead[0]["id"][:12] in told.out
    assert dead[0]["not_before"] is None


@pytest.mark.parametrize("by", ["id", "all"])
def test_a_dead_message_gets_its_tries_again(shell, by):
    dead = shell.type("deliveries", "list", "--dead", "--json").json["deliveries"]
    wanted = "--all" if by == "all" else dead[0]["id"][:8]

    told = shell.type("deliveries", "retry", wanted)

    left = shell.type("deliveries", "list", "--dead").out
    assert told.code == 0
    assert ("2 messages are due" if by == "all" else "1 message is due") in told.out
    assert ("no such message" in left) is (by == "all")
    assert shell.type("deliveries", "retry", "--all", "--json").json == {
        "revived": 0 if by == "all" else 1
    }


@pytest.mark.parametrize("words", [[], ["ab", "--all"]])
def test_retry_wants_one_message_or_all(shell, words):
    told = shell.type("deliveries", "retry", *words)

    assert told.code == 2
    assert "Name one message, or say --all" in told.err


def test_sending_tells_what_it_did(shell):
    assert shell.type("deliveries", "send", "--json").json == {
        "sent": 0,
        "failed": 1,
        "dead": 0,
    }
    assert "0 messages sent, 0 not delivered." in shell.type("deliveries", "send").out
    shell.type("deliveries", "retry", "--all")
    assert "2 not delivered" in shell.type("deliveries", "send").out


def test_a_secret_is_shown_once_and_never_the_same(shell):
    first = shell.type("deliveries", "secret", "crm")
    second = shell.type("deliveries", "secret", "crm", "--json").json
    wrong = shell.type("deliveries", "secret", "crn")

    assert first.out.startswith("htsec_")
    assert "not shown again" in first.err
    assert second["secret"] != first.out.strip()
    assert (wrong.code, "`crm`" in wrong.err) == (2, True)


def test_a_connection_without_a_script_says_how_to_get_one(shell):
    told = shell.type("scripts", "check")

    assert told.code == 0
    assert "Name one with `scripts:`" in told.out


@pytest.mark.parametrize(
    ("script", "code", "says"),
    [
        (SCRIPT, 0, "1 good"),
        (SCRIPT.replace("True", "False"), 1, "1 of 1 failed (line 6)"),
        ("x = 1\n", 0, "registers no function"),
        ("\nx = \n", 2, "mine.py:2: mine.py cannot be loaded: SyntaxError"),
    ],
)
def test_a_script_is_checked(world, script, code, says):
    (world.home / "mine.py").write_text(script)
    put_rules(world, scripts="mine.py")
    shell = Shell(world.home, {})

    told = shell.type("scripts", "check")

    assert told.code == code
    assert says in told.out + told.err
    if code < 2:
        functions = shell.type("scripts", "check", "--json").json["functions"]
        assert [each["name"] for each in functions] == (
            ["is_big"] if "is_big" in script else []
        )
