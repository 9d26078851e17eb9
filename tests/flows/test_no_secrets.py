"""Whatever goes well or wrong, no secret is written down: not in a log, event, plan or error."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import traceback
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from io import StringIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.flows.cli_shell import Shell
from tests.flows.test_oauth_connect import free_port, words
from toolkit.app.connection import open_connection
from toolkit.app.credentials import get_app
from toolkit.app.home import Home
from toolkit.app.intake_timetonic import WEBHOOK_SECRET
from toolkit.app.oauth_memory import VaultTokens
from toolkit.clients.pacing import ManualClock
from toolkit.model.ids import ConnectionName
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sandbox.serve import Sandbox, SandboxOptions
from toolkit.server.logs import JsonFormatter
from toolkit.server.process import ServeOptions, serving
from toolkit.store import Store, open_vault

MAIN = ConnectionName("main")
HOOK = "webhook-hush-4711"
MISTYPED = "pit-mistyped-0815"
PASSWORD = "database-hush-99"


@dataclass
class Spoken:
    """Everything anybody could read, by where it was said."""

    secrets: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    def add(self, where: str, text: object) -> None:
        self.said[f"{where} #{len(self.said)}"] = str(text)

    def add_error(self, where: str, error: BaseException) -> None:
        """As a crash report would show it, causes and notes included."""
        self.add(where, "".join(traceback.format_exception(error)))
        self.add(where, repr(error))

    def leaks(self) -> list[str]:
        return [
            f"{name} in {where}: ...{text[max(0, text.find(value) - 80) : text.find(value)]}..."
            for where, text in self.said.items()
            for name, value in self.secrets.items()
            if value in text
        ]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    served = Sandbox(
        SandboxOptions(contacts=3, tasks=2, notes=1, leads=2, shared=1, rate_limit=False)
    )
    served.start()
    yield served
    served.stop()


@contextmanager
def listening(caplog: pytest.LogCaptureFixture) -> Iterator[Spoken]:
    """Hears every logger at its lowest level, with and without our formatter."""
    found = Spoken()
    streams = [StringIO(), StringIO()]
    handlers = [logging.StreamHandler(stream) for stream in streams]
    handlers[1].setFormatter(JsonFormatter())
    root = logging.getLogger()
    with caplog.at_level(logging.DEBUG):
        for handler in handlers:
            root.addHandler(handler)
        try:
            yield found
        finally:
            for handler, stream in zip(handlers, streams, strict=True):
                root.removeHandler(handler)
                found.add("log", stream.getvalue())


@pytest.fixture
def spoken(caplog: pytest.LogCaptureFixture) -> Iterator[Spoken]:
    with listening(caplog) as found:
        yield found
    assert found.leaks() == []


class Browser:
    """A person who agrees; speaks without a library that logs addresses."""

    def __init__(self, spoken: Spoken) -> None:
        self.spoken = spoken

    def open(self, page: str) -> bool:
        threading.Thread(target=self._walk, args=(page,), daemon=True).start()
        return True

    def _walk(self, page: str) -> None:
        to = urlsplit(page)
        line = HTTPConnection(str(to.hostname), to.port or 80)
        line.request("GET", f"{to.path}?{to.query}")
        back = str(line.getresponse().headers["location"])
        line.close()
        self.spoken.secrets["code"] = parse_qs(urlsplit(back).query)["code"][0]
        self.spoken.add("consent page", ask(back))


def ask(url: str, body: bytes | None = None, **headers: str) -> str:
    """What an address answers, refusals too."""
    wanted = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data=body, headers=wanted)  # noqa: S310 — loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return f"{answer.headers}{answer.read().decode()}"
    except urllib.error.HTTPError as refused:
        return f"{refused.headers}{refused.read().decode()}"


def tell(shell: Shell, spoken: Spoken, *typed: str, **given: str) -> int:
    """Type a command and keep what it said."""
    told = shell.type(*typed, **given)
    spoken.add(f"output of {' '.join(typed[:2])}", told.out + told.err)
    return told.code


def keep_files(shell: Shell, spoken: Spoken) -> None:
    """Everything on the disk: events, journal, plans, memos, runs, the engine's jobs, logs."""
    for path in shell.home.rglob("*"):
        if path.is_file() and path.name != "key":
            spoken.add(f"file {path.name}", path.read_bytes().decode("latin-1"))


def connect(shell: Shell, spoken: Spoken, sandbox: Sandbox) -> None:
    high, time = shell.ready["highlevel"], shell.ready["timetonic"]
    spoken.secrets |= {
        "token": high["token"],
        "client secret": high["client_secret"],
        "sesskey": time["sesskey"],
        "password": sandbox.timetonic.credentials["password"],
        "mistyped token": MISTYPED,
        "webhook secret": HOOK,
        "database password": PASSWORD,
    }
    base = ["--base-url", high["base_url"], "--location-id", high["location_id"]]
    typed = ["connect", "highlevel", *base, "--create-fields", "--token-stdin"]
    assert tell(shell, spoken, *typed, stdin=f"{MISTYPED}\n") == 1
    assert tell(shell, spoken, *typed, stdin=f"{high['token']}\n") == 0
    book = ["--url", time["url"], "--user", time["user"], "--book-code", time["book_code"]]
    login = ["connect", "timetonic", *book, "--login", time["user"], "--password-stdin"]
    assert tell(shell, spoken, *login, stdin=f"{spoken.secrets['password']}\n") == 0
    keys = ["connect", "timetonic", *book, "--sesskey-stdin"]
    assert tell(shell, spoken, *keys, stdin=f"{time['sesskey']}\n") == 0


def read_vault(shell: Shell, spoken: Spoken) -> None:
    """What was made on the way is as secret as what was typed."""
    spoken.secrets["vault key"] = (shell.home / "key").read_text().strip()
    with Store.open(shell.home) as store:
        vault = open_vault(store, shell.home, environ={})
        tokens = asyncio.run(VaultTokens(vault, MAIN).load())
        spoken.add("repr", [vault, vault._keys, store, tokens])
        if tokens is not None:
            spoken.secrets["access token"] = tokens.access_token
            spoken.secrets["refresh token"] = str(tokens.refresh_token)
            spoken.add("repr", repr(get_app(vault, MAIN)))


def test_a_leak_is_heard_from_any_logger_and_from_a_cause(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with listening(caplog) as heard:
        heard.secrets = {"one": "hush-1", "two": "hush-2", "three": "hush-3"}
        logging.getLogger("some.library").debug("sent %s", "hush-1")
        try:
            try:
                int("hush-2")
            except ValueError as cause:
                raise RuntimeError from cause
        except RuntimeError as error:
            heard.add_error("call", error)

    assert [leak.partition(" ")[0] for leak in heard.leaks()] == ["two", "one"]


def test_commands_that_work_and_commands_that_fail(
    spoken: Spoken, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = Shell(tmp_path / "home", sandbox.ready_line())
    plan = tmp_path / "plan.json"
    connect(shell, spoken, sandbox)
    read_vault(shell, spoken)

    assert tell(shell, spoken, "sync", "--json") == 0
    assert tell(shell, spoken, "plan", "-o", str(plan)) == 0
    for command in ("doctor", "log", "runs", "conflicts", "run-status"):
        assert tell(shell, spoken, command) == 0
    assert tell(shell, spoken, "rotate", "highlevel", "--stdin", stdin=f"{MISTYPED}\n") == 1
    assert tell(shell, spoken, "sync", HIGHTONIC_HIGHLEVEL_TOKEN=MISTYPED) == 1
    assert tell(shell, spoken, "sync", HIGHTONIC_TIMETONIC_SESSKEY=MISTYPED) == 1
    assert tell(shell, spoken, "sync", HIGHTONIC_KEY=PASSWORD) == 1
    server = f"postgresql+psycopg://me:{PASSWORD}@127.0.0.1:1/x"
    assert tell(shell, spoken, "migrate-store", HIGHTONIC_DATABASE_URL=server) == 1
    assert tell(shell, spoken, "run-status", HIGHTONIC_DATABASE_URL=server) == 1
    monkeypatch.setattr("webbrowser.open", Browser(spoken).open)
    given = {"HIGHTONIC_HIGHLEVEL_CLIENT_SECRET": spoken.secrets["client secret"]}
    assert tell(shell, spoken, *words(shell, free_port()), **given) == 0
    read_vault(shell, spoken)
    assert tell(shell, spoken, "sync") == 0
    assert tell(shell, spoken, "rotate", "key") == 0

    assert len(spoken.secrets) == 11
    spoken.add("plan file", plan.read_text("utf-8"))
    keep_files(shell, spoken)


@pytest.mark.parametrize(
    "kind", [FaultKind.HTML, FaultKind.TOO_MANY_TODAY, FaultKind.CUT_AFTER]
)
def test_calls_that_fail_in_every_way_and_their_tracebacks(
    spoken: Spoken, sandbox: Sandbox, tmp_path: Path, kind: FaultKind
) -> None:
    shell = Shell(tmp_path / "home", sandbox.ready_line())
    connect(shell, spoken, sandbox)
    read_vault(shell, spoken)

    async def fail(side: str) -> None:
        sandbox.faults.set([Fault(kind, system=side, times=0)])
        clock = ManualClock(sandbox.clock.now())
        async with open_connection("main", home=shell.home, clock=clock) as connection:
            parts = connection._parts
            spoken.add(
                "repr", [connection, parts, vars(parts.highlevel), vars(parts.timetonic)]
            )
            is_high = side == "highlevel"
            call = parts.highlevel.locations.get if is_high else parts.timetonic.user.get
            try:
                await call()
            except Exception as error:
                spoken.add_error(f"{kind} at {side}", error)
                logging.getLogger("toolkit.test").exception("a call failed")

    for side in ("highlevel", "timetonic"):
        asyncio.run(fail(side))
    sandbox.faults.set([])

    assert len([where for where in spoken.said if f"{kind} at" in where]) == 4
    keep_files(shell, spoken)


async def test_service_its_doors_and_its_answers(
    spoken: Spoken, sandbox: Sandbox, tmp_path: Path
) -> None:
    shell = Shell(tmp_path / "home", sandbox.ready_line())
    await asyncio.to_thread(connect, shell, spoken, sandbox)
    await asyncio.to_thread(read_vault, shell, spoken)
    with Store.open(shell.home) as store:
        open_vault(store, shell.home, environ={}).put(MAIN, WEBHOOK_SECRET, HOOK)
    event = json.dumps({"id": "1", "table": "Contacts", "event": "update"}).encode()
    json_type = {"content_type": "application/json"}
    async with serving(Home(shell.home), ServeOptions(port=0)) as running:
        root = f"http://127.0.0.1:{running.port}"
        for path, body, headers in (
            ("/webhooks/timetonic/main", event, {"authorization": f"Bearer {HOOK}"}),
            ("/webhooks/timetonic/main", event, {"authorization": f"Bearer {MISTYPED}"}),
            ("/webhooks/timetonic/main", b"{", {"authorization": f"Bearer {HOOK}"}),
            ("/webhooks/highlevel", event, {"x_ghl_signature": MISTYPED}),
            ("/webhooks/highlevel", event, {"authorization": f"Bearer {MISTYPED}"}),
            (f"/oauth/callback?state={MISTYPED}&code={MISTYPED}", None, {}),
            ("/metrics", None, {}),
            ("/readyz", None, {}),
        ):
            answer = await asyncio.to_thread(ask, root + path, body, **json_type, **headers)
            spoken.add(f"answer of {path.partition('?')[0]}", answer)
        spoken.add("repr", [running, running.service.desks])
        assert running.intake.counts.results()[("timetonic", "stored")] == 1
    with Store.open(shell.home) as store:
        spoken.add("events", store.feed.list_events(limit=1_000))
    keep_files(shell, spoken)
