"""What `hightonic serve` refuses, and the services of other packages that live in it."""

from __future__ import annotations

import logging
import socket
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from toolkit.app.home import Home
from toolkit.app.host import Host
from toolkit.app.setup import connect_sandbox
from toolkit.app.wiring import Transports
from toolkit.clients.pacing import ManualClock
from toolkit.engine.inline import InlineEngine
from toolkit.errors import StateBusyError, UseError
from toolkit.sandbox.serve import Sandbox, SandboxOptions
from toolkit.server import services
from toolkit.server.process import ServeOptions, serving
from toolkit.server.services import build_services, plugged_in
from toolkit.store import Store, open_vault

DIARY: list[str] = []


class Plugged:
    """Writes down what is asked of it."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def start(self) -> None:
        DIARY.append(f"start {self.name}")

    async def stop(self, grace_s: float) -> None:
        DIARY.append(f"stop {self.name} {grace_s}")


class Refusing(Plugged):
    async def start(self) -> None:
        raise StateBusyError("Another one talks to Slack", remedy="Stop it")


class Broken(Plugged):
    async def start(self) -> None:
        raise ValueError("xoxb-secret")


class Stubborn(Plugged):
    async def stop(self, grace_s: float) -> None:
        raise RuntimeError("xoxb-secret")


def good(home: Home, options: ServeOptions, host: Host) -> Plugged:
    return Plugged(f"{home.path.name}:{options.port}")


def refusing(home: Home, options: ServeOptions, host: Host) -> Plugged:
    return Refusing("refusing")


def broken(home: Home, options: ServeOptions, host: Host) -> Plugged:
    return Broken("broken")


def stubborn(home: Home, options: ServeOptions, host: Host) -> Plugged:
    return Stubborn("stubborn")


def point(name: str, function: str | None = None) -> EntryPoint:
    value = f"{__name__}:{function or name}"
    return EntryPoint(name=name, value=value, group=services.GROUP)


@pytest.fixture(autouse=True)
def _fresh_diary(monkeypatch: pytest.MonkeyPatch) -> None:
    DIARY.clear()
    monkeypatch.delenv("HIGHTONIC_DATABASE_URL", raising=False)


async def _plug(home: Path, *names: str, points: list[EntryPoint] | None = None) -> None:
    found = points or [point(name) for name in names]
    options = ServeOptions(port=7)
    with Store.open(home) as store:
        engine, clock = InlineEngine(clock=ManualClock()), ManualClock()
        host = Host({}, clock, "all", engine, store, open_vault(store, home))
        services = build_services(Home(home), options, host, found=found)
        async with plugged_in(services, grace_s=2.0):
            DIARY.append(f"running {', '.join(services)}")


async def test_services_start_in_order_of_names_and_stop_in_reverse(tmp_path: Path) -> None:
    home = tmp_path / "home"
    await _plug(home, points=[point("b", "good"), point("a", "stubborn")])

    assert DIARY == ["start stubborn", "start home:7", "running a, b", "stop home:7 2.0"]


async def test_service_that_cannot_stop_leaves_a_line_without_its_text(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await _plug(tmp_path, "stubborn")

    (record,) = caplog.records
    assert (record.message, vars(record)["service"]) == ("service not stopped", "stubborn")
    assert "xoxb" not in caplog.text


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("refusing", "The service `refusing` did not start: Another one talks to Slack"),
        ("broken", "The service `broken` did not start (ValueError)"),
        ("missing", "The service `missing` did not start (AttributeError)"),
    ],
)
async def test_service_that_does_not_start_is_one_sentence(
    tmp_path: Path, name: str, sentence: str
) -> None:
    with pytest.raises(UseError) as caught:
        await _plug(tmp_path, points=[point("a", "good"), point(name)])

    assert caught.value.happened == sentence
    assert "Nothing is served" in caught.value.sentence
    assert "xoxb" not in caught.value.sentence
    # Who had started before is stopped again; what cannot be built lets nobody start.
    assert not DIARY or DIARY[-1].startswith("stop")


async def test_without_connections_there_is_nothing_to_serve(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.config_path.write_text("version: 1\nconnections: {}\n")

    with pytest.raises(UseError, match="no connection to serve"):
        async with serving(home, ServeOptions(port=0)):
            pass


async def test_worker_listens_nowhere_and_a_taken_address_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    sandbox = Sandbox(SandboxOptions(contacts=1, tasks=0, notes=0, leads=0, shared=0))
    home, wires = Home(tmp_path / "home"), Transports(**sandbox.transports())
    await connect_sandbox(home, "main", sandbox.ready_line(), transports=sandbox.transports())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(UseError, match=f"Cannot listen on 127.0.0.1:{port}"):
            async with serving(home, ServeOptions(port=port, transports=wires)):
                pass
    async with serving(home, ServeOptions(role="worker", transports=wires)) as running:
        assert running.port is None
