"""A person's consent from the command line: with and without a service, taken or refused."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.flows.cli_shell import Shell
from toolkit.app.credentials import HIGHLEVEL_TOKEN
from toolkit.app.home import Home
from toolkit.app.oauth_memory import HIGHLEVEL_OAUTH
from toolkit.sandbox.serve import Sandbox, SandboxOptions
from toolkit.server.process import ServeOptions, serving
from toolkit.store import Store, open_vault


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    served = Sandbox(
        SandboxOptions(contacts=2, tasks=0, notes=0, leads=1, shared=0, rate_limit=False)
    )
    served.start()
    yield served
    served.stop()


@pytest.fixture
def shell(sandbox: Sandbox, tmp_path: Path) -> Shell:
    return Shell(tmp_path / "home", sandbox.ready_line())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Browser:
    """Follows the page to HighLevel and back, as a person who agrees (or changes the way)."""

    def __init__(self, **changes: str) -> None:
        self.changes = changes
        self.pages: list[str] = []
        self.seen: set[str] = set()
        self.shown: list[str] = []

    def open(self, page: str) -> bool:
        self.pages.append(page)
        threading.Thread(target=self._walk, args=(page,), daemon=True).start()
        return True

    def _walk(self, page: str) -> None:
        with httpx.Client() as client:
            back = urlsplit(client.get(page).headers["location"])
            query = {name: values[0] for name, values in parse_qs(back.query).items()}
            self.seen |= set(query.values())
            query |= self.changes
            target = f"{back.scheme}://{back.netloc}{back.path}"
            self.shown.append(client.get(target, params=query).text)


def words(shell: Shell, port: int, **changes: str) -> list[str]:
    high = shell.ready["highlevel"]
    given = {
        "--base-url": high["base_url"],
        "--location-id": high["location_id"],
        "--client-id": high["client_id"],
        "--redirect-url": f"http://127.0.0.1:{port}/oauth/callback",
    } | changes
    options = [text for pair in given.items() for text in pair]
    return ["connect", "highlevel", "--oauth", "--create-fields", *options]


def secrets_of(shell: Shell) -> set[str]:
    with Store.open(shell.home) as store:
        return set(open_vault(store, shell.home, environ={}).names("main"))


def test_consent_connects_and_the_connection_syncs_with_its_tokens(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser()
    monkeypatch.setattr("webbrowser.open", browser.open)
    shell.connect()
    secret = shell.ready["highlevel"]["client_secret"]

    told = shell.type(
        *words(shell, free_port()), "--client-secret-stdin", "--json", stdin=secret + "\n"
    )

    assert told.code == 0, told.err
    assert browser.pages[0] in told.err
    assert "HighLevel is connected" in browser.shown[0]
    assert "revoke it" in " ".join(told.json["found"])
    assert HIGHLEVEL_OAUTH in secrets_of(shell)
    assert HIGHLEVEL_TOKEN not in secrets_of(shell)
    assert shell.type("sync").code == 0
    for path in shell.home.iterdir():
        stored = path.read_bytes()
        assert not [each for each in (secret, *browser.seen) if each.encode() in stored], path


def test_token_after_a_consent_takes_its_place(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webbrowser.open", Browser().open)
    secret = shell.ready["highlevel"]["client_secret"]
    variables = {"HIGHTONIC_HIGHLEVEL_CLIENT_SECRET": secret}
    assert shell.type(*words(shell, free_port()), **variables).code == 0

    assert shell.connect().code == 0

    assert HIGHLEVEL_OAUTH not in secrets_of(shell)
    assert HIGHLEVEL_TOKEN in secrets_of(shell)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"error": "access_denied"}, "did not agree"), ({"code": "guessed"}, "does not accept")],
)
def test_refused_consent_leaves_the_connection_as_it_was(
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, str],
    expected: str,
) -> None:
    monkeypatch.setattr("webbrowser.open", Browser(**changes).open)
    shell.connect()
    before = secrets_of(shell)
    secret = shell.ready["highlevel"]["client_secret"]

    told = shell.type(*words(shell, free_port()), HIGHTONIC_HIGHLEVEL_CLIENT_SECRET=secret)

    assert told.code == 1
    assert expected in told.err
    assert secrets_of(shell) == before
    assert shell.type("sync").code == 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"--client-id": ""}, "--client-id"),
        ({"--redirect-url": "http://127.0.0.1:8080/other"}, "must end in /oauth/callback"),
        ({"--redirect-url": "https://127.0.0.1:1/oauth/callback"}, "Start the service first"),
        ({"--redirect-url": "http://127.0.0.1/oauth/callback"}, "Start the service first"),
    ],
)
def test_settings_that_cannot_work_are_refused_before_anything_is_stored(
    shell: Shell, changes: dict[str, str], expected: str
) -> None:
    told = shell.type(*words(shell, 8080, **changes), HIGHTONIC_HIGHLEVEL_CLIENT_SECRET="x")

    assert told.code == 2
    assert expected in told.err
    assert not (shell.home / "hightonic.db").exists()


async def test_running_service_takes_the_person_back_and_uses_the_tokens(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser()
    await asyncio.to_thread(shell.connect)
    secret = shell.ready["highlevel"]["client_secret"]
    async with serving(Home(shell.home), ServeOptions(port=0)) as running:
        assert running.port
        given = words(shell, running.port)
        monkeypatch.setattr("webbrowser.open", browser.open)

        told = await asyncio.to_thread(
            lambda: shell.type(*given, HIGHTONIC_HIGHLEVEL_CLIENT_SECRET=secret)
        )

    assert told.code == 0, told.err
    assert "HighLevel is connected" in browser.shown[0]
    assert HIGHLEVEL_OAUTH in secrets_of(shell)
