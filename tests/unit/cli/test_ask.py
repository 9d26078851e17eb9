import io

import pytest

from toolkit.cli.ask import read_secret
from toolkit.errors import UseError

VARIABLE = "HIGHTONIC_HIGHLEVEL_TOKEN"


class Typed(io.StringIO):
    def __init__(self, text, *, is_terminal):
        super().__init__(text)
        self._is_terminal = is_terminal

    def isatty(self):
        return self._is_terminal


def ask(*, from_stdin=False):
    return read_secret(
        "token", variable=VARIABLE, stdin_option="--token-stdin", from_stdin=from_stdin
    )


@pytest.mark.parametrize(
    ("variable", "piped", "from_stdin", "secret"),
    [
        ("from-env\n", "", False, "from-env"),
        ("from-env", "from-pipe\nmore", True, "from-pipe"),
        ("", "from-pipe", True, "from-pipe"),
    ],
)
def test_secret_comes_from_the_pipe_or_the_variable(
    variable, piped, from_stdin, secret, monkeypatch
):
    monkeypatch.setenv(VARIABLE, variable)
    monkeypatch.setattr("sys.stdin", Typed(piped, is_terminal=False))

    assert ask(from_stdin=from_stdin) == secret


def test_person_is_asked_without_echo(monkeypatch):
    asked = {}

    def hidden(text, **options):
        asked.update(options, text=text)
        return " typed "

    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr("sys.stdin", Typed("", is_terminal=True))
    monkeypatch.setattr("typer.prompt", hidden)

    assert ask() == "typed"
    assert asked == {"text": "token", "hide_input": True, "err": True}


@pytest.mark.parametrize("from_stdin", [True, False])
def test_no_secret_says_where_one_may_come_from(from_stdin, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr("sys.stdin", Typed("", is_terminal=False))

    with pytest.raises(UseError, match="No token was given") as refused:
        ask(from_stdin=from_stdin)

    assert VARIABLE in refused.value.remedy
    assert "--token-stdin" in refused.value.remedy
