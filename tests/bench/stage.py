"""A served sandbox, a home connected to it, and `hightonic serve` in processes of their own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from toolkit.app.connection import open_connection
from toolkit.app.home import Home
from toolkit.app.setup import connect_sandbox
from toolkit.sandbox.serve import Sandbox, SandboxOptions
from toolkit.store import Store

T = TypeVar("T")
NAME = "main"
ROOT = Path(__file__).parents[2]


class Emulators(Sandbox):
    """A served sandbox that people's hands can reach without disturbing a request."""

    loop: asyncio.AbstractEventLoop

    async def _send_forever(self) -> None:
        self.loop = asyncio.get_running_loop()
        await super()._send_forever()

    async def do(self, act: Callable[[], T]) -> T:
        """Run on the emulators' own thread, between two requests."""

        async def acted() -> T:
            return act()

        running = asyncio.run_coroutine_threadsafe(acted(), self.loop)
        return await asyncio.wrap_future(running)


@dataclass
class Stage:
    """Both emulators and one home; `settings` are sections of the connection."""

    emulators: Emulators
    home: Path
    settings: dict[str, Any] = field(default_factory=dict)
    database_url: str = ""
    services: list[Served] = field(default_factory=list)

    def configure(self, **sections: Mapping[str, Any]) -> None:
        """Replace sections of the connection's settings."""
        self.settings |= sections
        ready = self.emulators.ready_line()
        high, time = ready["highlevel"], ready["timetonic"]
        connection = {
            "highlevel": {"location_id": high["location_id"], "base_url": high["base_url"]},
            "timetonic": {
                name: time[name] for name in ("user", "book_owner", "book_code", "url")
            },
            **self.settings,
        }
        document = {"version": 1, "connections": {NAME: connection}}
        (self.home / "hightonic.yaml").write_text(json.dumps(document), encoding="utf-8")

    async def first_sync(self) -> None:
        """Both sides in step, so that only news moves later; before any move to a server."""
        async with open_connection(NAME, home=self.home) as connection:
            for _ in range(4):
                report = await connection.sync()
                if not report.writes_sent:
                    return
        raise RuntimeError("the sides did not come to rest")

    async def serve(self, *, role: str = "all", port: int = 0) -> Served:
        """One more process that serves; returns once it takes requests."""
        key = self.home / "sender.pem"
        key.write_text(self.emulators.webhooks.signer.public_key_pem, encoding="ascii")
        served = await Served.start(
            [str(key), "--home", str(self.home), "--port", str(port), "--role", role],
            environment={"HIGHTONIC_DATABASE_URL": self.database_url},
            log=self.home / f"serve-{len(self.services)}.log",
        )
        self.services.append(served)
        return served

    def send_to(self, served: Served, **settings: Any) -> None:
        """Let HighLevel's webhooks go to this process."""
        self.emulators.webhooks.configure(target=f"{served.url}/webhooks/highlevel", **settings)

    def open_store(self) -> Store:
        """The state, beside whoever serves."""
        return Store.open(self.database_url or self.home)


@dataclass
class Served:
    """One process of the service."""

    process: subprocess.Popen[str]
    port: int
    log: Path

    @classmethod
    async def start(
        cls, arguments: Sequence[str], *, environment: Mapping[str, str], log: Path
    ) -> Served:
        """Start one and wait for its port."""
        given = {name: value for name, value in environment.items() if value}
        with log.open("ab") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.bench.served", *arguments, "--json"],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=ROOT,
                env={**os.environ, **given},
            )
        assert process.stdout is not None
        line = await asyncio.to_thread(process.stdout.readline)
        if not line:
            process.wait()
            raise RuntimeError(f"the service did not start: {log.read_text()[-2000:]}")
        return cls(process, json.loads(line)["port"] or 0, log)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self._wait()

    def stop(self) -> int:
        """As systemd would; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self._wait()

    def _wait(self) -> int:
        code = self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@asynccontextmanager
async def staged(home: Path, options: SandboxOptions) -> AsyncIterator[Stage]:
    """A sandbox and a connected home; whatever serves at the end is killed."""
    emulators = Emulators(options)
    emulators.start()
    stage = Stage(emulators, home)
    try:
        await connect_sandbox(Home(home), NAME, emulators.ready_line())
        yield stage
    finally:
        for served in stage.services:
            if served.process.poll() is None:
                served.kill()
        emulators.stop()


async def until(
    is_so: Callable[[], Awaitable[bool]], *, seconds: float, every_s: float = 0.1
) -> None:
    """Look until it is so.

    Raises:
        TimeoutError: It never was.
    """
    async with asyncio.timeout(seconds):
        while not await is_so():
            await asyncio.sleep(every_s)


async def is_answering(url: str) -> bool:
    """Whether the service answers there."""
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"{url}/healthz")).is_success
        except httpx.HTTPError:
            return False
